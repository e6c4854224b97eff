"""Which contracts stand behind an expression: by authority for elements of subjects, by category for owned records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub.core.errors import YibiaoError
from hub.registry import nodes as n
from hub.registry.expressions import BoundMeasure, measure_uses, uses
from hub.registry.model import Catalog, Contract, EntityKind, Record
from hub.registry.syntax import parse

Delivered = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Behind:
    """``either``: for each element of a subject its suppliers in order of authority, the first that has delivered speaks.
    ``all``: for each collection of owned records every contract that may supply some: without one of them it is incomplete."""

    either: frozenset[tuple[str, ...]]
    all: frozenset[tuple[str, ...]]

    def contracts(self, delivered: Delivered) -> tuple[str, ...] | None:
        """The contracts behind the value, sorted; None if for something that it needs nobody has delivered yet."""
        found: set[str] = set()
        for choices, every in ((self.either, False), (self.all, True)):
            for suppliers in choices:
                present = [contract for contract in suppliers if delivered(contract)]
                if not present or (every and len(present) < len(suppliers)):
                    return None
                found.update(present if every else present[:1])
        return tuple(sorted(found))


def behind(catalog: Catalog, node: n.Node) -> Behind:
    """What stands behind a bound expression."""
    overs = [part for part in n.walk(node) if isinstance(part, n.Over)]
    return Behind(_either(catalog, uses(node)), frozenset(filter(None, (_records(catalog, over) for over in overs))))


def measure_behind(catalog: Catalog, bound: BoundMeasure) -> Behind:
    """What stands behind a measure; one of owned records has their suppliers too."""
    inner = behind(catalog, bound.where) if bound.where is not None else Behind(frozenset(), frozenset())
    collections = set(inner.all)
    if catalog.entities[bound.measure.of].kind is EntityKind.OWNED:
        collections.add(record_suppliers(catalog, bound.measure.of, _limits(catalog, bound.measure.of, bound.where, 0)))
    return Behind(_either(catalog, measure_uses(bound)), frozenset(collections))


def record_suppliers(catalog: Catalog, entity: str, categories: frozenset[str] | None = None) -> tuple[str, ...]:
    """The contracts that give records of an owned entity, sorted; with ``categories`` those that may give one of these values
    of the entity's partition element."""
    partition = catalog.entities[entity].partition
    found = {
        contract.id
        for contract in catalog.contracts.values()
        for record in contract.records
        if record.entity == entity and _may_give(catalog, contract, record, partition, categories)
    }
    return tuple(sorted(found))


def _either(catalog: Catalog, elements: Iterable[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(
        tuple(contract for contract in catalog.authority(name).order if contract in catalog.contracts)
        for name in elements
        if catalog.entities[catalog.elements[name].entity].kind is EntityKind.SUBJECT
    )


def _records(catalog: Catalog, over: n.Over) -> tuple[str, ...]:
    """The suppliers of the records that an aggregate ranges over; empty for a collection of subjects."""
    last = over.chain[-1]
    if catalog.entities[last.entity].kind is not EntityKind.OWNED:
        return ()
    return record_suppliers(catalog, last.entity, _limits(catalog, last.entity, over.where, len(over.chain)))


def _limits(catalog: Catalog, entity: str, where: n.Node | None, anchor: int) -> frozenset[str] | None:
    """The values of the partition element that a condition lets through, if it says so plainly."""
    partition = catalog.entities[entity].partition
    if partition is None or where is None:
        return None
    for term in where.terms if isinstance(where, n.Logic) and where.operator == "and" else (where,):
        match term:
            case n.Compare("=", n.Path() as path, n.Literal() as literal) if _is(path, anchor, f"{entity}.{partition}"):
                return frozenset({str(literal.value)})
            case n.In(n.Path() as path, options) if _is(path, anchor, f"{entity}.{partition}"):
                return frozenset(str(option.value) for option in options)
    return None


def _is(path: n.Path, anchor: int, element: str) -> bool:
    return path.anchor == anchor and not path.hops and path.element.name == element


def _may_give(catalog: Catalog, contract: Contract, record: Record, partition: str | None, wanted: frozenset[str] | None) -> bool:
    if partition is None or wanted is None or partition not in record.says:
        return True
    given = _given(catalog, contract, record.says[partition])
    return given is None or bool(given & wanted)


def _given(catalog: Catalog, contract: Contract, expression: str) -> frozenset[str] | None:
    """The values that a row expression can give: a constant, or a field whose crosswalk lists them; None if not known."""
    try:
        node = parse(expression)
    except YibiaoError:  # reported where the contract is checked
        return None
    if isinstance(node, n.Literal):
        return frozenset({str(node.value)})
    if isinstance(node, n.Name) and len(node.parts) == 1:
        field = next((f for f in contract.fields if f.name == node.parts[0]), None)
        crosswalk = catalog.crosswalks.get(field.crosswalk or "") if field is not None else None
        return None if crosswalk is None else frozenset(crosswalk.codes.values())
    return None
