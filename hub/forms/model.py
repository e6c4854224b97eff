"""A report as data: sections of lines of cells, each with value, state, sources and date. Nothing here reads or decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from hub.core.clock import Period
from hub.registry.model import FieldKind, Form, FormField, ReportRule, Section

Value = str | int | Decimal | date | bool | tuple[str, ...] | None


class State(StrEnum):
    """What a cell is. Zero, blank, not applicable and missing are four things, wherever they are shown."""

    FILLED = "filled"
    BLANK = "blank"  # a source that covers this subject says that there is nothing
    MISSING = "missing"  # nobody has spoken
    CONFLICTING = "conflicting"  # two departments differ, and the conflict is open
    STALE = "stale"  # there is a value, older than its department promised
    FORMULA = "formula"
    NOT_APPLICABLE = "not_applicable"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    ENTERED = "entered"


@dataclass(frozen=True, slots=True)
class Objection:
    """What somebody says against a value or a line. ``kind``: of ``hub.forms.objections.ObjectionKind``; ``proposed`` and ``source``: what
    they say it should be and what the department says, as people read them; ``state``: open, accepted, rejected; ``answer``: why."""

    id: int
    kind: str
    proposed: str
    source: str
    state: str
    deadline: date
    answer: str = ""

    @property
    def is_open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True, slots=True)
class Cell:
    """``value``: as computed (a code, a number, a date); ``text``: as people read it (the code's title).

    ``sources``: contract ids behind it, sorted; ``as_of``: the oldest date among them (None: no source). ``subject``: the hub's
    number for whom the value is of, where it is a register's (never printed). ``objection``: the newest one to this value.
    """

    value: Value
    text: str
    state: State
    sources: tuple[str, ...] = ()
    as_of: date | None = None
    subject: int | None = field(default=None, compare=False)
    objection: Objection | None = None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line. ``place``: the division code that it belongs to; ``subject``: of a roster, the hub's own number for whom it is
    about (never printed); ``total``: the line that adds the others up. ``code``: what people and programs call the line by, the
    same in every period and wherever it stands: ten signs for a subject or record, the place's own code for a figure's line.
    ``confirmed``: somebody said that what departments say in it is right. ``objection``: the newest one to the whole line."""

    number: int
    place: str
    cells: tuple[Cell, ...]
    subject: int | None = None
    total: bool = False
    code: str = ""
    confirmed: bool = False
    objection: Objection | None = None


@dataclass(frozen=True, slots=True)
class SectionReport:
    """A section filled in: its fields are the columns. ``lines`` may be one page of ``total_lines``. ``measured``: figures that no
    column shows and a formula or rule names, by measure, each with a cell a line."""

    section: Section
    lines: tuple[ReportLine, ...]
    total_lines: int
    measured: Mapping[str, tuple[Cell, ...]] = field(default_factory=dict, compare=False)

    def cell(self, line: ReportLine, name: str) -> Cell:
        return line.cells[self.names.index(name)]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.section.fields)


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule of the form that a line breaks."""

    rule: ReportRule
    line: int


@dataclass(frozen=True, slots=True)
class Report:
    """A form for one unit and one period, filled in."""

    form: Form
    unit: str
    unit_name: str
    period: Period
    at: date
    sections: tuple[SectionReport, ...]
    broken: tuple[BrokenRule, ...]

    def cells(self) -> Iterator[tuple[FormField, Cell]]:
        """Every cell with its field."""
        for section in self.sections:
            for line in section.lines:
                yield from zip(section.section.fields, line.cells, strict=True)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of a report came without typing. Shareable: cells that are no entries; blank counts as filled."""

    cells: int
    shareable: int
    filled: int
    missing: int


def counts(report: Report) -> Counts:
    """The counts of all cells shown."""
    cells = list(report.cells())
    shareable = [cell for field, cell in cells if field.kind is not FieldKind.ENTRY and cell.state is not State.NOT_APPLICABLE]
    missing = sum(cell.state is State.MISSING for cell in shareable)
    return Counts(len(cells), len(shareable), len(shareable) - missing, missing)
