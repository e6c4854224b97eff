"""Golden: who is right about each element of each subject. The one definition, as a select, for now and for any moment.

Steps, by the names that the statement carries: ``said_<dataset>`` (the one voice of each dataset, ``hub.store.voices``),
``wide`` (one line a subject with every source beside every other), ``contested`` (which sources contradict another, where
that decides), ``judged`` (the winner by policy), and the result with people's decisions. Pure: the order in which batches
arrived cannot change it. Writing is ``hub.store.resolve``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    LargeBinary,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)  # fmt: skip
from sqlalchemy.sql.selectable import CTE, FromClause

from hub.registry.model import Element, Policy, ValueType
from hub.store.ledger_tables import code_ancestor, decision
from hub.store.positions import Moment
from hub.store.tables import StoreTables
from hub.store.types import column_type
from hub.store.voices import comparable, voice

Column = ColumnElement[Any]

DECIDED = -1  # the source number of a value that a person decided


def golden(
    tables: StoreTables,
    entity: str,
    keys: FromClause,
    at: Moment | None = None,
    *,
    signed: Iterable[str] = (),
    few: Select[tuple[int]] | None = None,
) -> Select[tuple[Any, ...]]:
    """One line per subject that some source covers.

    ``keys``: columns key_id, subject_id of the subjects asked for. Columns: subject_id; per stored element its value (and
    ``_sealed``), ``_source`` (dataset number; 0 nobody covers, DECIDED a person; the first in order where policy ``manual``
    leaves the value empty) and ``_differing`` (the sources that differ from the value: see ``suppliers``; 0 once decided).
    ``signed``: short names that also get ``_signature``. ``few``: the keys once more, where they are some of many: then only their
    versions of the past are looked up, one by one. (Of everybody, SQLite would take the result for small and scan it at each join.)
    """
    wide = _wide(tables, entity, keys, at, few)
    voiced = [_Voiced(tables, element, wide) for element in tables.catalog.stored_elements(entity)]
    judged = _judged(voiced, wide)
    return _settled(voiced, wide, judged, _decisions(voiced, keys, at), frozenset(signed))


def suppliers(tables: StoreTables, element: str) -> tuple[int, ...]:
    """The datasets that supply an element, by number: the i-th is the bit 2**i of its ``_differing``."""
    entity = tables.catalog.elements[element].entity
    short = tables.catalog.elements[element].short
    return tuple(
        sorted(
            dataset.number
            for dataset in tables.said_by(entity)
            if any(role.entity == entity and short in role.says for role in dataset.contract.roles)
        )
    )


@dataclass(frozen=True)
class _Voiced:
    """One element beside the columns of ``wide`` that speak of it."""

    tables: StoreTables
    element: Element
    wide: CTE

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The sources that deliver it, in the order of its authority."""
        known = suppliers(self.tables, self.element.name)
        order = self.tables.catalog.authority(self.element.name).order
        named = (self.tables.datasets[contract].number for contract in order if contract in self.tables.datasets)
        return tuple(number for number in named if number in known)

    @property
    def policy(self) -> Policy:
        return self.tables.catalog.authority(self.element.name).policy

    @property
    def decided_by_date(self) -> bool:
        return self.policy is Policy.LATEST and len(self.numbers) > 1

    def says(self, number: int) -> Column:
        return self.wide.c[f"{self.element.short}_{number}"]

    def bit(self, number: int) -> int:
        return 1 << suppliers(self.tables, self.element.name).index(number)

    def chosen(self, winner: Column, suffix: str = "") -> Column:
        """The winner's value, or with ``_sealed`` its ciphertext."""
        kind = LargeBinary() if suffix else column_type(self.element.type)
        branches = [(winner == number, self.wide.c[f"{self.element.short}{suffix}_{number}"]) for number in self.numbers]
        return case(*branches, else_=cast(null(), kind)) if branches else cast(null(), kind)

    def differ(self, one: Column, other: Column) -> Column:
        """Both say something, and not the same; a code agrees with its ancestors in the list. Never null."""
        different = and_(one.is_not(None), other.is_not(None), one != other)
        if self.element.code_list is not None or self.element.type is ValueType.DIVISION:
            name = self.element.code_list or "division"
            different = and_(different, ~_is_ancestor(name, one, other), ~_is_ancestor(name, other, one))
        return func.coalesce(different, literal(False, Boolean))

    def contradicts(self, number: int) -> Column:
        """Does this source say another thing than some other?"""
        return or_(*(self.differ(self.says(number), self.says(other)) for other in self.numbers if other != number))

    def differing(self, value: Column) -> Column:
        """The sources that differ, one bit each: another value than this one, or rows that disagree among themselves."""
        total: Column = literal(0, BigInteger)
        for number in self.numbers:
            apart = self.wide.c[f"{self.element.short}_differs_{number}"]
            differs = or_(apart, self.differ(value, self.says(number))) if len(self.numbers) > 1 else apart
            total = total + case((differs, literal(self.bit(number), BigInteger)), else_=literal(0, BigInteger))
        return total

    def signature(self) -> Column:
        """What each source says at this moment, as one text."""
        parts: Column = literal("", Text)
        for number in sorted(self.numbers):
            text = cast(comparable(self.element, self.says(number)), Text)
            parts = parts + literal(f"{number}=", Text) + func.coalesce(text, literal("", Text)) + literal("|", Text)
        return parts


def _is_ancestor(code_list: str, ancestor: Column, code: Column) -> Column:
    return (
        select(code_ancestor.c.code)
        .where(code_ancestor.c.list == code_list, code_ancestor.c.code == code, code_ancestor.c.ancestor == ancestor)
        .exists()
    )


def _fenced(statement: Select[Any], name: str) -> CTE:
    """A step that the planner computes once: otherwise both planners copy its expressions into the next and double them."""
    return statement.cte(name).prefix_with("MATERIALIZED")


def _wide(tables: StoreTables, entity: str, keys: FromClause, at: Moment | None, few: Select[tuple[int]] | None) -> CTE:
    subjects = select(keys.c.subject_id).distinct().subquery()
    joined: FromClause = subjects
    columns: list[Column] = [subjects.c.subject_id]
    for dataset in tables.said_by(entity):
        number, source = dataset.number, voice(tables, dataset, entity, keys, at, few)
        joined = joined.outerjoin(source, source.c.subject_id == subjects.c.subject_id)
        columns += [source.c.subject_id.is_not(None).label(f"covers_{number}"), source.c.stated.label(f"stated_{number}")]
        for element in tables.catalog.stored_elements(entity):
            if element.short not in source.c:
                continue
            columns.append(source.c[element.short].label(f"{element.short}_{number}"))
            differs = func.coalesce(source.c[f"{element.short}_differs"], literal(False, Boolean))
            columns.append(differs.label(f"{element.short}_differs_{number}"))
            if element.sealed:
                columns.append(source.c[f"{element.short}_sealed"].label(f"{element.short}_sealed_{number}"))
    return _fenced(select(*columns).select_from(joined), "wide")


def _judged(voiced: Sequence[_Voiced], wide: CTE) -> CTE:
    """Per element the number of the source whose value stands."""
    dated = [one for one in voiced if one.decided_by_date]
    if not dated:
        return _fenced(
            select(wide.c.subject_id, *(_winner(one, wide, {}).label(f"{one.element.short}_winner") for one in voiced)), "judged"
        )
    contested = _contested(dated, wide)
    columns = []
    for one in voiced:
        short = one.element.short
        contradicts = {n: contested.c[f"{short}_contested_{n}"] for n in one.numbers} if one.decided_by_date else {}
        columns.append(_winner(one, wide, contradicts).label(f"{short}_winner"))
    joined = wide.join(contested, contested.c.subject_id == wide.c.subject_id)
    return _fenced(select(wide.c.subject_id, *columns).select_from(joined), "judged")


def _contested(dated: Sequence[_Voiced], wide: CTE) -> CTE:
    """Where the date decides: which sources contradict some other. One that contradicts nobody (it names the area that all
    others are in) does not win by being later: then its next delivery, which says the same again, would change the value."""
    columns = [one.contradicts(number).label(f"{one.element.short}_contested_{number}") for one in dated for number in one.numbers]
    return _fenced(select(wide.c.subject_id, *columns), "contested")


def _winner(one: _Voiced, wide: CTE, contested: Mapping[int, Column]) -> Column:
    """The last stated of those that contradict another, where the date decides; else the first in order that has a value; else
    the first that covers the subject."""
    if not one.numbers:
        return literal(0)
    covers = [(wide.c[f"covers_{n}"], literal(n)) for n in one.numbers]
    return case(*_latest(wide, contested), *_first_with_a_value(one), *covers, else_=literal(0))


def _latest(wide: CTE, contested: Mapping[int, Column]) -> list[tuple[Column, Column]]:
    """Of the sources that contradict another the one that spoke last; the earlier in order where two spoke at once."""
    return [
        (and_(mine, *(or_(~other, wide.c[f"stated_{m}"] <= wide.c[f"stated_{n}"]) for m, other in contested.items() if m != n)), literal(n))
        for n, mine in contested.items()
    ]


def _first_with_a_value(one: _Voiced) -> list[tuple[Column, Column]]:
    return [(one.says(n).is_not(None), literal(n)) for n in one.numbers]


def _settled(voiced: Sequence[_Voiced], wide: CTE, judged: CTE, decisions: CTE, signed: frozenset[str]) -> Select[Any]:
    about = select(decisions.c.subject_id).distinct().subquery("about")
    joined: FromClause = wide.join(judged, judged.c.subject_id == wide.c.subject_id)
    joined = joined.outerjoin(about, about.c.subject_id == wide.c.subject_id)
    columns: list[Column] = [wide.c.subject_id]
    for one in voiced:
        element, short = one.element, one.element.short
        winner = judged.c[f"{short}_winner"]
        taken = decisions.alias(f"decided_{short}")
        signature = case((about.c.subject_id.is_not(None), one.signature()))  # not made for the many of whom nobody decided
        joined = joined.outerjoin(
            taken,
            and_(taken.c.subject_id == wide.c.subject_id, taken.c.element == element.name, taken.c.signature == signature),
        )
        decided = taken.c.subject_id.is_not(None)
        differing = one.differing(one.chosen(winner))
        # Policy manual: nobody is right until a person decides.
        open_ = [(differing != 0, null())] if one.policy is Policy.MANUAL and one.numbers else []
        columns += [
            case((decided, taken.c[decision_column(element)]), *open_, else_=one.chosen(winner)).label(short),
            case((decided, literal(DECIDED)), else_=winner).label(f"{short}_source"),
            case((decided, literal(0, BigInteger)), else_=differing).label(f"{short}_differing"),
        ]
        if element.sealed:
            columns.append(case((decided, taken.c.value_sealed), *open_, else_=one.chosen(winner, "_sealed")).label(f"{short}_sealed"))
        if short in signed:
            columns.append(one.signature().label(f"{short}_signature"))
    covers = [column for column in wide.c if str(column.name).startswith("covers_")]
    return select(*columns).select_from(joined).where(or_(*covers) if covers else literal(False, Boolean))


def _decisions(voiced: Sequence[_Voiced], keys: FromClause, at: Moment | None) -> CTE:
    """The decisions about the asked subjects: the last one taken on each (subject, element, signature)."""
    order = func.row_number().over(
        partition_by=[keys.c.subject_id, decision.c.element, decision.c.signature], order_by=decision.c.known.desc()
    )
    chosen = (
        select(keys.c.subject_id, *(decision.c[name] for name in _DECISION_COLUMNS), order.label("place"))
        .join_from(decision, keys, keys.c.key_id == decision.c.key_id)
        .where(decision.c.element.in_([one.element.name for one in voiced]))
    )
    if at is not None:
        chosen = chosen.where(decision.c.known <= at.known)
    ranked = chosen.subquery()
    return _fenced(select(ranked.c.subject_id, *(ranked.c[name] for name in _DECISION_COLUMNS)).where(ranked.c.place == 1), "decisions")


_DECISION_COLUMNS = ("element", "signature", "value_text", "value_integer", "value_date", "value_boolean", "value_sealed")


def decision_column(element: Element) -> str:
    """The column of a decision that holds a value of this element."""
    kind = type(column_type(element.type))
    return {Text: "value_text", Date: "value_date", Boolean: "value_boolean"}.get(kind, "value_integer")
