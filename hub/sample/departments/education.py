"""Education: enrolments as one JSON object a line, schools as Parquet; pinyin initials for names, words for codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from hub.sample.places import Places
from hub.sample.rows import ENROLMENT, SCHOOL

_STAGES = {"1": "幼儿园", "2": "小学", "3": "初中", "4": "普通高中", "5": "中职"}
_STATUS = {"1": "在读", "2": "休学", "3": "转出", "4": "毕业", "5": "辍学"}
_AID = {"1": "营养改善", "2": "寄宿生生活补助", "3": "国家助学金", "4": "免学费", "9": "其他"}


def columns(places: Places) -> Mapping[str, Mapping[str, Callable[[Any], Any]]]:
    """The home village is written as a name, so the tree is needed."""
    return {
        ENROLMENT: {
            "xjh": lambda row: row.student_number,
            "sfzjh": lambda row: row.citizen_id,
            "xm": lambda row: row.name,
            "xbm": lambda row: row.sex,
            "csrq": lambda row: f"{row.birth_date:%Y%m%d}",
            "mzm": lambda row: row.ethnic_group.lstrip("0"),
            "xxbsm": lambda row: row.school_code,
            "xxmc": lambda row: row.school_name,
            "xd": lambda row: _STAGES[row.stage],
            "nj": lambda row: row.grade,
            "bjmc": lambda row: row.class_name,
            "rxny": lambda row: f"{row.entered:%Y%m}",
            "jdfs": lambda row: "住校" if row.attendance == "2" else "走读",
            "sflset": lambda row: "Y" if row.left_behind else "N",
            "zzqk": lambda row: "、".join(_AID[code] for code in row.aid),
            "xszt": lambda row: _STATUS[row.status],
            "hkszd": lambda row: "" if row.registered_village is None else places.path(row.registered_village),
        },
        SCHOOL: {
            "xxbsm": lambda row: row.school_code,
            "xxmc": lambda row: row.name,
            "tyshxydm": lambda row: row.code,
            "bxlx": lambda row: row.kind,
            "szd": lambda row: row.division,
            "xsrs": lambda row: row.pupils,
            "jsrs": lambda row: row.teachers,
        },
    }


def write_lines(records: Sequence[Mapping[str, Any]], path: Path) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def write_parquet(records: Sequence[Mapping[str, Any]], names: Sequence[str], path: Path) -> None:
    numbers = ("xsrs", "jsrs")
    schema = {name: pl.Int64() if name in numbers else pl.String() for name in names}
    pl.DataFrame([dict(record) for record in records], schema=schema).write_parquet(path)
