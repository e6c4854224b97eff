"""Rosters: which lines a unit has, and what stands in the cells of a page of them. Reads only; sealed values stay sealed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import Connection, FromClause, Select, and_, select

from hub.registry import nodes as n
from hub.registry.kinds import kind_of
from hub.registry.model import Catalog, EntityKind, ValueType
from hub.store.expressions import Column, Query, Rows, query
from hub.store.measures import in_places
from hub.store.parts import in_parts
from hub.store.trails import rows_of

Value = str | int | Decimal | date | bool | tuple[str, ...] | None


class Conflicting(Rows, Protocol):
    """A view that knows its open conflicts."""

    def conflicts(self, entity: str) -> FromClause:
        """Columns subject_id and element (full name), one row per open conflict."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a roster: a subject, or a record of an owned entity under its owner."""

    subject: int
    record: str | None = None
    dataset: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line before it is put in order. ``order``: the values to order by; a sealed one is a hash, its ``blobs`` entry opens.
    ``tie``: what orders two lines that are equal in all of them (the subject's key as stored)."""

    line: Line
    order: tuple[Value, ...]
    blobs: tuple[bytes | None, ...]
    tie: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What stands in a cell. ``value``: decoded (money in yuan); for a sealed element its hash, with ``blob`` to open.

    ``sources``: numbers of the datasets that the value comes from, or that its empty paths were last stated by; 0 means that
    nobody has spoken. ``subject``: whose value it is, for conflicts.
    """

    value: Value
    blob: bytes | None
    sources: tuple[int, ...]
    subject: int | None


def roster_lines(
    connection: Connection,
    rows: Rows,
    catalog: Catalog,
    entity: str,
    by: n.Node,
    where: n.Node | None,
    order: Sequence[n.Node],
    places: Sequence[str],
    parameters: Mapping[str, date],
) -> list[Candidate]:
    """The lines that ``by`` puts into ``places`` and ``where`` lets in, with what they are to be ordered by; unordered."""
    nodes = [by, *order, *(() if where is None else (where,))]
    scope = in_places(rows, catalog, entity, by, places, parameters)
    level = query(rows, catalog, entity, parameters, nodes, scope)
    table = level.trail.anchors[0]
    identity = _identity(catalog, entity, table)
    columns: list[Column] = [column.label(f"identity_{i}") for i, column in enumerate(identity)]
    for i, node in enumerate(order):
        columns.append(level.column(node).label(f"order_{i}"))
        if _is_sealed(node):
            columns.append(level.sealed(node).label(f"blob_{i}"))
    limits = [level.column(by).in_(places), *(() if where is None else (level.column(where),))]
    found: list[Candidate] = []
    for row in connection.execute(select(*columns).select_from(level.from_).where(and_(*limits))).mappings():
        known = tuple(row[f"identity_{i}"] for i in range(len(identity)))
        values = tuple(decode(kind_of(node), row[f"order_{i}"]) for i, node in enumerate(order))
        blobs = tuple(row.get(f"blob_{i}") for i in range(len(order)))
        found.append(Candidate(_line(catalog, entity, known), values, blobs, known[1:]))
    return found


def read_cells(
    connection: Connection,
    rows: Rows,
    catalog: Catalog,
    entity: str,
    columns: Mapping[str, n.Node],
    lines: Sequence[Line],
    parameters: Mapping[str, date],
) -> list[dict[str, Read]]:
    """For each of the lines, in their order, column name -> what stands there."""
    found = read_known(connection, rows, catalog, entity, columns, lines, parameters)
    return [found[line] for line in lines]


def read_known(
    connection: Connection,
    rows: Rows,
    catalog: Catalog,
    entity: str,
    columns: Mapping[str, n.Node],
    lines: Sequence[Line],
    parameters: Mapping[str, date],
) -> dict[Line, dict[str, Read]]:
    """The same by line; one that the view does not know is left out."""
    found: dict[Line, dict[str, Read]] = {}
    for part in in_parts(lines):
        statement = _cells_statement(rows, catalog, entity, columns, sorted({line.subject for line in part}), parameters)
        for row in connection.execute(statement).mappings():
            found[_mapped_line(catalog, entity, row)] = {name: _read(name, node, row) for name, node in columns.items()}
    return found


def open_conflicts(connection: Connection, rows: Conflicting, entity: str, subjects: Sequence[int]) -> set[tuple[int, str]]:
    """(subject id, full element name) of the open conflicts of these subjects."""
    found: set[tuple[int, str]] = set()
    conflicts = rows.conflicts(entity)
    for part in in_parts(subjects):
        statement = select(conflicts.c.subject_id, conflicts.c.element).where(conflicts.c.subject_id.in_(part))
        found.update((row.subject_id, row.element) for row in connection.execute(statement))
    return found


def origins(node: n.Node) -> tuple[n.Node, ...]:
    """The parts of an expression that have a source of their own: the node itself if it passes a value on unchanged, else
    every path in it outside aggregates, and the references that lead to those."""
    if passes_on(node):
        return (node,)
    return tuple(dict.fromkeys(_leaves(node)))


def passes_on(node: n.Node) -> bool:
    """Whether an expression gives some stored value unchanged, so that the value's source is its own."""
    match node:
        case n.Path():
            return True
        case n.Over():
            return node.function == "first"
        case n.Coalesce():
            return all(passes_on(value) for value in node.values)
    return False


def _is_sealed(node: n.Node) -> bool:
    element = kind_of(node).element
    return element is not None and element.sealed and passes_on(node)


def _leaves(node: n.Node) -> Iterator[n.Node]:
    if isinstance(node, n.Path):
        yield node
    elif not isinstance(node, n.Over):
        for child in n.children(node):
            yield from _leaves(child)


def leading_references(catalog: Catalog, node: n.Node) -> tuple[n.Path, ...]:
    """The references by which the aggregates of an expression leave the line: ``household`` of ``count(household.members)``."""
    found: list[n.Path] = []
    for part in n.walk(node):
        if isinstance(part, n.Over) and part.anchor == 0 and part.chain[0].hops:
            last = part.chain[0].hops[-1]
            if last.element is not None:
                found.append(n.Path(0, part.chain[0].hops[:-1], catalog.elements[last.element]))
    return tuple(dict.fromkeys(found))


def _cells_statement(
    rows: Rows, catalog: Catalog, entity: str, columns: Mapping[str, n.Node], ids: Sequence[int], parameters: Mapping[str, date]
) -> Select[Any]:
    owned = catalog.entities[entity].kind is EntityKind.OWNED
    listed = rows_of(rows, catalog, entity)
    key = listed.c["owner" if owned else "subject_id"]
    level = query(rows, catalog, entity, parameters, list(columns.values()), select(key).where(key.in_(ids)))
    table = level.trail.anchors[0]
    chosen = [column for name, node in columns.items() for column in _cell_columns(level, catalog, name, node)]
    limit = table.c["owner" if owned else "subject_id"].in_(ids)
    return select(*_identity(catalog, entity, table), *chosen).select_from(level.from_).where(limit)


def _cell_columns(level: Query, catalog: Catalog, name: str, node: n.Node) -> list[Column]:
    columns: list[Column] = [level.column(node).label(f"{name}__value")]
    if _is_sealed(node):
        columns.append(level.sealed(node).label(f"{name}__sealed"))
    for position, origin in enumerate((*origins(node), *leading_references(catalog, node))):
        columns.append(level.source(origin).label(f"{name}__source_{position}"))
    if passes_on(node):
        columns.append(level.subject(node).label(f"{name}__subject"))
    return columns


def _identity(catalog: Catalog, entity: str, table: FromClause) -> list[Column]:
    """The columns that identify a line; for a subject also its key, which orders."""
    declared = catalog.entities[entity]
    if declared.kind is EntityKind.OWNED:
        return [table.c.owner, table.c.record, table.c.dataset]
    return [table.c.subject_id, table.c[str(declared.key)].label("key__")]


def _line(catalog: Catalog, entity: str, row: Sequence[Any]) -> Line:
    if catalog.entities[entity].kind is EntityKind.OWNED:
        return Line(row[0], row[1], row[2])
    return Line(row[0])


def _mapped_line(catalog: Catalog, entity: str, row: Mapping[Any, Any]) -> Line:
    if catalog.entities[entity].kind is EntityKind.OWNED:
        return Line(row["owner"], row["record"], row["dataset"])
    return Line(row["subject_id"])


def _read(name: str, node: n.Node, row: Mapping[Any, Any]) -> Read:
    sources: list[int] = []
    position = 0
    while f"{name}__source_{position}" in row:
        number = row[f"{name}__source_{position}"]
        if number is not None:
            sources.append(int(number))
        position += 1
    value = decode(kind_of(node), row[f"{name}__value"])
    return Read(value, row.get(f"{name}__sealed"), tuple(sources), row.get(f"{name}__subject"))


def decode(kind: n.Kind, stored: Any) -> Value:
    """A stored value as people mean it: scaled integers as decimals, JSON text as a tuple."""
    if stored is None:
        return None
    if kind.scale:
        return Decimal(int(stored)).scaleb(-kind.scale)
    if kind.family == "boolean":
        return bool(stored)
    if kind.value_type is ValueType.CODES:
        return tuple(json.loads(stored))
    value: Value = stored
    return value


def encode(kind: n.Kind, value: Value) -> Any:
    """A value as it is stored: what ``decode`` gives back."""
    match value:
        case Decimal():
            return int(value.scaleb(kind.scale))
        case bool() | None:
            return value
        case int():
            return value * 10**kind.scale
        case tuple():
            return json.dumps(sorted(value), ensure_ascii=False, separators=(",", ":"))
    return value
