"""Statements that can be ended, on both engines: by their time, and when the process is to end."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import text

from hub.core.errors import Kind, YibiaoError
from hub.store.bounded import bounded
from hub.store.engine import open_engine, writing

ENDLESS = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i % 1000 + 1 FROM n) SELECT count(*) FROM n")


def test_a_statement_that_takes_too_long_is_ended_and_told_so(database_url: str) -> None:
    engine = open_engine(database_url)
    with bounded(engine, 1), engine.connect() as connection:
        with pytest.raises(YibiaoError) as told:
            connection.execute(ENDLESS).all()
        connection.rollback()
        assert connection.execute(text("SELECT 1")).scalar_one() == 1, "the connection is as good as before"
    assert (told.value.kind, told.value.code) == (Kind.UNAVAILABLE, "statement_ended")
    engine.dispose()


def test_what_was_written_before_the_statement_that_was_ended_is_taken_back(database_url: str) -> None:
    engine = open_engine(database_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE written (n INTEGER)"))

    def write_and_wait() -> None:
        with writing(engine) as connection:
            connection.execute(text("INSERT INTO written VALUES (1)"))
            connection.execute(ENDLESS).all()

    with bounded(engine, 1), pytest.raises(YibiaoError):
        write_and_wait()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM written")).scalar_one() == 0
    engine.dispose()


def test_what_runs_when_the_process_is_to_end_is_ended(database_url: str) -> None:
    engine = open_engine(database_url)
    told: list[YibiaoError] = []

    def ask() -> None:
        with engine.connect() as connection:
            begun.set()
            try:
                connection.execute(ENDLESS).all()
            except YibiaoError as error:
                told.append(error)
            connection.invalidate()  # its pool is gone

    begun, thread = threading.Event(), threading.Thread(target=ask, daemon=True)
    with bounded(engine):
        thread.start()
        assert begun.wait(10)
        time.sleep(0.5)  # the statement has begun
    thread.join(30)
    assert [error.code for error in told] == ["statement_ended"]
    engine.dispose()


def test_outside_of_the_block_nothing_has_a_limit(database_url: str) -> None:
    engine = open_engine(database_url)
    with bounded(engine, 1), engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    slow = text(
        "SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000000) SELECT i FROM n) m"
    )
    with engine.connect() as connection:
        assert connection.execute(slow).scalar_one() == 8_000_000
    engine.dispose()
