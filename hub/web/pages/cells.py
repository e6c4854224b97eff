"""Cells as a page shows them: shape, word and colour of a state, notes of where a value comes from, what may be typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hub.core.messages import word
from hub.forms.display import TO_ENTER, joined, state_of
from hub.forms.edits import marks
from hub.forms.entries import Entry, entries
from hub.forms.messages import STATES
from hub.forms.model import Cell, ReportLine, SectionReport, State
from hub.forms.objection_notes import objection_note
from hub.forms.reader import Reader
from hub.forms.working import Worked
from hub.registry.load_forms import OBSERVATION
from hub.registry.model import Catalog, FieldKind, FormField, Section, Title, ValueType
from hub.store.comments import commented
from hub.web.context import Asked
from hub.web.pages.naming import name_column
from hub.web.pages.texts import TEXTS

# A state is told by a shape, a word and a colour; the legend shows them in this order.
SHAPES = {
    "filled": "", "formula": "ƒ", "blank": "○", "missing": "▲", TO_ENTER: "✎", "conflicting": "◆", "stale": "◷", "not_applicable": "—",
    "objected": "◈", "confirmed": "✓", "entered": "■",
}  # fmt: skip
LEGEND = tuple(SHAPES)
_GIVEN_BY = {FieldKind.ELEMENT: "department", FieldKind.MEASURE: "department", FieldKind.ENTRY: "person", FieldKind.FORMULA: "form"}
_TYPES = {ValueType.BOOLEAN: "boolean", ValueType.DATE: "date", ValueType.MONTH: "month"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as the page shows it. ``note``: the number of the note that says where it comes from; ``version``: of a cell that is
    typed, else None; ``by``: who gives the value: department, person or form."""

    name: str
    text: str
    state: str
    shape: str
    word: str
    note: int
    numeric: bool
    version: str | None
    by: str
    commented: bool


@dataclass(frozen=True, slots=True)
class Row:
    """``place``: the name of its unit; ``name``: of the person in it; ``mark``: what a confirmation of it says; None where nothing is to be confirmed; ``flag``: what
    is objected to about the line as a whole."""

    line: ReportLine
    unit: str
    place: str
    name: str
    mark: str | None
    cells: tuple[Shown, ...]
    flag: str


@dataclass(frozen=True, slots=True)
class Typing:
    """How a column is typed: its kind of value, and the codes to choose from."""

    kind: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ColumnSource:
    title: str
    sources: str
    as_of: date | None


class Rows:
    """The lines of a page with their cells as shown. Notes are kept once each: many cells have the same source, date and state."""

    def __init__(self, asked: Asked, parts: Sequence[Worked], at: date) -> None:
        """``at``: the report's day."""
        self._asked, self._catalog, self._language, self._at = asked, asked.hub.catalog, asked.language, at
        self._numbers: dict[tuple[str, ...], int] = {}
        self._parts = {part.unit: part for part in parts}
        self._unit_of = {line.code: part.unit for part in parts for section in part.base.sections for line in section.lines}
        self._marks = {code: mark for part in parts for code, mark in marks(part.base).items()}
        with asked.hub.engine.connect() as connection:
            self._commented = {} if not parts else commented(connection, parts[0].base.form.id, parts[0].base.period.text, self._parts)
        self._base = {line.code: (section, line) for part in parts for section in part.base.sections for line in section.lines}

    @property
    def notes(self) -> list[tuple[str, ...]]:
        return list(self._numbers)

    def typed(self, section: Section) -> Mapping[str, Entry]:
        return entries(self._catalog, section, self._asked.hub.today())

    def rows(self, section: SectionReport) -> list[Row]:
        reader, typed = Reader(self._catalog, section.section, self._language), self.typed(section.section)
        named = name_column(self._catalog, section.section)
        return [self._row(section, reader, typed, line, named) for line in section.lines]

    def _row(self, section: SectionReport, reader: Reader, typed: Mapping[str, Entry], line: ReportLine, named: str | None) -> Row:
        unit = self._unit_of.get(line.code, line.place)
        place = self._catalog.code_lists["division"].codes[unit].title.zh
        summed = line.total or line.code not in self._base
        cells = tuple(
            self._shown(
                reader,
                field,
                cell,
                self._commented.get((line.code, field.name), 0),
                None if summed or field.name not in typed else self._version(unit, line, field.name),
            )
            for field, cell in zip(section.section.fields, line.cells, strict=True)
        )
        flag = "" if line.objection is None else objection_note(line.objection, self._language)
        name = "" if named is None else section.cell(line, named).text
        return Row(line, unit, place, name, None if summed else self._marks.get(line.code), cells, flag)

    def _version(self, unit: str, line: ReportLine, name: str) -> str:
        section, base = self._base[line.code]
        return self._parts[unit].typed.version(line.code, name, section.cell(base, name))

    def _shown(self, reader: Reader, field: FormField, cell: Cell, comments: int, version: str | None) -> Shown:
        state = state_of(field, cell)
        number = self._numbers.setdefault(self._note(field, cell, state, comments), len(self._numbers))
        numeric = isinstance(cell.value, bool) is False and not isinstance(cell.value, str | date | tuple) and cell.value is not None
        text = STATES[state].text(self._language)
        return Shown(
            field.name,
            reader.text(field, cell),
            state,
            SHAPES.get(state, ""),
            text,
            number,
            numeric,
            version,
            _GIVEN_BY[field.kind],
            comments > 0,
        )

    def _note(self, field: FormField, cell: Cell, state: str, comments: int) -> tuple[str, ...]:
        def text(name: str, **values: object) -> str:
            return TEXTS[name].text(self._language, values)

        lines = [text("cell_state", state=STATES[state].text(self._language))]
        if state == TO_ENTER:
            lines.append(text(_to_type(field)))
        elif state == State.MISSING:
            lines.append(text("cell_nobody"))
        elif state == State.NOT_APPLICABLE:
            lines.append(text("cell_no_base" if field.kind is FieldKind.FORMULA and field.applies is None else "cell_not_asked"))
        elif state == State.FORMULA:
            lines.append(text("cell_computed" if cell.sources else "cell_of_report"))
        as_of = cell.as_of
        if cell.sources:
            lines.append(text("cell_source", sources=source_titles(self._catalog, cell.sources, self._language)))
        elif state == State.FORMULA:  # a line's number, a place's name: no department is behind them
            lines.append(text("cell_source", sources=text("this_report")))
            as_of = self._at
        if as_of is not None:
            lines.append(text("cell_as_of", as_of=as_of.isoformat()))
        if cell.objection is not None:
            lines.append(objection_note(cell.objection, self._language))
        if comments:
            lines.append(text("cell_comments", count=comments))
        return tuple(lines)


def typing_of(catalog: Catalog, typed: Mapping[str, Entry], language: str) -> dict[str, Typing]:
    """How the typed columns of a section are typed, by name."""
    found = {}
    for name, entry in typed.items():
        kind = "number" if entry.is_number else _TYPES.get(entry.element.type, "text")
        choices = tuple((code, word(title, language)) for code, title in entry.choices(catalog).items())
        found[name] = Typing("code" if choices else kind, choices)
    return found


def _to_type(field: FormField) -> str:
    """The name of the text that says what becomes of an entry."""
    if field.keep:
        return "cell_kept"
    return "cell_observed" if field.expression.startswith(OBSERVATION) else "cell_typed"


def source_titles(catalog: Catalog, contracts: tuple[str, ...], language: str) -> str:
    """The contracts as people call them, each with whom to ask."""
    template = "{title} ({contact})" if language == "en" else "{title}（{contact}）"
    found = [catalog.contracts[c] for c in contracts if c in catalog.contracts]
    return joined([template.format(title=word(one.title, language), contact=one.contact) for one in found], language)


def heads(section: SectionReport) -> list[tuple[Title | None, int]]:
    """The upper row of heads: (group or None, how many columns)."""
    runs: list[tuple[Title | None, int]] = []
    for field in section.section.fields:
        if runs and runs[-1][0] == field.group and field.group is not None:
            runs[-1] = (field.group, runs[-1][1] + 1)
        else:
            runs.append((field.group, 1))
    return runs


def by_column(catalog: Catalog, section: SectionReport, language: str) -> list[ColumnSource]:
    """What stands behind each column, for print and for whoever cannot hover."""
    found = []
    for position, field in enumerate(section.section.fields):
        cells = [row.cells[position] for row in section.lines]
        sources = tuple(sorted({source for cell in cells for source in cell.sources}))
        as_of = min((cell.as_of for cell in cells if cell.as_of is not None), default=None)
        found.append(ColumnSource(word(field.title, language), source_titles(catalog, sources, language), as_of))
    return found
