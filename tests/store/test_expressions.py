"""The expression language in SQL agrees with a naive evaluator in plain Python, for any small city."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Select, select

from hub.registry import nodes as n
from hub.registry.expressions import bind
from hub.registry.kinds import kind_of
from hub.store.engine import open_engine
from hub.store.expressions import query
from hub.store.rosters import decode
from tests.store.cities import cities, loaded
from tests.store.small_city import CATALOG, PARAMETERS, City, TableView, evaluate

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

CONDITIONS = (
    "sex = '1'", "sex <> '2'", "sex in ('1', '2')", "village is null", "left_behind", "not left_behind", "left_behind = false",
    "birth_date <= years_before(:period_end, 60)", "birth_date between :year_start and '2026-12-31'", "in_big_household",
    "household.head.sex = '2'", "household.head.left_behind", "household.size = 1", "household.head.household.size > 1",
    "exists(benefits)", "exists(benefits) filter (where benefits.category in ('1', '2'))",
    "exists(household.members.benefits) filter (where household.members.sex = '1' and household.members.benefits.category = '1')",
    "count(benefits) > 1", "sum(benefits.amount) > 1.5", "min(benefits.since) < date '2000-01-01'",
    "first(benefits.category) = '1'", "first(benefits.category) filter (where benefits.amount > 0) in ('1', '3')",
    "count(distinct household.members.village) = 2", "household.head = household.head",
    "exists(memberships) filter (where memberships.priority)",
    "count(household.listed) filter (where exists(household.listed.person.benefits) filter "
    "(where household.listed.person.benefits.amount >= 2)) >= 1",
    "exists(memberships.owner.members) filter (where memberships.owner.members.sex = '1')",
)  # fmt: skip
VALUES = (
    "sex", "birth_date", "household", "name", "household.head.name", "coalesce(household.head.phone, phone)", "household.size",
    "count(benefits)", "count(benefits.amount)", "count(distinct benefits.category)", "sum(benefits.amount)",
    "max(benefits.amount) - 1.25", "coalesce(sum(benefits.amount), 0) * 2 + 0.5", "min(benefits.since)",
    "first(benefits.amount)", "first(benefits.account) filter (where benefits.category = '1')", "first(household.members.sex)",
    "first(household.members.benefits.amount) filter (where household.members.benefits.category <> '3')",
    "case sex when '1' then household.size when '2' then 0.5 end",
    "case when left_behind then 'x' when birth_date is null then sex else village end",
    "sum(household.members.benefits.amount) filter (where household.members.birth_date >= days_before(:period_end, 42))",
)  # fmt: skip

conditions: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(CONDITIONS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) and ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) or ({two[1]})"),
        inner.map(lambda one: f"not ({one})"),
        inner.map(lambda one: f"case when {one} then 1 else 0 end = 1"),
    ),
    max_leaves=4,
)
expressions = st.sampled_from(VALUES) | conditions


def in_sql(connection: Connection, view: TableView, nodes: list[n.Node], scope: Select[Any] | None = None) -> dict[int, list[Any]]:
    """Subject -> value per expression, all computed by one statement."""
    level = query(view, CATALOG, "person", PARAMETERS, nodes, scope)
    anchor = level.trail.anchors[0].c.subject_id
    columns = [level.column(node).label(f"v{i}") for i, node in enumerate(nodes)]
    statement = select(anchor, *columns).select_from(level.from_)
    if level.trail.where is not None:
        statement = statement.where(level.trail.where)
    found = connection.execute(statement).all()
    assert len({row[0] for row in found}) == len(found)  # a join may never multiply lines
    return {row[0]: [decoded(node, value) for node, value in zip(nodes, row[1:], strict=True)] for row in found}


def decoded(node: n.Node, value: Any) -> Any:
    meant = decode(kind_of(node), value)
    return Decimal(meant) if isinstance(meant, (int, Decimal)) and not isinstance(meant, bool) else meant


def naive(city: City, nodes: list[n.Node]) -> dict[int, list[Any]]:
    return {row["subject_id"]: [evaluate(city, node, {0: row}) for node in nodes] for row in city.rows["person"]}


@given(cities(), st.lists(expressions, min_size=1, max_size=4))
@QUIET
def test_sql_agrees_with_the_naive_evaluator(city: City, texts: list[str]) -> None:
    nodes = [bind(CATALOG, "person", text) for text in texts]
    with loaded(city) as (connection, view):
        assert in_sql(connection, view, nodes) == naive(city, nodes)


@given(cities(), st.lists(expressions, min_size=1, max_size=3), st.sets(st.integers(1, 6), min_size=1))
@QUIET
def test_a_scope_changes_nothing_but_whom_it_shows(city: City, texts: list[str], chosen: set[int]) -> None:
    nodes = [bind(CATALOG, "person", text) for text in texts]
    with loaded(city) as (connection, view):
        person = view.subject("person").alias()
        scope = select(person.c.subject_id).where(person.c.subject_id.in_(chosen))
        everybody = naive(city, nodes)
        assert in_sql(connection, view, nodes, scope) == {k: v for k, v in everybody.items() if k in chosen}


@given(cities())
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_expression_of_the_list_in_one_statement(city: City) -> None:
    nodes = [bind(CATALOG, "person", text) for text in (*VALUES, *CONDITIONS)]
    with loaded(city) as (connection, view):
        assert in_sql(connection, view, nodes) == naive(city, nodes)


def test_both_engines_agree(database_url: str) -> None:
    """One city that no shrinking made small, every expression at once, on SQLite and on PostgreSQL."""
    city = find(cities(), lambda c: len(c.rows["person"]) >= 3 and len(c.rows["benefit"]) >= 4 and len(c.rows["membership"]) >= 2)
    for position, row in enumerate(city.rows["person"]):
        row.update(household=1, sex="1" if position % 2 else "2", household_source=5)
    nodes = [bind(CATALOG, "person", text) for text in (*VALUES, *CONDITIONS)]
    engine = open_engine(database_url)
    with engine.begin() as connection:
        view = TableView(city)
        view.create(connection)
        assert in_sql(connection, view, nodes) == naive(city, nodes)
    engine.dispose()
