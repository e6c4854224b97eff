"""Bound expressions to SQLAlchemy Core: set-based, on subject ids only, and the same text in meaning on every engine.

A reference is a LEFT JOIN. An aggregate is computed once per subject that it belongs to (grouped), then LEFT JOINed; several
over one collection share one pass. Numbers stay scaled integers, dates are bound from Python, text is compared for equality
only. A ``Query`` may have a scope (a select of subject ids): then every aggregate reads the rows of those subjects alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, FromClause, Select, Text, and_, case, cast, func, literal, not_, null, or_, select

from hub.registry import nodes as n
from hub.registry.expressions import boundary
from hub.registry.kinds import kind_of
from hub.registry.model import Catalog, EntityKind, ValueType
from hub.registry.paths import OWNER
from hub.store.trails import Column, Rows, Trail, chain_trail, owner_column, rows_of

__all__ = ["Column", "Query", "Rows", "query"]


@dataclass(frozen=True, slots=True)
class _Group:
    """Aggregates that are answered by one subquery."""

    anchor: int
    chain: tuple[n.Step, ...]
    first: bool
    members: tuple[n.Over, ...]


class Query:
    """One level of a statement: rows of an entity (or, inside an aggregate, of its chain) and what is joined to them.

    ``nodes`` are all the expressions that will be asked for. Call ``column`` and ``source`` first, then read ``from_``.
    """

    def __init__(
        self,
        rows: Rows,
        catalog: Catalog,
        trail: Callable[[], Trail],
        parameters: Mapping[str, date],
        nodes: Sequence[n.Node],
        scoped: bool,
    ) -> None:
        self._rows, self._catalog, self._parameters = rows, catalog, parameters
        self._make_trail, self._scoped = trail, scoped
        self.trail = trail()
        self.from_ = self.trail.from_
        self._aliases: dict[tuple[int, tuple[n.Hop, ...]], FromClause] = {}
        self._groups = _groups(nodes)
        self._subqueries: dict[_Group, FromClause] = {}

    # Values -------------------------------------------------------------------------------------------------------

    def column(self, node: n.Node) -> Column:
        """The value: as stored (money in fen, a sealed element's keyed hash, a reference's subject id)."""
        match node:
            case n.Path():
                return self._table(node.anchor, node.hops).c[node.element.short]
            case n.Over():
                return self._over(node)
            case n.Literal():
                return _literal(node.value, kind_of(node).scale)
            case n.Parameter() | n.Call():
                return literal(boundary(node, self._parameters), Date())
            case n.Compare():
                return self._compare(node)
            case n.Logic():
                terms = [self.column(term) for term in node.terms]
                return and_(*terms) if node.operator == "and" else or_(*terms)
            case n.Not():
                return not_(self.column(node.term))
            case n.In():
                scale = max(kind_of(part).scale for part in (node.value, *node.options))
                return self._scaled(node.value, scale).in_([_stored(option.value, scale) for option in node.options])
            case n.IsNull():
                return self.column(node.value).is_(None)
            case n.Arithmetic():
                return self._arithmetic(node)
            case n.Case():
                scale = kind_of(node).scale
                default = null() if node.default is None else self._scaled(node.default, scale)
                return case(*((self.column(when), self._scaled(then, scale)) for when, then in node.branches), else_=default)
            case n.Coalesce():
                scale = kind_of(node).scale
                return func.coalesce(*(self._scaled(value, scale) for value in node.values))
        raise TypeError(f"{type(node).__name__} is not bound")

    def sealed(self, node: n.Node) -> Column:
        """The ciphertext beside the hash, chosen as the value is."""
        return self._chosen(node, lambda leaf: self._companion(leaf, "sealed"), null())

    def source(self, node: n.Node) -> Column:
        """The number of the dataset that a passed-on value comes from; 0 where nobody has spoken of it, null where an aggregate
        found no record. For a path that breaks at an empty reference it is the source of that reference; where every alternative
        is empty, that of the first which somebody has spoken of."""
        if isinstance(node, n.Coalesce):
            sources = [(value, self.source(value)) for value in node.values]
            given: list[tuple[Any, Any]] = [(self.column(value).is_not(None), source) for value, source in sources]
            return case(*given, *((source != 0, source) for _, source in sources), else_=literal(0))
        return self._chosen(node, self._leaf_source, literal(0))

    def subject(self, node: n.Node) -> Column:
        """The subject whose value is passed on, for looking up its conflicts; null where it is a record's."""
        return self._chosen(node, self._leaf_subject, null())

    def reference(self, anchor: int, hops: tuple[n.Hop, ...]) -> Column:
        """The subject at the end of ``hops``."""
        if not hops:
            return self.trail.anchors[anchor].c["subject_id"]
        return self._table(anchor, hops[:-1]).c[hops[-1].name]

    def _chosen(self, node: n.Node, leaf: Callable[[n.Path | n.Over], Column], nothing: Column) -> Column:
        """Something that goes with a value, through the nodes that only choose which value."""
        match node:
            case n.Path() | n.Over():
                return leaf(node)
            case n.Coalesce():
                branches = [(self.column(value).is_not(None), self._chosen(value, leaf, nothing)) for value in node.values]
                return case(*branches, else_=self._chosen(node.values[0], leaf, nothing))
            case n.Case():
                default = nothing if node.default is None else self._chosen(node.default, leaf, nothing)
                return case(*((self.column(when), self._chosen(then, leaf, nothing)) for when, then in node.branches), else_=default)
        return nothing

    def _leaf_source(self, leaf: n.Path | n.Over) -> Column:
        if isinstance(leaf, n.Over):
            return self._companion(leaf, "source")
        broken: list[tuple[Any, Any]] = []
        for depth, hop in enumerate(leaf.hops):
            table = self._table(leaf.anchor, leaf.hops[:depth])
            broken.append((table.c[hop.name].is_(None), _source_column(table, hop.name)))
        value = func.coalesce(_source_column(self._table(leaf.anchor, leaf.hops), leaf.element.short), 0)
        return case(*broken, else_=value) if broken else value

    def _leaf_subject(self, leaf: n.Path | n.Over) -> Column:
        if isinstance(leaf, n.Over):
            return null()
        if not leaf.hops and "subject_id" not in self.trail.anchors[leaf.anchor].c:
            return null()
        return self.reference(leaf.anchor, leaf.hops)

    def _companion(self, leaf: n.Path | n.Over, suffix: str) -> Column:
        if isinstance(leaf, n.Path):
            return self._table(leaf.anchor, leaf.hops).c[f"{leaf.element.short}_{suffix}"]
        subquery, position = self._subquery(leaf)
        return subquery.c[f"{suffix}_{position}"] if leaf.function == "first" else null()

    # Operators ----------------------------------------------------------------------------------------------------

    def _compare(self, node: n.Compare) -> Column:
        scale = max(kind_of(node.left).scale, kind_of(node.right).scale)
        left, right = self._scaled(node.left, scale), self._scaled(node.right, scale)
        operators: dict[str, Callable[[], Column]] = {
            "=": lambda: left == right, "<>": lambda: left != right, "<": lambda: left < right,
            "<=": lambda: left <= right, ">": lambda: left > right, ">=": lambda: left >= right,
        }  # fmt: skip
        return operators[node.operator]()

    def _arithmetic(self, node: n.Arithmetic) -> Column:
        if node.operator == "*":
            return self.column(node.left) * self.column(node.right)
        scale = kind_of(node).scale
        left, right = self._scaled(node.left, scale), self._scaled(node.right, scale)
        return left + right if node.operator == "+" else left - right

    def _scaled(self, node: n.Node, scale: int) -> Column:
        """The value as an integer of 10**-scale units, if it is a number."""
        kind = kind_of(node)
        if isinstance(node, n.Literal):
            return _literal(node.value, scale)
        column = self.column(node)
        return column * 10 ** (scale - kind.scale) if kind.family == "number" and kind.scale < scale else column

    # References ---------------------------------------------------------------------------------------------------

    def _table(self, anchor: int, hops: tuple[n.Hop, ...]) -> FromClause:
        """The rows at the end of ``hops``, joined once however often they are named."""
        if not hops:
            return self.trail.anchors[anchor]
        if (anchor, hops) not in self._aliases:
            reference = self.reference(anchor, hops)
            table = self._rows.subject(hops[-1].entity).alias()
            self.from_ = self.from_.outerjoin(table, table.c.subject_id == reference)
            self._aliases[anchor, hops] = table
        return self._aliases[anchor, hops]

    # Aggregates ---------------------------------------------------------------------------------------------------

    def _over(self, node: n.Over) -> Column:
        subquery, position = self._subquery(node)
        column = subquery.c[f"value_{position}"]
        if node.function not in ("count", "exists"):
            return column
        counted: Column = func.coalesce(column, 0)
        if node.chain[0].hops:  # without the subject there is nothing to count: unknown, not none
            known = self.reference(node.anchor, node.chain[0].hops).is_not(None)
            counted = case((known, counted), else_=null())
        return counted > 0 if node.function == "exists" else counted

    def _subquery(self, node: n.Over) -> tuple[FromClause, int]:
        """The joined subquery that answers an aggregate, and the number of its column there."""
        group = next(group for group in self._groups if node in group.members)
        if group not in self._subqueries:
            subquery = (self._firsts(group) if group.first else self._aggregates(group)).subquery()
            reference = self.reference(group.anchor, group.chain[0].hops)
            self.from_ = self.from_.outerjoin(subquery, subquery.c.of == reference)
            self._subqueries[group] = subquery
        return self._subqueries[group], group.members.index(node)

    def _inner(self, group: _Group) -> tuple[Query, Column, Column | None]:
        """The level inside a group's subquery, the subject it is grouped by, and the condition common to all members."""
        nodes = [part for over in group.members for part in (over.value, over.where) if part is not None]
        start = self._start(group.anchor, group.chain[0].hops) if self._scoped else None

        def trail() -> Trail:
            return chain_trail(self._rows, self._catalog, group.chain, start)

        inner = Query(self._rows, self._catalog, trail, self._parameters, nodes, self._scoped)
        conditions = {over.where for over in group.members}
        common = conditions.pop() if len(conditions) == 1 else None
        where = None if common is None else inner.column(common)
        return inner, owner_column(inner.trail.anchors[1], group.chain[0]), where

    def _start(self, anchor: int, hops: tuple[n.Hop, ...]) -> Select[Any]:
        """The subjects, at the end of ``hops`` from this level's own rows, that a scoped aggregate is limited to."""
        level = Query(self._rows, self._catalog, self._make_trail, self._parameters, (), True)
        chosen = select(level.reference(anchor, hops)).select_from(level.from_)
        return _apart(chosen if level.trail.where is None else chosen.where(level.trail.where))

    def _aggregates(self, group: _Group) -> Select[Any]:
        inner, owner, common = self._inner(group)
        columns = [_aggregate(inner, over, common is None).label(f"value_{i}") for i, over in enumerate(group.members)]
        statement = select(owner.label("of"), *columns).select_from(inner.from_).group_by(owner)
        return _limited(statement, owner, inner.trail.where, common)

    def _firsts(self, group: _Group) -> Select[Any]:
        inner, owner, common = self._inner(group)
        columns: list[Any] = []
        for position, over in enumerate(group.members):
            assert over.value is not None
            columns.append(inner.column(over.value).label(f"value_{position}"))
            columns.append(inner.source(over.value).label(f"source_{position}"))
            if over.value.element.sealed:
                columns.append(inner.sealed(over.value).label(f"sealed_{position}"))
        order = list(self._total_order(group.chain, inner.trail.anchors))
        rank = func.row_number().over(partition_by=owner, order_by=order).label("rank")
        ranked = _limited(select(owner.label("of"), rank, *columns).select_from(inner.from_), owner, inner.trail.where, common).subquery()
        return select(*(column for column in ranked.c if column.key != "rank")).where(ranked.c.rank == 1)

    def _total_order(self, chain: tuple[n.Step, ...], anchors: Mapping[int, FromClause]) -> Iterator[Any]:
        """By content, the innermost rows first; a surrogate only where nothing else tells two rows apart."""
        for number in range(len(chain), 0, -1):
            table, entity = anchors[number], self._catalog.entities[chain[number - 1].entity]
            if entity.kind is EntityKind.OWNED:
                stored = self._catalog.stored_elements(entity.name)
                content = [element.short for element in stored if element.type is not ValueType.REFERENCE]
                yield table.c.dataset.asc()
                yield from (table.c[short].asc().nulls_last() for short in content)
                yield table.c.record.asc()
            elif entity.key is not None:
                yield from (table.c[entity.key].asc().nulls_last(), table.c.subject_id.asc())


def query(
    rows: Rows,
    catalog: Catalog,
    entity: str,
    parameters: Mapping[str, date],
    nodes: Sequence[n.Node],
    scope: Select[Any] | None = None,
) -> Query:
    """A query over the rows of ``entity``; with ``scope``, a select of subject ids (for owned records: of owners), over those."""
    owned = catalog.entities[entity].kind is EntityKind.OWNED
    within = None if scope is None else _apart(scope)

    def trail() -> Trail:
        table = rows_of(rows, catalog, entity, within)
        limit = None if within is None else table.c[OWNER if owned else "subject_id"].in_(within)
        return Trail(table, {0: table}, limit)

    return Query(rows, catalog, trail, parameters, nodes, scope is not None)


def _apart(ids: Select[Any]) -> Select[Any]:
    """The ids by a step of their own: nested in place they would be deeper than SQLite's parser follows, and found anew at each use."""
    (column,) = ids.subquery().c
    step = select(column.label("id")).cte().prefix_with("MATERIALIZED")
    return select(step.c.id)


def _groups(nodes: Sequence[n.Node]) -> tuple[_Group, ...]:
    """The outermost aggregates of the expressions, gathered so that each collection is passed through once."""
    gathered: dict[tuple[Any, ...], list[n.Over]] = {}
    for node in nodes:
        for over in _outermost(node):
            first = over.function == "first"
            members = gathered.setdefault((over.anchor, over.chain, first, over.where if first else None), [])
            if over not in members:
                members.append(over)
    return tuple(_Group(anchor, chain, first, tuple(members)) for (anchor, chain, first, _), members in gathered.items())


def _outermost(node: n.Node) -> Iterator[n.Over]:
    if isinstance(node, n.Over):
        yield node
        return
    for child in n.children(node):
        yield from _outermost(child)


def _source_column(table: FromClause, name: str) -> Column:
    if "dataset" in table.c:  # an owned record has one source, and its owner is never empty
        return table.c["dataset"]
    return table.c[f"{name}_source"]


def _aggregate(inner: Query, over: n.Over, conditional: bool) -> Column:
    value: Column = literal(1) if over.value is None else inner.column(over.value)
    if conditional and over.where is not None:
        value = case((inner.column(over.where), value))
    match over.function:
        case "count" | "exists":
            return func.count(value.distinct() if over.distinct else value)
        case "sum":
            return cast(func.sum(value), BigInteger)
        case "min":
            return func.min(value, type_=value.type)
    return func.max(value, type_=value.type)


def _limited(statement: Select[Any], owner: Column, *limits: Column | None) -> Select[Any]:
    return statement.where(owner.is_not(None), *(limit for limit in limits if limit is not None))


def _stored(value: n.Scalar, scale: int) -> Any:
    """A literal as it is stored: a number in units of 10**-scale, where ``scale`` is at least its own."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return int(Decimal(value).scaleb(scale))
    return value


def _literal(value: n.Scalar, scale: int) -> Column:
    match value:
        case None:
            return null()
        case bool():
            return literal(value, Boolean())
        case date():
            return literal(value, Date())
        case str():
            return literal(value, Text())
    return literal(_stored(value, scale), BigInteger())
