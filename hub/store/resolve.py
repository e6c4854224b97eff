"""Resolve: write what the one definition says of the touched subjects, and open and close their conflicts.

Only golden rows that differ are written. What is a conflict comes in as selects: of sources that differ (``hub.store.golden``)
and of broken consistency rules (``hub.store.rules``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Table,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.sql.selectable import FromClause

from hub.registry.model import Element, Policy
from hub.store.golden import golden, suppliers
from hub.store.keys import keys_of, members
from hub.store.ledger_tables import conflict, decision
from hub.store.steps import Steps
from hub.store.tables import DatasetTables, StoreTables

Selected = Select[Any] | CompoundSelect[Any]


@dataclass(frozen=True, slots=True)
class Moving:
    """The act that moves the store: its known number and its instant in microseconds."""

    known: int
    now: int


def touched_by_batch(act: Steps, tables: StoreTables, source: DatasetTables, change: FromClause, entity: str, unchanged: bool) -> Table:
    """The subjects of ``entity`` whose rows a merge changed, as the temporary table ``touched_<entity>`` (subject_id).

    Those of old and of new versions. ``unchanged``: a snapshot re-dates the rows that it left alone, so where a date may
    decide, subjects are looked at again too: those with an open conflict, and those of whom a decision hides one.
    """
    linked = members(None)
    names = [f"{role.name}_key" for role in source.contract.roles if role.entity == entity]
    found: list[Select[Any]] = []
    for history in (source.current, source.past):
        for name in names:
            keys = history.c[name]
            found.append(
                select(func.coalesce(linked.c.subject_id, keys))
                .select_from(history.outerjoin(linked, linked.c.key_id == keys))
                .where(keys.is_not(None), history.c.row_id.in_(select(change.c.row_id)))
            )
    if unchanged:
        found += _redated(source, entity)
    return touched(act, entity, union(*found) if len(found) > 1 else found[0].distinct())


def _redated(source: DatasetTables, entity: str) -> list[Select[Any]]:
    linked = members(None)
    said = sorted({f"{entity}.{short}" for role in source.contract.roles if role.entity == entity for short in role.says})
    decided = (
        select(func.coalesce(linked.c.subject_id, decision.c.key_id))
        .select_from(decision.outerjoin(linked, linked.c.key_id == decision.c.key_id))
        .where(decision.c.element.in_(said))
    )
    open_ = select(conflict.c.subject_id).where(conflict.c.entity == entity, conflict.c.closed.is_(None), conflict.c.what.in_(said))
    return [open_, decided]


def touched(act: Steps, entity: str, subjects: Selected) -> Table:
    """The temporary table ``touched_<entity>`` of the given subject ids."""
    table = act.temporary(f"touched_{entity}", Column("subject_id", BigInteger, primary_key=True, autoincrement=False))
    act.run(f"touched {entity}", table.insert().from_select(["subject_id"], subjects))
    act.analyze(table)
    return table


def resolve(act: Steps, tables: StoreTables, entity: str, subjects: Table, moving: Moving) -> None:
    """Bring golden rows and value conflicts of the touched subjects to what the definition says at (now, now)."""
    keys = act.temporary(
        f"touched_key_{entity}",
        Column("key_id", BigInteger, primary_key=True, autoincrement=False),
        Column("subject_id", BigInteger, nullable=False),
    )
    act.run(f"keys of {entity}", keys.insert().from_select(["key_id", "subject_id"], keys_of(select(subjects.c.subject_id), None)))
    act.analyze(keys)
    stored = tables.golden[entity]
    elements = tables.catalog.stored_elements(entity)
    resolved = act.temporary(
        f"resolved_{entity}",
        *(Column(c.name, c.type, primary_key=c.primary_key, autoincrement=False) for c in stored.columns),
        *(Column(f"{e.short}_differing", BigInteger) for e in elements),
    )
    if entity not in tables.statements:  # the same tables every time: built once
        names = [str(c.name) for c in resolved.columns]
        said = golden(tables, entity, keys).subquery()
        tables.statements[entity] = resolved.insert().from_select(names, select(*(said.c[name] for name in names)))
    act.run(f"golden {entity}", tables.statements[entity])
    act.analyze(resolved)
    _write_golden(act, stored, resolved, subjects, elements)
    found = _differing(tables, resolved, elements)
    if found is not None:
        settle_conflicts(act, entity, subjects, [e.name for e in elements], found, moving)


def _write_golden(act: Steps, stored: Table, resolved: Table, subjects: Table, elements: Sequence[Element]) -> None:
    compared = [name for e in elements for name in (e.short, f"{e.short}_source")]
    same = exists().where(
        resolved.c.subject_id == stored.c.subject_id,
        *(resolved.c[name].is_not_distinct_from(stored.c[name]) for name in compared),
    )
    act.run(
        f"remove changed {stored.name}",
        stored.delete().where(stored.c.subject_id.in_(select(subjects.c.subject_id)), ~same),
    )
    names = [str(c.name) for c in stored.columns]
    kept = exists().where(stored.c.subject_id == resolved.c.subject_id)
    act.run(f"write {stored.name}", stored.insert().from_select(names, select(*(resolved.c[name] for name in names)).where(~kept)))


def _differing(tables: StoreTables, resolved: Table, elements: Sequence[Element]) -> Selected | None:
    """One row per source that differs: subject_id, what, source, winner. None where nothing supplies the entity."""
    supplied = [element for element in elements if suppliers(tables, element.name)]
    if not supplied:
        return None
    apart = (
        select(*resolved.c)
        .where(or_(*(resolved.c[f"{e.short}_differing"] != 0 for e in supplied)))
        .cte("apart")
        .prefix_with("MATERIALIZED")
    )
    found = []
    for element in supplied:
        numbers = suppliers(tables, element.name)
        each = [select(literal(1 << i, BigInteger).label("bit"), literal(number).label("number")) for i, number in enumerate(numbers)]
        sources = (union_all(*each) if len(each) > 1 else each[0]).subquery()
        bits = apart.c[f"{element.short}_differing"]
        nobody = tables.catalog.authority(element.name).policy is Policy.MANUAL
        winner: ColumnElement[Any] = literal(0) if nobody else apart.c[f"{element.short}_source"]
        found.append(
            select(apart.c.subject_id, literal(element.name).label("what"), sources.c.number.label("source"), winner.label("winner"))
            .join_from(apart, sources, bits.bitwise_and(sources.c.bit) != 0)
            .where(bits != 0)
        )
    return union_all(*found) if len(found) > 1 else found[0]


def settle_conflicts(act: Steps, entity: str, subjects: Table | None, about: Sequence[str], found: Selected, moving: Moving) -> None:
    """Open what is found and not open, close what is open and not found, name the winner of the others anew.

    ``subjects``: of whom ``found`` speaks (None: of everybody), ``about``: of what (elements, or ``rule:<name>``). ``found``:
    columns subject_id, what, source, winner.
    """
    rules = about[0].startswith("rule:")
    kind = f"{'rule' if rules else 'value'} conflicts of {'every ' if subjects is None else ''}{entity}"
    current = act.temporary(
        f"found_{kind.replace(' ', '_')}",
        Column("subject_id", BigInteger, nullable=False),
        Column("what", conflict.c.what.type, nullable=False),
        Column("source", Integer, nullable=False),
        Column("winner", Integer, nullable=False),
    )
    act.run(f"find {kind}", current.insert().from_select(["subject_id", "what", "source", "winner"], found))
    act.analyze(current)
    open_ = and_(conflict.c.closed.is_(None), conflict.c.entity == entity)
    spoken_of = and_(open_, conflict.c.what.in_(about))
    if subjects is not None:
        spoken_of = and_(spoken_of, conflict.c.subject_id.in_(select(subjects.c.subject_id)))
    same = and_(conflict.c.subject_id == current.c.subject_id, conflict.c.what == current.c.what, conflict.c.source == current.c.source)
    act.run(
        f"close {kind}",
        conflict.update().where(spoken_of, ~exists().where(same)).values(closed=moving.known, closed_at=moving.now),
    )
    if not rules:
        winner = select(func.max(current.c.winner)).where(same).scalar_subquery()
        renamed = conflict.update().where(spoken_of, exists().where(same, conflict.c.winner != current.c.winner))
        act.run(f"rename winners in {kind}", renamed.values(winner=winner))
    new = select(
        current.c.subject_id, literal(entity), current.c.what, current.c.source, current.c.winner,
        literal(moving.known, BigInteger), literal(moving.now, BigInteger),
    ).where(~exists().where(open_, same))  # fmt: skip
    act.run(
        f"open {kind}",
        conflict.insert().from_select(["subject_id", "entity", "what", "source", "winner", "opened", "opened_at"], new),
    )


def close_unheard(act: Steps, tables: StoreTables, moving: Moving) -> None:
    """Close what is open about elements and rules that no definition names any more."""
    named = [*tables.catalog.elements, *(f"rule:{name}" for name in tables.catalog.rules)]
    act.run(
        "close unheard conflicts",
        conflict.update()
        .where(conflict.c.closed.is_(None), conflict.c.what.not_in(named))
        .values(closed=moving.known, closed_at=moving.now),
    )


def rule_conflicts(name: str, broken: Select[Any]) -> Select[Any]:
    """The rows of a broken rule for ``settle_conflicts``; ``broken`` selects subject ids."""
    subject = broken.subquery()
    return select(
        subject.c[0].label("subject_id"), literal(f"rule:{name}").label("what"), literal(0).label("source"), literal(0).label("winner")
    )
