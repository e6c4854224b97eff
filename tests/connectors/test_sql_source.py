"""Reading tables and views: exact values, paging in key order, snapshots, changes, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.pool import NullPool

from connectors.sql import source
from hub.intake.conformance import contract, failure, pull
from hub.intake.port import DATE, NUMBER, TEXT, Contract, Delivery, End, Frame, Kind, Source, SourceContext, YibiaoError

TODAY = date(2024, 3, 1)
Open = Callable[..., Source]


@pytest.fixture
def engine(database_url: str) -> Engine:
    return create_engine(database_url, poolclass=NullPool)


def run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%") if engine.dialect.name == "postgresql" else statement)


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def opened(engine: Engine, columns: tuple[str, ...] | Contract, today: date = TODAY, **options: Any) -> Source:
    agreed = contract(columns) if isinstance(columns, tuple) else columns
    given = {"url": url_of(engine), **({} if "query" in options else {"table": "people"}), **options}
    return source(agreed, given, SourceContext(Path(), today))


def values(engine: Engine, columns: tuple[str, ...], **options: Any) -> list[dict[str, str | None]]:
    return pull(opened(engine, columns, **options)).rows


class TestRows:
    def test_come_in_key_order_whatever_the_order_stored(self, engine: Engine) -> None:
        run(engine, "CREATE TABLE people (id text, name text)", "INSERT INTO people VALUES ('b', 'B'), ('c', 'C'), ('a', 'A')")
        pulled = pull(opened(engine, ("id", "name"), page_size=2))
        assert [row["id"] for row in pulled.rows] == ["a", "b", "c"]
        assert pulled.end.complete

    def test_key_of_two_columns(self, engine: Engine) -> None:
        rows = ", ".join(f"('{person}', {kind})" for person in "abc" for kind in (170, 390, 9))
        run(engine, "CREATE TABLE people (id text, kind integer)", f"INSERT INTO people VALUES {rows}")
        pulled = pull(opened(engine, ("id", "kind"), key=["id", "kind"], page_size=2))
        assert [(row["id"], row["kind"]) for row in pulled.rows] == [(p, k) for p in "abc" for k in ("9", "170", "390")]

    @pytest.mark.parametrize("page_size", [1, 2, 3, 4, 50])
    def test_of_one_key_stay_together_and_none_is_lost(self, engine: Engine, page_size: int) -> None:
        stored = [("a", "1"), ("b", "1"), ("b", "2"), ("b", "3"), ("c", "1"), ("c", "2"), ("d", "1")]
        inserted = ", ".join(map(str, stored))
        run(engine, "CREATE TABLE people (id text, name text)", f"INSERT INTO people VALUES {inserted}")
        reading = opened(engine, ("id", "name"), page_size=page_size)
        offer = reading.offers(None, None)[0]
        whole = pull(reading, offer=offer)
        assert sorted((row["id"], row["name"]) for row in whole.rows) == stored
        seen = 0
        for frame in whole.frames:
            seen += frame.values.height
            assert len(pull(reading, frame.cursor, offer).rows) == len(stored) - seen

    def test_without_a_key_come_last_and_resume(self, engine: Engine) -> None:
        run(engine, "CREATE TABLE people (id text, name text)", "INSERT INTO people VALUES (NULL, 'y'), ('a', 'A'), (NULL, 'x')")
        reading = opened(engine, ("id", "name"), page_size=1)
        offer = reading.offers(None, None)[0]
        whole = pull(reading, offer=offer)
        assert [(row["id"], row["name"]) for row in whole.rows] == [("a", "A"), (None, "x"), (None, "y")]
        assert whole.end.complete
        rest = pull(reading, whole.frames[1].cursor, offer)
        assert ([row["name"] for row in rest.rows], rest.records, rest.end.complete) == (["y"], [3], True)

    def test_of_a_query_with_colons_and_percent_signs(self, engine: Engine) -> None:
        run(engine, "CREATE TABLE people (id text, name text)", "INSERT INTO people VALUES ('a', '50%:x'), ('b', 'B')")
        query = "SELECT id, name FROM people WHERE name LIKE '%:x';"
        assert values(engine, ("id", "name"), query=query) == [{"id": "a", "name": "50%:x"}]

    def test_of_a_view(self, engine: Engine) -> None:
        run(
            engine,
            "CREATE TABLE t (id text, v integer)",
            "INSERT INTO t VALUES ('a', 7)",
            "CREATE VIEW people AS SELECT id, v + 1 AS v FROM t",
        )
        assert values(engine, ("id", "v")) == [{"id": "a", "v": "8"}]


class TestExactValues:
    def test_numbers_are_text_cast_by_the_database(self, engine: Engine) -> None:
        """SQL-01's reason: no float on the way, whatever the digits."""
        run(engine, "CREATE TABLE people (id numeric(18), amount numeric(12, 2))", "INSERT INTO people VALUES (330802195106088035, 620.5)")
        pulled = pull(opened(engine, ("id", "amount")))
        assert pulled.rows[0]["id"] == "330802195106088035"
        assert pulled.kinds("id") == [TEXT]
        assert str(pulled.rows[0]["amount"]).rstrip("0") == "620.5"

    def test_a_float_is_a_number(self, engine: Engine) -> None:
        """Digits may be gone before the value came to us: whoever checks an identifier must know."""
        run(engine, "CREATE TABLE people (id text, code double precision)", "INSERT INTO people VALUES ('a', 330802195106088035), ('b', 7)")
        pulled = pull(opened(engine, ("id", "code")))
        assert pulled.kinds("code") == [NUMBER, NUMBER]
        assert pulled.rows[1]["code"] == "7"
        assert pulled.rows[0]["code"] == "3.3080219510608806e+17"

    def test_dates_beyond_the_calendar_of_python(self, postgres: str) -> None:
        engine = create_engine(postgres, poolclass=NullPool)
        run(
            engine,
            "CREATE TABLE people (id text, d date, t timestamptz)",
            "INSERT INTO people VALUES ('a', '10000-01-01', '2024-03-01 00:30+08'), ('b', 'infinity', NULL), ('c', '0001-01-01 BC', NULL)",
        )
        pulled = pull(opened(engine, ("id", "d", "t")))
        assert [row["d"] for row in pulled.rows] == ["10000-01-01", "infinity", "0001-01-01 BC"]
        assert pulled.rows[0]["t"] == "2024-03-01 00:30:00+08"
        assert pulled.kinds("d") == [DATE] * 3

    def test_bytes_that_are_no_text_are_a_fault_of_their_row(self, tmp_path: Path) -> None:
        engine = create_engine(f"sqlite:///{tmp_path / 'x.sqlite'}", poolclass=NullPool)
        run(engine, "CREATE TABLE people (id text, name text)", "INSERT INTO people VALUES ('a', CAST(x'CDF5' AS text)), ('b', '王')")
        (frame,) = pull(opened(engine, ("id", "name"))).frames
        assert frame.places["fault"].to_list() == ["encoding", None]
        assert frame.values["name"].to_list() == [None, "王"]


class TestSnapshot:
    def test_changes_during_a_pull_are_not_seen(self, engine: Engine) -> None:
        if engine.dialect.name == "sqlite":
            run(engine, "PRAGMA journal_mode = WAL")
        run(engine, "CREATE TABLE people (id text, name text)", "INSERT INTO people VALUES ('b', 'B'), ('c', 'C'), ('d', 'D')")
        reading = opened(engine, ("id", "name"), page_size=1)
        parts = reading.read(reading.offers(None, None)[0])
        first = next(parts)
        run(engine, "DELETE FROM people WHERE id = 'd'", "INSERT INTO people VALUES ('bb', 'new')")
        rest = list(parts)
        assert isinstance(first, Frame)
        assert [row for frame in rest if isinstance(frame, Frame) for row in frame.values["id"].to_list()] == ["c", "d"]
        assert [part.complete for part in rest if isinstance(part, End)] == [True]

    def test_a_resumed_pull_is_unproven_when_rows_before_it_changed(self, engine: Engine) -> None:
        run(engine, "CREATE TABLE people (id text, name text)", "INSERT INTO people VALUES ('a', 'A'), ('b', 'B'), ('c', 'C')")
        reading = opened(engine, ("id", "name"), page_size=1)
        offer = reading.offers(None, None)[0]
        cursor = pull(reading, offer=offer).frames[1].cursor
        assert pull(reading, cursor, offer).end.complete
        run(engine, "DELETE FROM people WHERE id = 'a'")
        assert not pull(reading, cursor, offer).end.complete

    def test_nothing_is_written(self, engine: Engine) -> None:
        run(engine, "CREATE TABLE people (id text)", "INSERT INTO people VALUES ('a')")
        error = failure(opened(engine, ("id",), as_of_query="DELETE FROM people"))
        assert error.code == "refused_source"
        assert values(engine, ("id",)) == [{"id": "a"}]


class TestOffers:
    def test_date_of_the_data_comes_from_the_source(self, engine: Engine) -> None:
        run(engine, "CREATE TABLE people (id text)", "INSERT INTO people VALUES ('a')", "CREATE TABLE told (as_of text)")
        run(engine, "INSERT INTO told VALUES ('2024-01-31')")
        reading = opened(engine, ("id",), as_of_query="SELECT as_of FROM told")
        (offer,) = reading.offers(None, None)
        assert (offer.as_of, offer.kind) == (date(2024, 1, 31), Delivery.SNAPSHOT)
        assert reading.offers(date(2024, 1, 31), None) == []
        run(engine, "UPDATE told SET as_of = '20240229'")
        assert [later.as_of for later in reading.offers(date(2024, 1, 31), None)] == [date(2024, 2, 29)]
        with pytest.raises(YibiaoError) as caught:
            pull(reading, offer=offer)
        assert caught.value.code == "refused_incomplete"

    def test_a_date_that_is_none(self, engine: Engine) -> None:
        run(engine, "CREATE TABLE people (id text)")
        error = failure(opened(engine, ("id",), as_of_query="SELECT 'soon'"))
        assert (error.code, error.values["place"]) == ("refused_source", "as_of_query")

    @pytest.mark.parametrize("column_type", ["text", "timestamp"])
    def test_changes_since_the_last_pull(self, engine: Engine, column_type: str) -> None:
        """Inclusive: a row stored in the second in which the last pull ended is not lost."""
        run(
            engine,
            f"CREATE TABLE people (id text, updated {column_type})",
            "INSERT INTO people VALUES ('a', '2024-02-01 08:00:00'), ('b', '2024-02-02 08:00:00')",
        )
        reading = opened(engine, ("id", "updated"), updated_at="updated")
        first = pull(reading)
        assert first.end.complete
        run(engine, "INSERT INTO people VALUES ('c', '2024-02-02 08:00:00'), ('z', '2204-01-01 00:00:00')")
        (offer,) = reading.offers(TODAY, first.end.cursor)
        assert offer.kind is Delivery.DELTA
        second = pull(reading, offer=offer)
        assert [row["id"] for row in second.rows] == ["b", "c", "z"]
        assert not second.end.complete
        assert json.loads(str(second.end.cursor))["since"] == "2024-02-02 08:00:00", "a date to come would hide all that follows"

    def test_a_full_pull_when_its_interval_is_over(self, engine: Engine) -> None:
        run(engine, "CREATE TABLE people (id text, updated text)", "INSERT INTO people VALUES ('a', '2024-02-01')")
        agreed = replace(contract(("id", "updated")), ending="full:30d")
        cursor = pull(opened(engine, agreed, updated_at="updated")).end.cursor
        kinds = [
            opened(engine, agreed, today, updated_at="updated").offers(TODAY, cursor)[0].kind
            for today in (date(2024, 3, 30), date(2024, 3, 31))
        ]
        assert kinds == [Delivery.DELTA, Delivery.SNAPSHOT]

    def test_no_change_is_no_refusal(self, engine: Engine) -> None:
        run(engine, "CREATE TABLE people (id text, updated text)", "INSERT INTO people VALUES ('a', '2024-02-01')")
        reading = opened(engine, ("id", "updated"), updated_at="updated")
        cursor = pull(reading).end.cursor
        run(engine, "DELETE FROM people")
        changes = pull(reading, offer=reading.offers(TODAY, cursor)[0])
        assert (changes.rows, changes.end.records, changes.end.complete) == ([], 0, False)
        assert changes.end.cursor == cursor


class TestRefusals:
    def test_unknown_table(self, engine: Engine) -> None:
        run(engine, "CREATE TABLE others (id text)")
        error = failure(opened(engine, ("id",)))
        assert (error.kind, error.code, error.values["place"]) == (Kind.INVALID, "refused_source", "people")

    def test_names_that_differ_in_case_only(self, postgres: str) -> None:
        engine = create_engine(postgres, poolclass=NullPool)
        run(engine, 'CREATE TABLE people (id text, "Id" text)', "INSERT INTO people VALUES ('a', 'b')")
        assert failure(opened(engine, ("id",))).values["place"] == "id, Id"

    def test_login_database_and_role(self, postgres: str) -> None:
        url = make_url(postgres)
        found = {}
        wrongs = {
            "password": url.set(password="hidden-1"),
            "username": url.set(username="nobody-1", password="hidden-1"),
            "database": url.set(database="nowhere"),
        }
        for what, wrong in wrongs.items():
            shown = wrong.render_as_string(hide_password=False)
            error = failure(source(contract(("id",)), {"url": shown, "table": "people"}, SourceContext(Path(), TODAY)))
            assert "hidden-1" not in repr(error) + error.text("zh") + repr(error.values)
            found[what] = error.kind
        assert found == {"password": Kind.UNAUTHENTICATED, "username": Kind.UNAUTHENTICATED, "database": Kind.UNAVAILABLE}

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "x.sqlite").write_text("编号,姓名\n" * 200)
        reading = source(contract(("id",)), {"url": "sqlite:///x.sqlite", "table": "people"}, SourceContext(tmp_path, TODAY))
        assert failure(reading).code == "refused_format"

    @pytest.mark.parametrize(
        "options",
        [
            {"table": "t"},
            {"url": "sqlite:///x", "table": "t", "query": "SELECT 1"},
            {"url": "mysql://h/d", "table": "t"},
            {"url": "not a url", "table": "t"},
            {"url": "sqlite:///x", "table": "t", "page_size": 0},
            {"url": "sqlite:///x", "table": "t", "page_sise": 10},
            {"url": "sqlite://", "table": "t"},
        ],
    )
    def test_options(self, options: dict[str, Any]) -> None:
        with pytest.raises(YibiaoError) as caught:
            source(contract(("id",)), options, SourceContext(Path(), TODAY))
        assert (caught.value.kind, caught.value.code) == (Kind.INVALID, "source_options")

    def test_a_secret_that_nobody_gave(self) -> None:
        with pytest.raises(YibiaoError) as caught:
            source(contract(("id",)), {"url_secret": "hr", "table": "t"}, SourceContext(Path(), TODAY))
        assert caught.value.kind is Kind.UNAUTHENTICATED

    def test_a_secret_url_is_in_no_repr(self, postgres: str) -> None:
        context = SourceContext(Path(), TODAY, {"hr": postgres})
        reading = source(contract(("id",)), {"url_secret": "hr", "table": "people"}, context)
        assert "test-only" not in repr(vars(reading))
        assert failure(reading).code == "refused_source"
