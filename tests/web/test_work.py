"""The clerk's work by HTTP: a period opened, cells typed, lines confirmed, a report taken from draft to approved."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

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
