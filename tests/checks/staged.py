"""A staged table on either engine, as the pipeline makes one, for the tests of batch checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Date, LargeBinary, MetaData, Table, Text, create_engine, make_url
from sqlalchemy.pool import NullPool

from hub.checks.suite import Check
from hub.registry.model import Contract, Delivery, Element, Field, QualityRule, Severity, Title, ValueType
from hub.store.broken_rows import broken_count, broken_rows

# One field of each kind of value that a rule can ask about.
FIELDS: Mapping[str, tuple[ValueType, bool]] = {
    "number": (ValueType.INTEGER, False),
    "amount": (ValueType.MONEY, False),
    "other_amount": (ValueType.MONEY, False),
    "area": (ValueType.DECIMAL, False),
    "born": (ValueType.DATE, False),
    "month": (ValueType.MONTH, False),
    "changed": (ValueType.DATETIME, False),
    "word": (ValueType.TEXT, False),
    "kind": (ValueType.CODE, False),
    "flag": (ValueType.BOOLEAN, False),
    "citizen_id": (ValueType.TEXT, True),
}
ELEMENTS = {
    f"thing.{name}": Element(f"thing.{name}", Title(name, name), type_, sealed=sealed, scale=1 if name == "area" else 0)
    for name, (type_, sealed) in FIELDS.items()
}
_COLUMNS: Mapping[ValueType, Any] = {
    ValueType.TEXT: Text,
    ValueType.CODE: Text,
    ValueType.DATE: Date,
    ValueType.MONTH: Date,
    ValueType.BOOLEAN: Boolean,
}


def contract(*rules: QualityRule) -> Contract:
    fields = tuple(Field(name, name, f"thing.{name}", "thing") for name in FIELDS)
    ignored = Field("remark", "remark", ignored="not needed")
    return Contract("office.things", "1.0.0", Title("物", "things"), Delivery.SNAPSHOT, (*fields, ignored), (), quality=rules)


def rule(kind: str, *fields: str, name: str = "r", severity: Severity = Severity.WARN, limit: float = 0.0, **arguments: Any) -> QualityRule:
    return QualityRule(name, kind, fields, arguments, severity, limit)


@dataclass(frozen=True)
class Staged:
    """A table with rows in it; ``connection`` is the store's."""

    url: str
    table: Table
    connection: Connection
    rows: int

    def broken(self, check: Check) -> list[int]:
        return sorted(self.connection.execute(broken_rows(check, self.table)).scalars())

    def count(self, check: Check, as_of: date) -> int:
        return int(self.connection.execute(broken_count(check, self.table, as_of)).scalar_one())


@contextmanager
def staged(url: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Staged]:
    """The rows (missing fields are null), numbered from 1, committed in schema ``stage`` of PostgreSQL or in the SQLite file."""
    schema = None if make_url(url).get_backend_name() == "sqlite" else "stage"
    table = Table(
        "batch_1", MetaData(), Column("record", BigInteger, nullable=False),
        *(Column(name, _COLUMNS.get(type_, BigInteger)) for name, (type_, _) in FIELDS.items()),
        Column("citizen_id_sealed", LargeBinary), schema=schema,
    )  # fmt: skip
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        if schema:
            connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS stage")
        table.create(connection)
        empty = dict.fromkeys(FIELDS)
        if rows:
            connection.execute(table.insert(), [empty | dict(row) | {"record": number} for number, row in enumerate(rows, 1)])
        connection.commit()
        yield Staged(url, table, connection, len(rows))
        connection.rollback()
        table.drop(connection)
        connection.commit()
    engine.dispose()
