"""Merge: one staged batch into the history of its dataset, in the caller's transaction, in a fixed number of statements.

Prior is the state just before the batch's place in valid time; what differs from it becomes a version. A snapshot ends
what it neither names nor held; a delta states every row that it names. A late batch also makes the next snapshot say aloud
what it had stated by silence. Who is right about each element is not decided here (``hub.store.resolve``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union,
    union_all,
)

from hub.registry.model import Delivery
from hub.store.keys import HUB, HUB_SHIFT
from hub.store.ledger_tables import batch, held, row_key, subject_key
from hub.store.steps import Steps
from hub.store.tables import DatasetTables

SILENT = 0  # a change that no staged row made: an ending


@dataclass(frozen=True, slots=True)
class Place:
    """Where a batch stands: its place in valid time, and the number under which it becomes known."""

    pos: int
    known: int
    kind: Delivery
    late: bool  # a later batch of the dataset is already known


@dataclass(frozen=True, slots=True)
class Merged:
    accepted: int
    unchanged: int
    ended: int
    changed: int  # of the accepted, those that were there before
    current: int  # present rows before


def map_keys(act: Steps, tables: DatasetTables, stage: Table) -> Table:
    """Give new keys their numbers, and every staged row its row id and role keys. Returns the temporary table
    ``incoming``: row_id, record, fingerprint, present, <role>_key."""
    _new_keys(act, row_key, row_key.c.row_id, {"dataset": tables.number}, select(stage.c.row_hash.label("hash")))
    for entity in dict.fromkeys(role.entity for role in tables.contract.roles):
        hashes = [
            select(stage.c[f"{role.name}_hash"].label("hash")).where(stage.c[f"{role.name}_hash"].is_not(None))
            for role in tables.contract.roles
            if role.entity == entity
        ]
        wanted = hashes[0] if len(hashes) == 1 else union(*hashes)
        _new_keys(act, subject_key, subject_key.c.key_id, {"entity": entity}, wanted)
    incoming = act.temporary(
        "incoming",
        Column("row_id", BigInteger, primary_key=True, autoincrement=False),
        Column("record", BigInteger, nullable=False),
        Column("fingerprint", Text, nullable=False),
        Column("present", Boolean, nullable=False),
        *(Column(name, BigInteger) for name in tables.key_columns),
    )
    joined: FromClause = stage.join(row_key, and_(row_key.c.dataset == tables.number, row_key.c.hash == stage.c.row_hash))
    columns: list[ColumnElement[Any]] = [row_key.c.row_id, stage.c.record, stage.c.fingerprint, _stands(tables, stage)]
    for role in tables.contract.roles:
        keys = subject_key.alias(f"key_{role.name}")
        joined = joined.outerjoin(keys, and_(keys.c.entity == role.entity, keys.c.hash == stage.c[f"{role.name}_hash"]))
        columns.append(keys.c.key_id)
    act.run("map rows", incoming.insert().from_select(list(incoming.c.keys()), select(*columns).select_from(joined)))
    act.analyze(incoming)
    return incoming


def _stands(tables: DatasetTables, stage: Table) -> ColumnElement[bool]:
    """A row with the flag of the contract's ``ending`` says of itself that it has ended."""
    if tables.contract.ending_flag is None:
        return literal(True, Boolean)
    field, value = tables.contract.ending_flag
    flagged = stage.c[field] if isinstance(stage.c[field].type, Boolean) else stage.c[field] == value
    return ~func.coalesce(flagged, literal(False, Boolean))


def _new_keys(act: Steps, table: Table, number: ColumnElement[int], fixed: dict[str, Any], hashes: Any) -> None:
    wanted = hashes.distinct().subquery() if isinstance(hashes, Select) else hashes.subquery()
    known = exists().where(table.c.hash == wanted.c.hash, *(table.c[name] == value for name, value in fixed.items()))
    base = select(func.coalesce(func.max(number), HUB << HUB_SHIFT)).scalar_subquery()
    order = func.row_number().over(order_by=wanted.c.hash)
    new = select(*(literal(value).label(name) for name, value in fixed.items()), wanted.c.hash, (base + order).label("number")).where(
        ~known
    )
    act.run(f"new {table.name}s", table.insert().from_select([*fixed, "hash", number.name], new))


def hold_rows(act: Steps, tables: DatasetTables, held_hashes: Table, place: Place) -> None:
    """Note the rows that the batch quarantined: it says nothing of them, also of those that nobody has heard of yet, because
    an earlier batch may still come and tell. ``held_hashes``: column row_hash."""
    _new_keys(act, row_key, row_key.c.row_id, {"dataset": tables.number}, select(held_hashes.c.row_hash.label("hash")))
    rows = (
        select(literal(tables.number), literal(place.pos), row_key.c.row_id, literal(place.known))
        .join_from(row_key, held_hashes, row_key.c.hash == held_hashes.c.row_hash)
        .where(row_key.c.dataset == tables.number)
        .distinct()
    )
    act.run("note held rows", held.insert().from_select(["dataset", "pos", "row_id", "known"], rows))


def find_changes(act: Steps, tables: DatasetTables, incoming: Table, place: Place) -> tuple[Table, Merged]:
    """Compare with the state before. Returns the temporary table ``change`` (row_id, record: SILENT for an ending that no row
    says) and the counts; a delta's unchanged rows are in ``change`` too, because it states them."""
    prior = _prior(act, tables, incoming, place)
    change = act.temporary(
        "change",
        Column("row_id", BigInteger, primary_key=True, autoincrement=False),
        Column("record", BigInteger, nullable=False),
        Column("differs", Boolean, nullable=False),
        Column("known_before", Boolean, nullable=False),
        Column("ends", Boolean, nullable=False),
    )
    names = ["row_id", "record", "differs", "known_before", "ends"]
    was_there = func.coalesce(prior.c.present, literal(False, Boolean))
    ends = and_(was_there, ~incoming.c.present)
    differs = or_(ends, and_(incoming.c.present, or_(~was_there, prior.c.fingerprint != incoming.c.fingerprint)))
    named = select(incoming.c.row_id, incoming.c.record, differs, was_there, ends).select_from(
        incoming.outerjoin(prior, prior.c.row_id == incoming.c.row_id)
    )
    if not states_every_row(place):
        named = named.where(differs)
    act.run("stated rows", change.insert().from_select(names, named))
    if place.kind is Delivery.SNAPSHOT:
        act.run("ended rows", change.insert().from_select(names, _absent(tables, prior, incoming, place)))
    act.analyze(change)
    return change, _count(act, incoming, change, prior)


def states_every_row(place: Place) -> bool:
    """Also an unchanged row of a delta (or mend) is stored: it was said again, and that is its date from then on. What a
    snapshot leaves unchanged follows from the snapshot itself."""
    return place.kind is not Delivery.SNAPSHOT


def is_held(tables: DatasetTables, pos: ColumnElement[int] | int, row_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Was the row quarantined in the batch at this place? Then the batch says nothing of it, least of all that it is gone."""
    return exists().where(held.c.dataset == tables.number, held.c.pos == pos, held.c.row_id == row_id)


def _absent(tables: DatasetTables, prior: FromClause, incoming: Table, place: Place) -> Select[Any]:
    """What a snapshot ends: the present rows that it neither names nor held."""
    return (
        select(prior.c.row_id, literal(SILENT), *(literal(True, Boolean) for _ in ("differs", "known_before", "ends")))
        .select_from(prior.outerjoin(incoming, incoming.c.row_id == prior.c.row_id))
        .where(prior.c.present, incoming.c.row_id.is_(None), ~is_held(tables, place.pos, prior.c.row_id))
    )


def _count(act: Steps, incoming: Table, change: Table, prior: FromClause) -> Merged:
    total = act.scalar("count incoming", select(func.count()).select_from(incoming))
    named = change.c.record != SILENT
    counted = select(
        func.coalesce(func.sum(_one(and_(change.c.differs, named))), 0).label("made"),
        func.coalesce(func.sum(_one(and_(change.c.differs, named, change.c.known_before, ~change.c.ends))), 0).label("changed"),
        func.coalesce(func.sum(_one(change.c.ends)), 0).label("ended"),
    )
    sums = act.run("count changes", counted).mappings().one()
    current = act.scalar("count prior", select(func.count()).select_from(prior).where(prior.c.present))
    made = int(sums["made"])
    return Merged(made, int(total) - made, int(sums["ended"]), int(sums["changed"]), int(current))


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def compares_with_its_own_time(place: Place) -> bool:
    """A late batch is compared with the state before it, not with the present."""
    return place.late


def _prior(act: Steps, tables: DatasetTables, incoming: Table, place: Place) -> FromClause:
    """Columns row_id, present, fingerprint: the state just before this place, ended rows included; of a late delta only for
    the rows that it names."""
    if not compares_with_its_own_time(place):
        return tables.current
    names = ("row_id", "present", "fingerprint")
    earlier = [select(*(t.c[n] for n in (*names, "pos"))).where(t.c.pos < place.pos) for t in (tables.current, tables.past)]
    if place.kind is not Delivery.SNAPSHOT:
        earlier = [part.where(part.selected_columns.row_id.in_(select(incoming.c.row_id))) for part in earlier]
    versions = union_all(*earlier).subquery()
    order = func.row_number().over(partition_by=versions.c.row_id, order_by=versions.c.pos.desc())
    ranked = select(*versions.c, order.label("place")).subquery()
    prior = act.temporary(
        "prior",
        Column("row_id", BigInteger, primary_key=True, autoincrement=False),
        Column("present", Boolean, nullable=False),
        Column("fingerprint", Text, nullable=False),
    )
    act.run("state before", prior.insert().from_select(list(names), select(*(ranked.c[n] for n in names)).where(ranked.c.place == 1)))
    act.analyze(prior)
    return prior


def write_versions(act: Steps, tables: DatasetTables, stage: Table, incoming: Table, change: Table, place: Place) -> None:
    """Put the new versions where they belong: heads into the current table, what they supersede into the past."""
    if place.late:
        _write_late(act, tables, stage, incoming, change, place)
        return
    current, past = tables.current, tables.past
    ended = _ended(tables, current, change, place)
    act.run(
        "supersede", past.insert().from_select(_names(current), select(*current.c).where(current.c.row_id.in_(select(change.c.row_id))))
    )
    endings = act.temporary("ending", *(Column(c.name, c.type) for c in current.columns))
    act.run("endings", endings.insert().from_select(_names(current), ended))
    act.run("remove superseded", current.delete().where(current.c.row_id.in_(select(change.c.row_id))))
    act.run("write rows", current.insert().from_select(_names(current), _stated(tables, stage, incoming, change, place)))
    act.run("write endings", current.insert().from_select(_names(current), select(*endings.c)))


def _names(table: FromClause) -> list[str]:
    return [str(column.name) for column in table.c]


def _stated(tables: DatasetTables, stage: Table, incoming: Table, change: Table, place: Place) -> Select[Any]:
    """The versions that staged rows make, with the columns of the current table."""
    joined = incoming.join(change, change.c.row_id == incoming.c.row_id).join(stage, stage.c.record == incoming.c.record)
    return select(
        incoming.c.row_id,
        literal(place.pos, BigInteger),
        literal(place.known, BigInteger),
        incoming.c.present,
        incoming.c.fingerprint,
        *(incoming.c[name] for name in tables.key_columns),
        *(stage.c[name] for name in tables.payload),
    ).select_from(joined)


def _ended(tables: DatasetTables, before: FromClause, change: Table, place: Place) -> Select[Any]:
    """An ending of each silent change: the role keys stay, the values do not."""
    types = {column.name: column.type for column in tables.current.columns}
    return (
        select(
            before.c.row_id,
            literal(place.pos, BigInteger),
            literal(place.known, BigInteger),
            literal(False, Boolean),
            before.c.fingerprint,
            *(before.c[name] for name in tables.key_columns),
            *(cast(null(), types[name]) for name in tables.payload),
        )
        .select_from(before)
        .join(change, change.c.row_id == before.c.row_id)
        .where(change.c.record == SILENT)
    )


def _write_late(act: Steps, tables: DatasetTables, stage: Table, incoming: Table, change: Table, place: Place) -> None:
    """As ``write_versions`` for a batch with later ones behind it: its versions and the restated ones, each sorted in."""
    current, past = tables.current, tables.past
    names = _names(current)
    history = union_all(select(*current.c), select(*past.c)).subquery("history")
    before = _last_before(history, change, place.pos)
    version = act.temporary("version", *(Column(c.name, c.type) for c in current.columns))
    act.run("late rows", version.insert().from_select(names, _stated(tables, stage, incoming, change, place)))
    act.run("late endings", version.insert().from_select(names, _ended(tables, before, change, place)))
    act.run("restated rows", version.insert().from_select(names, _restated(tables, version, before, history, place)))
    act.analyze(version)
    top = select(version.c.row_id, func.max(version.c.pos).label("pos")).group_by(version.c.row_id).subquery()
    beaten = select(top.c.row_id).join_from(top, current, current.c.row_id == top.c.row_id).where(current.c.pos < top.c.pos)
    act.run("supersede", past.insert().from_select(names, select(*current.c).where(current.c.row_id.in_(beaten))))
    act.run("remove superseded", current.delete().where(current.c.row_id.in_(beaten)))
    heads = (
        select(*version.c)
        .join(top, and_(top.c.row_id == version.c.row_id, top.c.pos == version.c.pos))
        .where(~exists().where(current.c.row_id == version.c.row_id))
    )
    act.run("write heads", current.insert().from_select(names, heads))
    is_head = exists().where(current.c.row_id == version.c.row_id, current.c.pos == version.c.pos)
    act.run("write past", past.insert().from_select(names, select(*version.c).where(~is_head)))


def _last_before(history: FromClause, change: Table, pos: int) -> FromClause:
    """The version of each changed row just before a place, if any."""
    order = func.row_number().over(partition_by=history.c.row_id, order_by=history.c.pos.desc())
    ranked = (
        select(*history.c, order.label("place"))
        .where(history.c.pos < pos, history.c.row_id.in_(select(change.c.row_id)))
        .subquery("earlier")
    )
    return select(*(ranked.c[str(c.name)] for c in history.c)).where(ranked.c.place == 1).subquery("before")


def _restated(tables: DatasetTables, version: Table, before: FromClause, history: FromClause, place: Place) -> Select[Any]:
    """What the next snapshot that covers a row had stated by silence: the state before the late batch, at its own place.

    Not where a version lies between, nor where that snapshot held the row."""
    snapshot = batch.alias("next_snapshot")
    following = (
        select(version.c.row_id, func.min(snapshot.c.pos).label("pos"))
        .join_from(version, snapshot, and_(snapshot.c.dataset == tables.number, snapshot.c.pos > place.pos))
        .where(
            snapshot.c.kind == Delivery.SNAPSHOT.value, snapshot.c.known.is_not(None), ~is_held(tables, snapshot.c.pos, version.c.row_id)
        )
        .group_by(version.c.row_id)
        .subquery("following")
    )
    joined = following.join(version, version.c.row_id == following.c.row_id).outerjoin(before, before.c.row_id == following.c.row_id)
    unknown = before.c.row_id.is_(None)
    return (
        select(
            following.c.row_id,
            following.c.pos,
            literal(place.known, BigInteger),
            func.coalesce(before.c.present, literal(False, Boolean)),
            func.coalesce(before.c.fingerprint, version.c.fingerprint),
            *(case((unknown, version.c[name]), else_=before.c[name]) for name in tables.key_columns),
            *(before.c[name] for name in tables.payload),
        )
        .select_from(joined)
        .where(~_spoken_between(history, following, place))
    )


def _spoken_between(history: FromClause, following: FromClause, place: Place) -> ColumnElement[bool]:
    """Has a later batch said something of the row already, up to the next snapshot and in it? Then nothing was said by silence."""
    return exists().where(history.c.row_id == following.c.row_id, history.c.pos > place.pos, history.c.pos <= following.c.pos)
