"""State, golden, conflicts, measures, rosters and rules are selects that mean the same on every engine.

What the store really executes is collected, by what it is for, and its trees are walked; whatever ``select_rules`` does not
list is refused. That it would be is shown on selects that nobody should write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Date,
    Engine,
    Integer,
    Text,
    cast,
    event,
    exists,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.selectable import SelectBase

from hub.core.clock import FixedClock, parse_period
from hub.core.settings import load
from hub.forms.context import period_parameters
from hub.publish import publish, written_at
from hub.registry.definitions import definition_roots
from hub.registry.expressions import bind, bind_condition
from hub.registry.load_forms import OBSERVATION
from hub.registry.model import FieldKind, FormField
from hub.store import rosters
from hub.store.acts import resolve_all
from hub.store.conflicts import open_conflicts
from hub.store.engine import writing
from hub.store.hub import make_hub
from hub.store.ledger_tables import batch, code_ancestor, conflict, held, member
from hub.store.measures import read_measures
from hub.store.positions import Moment
from hub.store.view import open_view
from tests.moments import NOVEMBER
from tests.store import rule_stories as day
from tests.store.cities import loaded
from tests.store.select_rules import CONSTRUCTS, FUNCTIONS, OPERATORS, Walk, refusals
from tests.store.small import RESIDENT, Sent
from tests.store.small_city import CATALOG, PARAMETERS, VILLAGES, City
from tests.store.stories import Linked, Settled, play
from tests.store.test_expressions import CONDITIONS, VALUES
from tests.store.test_measures import CITY, NAMES
from tests.store.world import World

# What an act writes into, and what it is that stands there.
WRITTEN = {
    "resolved_": "golden", "found_value": "conflicts", "found_rule": "rules", "touched_": "subjects", "view_": "as of a moment",
}  # fmt: skip
KINDS = (*WRITTEN.values(), "records and conflicts", "measures", "roster lines", "roster cells")


@dataclass
class Collected:
    """The selects that an engine was given, by kind; each shape once."""

    found: dict[str, dict[Any, SelectBase]] = field(default_factory=lambda: {kind: {} for kind in KINDS})

    def add(self, kind: str, statement: SelectBase) -> None:
        made = statement._generate_cache_key()
        assert made is not None
        self.found[kind][made.key] = statement

    @contextmanager
    def of(self, engine: Engine, kind: str | None = None) -> Iterator[None]:
        """Selects read while this lasts are of a kind; those that fill a table are what the table is for."""

        def note(_connection: Any, element: Any, *_rest: Any) -> None:
            if isinstance(element, Insert) and element.select is not None:
                for prefix, written in WRITTEN.items():
                    if element.table.name.startswith(prefix):
                        self.add(written, element.select)
            elif isinstance(element, SelectBase) and kind is not None:
                self.add(kind, element)

        event.listen(engine, "before_execute", note)
        try:
            yield
        finally:
            event.remove(engine, "before_execute", note)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory, sqlite_world: World) -> Collected:
    made = Collected()
    _small_hub(made, sqlite_world)
    _every_expression(made)
    _what_is_shipped(made, tmp_path_factory.mktemp("shipped"))
    return made


def _small_hub(made: Collected, world: World) -> None:
    """Snapshots, deltas, late batches, a link, a decision, another authority, and everything read now and as of a day."""
    world.reset()
    with made.of(world.engine):
        play(world, [*day.MOVED_BY_DELTA, *day.OLD_CERTIFICATE, *day.SCHOOL_AGREES, *day.HEAD_LEFT_BEHIND, *day.TWO_BIRTH_DATES])
        play(
            world,
            [Linked("link", ("person", "p1"), ("person", "p2")), Settled(1), Sent(RESIDENT, 0, day.SNAPSHOT, ({"citizen_id": "p1"},))],
        )
    with world.engine.connect() as connection:
        with made.of(world.engine, "records and conflicts"), open_view(connection, world.tables) as view:
            connection.execute(select(view.records("benefit")))
            connection.execute(select(view.conflicts("person")))
            open_conflicts(connection, world.tables, ["civil"], ["A1"])
            rosters.open_conflicts(connection, view, "person", [1])
        # Never the short cut to the current tables: what is as of a moment is asked for.
        with made.of(world.engine), open_view(connection, world.tables) as view:
            view.at = Moment(date(2026, 1, 3), 4)
            for entity in ("person", "household"):
                view.subject(entity)
            view.records("benefit")
            with made.of(world.engine, "records and conflicts"):
                rosters.open_conflicts(connection, view, "person", [1])


def _every_expression(made: Collected) -> None:
    """All that the expression language can say, in rosters and in measures."""
    city = City({name: [] for name in ("person", "household", "benefit", "membership", "place")})
    with loaded(city) as (connection, view):
        by, values = bind(CATALOG, "person", "village"), {f"v{i}": bind(CATALOG, "person", text) for i, text in enumerate(VALUES)}
        with made.of(connection.engine, "measures"):
            for places in (None, VILLAGES):
                read_measures(connection, view, CITY, NAMES, places, PARAMETERS)
        with made.of(connection.engine, "roster lines"):
            for condition in CONDITIONS:
                where = bind(CATALOG, "person", condition)
                rosters.roster_lines(connection, view, CATALOG, "person", by, where, [by], VILLAGES, PARAMETERS)
        with made.of(connection.engine, "roster cells"):
            connection.execute(rosters._cells_statement(view, CATALOG, "person", values, [1], PARAMETERS))


def _what_is_shipped(made: Collected, home: Path) -> None:
    """Every dataset, rule, measure and form of the definitions that travel with the product."""
    hub = make_hub(load(home, None), FixedClock(NOVEMBER))
    publish(hub, written_at(definition_roots()), "test")
    hub = hub.reopened()
    with made.of(hub.engine), writing(hub.engine) as connection:
        resolve_all(connection, hub.tables, hub.micros(), hub.today())
    catalog, parameters = hub.catalog, period_parameters(parse_period("2026-10"))
    with hub.engine.connect() as connection, open_view(connection, hub.tables) as view:
        view.at = Moment(date(2026, 10, 31), 1)
        with made.of(hub.engine):
            for entity in catalog.entities:
                (view.subject if entity in hub.tables.golden else view.records)(entity)
        with made.of(hub.engine, "measures"):
            read_measures(connection, view, catalog, catalog.measures, ["110000000001"], parameters)
        for section in (section for form in catalog.forms.values() for section in form.sections):
            entity, key = str(section.of), catalog.entities[str(section.of)].key
            by = bind(catalog, entity, section.by or str(key))
            where = None if section.where is None else bind_condition(catalog, entity, section.where)
            order = [bind(catalog, entity, path) for path in section.order]
            with made.of(hub.engine, "roster lines"):
                rosters.roster_lines(connection, view, catalog, entity, by, where, order, ["110000000001"], parameters)
            columns = {one.name: bind(catalog, entity, one.expression) for one in section.fields if _is_read(one)}
            with made.of(hub.engine, "roster cells"):
                connection.execute(rosters._cells_statement(view, catalog, entity, columns, [1], parameters))
    hub.engine.dispose()


def _is_read(one: FormField) -> bool:
    """Does the store hold what stands in this column?"""
    typed = one.kind is FieldKind.ENTRY and one.expression and not one.expression.startswith(OBSERVATION)
    return one.kind is FieldKind.ELEMENT or bool(typed)


@pytest.mark.parametrize("kind", dict.fromkeys(KINDS))
def test_what_the_store_reads_means_the_same_on_every_engine(collected: Collected, kind: str) -> None:
    assert collected.found[kind]
    for statement in collected.found[kind].values():
        assert refusals(statement) == []


def test_nothing_is_listed_that_nobody_uses(collected: Collected) -> None:
    """What may be used is what is used: a longer list would let something in that nobody weighed."""
    walk = Walk()
    for statements in collected.found.values():
        for statement in statements.values():
            walk.over(statement)
    assert walk.used == CONSTRUCTS | FUNCTIONS | OPERATORS


# What nobody should write ---------------------------------------------------------------------------------------------

other = member.alias()
text_key = select(held.c.row_id).join(batch, batch.c.name == cast(held.c.row_id, Text))
REFUSED: dict[str, tuple[SelectBase, str]] = {
    "SQL as text": (select(member.c.key_id).where(text("known > 1")), "construct: TextClause"),
    "a column as text": (select(literal_column("julianday()")), "text as SQL"),
    "the clock of the database": (select(member.c.key_id).where(member.c.known < func.now()), "function: now"),
    "a function of one engine": (select(func.json_extract(batch.c.reason, "$.x")), "function: json_extract"),
    "an aggregate of one engine": (select(func.string_agg(batch.c.name, ",")), "function: string_agg"),
    "rounding": (select(func.round(member.c.known)), "function: round"),
    "division": (select(member.c.known / 2), "operator: truediv"),
    "date arithmetic": (select(batch.c.as_of + literal(1, Integer)), "arithmetic of what is no number"),
    "a date out of text": (select(cast(batch.c.name, Date)), "cast: CAST"),
    "LIKE": (select(batch.c.id).where(batch.c.name.like("a%")), "operator: like_op"),
    "a regular expression": (select(batch.c.id).where(batch.c.name.regexp_match("a")), "operator: regexp_match_op"),
    "order of text": (select(batch.c.id).where(batch.c.name < "b"), "order of text"),
    "sorting by text": (select(batch.c.name).order_by(batch.c.name.nulls_last()), "order of text"),
    "a collation": (select(batch.c.name.collate("NOCASE")), "construct: CollationClause"),
    "IS TRUE": (select(batch.c.id).where((batch.c.pos > 1).is_(true())), "construct: True_"),
    "NULL somewhere": (select(batch.c.pos).order_by(batch.c.parent), "place of NULL left to the engine"),
    "LIMIT of anything": (select(batch.c.id).limit(1), "LIMIT without an order"),
    "a window without an order": (select(func.row_number().over(partition_by=batch.c.dataset)), "window without an order"),
    "an order that is not total": (
        select(func.row_number().over(order_by=[batch.c.known, batch.c.as_of.nulls_last()])), "window order that is not total"),
    "a frame": (select(func.sum(batch.c.read).over(order_by=batch.c.known, rows=(None, 0))), "frame of a window"),
    "DISTINCT ON": (select(batch.c.id).ext(distinct_on(batch.c.dataset)), "construct: DistinctOnClause"),
    "FULL JOIN": (select(member.c.key_id).join(other, other.c.key_id == member.c.key_id, full=True), "FULL JOIN"),
    "a join by text": (text_key, "join by no number"),
    "a join by text in EXISTS": (
        select(batch.c.id).where(exists().where(conflict.c.what == batch.c.name)), "correlation by no number"),
    "IN a select by text": (select(batch.c.id).where(batch.c.name.in_(select(conflict.c.what))), "IN a select by no number"),
    "codes by more than equality": (
        select(batch.c.id).where(select(code_ancestor.c.code).where(code_ancestor.c.code != batch.c.name).exists()),
        "code list joined by more than equality"),
    "code list joined": (select(code_ancestor.c.code).join(batch, batch.c.name == code_ancestor.c.code), "join by no number"),
    "tables side by side": (select(batch.c.id, member.c.key_id), "tables joined by nothing"),
    "LATERAL": (select(select(member.c.key_id).lateral().c.key_id), "construct: Lateral"),
    "EXCEPT": (select(batch.c.id).except_(select(member.c.key_id)), "set operation: EXCEPT"),
    "a lock": (select(batch.c.id).with_for_update(), "prefix, hint or lock"),
    "recursion": (select(select(batch.c.id).cte("chain", recursive=True).c.id), "kind of WITH: chain"),
    "FILTER": (select(func.count().filter(batch.c.pos > 1)), "construct: FunctionFilter"),
}  # fmt: skip


@pytest.mark.parametrize("offence", REFUSED)
def test_the_walk_refuses(offence: str) -> None:
    statement, said = REFUSED[offence]
    for where in (statement, select(statement.subquery().c[0].label("inside"))):
        assert any(one.startswith(said) for one in refusals(where)), refusals(where)


def test_the_walk_lets_pass() -> None:
    """What the refused ones have beside their offence is no offence."""
    assert refusals(select(batch.c.id).join(held, held.c.pos == batch.c.pos).where(batch.c.name == "a").order_by(batch.c.id).limit(1)) == []
