"""What a row says, as columns: the `says` expressions of roles and records over the fields of a dataset's rows.

The expressions are the language of ``hub.registry.syntax`` with field names for paths; ``role(NAME)`` is the key of the
subject that another role of the row speaks of. That they are row by row, and give what the element holds, is judged before they are
published: ``hub.registry.saying_checks``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, cast, func, literal, null, or_

from hub.registry import nodes as n
from hub.registry.model import Catalog, Contract, Element, Record, Role
from hub.registry.syntax import parse
from hub.store.types import column_type

Column = ColumnElement[Any]

_COMPARE: dict[str, Callable[[Any, Any], Column]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def said(catalog: Catalog, contract: Contract, speaker: Role | Record, rows: FromClause) -> list[Column]:
    """The elements that a role or record says, labelled by their short names; sealed ones also as ``<name>_sealed``."""
    columns: list[Column] = []
    for short, expression in speaker.says.items():
        element = catalog.elements[f"{speaker.entity}.{short}"]
        columns += _saying(contract, element, expression, rows)
    return columns


def holds(contract: Contract, condition: str, rows: FromClause) -> Column:
    """A record's ``when``: is this condition true of the row."""
    return _compile(contract, parse(condition, contract.place), rows)


def _saying(contract: Contract, element: Element, expression: str, rows: FromClause) -> list[Column]:
    node = parse(expression, contract.place)
    value = _compile(contract, node, rows)
    if isinstance(node, n.Literal) and node.value is None:
        value = cast(null(), column_type(element.type))
    columns: list[Column] = [value.label(element.short)]
    if element.sealed:
        assert isinstance(node, n.Name)
        columns.append(rows.c[f"{node.text}_sealed"].label(f"{element.short}_sealed"))
    return columns


def _compile(contract: Contract, node: n.Node, rows: FromClause) -> Column:
    def inner(part: n.Node) -> Column:
        return _compile(contract, part, rows)

    match node:
        case n.Name():
            return rows.c[node.text]
        case n.Call(function="role"):
            return rows.c[f"{_role_name(contract, node)}_key"]
        case n.Literal():
            return null() if node.value is None else literal(node.value)
        case n.Compare():
            return _COMPARE[node.operator](inner(node.left), inner(node.right))
        case n.Logic():
            return (and_ if node.operator == "and" else or_)(*(inner(term) for term in node.terms))
        case n.Not():
            return ~inner(node.term)
        case n.In():
            return inner(node.value).in_([option.value for option in node.options])
        case n.IsNull():
            return inner(node.value).is_(None)
        case n.Case():
            return case(*((inner(w), inner(t)) for w, t in node.branches), else_=None if node.default is None else inner(node.default))
        case n.Coalesce():
            return func.coalesce(*(inner(value) for value in node.values))
        case _:
            raise TypeError(f"{type(node).__name__} cannot be computed row by row")


def _role_name(contract: Contract, call: n.Call) -> str:
    (name,) = call.arguments
    assert isinstance(name, n.Name)
    return name.text
