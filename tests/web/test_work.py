"""The clerk's work by HTTP: a period opened, cells typed, lines confirmed, a report taken from draft to approved."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx2
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
    report = f"/api/v1/forms/low-income-roster/reports/{unit}/2026-09"
    period = "/api/v1/forms/low-income-roster/periods/2026-09"
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


def test_a_report_opens_on_what_changed_since_the_frozen_one(town: Town) -> None:
    """September is frozen; October's page names who joined, left or changed and why, and one act confirms the rest (F87)."""
    form = "school-age-children-roster"
    through(town, form, "2026S1", town.village)
    with town.client("bureau") as client:
        client.put(f"/api/v1/forms/{form}/periods/2026S2")
    page = Browser(town, "township")
    path = f"/reports/{form}/{town.village}/2026S2"
    html = page.get(path)
    assert "与上期相比的变化" in html
    assert "满 16 周岁" in html or "满 6 周岁" in html, "somebody reached the age in half a year"
    rest = re.search(r"确认其余 (\d+) 行：与 2026S1 封存报告相同", html)
    assert rest is not None
    waiting = re.findall(r'name="what" value="(\d{12}:\w+:\w+)"', html)
    html = page.post(f"{path}/confirm", html, what="unchanged")
    assert "其余" in html
    for seen in waiting:
        html = page.post(f"{path}/confirm", html, what=seen)
    report = town.get("township", f"/api/v1/forms/{form}/reports/{town.village}/2026S2").json()["sections"][0]
    assert len(report["lines"]) == int(rest[1]) + len(waiting)
    assert all(line["confirmed"] for line in report["lines"])


def test_thirty_villages_would_be_confirmed_and_submitted_in_two_acts(town: Town) -> None:
    """The township's grid: one act confirms all its villages' lines, one submits them; each keeps its own report and history."""
    form, period = "disability-subsidy-roster", "2026-10"
    with town.client("bureau") as client:
        client.put(f"/api/v1/forms/{form}/periods/{period}")
    page = Browser(town, "township")
    path = f"/reports/{form}/{town.township}/{period}"
    html = page.post(f"{path}/confirm", page.get(path), what="all")
    html = page.post(f"{path}/acts", html, act="submit")
    villages = re.findall(r'name="units" value="(\d{12})"', page.get(path))
    assert f"已办理 {len(villages)} 份报告" in html
    whole = town.get("township", f"/api/v1/forms/{form}/reports/{town.township}/{period}").json()["sections"][0]["lines"]
    parts = [
        line["code"]
        for village in villages
        for line in town.get("township", f"/api/v1/forms/{form}/reports/{village}/{period}").json()["sections"][0]["lines"]
    ]
    assert [line["code"] for line in whole] == parts
    for village in villages:
        steps = town.get("township", f"/api/v1/forms/{form}/reports/{village}/{period}/steps").json()["items"]
        assert [step["act"] for step in steps] == ["submit"]


def test_the_figures_of_a_township_are_the_sums_of_its_villages(town: Town) -> None:
    """F65: what a village changes is in the township's figure at once, and nobody types the sum."""
    form, period = "village-basics", "2026Q3"
    base = f"/api/v1/forms/{form}"
    with town.client("bureau") as client:
        client.put(f"{base}/periods/{period}")
    for number, village in enumerate(town.township_villages, 1):
        edit = {"key": str(uuid4()), "unit": village, "kind": "enter", "line": village, "field": "groups", "text": str(number)}
        (told,) = post(town, "township", f"{base}/periods/{period}/edits", {"edits": [edit]})["outcomes"]
        assert told["fate"] == "saved", told
    every = town.get("township", f"{base}/reports/{town.township}/{period}/work").json()["units"]
    for unit in {one["unit"] for one in every} - set(town.township_villages):
        edit = {"key": str(uuid4()), "unit": unit, "kind": "enter", "line": unit, "field": "groups", "text": "0"}
        post(town, "township", f"{base}/periods/{period}/edits", {"edits": [edit]})

    def cells(unit: str) -> dict[str, Any]:
        (line,) = town.get("township", f"{base}/reports/{unit}/{period}").json()["sections"][0]["lines"]
        return dict(line["cells"])

    whole, parts = cells(town.township), [cells(one["unit"]) for one in every]
    for name in ("population", "men", "groups"):
        assert whole[name]["value"] == sum(part[name]["value"] for part in parts), name
    wish = {"key": str(uuid4()), "unit": town.township, "kind": "enter", "line": town.township, "field": "groups", "text": "99"}
    (told,) = post(town, "township", f"{base}/periods/{period}/edits", {"edits": [wish]})["outcomes"]
    assert (told["fate"], told["code"]) == ("refused", "not_a_reporting_unit")


class Browser:
    """Pages without a script: a session's cookie, and the forms that a page carries."""

    def __init__(self, town: Town, role: str) -> None:
        with httpx2.Client(base_url=town.url) as client:
            client.get(f"/sign-in?token={town.tokens[role]}")
            self._settings: dict[str, Any] = {"base_url": town.url, "cookies": client.cookies, "timeout": 60}

    def get(self, path: str) -> str:
        with httpx2.Client(**self._settings) as client:
            answer = client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def upload(self, path: str, html: str, name: str, content: bytes, expected: tuple[int, ...] = (200,)) -> str:
        """Send a file with the page's form token."""
        token = re.search(r'name="form_token" value="([^"]+)"', html)
        assert token is not None
        with httpx2.Client(**self._settings) as client:
            answer = client.post(path, data={"form_token": token[1]}, files={"file": (name, content)})
        assert answer.status_code in expected, answer.text
        return answer.text

    def post(self, path: str, html: str, expected: tuple[int, ...] = (200, 303), **values: str) -> str:
        """Send the page's form with all its units as they were shown."""
        token = re.search(r'name="form_token" value="([^"]+)"', html)
        assert token is not None
        data: dict[str, Any] = {"form_token": token[1], **values}
        for name in ("seen", "units"):
            data[name] = list(dict.fromkeys(re.findall(rf'name="{name}" value="([^"]+)"', html)))
        with httpx2.Client(**self._settings) as client:
            answer = client.post(path, data=data)
        assert answer.status_code in expected, answer.text
        return answer.text


def through(town: Town, form: str, period: str, unit: str) -> None:
    """Take a report from its opening to frozen."""
    base = f"/api/v1/forms/{form}"
    with town.client("bureau") as client:
        client.put(f"{base}/periods/{period}")
    marks = town.get("township", f"{base}/reports/{unit}/{period}/work").json()["units"][0]["marks"]
    post(
        town,
        "township",
        f"{base}/periods/{period}/edits",
        {"edits": [{"key": str(uuid4()), "unit": unit, "kind": "confirm", "lines": marks}]},
    )
    for role, name in (("township", "submit"), ("approver", "approve"), ("county", "approve"), ("county", "freeze")):
        (done,) = post(town, role, f"{base}/periods/{period}/acts", {"act": name, "units": [unit]})["items"]
        assert done["done"], done
    worker.run(town.hub, once=True)
