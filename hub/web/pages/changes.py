"""What a report's page shows first: who joined, left or changed since the last frozen report, with source, date and reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hub.core.messages import word
from hub.forms.changes import CellChange, ChangeKind, LineChange
from hub.forms.comparing import Comparison
from hub.forms.edits import line_of, mark_of
from hub.forms.model import SectionReport
from hub.forms.objection_notes import objection_note
from hub.forms.reader import Reader
from hub.forms.working import Worked
from hub.registry.model import Catalog, FieldKind
from hub.web.context import Asked
from hub.web.pages.cells import source_titles
from hub.web.pages.naming import name_column
from hub.web.pages.texts import TEXTS

_SOURCES = 6  # of one change: a line of figures has them all
_SIGNS = {ChangeKind.JOINED: "＋", ChangeKind.LEFT: "－", ChangeKind.CHANGED: "≠"}


@dataclass(frozen=True, slots=True)
class CellShown:
    """``figure``: the column, where the reason of a figure's difference can be asked for."""

    title: str
    before: str
    now: str
    difference: str
    figure: str


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """``seen``: what confirming it says: unit, line and mark; empty where the line left or is confirmed already."""

    kind: str
    sign: str
    word: str
    unit: str
    place: str
    who: str
    code: str
    seen: str
    confirmed: bool
    reason: str
    cells: tuple[CellShown, ...]
    sources: tuple[tuple[str, date | None], ...]


@dataclass(frozen=True)
class ChangesShown:
    """``rest``: how many lines are as they were, ``rest_waiting`` of them not yet confirmed; ``reports``: what they repeat, each
    (period, digest)."""

    rows: tuple[ChangeShown, ...]
    rest: int
    rest_waiting: int
    reports: tuple[tuple[str, str], ...]


def shown(asked: Asked, parts: Sequence[Worked], found: Mapping[str, Comparison]) -> ChangesShown | None:
    """None where no part has an earlier frozen report."""
    if not found:
        return None
    rows, rest, waiting = [], 0, 0
    for part in parts:
        if (made := found.get(part.unit)) is None:
            continue
        rows += [_row(asked, part, made, change) for change in made.changes]
        rest += len(made.unchanged)
        confirmed = {line.code for section in part.report.sections for line in section.lines if line.confirmed}
        waiting += len(set(made.unchanged) - confirmed)
    reports = tuple(dict.fromkeys((made.period, made.digest) for made in found.values()))
    return ChangesShown(tuple(rows), rest, waiting, reports)


def _row(asked: Asked, part: Worked, made: Comparison, change: LineChange) -> ChangeShown:
    catalog, language = asked.hub.catalog, asked.language
    section = next(one for one in part.base.sections if one.section.name == change.section)
    reader = Reader(catalog, section.section, language)
    left = change.kind is ChangeKind.LEFT
    confirmed = any(line.confirmed for one in part.report.sections for line in one.lines if line.code == change.line.code)
    seen = "" if left or confirmed else f"{part.unit}:{change.line.code}:{mark_of(change.line, section)}"
    why = made.why.get(change.line.code)
    reasons = _corrections(part, change, language) if why is None else [why.text(language)]
    new = (
        [cell for cell in change.line.cells if cell.sources][:1] if change.kind is ChangeKind.JOINED else [one.now for one in change.cells]
    )
    sources = dict.fromkeys((source_titles(catalog, cell.sources, language), cell.as_of) for cell in new if cell.sources)
    return ChangeShown(
        change.kind.value, _SIGNS[change.kind], TEXTS[f"change_{change.kind.value}"].text(language), part.unit,
        catalog.code_lists["division"].codes[part.unit].title.zh, _who(catalog, section, change), change.line.code, seen, confirmed,
        TEXTS["comma"].text(language).join(reasons), tuple(_cell(reader, language, one) for one in change.cells), tuple(sources)[:_SOURCES],
    )  # fmt: skip


def _corrections(part: Worked, change: LineChange, language: str) -> list[str]:
    """Why values of a line are others: the answers to objections to them."""
    found = line_of(part.report, change.line.code)
    if found is None or change.kind is not ChangeKind.CHANGED:
        return []
    section, line = found
    said = [section.cell(line, one.field.name).objection for one in change.cells]
    return [objection_note(one, language) for one in said if one is not None and one.state == "accepted"]


def _cell(reader: Reader, language: str, one: CellChange) -> CellShown:
    difference = "" if one.difference is None else f"{one.difference:+}"
    figure = one.field.name if one.field.kind is FieldKind.MEASURE else ""
    return CellShown(
        word(one.field.title, language), reader.text(one.field, one.before) or "—", reader.text(one.field, one.now) or "—", difference,
        figure,
    )  # fmt: skip


def _who(catalog: Catalog, section: SectionReport, change: LineChange) -> str:
    """The person's name that stands in the line; of a line of figures, nobody."""
    name = name_column(catalog, section.section)
    return "" if name is None else change.line.cells[section.names.index(name)].text
