"""Each rule of docs/store.md is dropped in turn, and a property fails: none of them is there for nothing.

A case says which rule, how the store would be without it, and a day on which that would be seen. The same day passes as
the store is. SQLite alone: that both engines say the same is a property of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, ColumnElement, Select, Text, cast, false, func, literal, select

from hub.registry.model import Delivery, Policy, Rule, Severity
from hub.store import acts, golden, merge, resolve, state, view, voices
from hub.store.golden import _Voiced
from hub.store.tables import store_tables
from tests.store import properties
from tests.store import rule_stories as day
from tests.store import world as world_module
from tests.store.small import CATALOGS, Sent, T
from tests.store.small import day as date_of
from tests.store.stories import Act, play
from tests.store.world import World, compare

Property = Callable[[World], None]
COUNTS = r"^Sent\("  # the counts of a delivery are not the reference's


@dataclass(frozen=True)
class Dropped:
    """A part of rule ``rule`` by name. Where ``owner`` has ``instead`` as its ``function``, ``property`` fails, saying ``seen``."""

    rule: int
    name: str
    owner: Any
    function: str
    instead: Any
    property: Property
    seen: str

    def drop(self, patch: pytest.MonkeyPatch, world: World) -> None:
        patch.setattr(self.owner, self.function, self.instead)
        if self.owner in (state, voices, golden, _Voiced):  # of these the store keeps a statement that was built with the rule
            for tables in world._tables:
                patch.setitem(tables.__dict__, "statements", {})


def nobody(*_: Any) -> Select[Any]:
    return select(literal(0)).where(false())


# The properties -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """After each act of the story the store says what the reference says; with a moment (day, how many numbers after the first)
    also as of it, and as of now."""

    story: tuple[Act, ...]
    moment: tuple[int, int] | None = None

    def __call__(self, world: World) -> None:
        if self.moment is None:
            properties.agrees_now(world, self.story)
        else:
            properties.agrees_with_reference(world, self.story, [self.moment])


def in_any_order(*sent: Sent) -> Property:
    """The first two may change places."""
    return lambda world: properties.order_does_not_matter(world, sent, (sent[1], sent[0], *sent[2:]))


def the_day_moves(world: World) -> None:
    """What is open after an act is what judging everybody anew would open, whatever day it has become meanwhile."""
    child = Rule("grown_up", T, "person", "left_behind and birth_date <= years_before(:period_end, 16)", Severity.WARN)
    numbers = {name: tables.number for name, tables in world.tables.datasets.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world, "_tables", [store_tables(replace(CATALOGS[0], rules={child.name: child}), numbers)])
        world.reset()
        patch.setattr(world_module, "TODAY", date_of(0))
        play(world, day.CHILD)
        assert not world.current().broken
        patch.setattr(world_module, "TODAY", date_of(400))
        play(world, day.SOMEBODY_ELSE)
        before = world.current()
        world.settle(0)
        assert len(world.current().broken) == 1
        differences = compare(before, world.current())
        assert not differences, differences


# How the store would be without a rule --------------------------------------------------------------------------------


def without_place(number: int, table: Any, at: Any) -> tuple[ColumnElement[bool], ...]:
    return (table.c.known <= at.known,)


def without_known(number: int, table: Any, at: Any) -> tuple[ColumnElement[bool], ...]:
    return (table.c.pos <= state.horizon(number, at),)


def nothing_absent(*given: Any) -> Select[Any]:
    return merge_absent(*given).where(false())


def nothing_restated(*given: Any) -> Select[Any]:
    return merge_restated(*given).where(false())


def held_ends(tables: Any, pos: Any, row_id: Any) -> ColumnElement[bool]:
    """A batch's own held rows (its place is a number there) count as absent."""
    return literal(False, Boolean) if isinstance(pos, int) else merge_is_held(tables, pos, row_id)


def held_is_covered(tables: Any, pos: Any, row_id: Any) -> ColumnElement[bool]:
    """The rows that the next snapshot held (its place is a column there) count as covered by it."""
    return merge_is_held(tables, pos, row_id) if isinstance(pos, int) else literal(False, Boolean)


def nobody_held(number: int, pos: Any, at: Any) -> Select[tuple[int]]:
    return state_held_in(number, pos, at).where(false())


def with_a_surrogate(dataset: Any, at: Any, keys: Any) -> Select[Any]:
    """The rows of a dataset with their row id where the fingerprint should be."""
    rows = state.rows(dataset, at, keys).subquery()
    return select(*(rows.c.row_id.label("fingerprint") if c.name == "fingerprint" else c for c in rows.c))


def by_number(voiced: _Voiced) -> tuple[int, ...]:
    return tuple(sorted(golden.suppliers(voiced.tables, voiced.element.name)))


def never_manual(voiced: _Voiced) -> Policy:
    policy = voiced.tables.catalog.authority(voiced.element.name).policy
    return Policy.AUTHORITY if policy is Policy.MANUAL else policy


def of_the_first(voiced: _Voiced) -> ColumnElement[Any]:
    return func.coalesce(cast(voiced.says(voiced.numbers[0]), Text), "")


def not_open(source: Any, entity: str) -> list[Select[Any]]:
    return resolve_redated(source, entity)[1:]


def not_decided(source: Any, entity: str) -> list[Select[Any]]:
    return resolve_redated(source, entity)[:1]


merge_absent, merge_restated, merge_is_held = merge._absent, merge._restated, merge.is_held
state_held_in, resolve_redated = state._held_in, resolve._redated

RULES = (
    Dropped(1, "greatest place", state, "_greatest_first", lambda v: [v.c.known.desc()], Told(day.BACK_AGAIN, (4, 3)),
            "as of 4, 4:\n.*'A11'.* / .*'A2'"),
    Dropped(1, "within valid time", state, "_within", without_place, Told(day.TWO_CLOCKS, (2, 1)), "as of 2, 2:\n.*'A2'.* / .*'A1'"),
    Dropped(1, "within known", state, "_within", without_known, Told(day.TWO_CLOCKS, (2, 1)), "as of 2, 2:\n.*'A11'.* / .*'A1'"),
    Dropped(1, "before the first day", state, "horizon", lambda _, at: literal(at.pos), Told(day.BEGINS, (0, 0)), "only right"),
    Dropped(2, "a snapshot ends", merge, "_absent", nothing_absent, Told(day.LEFT), COUNTS),
    Dropped(2, "not what it holds", merge, "is_held", held_ends, Told(day.QUARANTINED), COUNTS),
    Dropped(2, "a delta says unchanged rows", merge, "states_every_row", lambda place: place.kind is Delivery.MEND,
            Told(day.said_again(Delivery.DELTA)), "village.*'A2'.* / .*'A1'"),
    Dropped(2, "a mend says unchanged rows", merge, "states_every_row", lambda place: place.kind is Delivery.DELTA,
            Told(day.said_again(Delivery.MEND)), "village.*'A2'.* / .*'A1'"),
    Dropped(3, "compared with the state before", merge, "compares_with_its_own_time", lambda _: False, Told(day.MOVED_BETWEEN), COUNTS),
    Dropped(3, "the next snapshot restates", merge, "_restated", nothing_restated, Told(day.FOR_A_DAY), "village.*'A2'.* / .*'A1'"),
    Dropped(3, "unless a version lies between", merge, "_spoken_between", lambda *_: literal(False, Boolean),
            Told(day.MOVED_BY_DELTA), "village.*'A1'.* / .*'A2'"),
    Dropped(3, "unless it held the row", merge, "is_held", held_is_covered, Told(day.LATE_AND_HELD), "village.*'A1'.* / .*'A2'"),
    Dropped(4, "date of the last statement", state, "_last_stated", lambda _, source, at: source.c.pos,
            Told(day.LEFT_UNCHANGED), "village.*'A2'.* / .*'A1'"),
    Dropped(4, "not of a batch that held it", state, "_held_in", nobody_held, Told(day.LEFT_HELD), "village.*'A1'.* / .*'A2'"),
    Dropped(5, "datedBy", voices, "_own_date", lambda *_: literal(0), Told(day.OLD_CERTIFICATE), "marital_status.*'40'.* / .*'20'"),
    Dropped(5, "last stated", voices, "_last_stated_first", lambda columns: [columns.fingerprint.desc()],
            Told(day.SECOND_SCHOOL), "village.*'A1'.* / .*'A2'"),
    Dropped(5, "that says something", voices, "_silent_last", lambda _: literal(0), Told(day.SILENT_SCHOOL), "birth_date.*None"),
    Dropped(5, "ties by content", voices, "rows", with_a_surrogate,
            in_any_order(day.ONE_SCHOOL, day.OTHER_SCHOOL, day.BOTH_SCHOOLS), "two orders of arrival:\n.*birth_date"),
    Dropped(6, "the order of authority", _Voiced, "numbers", property(by_number), Told(day.TWO_BIRTH_DATES), "birth_date.*civil.poor"),
    Dropped(6, "the first that has a value", golden, "_first_with_a_value", lambda _: [], Told(day.NO_BIRTH_DATE), "birth_date.*None"),
    Dropped(6, "latest", golden, "_latest", lambda *_: [], Told(day.MOVED), "village.*'A1'.* / .*'A2'"),
    Dropped(6, "latest of those that contradict", _Voiced, "contradicts", lambda one, number: one.says(number).is_not(None),
            Told(day.LESS_EXACT), "village.*'A1'.* / .*'A11'"),
    Dropped(6, "manual", _Voiced, "policy", property(never_manual), Told(day.TWO_NAMES), "name.*'钱'.* / .*None"),
    Dropped(6, "ancestors agree", golden, "_is_ancestor", lambda *_: literal(False, Boolean),
            Told(day.LESS_EXACT), "disputes:.*village.*only left"),
    Dropped(7, "while they say that", _Voiced, "signature", lambda _: literal("", Text), Told(day.SCHOOL_AGREES), "birth_date.*a person"),
    Dropped(7, "every source", _Voiced, "signature", of_the_first, Told(day.SCHOOL_AGREES), "birth_date.*a person"),
    Dropped(8, "open conflicts", resolve, "_redated", not_open, Told(day.LEFT_UNCHANGED), "village.*'A2'.* / .*'A1'"),
    Dropped(8, "decisions", resolve, "_redated", not_decided, Told(day.SETTLED_THEN_STATED_AT_ONCE), "birth_date.*a person"),
    Dropped(9, "beyond its own records", acts, "looks_at", lambda *_: frozenset(), Told(day.HEAD_LEFT_BEHIND), "broken:.*only right"),
    Dropped(10, "spoken of later", view, "_spoken_of_later", lambda *_: [], Told(day.TWO_CLOCKS, (2, 2)), "as of 2, from now"),
    Dropped(10, "open conflicts", view, "_disputed", nobody, Told(day.LEFT_UNCHANGED, (2, 1)), "as of 2, from now:\n.*'A1'.* / .*'A2'"),
    Dropped(10, "decisions", view, "_decided", nobody, Told(day.STATED_AT_ONCE_THEN_SETTLED, (2, 1)), "as of 2, from now:\n.*birth_date"),
    Dropped(9, "what day it is", acts, "looks_at", lambda *_: frozenset(), the_day_moves, "broken:.*only right"),
)  # fmt: skip


_passed: list[Property] = []  # of the days that several cases share


@pytest.fixture(scope="module", autouse=True)
def _kept_open(sqlite_world: World) -> Iterator[None]:
    """One idle connection: SQLite folds its log into the file whenever the last one is closed, which here is some hundred times."""
    with sqlite_world.engine.connect():
        yield


@pytest.mark.parametrize("case", RULES, ids=lambda case: f"{case.rule} {case.name}")
def test_without_the_rule_a_property_fails(sqlite_world: World, monkeypatch: pytest.MonkeyPatch, case: Dropped) -> None:
    if case.property not in _passed:
        case.property(sqlite_world)
        _passed.append(case.property)
    case.drop(monkeypatch, sqlite_world)
    with pytest.raises(AssertionError, match=case.seen):
        case.property(sqlite_world)


def test_every_rule_of_the_manual_is_dropped() -> None:
    """The numbers here are the numbers there."""
    text = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
    listed = re.findall(r"^(\d+)\. ", text.split("## The rules")[1].split("\n## ")[0], re.MULTILINE)
    assert {int(number) for number in listed} == {case.rule for case in RULES}
    assert len(listed) == 10
