"""A city of a few people for the expression language: its Catalog, its tables on either engine, and the same rows in dicts.

``evaluate`` is the naive reference: plain loops over the dicts, three-valued logic, no SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, FromClause, LargeBinary, MetaData, Select, SmallInteger, Table, Text, select

from hub.registry import nodes as n
from hub.registry.expressions import boundary
from hub.registry.kinds import kind_of
from hub.registry.model import (
    Catalog,
    Code,
    CodeList,
    Collection,
    Contract,
    Delivery,
    Element,
    Entity,
    EntityKind,
    Measure,
    Record,
    Role,
    Title,
    ValueType,
)  # fmt: skip
from hub.store.types import column_type

T = Title("示例", "sample")
PARAMETERS = {
    "period_start": date(2026, 10, 1), "period_end": date(2026, 10, 31), "year_start": date(2026, 1, 1), "year_end": date(2026, 12, 31),
}  # fmt: skip
VILLAGES = ("110000000001", "110000000002")


def _element(name: str, kind: ValueType, **more: Any) -> Element:
    return Element(name, T, kind, **more)


ELEMENTS = [
    _element("person.citizen_id", ValueType.TEXT, sealed=True),
    _element("person.name", ValueType.TEXT, sealed=True),
    _element("person.phone", ValueType.TEXT, sealed=True),
    _element("person.sex", ValueType.CODE, code_list="sex"),
    _element("person.birth_date", ValueType.DATE),
    _element("person.village", ValueType.DIVISION, code_list="division"),
    _element("person.left_behind", ValueType.BOOLEAN),
    _element("person.household", ValueType.REFERENCE, refers_to="household"),
    _element("person.in_big_household", ValueType.BOOLEAN, derived="household.size > 2"),
    _element("household.number", ValueType.TEXT),
    _element("household.head", ValueType.REFERENCE, refers_to="person"),
    _element("household.size", ValueType.INTEGER, derived="count(members) filter (where members.sex is not null)"),
    _element("benefit.category", ValueType.CODE, code_list="category"),
    _element("benefit.amount", ValueType.MONEY, scale=2),
    _element("benefit.since", ValueType.MONTH),
    _element("benefit.account", ValueType.TEXT, sealed=True),
    _element("membership.person", ValueType.REFERENCE, refers_to="person"),
    _element("membership.priority", ValueType.BOOLEAN),
    _element("place.code", ValueType.DIVISION, code_list="division"),
    _element("place.groups", ValueType.INTEGER),
    _element("place.note", ValueType.TEXT),
]  # fmt: skip

ENTITIES = [
    Entity("person", T, EntityKind.SUBJECT, key="citizen_id", display="name", collections={
        "benefits": Collection("benefit"), "memberships": Collection("membership", "person"),
    }),
    Entity("household", T, EntityKind.SUBJECT, key="number", collections={
        "members": Collection("person", "household"), "listed": Collection("membership"),
    }),
    Entity("benefit", T, EntityKind.OWNED, owner="person", partition="category"),
    Entity("membership", T, EntityKind.OWNED, owner="household"),
    Entity("place", T, EntityKind.SUBJECT, key="code"),
]  # fmt: skip


def _codes(name: str, codes: Mapping[str, str | None]) -> CodeList:
    return CodeList(name, T, {code: Code(code, Title(f"{name}{code}", f"{name} {code}"), parent) for code, parent in codes.items()})


def _contract(name: str, entity: str, says: list[str], record: tuple[str, str | None] | None = None, freshness: int = 40) -> Contract:
    records: tuple[Record, ...] = ()
    if record is not None:
        constant = {} if record[1] is None else {"category": f"'{record[1]}'"}
        stored = {e.short: e.short for e in ELEMENTS if e.entity == record[0] and e.derived is None}
        records = (Record(record[0], record[0], "owner", {**stored, **constant}),)
    role = Role("owner", entity, "key", {short: short for short in says})
    return Contract(name, "1.0.0", T, Delivery.SNAPSHOT, (), (role,), records, freshness_days=freshness)


CONTRACTS = [
    _contract("police.resident", "person", ["citizen_id", "name", "sex", "birth_date", "village", "left_behind", "household"]),
    _contract("police.household", "household", ["number", "head"], ("membership", None)),
    _contract("civil.poor", "person", [], ("benefit", "1")),
    _contract("civil.old", "person", [], ("benefit", "2")),
    _contract("township.contacts", "person", ["phone"]),
    _contract("township.places", "place", ["code", "groups", "note"]),
]

CATALOG = Catalog(
    elements={e.name: e for e in ELEMENTS},
    entities={e.name: e for e in ENTITIES},
    code_lists={
        "sex": _codes("sex", {"1": None, "2": None}),
        "category": _codes("category", {"1": None, "2": None, "3": None}),
        "division": _codes("division", {"110000000000": None, **dict.fromkeys(VILLAGES, "110000000000")}),
    },
    crosswalks={},
    contracts={c.id: c for c in CONTRACTS},
)  # fmt: skip


def with_measures(*measures: Measure) -> Catalog:
    return Catalog(CATALOG.elements, CATALOG.entities, CATALOG.code_lists, {}, CATALOG.contracts, {m.name: m for m in measures})


Row = dict[str, Any]


@dataclass
class City:
    """Rows as dicts: subjects with ``subject_id``, owned records with ``owner``, ``record`` and ``dataset``; values as stored."""

    rows: dict[str, list[Row]]
    delivered: dict[str, date] = field(default_factory=dict)
    disputed: list[tuple[str, int, str]] = field(default_factory=list)  # (entity, subject, element)

    def subject(self, entity: str, number: int | None) -> Row | None:
        return next((row for row in self.rows[entity] if row["subject_id"] == number), None)


class TableView:
    """The city in hand-made tables, as ``hub.store.view`` would show it."""

    def __init__(self, city: City) -> None:
        self.city = city
        self._metadata = MetaData()
        self._tables = {entity.name: self._table(entity) for entity in ENTITIES}
        self._conflicts = Table(
            "conflicts", self._metadata, Column("entity", Text), Column("subject_id", BigInteger), Column("element", Text)
        )

    @property
    def numbers(self) -> dict[str, int]:
        return CATALOG.dataset_numbers

    def create(self, connection: Connection) -> None:
        self._metadata.drop_all(connection)
        self._metadata.create_all(connection)
        for name, rows in self.city.rows.items():
            if rows:
                connection.execute(self._tables[name].insert(), rows)
        if self.city.disputed:
            names = ("entity", "subject_id", "element")
            connection.execute(self._conflicts.insert(), [dict(zip(names, one, strict=True)) for one in self.city.disputed])

    def subject(self, entity: str) -> FromClause:
        return self._tables[entity]

    def records(self, entity: str, owners: Select[Any] | None = None) -> FromClause:
        table = self._tables[entity]
        return table if owners is None else select(table).where(table.c.owner.in_(owners)).subquery()

    def conflicts(self, entity: str) -> FromClause:
        return self._conflicts

    def as_of(self, number: int) -> date | None:
        contract = next(name for name, given in self.numbers.items() if given == number)
        return self.city.delivered.get(contract)

    def stated(self, number: int, subjects: Iterable[int]) -> dict[int, date]:
        """Nobody was left out of a delivery."""
        day = self.as_of(number)
        return {} if day is None else dict.fromkeys(subjects, day)

    def _table(self, entity: Entity) -> Table:
        columns: list[Column[Any]] = []
        owned = entity.kind is EntityKind.OWNED
        for element in CATALOG.stored_elements(entity.name):
            columns.append(Column(element.short, column_type(element.type)))
            if element.sealed:
                columns.append(Column(f"{element.short}_sealed", LargeBinary))
            if not owned:
                columns.append(Column(f"{element.short}_source", SmallInteger))
        fixed: list[Column[Any]] = [Column("subject_id", BigInteger)]
        if owned:
            fixed = [Column("owner", BigInteger), Column("record", Text), Column("dataset", SmallInteger)]
        return Table(f"t_{entity.name}", self._metadata, *fixed, *columns)


# The naive reference -------------------------------------------------------------------------------------------------


def evaluate(city: City, node: n.Node, anchors: Mapping[int, Row]) -> Any:
    """The value of a bound expression; numbers as exact decimals in the element's own unit."""

    def on(part: n.Node) -> Any:
        return evaluate(city, part, anchors)

    match node:
        case n.Path():
            return _path(city, node, anchors)
        case n.Over():
            return _over(city, node, anchors)
        case n.Literal():
            return Decimal(node.value) if isinstance(node.value, (int, Decimal)) and not isinstance(node.value, bool) else node.value
        case n.Parameter() | n.Call():
            return boundary(node, PARAMETERS)
        case n.Compare():
            return _compare(node.operator, on(node.left), on(node.right))
        case n.Logic():
            values = [on(term) for term in node.terms]
            deciding = node.operator == "or"
            return deciding if deciding in [v for v in values if v is not None] else None if None in values else not deciding
        case n.Not():
            value = on(node.term)
            return None if value is None else not value
        case n.In():
            value = on(node.value)
            return None if value is None else value in [on(option) for option in node.options]
        case n.IsNull():
            return on(node.value) is None
        case n.Arithmetic():
            left, right = on(node.left), on(node.right)
            if left is None or right is None:
                return None
            return {"+": left + right, "-": left - right, "*": left * right}[node.operator]
        case n.Case():
            chosen = next((then for when, then in node.branches if on(when) is True), node.default)
            return None if chosen is None else on(chosen)
        case n.Coalesce():
            return next((value for value in map(on, node.values) if value is not None), None)
    raise AssertionError(node)


def _compare(operator: str, left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    return bool({
        "=": lambda: left == right, "<>": lambda: left != right, "<": lambda: left < right,
        "<=": lambda: left <= right, ">": lambda: left > right, ">=": lambda: left >= right,
    }[operator]())  # fmt: skip


def _follow(city: City, row: Row | None, hops: tuple[n.Hop, ...]) -> Row | None:
    for hop in hops:
        row = None if row is None else city.subject(hop.entity, row[hop.name])
    return row


def _path(city: City, node: n.Path, anchors: Mapping[int, Row]) -> Any:
    row = _follow(city, anchors[node.anchor], node.hops)
    return None if row is None else meant(node, row[node.element.short])


def meant(node: n.Node, value: Any) -> Any:
    kind = kind_of(node)
    return Decimal(value).scaleb(-kind.scale) if kind.family == "number" and value is not None else value


def _over(city: City, node: n.Over, anchors: Mapping[int, Row]) -> Any:
    start = _follow(city, anchors[node.anchor], node.chain[0].hops)
    hops = node.chain[0].hops
    reference = anchors[node.anchor] if not hops else _follow(city, anchors[node.anchor], hops[:-1])
    unknown = bool(hops) and (reference is None or reference[hops[-1].name] is None)
    found = [] if start is None else [rows for rows in _chain(city, node, start, 0, {}) if _passes(city, node, rows)]
    values = [None if node.value is None else evaluate(city, node.value, rows) for rows in found]
    present = [value for value in values if value is not None]
    match node.function:
        case "count":
            if unknown:
                return None
            return Decimal(len(found) if node.value is None else len(set(present)) if node.distinct else len(present))
        case "exists":
            return None if unknown else bool(found if node.value is None else present)
        case "sum":
            return sum(present) if present else None
        case "min":
            return min(present, default=None)
        case "max":
            return max(present, default=None)
    ordered = sorted(zip(found, values, strict=True), key=lambda pair: _order(node, pair[0]))
    return ordered[0][1] if ordered else None


def _order(node: n.Over, rows: Mapping[int, Row]) -> list[Any]:
    key: list[Any] = []
    for number in range(len(node.chain), 0, -1):
        row, entity = rows[number], node.chain[number - 1].entity
        if "owner" in row:
            names = [e.short for e in CATALOG.stored_elements(entity) if e.type is not ValueType.REFERENCE]
            key += [row["dataset"], *((row[name] is None, row[name]) for name in names), row["record"]]
        else:
            name = str(CATALOG.entities[entity].key)
            key += [(row[name] is None, row[name]), row["subject_id"]]
    return key


def _passes(city: City, node: n.Over, rows: Mapping[int, Row]) -> bool:
    return node.where is None or evaluate(city, node.where, rows) is True


def _chain(city: City, node: n.Over, row: Row, depth: int, rows: dict[int, Row]) -> Iterator[dict[int, Row]]:
    if depth == len(node.chain):
        yield rows
        return
    step = node.chain[depth]
    here = row if depth == 0 else _follow(city, row, step.hops)
    if here is None:
        return
    column = "owner" if step.via is None else step.via.short
    for member in city.rows[step.entity]:
        if member[column] == here["subject_id"]:
            yield from _chain(city, node, member, depth + 1, {**rows, depth + 1: member})
