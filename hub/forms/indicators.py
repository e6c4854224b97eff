"""Sections of figures: a line for each unit, or one for each village and their total. Roll-up is addition; rates come after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from hub.forms.context import Context
from hub.forms.display import text_of
from hub.forms.model import Cell, ReportLine, SectionReport, State, Value
from hub.forms.roster import NOBODY, bound_fields, in_order, judged_columns
from hub.registry.expressions import bind, bind_measure
from hub.registry.formulas import formula_uses, parse_formula
from hub.registry.model import Catalog, FieldKind, FormField, Section
from hub.registry.suppliers import measure_behind
from hub.store.measures import read_measures
from hub.store.rosters import read_cells, roster_lines

ByVillage = Mapping[str, Cell]

PLACE_ENTITY = "place"
_WORDS = Cell(None, "", State.NOT_APPLICABLE)  # words cannot be added up


def indicator_sections(
    context: Context, section: Section, units: Mapping[str, Sequence[str]], holds: Sequence[str] = ()
) -> dict[str, SectionReport]:
    """For each unit (with its villages) the section with measures and entries filled in, and beside them the figures that a formula
    or one of ``holds`` (what the form's rules on it ask) names. Formulas are still to be computed."""
    columns, hidden = _shown_measures(section), _named_measures(section, holds)
    names = tuple(dict.fromkeys((*columns, *hidden)))
    read = read_measures(context.connection, context.view, context.catalog, names, context.villages, context.parameters)
    figures = {name: _figures(context, name, read) for name in names}
    entries = _entries(context, section)

    def cell(field: FormField, villages: Sequence[str]) -> Cell:
        if field.kind is FieldKind.MEASURE:
            return added_up(context.catalog, [figures[field.expression].get(village, NOBODY) for village in villages])
        if field.name not in entries:
            return NOBODY
        return added_up(context.catalog, [entries[field.name].get(village, NOBODY) for village in villages])

    found: dict[str, SectionReport] = {}
    for unit, villages in units.items():
        groups = [(village, [village]) for village in villages] if section.rows == "villages" else [(unit, villages)]
        lines = [
            ReportLine(n, place, tuple(cell(f, some) for f in section.fields), code=place) for n, (place, some) in enumerate(groups, 1)
        ]
        measured = {
            name: tuple(added_up(context.catalog, [figures[name].get(one, NOBODY) for one in some]) for _, some in groups)
            for name in hidden
        }
        one = SectionReport(section, tuple(lines), len(lines), measured)
        found[unit] = with_total(context.catalog, unit, one) if section.rows == "villages" else one
    return found


def with_total(catalog: Catalog, unit: str, section: SectionReport) -> SectionReport:
    """The section with one more line: the sum of the others."""
    total = summed(catalog, section, unit, len(section.lines) + 1)
    measured = {name: (*cells, added_up(catalog, cells)) for name, cells in section.measured.items()}
    return SectionReport(section.section, (*section.lines, total), len(section.lines) + 1, measured)


def summed(catalog: Catalog, section: SectionReport, unit: str, number: int) -> ReportLine:
    """The line that adds all lines up. Formulas are to be computed anew; what is words is not applicable."""
    columns = list(zip(*(line.cells for line in section.lines), strict=True)) or [() for _ in section.section.fields]
    cells = tuple(_sum(catalog, field, column) for field, column in zip(section.section.fields, columns, strict=True))
    return ReportLine(number, unit, cells, total=section.section.rows == "villages", code=unit)


def added_up(catalog: Catalog, parts: Sequence[Cell]) -> Cell:
    """The sum of the cells; of one cell, the cell itself; without one part's figure there is no sum."""
    if len(parts) == 1:
        return parts[0]
    sources = tuple(sorted({source for part in parts for source in part.sources}))
    as_of = min((part.as_of for part in parts if part.as_of is not None), default=None)
    values = [part.value for part in parts if part.state is not State.NOT_APPLICABLE]
    numbers = [value for value in values if isinstance(value, int | Decimal) and not isinstance(value, bool)]
    if len(numbers) < len(values) or not values:
        return Cell(None, "", State.MISSING, sources, as_of)
    total = sum(numbers, start=0)
    states = {part.state for part in parts}
    state = next((state for state in (State.CONFLICTING, State.OBJECTED, State.STALE) if state in states), State.FILLED)
    if states <= {State.ENTERED, State.NOT_APPLICABLE}:
        state = State.ENTERED
    return Cell(total, text_of(catalog, total, None), state, sources, as_of)


def _sum(catalog: Catalog, field: FormField, parts: Sequence[Cell]) -> Cell:
    if field.kind is FieldKind.FORMULA:
        return NOBODY
    if field.kind is FieldKind.ENTRY and not field.unit and not any(_is_number(part.value) for part in parts):
        return _WORDS
    return added_up(catalog, parts)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _shown_measures(section: Section) -> Iterable[str]:
    return [field.expression for field in section.fields if field.kind is FieldKind.MEASURE]


def _named_measures(section: Section, holds: Sequence[str]) -> tuple[str, ...]:
    formulas = [field.expression for field in section.fields if field.kind is FieldKind.FORMULA]
    formulas += [field.applies for field in section.fields if field.applies is not None]
    return tuple(dict.fromkeys(name for text in (*formulas, *holds) for name in sorted(formula_uses(parse_formula(text)).measures)))


def _figures(context: Context, name: str, found: Mapping[tuple[str, str], int | Decimal]) -> ByVillage:
    """One measure for every village: 0 where nothing is counted, missing while somebody behind it has not delivered."""
    bound = bind_measure(context.catalog, context.catalog.measures[name])
    sources = measure_behind(context.catalog, bound).contracts(context.deliveries.delivered)
    if sources is None:
        return dict.fromkeys(context.places.values(), NOBODY)
    state = State.STALE if context.deliveries.stale(sources) else State.FILLED
    as_of = context.deliveries.as_of(sources)
    cells: dict[str, Cell] = {}
    values: dict[str, int | Decimal] = dict.fromkeys(context.places.values(), 0)
    for place, village in context.places.items():
        values[village] += found.get((place, name), 0)
    for village, value in values.items():
        cells[village] = Cell(value, text_of(context.catalog, value, None), state, sources, as_of)
    return cells


def _entries(context: Context, section: Section) -> dict[str, ByVillage]:
    """What the township said earlier of its villages. What it said of a village before others were merged into it is not said of the
    whole: the cell is asked for again."""
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
    merged = _merged(context)
    return {
        name: {
            place: cell
            for place, cell in zip(places, column, strict=True)
            if context.places[place] == place and (place not in merged or (cell.as_of is not None and cell.as_of >= merged[place]))
        }
        for name, column in cells.items()
    }


def _merged(context: Context) -> dict[str, date]:
    """The day on which the last of others became a part of each village."""
    found: dict[str, date] = {}
    for old, village in context.places.items():
        if old != village:
            found[village] = max(found.get(village, date.min), context.catalog.successions[old].since)
    return found
