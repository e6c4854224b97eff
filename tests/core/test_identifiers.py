"""Our rules for identifiers against the vectors of ``tests/data/identifiers.csv``: every row, valid or not."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.identifiers import (
    READERS,
    birth_date,
    credit_check,
    id_check,
    luhn_check,
    mask,
    mask_number,
    organisation_check,
    read_bank_account,
    read_citizen_id,
    read_credit_code,
    read_disability_certificate,
    read_division,
    read_mobile,
    read_phone,
    read_student_number,
    sex_code,
)
from hub.core.reading import Reading

TODAY = date(2026, 7, 1)
VECTORS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "identifiers.csv").read_text("utf-8").splitlines()))
BY_KIND: dict[str, Callable[[str], Reading]] = {
    "citizen-id": lambda text: read_citizen_id(text, TODAY),
    "citizen-id-15": lambda text: read_citizen_id(text, TODAY),
    "residence-permit": lambda text: read_citizen_id(text, TODAY),
    "permanent-residence-card": lambda text: read_citizen_id(text, TODAY),
    "social-credit-code": read_credit_code,
    "mobile": read_mobile,
    "bank-card": read_bank_account,
    "student-number": read_student_number,
    "division-code-12": read_division,
}
NOT_IN_THE_TREE = "330802005999"  # its shape is right: the division list refuses it, see tests/intake


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['kind']}-{vector['value']}-{vector['why']}"[:70])
def test_vector(vector: dict[str, str]) -> None:
    reading = BY_KIND[vector["kind"]](vector["value"])
    valid = vector["valid"] == "yes" or vector["value"] == NOT_IN_THE_TREE
    assert (reading.value is not None) is valid, reading
    assert (reading.rule is not None) is not (valid or vector["value"] == "")


def test_every_vector_has_a_reader() -> None:
    assert {vector["kind"] for vector in VECTORS} == set(BY_KIND)
    assert len(VECTORS) > 120


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("330802651203123", "330802196512031231"),
        ("330824991231018", "330824199912310186"),
        ("33080319920904374x", "33080319920904374X"),
        ("３３０８０３１９９２０９０４３７４Ｘ", "33080319920904374X"),
        ("'330825195503237983", "330825195503237983"),
        ('="330825195503237983"', "330825195503237983"),
    ],
)
def test_citizen_id_becomes_canonical(text: str, value: str) -> None:
    assert read_citizen_id(text) == Reading(value)


@pytest.mark.parametrize(
    ("text", "rule", "hint"),
    [
        ("3.30802E+17", "numeric_identifier", "scientific"),
        ("330802199001010000.0", "numeric_identifier", "decimal"),
        ("330802********0113", "masked", None),
        ("330802195211158000", "check_digit", "zeros"),
        ("33080219900101O113", "check_digit", "letters"),
        ("330802190002290121", "date", "inside"),
        ("990101199001010115", "code", "region"),
        ("无", "type", None),
        ("3308021990010101", "length", None),
    ],
)
def test_citizen_id_says_which_rule(text: str, rule: str, hint: str | None) -> None:
    reading = read_citizen_id(text, TODAY)
    assert (reading.value, reading.rule, reading.hint) == (None, rule, hint)


def test_a_citizen_id_in_the_place_of_a_credit_code_is_told() -> None:
    assert read_credit_code("330802195011279007") == Reading(rule="code", hint="citizen_id")
    assert read_credit_code("91330802MA2ABC1207") == Reading(rule="check_digit", hint="organisation")
    assert read_credit_code("9133O802MA2Y000282") == Reading(rule="check_digit", hint="letters")


def test_what_a_citizen_id_says() -> None:
    assert birth_date("11010519491231002X") == date(1949, 12, 31)
    assert birth_date("110105194913310021") is None
    assert (sex_code("330802199001010117"), sex_code("330802199001010125")) == ("1", "2")


def test_numbers_made_of_a_citizen_id() -> None:
    assert read_student_number("g330881194907210492") == Reading("G330881194907210492")
    assert read_disability_certificate("33080219510608803543") == Reading("33080219510608803543")
    assert read_disability_certificate("33080219510608803543B1").value == "33080219510608803543B1"
    assert read_disability_certificate("33080219510608803589") == Reading(rule="code", hint="certificate")
    assert read_disability_certificate("33080219510608803643").rule == "check_digit"


def test_landlines_are_phones_and_no_mobiles() -> None:
    assert read_mobile("0570-1234567") == Reading(rule="type", hint="landline")
    assert read_phone("0570-1234567") == Reading("05701234567")
    assert read_phone("+86 138 0013 8000") == Reading("13800138000")


@pytest.mark.parametrize(
    ("value", "format", "shown"),
    [
        ("330802195106088035", "citizen_id", "330802********8035"),
        ("330802195106088035", None, "330802********8035"),
        ("王样甲", "person_name", "王**"),
        ("13800138000", "mobile", "138****8000"),
        ("柯城区新新街道彩虹社区1号", "address", "柯城区***"),
        ("", "person_name", ""),
    ],
)
def test_mask(value: str, format: str | None, shown: str) -> None:
    assert mask(value, format) == shown


def test_a_rounded_number_is_never_shown_as_an_id() -> None:
    assert mask_number("330802195211158000") == "3.3E+17"
    assert mask_number("3.30802E+17") == "3.3E+17"


@given(st.text())
def test_mask_hides_most_of_any_text(text: str) -> None:
    for format in ("person_name", "address", "mobile", None):
        shown = mask(text, format)
        assert "*" in shown or shown == ""


@given(st.text(), st.sampled_from(sorted(READERS)))
def test_readers_never_raise_and_are_idempotent(text: str, format: str) -> None:
    reading = READERS[format](text)
    assert reading.value is None or reading.rule is None
    if reading.value is not None:
        assert READERS[format](reading.value) == Reading(reading.value)


@given(st.from_regex(r"[1-6][0-9]{16}", fullmatch=True), st.integers(0, 16), st.integers(1, 9))
def test_the_check_finds_every_single_wrong_digit(first: str, place: int, shift: int) -> None:
    wrong = first[:place] + str((int(first[place]) + shift) % 10) + first[place + 1 :]
    assert id_check(wrong) != id_check(first)


def test_checks_of_the_standards_examples() -> None:
    assert id_check("11010519491231002") == "X"
    assert credit_check("91330802MA2ABC125") == "N"
    assert organisation_check("MA2ABC12") == "5"
    assert luhn_check("622848038112345678") == "6"
