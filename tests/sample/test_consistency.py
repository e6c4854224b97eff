"""Nothing is wrong in the sample but what was planted: departments agree, numbers close, places exist, the dead are not paid."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from hub.core.identifiers import birth_date, read_bank_account, read_credit_code, sex_code
from hub.sample import rows as r
from hub.sample import truth
from hub.sample.city import City, build
from hub.sample.faults import DEAD_WITH_BENEFIT, DEAD_WITH_PENSION
from hub.sample.known import Known
from tests.sample.exported import CODES, agree, known_records, read_csv, read_id, sound_records, statements

SECOND = date(2026, 10, 31)
AUTHORITY = {
    "person.marital_status": (r.MARRIAGE, r.MINIMUM_LIVING, r.HEALTH_RECORD),
    "person.education": (r.EMPLOYMENT, r.HEALTH_RECORD),
    "person.phone": (r.HEALTH_RECORD, r.DISABILITY, r.EXTREME_DIFFICULTY),
    "person.guardian_name": (r.DISABILITY, r.EXTREME_DIFFICULTY),
}


@pytest.fixture(scope="module", params=[(500, 1), (500, 2), (2000, 3), (2000, 4)], ids=str)
def city(request: pytest.FixtureRequest) -> City:
    people, seed = request.param
    return build(people, seed, SECOND)


def test_departments_differ_only_where_a_conflict_was_planted(city: City) -> None:
    parents = {row["code"]: row["parent"] for name in ("education", "marital-status") for row in read_csv(CODES / f"{name}.csv")}
    differing = set()
    for (person, element), said in statements(city).items():
        order = [contract for contract in AUTHORITY.get(element, (r.RESIDENT, *r.CONTRACTS)) if contract in said]
        (golden,) = said[order[0]]
        others = {value for values in said.values() for value in values}
        if any(not agree(element, golden, value, parents) for value in others):
            differing.add((person, element))
    assert differing == set(truth.conflicts(city))


def test_every_identifier_outside_the_faults_closes_and_fits_the_person(city: City) -> None:
    columns = {
        r.RESIDENT: ("公民身份号码", "户主公民身份号码"), r.MINIMUM_LIVING: ("户主身份证号", "成员身份证号"), r.DISABILITY: ("身份证号",),
        r.OLD_AGE: ("身份证号",), r.EXTREME_DIFFICULTY: ("身份证号码",), r.MARRIAGE: ("男方身份证号", "女方身份证号"),
        r.INSURANCE: ("社会保障号码",), r.EMPLOYMENT: ("社会保障号码",), r.MATERNITY: ("idCard",), r.ENROLMENT: ("sfzjh",),
        r.DEREGISTRATION: ("公民身份号码",),
    }  # fmt: skip
    known = {row["公民身份号码"] for row in known_records(city, r.RESIDENT)}
    for contract, names in columns.items():
        for record in sound_records(city, contract):
            assert {read_id(record[name]) for name in names} <= known
    for record in sound_records(city, r.RESIDENT):
        born = birth_date(record["公民身份号码"])
        assert born is not None
        assert f"{born:%Y%m%d}" == record["出生日期"]
        assert sex_code(record["公民身份号码"]) == record["性别"]


def test_accounts_and_credit_codes_close(city: City) -> None:
    for contract in (r.MINIMUM_LIVING, r.OLD_AGE, r.EXTREME_DIFFICULTY):
        for record in sound_records(city, contract):
            assert read_bank_account(record["银行账号"]).value == record["银行账号"]
    for contract, column in ((r.EMPLOYMENT, "就业单位统一社会信用代码"), (r.SCHOOL, "tyshxydm")):
        codes = [record[column] for record in sound_records(city, contract) if record[column] is not None]
        assert codes
        assert all(read_credit_code(code).value == code for code in codes)


def test_every_place_is_in_the_division_tree_by_code_or_by_its_whole_path(city: City) -> None:
    tree = {row["code"]: row for row in read_csv(CODES / "division.csv")}
    name = "name_zh" if "name_zh" in next(iter(tree.values())) else "name"

    def path(code: str) -> str:
        place, township = tree[code], tree[tree[code]["parent"]]
        return f"{tree[township['parent']][name]} {township[name]} {place[name]}"

    paths = {path(code) for code, row in tree.items() if not code.endswith("000")}
    for record in sound_records(city, r.RESIDENT):
        assert record["实际居住地村(居)委会代码"] in tree
        assert record["户籍地行政区划"] + "000000" in tree
        home = record["户籍村(居)委会代码"]
        assert home == "" or (home in tree and home.startswith(record["户籍地行政区划"]))
    for contract, column in ((r.MINIMUM_LIVING, "地区"), (r.DISABILITY, "户籍地"), (r.ENROLMENT, "hkszd")):
        assert {record[column] for record in sound_records(city, contract)} - {""} <= paths


def test_nobody_dead_or_gone_is_paid_but_those_planted(city: City) -> None:
    known = Known(city, 2)
    gone = known.residents.keys() - known.living
    paid = {row.citizen_id for row in known.old_age.values() if row.live} | set(known.allowance_members) | set(known.supports)
    paid |= {p for p, row in known.disabilities.items() if row.living_subsidy or row.care_subsidy}
    found = [(p, DEAD_WITH_BENEFIT) for p in gone if p in paid] + [(p, DEAD_WITH_PENSION) for p in gone if known.pension(p) is not None]
    assert sorted(found) == truth.broken_rules(city)
    assert {p for p in gone if known.studying(p)} == set()


def test_a_certificate_covers_its_members_and_no_more_than_the_household(city: City) -> None:
    known = Known(city, 2)
    for members in known.allowances.values():
        assert {row.covered_persons for row in members} == {len(members)}
        holder = known.residents[members[0].head_id]
        assert members[0].covered_persons <= known.household_size[holder.household] == members[0].size


def test_the_two_registers_of_the_dead_agree(city: City) -> None:
    known = Known(city, 2)
    assert {p for p, row in known.residents.items() if row.life_status != "1"} == set(known.deregistered)
    for person, row in known.deregistered.items():
        assert known.residents[person].life_status == ("2" if row.kind == "1" else "3")


def test_what_the_health_service_changes_bears_a_moment_after_the_first_delivery(city: City) -> None:
    for contract in r.DELTAS:
        before = {row.key: row for row in city.rows[1][contract]}
        changed = [row for row in city.rows[2][contract] if before.get(row.key) != row]
        assert changed
        assert [row.key for row in changed if not city.first < row.updated_at.date() <= city.second] == []  # type: ignore[attr-defined]
        assert [row.key for row in before.values() if row.updated_at >= datetime(2026, 10, 1)] == []  # type: ignore[attr-defined]
        assert before.keys() <= {row.key for row in city.rows[2][contract]}


def test_truth_after_the_first_delivery_can_be_told_too(city: City) -> None:
    village = city.places.villages[0]
    lines = truth.report(city, "village-basics", village, date(2026, 7, 1), city.first)["basics"]
    assert lines[0]["cells"]["户籍总人口"] > 100
