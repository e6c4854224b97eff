"""Public security: CSV files in GB18030, national codes, dates as YYYYMMDD."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hub.sample.rows import DEREGISTRATION, RESIDENT


def _day(value: date | None) -> str:
    return "" if value is None else f"{value:%Y%m%d}"


def _known_day(value: date | None) -> str:
    return "00000000" if value is None else f"{value:%Y%m%d}"


def _moment(value: datetime) -> str:
    return f"{value:%Y%m%d%H%M%S}"


COLUMNS: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    RESIDENT: {
        "公民身份号码": lambda row: row.citizen_id,
        "姓名": lambda row: row.name,
        "性别": lambda row: row.sex,
        "民族": lambda row: row.ethnic_group,
        "出生日期": lambda row: _day(row.birth_date),
        "户号": lambda row: row.household,
        "与户主关系": lambda row: row.kinship,
        "户主公民身份号码": lambda row: row.head_id,
        "户别": lambda row: row.registration_type,
        "户籍地行政区划": lambda row: row.registered_division,
        "户籍村(居)委会代码": lambda row: row.registered_village or "",
        "户籍地址": lambda row: row.registered_address,
        "实际居住地村(居)委会代码": lambda row: row.village,
        "实际居住地址": lambda row: row.address,
        "是否流动人口": lambda row: "1" if row.is_floating else "0",
        "来本地日期": lambda row: _known_day(row.since) if row.is_floating else "",
        "居住证号": lambda row: row.permit_no or "",
        "人员状态": lambda row: row.life_status,
        "更新时间": lambda row: _moment(row.updated_at),
    },
    DEREGISTRATION: {
        "公民身份号码": lambda row: row.citizen_id,
        "姓名": lambda row: row.name,
        "注销类别": lambda row: row.kind,
        "死亡日期": lambda row: _day(row.death_date),
        "注销日期": lambda row: _day(row.date),
        "迁往地行政区划": lambda row: row.moved_to or "",
        "登记单位": lambda row: row.office,
    },
}


def write(records: Sequence[Mapping[str, Any]], columns: Sequence[str], path: Path) -> None:
    """One CSV file, comma separated, CRLF, GB18030."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(columns), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(records)
    path.write_bytes(text.getvalue().encode("gb18030"))
