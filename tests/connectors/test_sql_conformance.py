"""The source port's suite over both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from connectors.sql import source
from hub.intake import conformance
from hub.intake.conformance import Cell, Table, text_of
from hub.intake.port import DATE, NUMBER, Contract, Source, SourceContext

TYPES = {"sqlite": {NUMBER: "REAL"}, "postgresql": {NUMBER: "double precision", DATE: "date"}}


@dataclass(frozen=True)
class Database:
    """A table ``people`` in an empty database."""

    url: str
    folder: Path
    frame_rows: int = 40
    large: int = 30_000

    @property
    def engine(self) -> str:
        return make_url(self.url).get_backend_name()

    @property
    def kinds(self) -> frozenset[int]:
        return frozenset(TYPES[self.engine])

    def serve(self, contract: Contract, table: Table) -> Source:
        self._fill(table)
        return self._source(contract, self.url)

    def unreachable(self, contract: Contract) -> Source:
        if self.engine == "sqlite":
            return self._source(contract, "sqlite:///no/such/file.sqlite")
        return self._source(contract, make_url(self.url).set(port=1).render_as_string(hide_password=False))

    def _source(self, contract: Contract, url: str) -> Source:
        options = {"url": url, "table": "people", "page_size": self.frame_rows}
        return source(contract, options, SourceContext(self.folder, date(2024, 3, 1)))

    def _fill(self, table: Table) -> None:
        types = [TYPES[self.engine].get(table.kind(place), "text") for place in range(len(table.columns))]
        columns = ", ".join(f'"{name}" {type_}' for name, type_ in zip(table.columns, types, strict=True))
        mark = "?" if self.engine == "sqlite" else "%s"
        insert = f"INSERT INTO people VALUES ({', '.join([mark] * len(table.columns))})"
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS people")
            connection.exec_driver_sql(f"CREATE TABLE people ({columns})")
            for rows in _in_blocks(table):
                connection.exec_driver_sql(insert, rows)
            connection.exec_driver_sql(f'CREATE INDEX people_key ON people ("{table.columns[0]}")')


class Guarded(Database):
    """PostgreSQL, which asks for a password."""

    def locked(self, contract: Contract, table: Table) -> Source:
        self._fill(table)
        return self._source(contract, make_url(self.url).set(password="s3cret-wrong").render_as_string(hide_password=False))


def _in_blocks(table: Table, size: int = 5_000) -> Iterator[list[tuple[str | None, ...]]]:
    block: list[tuple[str | None, ...]] = []
    for row in table.rows:
        block.append(tuple(_stored(cell) for cell in row))
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block


def _stored(cell: Cell) -> str | None:
    return text_of(cell)  # both databases make a number or a date of the text, by the column's type


@pytest.mark.parametrize("check", conformance.checks(Database), ids=lambda check: check.__name__)
def test_conformance(check: conformance.Check, database_url: str, tmp_path: Path) -> None:
    check(Database(database_url, tmp_path))


def test_conformance_bad_credentials(postgres: str, tmp_path: Path) -> None:
    subject = Guarded(postgres, tmp_path)
    conformance.bad_credentials_are_refused(subject)
    error = conformance.failure(subject.locked(conformance.contract(), Table(conformance.COLUMNS, conformance.people(1))))
    assert "s3cret" not in error.text("zh") + error.text("en") + repr(error.values) + repr(error.__cause__)
