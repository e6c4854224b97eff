"""Expressions checked against the Catalog: names found, types known, derived elements put in their place.

``bind`` gives nodes of which every name is a ``Path`` or an ``Over`` (an aggregate); ``uses`` tells what they read. What
passes here means the same on every engine (``hub.store.expressions``): text only for equality, no division, dates only
against dates. Formulas over the cells of a form are not bound to the Catalog: see ``hub.forms.formulas``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from hub.core.errors import YibiaoError
from hub.registry import expression_messages as m
from hub.registry import nodes as n
from hub.registry.kinds import check_kinds, kind_of
from hub.registry.messages import Fault, unknown
from hub.registry.model import Catalog, Element, Entity, Measure, Place, ValueType
from hub.registry.paths import Found, Lost, find, names_of, nearest
from hub.registry.syntax import NOWHERE, parse

PARAMETERS = ("period_start", "period_end", "year_start", "year_end")
_BOUNDARIES = ("years_before", "days_before")


@dataclass(frozen=True, slots=True)
class BoundMeasure:
    """A measure ready to run. ``value`` None counts the rows; ``where`` None takes all; ``by`` is its place."""

    measure: Measure
    function: str
    value: n.Path | None
    distinct: bool
    where: n.Node | None
    by: n.Path


@dataclass(frozen=True, slots=True)
class _Frame:
    """The rows that names may start from: (prefix as written, entity). Outside an aggregate only the entity itself."""

    anchors: tuple[tuple[tuple[str, ...], str], ...]
    first: int  # the anchor number of the first one: 0 outside, 1 inside an aggregate


def bind(catalog: Catalog, entity: str, text: str, place: Place = NOWHERE) -> n.Node:
    """The expression over ``entity``, every name found and every type checked.

    Raises ``YibiaoError`` (INVALID; its values hold expression, position ``at`` and, for an unknown name, the nearest ones).
    """
    binder = _Binder(catalog, text, place)
    node = binder.bind(parse(text, place), _Frame((((), entity),), 0))
    kind_of(node)
    return node


def bind_condition(catalog: Catalog, entity: str, text: str, place: Place = NOWHERE) -> n.Node:
    """As ``bind``, for an expression that must be true or false."""
    node = bind(catalog, entity, text, place)
    family = kind_of(node).family
    if family not in ("boolean", "null"):
        raise m.NOT_BOOLEAN.error(place, expression=text, at=1, left=family)
    return node


def bind_path(catalog: Catalog, entity: str, text: str, place: Place = NOWHERE) -> n.Path | None:
    """The path that an expression is, or None if it is anything else (a derived element, an aggregate)."""
    node = bind(catalog, entity, text, place)
    return node if isinstance(node, n.Path) else None


def bind_display(catalog: Catalog, entity: Entity) -> n.Path | None:
    """What people call a subject by; None where the entity has no ``display``. Raises as ``bind``, and ``unknown`` for what is not stored."""
    if entity.display is None:
        return None
    path = bind_path(catalog, entity.name, entity.display, entity.place)
    if path is None:
        raise unknown(entity.place, "数据元", "element", f"{entity.name}.{entity.display}", catalog.elements)
    return path


def bind_measure(catalog: Catalog, measure: Measure) -> BoundMeasure:
    """A measure with its value, condition and place bound. Raises as ``bind``, and ``measure_shape``, ``measure_place``."""
    place = measure.place
    tree = parse(measure.value, place)
    shape = m.MEASURE_SHAPE.error(place, expression=measure.value, at=1)
    if not isinstance(tree, n.Aggregate) or tree.where is not None or tree.function not in ("count", "sum", "min", "max"):
        raise shape
    value: n.Path | None = None
    if tree.value.parts != ("*",):
        value = bind_path(catalog, measure.of, tree.value.text, place)
        numeric = value is not None and kind_of(value).family == "number"
        if value is None or (tree.function != "count" and not numeric):
            raise shape
    elif tree.function != "count" or tree.distinct:
        raise shape
    by = bind_path(catalog, measure.of, measure.by, place)
    if by is None or by.element.type is not ValueType.DIVISION:
        raise m.MEASURE_PLACE.error(place, name=measure.by, expression=measure.by, at=1)
    where = None if measure.where is None else bind_condition(catalog, measure.of, measure.where, place)
    return BoundMeasure(measure, tree.function, value, tree.distinct, where, by)


def uses(node: n.Node) -> frozenset[str]:
    """Full names of the elements that a bound expression reads: values, references and the ways into collections."""
    found: set[str] = set()
    for part in n.walk(node):
        if isinstance(part, n.Path):
            found.add(part.element.name)
            found.update(hop.element for hop in part.hops if hop.element)
        elif isinstance(part, n.Over):
            for step in part.chain:
                found.update(hop.element for hop in step.hops if hop.element)
                if step.via is not None:
                    found.add(step.via.name)
    return frozenset(found)


def measure_uses(bound: BoundMeasure) -> frozenset[str]:
    """As ``uses``, for a measure: its value, condition and place."""
    nodes = [node for node in (bound.value, bound.where, bound.by) if node is not None]
    return frozenset().union(*(uses(node) for node in nodes))


def boundary(node: n.Node, parameters: Mapping[str, date]) -> date:
    """The date that a parameter or a function of parameters stands for; computed here, never in SQL."""
    if isinstance(node, n.Parameter):
        return parameters[node.name]
    assert isinstance(node, n.Call)
    assert isinstance(node.arguments[1], n.Literal)
    start, amount = boundary(node.arguments[0], parameters), int(str(node.arguments[1].value))
    return years_before(start, amount) if node.function == "years_before" else start - timedelta(days=amount)


def years_before(day: date, years: int) -> date:
    """The latest birth date of those who have completed ``years`` years on ``day`` (born on 29 February: on 1 March)."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


class _Binder:
    """One pass over the nodes of one expression."""

    def __init__(self, catalog: Catalog, text: str, place: Place) -> None:
        self._catalog = catalog
        self._text = text
        self._place = place
        self._deriving: tuple[str, ...] = ()

    def bind(self, node: n.Node, frame: _Frame) -> n.Node:
        """The node with its names found; types of its operands are checked on the way up."""
        bound = self._parts(node, frame)
        check_kinds(bound, self._catalog, self._fail)
        return _plain_boolean(bound)

    def _parts(self, node: n.Node, frame: _Frame) -> n.Node:
        match node:
            case n.Name():
                return self._name(node, frame)
            case n.Aggregate():
                return self._aggregate(node, frame)
            case n.Parameter():
                if node.name not in PARAMETERS:
                    raise self._fail(m.PARAMETER, node.at, name=node.name, near=", ".join(PARAMETERS))
                return node
            case n.Call():
                return self._call(node, frame)
            case n.Compare() | n.Arithmetic():
                if isinstance(node, n.Arithmetic) and node.operator == "/":
                    raise self._fail(m.UNSUPPORTED, node.at, what="/")
                left, right = self.bind(node.left, frame), self.bind(node.right, frame)
                return _dated(replace(node, left=left, right=right))
            case n.Logic():
                return replace(node, terms=tuple(self.bind(term, frame) for term in node.terms))
            case n.Not():
                return n.Not(self.bind(node.term, frame))
            case n.In():
                return replace(node, value=self.bind(node.value, frame))
            case n.IsNull():
                return n.IsNull(self.bind(node.value, frame))
            case n.Case():
                branches = tuple((self.bind(when, frame), self.bind(then, frame)) for when, then in node.branches)
                return n.Case(branches, None if node.default is None else self.bind(node.default, frame))
            case n.Coalesce():
                return n.Coalesce(tuple(self.bind(value, frame) for value in node.values))
            case _:
                return node

    def _call(self, node: n.Call, frame: _Frame) -> n.Call:
        arguments = tuple(self.bind(argument, frame) for argument in node.arguments)
        fits = (
            node.function in _BOUNDARIES
            and len(arguments) == 2
            and isinstance(arguments[0], (n.Parameter, n.Call))
            and isinstance(arguments[1], n.Literal)
            and type(arguments[1].value) is int
            and 0 <= arguments[1].value <= 36_500
        )
        if not fits:
            raise self._fail(m.FUNCTION, node.at, name=node.function, near="years_before(:period_end, 60), days_before(:period_end, 42)")
        return replace(node, arguments=arguments)

    def _name(self, name: n.Name, frame: _Frame) -> n.Node:
        anchor, found = self._find(name, frame)
        if found.chain or found.element is None:
            raise self._fail(m.COLLECTION, name.at, name=name.text)
        if found.element.derived is not None:
            return self._derived(found.element, name, frame)
        return n.Path(anchor, found.hops, found.element, name.at)

    def _find(self, name: n.Name, frame: _Frame) -> tuple[int, Found]:
        """The anchor that a name starts from, the longest prefix first, and what it leads to."""
        for position in range(len(frame.anchors) - 1, -1, -1):
            prefix, entity = frame.anchors[position]
            rest = name.parts[len(prefix) :]
            if name.parts[: len(prefix)] != prefix or not rest:
                continue
            found = find(self._catalog, entity, rest)
            if isinstance(found, Lost):
                fault = m.NOT_A_REFERENCE if found.not_a_reference else m.UNKNOWN_NAME
                raise self._fail(fault, name.at, entity=found.entity, name=found.part, near=", ".join(found.near))
            return frame.first + position, found
        raise self._fail(m.OUTSIDE, name.at, name=name.text, collection=".".join(frame.anchors[-1][0]))

    def _derived(self, element: Element, name: n.Name, frame: _Frame) -> n.Node:
        """A derived element is its expression, with every name in it continuing the path that led there."""
        if element.name in self._deriving:
            raise self._fail(m.CYCLE, name.at, name=element.name)
        inner = _Binder(self._catalog, str(element.derived), element.place)
        inner._deriving = (*self._deriving, element.name)
        return inner.bind(_continued(parse(str(element.derived), element.place), name.parts[:-1]), frame)

    def _aggregate(self, node: n.Aggregate, frame: _Frame) -> n.Over:
        anchor, found = (0, None) if node.value.parts == ("*",) else self._find(node.value, frame)
        if found is None or not found.chain:
            near = nearest(node.value.parts[0], self._collections(frame))
            raise self._fail(m.NO_COLLECTION, node.at, function=node.function, near=", ".join(near))
        if found.element is not None and found.element.derived is not None:
            raise self._fail(m.UNSUPPORTED, node.at, what=found.element.name)
        inner = self._inner_frame(node.value, frame, anchor, found)
        value = None
        if found.element is not None:
            value = n.Path(len(found.chain), found.hops, found.element, node.value.at)
        where = None if node.where is None else self.bind(node.where, inner)
        if where is not None and kind_of(where).family not in ("boolean", "null"):
            raise self._fail(m.NOT_BOOLEAN, node.at, left=kind_of(where).family)
        if value is None and (node.function not in ("count", "exists") or node.distinct):
            raise self._fail(m.COLLECTION, node.at, name=node.value.text)
        return n.Over(node.function, anchor, found.chain, value, where, node.distinct, node.at)

    def _inner_frame(self, name: n.Name, frame: _Frame, anchor: int, found: Found) -> _Frame:
        """Inside the aggregate names start from the rows of its steps, each under the prefix that was written for it."""
        prefix = frame.anchors[anchor - frame.first][0]
        anchors = []
        length = len(prefix)
        for step in found.chain:
            length += len(step.hops) + 1
            anchors.append((name.parts[:length], step.entity))
        return _Frame(tuple(anchors), 1)

    def _collections(self, frame: _Frame) -> list[str]:
        entity = frame.anchors[-1][1]
        declared = self._catalog.entities.get(entity)
        return list(declared.collections) if declared else list(names_of(self._catalog, entity))

    def _fail(self, fault: Fault, at: int, **values: Any) -> YibiaoError:
        return fault.error(self._place, expression=self._text, at=at, **values)


def _continued(node: n.Node, prefix: tuple[str, ...]) -> n.Node:
    """The node with ``prefix`` before each of its names."""

    def on(part: n.Node) -> n.Node:
        return _continued(part, prefix)

    match node:
        case n.Name():
            return node if node.parts == ("*",) else replace(node, parts=prefix + node.parts)
        case n.Aggregate():
            value = replace(node.value, parts=prefix + node.value.parts)
            return replace(node, value=value, where=None if node.where is None else on(node.where))
        case n.Call():
            return replace(node, arguments=tuple(on(argument) for argument in node.arguments))
        case n.Compare() | n.Arithmetic():
            return replace(node, left=on(node.left), right=on(node.right))
        case n.Logic():
            return replace(node, terms=tuple(on(term) for term in node.terms))
        case n.Not():
            return n.Not(on(node.term))
        case n.In():
            return replace(node, value=on(node.value))
        case n.IsNull():
            return n.IsNull(on(node.value))
        case n.Case():
            branches = tuple((on(when), on(then)) for when, then in node.branches)
            return n.Case(branches, None if node.default is None else on(node.default))
        case n.Coalesce():
            return n.Coalesce(tuple(on(value) for value in node.values))
        case _:
            return node


def _dated(node: n.Compare | n.Arithmetic) -> n.Node:
    """An ISO text compared with a date is a date."""
    if not isinstance(node, n.Compare):
        return node
    sides = [node.left, node.right]
    for this, other in ((0, 1), (1, 0)):
        literal = sides[this]
        if isinstance(literal, n.Literal) and isinstance(literal.value, str) and kind_of(sides[other]).family == "date":
            try:
                sides[this] = replace(literal, value=date.fromisoformat(literal.value))
            except ValueError:
                continue
    return replace(node, left=sides[0], right=sides[1])


def _plain_boolean(node: n.Node) -> n.Node:
    """``x = true`` is ``x``: boolean columns stand bare."""
    if not isinstance(node, n.Compare):
        return node
    for literal, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(literal, n.Literal) and isinstance(literal.value, bool):
            return other if literal.value is (node.operator == "=") else n.Not(other)
    return node
