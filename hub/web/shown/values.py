"""Values as people read them, masked where the reader may not see them in clear."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hub.core.clock import from_microseconds
from hub.core.identifiers import mask
from hub.core.principals import REPORTERS, Principal, Role
from hub.forms.display import text_of
from hub.registry.expressions import bind_display
from hub.registry.model import Catalog, Element, Title, ValueType
from hub.store.hub import Hub
from hub.store.reading import Label
from hub.store.rosters import Value


def department_name(catalog: Catalog, department: str) -> str:
    """A department as people call it: the organisation that its contracts name as their contact, else its own id."""
    contacts = [contract.contact for contract in catalog.contracts.values() if contract.department == department and contract.contact]
    return contacts[0].split()[0] if contacts else department


def titles(title: Title) -> dict[str, str]:
    return {"zh": title.zh, "en": title.en}


def plain(value: Any) -> Any:
    """A value for JSON: exact decimals as text, days in ISO 8601, lists as lists."""
    match value:
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case tuple():
            return [plain(item) for item in value]
    return value


def moment(microseconds: int | None) -> datetime | None:
    """A stored moment in the city's time."""
    return None if microseconds is None else from_microseconds(microseconds)


def sees_clear(principal: Principal) -> bool:
    """Whether somebody is shown identifiers in clear. The data bureau runs the hub and needs nobody's."""
    return principal.has(*REPORTERS, Role.DEPARTMENT)


def opened(hub: Hub, element: Element, value: Value, blob: bytes | None, *, clear: bool = True) -> Value:
    """The value of an element: a sealed one is opened, or masked."""
    if not element.sealed:
        return value
    (text,) = hub.vault.open(element.name, [blob])
    return text if text is None or clear else mask(text, element.format)


def shown(catalog: Catalog, element: Element, value: Value, language: str) -> str:
    """The text of a value."""
    return text_of(catalog, value, element if element.type is not ValueType.REFERENCE else None, language)


def label_texts(hub: Hub, entity: str, label: Label, *, clear: bool) -> tuple[str, str]:
    """(key, name) of a subject, each empty where there is none."""
    declared = hub.catalog.entities[entity]
    name = bind_display(hub.catalog, declared)
    elements = hub.catalog.elements.get(f"{entity}.{declared.key}"), None if name is None else name.element
    texts = [
        "" if element is None else str(opened(hub, element, value, blob, clear=clear) or "")
        for element, value, blob in zip(elements, (label.key, label.name), (label.key_blob, label.name_blob), strict=True)
    ]
    return texts[0], texts[1]
