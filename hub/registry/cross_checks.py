"""What must hold between definitions: every name exists, references fit, each item has one source.

Pure: a Catalog in, the mistakes out. Contracts are judged in ``contract_checks``, authorities in
``authority_checks``, expressions and forms in ``form_checks``.
"""

from __future__ import annotations

from collections.abc import Iterator

from hub.core.errors import YibiaoError
from hub.registry import authority_checks, contract_checks, form_checks
from hub.registry import messages as m
from hub.registry.model import Catalog, Element, Entity, EntityKind, ValueType

ROW = "row"  # the entity of facts about a delivered row; it has no records of its own


def problems(catalog: Catalog) -> list[YibiaoError]:
    """Every mistake between the definitions of a Catalog, in the order of the files' contents."""
    found: list[YibiaoError] = []
    for element in catalog.elements.values():
        found.extend(_element(catalog, element))
    for entity in catalog.entities.values():
        found.extend(_entity(catalog, entity))
    if not found:  # contracts rest on elements: what is wrong there would be told again for every field
        for contract in catalog.contracts.values():
            found.extend(contract_checks.problems(catalog, contract))
    if not found:
        found.extend(authority_checks.problems(catalog))
        found.extend(form_checks.check_expressions(catalog))
        found.extend(form_checks.check_forms(catalog))
    return found


def _element(catalog: Catalog, element: Element) -> Iterator[YibiaoError]:
    if element.entity != ROW and element.entity not in catalog.entities:
        yield m.unknown(element.place, "实体", "entity", element.entity, catalog.entities)
    if element.type is ValueType.CODE and element.code_list is None:
        yield m.ELEMENT_NEEDS.error(element.place, name=element.name, needed="code_list")
    if element.code_list is not None and element.code_list not in catalog.code_lists:
        yield m.unknown(element.place, "代码集", "code list", element.code_list, catalog.code_lists)
    if element.type is ValueType.REFERENCE:
        if element.refers_to is None:
            yield m.ELEMENT_NEEDS.error(element.place, name=element.name, needed="refers_to")
        elif element.refers_to not in catalog.entities:
            yield m.unknown(element.place, "实体", "entity", element.refers_to, catalog.entities)
        elif catalog.entities[element.refers_to].kind is not EntityKind.SUBJECT:
            yield m.REFERENCE_TO_OWNED.error(element.place, name=element.name, entity=element.refers_to)
    if element.type is ValueType.TEXT and element.max_length is None and element.derived is None:
        yield m.ELEMENT_NEEDS.error(element.place, name=element.name, needed="max_length")


def _entity(catalog: Catalog, entity: Entity) -> Iterator[YibiaoError]:
    if entity.kind is EntityKind.SUBJECT:
        if entity.key is None:
            yield m.ENTITY_NEEDS.error(entity.place, name=entity.name, needed="key")
        elif f"{entity.name}.{entity.key}" not in catalog.elements:
            yield m.unknown(entity.place, "数据元", "element", f"{entity.name}.{entity.key}", catalog.elements)
    elif entity.owner is None:
        yield m.ENTITY_NEEDS.error(entity.place, name=entity.name, needed="owner")
    elif entity.owner not in catalog.entities or catalog.entities[entity.owner].kind is not EntityKind.SUBJECT:
        yield m.unknown(entity.place, "主体", "subject", entity.owner, catalog.entities)
    if entity.partition is not None and f"{entity.name}.{entity.partition}" not in catalog.elements:
        yield m.unknown(entity.place, "数据元", "element", f"{entity.name}.{entity.partition}", catalog.elements)
    for name, collection in entity.collections.items():
        other = catalog.entities.get(collection.entity)
        reference = catalog.elements.get(f"{collection.entity}.{collection.via}")
        owned = collection.via is None and other is not None and other.owner == entity.name
        if not owned and (reference is None or reference.refers_to != entity.name):
            yield m.COLLECTION.error(entity.place, name=entity.name, collection=name, entity=collection.entity)
