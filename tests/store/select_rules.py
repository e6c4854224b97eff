"""What the shared selects may use, as data, and the walk that refuses the rest. The reasons are in docs/store.md.

The walk knows SQLAlchemy's trees, not SQL text: what is not listed is refused, so a construct that nobody thought of is too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.sql import elements as e
from sqlalchemy.sql import operators as o
from sqlalchemy.sql import selectable as s
from sqlalchemy.sql.functions import FunctionElement

FROMS = frozenset({"Table", "Alias", "Subquery", "CTE", "Join"})
SELECTS = frozenset({"Select", "CompoundSelect", "ScalarSelect", "Exists"})
EXPRESSIONS = frozenset({
    "Column", "ColumnClause", "Label", "BindParameter", "Null", "Case", "Cast", "Over", "Grouping", "BinaryExpression",
    "UnaryExpression", "AsBoolean", "ClauseList", "BooleanClauseList", "ExpressionClauseList",
})  # fmt: skip
CONSTRUCTS = FROMS | SELECTS | EXPRESSIONS
AGGREGATES = frozenset({"count", "sum", "min", "max"})
FUNCTIONS = AGGREGATES | {"coalesce", "row_number", "first_value"}
ORDERING = frozenset({"lt", "le", "gt", "ge"})
ARITHMETIC = frozenset({"add", "sub", "mul", "bitwise_and_op"})
OPERATORS = ORDERING | ARITHMETIC | {
    "eq", "ne", "is_", "is_not", "in_op", "not_in_op", "and_", "or_", "inv", "is_true", "is_false", "concat_op", "distinct_op", "exists",
    "desc_op", "asc_op", "nulls_last_op", "comma_op",
}  # fmt: skip
FAMILIES = {
    "Text": "text", "String": "text", "BigInteger": "number", "Integer": "number", "SmallInteger": "number", "Date": "date",
    "Boolean": "boolean", "LargeBinary": "bytes", "NullType": "null",
}  # fmt: skip
CASTS = frozenset({("number", "number"), ("number", "text"), ("date", "text"), ("text", "text")})  # and a bare null to anything
# A window's order is total if its last column is one of these: unique within what the windows are over.
TOTAL = frozenset({"known", "role", "record", "subject_id"})
NEVER_NULL = TOTAL | {"pos", "stated", "fingerprint", "dataset", "id"}
BY_CODE = "code_ancestor"  # the one table that is found by equality of codes


@dataclass
class Walk:
    """One pass over a tree in which steps are shared: each node is looked at once."""

    refused: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)  # constructs, functions and operators met

    def refuse(self, what: str, node: Any = None) -> None:
        text = what if node is None else f"{what}: {_shown(node)}"
        if text not in self.refused:
            self.refused.append(text)

    def over(self, statement: s.SelectBase) -> Walk:
        for node, froms, outer in _every(statement):
            self._construct(node)
            if isinstance(node, s.Select):
                _select(self, node, froms)
                _correlated(self, node, froms, outer)
            elif type(node).__name__ in _JUDGES:
                _JUDGES[type(node).__name__](self, node)
        return self

    def _construct(self, node: Any) -> None:
        name = type(node).__name__
        if isinstance(node, FunctionElement):
            name = str(getattr(node, "name", name))
            if name not in FUNCTIONS or getattr(node, "packagenames", None):
                self.refuse("function", name)
        elif name == "_OffsetLimitParam":
            name = "BindParameter"
        elif name not in CONSTRUCTS:
            self.refuse("construct", name)
        self.used.add(name)
        for operator in _operators(node):
            self.used.add(operator)
            if operator not in OPERATORS:
                self.refuse("operator", operator)
        if isinstance(node, e.ColumnElement) and type(node.type).__name__ not in FAMILIES:
            self.refuse("type", type(node.type).__name__)


def refusals(statement: s.SelectBase) -> list[str]:
    """What in a select is not allowed, each thing once."""
    return Walk().over(statement).refused


Froms = list[s.FromClause]


def _every(statement: Any) -> Iterator[tuple[Any, Froms, frozenset[int]]]:
    """Each node of the tree; for a select what it reads itself, and the tables (by id) of the selects around it."""
    waiting: list[tuple[Any, frozenset[int]]] = [(statement, frozenset())]
    seen: dict[int, Any] = {}  # children may be made on the way: as long as they are kept, their ids are theirs
    while waiting:
        node, around = waiting.pop()
        if id(node) in seen:
            continue
        seen[id(node)] = node
        froms = _froms(node, around) if isinstance(node, s.Select) else []
        own = frozenset(id(table) for one in froms for table in one._from_objects)
        yield node, froms, around - own
        for child in (*node.get_children(), *froms):  # a join written as select().join() stands in the latter alone
            alone = isinstance(child, s.FromClause) and not isinstance(child, FunctionElement)  # sees nothing of what is around
            waiting.append((child, frozenset() if alone else around | own))


def _froms(node: s.Select[Any], around: frozenset[int]) -> Froms:
    """Of several tables not those that the selects around read: SQLAlchemy leaves these out when it writes the text.

    As ``get_final_froms`` does it, without writing the whole text each time."""
    found = list(node._compile_state_factory(node, None)._get_display_froms())  # type: ignore[arg-type]
    return found if len(found) == 1 else [one for one in found if id(one) not in around]


def _operators(node: Any) -> list[str]:
    found = [getattr(node, "operator", None), getattr(node, "modifier", None)]
    if isinstance(node, e.Grouping):  # the operator of what is inside
        return []
    return [str(getattr(one, "opstring", None) or getattr(one, "__name__", one)) for one in found if one is not None]


def _family(node: Any) -> str:
    return FAMILIES.get(type(node.type).__name__, "other")


def _shown(node: Any) -> str:
    return node if isinstance(node, str) else " ".join(str(node).split())[:120]


# One judge per construct that has more to it than its name ----------------------------------------------------------------


def _select(walk: Walk, node: s.Select[Any], froms: Froms) -> None:
    if node._distinct_on:
        walk.refuse("DISTINCT ON", node)
    if node._prefixes or node._suffixes or node._hints or node._statement_hints or node._for_update_arg is not None:
        walk.refuse("prefix, hint or lock", node)
    if len(froms) > 1:
        walk.refuse("tables joined by nothing", node)
    ordered = list(node._order_by_clauses)
    if (node._limit_clause is not None or node._offset_clause is not None or node._fetch_clause is not None) and not ordered:
        walk.refuse("LIMIT without an order", node)
    _order(walk, ordered)
    for one in ordered:
        if _family(_bare(one)[0]) == "text":
            walk.refuse("order of text", one)


def _compound(walk: Walk, node: s.CompoundSelect[Any]) -> None:
    if node.keyword.name not in ("UNION", "UNION_ALL"):
        walk.refuse("set operation", node.keyword.name)


def _cte(walk: Walk, node: s.CTE) -> None:
    prefixes = [str(text) for text, _ in node._prefixes]
    if node.recursive or node.nesting or node._suffixes or prefixes not in ([], ["MATERIALIZED"]):
        walk.refuse("kind of WITH", str(node.name))


def _join(walk: Walk, node: s.Join) -> None:
    if node.full:
        walk.refuse("FULL JOIN", node)
    _by_number(walk, "join", _terms(node.onclause))


def _correlated(walk: Walk, node: s.Select[Any], froms: Froms, outer: frozenset[int]) -> None:
    """What an inner select says of the outer one's columns is as good as a join."""
    terms = [term for criterion in node._where_criteria for term in _terms(criterion)]
    across = [term for term in terms if any(id(column.table) in outer for column in _columns(term))]
    if across and [getattr(one, "name", None) for one in froms] == [BY_CODE]:
        if any(_is_not_equality(term) for term in across):
            walk.refuse("code list joined by more than equality", node)
    elif across:
        _by_number(walk, "correlation", across)


def _by_number(walk: Walk, what: str, terms: Iterable[Any]) -> None:
    terms = list(terms)
    pairs = [term for term in terms if len({id(c.table) for c in _columns(term) if _family(c) == "number"}) > 1]
    if not any(isinstance(term, e.BinaryExpression) for term in pairs):
        walk.refuse(f"{what} by no number", " AND ".join(map(_shown, terms)))
    for term in terms:
        if any(_family(c) == "text" for c in _columns(term)) and _is_not_equality(term):
            walk.refuse(f"{what} by more than equality of text", term)


def _is_not_equality(term: Any) -> bool:
    return not (isinstance(term, e.BinaryExpression) and term.operator is o.eq)


def _terms(condition: Any) -> Iterator[Any]:
    """The parts of an AND."""
    if isinstance(condition, e.Grouping):
        yield from _terms(condition.element)
    elif isinstance(condition, e.BooleanClauseList) and condition.operator is o.and_:
        for clause in condition.clauses:
            yield from _terms(clause)
    else:
        yield condition


def _columns(term: Any) -> list[Any]:
    """The columns of a condition, without those of selects inside it."""
    if isinstance(term, s.SelectBase):
        return []
    if isinstance(term, e.ColumnClause):
        return [term]
    return [column for child in term.get_children() for column in _columns(child)]


def _binary(walk: Walk, node: e.BinaryExpression[Any]) -> None:
    name = _operators(node)[0]
    sides = [_family(node.left), _family(node.right)]
    if name in ("is_", "is_not") and not isinstance(node.right, e.Null):
        walk.refuse("IS of anything but NULL", node)
    if name in ORDERING and set(sides) - {"number", "date"}:
        walk.refuse(f"order of {' and '.join(dict.fromkeys(sides))}", node)
    if name in ARITHMETIC and set(sides) - {"number"}:
        walk.refuse("arithmetic of what is no number", node)
    if name == "concat_op" and set(sides) != {"text"}:
        walk.refuse("text joined to what is no text", node)
    if name in ("in_op", "not_in_op") and isinstance(node.right, (s.SelectBase, s.ScalarSelect)) and _family(node.left) != "number":
        walk.refuse("IN a select by no number", node)


def _list(walk: Walk, node: e.ExpressionClauseList[Any]) -> None:
    name = _operators(node)[0]
    families = {_family(clause) for clause in node.clauses}
    if name == "concat_op" and families != {"text"}:
        walk.refuse("text joined to what is no text", node)
    if name in ARITHMETIC and families != {"number"}:
        walk.refuse("arithmetic of what is no number", node)


def _cast(walk: Walk, node: e.Cast[Any]) -> None:
    if not isinstance(node.clause, e.Null) and (_family(node.clause), _family(node)) not in CASTS:
        walk.refuse("cast", node)


def _column(walk: Walk, node: e.ColumnClause[Any]) -> None:
    if node.is_literal and node.name != "*":
        walk.refuse("text as SQL", node)


def _window(walk: Walk, node: e.Over[Any]) -> None:
    function = getattr(node.element, "name", "")
    if node.range_ is not None or node.rows is not None or getattr(node, "groups", None) is not None:
        walk.refuse("frame of a window", node)
    ordered = [] if node.order_by is None else list(node.order_by.get_children())
    if not ordered:
        if function not in AGGREGATES:
            walk.refuse("window without an order", node)
        return
    _order(walk, ordered)
    if getattr(_bare(ordered[-1])[0], "name", None) not in TOTAL:
        walk.refuse("window order that is not total", node)


def _order(walk: Walk, ordered: Iterable[Any]) -> None:
    for one in ordered:
        column, explicit = _bare(one)
        constant = isinstance(column, e.Case) and all(isinstance(part, e.BindParameter) for part in _outcomes(column))
        if not explicit and not constant and getattr(column, "name", None) not in NEVER_NULL:
            walk.refuse("place of NULL left to the engine", one)


def _bare(one: Any) -> tuple[Any, bool]:
    """What is ordered by, and whether it says where NULL stands."""
    explicit = False
    while isinstance(one, e.UnaryExpression) and one.modifier is not None:
        explicit = explicit or one.modifier in (o.nulls_last_op, o.nulls_first_op)
        one = one.element
    return one, explicit


def _outcomes(node: e.Case[Any]) -> list[Any]:
    return [result for _, result in node.whens] + [node.else_]


_JUDGES: dict[str, Callable[[Walk, Any], None]] = {
    "CompoundSelect": _compound, "CTE": _cte, "Join": _join, "BinaryExpression": _binary, "ExpressionClauseList": _list, "Cast": _cast,
    "ColumnClause": _column, "Over": _window,
}  # fmt: skip
