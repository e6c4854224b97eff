"""For the township: what is due, and one report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from hub.forms.display import TO_ENTER, joined, state_of, unit_text
from hub.forms.filling import page_of
from hub.forms.messages import STATES
from hub.forms.model import Cell, ReportLine, SectionReport, State, counts
from hub.forms.reader import Reader
from hub.registry.load_forms import OBSERVATION
from hub.registry.model import Catalog, FieldKind, FormField, Title
from hub.web.context import Asked, AskPage
from hub.web.pages.rendering import Pages
from hub.web.pages.texts import TEXTS
from hub.web.shown.reports import periods, townships
from hub.web.shown.values import word
from hub.web.shown.work import look_at

router = APIRouter()
LINES = 100

# A state is told by a shape, a word and a colour; the legend shows them in this order.
SHAPES = {
    "filled": "", "formula": "ƒ", "blank": "○", "missing": "▲", TO_ENTER: "✎", "conflicting": "◆", "stale": "◷", "not_applicable": "—",
    "objected": "◆", "confirmed": "✓", "entered": "",
}  # fmt: skip


LEGEND = ("filled", "formula", "blank", "missing", TO_ENTER, "conflicting", "stale", "not_applicable")


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as the page shows it. ``note``: the number of the note that says where it comes from."""

    text: str
    state: str
    shape: str
    word: str
    note: int
    numeric: bool


@dataclass(frozen=True, slots=True)
class ColumnSource:
    title: str
    sources: str
    as_of: date | None


@router.get("/reports")
def due(request: Request, asked: AskPage, township: str = "") -> Response:
    pages: Pages = request.app.state.pages
    found = townships(asked)
    chosen = next((one for one in found if one.unit.code == township), found[0] if found else None)
    forms = [(form, periods(asked, form)) for form in asked.hub.catalog.forms.values()]
    return pages.page(request, asked, "due.html", townships=found, chosen=chosen, forms=forms, today=asked.hub.today())


@router.get("/reports/{form}/{unit}/{period}")
def report(
    request: Request, asked: AskPage, form: str, unit: str, period: str, line: Annotated[int, Query(ge=1)] = 1, lines: str = ""
) -> Response:
    pages: Pages = request.app.state.pages
    whole = look_at(asked, form, unit, period).report
    limit = max(LINES, max(section.total_lines for section in whole.sections)) if lines == "all" else LINES
    part = page_of(whole, line - 1, limit)
    notes = Notes(asked, whole.at)
    sections = [(section, _heads(section), notes.lines(section)) for section in part.sections]
    return pages.page(
        request, asked, "report.html", report=part, counts=counts(whole), sections=sections, notes=notes.texts,
        legend=[(state, SHAPES[state], STATES[state].text(asked.language)) for state in LEGEND],
        by_column=[_by_column(asked.hub.catalog, section, asked.language) for section in whole.sections], first=line, limit=limit,
        unit_path=unit, form_id=form, measured_in=lambda unit: unit_text(unit, asked.language),
    )  # fmt: skip


class Notes:
    """The notes of a page's cells, each text once: many cells have the same source, date and state. ``at``: the report's day."""

    def __init__(self, asked: Asked, at: date) -> None:
        self._catalog, self._language, self._at = asked.hub.catalog, asked.language, at
        self._numbers: dict[tuple[str, ...], int] = {}

    @property
    def texts(self) -> list[tuple[str, ...]]:
        return list(self._numbers)

    def lines(self, section: SectionReport) -> list[tuple[ReportLine, list[Shown]]]:
        """The lines of a section with their cells as shown."""
        fields, reader = section.section.fields, Reader(self._catalog, section.section, self._language)
        return [(row, [self._shown(reader, *pair) for pair in zip(fields, row.cells, strict=True)]) for row in section.lines]

    def _shown(self, reader: Reader, field: FormField, cell: Cell) -> Shown:
        state = state_of(field, cell)
        lines = self._note(field, cell, state)
        number = self._numbers.setdefault(lines, len(self._numbers))
        numeric = isinstance(cell.value, bool) is False and not isinstance(cell.value, str | date | tuple) and cell.value is not None
        return Shown(reader.text(field, cell), state, SHAPES.get(state, ""), STATES[state].text(self._language), number, numeric)

    def _note(self, field: FormField, cell: Cell, state: str) -> tuple[str, ...]:
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
            lines.append(text("cell_source", sources=_titles(self._catalog, cell.sources, self._language)))
        elif state == State.FORMULA:  # a line's number, a place's name: no department is behind them
            lines.append(text("cell_source", sources=text("this_report")))
            as_of = self._at
        if as_of is not None:
            lines.append(text("cell_as_of", as_of=as_of.isoformat()))
        return tuple(lines)


def _to_type(field: FormField) -> str:
    """The name of the text that says what becomes of an entry."""
    if field.keep:
        return "cell_kept"
    return "cell_observed" if field.expression.startswith(OBSERVATION) else "cell_typed"


def _titles(catalog: Catalog, contracts: tuple[str, ...], language: str) -> str:
    template = "{title} ({contact})" if language == "en" else "{title}（{contact}）"
    found = [catalog.contracts[c] for c in contracts if c in catalog.contracts]
    return joined([template.format(title=word(one.title, language), contact=one.contact) for one in found], language)


def _heads(section: SectionReport) -> list[tuple[Title | None, int]]:
    """The upper row of heads: (group or None, how many columns)."""
    runs: list[tuple[Title | None, int]] = []
    for field in section.section.fields:
        if runs and runs[-1][0] == field.group and field.group is not None:
            runs[-1] = (field.group, runs[-1][1] + 1)
        else:
            runs.append((field.group, 1))
    return runs


def _by_column(catalog: Catalog, section: SectionReport, language: str) -> list[ColumnSource]:
    """What stands behind each column, for print and for whoever cannot hover."""
    found = []
    for position, field in enumerate(section.section.fields):
        cells = [row.cells[position] for row in section.lines]
        sources = tuple(sorted({source for cell in cells for source in cell.sources}))
        as_of = min((cell.as_of for cell in cells if cell.as_of is not None), default=None)
        found.append(ColumnSource(word(field.title, language), _titles(catalog, sources, language), as_of))
    return found
