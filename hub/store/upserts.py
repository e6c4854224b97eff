"""Insert-or-leave and insert-or-change: both engines know ON CONFLICT, SQLAlchemy writes it by their dialects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from hub.store.engine import is_sqlite


def upsert(connection: Connection, table: Table) -> Any:
    """An insert into ``table`` that has ``on_conflict_do_nothing`` and ``on_conflict_do_update`` of either engine."""
    return sqlite.insert(table) if is_sqlite(connection) else postgresql.insert(table)
