"""Who may see what: an area is a list of villages, a department its own contracts, and nothing is given by default."""

from __future__ import annotations

from hub.core.principals import (
    Principal,
    PrincipalKind,
    Role,
    area_limit,
    department_limit,
    may_define,
    may_see_contract,
    may_see_places,
    may_send,
)

HERE, THERE, CODE_ALIKE = "411521100201", "411521101201", "411521100202"


def person(role: Role, **given: object) -> Principal:
    return Principal(PrincipalKind.PERSON, "clerk", "somewhere", frozenset({role}), **given)  # type: ignore[arg-type]


TOWNSHIP = person(Role.TOWNSHIP, area=(HERE,))
COUNTY = person(Role.COUNTY, area=(HERE, THERE))
DEPARTMENT = person(Role.DEPARTMENT, departments=("civil-affairs",))
BUREAU = person(Role.BUREAU)
NOBODY = Principal(PrincipalKind.SYSTEM, "nobody", "nowhere", area=(HERE,), departments=("civil-affairs",), whole_city=True)


def test_a_township_sees_its_listed_villages_only() -> None:
    assert may_see_places(TOWNSHIP, [HERE])
    assert not may_see_places(TOWNSHIP, [CODE_ALIKE]), "an area is not a code prefix"
    assert not may_see_places(TOWNSHIP, [HERE, THERE]), "one village outside is outside"
    assert not may_see_places(TOWNSHIP, []), "a unit without villages is nobody's"
    assert area_limit(TOWNSHIP) == (HERE,)


def test_a_department_sees_its_contracts_and_no_persons() -> None:
    assert may_see_contract(DEPARTMENT, "civil-affairs.minimum-living")
    assert not may_see_contract(DEPARTMENT, "civil-affairs-county.minimum-living")
    assert not may_see_contract(DEPARTMENT, "health.pregnancy")
    assert may_send(DEPARTMENT, "civil-affairs.marriage")
    assert not may_send(DEPARTMENT, "health.pregnancy")
    assert department_limit(DEPARTMENT) == ("civil-affairs",)
    assert area_limit(DEPARTMENT) == ()
    assert not may_see_places(DEPARTMENT, [HERE])


def test_the_bureau_sees_all_work_and_nobody_without_an_area() -> None:
    assert department_limit(BUREAU) is None
    assert may_see_contract(BUREAU, "health.pregnancy")
    assert may_define(BUREAU)
    assert area_limit(BUREAU) == ()
    assert area_limit(person(Role.BUREAU, whole_city=True)) is None
    assert may_see_places(person(Role.BUREAU, whole_city=True), [THERE])


def test_a_township_defines_nothing() -> None:
    assert not may_define(TOWNSHIP)


def test_without_a_role_nothing_is_allowed() -> None:
    assert area_limit(NOBODY) == ()
    assert department_limit(NOBODY) == ()
    assert not may_see_places(NOBODY, [HERE])
    assert not may_send(NOBODY, "civil-affairs.marriage")
