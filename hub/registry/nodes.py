"""The nodes of the expression language: frozen data, comparable, and nothing that parses, checks or runs them.

``hub.registry.syntax`` makes them from text, ``hub.registry.expressions`` binds their names to the Catalog, ``hub.store``
turns bound ones into SQL and ``hub.forms.formulas`` evaluates formulas. ``at`` is the 1-based position in the text; it
never counts when nodes are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from hub.registry.model import Element, ValueType

Scalar = str | int | Decimal | bool | date | None


@dataclass(frozen=True, slots=True)
class Literal:
    value: Scalar
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """``:period_end``: a date known when the expression runs."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the language: ``years_before(:period_end, 60)``; formulas know more of them than SQL."""

    function: str
    arguments: tuple[Node, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted path as written, not yet looked up; ``*`` is ``("*",)``."""

    parts: tuple[str, ...]
    at: int = field(default=0, compare=False)

    @property
    def text(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Hop:
    """One reference followed: to the subject that ``name`` points to (``owner`` for an owned record's owner)."""

    name: str
    entity: str  # where it leads
    element: str | None  # full name of the reference element; None for owner


@dataclass(frozen=True, slots=True)
class Path:
    """A name that was found: references from an anchor to an element that is stored.

    ``anchor`` 0 is the expression's own entity, or inside an aggregate the row of the chain's step ``anchor`` (from 1).
    """

    anchor: int
    hops: tuple[Hop, ...]
    element: Element
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """From the row before, over references, into a collection: owned records (``via`` None) or subjects that refer back."""

    hops: tuple[Hop, ...]
    name: str
    entity: str
    via: Element | None


@dataclass(frozen=True, slots=True)
class Over:
    """An aggregate over one collection, reached by a chain of steps from ``anchor``.

    ``function``: count, exists, sum, min, max, first. ``first`` is the value in the record that comes first by dataset, then
    by content, so that several elements of one record stay together.
    """

    function: str
    anchor: int
    chain: tuple[Step, ...]
    value: Path | None
    where: Node | None
    distinct: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate as written, not yet looked up."""

    function: str
    value: Name
    where: Node | None
    distinct: bool = False
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    operator: str  # = <> < <= > >=
    left: Node
    right: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    operator: str  # and, or
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    term: Node


@dataclass(frozen=True, slots=True)
class In:
    value: Node
    options: tuple[Literal, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    value: Node


@dataclass(frozen=True, slots=True)
class Case:
    branches: tuple[tuple[Node, Node], ...]
    default: Node | None


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: str  # + - * /
    left: Node
    right: Node
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Coalesce:
    values: tuple[Node, ...]


Node = Literal | Parameter | Call | Name | Path | Over | Aggregate | Compare | Logic | Not | In | IsNull | Case | Arithmetic | Coalesce


@dataclass(frozen=True, slots=True)
class Kind:
    """What a bound expression gives. ``family``: null, text, number, boolean, date, codes, time or reference.

    ``scale`` is that of a number. ``element`` is the element whose value is passed on unchanged, if it is one.
    """

    family: str
    scale: int = 0
    element: Element | None = None

    @property
    def value_type(self) -> ValueType:
        """The element's type, or the plainest one of the family."""
        if self.element is not None:
            return self.element.type
        if self.family == "number":
            return ValueType.DECIMAL if self.scale else ValueType.INTEGER
        return {"boolean": ValueType.BOOLEAN, "date": ValueType.DATE}.get(self.family, ValueType.TEXT)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, in the order written."""
    match node:
        case Call():
            return node.arguments
        case Compare() | Arithmetic():
            return (node.left, node.right)
        case Logic():
            return node.terms
        case Not():
            return (node.term,)
        case In():
            return (node.value, *node.options)
        case IsNull():
            return (node.value,)
        case Case():
            pairs = tuple(part for branch in node.branches for part in branch)
            return pairs if node.default is None else (*pairs, node.default)
        case Coalesce():
            return node.values
        case Over() | Aggregate():
            below: tuple[Node, ...] = () if node.value is None else (node.value,)
            return below if node.where is None else (*below, node.where)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in children(node):
        yield from walk(child)
