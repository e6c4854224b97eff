"""Changes first: who joined, left or changed since the last frozen report, each with its reason; the rest by one act."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hub.forms.changes import ChangeKind, changes, unchanged
from hub.forms.model import Cell, Report, ReportLine, SectionReport, State
from tests.forms.test_prefill import AT, FORM, HERE, PERIOD, form_of


def with_lines(base: Report, lines: Any) -> Report:
    (section,) = base.sections
    return replace(base, sections=(replace(section, lines=tuple(lines), total_lines=len(lines)),))


def a_report(lines: int) -> Report:
    """A roster of so many lines, made of one line of the small city's form."""
    form = form_of(FORM)
    (section,) = form.sections

    def line(number: int) -> ReportLine:
        cells = tuple(
            Cell(f"{field.name} {number}", f"{field.name} {number}", State.FILLED, ("police.resident",), date(2026, 10, 31))
            for field in section.fields
        )
        return ReportLine(number, HERE, cells, subject=number, code=f"CODE{number:06d}")

    rows = tuple(line(number) for number in range(1, lines + 1))
    return Report(form, HERE, "村", PERIOD, AT, (SectionReport(section, rows, lines),), ())


def test_three_hundred_lines_of_which_five_changed_need_six_decisions() -> None:
    """F87: five that joined, left or changed, and one act for the 295 others."""
    before = a_report(300)
    lines = list(before.sections[0].lines)
    names = before.sections[0].names
    changed = list(lines[10].cells)
    changed[names.index("sex")] = replace(changed[names.index("sex")], value="2", text="女性")
    lines[10] = replace(lines[10], cells=tuple(changed))
    joined = [replace(lines[0], code=f"NEW{number}", number=300 + number) for number in (1, 2)]
    now = with_lines(before, [*lines[:100], *lines[102:], *joined])
    found = changes(before, now)
    assert [change.kind for change in found] == [ChangeKind.CHANGED, ChangeKind.JOINED, ChangeKind.JOINED, ChangeKind.LEFT, ChangeKind.LEFT]
    assert [(one.field.name, one.before.text, one.now.text) for one in found[0].cells] == [("sex", "sex 11", "女性")]
    rest = unchanged(now, found)
    assert len(rest) == 297
    assert len(found) + 1 <= 6


def test_a_line_is_the_same_wherever_it_stands() -> None:
    before = a_report(5)
    now = with_lines(before, list(reversed(before.sections[0].lines)))
    assert changes(before, now) == ()
    assert len(unchanged(now, ())) == 5


def test_what_people_type_and_formulas_are_no_change() -> None:
    before = a_report(2)
    names = before.sections[0].names
    cells = list(before.sections[0].lines[0].cells)
    for name in ("school", "age", "number"):
        cells[names.index(name)] = replace(cells[names.index(name)], text="other")
    now = with_lines(before, [replace(before.sections[0].lines[0], cells=tuple(cells)), before.sections[0].lines[1]])
    assert changes(before, now) == ()


def test_with_what_changed_stands_what_is_worked_out_of_it() -> None:
    before = a_report(2)
    names = before.sections[0].names
    first, second = before.sections[0].lines
    cells = list(first.cells)
    for name in ("birth_date", "age"):
        cells[names.index(name)] = replace(cells[names.index(name)], text="other")
    grown = list(second.cells)
    grown[names.index("age")] = replace(grown[names.index("age")], text="a year older")
    now = with_lines(before, [replace(first, cells=tuple(cells)), replace(second, cells=tuple(grown))])
    (change,) = changes(before, now)
    assert [one.field.name for one in change.cells] == ["birth_date", "age"]


def test_who_left_stands_in_the_columns_of_now() -> None:
    """The form has another version since: a cell still stands where the page looks for it."""
    before = a_report(2)
    (section,) = before.sections
    other = replace(section.section, fields=tuple(reversed(section.section.fields[1:])))
    now = replace(before, sections=(SectionReport(other, (), 0),))
    left = changes(before, now)
    assert [change.kind for change in left] == [ChangeKind.LEFT, ChangeKind.LEFT]
    names = [field.name for field in other.fields]
    assert [change.line.cells[names.index("sex")].text for change in left] == ["sex 1", "sex 2"]
