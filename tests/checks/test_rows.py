"""What two cells of one row say against each other, and only where both are known and good."""

from __future__ import annotations

from datetime import date

import polars as pl

from hub.checks.finding import FINDINGS
from hub.checks.rows import contradictions, faults_at, findings, future_days, no_faults, pairs
from hub.registry.model import Contract, Delivery, Field, Record, Role, Title

FORMATS: dict[str, str | None] = {
    "citizen_id": "citizen_id", "head_id": "citizen_id", "born": None, "sex": None, "division": None, "village": None,
    "student_number": "student_number", "certificate": "disability_certificate",
}  # fmt: skip
CONTRACT = Contract(
    "some.people",
    "1.0.0",
    Title("人", "people"),
    Delivery.SNAPSHOT,
    tuple(Field(name, name) for name in FORMATS),
    (
        Role(
            "person",
            "person",
            "citizen_id",
            {"birth_date": "born", "sex": "sex", "registered_division": "division", "registered_village": "village"},
        ),
        Role("head", "person", "head_id", {"name": "'x'"}),
    ),
    (
        Record("enrolment", "enrolment", "person", {"student_number": "student_number"}),
        Record("disability", "disability", "person", {"certificate_no": "certificate"}),
    ),
)
GOOD = {
    "citizen_id": "330802195106088035",
    "head_id": "33080219521115804X",
    "born": date(1951, 6, 8),
    "sex": "1",
    "division": "330802000000",
    "village": "330802005004",
    "student_number": "G330802195106088035",
    "certificate": "33080219510608803543",
}
SCHEMA = {name: pl.Date() if name == "born" else pl.String() for name in GOOD}


def found(**changes: object) -> list[tuple[str, str | None, str | None, str | None]]:
    rows = pl.DataFrame([GOOD | changes], SCHEMA)
    faults = contradictions(rows, CONTRACT, FORMATS, {"student_number": True, "certificate": True})
    assert set(faults["rule"]) <= {"cross_field"}
    return list(faults.select("field", "found", "agreed", "hint").iter_rows())


def test_a_row_at_peace_with_itself() -> None:
    assert found() == []


def test_birth_date_and_sex_against_the_id() -> None:
    assert found(born=date(1951, 6, 9)) == [("born", "1951-06-09", "citizen_id", "birth_date")]
    assert found(sex="2") == [("sex", "2", "citizen_id", "sex")]
    assert len(found(sex="2", born=date(1951, 6, 9))) == 2


def test_an_unstated_sex_contradicts_nothing() -> None:
    assert found(sex="0") == found(sex="9") == found(sex=None) == []


def test_only_where_both_sides_are_known() -> None:
    assert found(citizen_id=None) == []
    assert found(born=None, village=None, certificate=None, student_number=None) == []


def test_a_village_lies_in_its_division() -> None:
    assert found(village="330803005004") == [("village", "330803005004", "division", "place")]
    assert found(division="330800000000") == found(division="330802005000") == found(division="330000000000") == []
    assert found(division="330802006000") == [("village", "330802005004", "division", "place")]


def test_numbers_made_of_an_id_are_of_the_rows_own() -> None:
    assert found(student_number="G33080219521115804X") == [("student_number", "G33080*********804X", "citizen_id", "citizen_id")]
    assert [field for field, *_ in found(certificate="33080219521115804X43")] == ["certificate"]


def test_a_pair_is_named_once() -> None:
    assert [(pair.field, pair.other) for pair in pairs(CONTRACT, FORMATS)] == [
        ("born", "citizen_id"), ("sex", "citizen_id"), ("village", "division"),
        ("student_number", "citizen_id"), ("certificate", "citizen_id"),
    ]  # fmt: skip


def test_days_that_have_not_come() -> None:
    rows = pl.DataFrame({"born": [date(2026, 7, 2), date(2026, 7, 1), None], "until": [date(2030, 1, 1)] * 3})
    faults = future_days(rows, {"born": "birth_date", "until": "valid_until"}, pl.lit(date(2026, 7, 1)))
    assert list(faults.select("row", "field", "rule", "hint").iter_rows()) == [(0, "born", "date", "future")]


def test_faults_become_findings_with_record_and_line() -> None:
    places = pl.DataFrame({"record": [11, 12], "line": [21, None]}, {"record": pl.Int64, "line": pl.Int64})
    made = findings(faults_at(pl.Series([1, 0]), "sex", "required", agreed="code:sex"), places)
    assert made.schema == FINDINGS
    assert list(made.select("record", "line", "field", "rule", "severity").iter_rows()) == [
        (11, 21, "sex", "required", "quarantine"),
        (12, None, "sex", "required", "quarantine"),
    ]
    assert findings(no_faults(), places).schema == FINDINGS
