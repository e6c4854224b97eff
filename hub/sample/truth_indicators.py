"""What the two statistical forms should hold: counts by village, sums, and rates taken after the sum."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hub.sample.known import Known

Lines = list[tuple[str, dict[str, Any]]]
TOTAL = "total"
AFTER_BIRTH = timedelta(days=42)  # so long a mother is counted as newly delivered


def rate(part: int, whole: int) -> Decimal | None:
    """A percentage with two decimals, half up; None where there is nothing to divide by."""
    return None if whole == 0 else (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def insurance_by_village(known: Known, township: str, start: date, end: date) -> Lines:
    """A line a village of the township, with or without people, and the total."""
    villages = known.city.places.villages_of(township)
    counts = {village: _insurance_counts(known, village, start, end) for village in villages}
    counts[TOTAL] = {name: sum(counted[name] for counted in counts.values()) for name in next(iter(counts.values()))}
    return [(key, _insurance_cells(None if key == TOTAL else key, counted)) for key, counted in counts.items()]


def _insurance_cells(village: str | None, counted: Mapping[str, int]) -> dict[str, Any]:
    cells: dict[str, Any] = {"村(社区)": village}
    for name, count in counted.items():
        cells[name] = count
        if name == "实参保人数(养老)":
            cells["参保率(%)"] = rate(count, counted["应参保人数(养老)"])
    return {**cells, "未参保原因说明": None}


def _insurance_counts(known: Known, village: str, start: date, end: date) -> dict[str, int]:
    people = [row.citizen_id for row in known.registered(village)]
    on_support = known.allowance_members.keys() | known.supports.keys()
    should = [p for p in people if known.age(p, end) >= 16 and not known.studying(p) and not known.insured(p, "110")]
    covered = {p: row for p in people if (row := known.insured(p, "170")) is not None}
    receiving = [p for p in people if _receives(known, p)]
    medical = [p for p in people if known.insured(p, "390")]
    return {
        "应参保人数(养老)": len(should),
        "实参保人数(养老)": len(covered),
        "其中:困难群体代缴人数": sum(row.paid_by_state for row in covered.values()),
        "待遇领取人数": len(receiving),
        "本月新增领取": sum(known.age(p, end) >= 60 > known.age(p, start - timedelta(days=1)) for p in receiving),
        "本月死亡应停发人数": sum(start <= day <= end and _receives(known, p) for p, day in known.dead_of(village)),
        "应参保人数(医保)": sum(not known.insured(p, "310") for p in people),
        "实参保人数(医保)": len(medical),
        "低保、特困参保人数": sum(p in on_support for p in medical),
        "在校学生参保人数": sum(known.studying(p) is not None for p in medical),
    }


def _receives(known: Known, person: str) -> bool:
    return any(row.kind == "170" and row.receiving for row in known.insurances.get(person, []))


def village_basics(known: Known, unit: str, start: date, end: date) -> Lines:
    """One line for a village, or for a township the sums of its villages."""
    places = known.city.places
    villages = places.villages_of(unit) if places.tree[unit].level == "township" else (unit,)
    parts = [_basics(known, village, start, end) for village in villages]
    cells: dict[str, Any] = {name: sum(part[name] for part in parts) for name in parts[0]}
    signed = cells.pop("家庭医生签约人数")
    cells["家庭医生签约率(%)"] = rate(signed, cells["常住人口"])
    entries = ("村民小组数", "耕地面积(亩)", "村集体经济收入(万元)", "本期走访户数", "本期调解纠纷数")
    return [(unit, {**cells, **dict.fromkeys(entries)})]


def _basics(known: Known, village: str, start: date, end: date) -> dict[str, int]:
    registered = known.registered(village)
    here = known.living_in(village)
    ages = [known.age(row.citizen_id, end) for row in registered]

    def among(low: int, high: int = 200) -> int:
        return sum(low <= years <= high for years in ages)

    return {
        "户籍总户数": len({row.household for row in registered}),
        "户籍总人口": len(registered),
        "其中:男": sum(row.sex == "1" for row in registered),
        "其中:女": sum(row.sex == "2" for row in registered),
        "常住人口": len(here),
        "流动人口(流入)": sum(row.is_floating for row in here),
        "流动人口(流出)": sum(row.village != village for row in registered),
        "0-6岁人数": among(0, 6),
        "7-15岁人数": among(7, 15),
        "16-59岁人数": among(16, 59),
        "60岁及以上人数": among(60),
        "80岁及以上人数": among(80),
        "少数民族人口": sum(row.ethnic_group != "01" for row in registered),
        **_services(known, village, {row.citizen_id for row in registered}, {row.citizen_id for row in here}, start, end),
    }


def _services(known: Known, village: str, registered: set[str], here: set[str], start: date, end: date) -> dict[str, int]:
    """The counts that rest on other departments' records; ``registered`` and ``here`` are living people."""

    def count(people: Iterable[str], test: Callable[[str], Any]) -> int:
        return sum(bool(test(person)) for person in people)

    def has(people: set[str], kind: str) -> int:
        return count(people, lambda p: known.insured(p, kind))

    mothers = [p for p in known.pregnancies if p.citizen_id in known.residents and known.residents[p.citizen_id].village == village]
    holders = [rows[0].head_id for rows in known.allowances.values()]
    covered = [rows for rows in known.allowances.values() if known.residents[rows[0].head_id].village == village]
    employed = {p for p, row in known.employments.items() if row.status == "1"}
    stages = {p: place.stage for p in here if (place := known.studying(p)) is not None}
    return {
        "本期出生人数": sum(p.delivered_on is not None and start <= p.delivered_on <= end for p in mothers),
        "本期死亡人数": sum(start <= day <= end for _, day in known.dead_of(village)),
        "低保户数": sum(known.residents[holder].village == village for holder in holders),
        "低保人数": sum(len(rows) for rows in covered),
        "特困供养人数": sum(known.residents[p].village == village for p in known.supports),
        "持证残疾人数": count(registered, lambda p: known.disabled(p, end)),
        "重度残疾人数": count(registered, lambda p: known.disabled(p, end) and known.disabilities[p].grade in ("1", "2")),
        "就业人数": len(here & employed),
        "登记失业人数": count(here, lambda p: p in known.employments and known.employments[p].status == "2"),
        "外出务工人数": count(registered & employed, lambda p: known.residents[p].village != village),
        "城乡居民养老保险参保人数": has(registered, "170"),
        "城乡居民医疗保险参保人数": has(registered, "390"),
        "在校学生数": count(stages, lambda p: stages[p] != "1"),
        "学前教育在园人数": count(stages, lambda p: stages[p] == "1"),
        "孕产妇人数": sum(
            p.citizen_id in known.living and (p.delivered_on is None or p.delivered_on >= end - AFTER_BIRTH) for p in mothers
        ),
        "慢性病管理人数": count(here, lambda p: p in known.health and known.health[p].chronic_diseases),
        "家庭医生签约人数": count(here, lambda p: p in known.health and known.health[p].family_doctor),
    }  # fmt: skip
