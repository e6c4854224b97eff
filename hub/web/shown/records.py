"""A golden record with where everything in it comes from, within the area of who asks."""

from __future__ import annotations

from typing import Any

from hub.core.errors import YibiaoError, not_found
from hub.core.identifiers import READERS, read_division
from hub.core.messages import word
from hub.core.principals import area_limit
from hub.core.text import canonical_text
from hub.registry.model import Element, EntityKind, ValueType
from hub.store.current import known_now
from hub.store.measures import Connection
from hub.store.positions import Moment
from hub.store.reading import ElementValue, find_subject, is_public, read_history, read_labels, read_record
from hub.store.view import open_view
from hub.web import messages as m
from hub.web.context import Asked
from hub.web.shown.values import label_texts, moment, opened, plain, sees_clear, shown, titles


def record(asked: Asked, entity: str, key: str) -> dict[str, Any]:
    """Every element with value, source, as-of date, what each source says, and which of them are in conflict.

    Raises NOT_FOUND for an unknown entity or key, and for a subject outside the area: that is not told apart.
    """
    with asked.hub.engine.connect() as connection:
        subject = _subject(asked, connection, entity, key)
        with open_view(connection, asked.hub.tables) as view:
            values = read_record(connection, asked.hub.tables, view, entity, subject, asked.hub.today())
        elements = [_element(asked, connection, value) for value in values]
    return {"entity": entity, "title": titles(asked.hub.catalog.entities[entity].title), "key": key, "elements": elements}


def history(asked: Asked, entity: str, key: str, element: str | None, clock: str) -> dict[str, Any]:
    """How the elements (or one) changed, on the ``valid`` or the ``known`` clock."""
    with asked.hub.engine.connect() as connection:
        subject = _subject(asked, connection, entity, key)
        stored = [e.short for e in asked.hub.catalog.stored_elements(entity)]
        if element is not None and element not in stored:
            raise not_found(m.NO_DEFINITION, name=f"{entity}.{element}")
        now = Moment(asked.hub.today(), known_now(connection))
        changes = read_history(connection, asked.hub.tables, entity, subject, stored if element is None else [element], clock, now)
        items = [
            {
                "element": change.element.name, "title": titles(change.element.title), "valid": plain(change.at.valid),
                "known": change.at.known, "recorded_at": plain(moment(change.recorded_at)) if clock == "known" else None,
                **_value(asked, connection, change.element, change.value, change.blob), "source": _source(asked, change.source),
            }
            for change in changes
        ]  # fmt: skip
    return {"entity": entity, "key": key, "clock": clock, "changes": items}


def _subject(asked: Asked, connection: Connection, entity: str, key: str) -> int:
    catalog = asked.hub.catalog
    declared = catalog.entities.get(entity)
    if declared is None or declared.kind is not EntityKind.SUBJECT:
        raise not_found(m.NO_ENTITY, entity=entity)
    area = None if is_public(catalog, entity) else area_limit(asked.principal)
    unknown = not_found(m.NO_SUBJECT, entity=word(declared.title, asked.language))
    text = _normal(catalog.elements[f"{entity}.{declared.key}"], key, unknown)
    (key_hash,) = asked.hub.vault.hash(f"key:{entity}", [text])
    subject = None if area == () else find_subject(connection, asked.hub.tables, entity, key_hash or "", area)
    if subject is None:
        raise unknown
    return subject


def _normal(element: Element, key: str, unknown: YibiaoError) -> str:
    """A key as intake writes it."""
    reader = read_division if element.type is ValueType.DIVISION else READERS.get(element.format or "")
    if reader is None:
        return canonical_text(key)
    reading = reader(key)
    if reading.rule is not None or reading.value is None:
        raise unknown
    return str(reading.value)


def _element(asked: Asked, connection: Connection, found: ElementValue) -> dict[str, Any]:
    element = found.element
    return {
        "element": element.name,
        "title": titles(element.title),
        **_value(asked, connection, element, found.value, found.blob),
        "source": _source(asked, found.source),
        "as_of": plain(found.as_of),
        "derived": element.derived is not None,
        "said": [
            {"contract": _source(asked, s.dataset), **_value(asked, connection, element, s.value, s.blob), "as_of": plain(s.as_of)}
            for s in found.said
        ],
        "conflicts": [_source(asked, number) for number in found.conflicting],
    }


def _value(asked: Asked, connection: Connection, element: Element, value: Any, blob: bytes | None) -> dict[str, Any]:
    """``value`` and ``text``; a reference is given by the key of what it refers to."""
    if element.type is ValueType.REFERENCE and element.refers_to is not None:
        labels = {} if value is None else read_labels(connection, asked.hub.tables, element.refers_to, [value])
        key, name = (
            label_texts(asked.hub, element.refers_to, labels[value], clear=sees_clear(asked.principal)) if value in labels else (None, None)
        )
        return {"value": key, "text": name or key}
    clear = opened(asked.hub, element, value, blob, clear=sees_clear(asked.principal))
    return {"value": plain(clear), "text": shown(asked.hub.catalog, element, clear, asked.language)}


def _source(asked: Asked, number: int) -> str | None:
    """The contract of a dataset's number; "decision" where a person decided, None where nobody speaks."""
    return "decision" if number < 0 else asked.hub.tables.by_number(number).contract.id if number else None
