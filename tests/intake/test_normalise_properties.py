"""What holds for any frame: the counts add up, nothing raises, canonical values are canonical, quick and slow paths agree."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.clock import from_microseconds
from hub.intake.checked import Checked, Context
from hub.intake.columns import read_column
from hub.intake.normalise import normalise_frame, prepare
from hub.intake.plan import FieldPlan, Plan
from hub.intake.port import DATE, ERROR, FORMULA, NUMBER, TEXT, Frame
from hub.registry.model import ValueType
from tests.intake.frames import Cell, catalog, frame_of, places, read_case

GOOD = {  # a case file whose first record is good
    "public-security.resident": "IDN-01.csv",
    "civil-affairs.minimum-living": "VAL-01.xlsx",
    "civil-affairs.disability": "DAT-13.xlsx",
    "health.health-record": "DIV-05.ndjson",
    "education.enrolment": "JSON-04.ndjson",
}
CONTRACTS = tuple(GOOD)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def plan(contract: str) -> Plan:
    return prepare(catalog().contracts[contract], catalog(), Context(date(2026, 7, 1)))


@cache
def good(contract: str) -> dict[str, str | Cell | None]:
    values = read_case(GOOD[contract], catalog().contracts[contract]).values
    return dict(zip(values.columns, values.row(0), strict=True))


ALMOST = st.sampled_from(
    [
        "330802195106088035", "33080219521115804x", "330802510608803", "王样甲", "阿样•测试", "王?甲", "20240305", "2024-03-05",
        "2024年3月5日",
        "202305", "2023.1", "2023.05", "00000000", "19000101", "1", "01", "Y", "是", "1,234.50", "￥500", "五百", "330802005004", "330802",
        "330802005000", "柯城区 新新街道 彩虹社区", "山底村委会", "NULL", "-", "长期", "未婚", "农村低保", "G330802200906088037",
        "6217000000000000012",
        "3.30802E+17", "#N/A", "=1+1", "'0123", '="0123"', "\x00", "\u200b", "20240301083000", "2024-03-01T08:01:00+08:00", "[\"I10\"]", "[",
        "99991231",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.none(), ALMOST, st.text(max_size=30), st.from_regex(r"[0-9]{1,20}(\.[0-9]{1,4})?", fullmatch=True))
CELLS = st.one_of(
    TEXTS,
    st.tuples(st.from_regex(r"[0-9]{1,19}(\.[0-9]{1,3})?", fullmatch=True), st.just(NUMBER)),
    st.tuples(st.dates().map(date.isoformat), st.just(DATE)),
    st.tuples(st.sampled_from(["#N/A", "#REF!"]), st.just(ERROR)),
    st.tuples(st.none(), st.just(FORMULA)),
)


@st.composite
def frames(draw: st.DrawFn) -> tuple[str, Frame]:
    contract = draw(st.sampled_from(CONTRACTS))
    # Good records with a few cells changed: wholly random ones would hardly ever be accepted.
    changes = draw(st.lists(st.dictionaries(st.sampled_from(sorted(good(contract))), CELLS, max_size=3), max_size=6))
    records: list[dict[str, str | Cell | None]] = [{**good(contract), **change} for change in changes]
    frame = frame_of(catalog().contracts[contract], records, draw(st.sampled_from([None, 1900, 1904])))
    cut = draw(st.sets(st.integers(0, 5)))
    faults = {index: ("row_shape", "a,b") for index in cut if index < len(records)}
    return contract, Frame(frame.values, frame.kinds, places(len(records), faults), date_system=frame.date_system)


@SLOW
@given(frames())
def test_counts_add_up_and_every_held_row_says_why(given_: tuple[str, Frame]) -> None:
    contract, frame = given_
    checked = normalise_frame(frame, plan(contract))
    accepted, held = set(checked.rows["record"]), set(checked.held["record"])
    assert accepted | held == set(frame.places["record"])
    assert not accepted & held
    assert set(checked.findings["record"]) == held
    assert checked.rows.schema == plan(contract).schema
    assert all(json.loads(raw) for raw in checked.held["raw"])
    unsplit = set(frame.places.filter(pl.col("fault").is_not_null())["record"])
    assert set(checked.findings.filter(pl.col("rule") == "row_shape")["record"]) == unsplit


@SLOW
@given(frames())
def test_canonical_values_read_again_are_the_same(given_: tuple[str, Frame]) -> None:
    contract, frame = given_
    checked = normalise_frame(frame, plan(contract))
    again = normalise_frame(_as_text(checked, plan(contract)), plan(contract))
    assert again.findings.is_empty()
    assert again.rows.drop("record", "line").equals(checked.rows.drop("record", "line"))


def _as_text(checked: Checked, of: Plan) -> Frame:
    """The canonical rows as a department would send them that writes everything as we do."""
    columns = {field.physical: pl.Series([None] * checked.rows.height, dtype=pl.String) for field in of.contract.fields}
    for field in of.fields:
        columns[field.field.physical] = pl.Series([_written(value, field) for value in checked.rows[field.field.name]], dtype=pl.String)
    return Frame(pl.DataFrame(columns), pl.DataFrame(), places(checked.rows.height))


def _written(value: object, field: FieldPlan) -> str | None:
    if value is None:
        return None
    type_ = field.element.type
    if type_ is ValueType.CODE and field.field.crosswalk:
        crosswalk = catalog().crosswalks[field.field.crosswalk].codes
        return next(written for written, code in crosswalk.items() if code == value)
    if type_ is ValueType.DATETIME and isinstance(value, int):
        return from_microseconds(value).astimezone(UTC).isoformat()
    if type_ in (ValueType.MONEY, ValueType.DECIMAL) and isinstance(value, int):
        scale = field.field.scale if field.field.scale is not None else 2 if type_ is ValueType.MONEY else field.element.scale
        sign, digits = "-" * (value < 0), str(abs(value)).zfill(scale + 1)
        return (
            f"{sign}{digits[: len(digits) - scale]}.{digits[len(digits) - scale :]}" if field.field.scale is None and scale else str(value)
        )
    if type_ is ValueType.BOOLEAN:
        return "true" if value else "false"
    if value == date(9999, 12, 31):
        return next(written for written, meant in field.field.words.items() if meant == "9999-12-31")
    return str(value)


@pytest.mark.parametrize("contract", CONTRACTS)
@SLOW
@given(texts=st.lists(TEXTS, min_size=1, max_size=40))
def test_what_the_quick_path_takes_the_slow_one_reads_the_same(contract: str, texts: list[str | None]) -> None:
    for field in plan(contract).fields:
        quickly = field.reader.quick(pl.Series(texts, dtype=pl.String))
        for text, value in zip(texts, quickly, strict=True):
            if value is not None and text is not None:
                reading = field.reader.slow(text, TEXT, None)
                assert (reading.value, reading.rule) == (value, None), (field.field.name, text)


@SLOW
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_a_value_is_read_the_same_alone_and_among_many(texts: list[str | None]) -> None:
    """Columns of few values are read by distinct value: the same must come out."""
    for field in plan("public-security.resident").fields:
        alone = [read_column(pl.Series([text], dtype=pl.String), None, field, None) for text in texts]
        many = read_column(pl.Series(texts * 9, dtype=pl.String), None, field, None)
        assert list(many.values) == [column.values[0] for column in alone] * 9
        assert many.faults.height == 9 * sum(column.faults.height for column in alone)
        told = [column.warned for column in alone]
        assert dict(many.warned) == {kind: 9 * sum(one.get(kind, 0) for one in told) for one in told for kind in one}


@SLOW
@given(st.datetimes(datetime(1992, 1, 1), datetime(2099, 12, 31)).map(lambda moment: moment.replace(microsecond=0)))
def test_moments_of_the_city(moment: datetime) -> None:
    field = next(field for field in plan("public-security.resident").fields if field.field.name == "updated_at")
    for text in (f"{moment:%Y%m%d%H%M%S}", f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment:%Y-%m-%dT%H:%M:%S}+08:00"):
        column = read_column(pl.Series([text]), None, field, None)
        assert from_microseconds(column.values[0]).replace(tzinfo=None) == moment
