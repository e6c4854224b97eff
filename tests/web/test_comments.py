"""Comments on a cell: a question, an answer, who and when; they change no figure."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import expect

from tests.web.conftest import Town
from tests.web.grids import ROSTER, Grid, MakeGrid
from tests.web.test_work import Browser

PERIOD = "2019Q3"


def remark(town: Town, role: str, text: str, expected: int = 201, key: str = "", field: str = "visit_note", period: str = PERIOD) -> Any:
    with town.client("bureau") as client:
        client.put(f"/api/v1/forms/{ROSTER}/periods/{period}")
    report = f"/api/v1/forms/{ROSTER}/reports/{town.village}/{period}"
    line = town.get("township", report).json()["sections"][0]["lines"][0]["code"]
    with town.client(role, **{"Idempotency-Key": key or str(uuid4())}) as client:
        answer = client.post(f"{report}/cells/{line}/{field}/comments", json={"text": text})
    assert answer.status_code == expected, answer.text
    return answer.json()


def test_those_who_see_the_report_remark_and_answer_once_each(town: Town) -> None:
    before = remark(town, "village", "<b>本人在外地</b>", period="2021Q1", key="one-key-for-ever")["comments"]
    assert [(one["by"], one["text"]) for one in before] == [("village", "<b>本人在外地</b>")]
    remark(town, "village", "<b>本人在外地</b>", period="2021Q1", key="one-key-for-ever")
    told = remark(town, "approver", "=1+1 请补日期", period="2021Q1", field="visit_note")["comments"]
    assert [one["by"] for one in told] == ["village", "approver"]
    html = Browser(town, "township").get(f"/reports/{ROSTER}/{town.village}/2021Q1")
    assert "有批注 2 条" in html
    assert "<b>本人" not in html


def test_what_cannot_be_remarked_is_told(town: Town) -> None:
    assert remark(town, "village", "  ", 422)["code"] == "comment_empty"
    assert remark(town, "village", "长" * 1001, 422)["code"] == "comment_long"
    assert remark(town, "village", "x", 404, field="nothing")["code"] == "field_not_found"
    assert remark(town, "bureau", "x", 403)["code"] in ("may_not_comment", "outside_area", "forbidden_people")


def test_a_comment_is_written_in_the_panel_and_kept_in_the_box_when_it_fails(grid: MakeGrid) -> None:
    sheet: Grid = grid("2021Q3")
    page = sheet.page
    sheet.cell("visit_note").click()
    sheet.press("Alt+h")
    box = page.get_by_label("写批注")
    page.route("**/comments", lambda route: route.abort())
    box.fill("这户要不要再去一次？")
    page.get_by_role("button", name="添加批注").click()
    expect(page.locator("dialog").get_by_role("alert")).to_contain_text("没有存上")
    assert box.input_value() == "这户要不要再去一次？"
    page.unroute("**/comments")
    page.get_by_role("button", name="添加批注").click()
    expect(page.locator("dialog ol").last).to_contain_text("这户要不要再去一次？")
    assert box.input_value() == ""
    sheet.press("Escape")
    assert sheet.active() == "visit_note/0"
    assert sheet.cell("visit_note").evaluate("cell => cell.classList.contains('commented')")
    assert sheet.history("visit_note") == [], "no figure is changed"
    page.reload()
    expect(sheet.cell("visit_note")).to_have_class("cell to_enter commented")
