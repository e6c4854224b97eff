"""Statements that can be ended: the one that takes longer than its process allows, and those that run when the process is to end.

PostgreSQL ends a statement by itself (``statement_timeout``) or when it is cancelled. SQLite asks us now and then whether to go on;
that is also when Python handles a signal that came during a statement.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from hub.core.errors import Kind, YibiaoError
from hub.store.messages import STATEMENT_ENDED

_INSTRUCTIONS = 200_000  # of SQLite's machine, between two questions: some milliseconds
_BUSY_MILLISECONDS = 10_000  # for SQLite's one writer: a page has as many threads as it has, and they would all wait
_CANCELLED = "57014"  # SQLSTATE query_canceled


@contextmanager
def bounded(engine: Engine, seconds: float = inf) -> Iterator[None]:
    """For as long as the block lasts, every statement ends after ``seconds``, and what still runs at the end of the block ends then.

    A statement that was ended raises UNAVAILABLE ``statement_ended``; its transaction is rolled back.
    """
    open_ones: dict[int, Any] = {}

    def connected(connection: Any, record: Any) -> None:
        open_ones[id(connection)] = connection
        if isinstance(connection, sqlite3.Connection):
            connection.set_progress_handler(lambda: time.monotonic() > record.info.get("until", inf), _INSTRUCTIONS)
            if seconds < inf:
                connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        elif seconds < inf:
            connection.execute(f"SET statement_timeout = {int(seconds * 1000)}")
            connection.commit()

    def closed(connection: Any, _record: object) -> None:
        open_ones.pop(id(connection), None)

    def begun(connection: Any, *_: object) -> None:
        connection.info["until"] = time.monotonic() + seconds

    listeners = (("connect", connected), ("close", closed), ("before_cursor_execute", begun))
    engine.dispose()  # the connections that are open know nothing of this
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield
    finally:
        for connection in list(open_ones.values()):
            _end_statement(connection)
        for name, listener in listeners:
            event.remove(engine, name, listener)
        engine.dispose()


def _end_statement(connection: Any) -> None:
    """May be called by another thread than the statement's."""
    if isinstance(connection, sqlite3.Connection):
        connection.interrupt()
    elif connection.pgconn.transaction_status == TransactionStatus.ACTIVE:
        connection.cancel_safe()


def tell_ended(context: ExceptionContext) -> None:
    """For an engine's event ``handle_error``: what the drivers raise of an ended statement is an error of ours."""
    error = context.original_exception
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_INTERRUPT or getattr(error, "sqlstate", None) == _CANCELLED:
        raise YibiaoError(Kind.UNAVAILABLE, STATEMENT_ENDED) from error
