"""Acts: what changes the store, each in one transaction under the merge lock, each with its own known number.

A batch merged, keys linked or unlinked, a decision taken, authorities changed. Each ends with golden and conflicts brought
to what the one definition says of the touched subjects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, Table, func, literal, or_, select, union_all

from hub.core.errors import YibiaoError, invalid, refused
from hub.intake.held import name_field
from hub.registry.model import Delivery, Rule
from hub.store import batches, merge
from hub.store.batches import Batch, State
from hub.store.engine import lock_merge
from hub.store.golden import golden
from hub.store.keys import keys_of, members
from hub.store.ledger_tables import decision, link, member, subject_key, tick
from hub.store.merge import Merged, Place
from hub.store.messages import BATCH_BREAKER, LINK_SELF
from hub.store.objections import reopened
from hub.store.positions import position
from hub.store.resolve import Moving, close_unheard, resolve, rule_conflicts, settle_conflicts, touched, touched_by_batch
from hub.store.rules import broken, looks_at
from hub.store.sparing import spare
from hub.store.steps import Step, Steps, steps
from hub.store.tables import DatasetTables, StoreTables
from hub.store.view import View, subjects

_BREAKER_ROWS = 100  # below this many current rows a share says nothing


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a merge went: ``state`` CLOSED, REPEATED (same content, nothing done) or WAITING (the breaker, with its reason)."""

    state: State
    accepted: int
    unchanged: int
    ended: int
    known: int | None
    steps: tuple[Step, ...]
    reason: YibiaoError | None = None


def next_known(connection: Connection) -> int:
    """Take the merge lock and the next number."""
    lock_merge(connection)
    return _take_number(connection)


def _take_number(connection: Connection) -> int:
    return int(connection.execute(tick.update().values(known=tick.c.known + 1).returning(tick.c.known)).scalar_one())


def merge_batch(
    connection: Connection, tables: StoreTables, found: Batch, stage: Table, held: Table, now: int, today: date,
    names: Table | None = None,
) -> Outcome:  # fmt: skip
    """From merge to close, in the caller's transaction. ``held``: column row_hash, the rows that were quarantined; ``names``:
    column name_hash, of those among them whose key cannot be read (``hub.store.sparing``)."""
    lock_merge(connection)
    dataset = tables.by_number(found.dataset)
    same_day = batches.merged_at(connection, found.dataset, found.as_of)
    if same_day and (same_day[-1].digest, same_day[-1].kind) == (found.digest, found.kind) and found.kind is not Delivery.MEND:
        batches.write(connection, found.id, state=State.REPEATED, unchanged=found.read - found.quarantined, closed_at=now)
        return Outcome(State.REPEATED, 0, found.read - found.quarantined, 0, None, ())
    known = _take_number(connection)
    revision = (same_day[-1].revision or 0) + 1 if same_day else 1
    last = batches.last_merged(connection, found.dataset)
    pos = position(found.as_of, revision)
    place = Place(pos, known, found.kind, last is not None and (last.pos or 0) > pos)
    with steps(connection) as act:
        incoming = merge.map_keys(act, dataset, stage)
        merge.hold_rows(act, dataset, held, place)
        name = name_field(dataset.contract, tables.catalog)
        if names is not None and name is not None and place.kind is Delivery.SNAPSHOT:
            spare(act, dataset, name, names, incoming, place)
        change, counts = merge.find_changes(act, dataset, incoming, place)
        if (reason := _breaker(dataset, counts, found)) is not None:
            return Outcome(State.WAITING, counts.accepted, counts.unchanged, counts.ended, None, tuple(act.done), reason)
        merge.write_versions(act, dataset, stage, incoming, change, place)
        batches.write(
            connection, found.id, state=State.CLOSED, pos=pos, revision=revision, known=known, accepted=counts.accepted,
            unchanged=counts.unchanged, ended=counts.ended, closed_at=now, reason=None,
        )  # fmt: skip
        moved = {
            entity: touched_by_batch(act, tables, dataset, change, entity, found.kind is Delivery.SNAPSHOT) for entity in _entities(dataset)
        }
        _settle(act, tables, moved, _owned(dataset), Moving(known, now), today)
        return Outcome(State.CLOSED, counts.accepted, counts.unchanged, counts.ended, known, tuple(act.done))


def _entities(dataset: DatasetTables) -> list[str]:
    return list(dict.fromkeys(role.entity for role in dataset.contract.roles))


def _owned(dataset: DatasetTables) -> set[str]:
    return {record.entity for record in dataset.contract.records}


def _breaker(dataset: DatasetTables, counts: Merged, found: Batch) -> YibiaoError | None:
    """Would this batch end or change more than the contract allows? A person has then to say yes first."""
    limit = dataset.contract.breaker_share
    if found.forced_by is not None or found.kind is not Delivery.SNAPSHOT or counts.current < _BREAKER_ROWS:
        return None
    share = (counts.ended + counts.changed) / counts.current
    if share <= limit:
        return None
    return refused(
        BATCH_BREAKER, ended=counts.ended, changed=counts.changed, current=counts.current, share=f"{share:.0%}", limit=f"{limit:.0%}",
        place=found.name,
    )  # fmt: skip


def _settle(act: Steps, tables: StoreTables, moved: Mapping[str, Table], owned: Set[str], moving: Moving, today: date) -> None:
    """Golden records, conflicts and rules after an act that moved these subjects (``touched_<entity>`` by entity)."""
    for entity, some in moved.items():
        resolve(act, tables, entity, some, moving)
    view = View(act, tables, None)
    rules: dict[tuple[str, bool], list[Rule]] = {}
    for rule in tables.catalog.rules.values():
        everybody = bool(looks_at(tables.catalog, rule) & (moved.keys() | owned))
        if everybody or rule.of in moved:
            rules.setdefault((rule.of, everybody), []).append(rule)
    for (entity, everybody), chosen in rules.items():
        whom = None if everybody else moved[entity]
        scope = None if whom is None else select(whom.c.subject_id)
        found = [rule_conflicts(rule.name, broken(view, tables.catalog, rule, scope, today)) for rule in chosen]
        every = union_all(*found) if len(found) > 1 else found[0]
        settle_conflicts(act, entity, whom, [f"rule:{rule.name}" for rule in chosen], every, moving)
    reopened(act.connection, tables, moved, moving.now, today)


def resolve_all(connection: Connection, tables: StoreTables, now: int, today: date) -> int:
    """Resolve every subject again: after a change of authorities or of a contract's meaning. Returns the known number."""
    known = next_known(connection)
    moving = Moving(known, now)
    with steps(connection) as act:
        close_unheard(act, tables, moving)
        moved = {entity: touched(act, entity, _all_subjects(entity)) for entity in subjects(tables.catalog)}
        _settle(act, tables, moved, set(), moving, today)
    return known


def _all_subjects(entity: str) -> Select[Any]:
    linked = members(None)
    return (
        select(func.coalesce(linked.c.subject_id, subject_key.c.key_id))
        .select_from(subject_key.outerjoin(linked, linked.c.key_id == subject_key.c.key_id))
        .where(subject_key.c.entity == entity)
        .distinct()
    )


def link_keys(
    connection: Connection, tables: StoreTables, entity: str, one: int, other: int, by: str, reason: str, now: int, today: date
) -> int:
    """From now on two keys are one subject. Returns the known number. Raises ``link_self`` for one and the same key."""
    if one == other:
        raise invalid(LINK_SELF)
    return _relink(connection, tables, entity, "link", one, other, by, reason, now, today)


def unlink_keys(
    connection: Connection, tables: StoreTables, entity: str, one: int, other: int, by: str, reason: str, now: int, today: date
) -> int:
    """Take a link back: what the other links say stays."""
    return _relink(connection, tables, entity, "unlink", one, other, by, reason, now, today)


def _relink(
    connection: Connection,
    tables: StoreTables,
    entity: str,
    act_name: str,
    one: int,
    other: int,
    by: str,
    reason: str,
    now: int,
    today: date,
) -> int:
    known = next_known(connection)
    connection.execute(link.insert().values(known=known, act=act_name, one=one, other=other, by=by, reason=reason))
    before = _groups_of(connection, {one, other})
    edges = _edges(connection, {key for group in before.values() for key in group})
    after = _components({key for group in before.values() for key in group}, edges)
    rows = [{"key_id": key, "known": known, "subject_id": subject} for key, subject in after.items()]
    connection.execute(member.insert(), rows)
    affected = {*after.values(), *before}
    with steps(connection) as act:
        table = touched(act, entity, select(_numbers(sorted(affected))))
        _settle(act, tables, {entity: table}, _records_of(tables, entity), Moving(known, now), today)
    return known


def _records_of(tables: StoreTables, entity: str) -> set[str]:
    return {e.name for e in tables.catalog.entities.values() if e.owner == entity}


def _numbers(ids: Sequence[int]) -> Any:
    return union_all(*(select(literal(i, BigInteger).label("subject_id")) for i in ids)).subquery().c.subject_id


def _groups_of(connection: Connection, keys: set[int]) -> dict[int, set[int]]:
    """The subjects that the keys belong to now, each with all its keys."""
    linked = members(None)
    rows = connection.execute(select(linked.c.key_id, linked.c.subject_id)).all()
    subject_of = {row.key_id: row.subject_id for row in rows}
    wanted = {subject_of.get(key, key) for key in keys}
    groups: dict[int, set[int]] = {subject: set() for subject in wanted}
    for key, subject in subject_of.items():
        if subject in wanted:
            groups[subject].add(key)
    for key in keys:
        groups[subject_of.get(key, key)].add(key)
    return groups


def _edges(connection: Connection, keys: set[int]) -> set[tuple[int, int]]:
    """The links in force among the keys: the last act on each pair counts."""
    rows = connection.execute(select(link).where(or_(link.c.one.in_(keys), link.c.other.in_(keys))).order_by(link.c.known)).all()
    state: dict[tuple[int, int], bool] = {}
    for row in rows:
        state[min(row.one, row.other), max(row.one, row.other)] = row.act == "link"
    return {pair for pair, linked in state.items() if linked}


def _components(keys: set[int], edges: set[tuple[int, int]]) -> dict[int, int]:
    """Each key with the smallest key of its component: that one is the subject."""
    subject = {key: key for key in keys}
    changed = True
    while changed:
        changed = False
        for one, other in edges:
            low = min(subject[one], subject[other])
            for key in (one, other):
                if subject[key] != low:
                    subject[key], changed = low, True
    return subject


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person settles: one element of one subject. ``value``: the decision's value columns (``value_text`` …; for a sealed element
    its hash and ``value_sealed``)."""

    entity: str
    subject: int
    short: str
    value: Mapping[str, Any]
    reason: str

    @property
    def element(self) -> str:
        return f"{self.entity}.{self.short}"


def decide(
    connection: Connection,
    tables: StoreTables,
    entity: str,
    subject: int,
    short: str,
    value: Mapping[str, Any],
    by: str,
    reason: str,
    now: int,
    today: date,
) -> int:
    """A person settles one element of one subject: it holds exactly while the sources say what they say now."""
    (known,) = decide_all(connection, tables, [Decision(entity, subject, short, value, reason)], by, now, today)
    return known


def decide_all(connection: Connection, tables: StoreTables, some: Sequence[Decision], by: str, now: int, today: date) -> list[int]:
    """Several decisions in one act, at the cost of one: each with a known number of its own, the subjects resolved together."""
    if not some:
        return []
    lock_merge(connection)
    numbers = [_take_number(connection) for _ in some]
    with steps(connection) as act:
        moved: dict[str, Table] = {}
        for entity in sorted({one.entity for one in some}):
            mine = [(known, one) for known, one in zip(numbers, some, strict=True) if one.entity == entity]
            moved[entity] = touched(act, entity, select(_numbers(sorted({one.subject for _, one in mine}))))
            signatures = _signatures(act, tables, entity, moved[entity], sorted({one.short for _, one in mine}))
            for known, one in mine:
                signature = signatures.get((one.subject, one.short), "")
                values = {"element": one.element, "signature": signature, "by": by, "reason": one.reason, **one.value}
                act.run("decision", decision.insert().values(known=known, key_id=one.subject, **values))
        _settle(act, tables, moved, set(), Moving(numbers[-1], now), today)
    return numbers


def _signatures(act: Steps, tables: StoreTables, entity: str, subjects: Table, shorts: Sequence[str]) -> dict[tuple[int, str], str]:
    """What each source says now of these elements of these subjects, as one text each."""
    keys = keys_of(select(subjects.c.subject_id), None).subquery()
    said = golden(tables, entity, keys, signed=shorts).subquery()
    chosen = select(said.c.subject_id, *(said.c[f"{short}_signature"] for short in shorts))
    found: dict[tuple[int, str], str] = {}
    for row in act.run("signature", chosen):
        found |= {(int(row[0]), short): str(row[place] or "") for place, short in enumerate(shorts, 1)}
    return found
