"""Chinese input methods on the grid: real compositions through the browser, F01 to F12 of the clerk's day."""

from __future__ import annotations

import pytest

from tests.web.grids import FIGURES, InputMethod, MakeGrid


def test_f01_enter_takes_the_candidate_and_the_next_enter_moves_down(grid: MakeGrid) -> None:
    sheet = grid("2026Q3")
    method = InputMethod(sheet.page)
    sheet.cell("visit_note").click()
    method.letters("zhang")
    method.key("Enter")
    assert sheet.active() == "visit_note/0"
    method.commit("张")
    assert sheet.page.locator("td.editing").count() == 1
    assert sheet.page.locator("textarea.editor").input_value() == "张"
    assert sheet.active() == "visit_note/0"
    sheet.press("Enter")
    assert sheet.active() == "visit_note/1"
    sheet.settled()
    assert sheet.history("visit_note") == [("enter", "张")]


def test_f02_the_first_letter_starts_the_composition_and_nothing_of_the_old_value_is_kept(grid: MakeGrid) -> None:
    sheet = grid("2026Q2")
    sheet.cell("visit_note").click()
    sheet.type("旧")
    sheet.press("Enter", "ArrowUp")
    method = InputMethod(sheet.page)
    method.letters("wo")
    assert sheet.page.locator("textarea.editor").input_value() == "wo"
    method.commit("我")
    sheet.press("Enter")
    sheet.settled()
    assert sheet.text("visit_note") == "我"


def test_f04_escape_closes_the_candidates_only_and_a_second_one_restores(grid: MakeGrid) -> None:
    sheet = grid("2026Q1")
    sheet.cell("visit_note").click()
    sheet.type("原来")
    sheet.press("Enter", "ArrowUp", "F2")
    method = InputMethod(sheet.page)
    method.letters("ni")
    method.close()
    assert sheet.page.locator("td.editing").count() == 1
    assert sheet.page.locator("textarea.editor").input_value() == "原来"
    sheet.type("x")
    sheet.press("Escape")
    assert sheet.page.locator("td.editing").count() == 0
    assert sheet.shown("visit_note") == "原来"
    assert sheet.active() == "visit_note/0"
    sheet.settled()
    assert sheet.history("visit_note") == [("enter", "原来")]


def test_f06_keys_choose_candidates_and_the_active_cell_stays(grid: MakeGrid) -> None:
    sheet = grid("2025Q4")
    method = InputMethod(sheet.page)
    sheet.cell("visit_note", 3).click()
    method.letters("shi")
    for key in ("2", "ArrowDown", "ArrowLeft", "Tab", " ", "PageDown", "Home", "Delete", "F2"):
        method.key(key)
        assert sheet.active() == "visit_note/3", key
        assert sheet.page.locator("textarea.editor").input_value() == "shi", key
    method.commit("是")
    sheet.press("Tab")
    sheet.settled()
    assert sheet.text("visit_note", 3) == "是"


def test_f08_taking_back_goes_to_the_value_before_and_never_to_the_letters(grid: MakeGrid) -> None:
    sheet = grid("2025Q3")
    method = InputMethod(sheet.page)
    sheet.cell("visit_note").click()
    method.letters("nihao")
    method.commit("你好")
    sheet.press("Enter")
    sheet.settled()
    sheet.press("Control+z")
    sheet.settled()
    assert sheet.text("visit_note") == ""
    assert sheet.history("visit_note") == [("enter", "你好"), ("restore", "")]


@pytest.mark.parametrize(("how", "period"), [("Enter", "2025Q2"), ("Space", "2025Q1"), ("mouse", "2024Q4")])
def test_f09_one_commit_makes_one_save(grid: MakeGrid, how: str, period: str) -> None:
    sheet = grid(period)
    sent: list[str] = []
    sheet.page.on("request", lambda asked: sent.append(asked.post_data or "") if asked.url.endswith("/edits") else None)
    method = InputMethod(sheet.page)
    sheet.cell("visit_note").click()
    method.letters("ce")
    if how == "mouse":  # the click ends the composition with what stands in it
        method.compose("测")
        sheet.cell("visit_note", 1).click()
    else:
        method.key("Enter" if how == "Enter" else " ")
        method.commit("测")
        sheet.press("Enter")
    assert sheet.active() == "visit_note/1"
    sheet.settled()
    assert sheet.history("visit_note") == [("enter", "测")]
    assert len(sent) == 1
    assert sent[0].count('"key"') == 1


def test_f10_full_width_digits_become_half_width_and_a_full_stop_is_asked_about(grid: MakeGrid) -> None:
    sheet = grid("2026Q3", FIGURES)
    sheet.cell("visits").click()
    sheet.type("１，２３４")
    sheet.press("Enter")
    sheet.settled()
    assert sheet.text("visits") == "1234"
    assert sheet.shown("visits") == "1234"
    sheet.cell("arable_mu").click()
    sheet.type("12。5")
    sheet.press("Enter")
    sheet.settled()
    assert sheet.state("arable_mu") == "refused"
    assert "12.5" in sheet.page.locator("#attention").inner_text()
    assert sheet.text("arable_mu") == ""


def test_f12_nothing_enters_a_filled_cell_and_the_page_offers_to_object(grid: MakeGrid) -> None:
    sheet = grid("2024Q3")
    before = sheet.shown("name")
    sheet.cell("name").click()
    assert sheet.page.evaluate("document.activeElement.tagName") == "TD"  # no text box: no window of candidates comes
    method = InputMethod(sheet.page)
    method.key("w", "KeyW")
    method.compose("w")
    method.commit("我")
    assert sheet.shown("name") == before
    assert "可以提出异议" in sheet.page.locator("#said").inner_text()
    sheet.type("w")
    assert sheet.shown("name") == before
    sheet.settled()
    sheet.press("Alt+o")
    sheet.page.wait_for_url("**/object?line=*&field=name")
