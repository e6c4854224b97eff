"""Opening a period, and who is late with it: pages of the bureau, the county and the township."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from hub.core.errors import YibiaoError
from hub.forms import working
from hub.forms.appointments import principal_for
from hub.forms.edits import EditKind
from hub.forms.lifecycle import check_lawful
from hub.forms.saving import Fate, Wish, save
from hub.store import work as ledger
from hub.store.engine import writing
from hub.web.context import Asked
from hub.web.shown import work as shown
from tests.store.counting import statements
from tests.web.conftest import Town
from tests.web.test_work import Browser, post

FORM = "disability-subsidy-roster"
PERIOD = "2026-09"


def test_the_bureau_opens_a_period_and_every_unit_has_it_with_nothing_written(town: Town) -> None:
    bureau = Browser(town, "bureau")
    html = bureau.get("/periods")
    assert "残疾人两项补贴发放花名册" in html
    bureau.post("/periods", html, form=FORM, period=PERIOD)
    with town.hub.engine.connect() as connection:
        assert ledger.find_period(connection, FORM, PERIOD) is not None
        assert ledger.find_work(connection, FORM, PERIOD, list(town.hub.catalog.code_lists["division"].codes)) == {}
    items = town.get("county", "/api/v1/due").json()["items"]
    (mine,) = [item for item in items if (item["form"], item["period"]) == (FORM, PERIOD)]
    assert {unit["unit"] for unit in mine["units"]} >= set(town.township_villages)
    assert {unit["standing"] for unit in mine["units"]} == {"draft"}
    refused = town.client("township")
    with refused as client:
        answer = client.put(f"/api/v1/forms/{FORM}/periods/{PERIOD}")
    assert (answer.status_code, answer.json()["code"]) == (403, "may_not_open")


def test_the_late_list_names_villages_and_is_a_text_for_a_chat(town: Town) -> None:
    with town.client("bureau") as client:
        client.put(f"/api/v1/forms/{FORM}/periods/{PERIOD}")
    html = Browser(town, "county").get("/late")
    names = town.hub.catalog.code_lists["division"].codes
    assert names[town.village].title.zh in html
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.S)
    assert text is not None
    assert re.search(r"【残疾人两项补贴发放花名册】2026年9月，2026-10-\d\d 截止，已逾期 \d+ 个工作日：", text[1])
    assert not re.search(r"\d{11,}", text[1]), "no code and no number of anybody"


def test_a_report_locked_for_being_late_says_who_can_open_it(town: Town) -> None:
    """F80: late, not opened, approved and outside the area are four sentences, each with who can open it."""
    period = "2026-08"
    base = f"/api/v1/forms/{FORM}"
    edit = {"key": "late-key-0001", "unit": town.village, "kind": "confirm", "lines": {"NOBODY": "x"}}

    def refusal(role: str = "township", at: str = period, **changed: str) -> tuple[str, str]:
        (told,) = post(town, role, f"{base}/periods/{at}/edits", {"edits": [{**edit, **changed}]})["outcomes"]
        return told["code"], told["detail"]

    not_opened = refusal(at="2026-07")
    assert not_opened[0] == "period_not_opened"
    assert "数据局" in not_opened[1]
    with writing(town.hub.engine) as connection:
        ledger.open_period(connection, ledger.OpenPeriod(FORM, period, date(2026, 9, 7), date(2026, 9, 30), town.hub.micros(), "bureau"))
    late = refusal()
    assert late[0] == "period_closed"
    assert "区县延期" in late[1]
    outside = refusal(unit=town.other_village)
    assert outside[0] == "outside_area"
    assert "它所在的乡镇" in outside[1]
    assert refusal("approver")[0] == "may_not_fill"
    with town.client("county") as client:
        told = client.put(f"{base}/reports/{town.village}/{period}/extension", json={"until": "2026-12-31"})
    assert told.status_code == 200, told.text
    assert refusal()[0] == "lines_changed", "it can be filled in again"


def test_a_form_that_may_be_refused_cannot_be_opened(town: Town) -> None:
    """F84: without approval number, or past its expiry (Statistics Law, art. 17)."""
    form = town.hub.catalog.forms[FORM]
    for wrong, code in ((replace(form, approval=""), "form_unapproved"), (replace(form, expires=date(2026, 11, 1)), "form_expired")):
        with pytest.raises(YibiaoError) as refused:
            check_lawful(wrong, town.hub.today())
        assert refused.value.code == code
        assert "第十七条" in refused.value.text("zh")
    check_lawful(form, town.hub.today())


@pytest.mark.parametrize(("period", "code", "said"), [("2206-12", "period_ahead", "2026-11"), ("0206-12", "period_long_ago", "请核对年份")])
def test_a_slip_of_the_pen_opens_no_period(town: Town, period: str, code: str, said: str) -> None:
    with town.client("bureau") as client:
        refused = client.put(f"/api/v1/forms/{FORM}/periods/{period}")
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert said in refused.json()["detail"]


def test_opening_writes_one_row_and_what_is_due_is_one_statement(town: Town) -> None:
    """Whatever the number of units: nothing is written per village until somebody touches it."""
    bureau = principal_for(town.hub.catalog, "bureau", "data-bureau", "bureau")
    with statements(town.hub.engine) as opening:
        working.open_period(town.hub, bureau, FORM, "2026-06")
    assert [text for text in opening if text.startswith("INSERT")] == [text for text in opening if "INTO period " in text]
    county = principal_for(town.hub.catalog, "county", town.city.places.tree[town.township].parent, "county")
    with statements(town.hub.engine) as asked:
        found = shown.due(Asked(town.hub, county, "zh"))
    assert len([text for text in asked if text.startswith("SELECT")]) == 1
    assert sum(len(one.units) for one in found) > 20


def test_saving_one_cell_is_a_handful_of_statements(town: Town) -> None:
    """In the transaction that others wait for: where the report stands, and the edit."""
    working.open_period(town.hub, principal_for(town.hub.catalog, "bureau", "data-bureau", "bureau"), FORM, "2026-05")
    clerk = principal_for(town.hub.catalog, "township", town.township, "clerk")
    part = working.look(town.hub, FORM, "2026-05", [town.village])[town.village]
    line = part.base.sections[0].lines[0].code

    def wish(text: str) -> Wish:
        return Wish(str(uuid4()), town.village, EditKind.ENTER, line, "remark", text)

    save(town.hub, clerk, FORM, "2026-05", [wish("first")])
    with statements(town.hub.engine) as counted:
        (outcome,) = save(town.hub, clerk, FORM, "2026-05", [wish("second")])
    assert outcome.fate is Fate.SAVED
    kinds = [text.split()[0] for text in counted if not text.startswith(("BEGIN", "ROLLBACK"))]
    assert len(kinds) <= 8, counted
    assert kinds.count("INSERT") == 1
    assert kinds[-2:] == ["SELECT", "INSERT"], "what is read is read before"
