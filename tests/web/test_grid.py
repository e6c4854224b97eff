"""The grid of a report in a real browser: keys, ranges, blocks, taking back, finding a line; cases of the clerk's day by their ids."""

from __future__ import annotations

import io

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.web.browsing import Open
from tests.web.conftest import Town
from tests.web.grids import FIGURES, ROSTER, WIDE, WIDE_COLUMNS, Grid, MakeGrid, publish_wide
from tests.web.test_round_trip import compare

DISABLED = "disability-subsidy-roster"


@pytest.fixture(scope="module")
def wide(page_town: Town) -> str:
    publish_wide(page_town)
    return WIDE


def said(sheet: Grid) -> str:
    return sheet.page.locator("#said").inner_text()


class TestKeys:
    def test_keys_move_and_stop_at_the_edges(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2026-06", wide)
        sheet.cell("name", 1).click()
        for key, at in (
            ("ArrowDown", "name/2"), ("ArrowRight", "citizen_id/2"), ("ArrowUp", "citizen_id/1"), ("ArrowLeft", "name/1"), ("End", "note_8/1"),
            ("Home", "number/1"), ("Control+End", "note_8/199"), ("ArrowDown", "note_8/199"), ("Control+Home", "number/0"),
            ("ArrowUp", "number/0"), ("End", "note_8/0"), ("Enter", "note_8/1"), ("Shift+Enter", "note_8/0"),
        ):  # fmt: skip
            sheet.press(key)
            assert sheet.active() == at, key

    def test_f2_edits_what_is_there_typing_replaces_it_and_escape_restores(self, grid: MakeGrid) -> None:
        sheet = grid("2024Q1")
        sheet.cell("visit_note").click()
        sheet.type("走访")
        sheet.press("Enter", "ArrowUp", "F2")
        sheet.type("过")
        sheet.press("Tab")
        assert sheet.shown("visit_note") == "走访过"
        sheet.cell("visit_note").click()
        sheet.type("x")
        sheet.press("Escape")
        assert (sheet.shown("visit_note"), sheet.active()) == ("走访过", "visit_note/0")
        sheet.settled()
        assert sheet.history("visit_note") == [("enter", "走访"), ("enter", "走访过")]

    def test_tab_goes_along_the_cells_to_type_and_then_out_of_the_table(self, grid: MakeGrid) -> None:
        sheet = grid("2023Q4")
        sheet.cell("visit_date").click()
        sheet.type("2023-11-02")
        sheet.press("Tab")
        assert sheet.active() == "visit_note/0"
        sheet.press("Shift+Tab")
        assert sheet.active() == "visit_date/0"
        sheet.press("Tab", "Tab")
        assert sheet.page.evaluate("document.activeElement.closest('table')") is None
        sheet.settled()
        assert sheet.text("visit_date") == "2023-11-02"

    def test_shift_and_the_mouse_choose_a_rectangle_which_is_copied(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2026-06", wide)
        sheet.cell("name").click()
        sheet.press("Shift+ArrowRight", "Shift+ArrowDown")
        assert sheet.page.locator("td.chosen").count() == 4
        sheet.cell("name", 3).click()
        sheet.cell("citizen_id", 5).click(modifiers=["Shift"])
        assert sheet.page.locator("td.chosen").count() == 6
        sheet.press("Control+c")
        names = [f"{sheet.shown('name', line)}\t{sheet.shown('citizen_id', line)}" for line in (3, 4, 5)]
        assert sheet.page.evaluate("navigator.clipboard.readText()").replace("\r\n", "\n") == "\n".join(names)
        assert "已复制 6 格" in said(sheet)

    def test_f24_a_key_after_ctrl_a_changes_one_cell(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2025-12", wide)
        sheet.cell("note_1", 2).click()
        sheet.press("Control+a")
        sheet.type("a")
        sheet.press("Enter")
        sheet.settled()
        assert [sheet.shown("note_1", line) for line in range(4)] == ["", "", "a", ""]
        sheet.press("Control+z")
        sheet.settled()
        assert sheet.text("note_1", 2) == ""

    def test_f26_the_wheel_over_a_number_scrolls_and_changes_nothing(self, grid: MakeGrid) -> None:
        sheet = grid("2026Q2", FIGURES)
        sheet.cell("visits").click()
        sheet.type("25")
        sheet.cell("visits").hover()
        before = sheet.page.evaluate("scrollY")
        sheet.page.mouse.wheel(0, -300)
        sheet.page.wait_for_function("before => scrollY < before", arg=before)
        assert sheet.page.locator("input[type=number]").count() == 0
        sheet.press("Enter")
        sheet.settled()
        assert sheet.text("visits") == "25"

    def test_f30_everything_by_keys_and_the_focus_is_never_lost(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2026-05", wide)
        on_page = "document.activeElement !== document.body"
        sheet.page.locator("#find-text").focus()
        for _ in range(15):  # Tab comes to the table
            sheet.press("Tab")
            if sheet.page.evaluate(
                "document.activeElement.closest('table.grid') !== null && document.activeElement.matches('td, textarea')"
            ):
                break
        assert sheet.active().startswith("number/")
        sheet.press("End")
        sheet.type("走访")
        sheet.press("Enter")
        sheet.settled()
        sheet.page.wait_for_timeout(4000)  # the page is refreshed meanwhile
        assert sheet.active() == "note_8/1"
        sheet.press("ArrowUp", "Alt+h")
        expect(sheet.page.locator("dialog li")).to_contain_text("走访")
        assert sheet.page.evaluate("document.activeElement.closest('dialog') !== null")
        sheet.press("Escape")
        assert sheet.active() == "note_8/0"
        sheet.press("Delete")
        sheet.settled()
        assert (sheet.active(), sheet.text("note_8")) == ("note_8/0", "")
        sheet.paste("甲\t多\r\n乙\t多\r\n")
        expect(sheet.page.locator("dialog")).to_be_visible()
        sheet.press("Escape")
        assert sheet.active() == "note_8/0"
        sheet.press("Alt+s")
        sheet.type(sheet.shown("citizen_id", 5)[-9:])
        sheet.press("Enter")
        sheet.page.wait_for_url("**find=*")
        expect(sheet.page.locator("tr.found")).to_have_count(1)
        assert sheet.active() == "number/5"
        sheet.press("ArrowLeft")  # the line's head, where it is confirmed
        sheet.press("Space")
        sheet.settled()
        assert sheet.page.locator("tr[data-line]").nth(5).evaluate("row => row.classList.contains('confirmed')")
        assert sheet.page.evaluate(on_page)
        sheet.press("ArrowRight")
        assert sheet.active() == "number/5"


class TestBlocks:
    def test_f13_the_line_break_at_the_end_is_no_line(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2026-04", wide)
        sheet.cell("note_1", 5).click()
        sheet.type("不动")
        sheet.press("Enter")
        sheet.cell("note_1").click()
        sheet.paste("一\r\n二\r\n三\r\n四\r\n五\r\n")
        sheet.page.get_by_role("button", name="录入 5 格").click()
        sheet.settled()
        assert [sheet.text("note_1", line) for line in range(6)] == ["一", "二", "三", "四", "五", "不动"]

    def test_f15_a_cell_with_break_tab_and_quotes_is_one_cell_both_ways(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2026-03", wide)
        sheet.cell("note_1").click()
        sheet.paste('"一行\n""引""\t二行"\r\n')
        sheet.settled()
        text = '一行\n"引"\t二行'
        assert sheet.shown("note_1") == text
        assert sheet.text("note_1") == text
        sheet.cell("note_1").click()
        sheet.press("Control+c")
        sheet.cell("note_1", 1).click()
        sheet.press("Control+v")
        sheet.settled()
        assert sheet.text("note_1", 1) == text

    def test_f16_only_visible_lines_change_and_changed_ones_stay(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2026-02", wide)
        for line in (0, 2, 3):
            sheet.cell("name", line).click()
            sheet.press("Control+Enter")
        sheet.settled()
        kept = sheet.page.locator("tr[data-line]").evaluate_all("rows => rows.map(row => row.dataset.line)")
        sheet.page.goto(f"{sheet.path}?show=open")
        left = [kept[line] for line in (1, 4, 5)]
        assert sheet.page.locator("tr[data-line]").evaluate_all("rows => rows.map(row => row.dataset.line)")[:3] == left
        sheet.cell("note_1").click()
        sheet.paste("甲\n乙\n丙")
        sheet.page.get_by_role("button", name="录入 3 格").click()
        sheet.cell("name", 0).click()
        sheet.press("Control+Enter")
        sheet.settled()
        sheet.page.wait_for_timeout(4500)  # refreshed: the confirmed line is no longer open, and stays where it is
        assert sheet.page.locator("tr[data-line]").evaluate_all("rows => rows.map(row => row.dataset.line)")[:3] == left
        sheet.cell("citizen_id").click()
        sheet.cell("note_1", 1).click(modifiers=["Shift"])
        sheet.press("Delete")
        assert "已清空 2 格；2 格不是填写的格" in said(sheet)
        sheet.settled()
        sheet.page.goto(sheet.path)
        assert [sheet.text("note_1", line) for line in range(7)] == ["", "", "", "", "", "丙", ""]

    def test_f18_nothing_shifts_to_another_column(self, grid: MakeGrid) -> None:
        sheet = grid("2026-09", DISABLED)
        before = {name: sheet.shown(name) for name in ("total", "bank", "account")}
        sheet.cell("total").click()
        sheet.paste("1\t王五\t13800138000\t某银行\t622\t备注甲\t多一列\n")
        told = sheet.page.locator("dialog").inner_text()
        assert "录入 3 格" in told
        assert "2 格由部门带出" in told
        assert "2 格不能粘贴" in told
        assert "自动计算" in told
        assert "超出表格" in told
        sheet.page.get_by_role("button", name="录入 3 格").click()
        sheet.settled()
        assert {name: sheet.shown(name) for name in before} == before
        assert [sheet.text(name) for name in ("guardian_name", "phone", "remark")] == ["王五", "13800138000", "备注甲"]

    def test_f20_a_block_of_2400_cells_is_stored_as_it_was(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2026-09", wide, query="?lines=all")
        sent: list[int] = []
        sheet.page.on(
            "request", lambda asked: sent.append((asked.post_data or "").count('"key"')) if asked.url.endswith("/edits") else None
        )
        block = [[f"{line}-{name}" for name in WIDE_COLUMNS] for line in range(300)]
        sheet.cell("note_1").click()
        sheet.paste("\r\n".join("\t".join(row) for row in block) + "\r\n")
        sheet.page.get_by_role("button", name="录入 2400 格").click()
        expect(sheet.page.locator("#saving")).to_have_attribute("data-unsent", "0", timeout=90_000)
        report = sheet.town.get("township", f"/api/v1/forms/{wide}/reports/{sheet.unit}/2026-09").json()
        lines = report["sections"][0]["lines"]
        assert [[line["cells"][name]["text"] for name in WIDE_COLUMNS] for line in lines[:300]] == block
        assert (sum(sent), len(sent) <= 3) == (2400, True)

    def test_f21_a_number_that_lost_digits_is_refused(self, grid: MakeGrid) -> None:
        sheet = grid("2026-08", DISABLED)
        sheet.cell("phone").click()
        sheet.paste("1.38E+10")
        sheet.settled()
        assert sheet.state("phone") == "refused"
        assert "文本格式" in sheet.page.locator("#attention").inner_text()

    def test_f25_a_paste_is_taken_back_and_done_again_in_one_step_after_it_was_saved(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2026-08", wide)
        block = "\n".join("\t".join(f"{line}{name}" for name in WIDE_COLUMNS) for line in range(63))
        sheet.cell("note_1").click()
        sheet.paste(block)
        sheet.page.get_by_role("button", name="录入 504 格").click()
        sheet.settled()
        sheet.edit_elsewhere("note_2", "别人写的", 1)
        sheet.press("Control+z")
        sheet.settled()
        assert "已撤销 504 处" in said(sheet) or "需要您处理" in said(sheet)
        assert [sheet.text("note_1", line) for line in (0, 30, 62)] == ["", "", ""]
        asked = sheet.page.locator("#attention li")
        assert asked.count() == 1
        assert "别人写的" in asked.inner_text()
        assert sheet.text("note_2", 1) == "别人写的"
        asked.get_by_role("button", name="用对方的").click()
        sheet.cell("note_3").click()
        sheet.press("Control+y")
        sheet.settled()
        assert [sheet.text("note_8", line) for line in (0, 62)] == ["0note_8", "62note_8"]
        assert sheet.history("note_8") == [("enter", "0note_8"), ("restore", ""), ("enter", "0note_8")]


class TestLines:
    def test_a_selection_of_lines_is_confirmed_taken_back_and_confirmed_again(self, grid: MakeGrid) -> None:
        sheet = grid("2022Q1")
        sheet.cell("name").click()
        sheet.press("Shift+ArrowDown", "Shift+ArrowDown", "Control+Enter")
        sheet.settled()
        confirmed = sheet.page.locator("tr.confirmed")
        assert confirmed.count() == 3
        assert "已核对 3 行" in said(sheet)
        sheet.press("Control+z")
        sheet.settled()
        assert confirmed.count() == 0
        sheet.press("Control+y")
        sheet.settled()
        sheet.page.reload()
        assert confirmed.count() == 3

    def test_f28_the_browsers_search_finds_a_line_and_the_box_jumps_to_any(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2026-07", wide)
        names = sheet.page.locator('td[data-field="name"]').all_inner_texts()
        assert len(names) == 200
        assert sheet.page.evaluate("name => window.find(name)", names[180]) is True
        lines = sheet.town.get("township", f"/api/v1/forms/{wide}/reports/{sheet.unit}/2026-07").json()["sections"][0]["lines"]
        last = lines[-1]
        for wanted in (last["cells"]["citizen_id"]["text"][-9:], last["cells"]["name"]["text"]):
            sheet.page.goto(sheet.path)
            sheet.press("Alt+s")
            sheet.type(wanted)
            sheet.press("Enter")
            sheet.page.wait_for_url("**find=*")
            expect(sheet.page.locator("tr.found")).to_have_count(1)
            if wanted.isdigit():
                assert sheet.page.locator("tr.found").get_attribute("data-line") == last["code"]
                assert sheet.page.evaluate("document.activeElement.closest('tr').dataset.line") == last["code"]

    def test_f28_initials_of_the_pinyin_find_a_name(self, grid: MakeGrid) -> None:
        sheet = grid("2021Q4")
        assert sheet.shown("name", 1) == "赵德春"
        sheet.press("Alt+s")
        sheet.type("zdc")
        sheet.press("Enter")
        sheet.page.wait_for_url("**find=zdc")
        assert sheet.active() == "number/1"

    def test_f40_a_refresh_leaves_what_is_being_typed(self, grid: MakeGrid, wide: str) -> None:
        sheet = grid("2026-01", wide)
        sheet.cell("note_1", 2).click()
        sheet.type("刚存")
        sheet.press("Enter")
        sheet.type("还没写完")
        sheet.edit_elsewhere("note_1", "别人", 5)
        expect(sheet.cell("note_1", 5)).to_contain_text("别人", timeout=15_000)  # the refresh came
        assert sheet.page.locator("textarea.editor").input_value() == "还没写完"
        sheet.type("的话")
        sheet.press("Enter")
        sheet.settled()
        assert sheet.text("note_1", 3) == "还没写完的话"

    def test_f66_zero_empty_not_applicable_and_a_cleared_zero_differ(self, grid: MakeGrid) -> None:
        sheet = grid("2026Q1", FIGURES)
        sheet.cell("visits").click()
        sheet.type("0")
        sheet.press("Enter")
        sheet.cell("mediations").click()
        sheet.press("Alt+h")
        sheet.page.get_by_role("button", name="标为不适用").click()
        sheet.cell("groups").click()
        sheet.type("0")
        sheet.press("Enter")
        sheet.cell("groups").click()
        sheet.press("Delete")
        sheet.settled()
        states = {name: sheet.stored(name)["cell"] for name in ("visits", "mediations", "groups", "collective_income")}
        assert [(cell["state"], cell["text"]) for cell in states.values()] == [
            ("entered", "0"), ("not_applicable", ""), ("blank", ""), ("missing", ""),
        ]  # fmt: skip
        sheet.page.reload()
        shown = [sheet.cell(name).inner_text().split("\n")[0] for name in states]
        assert shown == ["■0", "—不适用", "✎待填", "✎待填"]

    def test_the_history_of_a_cell_is_told_with_its_version(self, grid: MakeGrid) -> None:
        sheet = grid("2021Q2", ROSTER)
        sheet.cell("visit_note").click()
        sheet.type("一")
        sheet.press("Enter")
        sheet.settled()
        found = sheet.stored("visit_note")
        assert found["version"] == sheet.cell("visit_note").get_attribute("data-version")
        assert [(one["kind"], one["text"], one["by"]) for one in found["history"]] == [("enter", "一", "township")]
        code, field = found["line"], "nonsense"
        path = f"/api/v1/forms/{ROSTER}/reports/{sheet.unit}/2021Q2/cells"
        assert sheet.town.get("township", f"{path}/{code}/{field}").status_code == 404
        assert sheet.town.get("township", f"{path}/AAAA/visit_note").status_code == 404
        assert sheet.town.get("other", f"{path}/{code}/visit_note").status_code == 403
        answer = sheet.town.get("township", f"{path}/{code}/visit_note")
        assert answer.headers["etag"] == f'"{found["version"]}"'


def test_what_is_typed_is_text_on_the_page_in_excel_and_in_print(grid: MakeGrid, page_town: Town, opened: Open) -> None:
    """HTML and formulas are inert; signs of GB 18030-2022 that few fonts have survive page, Excel there and back, and print."""
    hostile, rare = ['<img src=x onerror="document.title=1">', '=HYPERLINK("http://x")'], "𠮷𫖯𬱖㐂"
    sheet = grid("2026-02", DISABLED)
    for line, text in enumerate([*hostile, rare]):
        sheet.cell("remark", line).click()
        sheet.type(text)
        sheet.press("Enter")
        sheet.settled()
    sheet.page.reload()
    assert [sheet.shown("remark", line) for line in range(3)] == [*hostile, rare]
    assert sheet.page.locator("td img").count() == 0
    content = page_town.get("township", f"/api/v1/forms/{sheet.form}/reports/{sheet.unit}/{sheet.period}.xlsx").content
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows() for cell in row]
    for text in [*hostile, rare]:
        assert [cell.data_type for cell in cells if cell.value == text] == ["s"], text
    found = compare(page_town, sheet.unit, content, form=sheet.form, period=sheet.period).json()
    assert (found["edits"], found["problems"]) == ([], []), "it comes back as it went"
    printed = opened("township", f"{sheet.path}/print")
    text = "".join(printed.locator("article.a4").all_inner_texts())
    assert all(one in text for one in [*hostile, rare])
    assert printed.locator("td img").count() == 0


def test_one_box_ticks_all_villages_or_none(page_town: Town, opened: Open) -> None:
    page = opened("township", f"/reports/low-income-roster/{page_town.township}/2026-10")
    boxes = page.locator("table.parts tbody input[name=units]")
    every = page.get_by_role("checkbox", name="选中全部村")
    every.check()
    assert {boxes.nth(place).is_checked() for place in range(boxes.count())} == {True}
    boxes.first.uncheck()
    assert every.evaluate("box => [box.checked, box.indeterminate]") == [False, True]
    every.check()
    every.uncheck()
    assert {boxes.nth(place).is_checked() for place in range(boxes.count())} == {False}


def test_the_table_is_one_key_away_and_nobody_is_missing_from_figures(page_town: Town, opened: Open) -> None:
    page = opened("township", f"/reports/village-basics/{page_town.village}/2026Q4")
    page.get_by_role("link", name="到表格").click()
    assert page.locator("#section-1").bounding_box()["y"] < 200  # type: ignore[index]
    assert page.get_by_role("link", name="有人应列未列").count() == 0


def test_a_refused_edit_is_told_in_the_bar_and_covers_neither_a_small_screen_nor_another_report(grid: MakeGrid, page_town: Town) -> None:
    sheet = grid("2018Q1")
    page = sheet.page
    page.set_viewport_size({"width": 360, "height": 740})
    sheet.cell("visit_date").click()
    sheet.type("去年")
    sheet.press("Enter")
    sheet.settled()
    saving, listed = page.locator("#saving"), page.locator("#attention")
    expect(saving).to_contain_text("1 项没有保存")
    expect(listed).to_be_hidden()
    page.get_by_role("button", name="1 项需要您处理").click()
    expect(listed).to_contain_text("去年")
    page.set_viewport_size({"width": 1280, "height": 900})
    with page_town.client("bureau") as client:
        assert client.put(f"/api/v1/forms/{ROSTER}/periods/2018Q2").status_code == 200
    page.goto(f"/reports/{ROSTER}/{page_town.village}/2018Q2")
    expect(page.get_by_role("button", name="1 项需要您处理")).to_be_visible()
    expect(listed).to_be_hidden()
    page.get_by_role("button", name="1 项需要您处理").click()
    expect(listed).to_contain_text("高龄津贴发放及老年人基本情况花名册 2018Q1")
    listed.get_by_role("button", name="放弃").click()
    expect(listed).to_be_hidden()
