"""Formulas over the cells of a line, evaluated in Python after roll-up: exact decimals, and null is unknown, as in SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hub.forms.model import Value
from hub.registry import nodes as n
from hub.registry.expressions import boundary

Number = int | Decimal


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a formula sees: the values of the line's cells and of named measures, the parameters, the line's number and place."""

    cell: Callable[[str], Value]
    measure: Callable[[str], Value]
    parameters: Mapping[str, date]
    line: int
    place: str


def evaluate(node: n.Node, around: Surroundings) -> Value:
    """The value of a formula (``hub.registry.formulas.parse_formula``); None where an operand is unknown, or a rate has no base."""
    match node:
        case n.Literal():
            return node.value
        case n.Name():
            return around.cell(node.text)
        case n.Parameter():
            return boundary(node, around.parameters)
        case n.Call():
            return _call(node, around)
        case n.Arithmetic():
            return _arithmetic(node.operator, evaluate(node.left, around), evaluate(node.right, around))
        case n.Compare():
            return _compare(node.operator, evaluate(node.left, around), evaluate(node.right, around))
        case n.Logic():
            return _logic(node.operator, [evaluate(term, around) for term in node.terms])
        case n.Not():
            value = evaluate(node.term, around)
            return None if value is None else not value
        case n.In():
            return _logic("or", [_compare("=", evaluate(node.value, around), option.value) for option in node.options])
        case n.IsNull():
            return evaluate(node.value, around) is None
        case n.Case():
            chosen = next((then for when, then in node.branches if evaluate(when, around) is True), node.default)
            return None if chosen is None else evaluate(chosen, around)
        case n.Coalesce():
            return next((value for value in (evaluate(part, around) for part in node.values) if value is not None), None)
    raise TypeError(f"{type(node).__name__} does not stand in a formula")


def without_base(node: n.Node, around: Surroundings) -> bool:
    """Whether the formula is a rate of nothing: there is no such figure, which is not the same as a figure of none."""
    return isinstance(node, n.Call) and node.function == "rate" and evaluate(node.arguments[1], around) == 0


def rate(part: Value, whole: Value) -> Decimal | None:
    """Per cent with two digits, half up; None without a base. A rate is never summed: it is taken of the sums."""
    if part is None or whole is None or not whole:
        return None
    return (Decimal(_number(part)) * 100 / Decimal(_number(whole))).quantize(Decimal("0.01"), ROUND_HALF_UP)


def years_between(start: date, end: date) -> int:
    """Completed years (周岁)."""
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def _call(node: n.Call, around: Surroundings) -> Value:
    if node.function == "line":
        return around.line
    if node.function == "place":
        return around.place
    if node.function == "measure":
        named = node.arguments[0]
        assert isinstance(named, n.Name)
        return around.measure(named.text)
    first, second = (evaluate(argument, around) for argument in node.arguments)
    if node.function == "rate":
        return rate(first, second)
    if not isinstance(first, date) or not isinstance(second, date):
        return None
    return years_between(first, second)


def _arithmetic(operator: str, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    one, two = _number(left), _number(right)
    if operator == "/":
        return None if not two else Decimal(one) / Decimal(two)
    return {"+": one + two, "-": one - two, "*": one * two}[operator]


def _number(value: Any) -> Number:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise TypeError("a formula reckons with numbers only")
    return value


def _compare(operator: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if operator in ("=", "<>"):
        return (left == right) is (operator == "=")
    result: bool = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]
    return result


def _logic(operator: str, values: list[Value]) -> bool | None:
    """Three-valued: false decides an ``and``, true an ``or``, else an unknown term leaves it unknown."""
    deciding = operator == "or"
    if any(value is deciding for value in values):
        return deciding
    return None if any(value is None for value in values) else not deciding
