"""One subject read whole: its golden values with where they come from and what every source says, and how they came to be.

Who may read it is asked in the query itself: ``find_subject`` takes the villages of the reader's area. Sealed values stay
sealed here. Lines of many subjects are ``hub.store.rosters``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, FromClause, Select, literal, or_, select, union

from hub.registry.expressions import bind, bind_display
from hub.registry.kinds import kind_of
from hub.registry.model import Catalog, Element, Role, ValueType
from hub.store.golden import golden
from hub.store.keys import keys_of, members
from hub.store.ledger_tables import batch, conflict, decision, member, subject_key
from hub.store.positions import Moment, day_of
from hub.store.rosters import Line, Value, decode, read_cells
from hub.store.sayings import said
from hub.store.state import rows
from hub.store.steps import steps
from hub.store.tables import DatasetTables, StoreTables
from hub.store.view import View

_MOST_POINTS = 24


@dataclass(frozen=True, slots=True)
class Stated:
    """What one source says: the value (a sealed one is its hash, with ``blob`` to open), and the date that it stands for."""

    dataset: int
    value: Value
    blob: bytes | None
    as_of: date


@dataclass(frozen=True, slots=True)
class ElementValue:
    """One element of a golden record. ``source``: a dataset's number, 0 if nobody speaks, -1 if a person decided.

    ``subject``: for a reference, the subject that it refers to. ``said``: every source's word, ``conflicting`` the datasets
    that differ from the value and have an open conflict.
    """

    element: Element
    value: Value
    blob: bytes | None
    source: int
    as_of: date | None
    said: tuple[Stated, ...]
    conflicting: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """From ``at`` on an element had this value. ``recorded_at``: when the hub learnt it (microseconds), on the known clock."""

    element: Element
    value: Value
    blob: bytes | None
    source: int
    at: Moment
    recorded_at: int | None


@dataclass(frozen=True, slots=True)
class Label:
    """How a subject is named: its key and its display name, each as stored (``*_blob`` where sealed)."""

    key: Value
    key_blob: bytes | None
    name: Value
    name_blob: bytes | None


def find_subject(connection: Connection, tables: StoreTables, entity: str, key_hash: str, area: Collection[str] | None) -> int | None:
    """The subject that a key stands for, if it is known and lies in the area (None: anywhere)."""
    linked = members(None)
    subject = (
        select(linked.c.subject_id, subject_key.c.key_id)
        .select_from(subject_key.outerjoin(linked, linked.c.key_id == subject_key.c.key_id))
        .where(subject_key.c.entity == entity, subject_key.c.hash == key_hash)
    )
    row = connection.execute(subject).first()
    if row is None:
        return None
    found = row.key_id if row.subject_id is None else row.subject_id
    table = tables.golden[entity]
    chosen = select(table.c.subject_id).where(table.c.subject_id == found)
    if area is not None:
        chosen = chosen.where(table.c.subject_id.in_(in_area(tables, entity, area)))
    number = connection.execute(chosen).scalar_one_or_none()
    return None if number is None else int(number)


def in_area(tables: StoreTables, entity: str, area: Collection[str]) -> Select[Any]:
    """The subjects of which some place is in the area, or that refer to such a person: a household by its head."""
    table = tables.golden[entity]
    places = [e.short for e in tables.catalog.stored_elements(entity) if e.type is ValueType.DIVISION]
    codes = sorted(area)
    if entity == "place":
        places = [str(tables.catalog.entities[entity].key)]
    if places:
        return select(table.c.subject_id).where(or_(*(table.c[short].in_(codes) for short in places)))
    references = [(e.short, e.refers_to) for e in tables.catalog.stored_elements(entity) if e.type is ValueType.REFERENCE]
    limits = []
    for short, other in references:
        if other is not None and any(e.type is ValueType.DIVISION for e in tables.catalog.stored_elements(other)):
            subjects = in_area(tables, other, area)
            keys = union(subjects, select(member.c.key_id).where(member.c.subject_id.in_(subjects)))
            limits.append(table.c[short].in_(keys))
    return select(table.c.subject_id).where(or_(*limits) if limits else literal(1) == literal(0))


def is_public(catalog: Catalog, entity: str) -> bool:
    """Whether records of an entity say nothing of people: no sealed element, and no reference to what has one."""
    elements = catalog.stored_elements(entity)
    referred = [e.refers_to for e in elements if e.refers_to is not None]
    return not any(e.sealed for e in elements) and all(is_public(catalog, other) for other in referred)


def read_record(connection: Connection, tables: StoreTables, view: View, entity: str, subject: int, today: date) -> list[ElementValue]:
    """Every element of a subject's golden record, derived ones included, in the order in which they are written."""
    catalog = tables.catalog
    elements = [e for e in catalog.elements.values() if e.entity == entity]
    parameters = {
        "period_start": today, "period_end": today, "year_start": date(today.year, 1, 1), "year_end": date(today.year, 12, 31),
    }  # fmt: skip
    columns = {e.short: bind(catalog, entity, e.short) for e in elements}
    (read,) = read_cells(connection, view, catalog, entity, columns, [Line(subject)], parameters)
    stated = _all_stated(connection, tables, entity, subject)
    differing = _differing(connection, entity, subject)
    return [
        ElementValue(
            element, read[element.short].value, read[element.short].blob, source,
            _as_of(read[element.short].value, source, stated.get(element.short, ())),
            tuple(stated.get(element.short, ())), differing.get(element.name, ()),
        )
        for element in elements
        for source in [next(iter(read[element.short].sources), 0)]
    ]  # fmt: skip


def _as_of(value: Value, source: int, stated: Sequence[Stated]) -> date | None:
    """When the source last said so; for a reference, whose value is numbered otherwise here, when it last spoke."""
    mine = [s for s in stated if s.dataset == source]
    agreeing = [s.as_of for s in mine if s.value == value]
    return max(agreeing or [s.as_of for s in mine], default=None)


def stated_of(connection: Connection, tables: StoreTables, entity: str, subject: int, short: str) -> list[Stated]:
    """What every source says of one element of a subject."""
    return _all_stated(connection, tables, entity, subject).get(short, [])


def _all_stated(connection: Connection, tables: StoreTables, entity: str, subject: int) -> dict[str, list[Stated]]:
    found: dict[str, list[Stated]] = {}
    keys = [row.key_id for row in connection.execute(keys_of(select(literal(subject).label("subject_id")), None))]
    for dataset in tables.said_by(entity):
        for role in dataset.contract.roles:
            if role.entity == entity and role.says:
                for short, stated in _stated(connection, tables.catalog, dataset, role, keys):
                    found.setdefault(short, []).append(stated)
    return found


def _stated(connection: Connection, catalog: Catalog, dataset: DatasetTables, role: Role, keys: Sequence[int]) -> list[tuple[str, Stated]]:
    source = rows(dataset, None).subquery()
    statement = select(source.c.stated.label("stated__"), *said(catalog, dataset.contract, role, source)).where(
        source.c[f"{role.name}_key"].in_(keys)
    )
    found: list[tuple[str, Stated]] = []
    for row in connection.execute(statement).mappings():
        for short in role.says:
            kind = kind_of(bind(catalog, role.entity, short))
            value = decode(kind, row[short])
            if value is not None:
                found.append((short, Stated(dataset.number, value, row.get(f"{short}_sealed"), day_of(row["stated__"]))))
    return found


def _differing(connection: Connection, entity: str, subject: int) -> dict[str, tuple[int, ...]]:
    statement = select(conflict.c.what, conflict.c.source).where(
        conflict.c.entity == entity, conflict.c.subject_id == subject, conflict.c.closed.is_(None)
    )
    found: dict[str, tuple[int, ...]] = {}
    for row in connection.execute(statement.order_by(conflict.c.what, conflict.c.source)):
        found[row.what] = (*found.get(row.what, ()), row.source)
    return found


def read_history(
    connection: Connection, tables: StoreTables, entity: str, subject: int, shorts: Collection[str], clock: str, now: Moment
) -> list[Change]:
    """How elements changed, oldest first: on the ``valid`` clock as known now, or on the ``known`` clock as valid now.

    The last 24 moments at which a source, or a person's decision, spoke of this subject.
    """
    keys = [row.key_id for row in connection.execute(keys_of(select(literal(subject).label("subject_id")), None))]
    pairs = _versions(connection, tables, entity, keys)
    if clock == "valid":
        points = [Moment(day, now.known) for day in sorted({day_of(pos) for pos, _ in pairs})]
    else:
        decided = connection.execute(select(decision.c.known).where(decision.c.key_id.in_(keys))).scalars()
        points = [Moment(now.valid, known) for known in sorted({*(known for _, known in pairs), *decided})]
    return _changes(connection, tables, entity, subject, sorted(shorts), points[-_MOST_POINTS:])


def _versions(connection: Connection, tables: StoreTables, entity: str, keys: Sequence[int]) -> set[tuple[int, int]]:
    """(pos, known) of every version of a row that speaks of these keys."""
    found: set[tuple[int, int]] = set()
    for dataset in tables.said_by(entity):
        roles = [role.name for role in dataset.contract.roles if role.entity == entity]
        for table in (dataset.current, dataset.past):
            spoken = or_(*(table.c[f"{role}_key"].in_(keys) for role in roles))
            found.update((row.pos, row.known) for row in connection.execute(select(table.c.pos, table.c.known).where(spoken)))
    return found


def _changes(
    connection: Connection, tables: StoreTables, entity: str, subject: int, shorts: Sequence[str], points: Sequence[Moment]
) -> list[Change]:
    catalog = tables.catalog
    last: dict[str, tuple[Value, int]] = {}
    changes: list[Change] = []
    with steps(connection) as act:
        table = act.temporary("history_key", Column("key_id", BigInteger, nullable=False), Column("subject_id", BigInteger, nullable=False))
        chosen = keys_of(select(literal(subject).label("subject_id")), None)
        act.run("history keys", table.insert().from_select(["key_id", "subject_id"], chosen))
        for point in points:
            row = connection.execute(golden(tables, entity, table, point, few=select(table.c.key_id))).mappings().first()
            for short in shorts if row is not None else ():
                assert row is not None
                element = catalog.elements[f"{entity}.{short}"]
                value, source = decode(kind_of(bind(catalog, entity, short)), row[short]), int(row[f"{short}_source"])
                if last.get(short, (None, 0)) != (value, source):
                    last[short] = (value, source)
                    recorded = _recorded(connection, point.known)
                    changes.append(Change(element, value, row.get(f"{short}_sealed"), source, point, recorded))
    return changes


def _recorded(connection: Connection, known: int) -> int | None:
    return connection.execute(select(batch.c.closed_at).where(batch.c.known <= known).order_by(batch.c.known.desc()).limit(1)).scalar()


def read_labels(connection: Connection, tables: StoreTables, entity: str, subjects: Collection[int]) -> dict[int, Label]:
    """How subjects are named, by subject id."""
    declared, table = tables.catalog.entities[entity], tables.golden[entity]
    source: FromClause = table
    wanted: dict[str, tuple[FromClause, str | None]] = {"key": (table, declared.key)}
    if (name := bind_display(tables.catalog, declared)) is not None:
        named: FromClause = table
        for hop in name.hops:
            there = tables.golden[hop.entity].alias()
            source = source.outerjoin(there, there.c.subject_id == named.c[hop.name])
            named = there
        wanted["name"] = named, name.element.short
    columns: list[ColumnElement[Any]] = [table.c.subject_id]
    for label, (of, short) in wanted.items():
        if short is not None:
            columns.append(of.c[short].label(label))
            if f"{short}_sealed" in of.c:
                columns.append(of.c[f"{short}_sealed"].label(f"{label}_blob"))
    found: dict[int, Label] = {}
    chosen = select(*columns).select_from(source).where(table.c.subject_id.in_(sorted(subjects)))
    for row in connection.execute(chosen).mappings():
        found[row["subject_id"]] = Label(row.get("key"), row.get("key_blob"), row.get("name"), row.get("name_blob"))
    return found
