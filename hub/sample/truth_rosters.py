"""What the four rosters should hold, line by line; lines in the order of their keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from hub.sample import rows as r
from hub.sample.known import Known

Lines = list[tuple[str, dict[str, Any]]]


def _numbered(lines: Iterable[tuple[str, dict[str, Any]]]) -> Lines:
    ordered = sorted(lines, key=lambda line: line[0])
    return [(key, {"序号": number, **cells}) for number, (key, cells) in enumerate(ordered, 1)]


def low_income(known: Known, village: str, start: date, end: date) -> Lines:
    """A line a certificate whose holder lives in the village."""
    lines = []
    for number, members in known.allowances.items():
        row = members[0]
        holder = known.residents[row.head_id]
        if holder.village != village:
            continue
        lines.append((number, {
            "村(社区)": holder.village,
            "户主姓名": holder.name,
            "户主身份证号码": holder.citizen_id,
            "低保证号": number,
            "居民类型(城保/农保)": row.category,
            "家庭人口": known.household_size[holder.household],
            "保障人数": row.covered_persons,
            "其中:重点保障人数": sum(member.priority for member in members),
            "其中:残疾人数": sum(known.disabled(member.citizen_id, end) for member in members),
            "起始保障年月": row.start_month,
            "领取金额": row.family_supplement + row.priority_aid + row.disability_aid,
            "其中:家庭补差": row.family_supplement,
            "其中:重点救助": row.priority_aid,
            "其中:残疾人救助": row.disability_aid,
            "开户银行": row.bank,
            "银行账号": row.account,
            "近期家庭变化": None,
        }))  # fmt: skip
    return _numbered(lines)


def elderly(known: Known, village: str, start: date, end: date) -> Lines:
    """A line a person of 80 and over who lives in the village."""
    lines = []
    for person in known.living_in(village):
        years = known.age(person.citizen_id, end)
        if years < 80:
            continue
        record = known.health.get(person.citizen_id)
        pension = known.pension(person.citizen_id)
        allowance = known.old_age.get(person.citizen_id)
        checkup = record.checkup_date if record is not None else None
        lines.append((person.citizen_id, {
            **_who(person),
            "出生日期": person.birth_date,
            "年龄": years,
            "家庭住址": person.address,
            "是否独居": known.household_size[person.household] == 1,
            "是否失能": None if record is None else record.care_level in ("2", "3"),
            "家庭医生签约": None if record is None else record.family_doctor,
            "慢性病种": list(record.chronic_diseases) if record is not None and record.chronic_diseases else None,
            "本年度体检日期": checkup if checkup is not None and checkup.year == end.year else None,
            "养老金类别": pension.kind if pension is not None else None,
            "月养老金(元)": pension.pension_amount if pension is not None else None,
            "高龄津贴标准(元)": allowance.amount if allowance is not None and allowance.live else None,
            "生存状态": known.life_status(person.citizen_id),
            "本季度走访日期": None,
            "走访情况": None,
        }))  # fmt: skip
    return _numbered(lines)


def disability_subsidy(known: Known, village: str, start: date, end: date) -> Lines:
    """A line a person who lives in the village and gets either subsidy."""
    lines = []
    for person in known.living_in(village):
        row = known.disabilities.get(person.citizen_id)
        if row is None or not (row.living_subsidy or row.care_subsidy):
            continue
        lines.append((person.citizen_id, {
            **_who(person),
            "残疾证号": row.certificate_no,
            "残疾类别": row.category,
            "残疾等级": row.grade,
            "是否低保": person.citizen_id in known.allowance_members,
            "困难残疾人生活补贴(元)": row.living_subsidy,
            "重度残疾人护理补贴(元)": row.care_subsidy,
            "合计(元)": (row.living_subsidy or 0) + (row.care_subsidy or 0),
            "监护人姓名": known.guardian(person.citizen_id),
            "联系电话": known.phone(person.citizen_id),
            "开户银行": None,  # the list of certificates names no account
            "银行账号": None,
            "备注": None,
        }))  # fmt: skip
    return _numbered(lines)


def school_age_children(known: Known, village: str, start: date, end: date) -> Lines:
    """A line a child of 6 to 15 who lives in the village."""
    poor = {known.residents[person].household for person in known.allowance_members if person in known.living}
    lines = []
    for child in known.living_in(village):
        if not 6 <= known.age(child.citizen_id, end) <= 15:
            continue
        head = known.head(child.citizen_id)
        place = known.studying(child.citizen_id)
        any_place = known.enrolments.get(child.citizen_id)
        lines.append((child.citizen_id, {
            "村(社区)": child.village,
            "姓名": child.name,
            "性别": child.sex,
            "民族": child.ethnic_group,
            "身份证号码": child.citizen_id,
            "出生日期": child.birth_date,
            "监护人姓名": known.residents[head].name,
            "联系电话": known.phone(head) or known.phone(child.citizen_id),
            "学籍号": place.student_number if place else None,
            "就读学校": place.school_name if place else None,
            "学段": place.stage if place else None,
            "年级": place.grade if place else None,
            "是否寄宿": place.attendance == "2" if place else None,
            "是否残疾": known.disabled(child.citizen_id, end),
            "是否低保家庭": child.household in poor,
            "是否留守儿童": any_place.left_behind if any_place else None,
            "未入学原因": None,
            "劝返情况": None,
        }))  # fmt: skip
    return _numbered(lines)


def _who(person: r.Resident) -> dict[str, Any]:
    return {"村(社区)": person.village, "姓名": person.name, "性别": person.sex, "身份证号码": person.citizen_id}
