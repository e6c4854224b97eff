"""The intake cases that are decided by normalising and row checks, each id a test, on frames read without a connector.

JSON-04: the shipped file has the id as a JSON string, though its situation, and the finding it expects, speak of a
number: the number is put in here.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import polars as pl
import pytest

from hub.checks.duplicates import duplicates
from hub.core.identifiers import read_citizen_id
from hub.intake.checked import Checked, Context
from hub.intake.normalise import normalise
from hub.intake.port import NUMBER, Frame
from hub.registry.model import Contract, ValueType
from tests.intake.frames import CASES, catalog, frame_of, read_case

CONTEXT = Context(date(2026, 7, 1))
PLAYED = [
    "ENC-09", "ENC-11", "ENC-13", "ENC-15", "ENC-16", "CSV-04", "IDN-01", "IDN-02", "IDN-04", "IDN-06", "IDN-07", "IDN-10",
    "IDN-12", "IDN-13", "DAT-01", "DAT-03", "DAT-05", "DAT-07", "DAT-08", "DAT-09", "DAT-11", "DAT-13", "VAL-01", "VAL-03",
    "VAL-05", "VAL-07", "CELL-01", "CELL-02", "CELL-04", "CELL-06", "CELL-08", "CELL-10", "JSON-01", "JSON-04", "JSON-09", "PQ-03",
    "PQ-05", "DIV-01", "DIV-03", "DIV-05",
]  # fmt: skip
MANIFEST = {case["id"]: case for case in json.loads((CASES / "manifest.json").read_text("utf-8"))["cases"]}
FILES = [(case, file) for case in PLAYED for file in MANIFEST[case]["files"]]
OF_CONNECTORS = {"encoding_differs", "extra_column"}


@pytest.mark.parametrize(("case", "file"), FILES, ids=[f"{case}-{file['file']}" for case, file in FILES])
def test_case(case: str, file: dict[str, Any]) -> None:
    contract = catalog().contracts[MANIFEST[case]["dataset"].replace("/", ".")]
    frame = _frame(case, file["file"], contract)
    expected = file["expected"]
    checked = normalise(frame, contract, catalog(), CONTEXT)
    findings = pl.concat([checked.findings, _duplicates(checked, contract)])

    assert _rules(findings) == {held["record"]: set(held["rules"]) for held in expected["quarantined"]}
    assert frame.values.height == expected["records"]
    # VAL-07: which rows are unchanged, the store says.
    assert expected["records"] - findings["record"].n_unique() == expected["accepted"] + expected["unchanged"]
    assert {warned.kind for warned in checked.warnings} == set(expected["warnings"]) - OF_CONNECTORS
    assert not [found for found in findings["found"].drop_nulls() if read_citizen_id(found).value]  # never a whole id in a finding
    for value in expected["values"]:
        assert _shown(checked, contract, value["record"], value["field"]) == value["value"]


def test_a_repeated_export_with_quoted_blanks_gives_the_same_rows() -> None:
    """VAL-07, the half that is decided here: empty text and null are one thing."""
    contract = catalog().contracts["public-security.resident"]
    first, second = (normalise(read_case(f"VAL-07.{number}.csv", contract), contract, catalog(), CONTEXT) for number in (1, 2))
    assert first.rows.equals(second.rows)
    assert first.rows["permit_no"].null_count() == 3


def _frame(case: str, name: str, contract: Contract) -> Frame:
    frame = read_case(name, contract)
    if case == "JSON-04":
        records = [dict(zip(frame.values.columns, row, strict=True)) for row in frame.values.iter_rows()]
        return frame_of(contract, [records[0], {**records[1], "sfzjh": (records[1]["sfzjh"], NUMBER)}])
    return frame


def _rules(findings: pl.DataFrame) -> dict[int, set[str]]:
    rules: dict[int, set[str]] = {}
    for record, rule in findings.select("record", "rule").iter_rows():
        rules.setdefault(record, set()).add(rule)
    return rules


def _duplicates(checked: Checked, contract: Contract) -> pl.DataFrame:
    """What the store does on the staged table, with plain values for keys and fingerprints."""
    keys = [field.name for field in contract.key]
    values = pl.exclude("record", "line").cast(pl.String).fill_null("∅")
    return duplicates(
        checked.rows.select(
            "record", "line", pl.concat_str(keys, separator="|").alias("key"), pl.concat_str(values, separator="|").alias("fingerprint")
        )
    )


def _shown(checked: Checked, contract: Contract, record: int, physical: str) -> str:
    """The canonical value, as the manifest writes it."""
    field = next(field for field in contract.fields if field.physical == physical)
    value = checked.rows.row(by_predicate=pl.col("record") == record, named=True)[field.name]
    type_ = catalog().elements[field.element or ""].type
    if value is None:
        return ""
    if type_ is ValueType.MONEY:
        return f"{value // 100}.{value % 100:02d}"
    if type_ is ValueType.MONTH:
        return f"{value:%Y-%m}"
    if type_ is ValueType.BOOLEAN:
        return "Y" if value else "N"
    return "open" if value == date(9999, 12, 31) else str(value)
