"""Text to nodes: SQL expressions over dotted paths, read by sqlglot and cut down to our own small language.

Whatever sqlglot understands and the language has not (sub-selects, LIKE, casts, window functions) is refused here. What a
name means is not known here: see ``hub.registry.expressions``; formulas over cells use the same nodes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from hub.core.errors import YibiaoError
from hub.registry import expression_messages as m
from hub.registry import nodes as n
from hub.registry.model import Place

NOWHERE = Place()
_LONGEST = 4000
_DEEPEST = 60
_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Count: "count", exp.Exists: "exists", exp.Sum: "sum", exp.Min: "min", exp.Max: "max", exp.First: "first",
}  # fmt: skip


@lru_cache(maxsize=4096)
def parse(text: str, place: Place = NOWHERE) -> n.Node:
    """The nodes of an expression. Raises ``YibiaoError`` (INVALID) with the expression, the position and the remedy."""
    if len(text) > _LONGEST:
        raise m.TOO_LONG.error(place, length=len(text), limit=_LONGEST)
    try:
        tree = sqlglot.parse_one(text)
    except (SqlglotError, RecursionError, ValueError) as error:
        raise m.SYNTAX.error(place, expression=text, at=_error_position(error)) from error
    return _Reader(text, place).read(tree, 0)


def _error_position(error: Exception) -> int:
    details: list[dict[str, Any]] = getattr(error, "errors", [])
    return int(details[0].get("col") or 1) if details else 1


class _Reader:
    def __init__(self, text: str, place: Place) -> None:
        self._text = text
        self._place = place

    def read(self, tree: exp.Expr, depth: int) -> n.Node:
        if depth > _DEEPEST:
            raise self._error(tree, "…")

        def below(child: exp.Expr) -> n.Node:
            return self.read(child, depth + 1)

        match tree:
            case exp.Paren():
                return below(tree.this)
            case exp.Literal() | exp.Boolean() | exp.Null() | exp.Neg() | exp.Cast():
                return self._literal(tree)
            case exp.Placeholder() if isinstance(tree.this, str):
                return n.Parameter(tree.this, self._text.find(f":{tree.this}") + 1)
            case exp.Column() | exp.Dot():
                return self._name(tree)
            case exp.And() | exp.Or():
                return self._logic(tree, below)
            case exp.Not():
                return n.Not(below(tree.this))
            case exp.Is() if isinstance(tree.expression, exp.Null):
                return n.IsNull(below(tree.this))
            case exp.In() if tree.args.get("query") is None and tree.args.get("unnest") is None:
                return n.In(below(tree.this), tuple(self._literal(option) for option in tree.expressions), self._at(tree))
            case exp.Between() if not tree.args.get("symmetric"):
                value, at = below(tree.this), self._at(tree)
                return n.Logic("and", (
                    n.Compare(">=", value, below(tree.args["low"]), at), n.Compare("<=", value, below(tree.args["high"]), at),
                ))  # fmt: skip
            case exp.Case():
                return self._case(tree, below)
            case exp.Coalesce():
                return n.Coalesce(tuple(below(part) for part in (tree.this, *tree.expressions)))
            case exp.Filter() | exp.Count() | exp.Exists() | exp.Sum() | exp.Min() | exp.Max() | exp.First():
                return self._aggregate(tree, below)
            case exp.Anonymous() if isinstance(tree.this, str):
                arguments = tuple(below(part) for part in tree.expressions)
                return n.Call(tree.this.lower(), arguments, self._text.lower().find(tree.this.lower()) + 1)
        return self._binary(tree, below)

    def _binary(self, tree: exp.Expr, below: Callable[[exp.Expr], n.Node]) -> n.Node:
        if (comparison := _COMPARISONS.get(type(tree))) is not None:
            return n.Compare(comparison, below(tree.this), below(tree.expression), self._at(tree))
        if (operator := _ARITHMETIC.get(type(tree))) is not None:
            return n.Arithmetic(operator, below(tree.this), below(tree.expression), self._at(tree))
        raise self._error(tree, type(tree).__name__.lower())

    def _logic(self, tree: exp.Expr, below: Callable[[exp.Expr], n.Node]) -> n.Node:
        operator = "and" if isinstance(tree, exp.And) else "or"
        terms: list[n.Node] = []
        for part in (tree.this, tree.expression):
            term = below(part)
            terms += term.terms if isinstance(term, n.Logic) and term.operator == operator else (term,)
        return n.Logic(operator, tuple(terms))

    def _case(self, tree: exp.Case, below: Callable[[exp.Expr], n.Node]) -> n.Node:
        subject = below(tree.this) if tree.this is not None else None
        branches = []
        for branch in tree.args["ifs"]:
            condition = below(branch.this)
            if subject is not None:
                condition = n.Compare("=", subject, condition, self._at(branch))
            branches.append((condition, below(branch.args["true"])))
        default = tree.args.get("default")
        return n.Case(tuple(branches), None if default is None else below(default))

    def _aggregate(self, tree: exp.Expr, below: Callable[[exp.Expr], n.Node]) -> n.Node:
        where = None
        if isinstance(tree, exp.Filter):
            where = below(tree.expression.this)
            tree = tree.this
        function = _AGGREGATES.get(type(tree))
        value, distinct = tree.this, False
        if isinstance(value, exp.Distinct) and len(value.expressions) == 1:
            value, distinct = value.expressions[0], True
        if isinstance(value, exp.Star):
            name = n.Name(("*",), self._at(tree))
        elif isinstance(value, (exp.Column, exp.Dot)):
            name = self._name(value)
        else:
            raise self._error(tree, type(tree).__name__.lower())
        extra = [argument for argument in (tree.args.get("expressions"), tree.args.get("expression")) if argument]
        if function is None or extra or (distinct and function != "count"):
            raise self._error(tree, type(tree).__name__.lower())
        return n.Aggregate(function, name, where, distinct, name.at)

    def _name(self, tree: exp.Expr) -> n.Name:
        parts: list[exp.Expr] = list(tree.parts) if isinstance(tree, (exp.Column, exp.Dot)) else []
        if not parts or not all(isinstance(part, exp.Identifier) for part in parts):
            raise self._error(tree, tree.sql())
        return n.Name(tuple(str(part.this) for part in parts), self._at(tree))

    def _literal(self, tree: exp.Expr) -> n.Literal:
        at = self._at(tree)
        if isinstance(tree, exp.Null):
            return n.Literal(None, at)
        if isinstance(tree, exp.Boolean):
            return n.Literal(bool(tree.this), at)
        if isinstance(tree, exp.Literal):
            return n.Literal(str(tree.this) if tree.is_string else _number(str(tree.this)), at)
        if isinstance(tree, exp.Neg) and isinstance(tree.this, exp.Literal) and not tree.this.is_string:
            return n.Literal(-_number(str(tree.this.this)), at)
        if isinstance(tree, exp.Cast) and tree.to.this == exp.DataType.Type.DATE and isinstance(tree.this, exp.Literal):
            try:
                return n.Literal(date.fromisoformat(str(tree.this.this)), at)
            except ValueError as error:
                raise self._error(tree, str(tree.this.this)) from error
        raise self._error(tree, type(tree).__name__.lower())

    def _at(self, tree: exp.Expr) -> int:
        """Where the first word of a node stands; sqlglot remembers that for identifiers only."""
        starts = [int(leaf.meta["start"]) for leaf in tree.find_all(exp.Identifier) if "start" in leaf.meta]
        if starts:
            return min(starts) + 1
        literal = tree.find(exp.Literal)
        if literal is None:
            return 1
        written = f"'{literal.this}'" if literal.is_string else str(literal.this)
        return self._text.find(written) + 1

    def _error(self, tree: exp.Expr, what: str) -> YibiaoError:
        return m.UNSUPPORTED.error(self._place, expression=self._text, at=self._at(tree), what=what)


def _number(text: str) -> int | Decimal:
    return int(text) if text.isdigit() else Decimal(text)
