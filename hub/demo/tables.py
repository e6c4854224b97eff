"""A report as tables for a terminal: each cell with its value and a mark for the department it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.table import Table

from hub.forms.model import Cell, Report, SectionReport, State
from hub.registry.model import Catalog, Contract, FieldKind, FormField

SHOWN_LINES = 8
_MARKS = {State.BLANK: "—", State.MISSING: "缺", State.NOT_APPLICABLE: "×"}
_NUMBERS = "①②③④⑤⑥⑦⑧⑨"


def report_tables(report: Report, catalog: Catalog) -> Iterator[Table]:
    """One table a section."""
    for section in report.sections:
        title = f"{report.form.title.zh}  {report.unit_name}  {report.period.text}"
        if len(section.lines) == 1:
            yield _turned(section, title)
        else:
            yield _roster(section, title, {c.id: department(c) for c in catalog.contracts.values()})


def department(contract: Contract) -> str:
    """The department as people call it: the first word of the contract's contact."""
    return (contract.contact.split() or [contract.department])[0]


def _turned(section: SectionReport, title: str) -> Table:
    """One line on its side, so that each figure has room for its source."""
    table = Table("项目", "数值", "来源 source", "截至 as of", title=title)
    for field, cell in zip(section.section.fields, section.lines[0].cells, strict=True):
        table.add_row(field.title.zh, _text(field, cell), ", ".join(cell.sources), str(cell.as_of or ""))
    return table


def _roster(section: SectionReport, title: str, departments: Mapping[str, str]) -> Table:
    shown = section.lines[:SHOWN_LINES]
    sources = sorted({(departments[s], str(c.as_of)) for line in shown for c in line.cells for s in c.sources if c.as_of})
    names = list(dict.fromkeys(name for name, _ in sources))
    marks = dict(zip(names, _NUMBERS, strict=False))
    legend = "  ".join(f"{marks.get(name, '')}{name} {min(day for n, day in sources if n == name)}" for name in names)
    table = Table(
        title=f"{title}（前 {len(shown)} 行，共 {section.total_lines} 行）",
        caption=f"来源和截至日期 sources: {legend}  — 无 blank  缺 missing  待填 to be entered",
    )
    for field in section.section.fields:
        table.add_column(field.title.zh, overflow="fold")
    for line in shown:
        cells = zip(section.section.fields, line.cells, strict=True)
        table.add_row(*(_text(f, c) + "".join(sorted({marks.get(departments[s], "") for s in c.sources})) for f, c in cells))
    return table


def _text(field: FormField, cell: Cell) -> str:
    """What people read: an empty entry waits for them, an empty cell of a department is missing."""
    if field.kind is FieldKind.ENTRY and cell.state is State.MISSING:
        return "待填"
    return cell.text or _MARKS.get(cell.state, "")
