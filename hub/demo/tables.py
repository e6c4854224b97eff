"""A report as tables for a terminal: each cell with its value and a mark for the dataset it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from rich.console import Console
from rich.table import Table

from hub.forms.model import Cell, Report, ReportLine, SectionReport, State
from hub.registry.model import Catalog, FieldKind, FormField
from hub.web.shown.values import department_name

_MARKS = {State.BLANK: "—", State.MISSING: "缺", State.NOT_APPLICABLE: "×"}
_NUMBERS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_TITLES, _LINE = 26, 26  # columns of a terminal: for the fields' titles, and for one line of a roster


def print_report(report: Report, catalog: Catalog, console: Console) -> None:
    """One table a section, fields downwards: a roster has more columns than any terminal, so as many of its first lines stand side
    by side as have room. Below it the datasets behind the marks, each with its date."""
    console.print(f"{report.form.title.zh}  {report.unit_name}  {report.period.text}", style="bold")
    for section in report.sections:
        shown = section.lines[: max(1, (console.width - _TITLES) // _LINE)]
        if section.total_lines > 1:
            console.print(f"前 {len(shown)} 行，共 {section.total_lines} 行  the first {len(shown)} of {section.total_lines} lines")
        dated = _dated(shown)
        marks = dict(zip(sorted(dated), _NUMBERS, strict=False))
        console.print(_table(section, shown, marks))
        for source, day in sorted(dated.items()):
            contract = catalog.contracts[source]
            console.print(
                f"  {marks.get(source, '')} {contract.title.zh}（{department_name(catalog, contract.department)}） {day}",
                highlight=False,
                markup=False,
            )
        console.print("  — 无 blank  缺 missing  待填 to be entered")


def _dated(shown: Sequence[ReportLine]) -> dict[str, date]:
    """The date of each dataset: a cell of several has that of the oldest, so the latest seen is a dataset's own."""
    dated: dict[str, date] = {}
    for cell in (cell for line in shown for cell in line.cells):
        if cell.as_of is not None:
            dated |= {source: max(dated.get(source, cell.as_of), cell.as_of) for source in cell.sources}
    return dated


def _table(section: SectionReport, shown: Sequence[ReportLine], marks: Mapping[str, str]) -> Table:
    table = Table()
    table.add_column("项目", overflow="fold")
    for number in range(1, len(shown) + 1):
        table.add_column(f"第 {number} 行" if section.total_lines > 1 else "数值", overflow="fold")
    for place, field in enumerate(section.section.fields):
        cells = [line.cells[place] for line in shown]
        table.add_row(field.title.zh, *(_text(field, cell) + "".join(marks.get(s, "") for s in sorted(cell.sources)) for cell in cells))
    return table


def _text(field: FormField, cell: Cell) -> str:
    """What people read: an empty entry waits for them, an empty cell of a department is missing."""
    if field.kind is FieldKind.ENTRY and cell.state is State.MISSING:
        return "待填"
    return cell.text or _MARKS.get(cell.state, "")
