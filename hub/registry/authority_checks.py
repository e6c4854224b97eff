"""One source per item (一数一源): two suppliers without an order, and a second authority, are refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hub.core.errors import YibiaoError
from hub.registry import messages as m
from hub.registry.model import Catalog, Contract, Element, Entity, EntityKind, Place
from hub.registry.suppliers import record_suppliers


def problems(catalog: Catalog) -> Iterator[YibiaoError]:
    """Every breach of one source per item. Forms that collect again are told by ``form_checks``."""
    for element in catalog.elements.values():
        entity = catalog.entities.get(element.entity)
        if entity is not None and entity.kind is EntityKind.SUBJECT:
            yield from _element(catalog, element)
    for entity in catalog.entities.values():
        if entity.kind is EntityKind.OWNED:
            yield from _owned(catalog, entity)


def _element(catalog: Catalog, element: Element) -> Iterator[YibiaoError]:
    suppliers = _in_order(catalog, catalog.suppliers(element.name))
    key = catalog.is_key(element.name)
    if element.authority is None:
        for contract in () if key else suppliers[1:]:
            place, at = _bound_at(catalog.contracts[contract], element), f"{element.place.file}:{element.place.line}"
            yield m.NO_ORDER.error(place, element=element.name, first=suppliers[0], contract=contract, at=at)
        return
    order = element.authority.order
    for contract in order:
        if contract not in catalog.contracts:
            yield m.AUTHORITY_UNKNOWN.error(element.place, element=element.name, contract=contract)
        elif contract not in suppliers:
            yield m.AUTHORITY_SILENT.error(element.place, element=element.name, contract=contract)
    for contract in suppliers:
        if contract not in order and not key:
            place = _bound_at(catalog.contracts[contract], element)
            yield m.SECOND_AUTHORITY.error(place, contract=contract, element=element.name, first=order[0])


def _in_order(catalog: Catalog, contracts: Iterable[str]) -> tuple[str, ...]:
    """As they were defined: the contract that is in force comes before the one that would supply the same."""
    position = {contract: number for number, contract in enumerate(catalog.contracts)}
    return tuple(sorted(contracts, key=position.__getitem__))


def _bound_at(contract: Contract, element: Element) -> Place:
    return next((f.place for f in contract.bound if f.element == element.name), contract.place)


def _owned(catalog: Catalog, entity: Entity) -> Iterator[YibiaoError]:
    """An owned entity has one supplier, or with a partition one for each value of it."""
    told: set[str] = set()
    for values in _partition(catalog, entity):
        first, *others = _in_order(catalog, record_suppliers(catalog, entity.name, values)) or ("",)
        for contract in others:
            if contract not in told:
                told.add(contract)
                yield m.OWNED_TWICE.error(catalog.contracts[contract].place, entity=entity.name, contract=contract, first=first)


def _partition(catalog: Catalog, entity: Entity) -> Iterator[frozenset[str] | None]:
    """The groups of records that may have a supplier each: one group, or one for each code of the partition element."""
    code_list = catalog.elements[f"{entity.name}.{entity.partition}"].code_list if entity.partition else None
    if code_list is None:
        yield None
        return
    for code in catalog.code_lists[code_list].codes:
        yield frozenset({code})
