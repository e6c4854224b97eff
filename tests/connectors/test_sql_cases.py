"""The cases SQL-* of ``tests/cases/intake``, as far as the connector decides them: what it hands on to the checks."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from connectors.sql import source
from hub.intake.conformance import contract, failure, pull
from hub.intake.port import DATE, TEXT, Source, SourceContext

CASES = Path(__file__).parents[1] / "cases" / "intake"
COLUMNS = ("个人编号", "社会保障号码", "姓名", "险种类型", "参保状态", "更新时间")
CONTEXT = SourceContext(Path(), date(2024, 3, 1))


def on_sqlite(case: str, folder: Path, columns: tuple[str, ...] = COLUMNS, **options: object) -> Source:
    path = folder / "case.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript((CASES / f"{case}.sql").read_text("utf-8"))
    connection.close()
    return source(contract(columns), {"url": f"sqlite:///{path}", "table": "v_insurance", **options}, CONTEXT)


def on_postgresql(case: str, url: str, columns: tuple[str, ...] = COLUMNS, **options: object) -> Source:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        connection.execute((CASES / f"{case}.sql").read_bytes())
    return source(contract(columns), {"url": url, "table": "v_insurance", **options}, CONTEXT)


def test_sql_01_ids_in_a_number_column(tmp_path: Path) -> None:
    pulled = pull(on_sqlite("SQL-01", tmp_path, (*COLUMNS, "月待遇金额")))
    assert [row["社会保障号码"] for row in pulled.rows] == ["330802195106088035", "330802195304228078", "33080219670212835X"]
    assert pulled.kinds("社会保障号码") == [TEXT] * 3
    assert {row["月待遇金额"] for row in pulled.rows} == {"0"}


def test_sql_03_blanks_behind_also_in_the_key(tmp_path: Path) -> None:
    reading = on_sqlite("SQL-03", tmp_path, key=["社会保障号码"], page_size=2)
    offer = reading.offers(None, None)[0]
    whole = pull(reading, offer=offer)
    assert [row["社会保障号码"] for row in whole.rows] == ["330802195106088035  ", "33080219521115804X  ", "330802195304228078  "]
    assert "33080219521115804X  " in str(whole.frames[0].cursor), "the position is the database's own value"
    assert pull(reading, whole.frames[0].cursor, offer).rows == whole.rows[2:]


def test_sql_03_on_postgresql(postgres: str) -> None:
    reading = on_postgresql("SQL-03", postgres, key=["社会保障号码"], page_size=1)
    offer = reading.offers(None, None)[0]
    whole = pull(reading, offer=offer)
    assert [str(row["姓名"]).rstrip() for row in whole.rows] == ["李样乙", "张样丙", "刘样丁"]
    assert pull(reading, whole.frames[0].cursor, offer).rows == whole.rows[1:]


def test_sql_05_names_in_the_case_of_the_database(tmp_path: Path) -> None:
    pulled = pull(on_sqlite("SQL-05.1", tmp_path, ("personal_no", "citizen_id", "name")))
    assert pulled.rows == [{"personal_no": "3308000001", "citizen_id": "330802195106088035", "name": "李样乙"}]


def test_sql_05_two_names_that_differ_in_case(postgres: str) -> None:
    error = failure(on_postgresql("SQL-05.2", postgres, ("personal_no", "citizen_id", "name")))
    assert (error.code, error.values["place"]) == ("refused_columns", "name, NAME")


def test_sql_07_dates_outside_the_calendar(postgres: str) -> None:
    pulled = pull(on_postgresql("SQL-07", postgres))
    assert [row["更新时间"] for row in pulled.rows] == [
        "2024-03-01 08:30:00", "infinity", "0044-03-15 00:00:00 BC", "48113-11-21 00:00:00",
    ]  # fmt: skip
    assert pulled.kinds("更新时间") == [DATE] * 4


@pytest.mark.parametrize("case", ["SQL-01", "SQL-03"])
def test_every_case_is_proven_complete(case: str, tmp_path: Path) -> None:
    assert pull(on_sqlite(case, tmp_path)).end.complete
