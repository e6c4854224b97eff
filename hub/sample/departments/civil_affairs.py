"""Civil affairs: workbooks made for the eye. Titles above the header, merged cells, words, numbers as text, a total below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from hub.sample.identity import fifteen
from hub.sample.places import Places
from hub.sample.rows import DISABILITY, EXTREME_DIFFICULTY, MARRIAGE, MINIMUM_LIVING, OLD_AGE

_MARITAL = {"10": "未婚", "20": "已婚", "30": "丧偶", "40": "离异"}
_DISABILITIES = {"1": "视力", "2": "听力", "3": "言语", "4": "肢体", "5": "智力", "6": "精神", "7": "多重"}
_GRADES = {"1": "一级", "2": "二级", "3": "三级", "4": "四级"}


def _name(value: str | None) -> str | None:
    """Two-character names are spread with blanks; the dot of minority names is another one than public security's."""
    if value is None:
        return None
    if len(value) == 2:
        return f"{value[0]}  {value[1]}"
    return value.replace("·", "•")


def _id(value: str) -> str:
    return value.lower()


def _old_id(value: str) -> str:
    """Some of the older people still stand with their fifteen digits; the rest with a lower-case x."""
    return fifteen(value) if value[6:8] == "19" and int(value[12:14]) % 8 == 3 else value.lower()


def _armed_id(value: str) -> str:
    """Armour against Excel now and then: an apostrophe before, or a tab behind."""
    lot = int(value[10:14]) % 9
    return "'" + value if lot == 0 else value + "\t" if lot == 1 else value


def _yuan(fen: int | None) -> float | None:
    return None if fen is None else fen / 100


def _yuan_text(fen: int | None) -> str | None:
    return None if fen is None else f"{fen / 100:,.2f}"


def _dotted_month(value: date) -> str:
    return f"{value.year}年{value.month}月" if value.month % 3 == 0 else f"{value:%Y.%m}"


def _plain_month(value: date) -> str:
    return f"{value:%Y%m}" if value.month % 2 else f"{value:%Y.%m}"


def columns(places: Places) -> Mapping[str, Mapping[str, Callable[[Any], Any]]]:
    """Places are written as names here, so the tree is needed."""
    return {**_allowances(places), **_persons(places), **_acts()}


def _allowances(places: Places) -> Mapping[str, Mapping[str, Callable[[Any], Any]]]:
    return {
        MINIMUM_LIVING: {
            "地区": lambda row: places.path(row.village),
            "户主姓名": lambda row: _name(row.head_name),
            "户主身份证号": lambda row: _id(row.head_id),
            "低保证号": lambda row: row.certificate_no,
            "保障类别": lambda row: "城市低保" if row.category == "1" else "农村低保",
            "家庭人口": lambda row: row.size,
            "保障人数": lambda row: str(row.covered_persons),
            "成员姓名": lambda row: _name(row.name),
            "成员身份证号": lambda row: _old_id(row.citizen_id),
            "与户主关系": lambda row: row.kinship,
            "婚姻状况": lambda row: _MARITAL[row.marital_status],
            "健康状况": lambda row: row.health,
            "是否重点保障": lambda row: "是" if row.priority else "否",
            "月保障金额(元)": lambda row: _yuan_text(row.family_supplement),
            "重点救助(元)": lambda row: _yuan(row.priority_aid),
            "残疾人救助(元)": lambda row: _yuan_text(row.disability_aid),
            "起始保障年月": lambda row: _dotted_month(row.start_month),
            "开户银行": lambda row: row.bank,
            "银行账号": lambda row: row.account,
        },
    }


def _persons(places: Places) -> Mapping[str, Mapping[str, Callable[[Any], Any]]]:
    return {
        DISABILITY: {
            "姓名": lambda row: _name(row.name),
            "身份证号": lambda row: _id(row.citizen_id),
            "残疾证号": lambda row: row.certificate_no,
            "残疾类别": lambda row: _DISABILITIES[row.category],
            "残疾等级": lambda row: _GRADES[row.grade],
            "发证日期": lambda row: row.issued_on,
            "有效期至": lambda row: row.valid_until or "长期",
            "困难残疾人生活补贴": lambda row: _yuan_text(row.living_subsidy),
            "重度残疾人护理补贴": lambda row: _yuan(row.care_subsidy),
            "监护人": lambda row: _name(row.guardian_name),
            "联系电话": lambda row: row.phone,
            "户籍地": lambda row: places.path(row.registered_village),
        },
        OLD_AGE: {
            "村(社区)": lambda row: places.name(row.village),
            "姓名": lambda row: _name(row.name),
            "身份证号": lambda row: _armed_id(row.citizen_id),
            "津贴标准(元/月)": lambda row: _yuan(row.amount),
            "享受起始年月": lambda row: _plain_month(row.start_month),
            "发放状态": lambda row: "在享" if row.live else "停发",
            "停发原因": lambda row: row.end_reason,
            "开户银行": lambda row: row.bank,
            "银行账号": lambda row: row.account,
        },
        EXTREME_DIFFICULTY: {
            "供养对象姓名": lambda row: _name(row.name),
            "身份证号码": lambda row: _id(row.citizen_id),
            "供养证号": lambda row: row.certificate_no,
            "供养方式": lambda row: row.support_mode,
            "自理能力": lambda row: row.self_care,
            "基本生活标准(元/月)": lambda row: _yuan_text(row.living_standard),
            "照料护理标准(元/月)": lambda row: _yuan(row.care_standard),
            "监护人(照料人)": lambda row: _name(row.guardian_name),
            "联系电话": lambda row: row.phone,
            "开户银行": lambda row: row.bank,
            "银行账号": lambda row: row.account,
        },
    }


def _acts() -> Mapping[str, Mapping[str, Callable[[Any], Any]]]:
    return {
        MARRIAGE: {
            "登记类别": lambda row: row.event,
            "登记日期": lambda row: f"{row.date:%Y-%m-%d}",
            "男方身份证号": lambda row: row.husband_id,
            "男方姓名": lambda row: row.husband_name,
            "女方身份证号": lambda row: row.wife_id,
            "女方姓名": lambda row: row.wife_name,
            "证件字号": lambda row: row.certificate_no,
        },
    }


@dataclass(frozen=True, slots=True)
class Layout:
    """How a list looks as a workbook: its title, the columns merged down over rows of one group, the columns added up."""

    title: str
    merged: tuple[str, ...] = ()
    group: str = ""
    summed: str = ""


LAYOUTS = {
    MINIMUM_LIVING: Layout(
        "最低生活保障对象花名册",
        ("地区", "户主姓名", "户主身份证号", "低保证号", "保障类别", "家庭人口", "保障人数", "月保障金额(元)", "重点救助(元)",
         "残疾人救助(元)", "起始保障年月", "开户银行", "银行账号"),
        "低保证号", "月保障金额(元)",
    ),
    DISABILITY: Layout("残疾人两项补贴人员名册", summed="困难残疾人生活补贴"),
    OLD_AGE: Layout("高龄津贴发放名册", summed="津贴标准(元/月)"),
    EXTREME_DIFFICULTY: Layout("特困人员供养名册", summed="基本生活标准(元/月)"),
    MARRIAGE: Layout("婚姻登记台账"),
}  # fmt: skip
_FIRST_ROW = 3  # zero-based: two title lines and the header come first


def write(records: Sequence[Mapping[str, Any]], names: Sequence[str], layout: Layout, day: date, path: Path) -> None:
    """One workbook with one sheet."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
        book.set_properties({"created": None, "title": layout.title})
        sheet = book.add_worksheet("名册")
        centre = book.add_format({"align": "center", "valign": "vcenter"})
        dated = book.add_format({"num_format": "yyyy-mm-dd"})
        text = book.add_format({"num_format": "@"})
        sheet.merge_range(0, 0, 0, len(names) - 1, f"衢州市{layout.title}", centre)
        sheet.write_string(1, 0, f"填报单位:衢州市民政局    截至{day.year}年{day.month}月{day.day}日    单位:元")
        for column, name in enumerate(names):
            sheet.write_string(2, column, name, centre)
        for row, record in enumerate(records, _FIRST_ROW):
            for column, name in enumerate(names):
                _put(sheet, row, column, record[name], text, dated)
        _merge(sheet, records, names, layout, centre)
        last = _FIRST_ROW + len(records)
        if layout.summed:
            sheet.write_string(last, 0, "合计")
            sheet.write_string(last, list(names).index(layout.summed), f"{_total(records, layout):,.2f}")
        sheet.write_string(last + 1, 0, "填表人:")


def _put(sheet: Any, row: int, column: int, value: Any, text: Any, dated: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value, text)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, dated)
    elif value is not None:
        sheet.write_number(row, column, value)


def _groups(records: Sequence[Mapping[str, Any]], group: str) -> list[tuple[int, int]]:
    """First and last index of each run of equal values."""
    runs: list[tuple[int, int]] = []
    for index, record in enumerate(records):
        if runs and records[runs[-1][0]][group] == record[group]:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def _merge(sheet: Any, records: Sequence[Mapping[str, Any]], names: Sequence[str], layout: Layout, centre: Any) -> None:
    if not layout.group:
        return
    for first, last in _groups(records, layout.group):
        if first == last:
            continue
        for name in layout.merged:
            column = list(names).index(name)
            sheet.merge_range(_FIRST_ROW + first, column, _FIRST_ROW + last, column, records[first][name], centre)


def _total(records: Sequence[Mapping[str, Any]], layout: Layout) -> float:
    runs = _groups(records, layout.group) if layout.group else [(index, index) for index in range(len(records))]
    values = (records[first][layout.summed] for first, _ in runs)
    return sum(float(str(value).replace(",", "")) for value in values if value is not None)
