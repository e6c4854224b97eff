"""A small made-up hub for the store's properties: its Catalog, the rows that departments send, and how they are staged.

Four datasets about persons: ``police.resident`` (person, household and its head), ``school.pupil`` (several rows a person
may have), ``civil.poor`` (with an owned benefit) and ``civil.marriage`` (events: two roles, dated by the row). Instead of a
vault there is a digest that every process computes alike, so that an example found once stays an example.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from hub.registry.model import (
    Authority,
    Catalog,
    Code,
    CodeList,
    Contract,
    Delivery,
    Element,
    Entity,
    EntityKind,
    Field,
    Policy,
    Record,
    Role,
    Rule,
    Severity,
    Title,
    ValueType,
)  # fmt: skip

T = Title("示例", "sample")
DAY_ZERO = date(2026, 1, 1)

RESIDENT, PUPIL, POOR, MARRIAGE = "police.resident", "school.pupil", "civil.poor", "civil.marriage"

AREAS = {"A": None, "A1": "A", "A2": "A", "A11": "A1"}
Row = Mapping[str, Any]


def _element(name: str, kind: ValueType, **more: Any) -> Element:
    return Element(name, T, kind, **more)


ELEMENTS = (
    _element("person.citizen_id", ValueType.TEXT, sealed=True),
    _element("person.name", ValueType.TEXT, sealed=True),
    _element("person.birth_date", ValueType.DATE),
    _element("person.village", ValueType.CODE, code_list="area"),
    _element("person.left_behind", ValueType.BOOLEAN),
    _element("person.marital_status", ValueType.CODE, code_list="marital"),
    _element("person.household", ValueType.REFERENCE, refers_to="household"),
    _element("household.number", ValueType.TEXT),
    _element("household.head", ValueType.REFERENCE, refers_to="person"),
    _element("benefit.category", ValueType.CODE, code_list="category"),
    _element("benefit.amount", ValueType.MONEY, scale=2),
    _element("benefit.account", ValueType.TEXT, sealed=True),
    _element("row.day", ValueType.DATE),
)

ENTITIES = (
    Entity("person", T, EntityKind.SUBJECT, key="citizen_id", display="name"),
    Entity("household", T, EntityKind.SUBJECT, key="number"),
    Entity("benefit", T, EntityKind.OWNED, owner="person"),
)


def _codes(name: str, codes: Mapping[str, str | None]) -> CodeList:
    return CodeList(name, T, {code: Code(code, T, parent) for code, parent in codes.items()})


CODE_LISTS = (_codes("area", AREAS), _codes("marital", {"10": None, "20": None, "40": None}), _codes("category", {"1": None, "2": None}))


def _fields(*names: tuple[str, str | None], key: str) -> tuple[Field, ...]:
    return tuple(Field(name, name, element, key_position=1 if name == key else None) for name, element in names)


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


RESIDENT_FIELDS = (
    ("citizen_id", "person.citizen_id"), ("name", "person.name"), ("birth_date", "person.birth_date"), ("village", "person.village"),
    ("household", "person.household"), ("head", "household.head"),
)  # fmt: skip
PUPIL_FIELDS = (
    ("number", None), ("citizen_id", "person.citizen_id"), ("name", "person.name"), ("birth_date", "person.birth_date"),
    ("village", "person.village"), ("left_behind", "person.left_behind"),
)  # fmt: skip
POOR_FIELDS = (
    ("citizen_id", "person.citizen_id"), ("birth_date", "person.birth_date"), ("village", "person.village"),
    ("left_behind", "person.left_behind"), ("marital_status", "person.marital_status"), ("amount", "benefit.amount"),
    ("account", "benefit.account"),
)  # fmt: skip
MARRIAGE_FIELDS = (
    ("certificate", None), ("husband", "person.citizen_id"), ("wife", "person.citizen_id"), ("event", None), ("registered_on", "row.day"),
)  # fmt: skip

CONTRACTS = (
    Contract(
        RESIDENT, "1.0.0", T, Delivery.SNAPSHOT, _fields(*RESIDENT_FIELDS, key="citizen_id"),
        (
            Role("person", "person", "citizen_id", {**_same("citizen_id", "name", "birth_date", "village"), "household": "role(household)"}),
            Role("household", "household", "household", {"number": "household", "head": "role(head)"}),
            Role("head", "person", "head"),
        ),
    ),
    Contract(
        PUPIL, "1.0.0", T, Delivery.SNAPSHOT, _fields(*PUPIL_FIELDS, key="number"),
        (Role("pupil", "person", "citizen_id", _same("citizen_id", "name", "birth_date", "village", "left_behind")),),
    ),
    Contract(
        POOR, "1.0.0", T, Delivery.SNAPSHOT, _fields(*POOR_FIELDS, key="citizen_id"),
        (Role("person", "person", "citizen_id", _same("birth_date", "village", "left_behind", "marital_status")),),
        (Record("benefit", "benefit", "person", {"category": "'1'", **_same("amount", "account")}, when="amount is not null"),),
    ),
    Contract(
        MARRIAGE, "1.0.0", T, Delivery.SNAPSHOT, _fields(*MARRIAGE_FIELDS, key="certificate"),
        tuple(
            Role(one, "person", one, {"marital_status": "case when event = 'married' then '20' when event = 'divorced' then '40' end"})
            for one in ("husband", "wife")
        ),
        dated_by="registered_on",
    ),
)  # fmt: skip

RULES = (
    Rule("married_and_left_behind", T, "person", "left_behind and marital_status = '20'", Severity.WARN),
    Rule("head_left_behind", T, "household", "head.left_behind", Severity.WARN),
)

# What the city may have settled: the first holds at the beginning, the others are what a change of authority brings.
SETTLED: tuple[Mapping[str, Authority], ...] = (
    {
        "person.citizen_id": Authority((RESIDENT, PUPIL)),
        "person.name": Authority((PUPIL, RESIDENT), Policy.MANUAL),
        "person.birth_date": Authority((RESIDENT, PUPIL, POOR)),
        "person.village": Authority((RESIDENT, PUPIL, POOR), Policy.LATEST),
        "person.left_behind": Authority((POOR, PUPIL)),
        "person.marital_status": Authority((MARRIAGE, POOR)),
    },
    {
        "person.citizen_id": Authority((PUPIL, RESIDENT)),
        "person.name": Authority((RESIDENT, PUPIL), Policy.LATEST),
        "person.birth_date": Authority((POOR, PUPIL, RESIDENT), Policy.MANUAL),
        "person.village": Authority((POOR, PUPIL, RESIDENT)),
        "person.left_behind": Authority((PUPIL, POOR), Policy.LATEST),
        "person.marital_status": Authority((POOR, MARRIAGE), Policy.LATEST),
    },
)


def catalog(settled: int = 0) -> Catalog:
    """The Catalog under one of the settlements of who is right."""
    authorities = SETTLED[settled]
    elements = [replace(e, authority=authorities.get(e.name)) for e in ELEMENTS]
    return Catalog(
        {e.name: e for e in elements},
        {e.name: e for e in ENTITIES},
        {c.name: c for c in CODE_LISTS},
        {},
        {c.id: c for c in CONTRACTS},
        rules={r.name: r for r in RULES},
    )


CATALOGS = tuple(catalog(i) for i in range(len(SETTLED)))


def day(number: int) -> date:
    """The ``number``-th business day of the story."""
    return DAY_ZERO + timedelta(days=number)


def digest(*parts: object) -> str:
    """What the vault's keyed hash is to the store: 22 characters that say nothing. Made of ASCII digits and letters."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=11).hexdigest()


def blob(element: str, text: str) -> bytes:
    """What the vault's ciphertext is to the store."""
    return b"sealed:" + digest("blob", element, text).encode()


def fingerprint(contract: str, row: Row) -> str:
    return digest("row", *(row.get(field.name) for field in CATALOGS[0].contracts[contract].bound))


def row_key(contract: str, row: Row) -> str:
    return str(row[CATALOGS[0].contracts[contract].key[0].name])


@dataclass(frozen=True)
class Sent:
    """One delivery as the store gets it: rows in clear (the harness seals them), and the keys of rows that were quarantined."""

    contract: str
    day: int
    kind: Delivery
    rows: tuple[Row, ...]
    held: tuple[str, ...] = ()


def staged(sent: Sent) -> list[dict[str, Any]]:
    """The rows of the staging table (``DatasetTables.stage``)."""
    contract = CATALOGS[0].contracts[sent.contract]
    rows = []
    for number, row in enumerate(sent.rows, start=1):
        made: dict[str, Any] = {
            "record": number, "line": number + 1, "row_hash": digest("key", row_key(sent.contract, row)),
            "fingerprint": fingerprint(sent.contract, row),
        }  # fmt: skip
        for role in contract.roles:
            key = row.get(role.key)
            made[f"{role.name}_hash"] = None if key is None else subject_hash(role.entity, str(key))
        for field in contract.bound:
            element, value = CATALOGS[0].held(field), row.get(field.name)
            made[field.name] = value
            if element.sealed:
                made[field.name] = None if value is None else digest(element.name, value)
                made[f"{field.name}_sealed"] = None if value is None else blob(element.name, str(value))
        rows.append(made)
    return rows


def subject_hash(entity: str, key: str) -> str:
    return digest("subject", entity, key)
