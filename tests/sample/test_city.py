"""The sample city is the same from the same seed, is made of believable people, and holds every kind of fault."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from hub.sample import rows as r
from hub.sample.city import City, build
from hub.sample.deliver import records
from hub.sample.known import Known

SECOND = date(2026, 10, 31)


@pytest.fixture(scope="module")
def city() -> City:
    return build(2000, 7, SECOND)


def test_the_same_seed_gives_the_same_city_and_another_seed_another() -> None:
    one, same, other = build(500, 3, SECOND), build(500, 3, SECOND), build(500, 4, SECOND)
    for delivery in (1, 2):
        for contract in r.CONTRACTS:
            assert records(one, contract, delivery) == records(same, contract, delivery)
    assert one.faults == same.faults
    assert records(one, r.RESIDENT, 1) != records(other, r.RESIDENT, 1)


def test_it_has_as_many_people_as_asked_in_villages_of_a_village_s_size(city: City) -> None:
    assert abs(len(city.rows[1][r.RESIDENT]) - 2000) <= 10
    known = Known(city, 1)
    sizes = [len(known.living_in(village)) for village in city.places.villages]
    assert all(250 <= size <= 700 for size in sizes), sizes


def test_the_business_dates_are_ends_of_consecutive_months(city: City) -> None:
    assert (city.first, city.second) == (date(2026, 9, 30), SECOND)
    with pytest.raises(ValueError, match="end of a month"):
        build(500, 1, date(2026, 10, 30))
    with pytest.raises(ValueError, match="at least 300"):
        build(200, 1, SECOND)


def test_all_thirteen_datasets_have_rows_in_both_deliveries(city: City) -> None:
    for delivery in (1, 2):
        empty = [contract for contract in r.CONTRACTS if not city.rows[delivery][contract]]
        assert empty == []


def test_keys_are_unique_in_every_dataset(city: City) -> None:
    for delivery in (1, 2):
        for contract in r.CONTRACTS:
            keys = [row.key for row in city.rows[delivery][contract]]
            assert len(keys) == len(set(keys)), contract


def test_between_the_deliveries_people_are_born_die_move_marry_and_divorce(city: City) -> None:
    before, after = Known(city, 1), Known(city, 2)
    assert len(after.deregistered) > len(before.deregistered)
    assert {row.kind for row in after.deregistered.values()} == {"1", "2"}
    assert any(p.delivered_on is not None and city.first < p.delivered_on <= city.second for p in after.pregnancies)
    moved = [p for p, row in after.residents.items() if p in before.residents and before.residents[p].village != row.village]
    assert moved
    new = [act.event for act in after.marriages if act.date > city.first]
    assert {"1", "2"} <= set(new)
    assert set(after.allowances) - set(before.allowances)
    assert set(before.allowances) - set(after.allowances)


def test_everybody_of_65_and_over_who_lives_here_has_a_health_record(city: City) -> None:
    known = Known(city, 2)
    old = [p for p in known.living if known.age(p, city.second) >= 65]
    assert [p for p in old if p not in known.health] == []
    assert len(old) > 100


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_small_city_has_one_fault_of_each_kind_each_on_a_person_of_its_own(seed: int) -> None:
    faults = build(500, seed, SECOND).faults
    kinds = Counter((f.kind, f.contract, f.delivery, f.field, f.rule) for f in faults)
    assert len(kinds) == 32, sorted(kinds)
    assert {f.rule for f in faults if f.kind == "quarantine"} == {
        "check_digit", "date", "code", "duplicate_key", "numeric_identifier", "cross_field",
    }  # fmt: skip
    people = [f.person for f in faults if f.person]
    assert len(people) == len(set(people))


def test_the_number_of_faults_grows_with_the_city() -> None:
    small, large = build(500, 1, SECOND), build(10_000, 1, SECOND)
    assert len(large.faults) > 3 * len(small.faults)


def test_few_rows_end_or_change_so_that_no_breaker_holds_a_delivery(city: City) -> None:
    for small in (city, build(500, 1, SECOND), build(500, 2, SECOND)):
        for contract in r.CONTRACTS:
            before = {row.key: row for row in small.rows[1][contract]}
            after = {row.key: row for row in small.rows[2][contract]}
            touched = sum(after.get(key) != row for key, row in before.items())
            assert touched <= 0.28 * len(before) or touched == 0, (contract, touched, len(before))
