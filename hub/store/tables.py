"""Tables made from the Catalog: per dataset the current rows, their past and a staging table, per subject a golden one.

Nothing here executes; ``hub.store.migrate`` brings a database to these shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import BigInteger, Boolean, Column, Executable, Index, LargeBinary, MetaData, SmallInteger, Table

from hub.registry.model import Catalog, Contract, Element, EntityKind, Field, ValueType
from hub.store.engine import STAGE
from hub.store.types import HASH, column_type


@dataclass(frozen=True, slots=True)
class Kept:
    """A field as it is stored: its element, and therefore its type, and whether it is sealed."""

    field: Field
    element: Element

    @property
    def name(self) -> str:
        return self.field.name

    def columns(self) -> list[Column[object]]:
        return value_columns(self.field.name, self.element)


def value_columns(name: str, element: Element) -> list[Column[object]]:
    """The columns of one value: for a sealed element the keyed hash and the ciphertext."""
    if element.sealed:
        return [Column(name, HASH), Column(f"{name}_sealed", LargeBinary)]
    return [Column(name, column_type(element.type))]


@dataclass(frozen=True)
class DatasetTables:
    """The three tables of one dataset and what their columns mean.

    ``current`` and ``past`` together are the history; ``<role>_key`` columns hold key ids (before links). An ended row
    keeps its role keys, so that whom it spoke of is still found, and has no values.
    """

    contract: Contract
    number: int
    kept: tuple[Kept, ...]
    current: Table
    past: Table

    @cached_property
    def roles(self) -> tuple[str, ...]:
        return tuple(role.name for role in self.contract.roles)

    @cached_property
    def payload(self) -> tuple[str, ...]:
        """Names of the value columns, in order."""
        return tuple(str(column.name) for kept in self.kept for column in kept.columns())

    @cached_property
    def key_columns(self) -> tuple[str, ...]:
        return tuple(f"{role}_key" for role in self.roles)

    def stage(self, batch: int) -> Table:
        """The staging table of one batch. ``row_hash`` identifies the row, ``<role>_hash`` the subjects."""
        return Table(
            f"batch_{batch}",
            MetaData(),
            Column("record", BigInteger, nullable=False),
            Column("line", BigInteger),
            Column("row_hash", HASH, nullable=False),
            Column("fingerprint", HASH, nullable=False),
            *(Column(f"{role}_hash", HASH) for role in self.roles),
            *(column for kept in self.kept for column in kept.columns()),
            schema=STAGE,
        )


@dataclass(frozen=True)
class StoreTables:
    """All generated tables of one Catalog."""

    catalog: Catalog
    metadata: MetaData
    datasets: Mapping[str, DatasetTables]  # by contract id
    golden: Mapping[str, Table]  # by subject entity

    def by_number(self, number: int) -> DatasetTables:
        return self._by_number[number]

    @cached_property
    def statements(self) -> dict[str, Executable]:
        """Large statements over these tables that ``hub.store`` built once, by name."""
        return {}

    @cached_property
    def _by_number(self) -> dict[int, DatasetTables]:
        return {tables.number: tables for tables in self.datasets.values()}

    def said_by(self, entity: str) -> tuple[DatasetTables, ...]:
        """The datasets of which some role says something about this subject entity, by contract id."""
        return tuple(
            self.datasets[contract.id]
            for contract in sorted(self.catalog.contracts.values(), key=lambda c: c.id)
            if any(role.entity == entity and role.says for role in contract.roles)
        )


def store_tables(catalog: Catalog, numbers: Mapping[str, int]) -> StoreTables:
    """The tables for a Catalog; ``numbers`` gives each contract id its small number (table ``dataset``)."""
    metadata = MetaData()
    datasets = {c.id: _dataset_tables(catalog, c, numbers[c.id], metadata) for c in catalog.contracts.values()}
    golden = {
        entity.name: _golden_table(catalog, entity.name, metadata)
        for entity in catalog.entities.values()
        if entity.kind is EntityKind.SUBJECT
    }
    return StoreTables(catalog, metadata, datasets, golden)


def _dataset_tables(catalog: Catalog, contract: Contract, number: int, metadata: MetaData) -> DatasetTables:
    kept = tuple(Kept(f, catalog.held(f)) for f in contract.bound)

    def history(name: str, key: tuple[str, ...]) -> Table:
        return Table(
            name,
            metadata,
            Column("row_id", BigInteger, primary_key="row_id" in key, autoincrement=False),
            Column("pos", BigInteger, primary_key="pos" in key, autoincrement=False, nullable=False),
            Column("known", BigInteger, nullable=False),
            Column("present", Boolean, nullable=False),
            Column("fingerprint", HASH, nullable=False),
            *(Column(f"{role.name}_key", BigInteger) for role in contract.roles),
            *(column for k in kept for column in k.columns()),
            *(Index(f"{name}_{role.name}", f"{role.name}_key") for role in contract.roles),
        )

    stem = f"source_{contract.table}"
    return DatasetTables(contract, number, kept, history(stem, ("row_id",)), history(f"{stem}_past", ("row_id", "pos")))


def _golden_table(catalog: Catalog, entity: str, metadata: MetaData) -> Table:
    columns: list[Column[object]] = []
    for element in catalog.stored_elements(entity):
        columns += value_columns(element.short, element)
        columns.append(Column(f"{element.short}_source", SmallInteger, nullable=False, server_default="0"))
    indexes = [
        Index(f"golden_{entity}_{element.short}", element.short)
        for element in catalog.stored_elements(entity)
        if element.type in (ValueType.DIVISION, ValueType.REFERENCE)
    ]
    return Table(
        f"golden_{entity}",
        metadata,
        Column("subject_id", BigInteger, primary_key=True, autoincrement=False),
        *columns,
        *indexes,
    )
