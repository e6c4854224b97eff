"""Definitions as plain data, and what publishing one would do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

from hub.core.errors import YibiaoError, invalid, not_found, refused
from hub.core.principals import Principal, may_define, may_send
from hub.publish import Publication, explained, publish
from hub.registry.documents import Document, parse_yaml
from hub.registry.load_contracts import read_contract
from hub.registry.model import Catalog, Contract, Place
from hub.store import definitions
from hub.store.definitions import Written
from hub.web import messages as m
from hub.web.context import Asked, allow
from hub.web.shown.values import moment, plain

KINDS = {
    "elements": "element",
    "entities": "entity",
    "codelists": "code list",
    "contracts": "contract",
    "measures": "measure",
    "rules": "rule",
    "forms": "form",
}


def of_kind(catalog: Catalog, kind: str) -> Mapping[str, Any]:
    """The definitions of a kind in force, by name; ``kind`` is one of KINDS."""
    return {
        "elements": catalog.elements, "entities": catalog.entities, "codelists": catalog.code_lists, "contracts": catalog.contracts,
        "measures": catalog.measures, "rules": catalog.rules, "forms": catalog.forms,
    }[kind]  # fmt: skip


def one(catalog: Catalog, kind: str, name: str) -> Any:
    """Raises NOT_FOUND ``definition_not_found``."""
    found = of_kind(catalog, kind).get(name)
    if found is None:
        raise not_found(m.NO_DEFINITION, name=name)
    return found


def data(value: Any) -> Any:
    """A definition as JSON: its fields by name, empty ones left out, places in files too."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {name: data(inner) for name, inner in pairs if not isinstance(inner, Place) and inner not in (None, (), {}, "")}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): data(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [data(inner) for inner in value]
    return plain(value)


def authorities(catalog: Catalog) -> list[dict[str, Any]]:
    """Who is asked about each element that somebody supplies, in order; ``implied``: nobody had to say so, there is one source."""
    found = []
    for element in catalog.elements.values():
        authority = catalog.authority(element.name)
        if authority.order:
            found.append({"element": element.name, **data(authority), "implied": element.authority is None})
    return found


def versions(asked: Asked, contract: Contract) -> list[dict[str, Any]]:
    """The published versions of a contract, oldest first."""
    with asked.hub.engine.connect() as connection:
        history = definitions.history(connection, contract.place.file)
    return [{**entry, "published_at": plain(moment(int(str(entry["published_at"]))))} for entry in history]


def publish_contract(asked: Asked, text: bytes, *, path: str | None, new: bool, dry_run: bool) -> Publication:
    """Publish a contract as somebody sent it (YAML, or JSON which is YAML). ``path``: the id in the address, if it has one.

    Raises INVALID with every mistake, REFUSED for a breaking change or (``new``) a contract that is there, FORBIDDEN.
    """
    everybody = asked.principal.departments or ("",)  # before anything is read: may this principal publish at all?
    allow(any(may_send(asked.principal, path or f"{one}.") for one in everybody), asked, m.MAY_NOT_SEND, contract=path or "")
    document = parse_yaml(text, path or "request")
    if document.kind != "DataContract":
        raise invalid(m.NOT_A_CONTRACT)
    name = str(document.data.get("id", ""))
    if path is not None and name != path:
        raise invalid(m.NO_CONTRACT_ID, path=path, body=name)
    allow(may_send(asked.principal, name), asked, m.MAY_NOT_SEND, contract=name)
    known = asked.hub.catalog.contracts.get(name)
    if new and known is not None:
        raise refused(m.CONTRACT_EXISTS, contract=name)
    allow(_may_connect(asked.principal, document, known), asked, m.MAY_NOT_CONNECT, contract=name)
    department, _, dataset = name.partition(".")
    file = known.place.file if known is not None else f"contracts/{department}/{dataset}.yaml"
    return publish(asked.hub, [Written(file, text.decode("utf-8-sig"))], asked.principal.name, dry_run=dry_run)


def _may_connect(principal: Principal, document: Document, known: Contract | None) -> bool:
    """Where the hub goes to fetch data, and with which secret, is the data bureau's to say: it reads with the hub's eyes. A
    department may leave the source as it is, have none, or take files from the folder of its own name."""
    try:
        contract = read_contract(document)
    except (YibiaoError, LookupError, TypeError, ValueError, AttributeError):
        return True  # badly shaped: publishing says how
    source = contract.source
    if may_define(principal) or source is None or source.kind == "forms" or (known is not None and source == known.source):
        return True
    folder = PurePosixPath(str(source.options.get("folder", "")))
    return source.kind == "files" and folder.parts[:1] == (contract.department,) and ".." not in folder.parts


def publication(found: Publication, language: str) -> dict[str, Any]:
    """What was, or would be, published, in words."""
    return {"published": found.published, "documents": list(found.documents), **explained(found.changes, found.effects, language)}
