"""The workbook: read again with another library, every cell is what the report says."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from hub.core.clock import parse_period
from hub.forms.model import BrokenRule, Cell, Report, ReportLine, SectionReport, State
from hub.forms.workbook import report_workbook
from hub.registry.model import Title
from tests.forms.test_prefill import FORM, HERE, form_of
from tests.store.small_city import CATALOG

DAY = date(2026, 10, 31)
CELLS = (
    Cell(1, "1", State.FORMULA), Cell(HERE, "某村", State.FORMULA), Cell("11010119800101001X", "11010119800101001X", State.FILLED, ("police.resident",), DAY),
    Cell("1", "男", State.CONFLICTING, ("police.resident",), DAY), Cell(0, "0", State.FORMULA), Cell(DAY, "2026-10-31", State.FILLED),
    Cell("=1+1", "=1+1", State.FILLED), Cell(None, "", State.MISSING), Cell(False, "否", State.FILLED),
    Cell(Decimal("123.50"), "123.50", State.STALE), Cell(None, "", State.BLANK), Cell(Decimal("0.00"), "0.00", State.FORMULA),
    Cell(None, "", State.NOT_APPLICABLE),
)  # fmt: skip


def the_report() -> Report:
    form = form_of(FORM)
    section = SectionReport(form.sections[0], (ReportLine(1, HERE, CELLS),), 1)
    return Report(form, HERE, "某村", parse_period("2026-10"), DAY, (section,), (BrokenRule(form.rules[0], 1),))


def sheet(language: str = "zh") -> Worksheet:
    return load_workbook(io.BytesIO(report_workbook(the_report(), CATALOG, language)))["花名册" if language == "zh" else "Roster"]


def test_title_unit_period_and_merged_heads() -> None:
    page = sheet()
    assert page["A1"].value == "人员花名册"
    assert "A1:M1" in {str(area) for area in page.merged_cells.ranges}
    assert "某村" in page["A3"].value
    assert "2026-10" in page["A3"].value
    assert page["I4"].value == "待遇"
    assert "I4:K4" in {str(area) for area in page.merged_cells.ranges}
    assert [page.cell(5, column).value for column in (9, 10, 11)] == ["低保", "金额", "账号"]


def test_each_kind_of_cell() -> None:
    page = sheet()
    values = [page.cell(6, column).value for column in range(1, 14)]
    assert values == [1, "某村", "11010119800101001X", "男", 0, "2026-10-31", "=1+1", "缺", "否", 123.5, "无", 0, "不适用"]
    assert page["C6"].number_format == "@"
    assert page["C6"].data_type == "s"
    assert page["G6"].data_type == "s"
    assert page["J6"].number_format == "0.00"
    shown = {(page.cell(6, column).value, page.cell(6, column).fill.fgColor.rgb) for column in (5, 8, 11, 13)}
    assert len(shown) == 4  # zero, missing, nothing and not applicable are four things


def test_what_the_township_is_to_type_is_not_missing() -> None:
    whole = the_report()
    cells = (*CELLS[:-1], Cell(None, "", State.MISSING))  # the last column is an entry, that of 低保 is a department's
    part = replace(whole.sections[0], lines=(ReportLine(1, HERE, (*cells[:8], Cell(None, "", State.MISSING), *cells[9:])),))
    for language, word in (("zh", "待填"), ("en", "to be entered")):
        book = load_workbook(io.BytesIO(report_workbook(replace(whole, sections=(part,)), CATALOG, language)))
        entry, missing = book.active["M6"], book.active["I6"]
        assert entry.value == word
        assert missing.value != word
        assert entry.fill.fgColor.rgb != missing.fill.fgColor.rgb
        assert any(word in str(row[0].value) for row in book.active.iter_rows(min_row=8))


def test_notes_say_where_a_value_comes_from() -> None:
    page = sheet()
    assert page["C6"].comment is not None
    assert "示例" in page["C6"].comment.text
    assert "2026-10-31" in page["C6"].comment.text
    assert page["A6"].comment is None


def test_any_title_names_a_sheet() -> None:
    whole = the_report()
    titles = ("低保/特困 [2026]: 名册?", "低保/特困 [2026]: 名册*", "A" * 40, "a" * 50, "'", "")
    parts = tuple(replace(part, section=replace(part.section, title=Title(title, title))) for title in titles for part in whole.sections)
    book = load_workbook(io.BytesIO(report_workbook(replace(whole, sections=parts), CATALOG)))
    assert [sheet["A1"].value for sheet in book] == ["人员花名册"] * len(titles)
    assert book.sheetnames[:2] == ["低保 特困  2026   名册", "低保 特困  2026   名册 2"]


def test_what_stands_below() -> None:
    below = [row[0].value for row in sheet().iter_rows(min_row=8, max_row=11)]
    assert "第 1 行不符合：不满百岁" in below
    assert any("图例" in str(text) for text in below)


def test_the_same_report_gives_the_same_bytes_and_speaks_english() -> None:
    assert report_workbook(the_report(), CATALOG) == report_workbook(the_report(), CATALOG)
    page = sheet("en")
    assert page["H6"].value == "missing"
    assert page["A1"].value == "People"
    assert page["D6"].value == "sex 1"  # the code's English title; the report holds the Chinese one
    assert page["I6"].value == "no"
