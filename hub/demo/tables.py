"""A report as tables for a terminal: each cell with its value and the department it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from hub.forms.model import Report, SectionReport, State
from hub.registry.model import Catalog

SHOWN_LINES = 8
_MARKS = {State.BLANK: "—", State.MISSING: "缺", State.NOT_APPLICABLE: "×"}


def report_tables(report: Report, catalog: Catalog) -> Iterator[Table]:
    """One table a section."""
    for section in report.sections:
        title = f"{report.form.title.zh}  {report.unit_name}  {report.period.text}"
        if len(section.lines) == 1:
            yield _turned(section, title)
        else:
            yield _roster(section, title, {c.id: c.department for c in catalog.contracts.values()})


def _turned(section: SectionReport, title: str) -> Table:
    """One line on its side, so that each figure has room for its source."""
    table = Table("项目", "数值", "来源 source", "截至 as of", title=title)
    for field, cell in zip(section.section.fields, section.lines[0].cells, strict=True):
        table.add_row(field.title.zh, _text(cell.text, cell.state), ", ".join(cell.sources), str(cell.as_of or ""))
    return table


def _roster(section: SectionReport, title: str, departments: dict[str, str]) -> Table:
    shown = section.lines[:SHOWN_LINES]
    table = Table(title=f"{title}（前 {len(shown)} 行，共 {section.total_lines} 行；每格下为来源）")
    for field in section.section.fields:
        table.add_column(field.title.zh, overflow="fold")
    for line in shown:
        table.add_row(*(f"{_text(c.text, c.state)}\n[dim]{_named(c.sources, departments)}[/]" for c in line.cells))
    return table


def _named(sources: tuple[str, ...], departments: dict[str, str]) -> str:
    return ",".join(sorted({departments[source] for source in sources}))


def _text(text: str, state: State) -> str:
    return text or _MARKS.get(state, "")
