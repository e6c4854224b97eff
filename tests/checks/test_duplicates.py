"""One key twice: equal rows, the first is taken; different ones, all are held."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hub.checks.duplicates import duplicates
from hub.checks.finding import FINDINGS


def entries(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "record": list(range(1, len(rows) + 1)),
            "line": [None] * len(rows),
            "key": [key for key, _ in rows],
            "fingerprint": [fingerprint for _, fingerprint in rows],
        },
        {"record": pl.Int64, "line": pl.Int64, "key": pl.String, "fingerprint": pl.String},
    )


def rules(*rows: tuple[str, str]) -> list[tuple[int, str]]:
    return list(duplicates(entries(*rows), "citizen_id").select("record", "rule").iter_rows())


def test_different_keys_have_no_findings() -> None:
    found = duplicates(entries(("a", "1"), ("b", "1")))
    assert found.is_empty()
    assert found.schema == FINDINGS


def test_equal_rows_leave_the_first() -> None:
    assert rules(("a", "1"), ("b", "2"), ("a", "1"), ("a", "1")) == [(3, "duplicate_row"), (4, "duplicate_row")]
    assert duplicates(entries(("a", "1"), ("a", "1")))["agreed"].to_list() == ["1"]


def test_different_rows_are_all_held_even_where_two_of_them_are_equal() -> None:
    assert rules(("a", "1"), ("a", "1"), ("a", "2"), ("b", "1")) == [(1, "duplicate_key"), (2, "duplicate_key"), (3, "duplicate_key")]
    assert duplicates(entries(("a", "1"), ("a", "2")))["found"].to_list() == ["2", "2"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("12"))))
def test_what_is_left_has_every_key_once(rows: list[tuple[str, str]]) -> None:
    held = {record for record, _ in rules(*rows)}
    left = [row for record, row in enumerate(rows, 1) if record not in held]
    assert len({key for key, _ in left}) == len(left)
    for key in {key for key, _ in rows} - {key for key, _ in left}:
        assert len({fingerprint for other, fingerprint in rows if other == key}) > 1
