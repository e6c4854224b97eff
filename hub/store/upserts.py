"""Insert-or-leave and insert-or-change: both engines know ON CONFLICT, SQLAlchemy writes it by their dialects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

INSERTS: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}  # by the name of the dialect


def upsert(connection: Connection, table: Table) -> Any:
    """An insert into ``table`` that has ``on_conflict_do_nothing`` and ``on_conflict_do_update`` of either engine."""
    return INSERTS[connection.dialect.name](table)
