"""Measures: every figure of one entity and place path in one grouped statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, case, cast, func, literal, select

from hub.registry import nodes as n
from hub.registry.expressions import BoundMeasure, bind_measure
from hub.registry.kinds import kind_of
from hub.registry.model import Catalog, EntityKind
from hub.registry.paths import OWNER
from hub.store.expressions import Column, Query, Rows, query

__all__ = ["Connection", "Figure", "MeasureSelect", "in_places", "measure_select", "read_measures"]

Figure = int | Decimal


@dataclass(frozen=True, slots=True)
class MeasureSelect:
    """One grouped statement: the column ``place``, and one column per measure under its name."""

    of: str
    by: str
    measures: tuple[BoundMeasure, ...]
    statement: Select[Any]


def measure_select(
    rows: Rows, catalog: Catalog, measures: Iterable[str], places: Sequence[str] | None, parameters: Mapping[str, date]
) -> tuple[MeasureSelect, ...]:
    """The statements for the named measures, one per (entity, place path).

    ``places`` are division codes, matched exactly (None: everywhere); a place of which nothing is counted has no row.
    ``parameters``: period_start, period_end, year_start, year_end.
    """
    grouped: dict[tuple[str, str], list[BoundMeasure]] = {}
    for name in dict.fromkeys(measures):
        bound = bind_measure(catalog, catalog.measures[name])
        grouped.setdefault((bound.measure.of, bound.measure.by), []).append(bound)
    return tuple(
        MeasureSelect(of, by, tuple(bounds), _statement(rows, catalog, of, bounds, places, parameters))
        for (of, by), bounds in grouped.items()
    )


def read_measures(
    connection: Connection,
    rows: Rows,
    catalog: Catalog,
    measures: Iterable[str],
    places: Sequence[str] | None,
    parameters: Mapping[str, date],
) -> dict[tuple[str, str], Figure]:
    """(place, measure) -> figure: a count, or a sum in the element's own unit (yuan). Nothing counted is absent: it is 0."""
    found: dict[tuple[str, str], Figure] = {}
    for selected in measure_select(rows, catalog, measures, places, parameters):
        scales = [0 if b.value is None or b.function == "count" else kind_of(b.value).scale for b in selected.measures]
        for row in connection.execute(selected.statement):
            for bound, scale, value in zip(selected.measures, scales, row[1:], strict=True):
                if value is not None:
                    found[row.place, bound.measure.name] = Decimal(value).scaleb(-scale) if scale else int(value)
    return found


def _statement(
    rows: Rows,
    catalog: Catalog,
    of: str,
    bounds: Sequence[BoundMeasure],
    places: Sequence[str] | None,
    parameters: Mapping[str, date],
) -> Select[Any]:
    by = bounds[0].by
    scope = None if places is None else in_places(rows, catalog, of, by, places, parameters)
    nodes = [node for bound in bounds for node in (bound.value, bound.where) if node is not None]
    level = query(rows, catalog, of, parameters, [by, *nodes], scope)
    place = level.column(by)
    columns = [_figure(level, bound).label(bound.measure.name) for bound in bounds]
    limit = place.is_not(None) if places is None else place.in_(places)
    return select(place.label("place"), *columns).select_from(level.from_).where(limit).group_by(place)


def in_places(rows: Rows, catalog: Catalog, of: str, by: n.Node, places: Sequence[str], parameters: Mapping[str, date]) -> Select[Any]:
    """The ids of the subjects that ``by`` puts into one of the places (for owned records: of their owners; where the owner's own
    place decides, also of those without a record, so that nobody's records are looked through)."""
    owner = catalog.entities[of].owner
    if owner is not None and isinstance(by, n.Path) and by.hops and by.hops[0].name == OWNER:
        of, by = owner, replace(by, hops=by.hops[1:])
    level = query(rows, catalog, of, parameters, [by])
    place = level.column(by)
    owned = catalog.entities[of].kind is EntityKind.OWNED
    chosen = level.trail.anchors[0].c["owner" if owned else "subject_id"]
    return select(chosen).select_from(level.from_).where(place.in_(places))


def _figure(level: Query, bound: BoundMeasure) -> Column:
    value: Column = literal(1) if bound.value is None else level.column(bound.value)
    if bound.where is not None:
        value = case((level.column(bound.where), value))
    match bound.function:
        case "count":
            return func.count(value.distinct() if bound.distinct else value)
        case "sum":
            return cast(func.sum(value), BigInteger)
        case "min":
            return func.min(value)
    return func.max(value)
