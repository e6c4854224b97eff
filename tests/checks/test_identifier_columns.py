"""The quick expressions over columns take nothing that the rules, value by value, refuse; and all of the plain vectors."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hub.checks import identifiers as quick
from hub.core import identifiers

TODAY = date(2026, 7, 1)
VECTORS = list(csv.DictReader((Path(__file__).parents[1] / "data" / "identifiers.csv").read_text("utf-8").splitlines()))
ALMOST_IDS = st.one_of(
    st.builds(
        lambda area, day, number: (first := f"{area:06d}{day:%Y%m%d}{number:03d}") + identifiers.id_check(first),
        st.sampled_from([330802, 110105, 810000, 990101, 933840, 440524]),
        st.dates(date(1700, 1, 1), date(2030, 12, 31)),
        st.integers(0, 999),
    ),
    st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True),
)


def test_vectors_that_stand_in_canonical_form() -> None:
    kinds = {"citizen-id", "residence-permit"}
    plain = [vector for vector in VECTORS if vector["kind"] in kinds]
    right = quick.right_citizen_ids(pl.Series([vector["value"] for vector in plain]), TODAY)
    for vector, taken in zip(plain, right, strict=True):
        reading = identifiers.read_citizen_id(vector["value"], TODAY)
        assert taken is (vector["valid"] == "yes" and reading.value == vector["value"]), vector


@given(st.lists(ALMOST_IDS, min_size=1))
def test_ids_are_judged_as_one_by_one(texts: list[str]) -> None:
    right = quick.right_citizen_ids(pl.Series(texts), TODAY)
    singly = [identifiers.read_citizen_id(text, TODAY).value == text for text in texts]
    # A permanent residence card (9…) is left to the slow path.
    assert list(right) == [good and text[0] != "9" for good, text in zip(singly, texts, strict=True)]


@given(st.lists(st.from_regex(r"[3-9][0-9]{14,19}", fullmatch=True), min_size=1))
def test_bank_cards_by_luhn(texts: list[str]) -> None:
    right = quick.right_bank_accounts(pl.Series(texts))
    assert list(right) == [16 <= len(text) <= 19 and identifiers.luhn_check(text[:-1]) == text[-1] for text in texts]


@given(st.lists(st.one_of(st.none(), st.text(max_size=20)), min_size=1))
def test_any_text_gives_yes_or_no(texts: list[str | None]) -> None:
    series = pl.Series(texts, dtype=pl.String)
    for right in (
        quick.right_citizen_ids(series, TODAY),
        quick.right_student_numbers(series, TODAY),
        quick.right_bank_accounts(series),
        quick.right_mobiles(series),
    ):
        assert right.dtype == pl.Boolean
        assert right.null_count() == 0


def test_what_an_id_says_of_its_holder() -> None:
    frame = pl.DataFrame({"id": ["330802195106088035", "33080219521115804X", "933840198001010115", None]})
    said = frame.select(born=quick.birth_dates(pl.col("id")), sex=quick.sex_codes(pl.col("id")))
    assert said["born"].to_list() == [date(1951, 6, 8), date(1952, 11, 15), date(1980, 1, 1), None]
    assert said["sex"].to_list() == ["1", "2", None, None]
