"""Human resources: tables and views in a relational database, own codes, money in cents, months as integers.

Written for any DB-API connection, so that the sample system runs on SQLite and on PostgreSQL alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from hub.sample.rows import EMPLOYMENT, INSURANCE

_STATUS = {"1": "10", "2": "20", "3": "30", "9": "90"}
_EDUCATION = {"11": "1", "14": "2", "20": "3", "30": "4", "40": "5", "60": "6", "70": "7", "80": "8", "90": "9"}


def _month(value: date | None) -> int | None:
    return None if value is None else value.year * 100 + value.month


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _flag(value: bool) -> str:
    return "1" if value else "0"


COLUMNS: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    INSURANCE: {
        "个人编号": lambda row: row.personal_no,
        "社会保障号码": lambda row: row.citizen_id,
        "姓名": lambda row: row.name,
        "险种类型": lambda row: row.kind,
        "参保状态": lambda row: row.status,
        "首次参保年月": lambda row: _month(row.first_month),
        "最近缴费年月": lambda row: _month(row.last_paid_month),
        "缴费档次": lambda row: row.grade,
        "代缴标识": lambda row: _flag(row.paid_by_state),
        "待遇领取标识": lambda row: _flag(row.receiving),
        "月待遇金额": lambda row: row.pension_amount,
        "参保地行政区划": lambda row: row.division,
        "更新时间": lambda row: f"{row.updated_at:%Y-%m-%d %H:%M:%S}",
    },
    EMPLOYMENT: {
        "社会保障号码": lambda row: row.citizen_id,
        "姓名": lambda row: row.name,
        "文化程度": lambda row: _EDUCATION[row.education],
        "就业状态": lambda row: _STATUS[row.status],
        "就业单位统一社会信用代码": lambda row: row.employer_code,
        "就业单位名称": lambda row: row.employer_name,
        "行业": lambda row: row.industry,
        "合同起始日期": lambda row: _day(row.since),
        "失业登记日期": lambda row: _day(row.unemployed_since),
        "失业原因": lambda row: row.reason,
        "就业困难人员": lambda row: _flag(row.hard_to_place),
        "户籍性质": lambda row: row.registration_kind,
    },
}
_NUMBERS = ("首次参保年月", "最近缴费年月", "缴费档次", "月待遇金额")
_TYPES = {**dict.fromkeys(_NUMBERS, "INTEGER"), "更新时间": "TIMESTAMP", "合同起始日期": "DATE", "失业登记日期": "DATE"}
_TABLES = {INSURANCE: ("insured_person", "v_insurance"), EMPLOYMENT: ("employment_record", "v_employment")}
_HOLDERS = {"qmark": "?", "format": "%s", "pyformat": "%s"}


class Cursor(Protocol):
    def execute(self, statement: str, parameters: Any = ..., /) -> Any: ...
    def executemany(self, statement: str, rows: Any, /) -> Any: ...
    def close(self) -> Any: ...


class Connection(Protocol):
    """What is used of a DB-API 2.0 connection."""

    def cursor(self) -> Any: ...
    def commit(self) -> Any: ...
    def rollback(self) -> Any: ...


def statements() -> list[str]:
    """The tables and views, in SQL that SQLite and PostgreSQL read alike."""
    found = ["CREATE TABLE IF NOT EXISTS delivery (as_of DATE NOT NULL)"]
    for contract, (table, view) in _TABLES.items():
        names = COLUMNS[contract]
        columns = ", ".join(f'"{name}" {_TYPES.get(name, "VARCHAR(200)")}' for name in names)
        found.append(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
        found.append(f"DROP VIEW IF EXISTS {view}")
        found.append(f"CREATE VIEW {view} AS SELECT {', '.join(_quoted(names))} FROM {table}")
    return [*found, "DROP VIEW IF EXISTS v_delivery", "CREATE VIEW v_delivery AS SELECT as_of FROM delivery"]


def load(connection: Connection, records: Mapping[str, Sequence[Mapping[str, Any]]], day: date, paramstyle: str) -> None:
    """Replaces what the database holds, in one transaction. ``paramstyle``: qmark, format or pyformat (DB-API 2.0)."""
    holder = _HOLDERS[paramstyle]
    cursor: Cursor = connection.cursor()
    try:
        for statement in statements():
            cursor.execute(statement)
        cursor.execute("DELETE FROM delivery")
        cursor.execute(f"INSERT INTO delivery (as_of) VALUES ({holder})", (day.isoformat(),))
        for contract, (table, _) in _TABLES.items():
            names = list(COLUMNS[contract])
            cursor.execute(f"DELETE FROM {table}")
            insert = f"INSERT INTO {table} ({', '.join(_quoted(names))}) VALUES ({', '.join([holder] * len(names))})"
            cursor.executemany(insert, [tuple(record[name] for name in names) for record in records[contract]])
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        cursor.close()


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]
