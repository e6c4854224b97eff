"""Frames into a table by the engine's fastest path: COPY on PostgreSQL, ``executemany`` on SQLite."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Connection, Table

from hub.store.engine import is_sqlite


def load(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    """Append the frame's rows; its columns are the table's, by name; Binary columns are blobs, dates are dates."""
    names = [column.name for column in table.columns]
    frame = frame.select(names)
    if is_sqlite(connection):
        _executemany(connection, table, frame)
    else:
        _copy(connection, table, frame)


def _qualified(table: Table) -> str:
    return f'"{table.schema}"."{table.name}"' if table.schema else f'"{table.name}"'


def _executemany(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    marks = ", ".join("?" * len(frame.columns))
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    prepared = frame.with_columns(
        *(pl.col(name).dt.to_string("%Y-%m-%d") for name, kind in frame.schema.items() if kind == pl.Date),
        *(pl.col(name).cast(pl.Int8) for name, kind in frame.schema.items() if kind == pl.Boolean),
    )
    raw: Any = connection.connection.dbapi_connection
    raw.executemany(f"INSERT INTO {_qualified(table)} ({columns}) VALUES ({marks})", prepared.iter_rows())


def _copy(connection: Connection, table: Table, frame: pl.DataFrame) -> None:
    binary = [name for name, kind in frame.schema.items() if kind == pl.Binary]
    prepared = frame.with_columns((pl.lit("\\x") + pl.col(name).bin.encode("hex")).alias(name) for name in binary)
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    raw: Any = connection.connection.dbapi_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {_qualified(table)} ({columns}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(prepared.write_csv(include_header=False, quote_style="necessary", null_value="").encode())
