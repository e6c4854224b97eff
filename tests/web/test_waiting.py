"""Who approves is told which reports wait: those of the whole area, each until it was taken on."""

from __future__ import annotations

import re
from uuid import uuid4

from tests.web.conftest import Town
from tests.web.test_work import Browser, post

FORM, PERIOD = "disability-subsidy-roster", "2026-04"  # of this test alone: the town is shared
BASE = f"/api/v1/forms/{FORM}"


def waiting(town: Town, role: str) -> str | None:
    """How many reports of the period wait for the role in the township, as its list says; None where it does not name them."""
    page = Browser(town, role).get("/reports")
    rows = re.findall(rf'<a href="/reports/{FORM}/{town.township}/{PERIOD}" aria-label=.*?</tr>', page.partition("<details")[0], re.DOTALL)
    counts = [re.search(r'class="number"[^>]*>([\d,]+)<', row) for row in rows]
    return next((found[1] for found in counts if found is not None), None)


def act(town: Town, role: str, name: str, units: list[str]) -> None:
    done = post(town, role, f"{BASE}/periods/{PERIOD}/acts", {"act": name, "units": units})["items"]
    assert all(one["done"] for one in done), done


def test_what_waits_for_somebody_stands_first_until_it_was_taken_on(town: Town) -> None:
    two = town.township_villages[:2]
    with town.client("bureau") as client:
        assert client.put(f"{BASE}/periods/{PERIOD}").status_code == 200
    for unit in two:
        marks = town.get("township", f"{BASE}/reports/{unit}/{PERIOD}/work").json()["units"][0]["marks"]
        edits = {"edits": [{"key": str(uuid4()), "unit": unit, "kind": "confirm", "lines": marks}]}
        assert post(town, "township", f"{BASE}/periods/{PERIOD}/edits", edits)["outcomes"][0]["fate"] == "saved"
    assert (waiting(town, "approver"), waiting(town, "county"), waiting(town, "township")) == (None, None, None)
    act(town, "township", "submit", two)
    assert (waiting(town, "approver"), waiting(town, "county"), waiting(town, "township")) == ("2", None, None)
    act(town, "approver", "approve", two[:1])
    assert (waiting(town, "approver"), waiting(town, "county")) == ("1", "1")


def test_a_cadre_is_not_told_of_a_township_s_table(town: Town) -> None:
    assert "全乡镇" in Browser(town, "township").get("/reports")
    assert "全乡镇" not in Browser(town, "village").get("/reports").partition("<details")[0]
