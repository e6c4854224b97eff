"""Sections of figures: a line for the unit, or one for each village and their total. Roll-up is addition; rates come after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from hub.forms.context import Context
from hub.forms.display import text_of
from hub.forms.model import Cell, ReportLine, State
from hub.forms.roster import NOBODY, bound_fields, in_order, judged_columns
from hub.registry.expressions import bind, bind_measure
from hub.registry.formulas import formula_uses, parse_formula
from hub.registry.model import FieldKind, FormField, Section
from hub.registry.suppliers import measure_behind
from hub.store.measures import read_measures
from hub.store.rosters import read_cells, roster_lines

Measured = Callable[[ReportLine, str], Cell]
ByVillage = Mapping[str, Cell]

PLACE_ENTITY = "place"


def indicator_lines(context: Context, section: Section, unit: str, holds: Sequence[str] = ()) -> tuple[tuple[ReportLine, ...], Measured]:
    """The lines with measures and entries filled in, and the figure of any measure for a line, that a formula of the section or one
    of ``holds`` (what the form's rules on it ask) names."""
    named = _measure_names(section, holds)
    read = read_measures(context.connection, context.view, context.catalog, named, context.villages, context.parameters)
    figures = {name: _figures(context, name, read) for name in named}
    entries = _entries(context, section)

    def cell(field: FormField, village: str | None) -> Cell:
        if field.kind is FieldKind.MEASURE:
            return _at(context, figures[field.expression], village)
        return _at(context, entries[field.name], village) if field.name in entries else NOBODY

    def line(number: int, village: str | None) -> ReportLine:
        cells = tuple(_total_entry(field, cell(field, village), village, section) for field in section.fields)
        return ReportLine(number, village or unit, cells, total=village is None and section.rows == "villages")

    def measured(at: ReportLine, name: str) -> Cell:
        return _at(context, figures[name], None if at.total or section.rows == "unit" else at.place)

    if section.rows == "villages":
        lines = [line(number, village) for number, village in enumerate(context.villages, 1)]
        return (*lines, line(len(lines) + 1, None)), measured
    return (line(1, None),), measured


def _measure_names(section: Section, holds: Sequence[str]) -> tuple[str, ...]:
    names = [field.expression for field in section.fields if field.kind is FieldKind.MEASURE]
    formulas = [field.expression for field in section.fields if field.kind is FieldKind.FORMULA]
    formulas += [field.applies for field in section.fields if field.applies is not None]
    for formula in (*formulas, *holds):
        names += sorted(formula_uses(parse_formula(formula)).measures)
    return tuple(dict.fromkeys(names))


def _figures(context: Context, name: str, found: Mapping[tuple[str, str], int | Decimal]) -> ByVillage:
    """One measure for every village: 0 where nothing is counted, missing while somebody behind it has not delivered."""
    bound = bind_measure(context.catalog, context.catalog.measures[name])
    sources = measure_behind(context.catalog, bound).contracts(context.deliveries.delivered)
    if sources is None:
        return dict.fromkeys(context.villages, NOBODY)
    state = State.STALE if context.deliveries.stale(sources) else State.FILLED
    as_of = context.deliveries.as_of(sources)
    cells: dict[str, Cell] = {}
    for village in context.villages:
        value = found.get((village, name), 0)
        cells[village] = Cell(value, text_of(context.catalog, value, None), state, sources, as_of)
    return cells


def _entries(context: Context, section: Section) -> dict[str, ByVillage]:
    """What the township said earlier of its villages."""
    columns = bound_fields(context.catalog, PLACE_ENTITY, section.fields)
    if not columns:
        return {}
    catalog, parameters = context.catalog, context.parameters
    code = bind(catalog, PLACE_ENTITY, str(catalog.entities[PLACE_ENTITY].key))
    found = roster_lines(context.connection, context.view, catalog, PLACE_ENTITY, code, None, (), context.villages, parameters)
    lines = in_order(context, (), found)
    reads = read_cells(context.connection, context.view, catalog, PLACE_ENTITY, {**columns, "code_of_line": code}, lines, parameters)
    cells = judged_columns(context, columns, reads)
    places = [str(read["code_of_line"].value) for read in reads]
    return {name: dict(zip(places, column, strict=True)) for name, column in cells.items()}


def _at(context: Context, cells: ByVillage, village: str | None) -> Cell:
    """The cell of a village, or the sum over all; without one village's figure there is no sum."""
    if village is not None:
        return cells.get(village, NOBODY)
    parts = [cells.get(each, NOBODY) for each in context.villages]
    if len(parts) == 1:
        return parts[0]
    sources = tuple(sorted({source for part in parts for source in part.sources}))
    as_of = min((part.as_of for part in parts if part.as_of is not None), default=None)
    values = [part.value for part in parts]
    if any(not isinstance(value, (int, Decimal)) or isinstance(value, bool) for value in values):
        return Cell(None, "", State.MISSING, sources, as_of)
    total = sum((value for value in values if isinstance(value, (int, Decimal))), start=0)
    states = {part.state for part in parts}
    state = next((state for state in (State.CONFLICTING, State.STALE) if state in states), State.FILLED)
    return Cell(total, text_of(context.catalog, total, None), state, sources, as_of)


def _total_entry(field: FormField, cell: Cell, village: str | None, section: Section) -> Cell:
    """Words cannot be added up: on a total line an entry that is no number is not applicable."""
    words = field.kind is FieldKind.ENTRY and (field.keep or cell.value is None)
    if village is None and section.rows == "villages" and words:
        return Cell(None, "", State.NOT_APPLICABLE)
    return cell
