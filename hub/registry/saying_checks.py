"""What a row may say of a subject: the expressions of ``says`` and ``when``, judged against the elements before a row comes.

They are computed row by row over the contract's own fields, and what they give stands under the name of an element: so it
has to be of its type and of its code list, and a sealed value (whose column holds a hash) can only be passed on as itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from hub.core.errors import YibiaoError
from hub.registry import messages as m
from hub.registry import nodes as n
from hub.registry.model import Catalog, Contract, Element, ValueType
from hub.registry.syntax import parse

_CONDITIONS = (n.Compare, n.Logic, n.Not, n.In, n.IsNull)
_SHAPES = (n.Name, n.Literal, n.Case, n.Coalesce, *_CONDITIONS)
_LARGEST = 10**15  # what a column of 64 bits holds, scaled as it may be
_NUMBERS = frozenset({ValueType.INTEGER, ValueType.DECIMAL, ValueType.MONEY})
_DATES = frozenset({ValueType.DATE, ValueType.MONTH})
_TEXTS = frozenset({ValueType.TEXT, ValueType.CODE, ValueType.DIVISION})


def check_saying(catalog: Catalog, contract: Contract, element: Element, text: str) -> Iterator[YibiaoError]:
    """The mistakes of an expression, whose names are fields of the contract, as what a row says of an element that is no
    reference."""
    tree, fields = parse(text, contract.place), _fields(catalog, contract)
    if (wrong := _strange(contract, tree, text)) or not _known(fields, tree):
        yield from wrong
        return
    if element.sealed:
        whole = isinstance(tree, n.Name) and fields[tree.text].name == element.name
        if not (whole or (isinstance(tree, n.Literal) and tree.value is None)):
            yield m.SAYING_SEALED.error(contract.place, expression=text, element=element.name)
        return
    yield from _conditions(catalog, contract, fields, tree, text)
    for part in _results(tree):
        if not _fits(catalog, fields, part, element):
            yield m.SAYING_UNFIT.error(contract.place, expression=text, element=element.name, type=element.type.value, part=_shown(part))


def check_when(catalog: Catalog, contract: Contract, text: str) -> Iterator[YibiaoError]:
    """The mistakes of the condition under which a row speaks of a record."""
    tree, fields = parse(text, contract.place), _fields(catalog, contract)
    if (wrong := _strange(contract, tree, text)) or not _known(fields, tree):
        yield from wrong
        return
    yield from _conditions(catalog, contract, fields, tree, text)
    if not _is_condition(fields, tree):
        yield m.SAYING_UNFIT.error(contract.place, expression=text, element="when", type=ValueType.BOOLEAN.value, part=_shown(tree))


def _fields(catalog: Catalog, contract: Contract) -> Mapping[str, Element]:
    return {field.name: catalog.held(field) for field in contract.bound if field.element in catalog.elements}


def _known(fields: Mapping[str, Element], tree: n.Node) -> bool:
    """Whether the fields that an expression names have elements; those that have none are told elsewhere."""
    return all(node.text in fields for node in n.walk(tree) if isinstance(node, n.Name))


def _strange(contract: Contract, tree: n.Node, text: str) -> list[YibiaoError]:
    """What of an expression cannot be computed row by row: the first of it."""
    strange = next((node for node in n.walk(tree) if not isinstance(node, _SHAPES)), None)
    if strange is None:
        return []
    what = strange.function if isinstance(strange, n.Call | n.Aggregate) else type(strange).__name__.lower()
    return [m.SAYING_SHAPE.error(contract.place, expression=text, what=what)]


def _conditions(catalog: Catalog, contract: Contract, fields: Mapping[str, Element], tree: n.Node, text: str) -> Iterator[YibiaoError]:
    """Sealed fields are asked for nothing but whether they are empty; other ones are compared with what they can hold."""
    asked = {id(node.value) for node in n.walk(tree) if isinstance(node, n.IsNull)}
    for node in n.walk(tree):
        if isinstance(node, n.Name) and fields[node.text].sealed and id(node) not in asked:
            yield m.SAYING_SEALED.error(contract.place, expression=text, element=fields[node.text].name)
    for node in n.walk(tree):
        for part in _asked_whether(node):
            if not _is_condition(fields, part):
                yield m.SAYING_SHAPE.error(contract.place, expression=text, what=_shown(part))
        sides = _compared(node)
        names = [side for side in sides if isinstance(side, n.Name)]
        if sides and (not names or not all(isinstance(side, n.Name | n.Literal) for side in sides)):
            yield m.SAYING_SHAPE.error(contract.place, expression=text, what=_shown(node))
            continue
        for side in sides:
            element = fields[names[0].text]
            if side is not names[0] and not _comparable(catalog, fields, side, element):
                yield m.SAYING_UNFIT.error(
                    contract.place, expression=text, element=element.name, type=element.type.value, part=_shown(side)
                )


def _asked_whether(node: n.Node) -> tuple[n.Node, ...]:
    """The parts of a node that have to be true or false: the engines differ about anything else."""
    match node:
        case n.Case():
            return tuple(condition for condition, _ in node.branches)
        case n.Logic():
            return node.terms
        case n.Not():
            return (node.term,)
    return ()


def _compared(node: n.Node) -> tuple[n.Node, ...]:
    """What a node compares: fields with fields or constants."""
    match node:
        case n.Compare():
            return (node.left, node.right)
        case n.In():
            return (node.value, *node.options)
    return ()


def _is_condition(fields: Mapping[str, Element], node: n.Node) -> bool:
    return isinstance(node, _CONDITIONS) or (isinstance(node, n.Name) and fields[node.text].type is ValueType.BOOLEAN)


def _results(tree: n.Node) -> Iterator[n.Node]:
    """The parts that an expression may give."""
    match tree:
        case n.Case():
            for _, result in tree.branches:
                yield from _results(result)
            if tree.default is not None:
                yield from _results(tree.default)
        case n.Coalesce():
            for value in tree.values:
                yield from _results(value)
        case _:
            yield tree


def _fits(catalog: Catalog, fields: Mapping[str, Element], part: n.Node, element: Element) -> bool:
    """Whether a part gives what an element holds: the same type, scale and code list, or a literal of them."""
    if isinstance(part, n.Name):
        other = fields[part.text]
        return (other.type, other.code_list, other.scale) == (element.type, element.code_list, element.scale)
    if isinstance(part, n.Literal):
        return part.value is None or _is_value(catalog, part.value, element)
    return element.type is ValueType.BOOLEAN


def _comparable(catalog: Catalog, fields: Mapping[str, Element], side: n.Node, element: Element) -> bool:
    if isinstance(side, n.Name):
        return any({fields[side.text].type, element.type} <= family for family in (_NUMBERS, _DATES, _TEXTS, {element.type}))
    return not isinstance(side, n.Literal) or _is_value(catalog, side.value, element)


def _is_value(catalog: Catalog, value: n.Scalar, element: Element) -> bool:
    if element.type is ValueType.CODE and (codes := catalog.code_lists.get(element.code_list or "")) is not None:
        return value in codes.codes
    if element.type is ValueType.BOOLEAN:
        return isinstance(value, bool)
    if element.type is ValueType.DIVISION and (divisions := catalog.code_lists.get("division")) is not None:
        return value in divisions.codes
    if element.type in _NUMBERS:
        return isinstance(value, int | Decimal) and not isinstance(value, bool) and -_LARGEST < value < _LARGEST
    if element.type in _DATES:
        return isinstance(value, date)
    return element.type in _TEXTS and isinstance(value, str)


def _shown(part: n.Node) -> str:
    if isinstance(part, n.Name):
        return part.text
    return f"{part.value}" if isinstance(part, n.Literal) else type(part).__name__.lower()
