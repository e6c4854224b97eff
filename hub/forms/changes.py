"""What is different from the report before: lines that joined, left or changed. Pure, and by line codes, wherever lines stand.

Compared is what departments say, and what is worked out of what changed there; what people type is this period's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hub.forms.finishing import read_formula
from hub.forms.layouts import in_columns
from hub.forms.model import Cell, Report, ReportLine, SectionReport
from hub.registry.model import FieldKind, FormField, SectionKind


class ChangeKind(StrEnum):
    JOINED = "joined"
    LEFT = "left"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell, before and now. ``difference``: of figures, now less before."""

    field: FormField
    before: Cell
    now: Cell
    difference: int | Decimal | None = None


@dataclass(frozen=True, slots=True)
class LineChange:
    """``line``: the line as it is now, of one that left as it was. ``section``: the section's name."""

    kind: ChangeKind
    section: str
    line: ReportLine
    cells: tuple[CellChange, ...] = ()


def changes(before: Report, now: Report) -> tuple[LineChange, ...]:
    """Those that joined or changed in the order of the report, then those that left."""
    found: list[LineChange] = []
    for section in now.sections:
        earlier = next((one for one in before.sections if one.section.name == section.section.name), None)
        if earlier is not None:
            found += _section(earlier, section)
    return tuple(found)


def unchanged(now: Report, found: tuple[LineChange, ...]) -> tuple[str, ...]:
    """The codes of the lines of rosters that are as they were: one act confirms them all."""
    different = {change.line.code for change in found}
    rosters = [section for section in now.sections if section.section.kind is SectionKind.ROSTER]
    return tuple(line.code for section in rosters for line in section.lines if line.code not in different)


def _section(before: SectionReport, now: SectionReport) -> list[LineChange]:
    name, was = now.section.name, {line.code: line for line in before.lines if not line.total}
    found: list[LineChange] = []
    for line in now.lines:
        if line.total:
            continue
        old = was.pop(line.code, None)
        if old is None:
            found.append(LineChange(ChangeKind.JOINED, name, line))
        elif cells := _cells(before, now, old, line):
            found.append(LineChange(ChangeKind.CHANGED, name, line, cells))
    return found + [LineChange(ChangeKind.LEFT, name, in_columns(line, before, now.section)) for line in was.values()]


def _cells(before: SectionReport, now: SectionReport, old: ReportLine, line: ReportLine) -> tuple[CellChange, ...]:
    was: Mapping[str, Cell] = dict(zip(before.names, old.cells, strict=True))
    found = []
    for field, cell in zip(now.section.fields, line.cells, strict=True):
        if field.kind in (FieldKind.ELEMENT, FieldKind.MEASURE) and field.name in was and was[field.name].text != cell.text:
            found.append(CellChange(field, was[field.name], cell, _difference(was[field.name], cell)))
    return tuple(found + _following(found, was, now, line))


def _following(found: Sequence[CellChange], was: Mapping[str, Cell], now: SectionReport, line: ReportLine) -> list[CellChange]:
    """The formulas that come out otherwise because of these changes: an age that grows by itself is none of them."""
    changed = {one.field.name for one in found}
    following: list[CellChange] = []
    waiting = [field for field in now.section.fields if field.kind is FieldKind.FORMULA and field.name in was]
    while ready := [field for field in waiting if read_formula(field.expression)[1].fields & changed]:
        waiting = [field for field in waiting if field not in ready]
        for field in ready:
            before, cell = was[field.name], now.cell(line, field.name)
            if before.text != cell.text:
                changed.add(field.name)
                following.append(CellChange(field, before, cell, _difference(before, cell)))
    return following


def _difference(before: Cell, now: Cell) -> int | Decimal | None:
    one, other = before.value, now.value
    if isinstance(one, bool) or isinstance(other, bool) or not isinstance(one, int | Decimal) or not isinstance(other, int | Decimal):
        return None
    return other - one
