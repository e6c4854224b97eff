"""Documents to contracts: Open Data Contract Standard 3.1.0, with what is ours in ``customProperties``.

Contract level: delivery, roles, records, source, breakerShare, ending, datedBy, nullWords, sharing, legalBasis, contact,
statisticalSurvey. Property level: speaksOf, ignored, crosswalk, names, dropsZero, nullWords, words, separator, scale.
A property names its element by ``authoritativeDefinitions`` of type ``dataElement``. ``slaProperties`` carry freshness
(days) and frequency (a cron schedule in city time).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub.core.errors import YibiaoError
from hub.registry import messages as m
from hub.registry.documents import Block, Document
from hub.registry.model import Contract, Delivery, Field, Place, QualityRule, Record, Role, Severity, SourceSpec, Title


def read_contracts(documents: Iterable[Document], errors: list[YibiaoError]) -> dict[str, Contract]:
    """The contracts by id, one version each: the same id twice is an error that names the first place."""
    found: dict[str, Contract] = {}
    for document in documents:
        if document.kind != "DataContract":
            continue
        contract = read_contract(document)
        if (first := found.setdefault(contract.id, contract)) is not contract:
            errors.append(m.twice("契约", "contract", contract.id, first.place, contract.place))
    return found


def read_contract(document: Document) -> Contract:
    """One well shaped ODCS document as a Contract. Names are not resolved here."""
    data = document.data
    ours = custom(data)
    terms = {item["property"]: item for item in data.get("slaProperties", ())}
    table = data["schema"][0]
    fields = tuple(_field(document, index, item) for index, item in enumerate(table["properties"]))
    roles, records = _speakers(ours, fields)
    freshness = terms.get("freshness")
    return Contract(
        id=data["id"],
        version=data["version"],
        title=Title(data["name"], table.get("businessName", data["name"])),
        delivery=Delivery(ours.get("delivery", "snapshot")),
        fields=fields,
        roles=roles,
        records=records,
        quality=tuple(_rule(document, index, item) for index, item in enumerate(table.get("quality", ()))),
        source=_source(ours.get("source")),
        schedule=terms.get("frequency", {}).get("schedule"),
        freshness_days=int(freshness["value"]) if freshness else None,
        ending=ours.get("ending"),
        breaker_share=float(ours.get("breakerShare", 0.3)),
        dated_by=ours.get("datedBy"),
        null_words=tuple(str(word) for word in ours.get("nullWords", ())),
        sharing=ours.get("sharing", "conditional"),
        legal_basis=ours.get("legalBasis", ""),
        contact=ours.get("contact", ""),
        statistical_survey=ours.get("statisticalSurvey", False),
        place=document.place("id"),
        schedule_place=_schedule_place(document),
    )


def custom(data: Mapping[str, Any]) -> dict[str, Any]:
    """The ``customProperties`` of an ODCS object as a mapping."""
    return {item["property"]: item.get("value") for item in data.get("customProperties", ())}


def _field(document: Document, index: int, data: Block) -> Field:
    ours = custom(data)
    elements = [item["url"] for item in data.get("authoritativeDefinitions", ()) if item["type"] == "dataElement"]
    return Field(
        name=data["name"],
        physical=data.get("physicalName", data["name"]),
        element=elements[0] if elements else None,
        speaks_of=ours.get("speaksOf"),
        ignored=ours.get("ignored"),
        required=data.get("required", False),
        key_position=data.get("primaryKeyPosition", 1) if data.get("primaryKey") else None,
        crosswalk=ours.get("crosswalk"),
        names=ours.get("names", False),
        drops_zero=ours.get("dropsZero", False),
        null_words=tuple(str(word) for word in ours.get("nullWords", ())),
        words={word: _word(value) for word, value in ours.get("words", {}).items()},
        separator=ours.get("separator"),
        scale=ours.get("scale"),
        logical_type=data.get("logicalType"),
        place=document.place("schema", 0, "properties", index),
    )


def _speakers(ours: Mapping[str, Any], fields: tuple[Field, ...]) -> tuple[tuple[Role, ...], tuple[Record, ...]]:
    """A role or record says its own fields' elements, and what ``says`` writes out (which wins)."""

    def says(speaker: Mapping[str, Any]) -> dict[str, str]:
        own = {
            f.element.split(".", 1)[1]: f.name
            for f in fields
            if f.speaks_of == speaker["name"] and f.element and f.ignored is None and f.element.split(".", 1)[0] == speaker["entity"]
        }
        return own | {element: str(expression) for element, expression in speaker.get("says", {}).items()}

    roles = tuple(Role(r["name"], r["entity"], r["key"], says(r)) for r in ours.get("roles", ()))
    records = tuple(Record(r["name"], r["entity"], r["owner"], says(r), r.get("when")) for r in ours.get("records", ()))
    return roles, records


def _rule(document: Document, index: int, data: Block) -> QualityRule:
    check = data["implementation"]
    return QualityRule(
        name=data["name"],
        rule=check["rule"],
        fields=tuple(check.get("fields", ())),
        arguments={key: value for key, value in check.items() if key not in {"rule", "fields", "limit"}},
        severity=Severity(data.get("severity", "warn")),
        limit=float(check.get("limit", 0.0)),
        dimension=data.get("dimension", ""),
        place=document.place("schema", 0, "quality", index),
    )


def _schedule_place(document: Document) -> Place:
    terms = document.data.get("slaProperties", ())
    index = next((position for position, item in enumerate(terms) if "schedule" in item), 0)
    return document.place("slaProperties", index, "schedule")


def _source(data: Mapping[str, Any] | None) -> SourceSpec | None:
    if data is None:
        return None
    return SourceSpec(data["kind"], {key: _plain(value) for key, value in data.items() if key != "kind"})


def _word(value: Any) -> str:
    """What a word stands for, as a source would write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    """Ordinary dicts and lists: options travel to connectors, which know nothing of documents."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def field_place(contract: Contract, name: str) -> Place:
    """Where a field was written, else where the contract begins."""
    return next((f.place for f in contract.fields if f.name == name), contract.place)
