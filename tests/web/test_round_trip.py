"""Excel there and back: downloaded, sorted, filled in and uploaded; every change is shown before it is applied, and nothing is guessed."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from hub.forms.workbook_set import WorkbookSet
from tests.web.conftest import Town
from tests.web.test_work import Browser, post

FORM, PERIOD = "elderly-roster", "2026Q2"  # a period of its own: the town is shared
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Edit = Callable[[Worksheet, dict[str, int], list[int]], None]


@pytest.fixture
def village(town: Town) -> str:
    """A village with several lines; its period is open."""
    with town.client("bureau") as client:
        client.put(f"/api/v1/forms/{FORM}/periods/{PERIOD}")
    return town.village


def download(town: Town, unit: str, form: str = FORM, period: str = PERIOD) -> bytes:
    answer = town.get("township", f"/api/v1/forms/{form}/reports/{unit}/{period}.xlsx")
    assert answer.status_code == 200, answer.text
    return answer.content


def changed(content: bytes, edit: Edit) -> bytes:
    """The workbook after somebody worked on it: ``edit`` gets the sheet, the column of each title, and the rows of the lines."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows(max_row=20) if any(cell.value == "行码" for cell in row))
    titles = {str(cell.value): cell.column for cell in head if cell.value}
    first = head[0].row + 1
    lines = [row for row in range(first, sheet.max_row + 1) if sheet.cell(row, titles["行码"]).value]
    edit(sheet, titles, lines)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def compare(town: Town, unit: str, content: bytes, role: str = "township", form: str = FORM, period: str = PERIOD) -> Any:
    with town.client(role, **{"Content-Type": XLSX}) as client:
        return client.post(f"/api/v1/forms/{form}/reports/{unit}/{period}/workbook", content=content)


def typed(column: str, value: object, line: int = 0) -> Edit:
    def edit(sheet: Worksheet, titles: dict[str, int], lines: list[int]) -> None:
        sheet.cell(lines[line], titles[column]).value = value

    return edit


def test_nothing_changed_is_nothing_to_apply(town: Town, village: str) -> None:
    found = compare(town, village, download(town, village)).json()
    assert (found["edits"], found["conflicts"], found["proposals"], found["problems"], found["missing"]) == ([], [], [], [], 0)


def test_changes_are_shown_and_applied_once(town: Town, village: str) -> None:
    def edit(sheet: Worksheet, titles: dict[str, int], lines: list[int]) -> None:
        sheet.cell(lines[0], titles["走访情况"]).value = "能自理"
        sheet.cell(lines[1], titles["本季度走访日期"]).value = "2026-09-12"
        sheet.cell(lines[0], titles["姓名"]).value = "改了名字"

    content = changed(download(town, village), edit)
    found = compare(town, village, content).json()
    assert sorted(one["text"] for one in found["edits"]) == ["2026-09-12", "能自理"]
    assert [(one["column"], one["after"]) for one in found["proposals"]] == [("name", "改了名字")], "a department's cell: an objection"
    edits = [{name: one[name] for name in ("key", "unit", "kind", "line", "field", "text", "version")} for one in found["edits"]]
    for _ in range(2):
        outcomes = post(town, "township", f"/api/v1/forms/{FORM}/periods/{PERIOD}/edits", {"edits": edits})["outcomes"]
        assert {one["fate"] for one in outcomes} == {"saved"}
    again = compare(town, village, content).json()
    assert (again["edits"], again["conflicts"]) == ([], []), "what the workbook says stands already"


def test_f55_sorted_filtered_and_with_columns_of_ones_own_it_says_the_same(town: Town, village: str) -> None:
    def edit(sheet: Worksheet, titles: dict[str, int], lines: list[int]) -> None:
        sheet.cell(lines[-1], titles["走访情况"]).value = "排序以后"
        rows = [[sheet.cell(row, column).value for column in range(1, sheet.max_column + 1)] for row in lines]
        for row, values in zip(lines, reversed(rows), strict=True):
            for column, value in enumerate(values, 1):
                sheet.cell(row, column).value = value
        sheet.row_dimensions[lines[0]].hidden = True
        sheet.cell(lines[0] - 1, sheet.max_column + 1).value = "我的备注"

    content = download(town, village)
    straight = compare(town, village, changed(content, typed("走访情况", "排序以后", -1))).json()
    mixed = compare(town, village, changed(content, edit)).json()
    said = [[(one["line"], one["text"]) for one in found["edits"]] for found in (straight, mixed)]
    assert said[0] == said[1]
    assert mixed["hidden"] == 1
    assert (mixed["proposals"], mixed["problems"]) == ([], [])


@pytest.mark.parametrize(
    ("value", "code", "word"),
    [
        ("2026/13/40", "entry_wrong", "没有这一天"),  # F49
        ("03/04/2025", "entry_wrong", ""),  # F49: two readings
        ("=TODAY()", "workbook_not_calculated", "打开并保存"),  # F57
    ],
)
def test_what_cannot_be_read_is_a_problem_with_its_place(town: Town, village: str, value: str, code: str, word: str) -> None:
    found = compare(town, village, changed(download(town, village), typed("本季度走访日期", value))).json()
    assert found["edits"] == []
    assert [one["code"] for one in found["problems"]] == [code]
    assert word in found["problems"][0]["detail"]
    assert "花名册!" in found["problems"][0]["place"]


@pytest.mark.parametrize("value", ["30人", "约30", "无", "—", "/", "6806*", "3.30802E+17", "12。5"])
def test_f60_words_in_a_number_column_are_refused_each_with_its_word(town: Town, value: str) -> None:
    """F60, F21, F10: never rounded, never 0, never empty."""
    form, period = "village-basics", "2026Q3"
    with town.client("bureau") as client:
        client.put(f"/api/v1/forms/{form}/periods/{period}")
    edit = {"key": str(uuid4()), "unit": town.village, "kind": "enter", "line": town.village, "field": "groups", "text": value}
    (told,) = post(town, "township", f"/api/v1/forms/{form}/periods/{period}/edits", {"edits": [edit]})["outcomes"]
    assert (told["fate"], told["code"]) == ("refused", "entry_wrong")
    assert value in told["detail"]
    if value == "12。5":
        assert "12.5" in told["detail"]


@pytest.mark.parametrize(
    ("value", "stands"), [("１，２３４", "1234"), ("29\u00a0000", "29000"), ("29\u202f000", "29000"), ("29\u3000000", "29000")]
)
def test_f59_a_number_keeps_all_its_digits(town: Town, value: str, stands: str) -> None:
    """F59, F10: full width and any blank between thousands."""
    form, period = "village-basics", "2026Q3"
    with town.client("bureau") as client:
        client.put(f"/api/v1/forms/{form}/periods/{period}")
    edit = {"key": str(uuid4()), "unit": town.village, "kind": "enter", "line": town.village, "field": "groups", "text": value}
    (told,) = post(town, "township", f"/api/v1/forms/{form}/periods/{period}/edits", {"edits": [edit]})["outcomes"]
    assert told["cell"]["text"] == stands


def test_a_workbook_of_another_report_is_refused_in_words(town: Town, village: str) -> None:
    content = download(town, village)
    other = next(one for one in town.township_villages if one != village)
    assert compare(town, other, content).json()["code"] == "workbook_other_unit"
    assert compare(town, village, content, period="2026Q1").json()["code"] == "workbook_other_period"
    other_form = compare(town, village, content, form="low-income-roster", period="2026-10").json()
    assert other_form["code"] == "workbook_other_form"
    assert "（高龄津贴发放及老年人基本情况花名册）" in other_form["detail"], "forms are named as people know them"
    assert compare(town, village, content, role="approver").json()["code"] == "may_not_fill"  # F81
    assert compare(town, village, content, role="other").status_code == 403


def test_files_that_are_no_workbook_of_ours_are_told_what_they_are(town: Town, village: str) -> None:
    """F45, F46, a renamed program, a macro workbook, a foreign one, a bomb."""
    foreign = io.BytesIO()
    openpyxl.Workbook().save(foreign)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (64 << 20))
    for content, code, said in (
        (b"<html><table><tr><td>1</td></tr></table></html>", "workbook_none", "网页（HTML）"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le"), "workbook_encrypted", "密码"),
        (b"MZ\x90\x00" + bytes(200), "workbook_none", "程序"),
        (foreign.getvalue(), "workbook_foreign", "下载"),
        (macros(), "workbook_macros", "宏"),
        (bomb.getvalue(), "workbook_too_large", "上限"),
        (download(town, village)[:-3_000], "workbook_damaged", "另存"),
    ):
        answer = compare(town, village, content)
        assert answer.status_code == 422, code
        assert answer.json()["code"] == code, answer.json()
        assert said in answer.json()["detail"]


def test_f43_a_dimension_that_lies_hides_no_row(town: Town, village: str) -> None:
    content = changed(download(town, village), typed("走访情况", "全部读到", -1))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as wps:
        for info in archive.infolist():
            part = archive.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                part = part.replace(
                    part[part.index(b"<dimension") : part.index(b"/>", part.index(b"<dimension")) + 2], b'<dimension ref="A1:A1"/>'
                )
            if info.filename == "docProps/core.xml":  # F44: as WPS writes it, outside the rules of the package
                part = b"<broken"
            wps.writestr(info.filename, part)
    found = compare(town, village, out.getvalue()).json()
    assert [one["text"] for one in found["edits"]] == ["全部读到"]


def test_a_cell_that_somebody_changed_meanwhile_is_a_conflict(town: Town, village: str) -> None:
    content = changed(download(town, village), typed("走访情况", "从工作簿来", 2))
    code = compare(town, village, content).json()["edits"][0]["line"]
    edit = {"key": "somebody-else-1", "unit": village, "kind": "enter", "line": code, "field": "visit_note", "text": "从网页来"}
    post(town, "village", f"/api/v1/forms/{FORM}/periods/{PERIOD}/edits", {"edits": [edit]})
    found = compare(town, village, content).json()
    assert found["edits"] == []
    assert [(one["before"], one["after"]) for one in found["conflicts"]] == [("从网页来", "从工作簿来")]


def test_unknown_and_doubled_lines_and_changed_heads_are_told(town: Town, village: str) -> None:
    def edit(sheet: Worksheet, titles: dict[str, int], lines: list[int]) -> None:
        sheet.cell(lines[0], titles["行码"]).value = "NOSUCHCODE"
        sheet.cell(lines[2], titles["行码"]).value = sheet.cell(lines[1], titles["行码"]).value

    found = compare(town, village, changed(download(town, village), edit)).json()
    assert [one["code"] for one in found["problems"]] == ["workbook_unknown_line", "workbook_line_twice"]
    assert found["missing"] == 2

    def heads(sheet: Worksheet, titles: dict[str, int], lines: list[int]) -> None:
        sheet.cell(lines[0] - 1, titles["行码"]).value = "编号"

    (problem,) = compare(town, village, changed(download(town, village), heads)).json()["problems"]
    assert problem["code"] == "workbook_no_heads"


def test_a_workbook_of_other_lines_is_counted_whole_and_told_in_part(town: Town, village: str) -> None:
    """One problem a line, and a list of other people has a hundred thousand: all are counted, the first thousand are named."""

    def edit(sheet: Worksheet, titles: dict[str, int], lines: list[int]) -> None:
        for number in range(1_500):
            sheet.cell(lines[0] + number, titles["行码"]).value = f"OTHER{number:05}"

    found = compare(town, village, changed(download(town, village), edit)).json()
    assert (found["problem_count"], len(found["problems"]), found["edits"]) == (1_500, 1_000, [])


def test_a_hundred_thousand_lines_are_read_to_the_last(page_town: Town) -> None:
    """A changed line below a hundred thousand of somebody else's is found; each of those is a problem that is counted."""
    village, many = page_town.village, 100_000
    with page_town.client("bureau") as client:
        client.put(f"/api/v1/forms/{FORM}/periods/{PERIOD}")
    book = openpyxl.load_workbook(io.BytesIO(changed(download(page_town, village), typed("走访情况", "在最后", 0))))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows(max_row=20) if any(cell.value == "行码" for cell in row))
    code = next(cell.column for cell in head if cell.value == "行码")
    values = [cell.value for cell in sheet[head[0].row + 1]]
    sheet.delete_rows(head[0].row + 1)
    below = sheet.max_row + 1
    for number in range(many):
        sheet.cell(below + number, code, f"OTHER{number:06}")
    for column, value in enumerate(values, 1):
        sheet.cell(below + many, column, value)
    out = io.BytesIO()
    book.save(out)
    found = compare(page_town, village, out.getvalue()).json()
    assert [one["text"] for one in found["edits"]] == ["在最后"]
    assert (found["problem_count"], found["missing"]) == (many, 0)


def test_f54_long_lists_are_ranges_and_nothing_is_locked(town: Town, village: str) -> None:
    """Sorting and filtering work: an autofilter, no protection, no merged cell within the lines."""
    book = openpyxl.load_workbook(io.BytesIO(download(town, village)))
    sheet = book.worksheets[0]
    assert sheet.auto_filter.ref
    assert not sheet.protection.sheet
    first = int(sheet.auto_filter.ref.split(":")[0].strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) + 1
    assert all(area.max_row < first for area in sheet.merged_cells.ranges)
    assert book["_yibiao"].sheet_state == "veryHidden"
    for rule in sheet.data_validations.dataValidation:
        assert str(rule.formula1).startswith("_lists!"), "a list in the cell itself breaks the file above 255 signs"


def test_f61_the_whole_set_is_one_zip_with_chinese_names_and_a_list(town: Town, village: str) -> None:
    answer = town.get("township", f"/api/v1/sets/{town.township}.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert any(name.startswith("高龄津贴发放及老年人基本情况花名册 ") for name in names)
        assert all(info.flag_bits & 0x800 for info in archive.infolist() if not info.filename.isascii()), (
            "the names say that they are UTF-8"
        )
        listed = archive.read("目录.csv").decode("utf-8-sig").splitlines()
        assert len(listed) == len(names)
        content = archive.read(next(name for name in names if name.startswith("高龄津贴")))
    found = compare(town, town.township, content).json()
    assert (found["edits"], found["problems"], found["missing"]) == ([], [], 0), "a township's workbook holds all its villages"


def test_f61_six_hundred_workbooks_fit(tmp_path: Any) -> None:
    with (tmp_path / "set.zip").open("w+b") as target:
        made = WorkbookSet(target, ("表", "文件"))
        for number in range(600):
            made.add(f"村{number % 300:03d}/花名册", b"x" * 1000, "=1+1")
        made.close("目录.csv")
        with zipfile.ZipFile(target) as archive:
            assert len(set(archive.namelist())) == 601
            assert "村000 花名册 (2).xlsx" in archive.namelist()
            assert "'=1+1" in archive.read("目录.csv").decode("utf-8-sig"), "nothing in the list is a formula"


def test_on_a_page_it_is_compared_and_applied_without_a_script(town: Town, village: str) -> None:
    content = changed(download(town, village), typed("走访情况", "<b>页面上传</b>", 3))
    clerk = Browser(town, "township")
    path = f"/reports/{FORM}/{village}/{PERIOD}/workbook"
    html = clerk.get(path)
    html = clerk.upload(path, html, "填好.xlsx", content)
    assert "采用这 1 处修改" in html
    assert "<b>页面上传" not in html, "what was typed is text"
    edits = re.search(r'name="edits" value="([^"]+)"', html)
    assert edits is not None
    told = clerk.post(f"{path}/apply", html, edits=unescape(edits[1]))
    assert "已采用 1 处修改" in told
    assert clerk.post(f"{path}/apply", html, (422,), edits='[{"key": 5}]')
    assert "没有读取" in clerk.upload(path, clerk.get(path), "宏.xlsm", macros(), (422,))


def macros() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    return out.getvalue()
