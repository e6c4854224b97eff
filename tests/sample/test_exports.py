"""Each department's export can be read as what it is, looks as such exports do, and holds every planted fault in its place."""

from __future__ import annotations

import csv
import json
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import psycopg
import pytest

from hub.sample import rows as r
from hub.sample import truth
from hub.sample.city import City, build
from hub.sample.deliver import deliver, load_database, records
from hub.sample.exports import KEYS, columns, text

SECOND = date(2026, 10, 31)
# The fields that such systems usually export: typical, not normative.
FIELDS = Path(__file__).parent / "department-fields.csv"


@pytest.fixture(scope="module")
def city() -> City:
    return build(600, 5, SECOND)


@pytest.fixture(scope="module")
def large() -> City:
    """Big enough for the rare habits of the exports."""
    return build(3000, 6, SECOND)


@pytest.fixture(scope="module")
def folder(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sample")
    for delivery in (1, 2):
        deliver(city, delivery, place)
    return place


def sheet(folder: Path, name: str) -> Any:
    return openpyxl.load_workbook(folder / "civil-affairs" / name).active


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_bytes().decode("gb18030").splitlines()))


def test_every_dataset_has_exactly_the_agreed_fields_in_their_order(city: City) -> None:
    agreed: dict[str, list[str]] = {}
    for row in csv.DictReader(FIELDS.read_text("utf-8").splitlines()):
        agreed.setdefault(f"{row['department']}.{row['dataset']}", []).append(row["field_in_export"])
    assert {contract: list(names) for contract, names in columns(city.places).items()} == agreed


def test_public_security_is_gb18030_with_plain_dates(city: City, folder: Path) -> None:
    for delivery, stamp in ((1, "20260930"), (2, "20261031")):
        found = rows_of(folder / "public-security" / f"resident-{stamp}.csv")
        assert found == records(city, r.RESIDENT, delivery)
        assert all(len(row["出生日期"]) == 8 and len(row["更新时间"]) == 14 for row in found)
        assert {row["是否流动人口"] for row in found} == {"0", "1"}
    assert "00000000" in {row["来本地日期"] for row in found}
    assert rows_of(folder / "public-security" / "deregistration-20261031.csv") == records(city, r.DEREGISTRATION, 2)


def test_the_allowance_workbook_has_titles_merged_households_and_a_total(city: City, folder: Path) -> None:
    page = sheet(folder, "minimum-living-20261031.xlsx")
    lines = list(page.iter_rows(values_only=True))
    assert lines[0][0].endswith("最低生活保障对象花名册")
    assert list(lines[2]) == list(columns(city.places)[r.MINIMUM_LIVING])
    written = records(city, r.MINIMUM_LIVING, 2)
    assert [line[8] for line in lines[3 : 3 + len(written)]] == [record["成员身份证号"] for record in written]
    assert lines[3 + len(written)][0] == "合计"
    down = [merged for merged in page.merged_cells.ranges if merged.size["rows"] > 1]
    assert {merged.min_col for merged in down} == {1, 2, 3, 4, 5, 6, 7, 14, 15, 16, 17, 18, 19}
    texts = [record["月保障金额(元)"] for record in written]
    assert any("," in text for text in texts)
    assert {"年" in record["起始保障年月"] for record in written} == {True, False}


def test_civil_affairs_writes_words_blanks_old_ids_serial_dates_and_armour(large: City, folder: Path) -> None:
    members = records(large, r.MINIMUM_LIVING, 2)
    assert any("  " in record["成员姓名"] for record in members)
    old = [record["成员身份证号"] for record in members if len(str(record["成员身份证号"])) == 15]
    assert old
    assert any(str(record["成员身份证号"]).endswith("x") for record in members)
    armed = [record["身份证号"] for record in records(large, r.OLD_AGE, 2)]
    assert any(text.endswith("\t") for text in armed)
    assert any(text.startswith("'") for text in armed)
    page = sheet(folder, "disability-20260930.xlsx")
    cells = [row[5] for row in page.iter_rows(min_row=4) if row[5].value is not None]
    assert any(isinstance(cell.value, datetime) and cell.number_format == "yyyy-mm-dd" for cell in cells)
    assert "长期" in [row[6].value for row in page.iter_rows(min_row=4)]


def test_human_resources_is_a_database_with_views(city: City, folder: Path) -> None:
    connection = sqlite3.connect(folder / "human-resources" / "hr.db")
    try:
        assert connection.execute("SELECT max(as_of) FROM v_delivery").fetchone() == ("2026-10-31",)
        found = connection.execute('SELECT * FROM v_insurance ORDER BY "个人编号", "险种类型"').fetchall()
        employed = connection.execute('SELECT count(*) FROM v_employment WHERE "就业状态" = ?', ("10",)).fetchone()
    finally:
        connection.close()
    assert found == [tuple(record.values()) for record in records(city, r.INSURANCE, 2)]
    assert employed[0] > 50


def test_human_resources_can_run_on_postgresql(city: City, postgres: str) -> None:
    with psycopg.connect(postgres.replace("+psycopg", "")) as connection:
        for delivery in (1, 2):
            load_database(city, delivery, connection, psycopg.paramstyle)
        days = connection.execute("SELECT as_of FROM v_delivery").fetchall()
        count = connection.execute("SELECT count(*) FROM v_insurance").fetchone()
    assert days == [(SECOND,)]
    assert count == (len(records(city, r.INSURANCE, 2)),)


def test_education_is_lines_of_json_and_parquet(city: City, folder: Path) -> None:
    text = (folder / "education" / "enrolment-20261031.ndjson").read_text("utf-8")
    pupils = [json.loads(line) for line in text.splitlines()]
    assert pupils == records(city, r.ENROLMENT, 2)
    assert {"小学", "初中"} <= {pupil["xd"] for pupil in pupils}
    assert "1" in {pupil["mzm"] for pupil in pupils}
    schools = pl.read_parquet(folder / "education" / "school-20260930.parquet")
    assert schools.to_dicts() == records(city, r.SCHOOL, 1)


def test_names_have_rare_characters_and_dots_that_gb18030_carries(large: City) -> None:
    names = "".join(record["姓名"] for record in records(large, r.RESIDENT, 2))
    assert "·" in names
    assert any(ord(character) > 0xFFFF or 0x3400 <= ord(character) <= 0x4DBF for character in names)
    assert names.encode("gb18030").decode("gb18030") == names


def test_every_planted_fault_stands_in_the_export(city: City) -> None:
    seen = 0
    for contract in r.CONTRACTS:
        for delivery in (1, 2):
            written = records(city, contract, delivery)
            held = truth.held(city, contract, delivery)
            for number, fault in held.items():
                record = written[number - 1]
                assert fault.key == tuple(text(record[name]) for name in KEYS[contract])
                if fault.twin is None:
                    assert record[fault.field] == fault.value
                else:
                    twins = [written[other - 1] for other in held if held[other] is fault]
                    assert len(twins) == 2
                    assert twins[0][fault.field] == twins[1][fault.field]
                    assert twins[0] != twins[1]
                seen += 1
    planted = [fault for fault in city.faults if fault.kind == "quarantine"]
    assert seen == len(planted) + sum(fault.twin is not None for fault in planted)


def test_numbers_that_excel_rounded_are_number_cells(city: City, folder: Path) -> None:
    rounded = [fault for fault in city.faults if fault.rule == "numeric_identifier"]
    assert len(rounded) == 2
    page = sheet(folder, "minimum-living-20260930.xlsx")
    numbers = [row[8].value for row in page.iter_rows(min_row=4) if row[8].data_type == "n" and row[8].value is not None]
    assert len(numbers) == 1


def test_no_fault_shows_a_personal_value_in_its_repr(city: City) -> None:
    for fault in city.faults:
        assert fault.person == "" or fault.person not in repr(fault)
