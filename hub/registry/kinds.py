"""Types of bound expressions: what each node gives, and which operands go together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from hub.core.errors import YibiaoError
from hub.registry import expression_messages as m
from hub.registry import nodes as n
from hub.registry.model import Catalog, Element, ValueType
from hub.registry.paths import nearest

Fail = Callable[..., YibiaoError]

_NULL = n.Kind("null")
_BOOLEAN = n.Kind("boolean")
_FAMILIES = {
    ValueType.TEXT: "text", ValueType.CODE: "text", ValueType.DIVISION: "text", ValueType.CODES: "codes",
    ValueType.DATE: "date", ValueType.MONTH: "date", ValueType.DATETIME: "time", ValueType.INTEGER: "number",
    ValueType.DECIMAL: "number", ValueType.MONEY: "number", ValueType.BOOLEAN: "boolean", ValueType.REFERENCE: "reference",
}  # fmt: skip


def scale_of(element: Element) -> int:
    """Digits after the point of a stored number."""
    if element.type is ValueType.MONEY:
        return element.scale or 2
    return element.scale if element.type is ValueType.DECIMAL else 0


def kind_of(node: n.Node) -> n.Kind:
    """What a bound node gives."""
    match node:
        case n.Path():
            return n.Kind(_FAMILIES[node.element.type], scale_of(node.element), node.element)
        case n.Literal():
            return _literal(node)
        case n.Parameter() | n.Call():
            return n.Kind("date")
        case n.Over():
            return _over(node)
        case n.Arithmetic():
            left, right = kind_of(node.left), kind_of(node.right)
            scale = left.scale + right.scale if node.operator == "*" else max(left.scale, right.scale)
            return n.Kind("number", scale)
        case n.Case():
            values = [then for _, then in node.branches]
            return _joined([kind_of(value) for value in (values if node.default is None else [*values, node.default])])
        case n.Coalesce():
            return _joined([kind_of(value) for value in node.values])
        case _:
            return _BOOLEAN


def _literal(node: n.Literal) -> n.Kind:
    match node.value:
        case None:
            return _NULL
        case bool():
            return _BOOLEAN
        case str():
            return n.Kind("text")
        case date():
            return n.Kind("date")
        case Decimal():
            return n.Kind("number", max(0, -int(node.value.as_tuple().exponent)))
    return n.Kind("number")


def _over(node: n.Over) -> n.Kind:
    if node.function == "exists":
        return _BOOLEAN
    if node.function == "count" or node.value is None:
        return n.Kind("number")
    return kind_of(node.value)


def _joined(kinds: list[n.Kind]) -> n.Kind:
    """One kind for alternatives: the same element stays that element."""
    present = [kind for kind in kinds if kind.family != "null"]
    if not present:
        return _NULL
    same = all(kind.element == present[0].element for kind in present)
    return n.Kind(present[0].family, max(kind.scale for kind in present), present[0].element if same else None)


def check_kinds(node: n.Node, catalog: Catalog, fail: Fail) -> None:
    """Whether the operands of this one node go together; those below were checked before it."""
    match node:
        case n.Compare():
            _check_pair(node.left, node.right, catalog, fail, node.at)
            if node.operator not in ("=", "<>") and kind_of(node.left).family not in ("number", "date", "time"):
                raise fail(m.TEXT_ORDER, node.at)
        case n.In():
            for option in node.options:
                _check_pair(node.value, option, catalog, fail, node.at)
        case n.Arithmetic():
            for side in (node.left, node.right):
                _check_family(side, ("number",), fail, node.at)
        case n.Logic():
            for term in node.terms:
                _check_family(term, ("boolean", "null"), fail, 1)
        case n.Not():
            _check_family(node.term, ("boolean", "null"), fail, 1)
        case n.Case():
            for when, _ in node.branches:
                _check_family(when, ("boolean", "null"), fail, 1)
            values = [then for _, then in node.branches]
            _check_alternatives(values if node.default is None else [*values, node.default], fail)
        case n.Coalesce():
            _check_alternatives(list(node.values), fail)
        case n.Over():
            _check_over(node, fail)


def _check_over(node: n.Over, fail: Fail) -> None:
    if node.value is None:
        return
    kind = kind_of(node.value)
    fits = {"sum": ("number",), "min": ("number", "date", "time"), "max": ("number", "date", "time")}.get(node.function)
    if fits is not None and kind.family not in fits:
        fault = m.SEALED if node.value.element.sealed else m.TYPES
        raise fail(fault, node.at, left=node.function, right=_words(kind), name=node.value.element.name)


def _check_family(node: n.Node, families: tuple[str, ...], fail: Fail, at: int) -> None:
    kind = kind_of(node)
    if kind.family not in families:
        raise fail(m.TYPES, at, left=_words(kind), right="/".join(families))


def _check_alternatives(values: list[n.Node], fail: Fail) -> None:
    """Alternatives give one family; a sealed one is opened by its element, so it goes with itself alone."""
    kinds = [kind for kind in map(kind_of, values) if kind.family != "null"]
    for kind in kinds[1:]:
        if kind.family != kinds[0].family:
            raise fail(m.TYPES, 1, left=_words(kinds[0]), right=_words(kind))
    sealed = [kind.element for kind in kinds if kind.element is not None and kind.element.sealed]
    if sealed and any(kind.element != sealed[0] for kind in kinds):
        raise fail(m.SEALED, 1, name=sealed[0].name)


def _check_pair(left: n.Node, right: n.Node, catalog: Catalog, fail: Fail, at: int) -> None:
    one, two = kind_of(left), kind_of(right)
    if "null" in (one.family, two.family):
        raise fail(m.TYPES, at, left=_words(one), right=_words(two))
    for kind in (one, two):
        if kind.element is not None and kind.element.sealed:
            raise fail(m.SEALED, at, name=kind.element.name)
    plain_boolean = one.family == "boolean" and not (isinstance(left, n.Literal) or isinstance(right, n.Literal))
    if one.family != two.family or one.family == "codes" or plain_boolean:
        raise fail(m.TYPES, at, left=_words(one), right=_words(two))
    if one.family == "reference" and one.element and two.element and one.element.refers_to != two.element.refers_to:
        raise fail(m.TYPES, at, left=one.element.name, right=two.element.name)
    _check_code(one.element, right, catalog, fail)
    _check_code(two.element, left, catalog, fail)


def _check_code(element: Element | None, other: n.Node, catalog: Catalog, fail: Fail) -> None:
    """A literal beside a coded element must be one of its codes."""
    if element is None or element.code_list is None or not isinstance(other, n.Literal):
        return
    known = catalog.code_lists.get(element.code_list)
    if known is not None and other.value not in known.codes:
        near = ", ".join(nearest(str(other.value), known.codes))
        raise fail(m.CODE, other.at, code=other.value, code_list=known.name, near=near)


def _words(kind: n.Kind) -> str:
    return kind.element.name if kind.element is not None else kind.family
