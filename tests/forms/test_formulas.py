"""Formulas: exact decimals, unknown stays unknown, rates with two digits half up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.errors import YibiaoError
from hub.forms.formulas import Surroundings, evaluate, rate, years_between
from hub.forms.model import Value
from hub.registry.expressions import years_before
from hub.registry.formulas import check_formula, formula_uses, parse_formula
from hub.registry.model import Place

CELLS: dict[str, Value] = {"a": 2, "b": Decimal("1.50"), "none": None, "born": date(2000, 2, 29), "word": "x"}


def value(text: str) -> Value:
    around = Surroundings(CELLS.__getitem__, {"m": 7}.__getitem__, {"period_end": date(2026, 2, 28)}, 3, "110000000001")
    return evaluate(parse_formula(text), around)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b * 2 - 1", Decimal("4.00")), ("a + none", None), ("coalesce(none, 0) + a", 2), ("a / 0", None), ("a / 4", Decimal("0.5")),
        ("rate(1, 3)", Decimal("33.33")), ("rate(1, 0)", None), ("rate(none, 3)", None), ("rate(measure(m), 800)", Decimal("0.88")),
        ("line()", 3), ("place()", "110000000001"), ("years_between(born, :period_end)", 25), ("years_between(none, :period_end)", None),
        ("a <= b", False), ("none <= b", None), ("none <= b or a = 2", True), ("none <= b and a = 3", False), ("word in ('x', 'y')", True),
        ("not (a = 2)", False), ("none is null", True), ("case when a > 5 then 1 when b = 1.5 then 2 end", 2), ("a between 1 and 2", True),
    ],
)  # fmt: skip
def test_values(text: str, expected: Value) -> None:
    assert value(text) == expected


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_rate_is_within_half_a_hundredth(part: int, whole: int) -> None:
    found = rate(part, whole)
    assert found is not None
    assert abs(found * whole - Decimal(part) * 100) * 200 <= whole
    assert found.as_tuple().exponent == -2


def test_halves_go_up() -> None:
    assert rate(1, 800) == Decimal("0.13")  # 0.125
    assert rate(3, 800) == Decimal("0.38")  # 0.375


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)), st.dates(date(2000, 1, 1), date(2027, 12, 31)), st.integers(0, 100))
def test_completed_years_and_the_boundary_date_are_one_rule(born: date, day: date, years: int) -> None:
    """``birth_date <= years_before(day, n)`` (in SQL) says exactly that ``years_between`` (in a cell) is at least n."""
    assert (born <= years_before(day, years)) == (years_between(born, day) >= years)


def test_what_a_formula_uses() -> None:
    found = formula_uses(parse_formula("rate(measure(m), a) + coalesce(b, 0)"))
    assert found.fields == {"a", "b"}
    assert found.measures == {"m"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a + bb", "registry_form_unknown_field"), ("measure(n)", "registry_form_unknown_measure"), ("a.b", "registry_expression_unsupported"),
        ("count(a)", "registry_expression_unsupported"), ("rate(a)", "registry_expression_function"), (":now", "registry_expression_parameter"),
        ("a +", "registry_expression_syntax"), ("measure('m')", "registry_expression_function"),
    ],
)  # fmt: skip
def test_mistakes_are_named(text: str, code: str) -> None:
    errors: list[YibiaoError] = check_formula(text, Place("form.yaml", 4), CELLS, {"m"})
    assert [error.code for error in errors] == [code]
    assert errors[0].values["line"] == 4
