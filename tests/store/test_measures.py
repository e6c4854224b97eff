"""Measures: one grouped statement per entity and place path, equal to counting by hand; and who stands behind them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from hub.core.errors import YibiaoError
from hub.registry.expressions import bind, bind_measure, measure_uses
from hub.registry.model import Measure, Place
from hub.registry.suppliers import behind, measure_behind
from hub.store.engine import open_engine
from hub.store.measures import measure_select, read_measures
from tests.store.cities import cities, loaded
from tests.store.small_city import CATALOG, PARAMETERS, VILLAGES, City, T, TableView, evaluate, with_measures

MEASURES = (
    Measure("residents", T, "person", "count(*)", by="village"),
    Measure("women", T, "person", "count(*)", "sex = '2'", "village"),
    Measure("households", T, "person", "count(distinct household)", "sex is not null", "village"),
    Measure("old", T, "person", "count(*)", "birth_date <= years_before(:period_end, 60)", "village"),
    Measure("poor", T, "person", "count(*)", "exists(benefits) filter (where benefits.category = '1')", "village"),
    Measure("alone", T, "person", "count(*)", "household.size = 1", "village"),
    Measure("benefits", T, "benefit", "count(*)", by="owner.village"),
    Measure("paid", T, "benefit", "sum(amount)", "category in ('1', '2')", "owner.village"),
    Measure("members", T, "membership", "count(*)", "priority", "owner.head.village"),
)
CITY = with_measures(*MEASURES)
NAMES = tuple(measure.name for measure in MEASURES)


def by_hand(city: City, measure: Measure, place: str) -> Decimal:
    bound = bind_measure(CITY, measure)
    total = Decimal(0)
    seen = set()
    for row in city.rows[measure.of]:
        if evaluate(city, bound.by, {0: row}) != place:
            continue
        if bound.where is not None and evaluate(city, bound.where, {0: row}) is not True:
            continue
        value = Decimal(1) if bound.value is None else evaluate(city, bound.value, {0: row})
        if value is None or (bound.distinct and value in seen):
            continue
        seen.add(value)
        total += value if bound.function == "sum" else 1
    return total


@given(cities(), st.sampled_from([None, VILLAGES, VILLAGES[:1]]))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_measures_equal_counting_by_hand(city: City, places: tuple[str, ...] | None) -> None:
    with loaded(city) as (connection, view):
        found = read_measures(connection, view, CITY, NAMES, places, PARAMETERS)
        for place in places or VILLAGES:
            for measure in MEASURES:
                assert Decimal(found.get((place, measure.name), 0)) == by_hand(city, measure, place), measure.name
        assert all(place in (places or VILLAGES) for place, _ in found)


def test_one_statement_per_entity_and_place_path(database_url: str) -> None:
    city = City({"person": [], "household": [], "benefit": [], "membership": [], "place": []})
    engine = open_engine(database_url)
    statements: list[str] = []
    with engine.begin() as connection:
        view = TableView(city)
        view.create(connection)
        event.listen(connection, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
        assert read_measures(connection, view, CITY, NAMES, VILLAGES, PARAMETERS) == {}
    assert len(statements) == 3 == len(measure_select(view, CITY, NAMES, VILLAGES, PARAMETERS))
    engine.dispose()


def test_who_stands_behind() -> None:
    bound = bind_measure(CITY, CITY.measures["paid"])
    assert measure_uses(bound) == {"benefit.amount", "benefit.category", "person.village"}
    behind_it = measure_behind(CITY, bound)
    assert behind_it.contracts(lambda contract: True) == ("civil.old", "civil.poor", "police.resident")
    assert behind_it.contracts(lambda contract: contract != "civil.old") is None
    assert behind_it.contracts(lambda contract: contract != "police.resident") is None
    only_poor = behind(CATALOG, bind(CATALOG, "person", "exists(benefits) filter (where benefits.category = '1')"))
    assert only_poor.contracts(lambda contract: True) == ("civil.poor",)


def test_a_measure_needs_an_aggregate_and_a_division() -> None:
    wrong = {
        "measure_shape": Measure("m", T, "person", "sex", by="village", place=Place("m.yaml", 7)),
        "measure_place": Measure("m", T, "person", "count(*)", by="sex", place=Place("m.yaml", 7)),
        "expression_unknown_name": Measure("m", T, "person", "count(*)", "sexx = '1'", "village", place=Place("m.yaml", 7)),
    }
    for code, measure in wrong.items():
        with pytest.raises(YibiaoError) as told:
            bind_measure(CITY, measure)
        assert told.value.code == f"registry_{code}"
        assert (told.value.values["file"], told.value.values["line"]) == ("m.yaml", 7)


def test_dates_are_computed_in_python() -> None:
    """No date arithmetic reaches the database: the boundary is a bound date."""
    view = TableView(City({"person": [], "household": [], "benefit": [], "membership": [], "place": []}))
    statement = measure_select(view, CITY, ["old"], VILLAGES, PARAMETERS)[0].statement
    assert date(1966, 10, 31) in statement.compile().params.values()
