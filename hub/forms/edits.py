"""What people make of a filled report: values typed, cells cleared or marked as not applicable, lines confirmed.

Pure: the computed report and the edits give the report as people see it; taking an edit back gives the computed cell again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as with_default
from datetime import date
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from hub.core.clock import from_microseconds
from hub.forms.canonical import plain
from hub.forms.combining import judged
from hub.forms.context import period_parameters
from hub.forms.finishing import finished
from hub.forms.model import Cell, Report, ReportLine, SectionReport, State
from hub.forms.stored import kind_of_value, value_of
from hub.registry.model import Catalog, FieldKind
from hub.store.edits import Edit


class EditKind(StrEnum):
    ENTER = "enter"
    CLEAR = "clear"
    NOT_APPLICABLE = "not_applicable"
    RESTORE = "restore"  # take back what was typed: the cell is again what was filled in
    CONFIRM = "confirm"  # lines, each with the mark of what was seen
    UNCONFIRM = "unconfirm"


OF_CELLS = frozenset({EditKind.ENTER, EditKind.CLEAR, EditKind.NOT_APPLICABLE, EditKind.RESTORE})


@dataclass
class Typed:
    """The edits of one report, folded: the last one of each cell by (line code, field), and each line's confirmed mark."""

    cells: dict[tuple[str, str], Edit] = with_default(default_factory=dict)
    marks: dict[str, str] = with_default(default_factory=dict)

    def version(self, line: str, field: str, filled: Cell) -> str:
        """The version of the cell that was ``filled`` there, with its last edit."""
        return version_of(filled, self.cells.get((line, field)))


def folded(edits: Iterable[Edit]) -> Typed:
    """``edits``: oldest first."""
    typed = Typed()
    for edit in edits:
        match EditKind(edit.kind):
            case EditKind.CONFIRM:
                typed.marks.update(edit.content["lines"])
            case EditKind.UNCONFIRM:
                for code in edit.content["lines"]:
                    typed.marks.pop(code, None)
            case _:
                typed.cells[edit.line, edit.field] = edit
    return typed


def mark_of(line: ReportLine, section: SectionReport) -> str:
    """What stands for all that departments say in a line: a confirmation holds for as long as it is the same."""
    said = [cell.text for field, cell in zip(section.section.fields, line.cells, strict=True) if field.kind in _SAID]
    return blake2b("\x1f".join(said).encode(), digest_size=8).hexdigest()


_SAID = frozenset({FieldKind.ELEMENT, FieldKind.MEASURE})


def version_of(cell: Cell, edit: Edit | None) -> str:
    """The version of a cell, for ``If-Match``: the key of its last edit, and what was filled in beneath it."""
    beneath = blake2b(f"{cell.state}\x1f{cell.text}".encode(), digest_size=4).hexdigest()
    return f"{edit.key if edit is not None else ''}.{beneath}"


def worked(catalog: Catalog, report: Report, typed: Typed) -> Report:
    """The computed report with what people made of it. Formulas and rules are worked out again where something was typed."""
    sections = tuple(_section(catalog, report, section, typed) for section in report.sections)
    changed = replace(report, sections=sections)
    return judged(catalog, changed) if typed.cells else changed


def _section(catalog: Catalog, report: Report, section: SectionReport, typed: Typed) -> SectionReport:
    codes = {line.code for line in section.lines}
    touched = any(code in codes for code, _ in typed.cells)
    lines = tuple(_line(section, line, typed) for line in section.lines)
    made = replace(section, lines=lines)
    return finished(catalog, period_parameters(report.period), made) if touched else made


def _line(section: SectionReport, line: ReportLine, typed: Typed) -> ReportLine:
    confirmed = typed.marks.get(line.code) == mark_of(line, section) and not line.total
    cells = list(line.cells)
    for place, column in enumerate(section.section.fields):
        edit = typed.cells.get((line.code, column.name))
        if edit is not None:
            cells[place] = typed_cell(cells[place], edit)
        elif confirmed and column.kind in _SAID and cells[place].state in (State.FILLED, State.STALE):
            cells[place] = replace(cells[place], state=State.CONFIRMED)
    return replace(line, cells=tuple(cells), confirmed=confirmed)


def typed_cell(filled: Cell, edit: Edit) -> Cell:
    """The cell as an edit leaves it."""
    day: date = from_microseconds(edit.at).date()
    match EditKind(edit.kind):
        case EditKind.ENTER:
            content = edit.content
            return replace(
                filled, value=value_of(content["value"], content["type"]), text=content["text"], state=State.ENTERED, sources=(), as_of=day
            )
        case EditKind.CLEAR:
            return replace(filled, value=None, text="", state=State.BLANK, sources=(), as_of=day)
        case EditKind.NOT_APPLICABLE:
            return replace(filled, value=None, text="", state=State.NOT_APPLICABLE, sources=(), as_of=day)
        case _:
            return filled


def entered(value: Any, text: str) -> Mapping[str, Any]:
    """The content of an edit that enters this value."""
    return {"value": plain(value), "text": text, "type": kind_of_value(value)}


def unconfirmed(report: Report) -> list[tuple[SectionReport, ReportLine]]:
    """The lines that wait for somebody to say that they are right: those in which a department says something. One that is objected
    to as a whole does not wait: somebody has said that it is wrong."""
    return [
        (section, line)
        for section in report.sections
        if any(field.kind in _SAID for field in section.section.fields)
        for line in section.lines
        if not line.confirmed and not line.total and not (line.objection is not None and line.objection.is_open)
    ]


def line_of(report: Report, code: str) -> tuple[SectionReport, ReportLine] | None:
    """The line of that code, with its section."""
    return next(((section, line) for section in report.sections for line in section.lines if line.code == code), None)


def marks(report: Report, codes: Sequence[str] | None = None) -> dict[str, str]:
    """The marks of the lines of these codes (None: of all) as they are now."""
    wanted = None if codes is None else set(codes)
    return {
        line.code: mark_of(line, section)
        for section in report.sections
        for line in section.lines
        if not line.total and (wanted is None or line.code in wanted)
    }
