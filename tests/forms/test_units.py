"""What stands for a place on a day, who is counted where, and whose a new place is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.core.errors import YibiaoError
from hub.forms.units import check_stands, current, places, predecessors, stands, widened
from hub.registry.model import Catalog, Code, CodeList, Succession, Title
from tests.store.small_city import CATALOG

JUNE, JULY = date(2026, 6, 30), date(2026, 7, 1)
TOWN, A, B, C, D, E, F = "330802212000", *(f"33080221220{number}" for number in range(1, 7))


def catalog(*successions: Succession, new: str = "") -> Catalog:
    """A township of six villages, of which ``new`` is there from July."""
    codes = {TOWN: Code(TOWN, Title("乡", "township"))}
    codes |= {one: Code(one, Title(one, one), TOWN, JULY if one == new else None) for one in (A, B, C, D, E, F)}
    divisions = CodeList("division", Title("区划", "divisions"), codes)
    return replace(CATALOG, code_lists={"division": divisions}, successions={one.old: one for one in successions})


MERGED = catalog(Succession(A, (C,), JULY), Succession(B, (C,), JULY), new=C)


def test_before_the_day_each_is_itself_and_from_then_on_the_new_one_stands_for_both() -> None:
    assert [current(MERGED, one, JUNE) for one in (A, B)] == [A, B]
    assert [current(MERGED, one, JULY) for one in (A, B)] == [C, C]
    assert [one for one in (A, B, C) if stands(MERGED, one, JUNE)] == [A, B]
    assert [one for one in (A, B, C) if stands(MERGED, one, JULY)] == [C]
    assert places(MERGED, TOWN, JUNE) == {one: one for one in (A, B, D, E, F)}
    assert places(MERGED, TOWN, JULY) == {A: C, B: C, **{one: one for one in (C, D, E, F)}}
    assert places(MERGED, C, JULY) == {A: C, B: C, C: C}
    assert (predecessors(MERGED, C, JUNE), predecessors(MERGED, C, JULY)) == ((), (A, B))


def test_a_place_goes_on_through_several_changes_and_a_circle_ends() -> None:
    twice = catalog(Succession(A, (B,), JUNE), Succession(B, (C,), JULY))
    assert (current(twice, A, JUNE), current(twice, A, JULY)) == (B, C)
    circle = catalog(Succession(A, (B,), JUNE), Succession(B, (A,), JUNE))
    assert current(circle, A, JULY) in (A, B)


def test_a_place_that_was_split_reports_on_for_nobody_knows_yet_who_lives_where() -> None:
    split = catalog(Succession(A, (B, C), JULY))
    assert current(split, A, JULY) == A
    assert places(split, TOWN, JULY) == {one: one for one in (A, B, C, D, E, F)}


def test_a_new_place_is_in_the_area_of_those_who_had_all_of_it() -> None:
    assert widened(MERGED, (A, B)) == (A, B, C)
    assert widened(MERGED, (A,)) == (A,)
    host = catalog(Succession(A, (C,), JULY))
    assert widened(host, (A,)) == (A,), "a village that was there before is not anybody's who had the one that joined it"


@pytest.mark.parametrize(("unit", "day", "code", "says"), [(A, JULY, "unit_succeeded", C), (C, JUNE, "unit_not_yet", "2026-07-01")])
def test_a_place_that_does_not_report_says_why(unit: str, day: date, code: str, says: str) -> None:
    with pytest.raises(YibiaoError) as caught:
        check_stands(MERGED, unit, day)
    assert caught.value.code == code
    assert says in caught.value.text("zh")
    assert says in caught.value.text("en")
