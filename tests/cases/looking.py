"""What a hub holds after a batch, as the tests ask for it: rows, values, findings, warnings, and everything at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import MetaData, inspect, select

from hub.checks.messages import explain
from hub.intake.checked import Context
from hub.intake.normalise import normalise_frame, prepare
from hub.intake.port import Frame
from hub.intake.seal import row_hashes
from hub.registry.model import Element, ValueType
from hub.store import batches
from hub.store.hub import Hub
from hub.store.ledger_tables import batch as batch_table
from hub.store.ledger_tables import conflict, row_key


@dataclass(frozen=True, slots=True)
class Found:
    """One finding with its text for people."""

    record: int
    rule: str
    field: str | None
    shown: str | None
    zh: str
    en: str


def raw_findings(hub: Hub, batch: int) -> list[dict[str, Any]]:
    with hub.engine.connect() as connection:
        return batches.findings_of(connection, batch)


def name_of(hub: Hub, batch: int) -> str:
    with hub.engine.connect() as connection:
        return batches.find_batch(connection, batch).name


def findings(hub: Hub, batch: int) -> list[Found]:
    with hub.engine.connect() as connection:
        dataset = hub.tables.by_number(batches.find_batch(connection, batch).dataset)
        rows = batches.findings_of(connection, batch)
    columns = {field.name: field.physical for field in dataset.contract.fields}
    return [
        Found(row["record"], row["rule"], row["field"], row["found"], explain(row, "zh", columns), explain(row, "en", columns))
        for row in rows
    ]


def rules(hub: Hub, batch: int) -> dict[int, set[str]]:
    """Record -> the rules that it breaks."""
    told: dict[int, set[str]] = {}
    for found in findings(hub, batch):
        told.setdefault(found.record, set()).add(found.rule)
    return told


def held(hub: Hub, batch: int) -> set[int]:
    with hub.engine.connect() as connection:
        return {record for record, _, _ in batches.quarantine_of(connection, batch)}


def warned(hub: Hub, batch: int) -> set[str]:
    with hub.engine.connect() as connection:
        return {warning["kind"] for warning in batches.warnings_of(connection, batch)}


def open_rules(hub: Hub) -> set[str]:
    """The consistency rules that some golden record breaks now."""
    with hub.engine.connect() as connection:
        open_ = connection.execute(select(conflict.c.what).where(conflict.c.closed.is_(None))).scalars()
        return {what.removeprefix("rule:") for what in open_ if what.startswith("rule:")}


def stored(hub: Hub, contract: str, frames: list[Frame]) -> dict[int, dict[str, str]]:
    """Record -> physical name -> the value in the source table, as the cases write it; rows are found by their keys."""
    tables = hub.tables.datasets[contract]
    plan = prepare(tables.contract, hub.catalog, Context(hub.today()))
    rows = pl.concat([normalise_frame(frame, plan).rows for frame in frames])
    records = zip(row_hashes(rows, tables.contract, hub.vault), rows["record"].to_list(), strict=True)
    hashes = dict(reversed(list(records)))  # of equal rows the first was taken
    statement = select(row_key.c.hash, *tables.current.c).join_from(row_key, tables.current, row_key.c.row_id == tables.current.c.row_id)
    with hub.engine.connect() as connection:
        found = connection.execute(statement.where(tables.current.c.present)).mappings().all()
    return {
        hashes[row["hash"]]: {kept.field.physical: _written(hub, kept.name, kept.element, row) for kept in tables.kept}
        for row in found
        if row["hash"] in hashes
    }


def _written(hub: Hub, name: str, element: Element, row: Mapping[Any, Any]) -> str:
    value = row[name]
    if element.sealed:
        (value,) = hub.vault.open(element.name, [row[f"{name}_sealed"]])
    if value is None:
        return ""
    if element.type is ValueType.MONEY:
        return f"{value // 100}.{value % 100:02d}"
    if element.type is ValueType.MONTH:
        return f"{value:%Y-%m}"
    if element.type is ValueType.BOOLEAN:
        return "Y" if value else "N"
    return "open" if value == date(9999, 12, 31) else str(value)


def golden(hub: Hub, entity: str) -> list[dict[str, Any]]:
    """The golden rows of an entity, by subject."""
    table = hub.tables.golden[entity]
    with hub.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table).order_by(table.c.subject_id)).mappings()]


def person(hub: Hub, citizen_id: str) -> dict[str, str | None]:
    """A person's golden record by the id in clear, sealed elements opened; empty if the hub knows nobody of it."""
    (hashed,) = hub.vault.hash("person.citizen_id", [citizen_id])
    row = next((row for row in golden(hub, "person") if row["citizen_id"] == hashed), None)
    if row is None:
        return {}
    told: dict[str, str | None] = {}
    for element in hub.catalog.stored_elements("person"):
        value = row[element.short]
        if element.sealed:
            (value,) = hub.vault.open(element.name, [row[f"{element.short}_sealed"]])
        told[element.short] = None if value is None else str(value)
    return told


_LEDGER_OF_THE_ATTEMPT = {"batch", "finding", "quarantine", "warning", "rule_result", "job"}


def everything(hub: Hub) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for the ledger of what was attempted: the state that a refused batch must leave alone."""
    inspector = inspect(hub.engine)
    told: dict[str, list[tuple[Any, ...]]] = {}
    with hub.engine.connect() as connection:
        metadata = MetaData()
        for name in inspector.get_table_names():
            if name not in _LEDGER_OF_THE_ATTEMPT and not name.startswith("code"):
                metadata.reflect(connection, only=[name])
                table = metadata.tables[name]
                told[name] = [tuple(row) for row in connection.execute(select(table).order_by(*table.c))]
    return told


def merged(hub: Hub) -> list[tuple[Any, ...]]:
    """The merged batches as the ledger has them."""
    table = batch_table
    with hub.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(table).where(table.c.known.is_not(None)).order_by(table.c.id))]


def staged(hub: Hub) -> set[str]:
    """The staging tables that are left."""
    inspector = inspect(hub.engine)
    return set(inspector.get_table_names(schema="stage"))
