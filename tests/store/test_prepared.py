"""Statements that go to the driver as they are answer as the others do, also when a connection was lost meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import Integer, Text, bindparam, literal_column, select, text
from sqlalchemy.exc import DatabaseError

from hub.store.engine import open_engine
from hub.store.prepared import Prepared

SAID = Prepared(select(bindparam("said", type_=Text), literal_column("7", Integer)))


def test_it_answers_with_the_values_that_are_given(database_url: str) -> None:
    engine = open_engine(database_url)
    assert [SAID.row(engine, {"said": one}) for one in ("一表", "%s ' \" ?", "")] == [("一表", 7), ("%s ' \" ?", 7), ("", 7)]
    engine.dispose()


def test_what_goes_wrong_is_told_as_of_any_statement(database_url: str) -> None:
    engine = open_engine(database_url)
    with pytest.raises(DatabaseError):
        Prepared(select(literal_column("nothing.of_the_kind"))).rows(engine, {})
    assert SAID.row(engine, {"said": "still"}) == ("still", 7)
    engine.dispose()


def test_a_connection_that_the_server_ended_is_opened_again(postgres_url: str) -> None:
    engine, other = open_engine(postgres_url, 1), open_engine(postgres_url, 1)
    assert SAID.row(engine, {"said": "before"}) == ("before", 7)
    with other.begin() as connection:
        mine = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(mine)).all()
    assert SAID.row(engine, {"said": "after"}) == ("after", 7)
    for one in (engine, other):
        one.dispose()
