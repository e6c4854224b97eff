"""Single values and single rows: the shapes that are read, the faults that are told, and what a held row carries."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import polars as pl
import pytest

from hub.core.clock import microseconds
from hub.core.reading import Reading
from hub.intake.checked import Checked, Context
from hub.intake.dates import read_date, read_moment, read_month
from hub.intake.divisions import Places, index_places, significant
from hub.intake.normalise import normalise, normalise_frame, prepare
from hub.intake.plan import Plan
from hub.intake.port import DATE, NUMBER, Frame
from hub.intake.values import code_map, read_boolean, read_codes, read_number
from hub.registry.model import Contract
from tests.intake.frames import Cell, catalog, frame_of, places, read_case

CONTEXT = Context(date(2026, 7, 1))


@cache
def tree() -> Places:
    return index_places(catalog().code_lists["division"])


def contract(id: str = "public-security.resident") -> Contract:
    return catalog().contracts[id]


def resident(**changes: str | Cell | None) -> dict[str, str | Cell | None]:
    """A good row of the resident register with cells, named as in the contract, changed."""
    values = read_case("IDN-06.csv", contract()).values
    physical = {field.name: field.physical for field in contract().fields}
    return dict(zip(values.columns, values.row(0), strict=True)) | {physical[name]: cell for name, cell in changes.items()}


@cache
def plan() -> Plan:
    return prepare(contract(), catalog(), CONTEXT)


def check(*records: dict[str, str | Cell | None]) -> Checked:
    return normalise_frame(frame_of(contract(), records), plan())


def rules(checked: Checked) -> list[tuple[str, str]]:
    return sorted(checked.findings.select("field", "rule").iter_rows())


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20240305", date(2024, 3, 5)),
        ("2024-3-5", date(2024, 3, 5)),
        ("2024/03/05", date(2024, 3, 5)),
        ("2024.3.5", date(2024, 3, 5)),
        ("2024年3月5日", date(2024, 3, 5)),
        ("二〇二四年三月五日", date(2024, 3, 5)),
        ("二〇二四年十二月三十一日", date(2024, 12, 31)),
        ("二〇二四年十月二十日", date(2024, 10, 20)),
        ("2024-3-5 00:00:00", date(2024, 3, 5)),
        ("20240305000000", date(2024, 3, 5)),
        ("2009-06-08T00:00:00+08:00", date(2009, 6, 8)),
        ("2009-06-07T16:00:00Z", date(2009, 6, 8)),  # midnight here, as many programs write it
    ],
)
def test_days_in_their_shapes(text: str, day: date) -> None:
    assert read_date(text) == Reading(day)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("20230230", None), ("2024-02-30", None), ("19901301", None), ("至今", None), ("05/03/2024", None), ("2024-03/05", None),
        ("20221100", "partial"), ("2022", "partial"), ("2022-11", "partial"), ("2022年", "partial"),
        ("99991231", "range"), ("1600-01-01", "range"), ("infinity", None), ("0044-03-15 00:00:00 BC", None), ("²0240305", None),
    ],
)  # fmt: skip
def test_what_is_no_day(text: str, hint: str | None) -> None:
    assert read_date(text) == Reading(rule="date", hint=hint)


def test_an_open_end_is_read_where_the_contract_has_one() -> None:
    assert read_date("9999-12-31", open_ended=True) == Reading(date(9999, 12, 31))


def test_a_number_is_a_day_by_the_workbooks_date_system() -> None:
    assert read_date("45337", NUMBER, system=1900) == read_date("43875", NUMBER, system=1904) == Reading(date(2024, 2, 15))
    assert read_date("45337", NUMBER).rule == "date"
    assert read_date("45337", system=1900).rule == "date"
    assert read_date("20240305", NUMBER, system=1900) == Reading(date(2024, 3, 5))
    assert read_date("60", NUMBER, system=1900).rule == "date"  # 29 February 1900, which never was


@pytest.mark.parametrize("text", ["2023.05", "2023年5月", "202305", "2023-5", "2023/05", "二〇二三年五月", "2023-05-17", "2023.5"])
def test_months_in_their_shapes(text: str) -> None:
    assert read_month(text) == Reading(date(2023, 5, 1))


def test_a_bare_point_one_is_january_or_october() -> None:
    assert read_month("2023.1", NUMBER, system=1900) == Reading(rule="ambiguous", hint="january_or_october", agreed="2023-01 / 2023-10")
    assert read_month("2023.10") == Reading(date(2023, 10, 1))
    assert read_month("2023.11", NUMBER, system=1900) == Reading(date(2023, 11, 1))
    assert read_month("2023", NUMBER, system=1900) == Reading(rule="date", hint="partial")
    assert read_month("202313").rule == "date"


@pytest.mark.parametrize(
    "text", ["20240301083000", "2024-03-01 08:30:00", "2024-03-01T00:30:00Z", "2024-03-01T08:30:00+08:00", "2024/3/1 8:30"]
)
def test_moments_are_utc(text: str) -> None:
    assert read_moment(text) == Reading(microseconds(datetime(2024, 3, 1, 0, 30, tzinfo=UTC)))


def test_summer_time_of_1986_to_1991() -> None:
    assert read_moment("1990-07-01 12:00:00").value == microseconds(datetime(1990, 7, 1, 3, 0, tzinfo=UTC))
    assert read_moment("1986-05-04 02:30:00") == Reading(rule="date", hint="skipped_hour")
    assert read_moment("1991-09-15 01:30:00") == Reading(rule="ambiguous", hint="hour_twice")
    assert read_moment("1991-09-15 01:30:00+09:00").value is not None


@pytest.mark.parametrize(
    "text", ["infinity", "48113-11-21 00:00:00", "2024-03-01 25:00:00", "2024-02-30 00:00:00", "昨天", "2024-03-01T08:30:00+8"]
)
def test_what_is_no_moment(text: str) -> None:
    assert read_moment(text).rule == "date"


@pytest.mark.parametrize(
    ("text", "fen"),
    [("1,234.50", 123450), ("¥500", 50000), ("500元", 50000), ("500", 50000), ("-0.5", -50), ("0", 0), ("12.", 1200)],
)
def test_amounts(text: str, fen: int) -> None:
    assert read_number(text, scale=2, money=True) == Reading(fen)


@pytest.mark.parametrize("text", ["0.05万元", "五百", "1,23", "12.345", "1e5", "500/月", "9" * 30, "1." + "0" * 58 + "1", "--5", "."])
def test_what_is_no_amount(text: str) -> None:
    assert read_number(text, scale=2, money=True).rule == "type"


def test_amounts_in_fen() -> None:
    assert read_number("12345", scale=2, money=True, sent_scale=2) == Reading(12345)
    assert read_number("123.45", scale=2, money=True, sent_scale=2) == Reading(rule="type", hint="scale")


def test_numbers_with_the_elements_unit() -> None:
    assert read_number("12.5亩", scale=1, unit="亩") == Reading(125)
    assert read_number("12.5公顷", scale=1, unit="亩").rule == "type"
    assert read_number("1.25E+2", NUMBER) == Reading(125)


def test_yes_and_no() -> None:
    assert [read_boolean(text).value for text in ("1", "Y", "是", "true")] == [True] * 4
    assert [read_boolean(text).value for text in ("0", "N", "否", "false")] == [False] * 4
    assert read_boolean("也许") == Reading(rule="type", hint="boolean")


def test_lists() -> None:
    codes = {"高血压": "I10", "糖尿病": "E11"}

    def code(text: str) -> Reading:
        return Reading(codes[text]) if text in codes else Reading(rule="code") if text else Reading()

    assert read_codes("高血压、糖尿病、高血压", code, "、") == Reading('["E11","I10"]')
    assert read_codes('["高血压"]', code, None) == Reading('["I10"]')
    assert read_codes("[]", code, None) == Reading()
    assert read_codes("高血压、感冒", code, "、").rule == "code"
    assert read_codes('[{"a":1}]', code, None) == read_codes("[", code, None) == Reading(rule="type", hint="list")
    assert read_codes('["\\ud800"]', Reading, None).rule == "character"


def test_codes_without_their_zero() -> None:
    assert code_map({"01": "01", "10": "10"}, drops_zero=True)["1"] == "01"
    assert "1" not in code_map({"01": "01"}, drops_zero=False)
    assert code_map({"01": "01", "001": "001"}, drops_zero=True).get("1") is None  # two readings


def test_places_by_code() -> None:
    assert tree().read_code("330802005001") == Reading("330802005001")
    assert tree().read_code("330802") == Reading("330802000000")
    assert tree().read_code("330802005000") == Reading("330802005000", warning="division_level")
    assert tree().read_code("330802005001", NUMBER).warning == "numeric_code"
    assert tree().read_code("3.30802E+11").rule == "numeric_identifier"
    assert tree().read_code("330802005") == Reading(rule="division", hint="nine_digits")
    missing = tree().read_code("330802005999")
    assert (missing.rule, missing.hint) == ("division", "nearest")
    assert "330802005" in (missing.agreed or "")


def test_places_by_the_whole_path() -> None:
    assert tree().read_names("柯城区 黄家乡 山底村委会") == Reading("330802205205")
    assert tree().read_names("柯城区黄家乡山底村委会") == Reading("330802205205")
    assert tree().read_names("浙江省衢州市柯城区黄家乡山底村委会") == Reading("330802205205")
    assert tree().read_names("柯城区 山底村委会") == Reading("330802205205")  # the township left out, and one fits
    assert tree().read_names("新新街道").warning == "division_level"
    assert tree().read_names("柯城区 子虚乡") == Reading(rule="division", hint="name")
    ambiguous = tree().read_names("山底村委会")
    assert ambiguous.rule == "ambiguous"
    assert (ambiguous.agreed or "").count(";") == 3


def test_the_digits_of_a_place_that_say_something() -> None:
    assert [significant(code) for code in ("330000000000", "330800000000", "330802000000", "330802005000", "330802005200")] == [
        "33", "3308", "330802", "330802005", "330802005200",
    ]  # fmt: skip


def test_every_finding_of_a_row_is_told() -> None:
    checked = check(
        resident(
            citizen_id="330802195106088036", name="", sex="7", birth_date="20230230", registered_village="330802005999", updated_at="x"
        )
    )
    assert rules(checked) == [
        ("birth_date", "date"), ("citizen_id", "check_digit"), ("name", "required"), ("registered_village", "division"),
        ("sex", "code"), ("updated_at", "date"),
    ]  # fmt: skip
    assert checked.rows.is_empty()


def test_a_row_against_itself() -> None:
    assert rules(check(resident(sex="1"))) == [("sex", "cross_field")]
    assert rules(check(resident(birth_date="19521116"))) == [("birth_date", "cross_field")]
    assert rules(check(resident(registered_division="330803"))) == [("registered_village", "cross_field")]
    assert rules(check(resident(sex="1", citizen_id="330802195106088036"))) == [("citizen_id", "check_digit")]


def test_nobody_is_born_after_today() -> None:
    assert ("since", "date") not in rules(check(resident(since="20300101")))
    found = check(resident(birth_date="20300101")).findings
    assert {"future", "birth_date"} == set(found["hint"])


@pytest.mark.parametrize("word", ["NULL", "null", r"\N", "(null)", "无", "不详", "未知", "-", "/", "", "　", "\u200b", "'-"])
def test_words_that_mean_nothing(word: str) -> None:
    checked = check(resident(permit_no=word, kinship=word, since=word))
    assert checked.rows.select("permit_no", "kinship", "since").row(0) == (None, None, None)
    assert rules(check(resident(name=word))) == ([("name", "required")] if word != "'-" else [("name", "type")])


def test_a_word_with_a_meaning_of_its_own_is_not_nothing() -> None:
    told = contract()
    code = next(iter(catalog().code_lists["kinship"].codes))
    told = replace(told, fields=tuple(replace(other, words={"无": code}) if other.name == "kinship" else other for other in told.fields))
    checked = normalise(frame_of(told, [resident(kinship="无")]), told, catalog(), CONTEXT)
    assert checked.rows["kinship"].to_list() == [code]


def test_placeholder_dates() -> None:
    checked = check(resident(since="19000101"))
    assert checked.rows["since"].to_list() == [None]
    assert [(warned.kind, warned.place, warned.count) for warned in checked.warnings] == [("placeholder_date", "来本地日期", 1)]
    kept = check(resident(citizen_id="330802190001010008", birth_date="19000101", sex="2", head_id=""))
    assert ("birth_date", "required") not in rules(kept)  # a required day stands, with the warning


def test_masks_and_lost_characters() -> None:
    assert rules(check(resident(citizen_id="330802********8035"))) == [("citizen_id", "masked")]
    assert rules(check(resident(name="王*"))) == [("name", "masked")]
    assert rules(check(resident(name="王？甲"))) == [("name", "character")]
    assert rules(check(resident(name="=HYPERLINK(1)"))) == [("name", "character")]
    assert rules(check(resident(address="新街\x001号"))) == [("address", "character")]
    assert check(resident(name="O'Brien")).findings.is_empty()


def test_kinds_of_cell() -> None:
    assert rules(check(resident(citizen_id=("330802195211158000", NUMBER)))) == [("citizen_id", "numeric_identifier")]
    assert rules(check(resident(address=("2024-03-02", DATE)))) == [("address", "type")]
    assert rules(check(resident(kinship=("2024-03-02", DATE)))) == [("kinship", "type")]
    assert check(resident(since=("2024-03-02", DATE))).rows["since"].to_list() == [date(2024, 3, 2)]
    assert rules(check(resident(kinship=("1", NUMBER)))) == [("kinship", "code")]
    assert rules(check(resident(kinship="#N/A"))) == [("kinship", "cell_error")]


def test_a_shifted_row_shows_nobodys_number() -> None:
    found = check(resident(sex="330802195106088035", kinship="13800138000")).findings["found"].to_list()
    assert sorted(found) == ["138****8000", "330802********8035"]


def test_private_characters_short_names_and_former_counties_are_told() -> None:
    checked = check(
        resident(name="王\ue001"), resident(name="王"), resident(citizen_id="330899199001010116", birth_date="19900101", sex="1")
    )
    assert {(warned.kind, warned.count) for warned in checked.warnings} == {("private_use", 1), ("short_name", 1), ("former_county", 1)}
    assert checked.held.is_empty()


def test_a_held_row_is_kept_as_it_came() -> None:
    checked = check(resident(), resident(sex="7", name=" 张　三 "))
    assert checked.held["record"].to_list() == [2]
    raw = json.loads(checked.held["raw"][0])
    assert (raw["性别"], raw["姓名"]) == ("7", " 张　三 ")
    assert set(raw) == {field.physical for field in contract().fields}


def test_a_record_that_could_not_be_split() -> None:
    frame = frame_of(contract(), [resident(), {}])
    faulted = Frame(frame.values, frame.kinds, places(2, {1: ("row_shape", 'a,"b')}))
    checked = normalise(faulted, contract(), catalog(), CONTEXT)
    found: list[dict[str, Any]] = list(checked.findings.iter_rows(named=True))
    assert [(row["record"], row["line"], row["field"], row["rule"]) for row in found] == [(2, 3, None, "row_shape")]
    assert json.loads(checked.held["raw"][0]) == {"": 'a,"b'}


def test_an_empty_frame_has_the_columns_of_the_contract() -> None:
    checked = check()
    assert checked.rows.schema == prepare(contract(), catalog(), CONTEXT).schema
    assert checked.held.is_empty()
    assert checked.findings.is_empty()


def test_every_contract_has_a_plan() -> None:
    for id, each in catalog().contracts.items():
        plan = prepare(each, catalog(), CONTEXT)
        frame = frame_of(each, [{}])
        checked = normalise_frame(frame, plan)
        assert [field.field.name for field in plan.fields] == [field.name for field in each.bound], id
        assert checked.rows.height + checked.held.height == 1
        assert set(checked.findings["rule"]) <= {"required"}


def test_columns_named_like_our_own_do_no_harm() -> None:
    told = contract()
    fields = tuple(
        replace(field, physical={"name": "record", "sex": "line", "kinship": "raw", "permit_no": "fault"}.get(field.name, field.physical))
        for field in told.fields
    )
    told = replace(told, fields=fields)
    old = resident(sex="7")
    renamed = {
        {"姓名": "record", "性别": "line", "与户主关系": "raw", "居住证号": "fault"}.get(name, name): cell for name, cell in old.items()
    }
    checked = normalise(frame_of(told, [renamed]), told, catalog(), CONTEXT)
    assert json.loads(checked.held["raw"][0])["line"] == "7"
    assert isinstance(checked.rows, pl.DataFrame)
