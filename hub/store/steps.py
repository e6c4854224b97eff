"""One runner for set-based statements: each has a name, and what it did is written down."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, CursorResult, Executable, MetaData, Table, text

from hub.store.engine import is_sqlite


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    rows: int
    seconds: float


@dataclass(slots=True)
class Steps:
    """The statements of one act on one connection. Temporary tables made through it are gone when the block ends."""

    connection: Connection
    done: list[Step] = field(default_factory=list)
    _temporary: list[Table] = field(default_factory=list)

    def run(self, name: str, statement: Executable, values: dict[str, Any] | None = None) -> CursorResult[Any]:
        started = time.perf_counter()
        result = self.connection.execute(statement, values or {})
        rows = result.rowcount if not result.returns_rows else -1
        self.done.append(Step(name, rows, time.perf_counter() - started))
        return result

    def scalar(self, name: str, statement: Executable) -> Any:
        return self.run(name, statement).scalar()

    def temporary(self, table_name: str, *columns: Column[Any]) -> Table:
        """A new temporary table of this act."""
        table = _same_shape(table_name, columns)
        started = time.perf_counter()
        table.create(self.connection, checkfirst=False)
        self.done.append(Step(f"create {table_name}", 0, time.perf_counter() - started))
        self._temporary.append(table)
        return table

    def analyze(self, table: Table) -> None:
        """Tell the planner how big a temporary table is before it is joined."""
        name = f"temp.{table.name}" if is_sqlite(self.connection) else str(table.name)
        self.run(f"analyze {table.name}", text(f"ANALYZE {name}"))

    def drop_temporary(self) -> None:
        for table in reversed(self._temporary):
            table.drop(self.connection, checkfirst=False)
        self._temporary.clear()


_SHAPES: dict[tuple[Any, ...], Table] = {}


def _same_shape(table_name: str, columns: Sequence[Column[Any]]) -> Table:
    """One ``Table`` object for every temporary table of one name and shape: SQLAlchemy knows a statement again by the tables
    in it, and compiling the large ones anew for every batch took longer than running them."""
    shape = (table_name, *((c.name, repr(c.type), c.primary_key, c.nullable) for c in columns))
    if shape not in _SHAPES:
        _SHAPES[shape] = Table(table_name, MetaData(), *columns, prefixes=["TEMPORARY"])
    return _SHAPES[shape]


@contextmanager
def steps(connection: Connection) -> Iterator[Steps]:
    """Steps of one act; on success its temporary tables are dropped (a failed transaction takes them along)."""
    act = Steps(connection)
    yield act
    act.drop_temporary()
