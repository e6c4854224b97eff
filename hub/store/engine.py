"""Connections to the two engines, and every difference between them that is not SQL text.

SQLite (WAL) is the embedded default, PostgreSQL is production. A connection sees two schemas: the store itself and
``stage``, where batches wait; on SQLite the latter is a file of its own, so that loading never locks out people's edits.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from hub.core.errors import Kind, YibiaoError
from hub.store.bounded import tell_ended
from hub.store.messages import DATABASE_FILE, DATABASE_UNREACHABLE

_writers: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
_COMPILED = 5_000  # statements that an engine keeps compiled: each dataset has some dozens of its own
STAGE = "stage"
_ASKS = "yibiao_asks"  # of a connection: its statements stand alone
_WRITES = "yibiao_writes"  # of a connection: its transaction takes the writer's place when it begins
_RESTS_SINCE = "yibiao_rests_since"
_REST = 1.0  # seconds
_MERGE_LOCK = 0x59494249  # one merge at a time in a hub; the number only has to be the same for all its processes


def open_engine(url: str, connections: int = 10) -> Engine:
    """An engine for a SQLAlchemy URL (``sqlite:///file`` or ``postgresql+psycopg://…``).

    Raises ``YibiaoError`` UNAVAILABLE when the database cannot be reached.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite(parsed, connections)
    else:
        engine = create_engine(
            parsed,
            pool_size=connections,
            pool_use_lifo=True,
            query_cache_size=_COMPILED,
            connect_args={"options": "-c timezone=UTC -c datestyle=ISO -c jit=off"},  # compiling golden costs 50 s, running it 0.2 s
        )
        _without_transactions_of_the_driver(engine)
        _ping_after_rest(engine)
    _begin_ourselves(engine)
    event.listen(engine, "handle_error", tell_ended)
    try:
        engine.connect().close()
    except DatabaseError as error:
        if (file := sqlite_file(parsed)) is not None:
            raise YibiaoError(Kind.UNAVAILABLE, DATABASE_FILE, place=file, reason=str(error.orig)) from error
        raise YibiaoError(Kind.UNAVAILABLE, DATABASE_UNREACHABLE, place=parsed.render_as_string(hide_password=True)) from error
    return engine


def sqlite_file(url: str | URL) -> Path | None:
    """Where an embedded database is kept; None for another engine."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _sqlite(url: URL, connections: int) -> Engine:
    file = Path(url.database or "")
    stage = file.with_suffix(".stage.db")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for one in (file, stage):
            one.touch(mode=0o600)  # the data is nobody else's on this machine; the files beside it are made like it
    except OSError as error:
        raise YibiaoError(Kind.UNAVAILABLE, DATABASE_FILE, place=file, reason=error.strerror or type(error).__name__) from error
    engine = create_engine(
        url,
        pool_size=connections,
        pool_use_lifo=True,  # few connections with warm caches, where few are needed
        query_cache_size=_COMPILED,
        connect_args={"timeout": 60, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA temp_store=FILE")  # what a million rows need for a while is more than memory should hold
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute(f"ATTACH DATABASE ? AS {STAGE}", (str(stage),))
        connection.execute(f"PRAGMA {STAGE}.journal_mode=WAL")
        connection.execute(f"PRAGMA {STAGE}.synchronous=OFF")  # a lost stage is pulled again

    return engine


def _without_transactions_of_the_driver(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: psycopg.Connection, _record: object) -> None:
        connection.autocommit = True  # we say BEGIN ourselves, see below


def _begin_ourselves(engine: Engine) -> None:
    """No transaction around what only asks: its beginning and end would be a round trip each. One that writes to SQLite takes the
    writer's place when it begins."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get(_ASKS):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")


def _ping_after_rest(engine: Engine) -> None:
    """A server may have gone away while a connection rested: asked before it is used, but not between two requests of a busy minute."""

    @event.listens_for(engine, "checkin")
    def rests(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def used(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get(_RESTS_SINCE, inf) > _REST:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error  # the pool opens another


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


@contextmanager
def asking(engine: Engine) -> Iterator[Connection]:
    """A connection for statements that only read, each by itself: it sees what is committed when it begins."""
    with engine.connect() as connection:
        yield connection.execution_options(**{_ASKS: True})


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write to the store: on SQLite it takes the writer's place at once, not half-way."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    # Threads of one process wait for one another here: SQLite itself would have them sleep and ask again, the unlucky ones for long.
    with _writers[str(engine.url)], engine.connect() as connection, connection.execution_options(**{_WRITES: True}).begin():
        yield connection


def lock_merge(connection: Connection) -> None:
    """Wait until no other process merges; held to the end of the transaction. SQLite's writer lock is enough there."""
    if not is_sqlite(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _MERGE_LOCK})
