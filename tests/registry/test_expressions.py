"""The expression language against the Catalog: what is found, what is used, and how each mistake is told."""

from __future__ import annotations

import pytest

from hub.core.errors import YibiaoError
from hub.registry import nodes as n
from hub.registry.expressions import bind, bind_condition, bind_path, uses
from hub.registry.form_checks import check_expressions, check_form
from hub.registry.kinds import kind_of
from hub.registry.model import (
    Authority,
    Catalog,
    FieldKind,
    Form,
    FormField,
    Measure,
    Place,
    Rule,
    Section,
    SectionKind,
    Severity,
    ValueType,
)  # fmt: skip
from hub.registry.syntax import parse
from tests.store.small_city import CATALOG, T, with_measures

HERE = Place("rules.yaml", 12)


def test_a_reference_is_one_hop_after_the_other() -> None:
    path = bind_path(CATALOG, "person", "household.head.household.number")
    assert path is not None
    assert [hop.entity for hop in path.hops] == ["household", "person", "household"]
    assert path.element.name == "household.number"


def test_a_derived_element_is_its_expression() -> None:
    assert bind(CATALOG, "person", "household.size") == bind(
        CATALOG, "person", "count(household.members) filter (where household.members.sex is not null)"
    )
    assert bind(CATALOG, "person", "in_big_household") == bind(CATALOG, "person", "household.size > 2")


def test_what_an_expression_uses() -> None:
    text = "exists(household.members.benefits) filter (where household.members.benefits.category = '1') and sex = '1'"
    assert uses(bind(CATALOG, "person", text)) == {"person.household", "benefit.category", "person.sex"}
    assert uses(bind(CATALOG, "person", "household.head.name")) == {"person.household", "household.head", "person.name"}


def test_what_an_expression_gives() -> None:
    kinds = {
        "sum(benefits.amount)": ValueType.MONEY, "count(benefits)": ValueType.INTEGER, "sex = '1'": ValueType.BOOLEAN,
        "sum(benefits.amount) * 2": ValueType.DECIMAL, "years_before(:period_end, 3)": ValueType.DATE,
        "coalesce(household.head.sex, sex)": ValueType.CODE, "first(benefits.since)": ValueType.MONTH,
    }  # fmt: skip
    assert {text: kind_of(bind(CATALOG, "person", text)).value_type for text in kinds} == kinds


def test_a_boolean_stands_bare() -> None:
    assert isinstance(bind(CATALOG, "person", "left_behind = true"), n.Path)
    assert isinstance(bind(CATALOG, "person", "false = left_behind"), n.Not)


@pytest.mark.parametrize(
    ("text", "code", "at", "near"),
    [
        ("sexx = '1'", "unknown_name", 1, "sex"),
        ("sex = '1' and household.hed.sex = '1'", "unknown_name", 15, "head"),
        ("sex.code = '1'", "not_a_reference", 1, ""),
        ("benefits.amount > 1", "collection", 1, ""),
        ("benefits", "collection", 1, ""),
        ("count(sex) > 1", "no_collection", 7, "benefits"),
        ("count(*) > 1", "no_collection", 1, "benefits"),
        ("sum(benefits) > 1", "collection", 5, ""),
        ("exists(benefits) filter (where sex = '1')", "outside_aggregate", 32, ""),
        ("sex = '9'", "code", 7, "1, 2"),
        ("sex in ('1', '7')", "code", 14, "1, 2"),
        ("sex < '2'", "text_order", 1, ""),
        ("sex = 1", "types", 1, ""),
        ("birth_date = 'yesterday'", "types", 1, ""),
        ("sex = null", "types", 1, ""),
        ("name = '张三'", "sealed", 1, ""),
        ("coalesce(name, phone) is null", "sealed", 1, ""),
        ("min(benefits.account)", "sealed", 5, ""),
        ("min(benefits.category)", "types", 5, ""),
        ("sum(benefits.amount) / 2", "unsupported", 5, ""),
        ("birth_date < :today", "parameter", 14, "period_end"),
        ("birth_date < now()", "function", None, ""),
        ("birth_date < years_before(birth_date, 3)", "function", 14, "years_before"),
        ("name like '张%'", "unsupported", 1, ""),
        ("sex = (select 1)", "unsupported", None, ""),
        ("sex = '1", "syntax", None, ""),
        ("left_behind and sex", "types", 1, ""),
        ("case when left_behind then 1 else 'x' end", "types", 1, ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(text: str, code: str, at: int | None, near: str) -> None:
    with pytest.raises(YibiaoError) as told:
        bind(CATALOG, "person", text, HERE)
    error = told.value
    assert error.code == f"registry_expression_{code}"
    assert (error.values["file"], error.values["line"], error.values["expression"]) == ("rules.yaml", 12, text)
    assert at is None or error.values["at"] == at
    assert near in error.values.get("near", "")
    assert "rules.yaml" in error.text("zh")
    assert "{" not in error.text("en")


def test_a_condition_must_be_true_or_false() -> None:
    with pytest.raises(YibiaoError) as told:
        bind_condition(CATALOG, "person", "sex", HERE)
    assert told.value.code == "registry_expression_not_boolean"


def test_a_circle_of_derived_elements_is_refused() -> None:
    size = CATALOG.elements["household.size"]
    looped = {
        **CATALOG.elements,
        size.name: type(size)(size.name, T, size.type, derived="count(members) filter (where members.household.size > 1)"),
    }
    catalog = Catalog(looped, CATALOG.entities, CATALOG.code_lists, {}, CATALOG.contracts)
    assert next(error.code for error in check_expressions(catalog)) == "registry_expression_cycle"


@pytest.mark.parametrize(
    "text", ["(" * 300 + "a" + ")" * 300, "not " * 200 + "left_behind", "a" * 5000, " or ".join(["left_behind"] * 400)]
)
def test_nothing_grows_or_falls(text: str) -> None:
    """Deep and long texts are read or refused, never a stack that overflows."""
    try:
        read, refusal = parse(text), ""
    except YibiaoError as error:
        read, refusal = None, error.code
    assert read is not None or refusal.startswith("registry_expression_")


def entry(expression: str) -> Form:
    field = FormField("phone", T, FieldKind.ENTRY, expression, place=HERE)
    section = Section("s", T, SectionKind.ROSTER, (field,), "person", None, "village")
    return Form("f", "1.0.0", T, "民政", "village", "monthly", (section,))


def test_a_form_may_not_ask_for_what_a_department_supplies() -> None:
    assert check_form(CATALOG, entry("phone")) == []  # the township's own
    refused = check_form(CATALOG, entry("household.head.sex"))
    assert [error.code for error in refused] == ["registry_form_asks_again"]
    assert refused[0].values["source"] == "police.resident"
    assert "police.resident" in refused[0].text("zh")


def test_a_second_place_for_the_township_does_not_make_it_its_own() -> None:
    sex = CATALOG.elements["person.sex"]
    ordered = type(sex)(sex.name, T, sex.type, sex.code_list, authority=Authority(("police.resident", "township.contacts")))
    catalog = Catalog({**CATALOG.elements, sex.name: ordered}, CATALOG.entities, CATALOG.code_lists, {}, CATALOG.contracts)
    assert [error.code for error in check_form(catalog, entry("sex"))] == ["registry_form_asks_again"]


def test_measures_and_rules_are_checked() -> None:
    catalog = with_measures(Measure("m", T, "person", "count(*)", "sex = '8'", "village"))
    broken = Rule("r", T, "nobody", "true", Severity.WARN)
    catalog = Catalog(catalog.elements, catalog.entities, catalog.code_lists, {}, catalog.contracts, catalog.measures, {"r": broken})
    assert [error.code for error in check_expressions(catalog)] == ["registry_expression_code", "registry_expression_unknown_name"]
