"""The clerk's work by HTTP: a period opened, cells typed, lines confirmed, a report taken from draft to approved."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from hub import worker
from tests.web.conftest import Town

FORM, PERIOD = "elderly-roster", "2026Q3"
EDITS = f"/api/v1/forms/{FORM}/periods/{PERIOD}/edits"
ACTS = f"/api/v1/forms/{FORM}/periods/{PERIOD}/acts"


def post(town: Town, role: str, path: str, body: Any) -> Any:
    with town.client(role) as client:
        answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def send(town: Town, role: str, *edits: dict[str, Any]) -> list[dict[str, Any]]:
    sent = [{"key": str(uuid4()), "unit": town.village, **edit} for edit in edits]
    return list(post(town, role, EDITS, {"edits": sent})["outcomes"])


def act(town: Town, role: str, name: str, reason: str = "", unit: str | None = None) -> dict[str, Any]:
    (done,) = post(town, role, ACTS, {"act": name, "units": [unit or town.village], "reason": reason})["items"]
    return dict(done)


def work(town: Town, role: str = "township") -> dict[str, Any]:
    (unit,) = town.get(role, f"/api/v1/forms/{FORM}/reports/{town.village}/{PERIOD}/work").json()["units"]
    return dict(unit)


def lines(town: Town, role: str = "township") -> list[dict[str, Any]]:
    report = town.get(role, f"/api/v1/forms/{FORM}/reports/{town.village}/{PERIOD}").json()
    return list(report["sections"][0]["lines"])


@pytest.fixture
def opened(town: Town) -> Town:
    with town.client("bureau") as client:
        assert client.put(f"/api/v1/forms/{FORM}/periods/{PERIOD}").status_code == 200
    return town


def test_a_report_from_draft_to_approved_by_the_county(opened: Town) -> None:
    town = opened
    assert (work(town)["standing"], work(town)["turn"]) == ("draft", "township")
    assert work(town)["acts"] == ["submit"]
    first = lines(town)[0]
    version = work(town)["versions"][first["code"]]["visit_note"]
    (typed,) = send(
        town, "village", {"kind": "enter", "line": first["code"], "field": "visit_note", "text": " 身体健康　", "version": version}
    )
    assert (typed["fate"], typed["cell"]["text"], typed["cell"]["state"]) == ("saved", "身体健康", "entered")
    assert lines(town)[0]["cells"]["visit_note"]["text"] == "身体健康"

    refused = act(town, "village", "submit")
    assert (refused["done"], refused["code"]) == (False, "report_has_errors")
    assert refused["errors"][0]["code"] == "lines_not_confirmed"
    (confirmed,) = send(town, "village", {"kind": "confirm", "lines": work(town)["marks"]})
    assert confirmed["fate"] == "saved"
    assert all(line["confirmed"] for line in lines(town))
    assert lines(town)[0]["cells"]["name"]["state"] == "confirmed"

    assert act(town, "village", "submit")["standing"] == "submitted"
    (late,) = send(town, "village", {"kind": "clear", "line": first["code"], "field": "visit_note"})
    assert (late["fate"], late["code"]) == ("refused", "locked_submitted")
    assert act(town, "approver", "return")["code"] == "reason_needed"
    assert act(town, "approver", "return", "走访情况请补充")["standing"] == "returned"
    assert act(town, "township", "submit")["done"]
    assert act(town, "approver", "approve")["standing"] == "approved_township"
    assert act(town, "county", "approve")["standing"] == "approved_county"
    refused = act(town, "approver", "withdraw-approval", "再看看")
    assert (refused["done"], refused["code"]) == (False, "county_reopens_first")
    assert act(town, "county", "reopen", "数字有误")["standing"] == "approved_township"

    steps = town.get("county", f"/api/v1/forms/{FORM}/reports/{town.village}/{PERIOD}/steps").json()["items"]
    assert [(step["act"], step["by"]) for step in steps] == [
        ("submit", "village"), ("return", "approver"), ("submit", "township"), ("approve", "approver"), ("approve", "county"),
        ("reopen", "county"),
    ]  # fmt: skip
    assert steps[1]["reason"] == "走访情况请补充"
    assert all(step["signature"] for step in steps)


def test_what_was_typed_fills_the_next_form_and_a_frozen_report_stays(opened: Town) -> None:
    """A visit typed into the old-age roster becomes the township's own delivery; the report is frozen whole by a worker."""
    town = opened
    unit = town.township_villages[1] if town.village == town.township_villages[0] else town.township_villages[0]
    report = f"/api/v1/forms/low-income-roster/reports/{unit}/2026-10"
    period = "/api/v1/forms/low-income-roster/periods/2026-10"
    with town.client("bureau") as client:
        client.put(period)
    first = town.get("township", report).json()["sections"][0]["lines"][0]
    told = {"kind": "enter", "unit": unit, "line": first["code"], "field": "recent_change", "text": "长子外出务工", "key": str(uuid4())}
    (typed,) = post(town, "township", f"{period}/edits", {"edits": [told]})["outcomes"]
    assert typed["fate"] == "saved", typed
    marks = town.get("township", f"{report}/work").json()["units"][0]["marks"]
    post(town, "township", f"{period}/edits", {"edits": [{"key": str(uuid4()), "unit": unit, "kind": "confirm", "lines": marks}]})
    for role, name in (("township", "submit"), ("approver", "approve"), ("county", "approve")):
        (done,) = post(town, role, f"{period}/acts", {"act": name, "units": [unit]})["items"]
        assert done["done"], done
    assert worker.run(town.hub, once=True) >= 1
    with town.client("township") as client:
        batches = [job for job in client.get("/api/v1/due").json()["items"] if job["form"] == "low-income-roster"]
    assert batches
    november = town.get("township", f"/api/v1/forms/low-income-roster/reports/{unit}/2026-11").json()["sections"][0]["lines"]
    again = next(line for line in november if line["code"] == first["code"])
    assert (again["cells"]["recent_change"]["text"], again["cells"]["recent_change"]["sources"]) == (
        "长子外出务工",
        ["township.household-visits"],
    )

    before = town.get("township", report)
    (asked,) = post(town, "county", f"{period}/acts", {"act": "freeze", "units": [unit]})["items"]
    assert asked["standing"] == "approved_county"
    assert worker.run(town.hub, once=True) == 1
    job = town.get("county", f"/api/v1/jobs/{asked['job']}").json()
    assert (job["state"], job["outcome"]) == ("done", {"frozen": 1, "not_ready": 0, "standing": 1})
    after = town.get("township", report)
    assert after.content == before.content
    assert town.get("county", f"{report}/work").json()["units"][0]["standing"] == "frozen"
    (refused,) = post(town, "township", f"{period}/edits", {"edits": [{**told, "key": str(uuid4()), "text": "又改"}]})["outcomes"]
    assert refused["code"] == "locked_frozen"
