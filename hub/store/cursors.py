"""Where the next delta of each dataset starts: the connector's own word for the position its last pull reached."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from hub.store.ledger_tables import dataset


def read_cursor(connection: Connection, number: int) -> str | None:
    return connection.execute(select(dataset.c.cursor).where(dataset.c.number == number)).scalar_one_or_none()


def write_cursor(connection: Connection, number: int, cursor: str) -> None:
    connection.execute(update(dataset).where(dataset.c.number == number).values(cursor=cursor))
