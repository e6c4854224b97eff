"""Dotted paths looked up in the Catalog: references are single hops, collections open a chain. It finds; it runs nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from hub.registry.model import Catalog, Element, EntityKind, ValueType
from hub.registry.nodes import Hop, Step

OWNER = "owner"  # from an owned record to the subject that it belongs to


@dataclass(frozen=True, slots=True)
class Found:
    """Where a path leads: a chain of collections (maybe none), then references, then an element (None: it ends before)."""

    chain: tuple[Step, ...]
    hops: tuple[Hop, ...]
    entity: str  # that the last hop or step leads to
    element: Element | None


@dataclass(frozen=True, slots=True)
class Lost:
    """A path that leads nowhere: the part that ``entity`` has not, or after which nothing can follow."""

    entity: str
    part: str
    near: tuple[str, ...]
    not_a_reference: bool = False


def find(catalog: Catalog, entity: str, parts: tuple[str, ...]) -> Found | Lost:
    """Follow ``parts`` from ``entity``. A path may end on an element, or on a collection (then ``element`` is None)."""
    chain: list[Step] = []
    hops: list[Hop] = []
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        element = catalog.elements.get(f"{entity}.{part}")
        if element is not None and last:
            return Found(tuple(chain), tuple(hops), entity, element)
        hop = _hop(catalog, entity, part, element)
        if hop is not None and not last:
            hops.append(hop)
            entity = hop.entity
            continue
        collection = catalog.entities[entity].collections.get(part) if entity in catalog.entities else None
        if collection is None:
            return Lost(entity, part, nearest(part, names_of(catalog, entity)), not_a_reference=element is not None)
        via = None if collection.via is None else catalog.elements[f"{collection.entity}.{collection.via}"]
        chain.append(Step(tuple(hops), part, collection.entity, via))
        hops.clear()
        entity = collection.entity
    return Found(tuple(chain), tuple(hops), entity, None)


def _hop(catalog: Catalog, entity: str, part: str, element: Element | None) -> Hop | None:
    if element is not None and element.type is ValueType.REFERENCE and element.refers_to is not None and element.derived is None:
        return Hop(part, element.refers_to, element.name)
    declared = catalog.entities.get(entity)
    if part == OWNER and declared is not None and declared.kind is EntityKind.OWNED and declared.owner is not None:
        return Hop(OWNER, declared.owner, None)
    return None


def names_of(catalog: Catalog, entity: str) -> tuple[str, ...]:
    """Everything that may follow a point after ``entity``: elements, collections, ``owner``."""
    declared = catalog.entities.get(entity)
    names = [element.short for element in catalog.elements.values() if element.entity == entity]
    if declared is not None:
        names += declared.collections
        if declared.kind is EntityKind.OWNED:
            names.append(OWNER)
    return tuple(names)


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three names that look like ``name``; the first few of all where none does."""
    names = list(known)
    return tuple(difflib.get_close_matches(name, names, 3, 0.5) or sorted(names)[:8])
