"""What differs between the two databases: opening them read-only in one snapshot, and handing out exact text.

PostgreSQL casts every column to text in the query, so that no value passes through a Python type that cannot hold it: a
date of the year 10000 or "infinity", a number of 40 digits. SQLite has no column types, only values of four kinds, and
its driver gives those exactly; a REAL is marked as a number, since digits may have been lost before it came to us.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Text, bindparam, cast, create_engine, event, literal, text
from sqlalchemy import column as sql_column
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import UserDefinedType

from connectors.sql.settings import Settings
from hub.intake.port import DATE, NUMBER, TEXT

__all__ = ["Described", "Dialect", "Postgresql", "Sqlite", "dialect_of"]

# Built-in type numbers of PostgreSQL (pg_type.dat)
_DATES = frozenset({1082, 1114, 1184})  # date, timestamp, timestamptz
_FLOATS = frozenset({700, 701})  # float4, float8
_TEXTS = frozenset({25, 1042, 1043})  # text, bpchar, varchar


@dataclass(frozen=True, slots=True)
class Described:
    """A column of the relation: its name in the database's own spelling, and on PostgreSQL its type."""

    name: str
    type_name: str = ""
    kind: int = TEXT
    dated: bool = True  # may be compared with a date's text


class Dialect(Protocol):
    def engine(self, settings: Settings) -> Engine: ...
    def describe(self, connection: Connection, description: Sequence[Any]) -> list[Described]: ...
    def out(self, column: Described) -> ColumnElement[Any]:
        """The expression that fetches a column."""
        ...

    def compared(self, column: Described, value: Any) -> ColumnElement[Any]:
        """A fetched value as the other side of a comparison with its column: the database's own value again."""
        ...


def name_of(column: Described) -> ColumnElement[Any]:
    return sql_column(quoted_name(column.name, quote=True))


class _NamedType(UserDefinedType[Any]):
    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


class Postgresql:
    """PostgreSQL by psycopg. One REPEATABLE READ transaction is one snapshot, however many queries."""

    def engine(self, settings: Settings) -> Engine:
        # Dates must come in one style; the zone is the city's, so that a date cut from a timestamp is the day it was there.
        session = (
            "-c default_transaction_read_only=on -c DateStyle=ISO -c IntervalStyle=iso_8601 -c TimeZone=Asia/Shanghai "
            f"-c statement_timeout={settings.timeout * 1000} -c lock_timeout=60000 -c extra_float_digits=1"
        )
        return create_engine(
            settings.url,
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args={"options": session, "connect_timeout": 10, "client_encoding": "utf8", "application_name": "yibiao"},
        )

    def describe(self, connection: Connection, description: Sequence[Any]) -> list[Described]:
        numbers = [part.type_code for part in description]
        known = connection.execute(
            text("SELECT number::bigint, format_type(number::oid, -1) FROM unnest(CAST(:numbers AS bigint[])) AS number"),
            {"numbers": numbers},
        )
        names: dict[int, str] = {row[0]: row[1] for row in known}
        return [
            Described(
                part.name,
                names[part.type_code],
                DATE if part.type_code in _DATES else NUMBER if part.type_code in _FLOATS else TEXT,
                part.type_code in _DATES or part.type_code in _TEXTS,
            )
            for part in description
        ]

    def out(self, column: Described) -> ColumnElement[Any]:
        return cast(name_of(column), Text).label(None)

    def compared(self, column: Described, value: Any) -> ColumnElement[Any]:
        return cast(cast(bindparam(None, value, Text), Text), _NamedType(column.type_name))


class Sqlite:
    """SQLite by the standard driver, opened read-only; an open read transaction is the snapshot."""

    def engine(self, settings: Settings) -> Engine:
        address = Path(str(settings.url.database)).as_uri() + "?mode=ro"

        def connect() -> sqlite3.Connection:
            opened = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=60)
            # Text that is not UTF-8 must not stop the other rows; what cannot be decoded is found again by its surrogates.
            opened.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
            return opened

        engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine

    def describe(self, connection: Connection, description: Sequence[Any]) -> list[Described]:
        return [Described(part[0]) for part in description]

    def out(self, column: Described) -> ColumnElement[Any]:
        return name_of(column)

    def compared(self, column: Described, value: Any) -> ColumnElement[Any]:
        return literal(value)


def dialect_of(settings: Settings) -> Dialect:
    return Sqlite() if settings.url.get_backend_name() == "sqlite" else Postgresql()
