"""What the truth ledger says of reports: official columns in their order, sums that hold, and rows held back that count as before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from hub.sample import rows as r
from hub.sample import truth
from hub.sample.city import City, build
from hub.sample.faults import DEAD_WITH_PENSION
from hub.sample.known import Known, rows_known
from hub.sample.truth_indicators import rate

SECOND = date(2026, 10, 31)
MONTH = (date(2026, 10, 1), SECOND)
FORMS = Path(__file__).parents[2] / "schemas" / "forms"


@pytest.fixture(scope="module")
def city() -> City:
    return build(2000, 8, SECOND)


@pytest.fixture(scope="module")
def known(city: City) -> Known:
    return Known(city, 2)


def lines(city: City, known: Known, form: str, unit: str) -> list[truth.Line]:
    (found,) = truth.report(city, form, unit, *MONTH, known).values()
    return found


@pytest.mark.parametrize("form", truth.FORMS)
def test_every_report_has_the_form_s_sections_and_columns_in_their_order(city: City, known: Known, form: str) -> None:
    written = YAML(typ="safe").load((FORMS / f"{form}.yaml").read_text("utf-8"))
    agreed = {section["name"]: [field["title"]["zh"] for field in section["fields"]] for section in written["sections"]}
    units = city.places.townships if written["unit"] == "township" else city.places.villages
    reports = [truth.report(city, form, unit, *MONTH, known) for unit in units]
    assert any(line for report in reports for found in report.values() for line in found)
    for report in reports:
        assert report.keys() == agreed.keys()
        for name, found in report.items():
            assert all(sorted(line["cells"]) == sorted(agreed[name]) for line in found)
            assert all(list(line["cells"]) == agreed[name] for line in found)


def test_the_sums_of_the_official_forms_hold(city: City, known: Known) -> None:
    for village in city.places.villages:
        cells = lines(city, known, "village-basics", village)[0]["cells"]
        assert cells["户籍总人口"] == cells["其中:男"] + cells["其中:女"]
        assert cells["户籍总人口"] == sum(cells[f"{band}人数"] for band in ("0-6岁", "7-15岁", "16-59岁", "60岁及以上"))
        for line in lines(city, known, "low-income-roster", village):
            row = line["cells"]
            assert row["领取金额"] == row["其中:家庭补差"] + row["其中:重点救助"] + row["其中:残疾人救助"]
            assert max(row["其中:重点保障人数"], row["其中:残疾人数"]) <= row["保障人数"] <= row["家庭人口"]


def test_a_township_is_the_sum_of_its_villages_and_its_rate_is_taken_after(city: City, known: Known) -> None:
    township = city.places.townships[0]
    whole = lines(city, known, "village-basics", township)[0]["cells"]
    parts = [lines(city, known, "village-basics", village)[0]["cells"] for village in city.places.villages_of(township)]
    for title in ("户籍总人口", "常住人口", "低保人数", "慢性病管理人数", "在校学生数"):
        assert whole[title] == sum(part[title] for part in parts)
    rates = [part["家庭医生签约率(%)"] for part in parts if part["家庭医生签约率(%)"] is not None]
    assert min(rates) <= whole["家庭医生签约率(%)"] <= max(rates)


def test_the_insurance_table_has_a_line_a_village_and_a_total(city: City, known: Known) -> None:
    township = city.places.townships[0]
    found = lines(city, known, "insurance-by-village", township)
    assert [line["line_key"] for line in found] == [*city.places.villages_of(township), "total"]
    for title in ("应参保人数(养老)", "实参保人数(医保)", "本月死亡应停发人数"):
        assert found[-1]["cells"][title] == sum(line["cells"][title] for line in found[:-1])
    assert all((line["cells"]["参保率(%)"] or 0) <= 100 for line in found)


def test_rates_round_half_up_and_have_no_value_over_nothing() -> None:
    assert (rate(1, 3), rate(2, 3), rate(0, 5)) == (Decimal("33.33"), Decimal("66.67"), Decimal("0.00"))
    assert rate(1, 800) == Decimal("0.13")  # 0.125
    assert rate(3, 0) is None


def test_rows_held_back_leave_the_version_before_or_nothing(city: City) -> None:
    for fault in city.faults:
        if fault.kind != "quarantine":
            continue
        after_first = rows_known(city, fault.contract, 1)
        after_second = rows_known(city, fault.contract, 2)
        before = {row.key: row for row in city.rows[1][fault.contract]}
        assert (fault.row in after_first) == (fault.delivery == 2)
        if fault.delivery == 2:
            assert after_second[fault.row] == before[fault.row]
        else:
            assert fault.row in after_second


def test_the_dead_whose_pension_was_not_stopped_are_counted_to_be_stopped(city: City, known: Known) -> None:
    planted = [fault.person for fault in city.faults if fault.rule == DEAD_WITH_PENSION]
    assert planted
    found = sum(
        line["cells"]["本月死亡应停发人数"]
        for township in city.places.townships
        for line in lines(city, known, "insurance-by-village", township)
        if line["line_key"] != "total"
    )  # fmt: skip
    here = [
        p for p in planted if known.residents[p].registered_village in city.places.villages and (known.death_date(p) or SECOND) > city.first
    ]
    assert found == len(here)


def test_a_person_planted_as_moved_is_counted_where_public_security_says(city: City, known: Known) -> None:
    moved = [fault.person for fault in city.faults if fault.kind == "conflict" and fault.delivery == 2]
    assert moved
    for person in moved:
        assert known.residents[person].village != known.health[person].village
        assert person in {row.citizen_id for row in known.living_in(known.residents[person].village)}


def test_a_period_that_ends_before_the_second_delivery_is_told_from_the_first(city: City) -> None:
    village = city.places.villages[0]
    september = truth.report(city, "village-basics", village, date(2026, 7, 1), city.first)
    assert september == truth.report(city, "village-basics", village, date(2026, 7, 1), city.first, Known(city, 1))


def test_planted_conflicts_are_what_the_known_state_shows(city: City, known: Known) -> None:
    for person, element in truth.conflicts(city):
        record = known.health[person]
        if element == "person.marital_status":
            assert known.marital_status(person) != record.marital_status
        elif element == "person.education":
            assert known.education(person) != record.education
        else:
            assert known.residents[person].village != record.village
    assert {element for _, element in truth.conflicts(city)} == {"person.marital_status", "person.education", "person.village"}
    assert r.RESIDENT not in {fault.contract for fault in city.faults if fault.kind == "conflict"}
