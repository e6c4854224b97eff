"""Files that are too large, too wide, cut, locked or made to hurt: each is refused with its place, and nothing else breaks."""

from __future__ import annotations

import gzip
import os
import signal
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.files import open_file
from connectors.files.settings import read_settings
from connectors.files.source import FilesSource
from hub.intake.conformance import failure, pull
from hub.intake.port import Frame, YibiaoError
from hub.intake.refusals import kind_of
from tests.connectors.files_contracts import contract_of
from tests.connectors.workbooks import people_sheet, person, sheet_xml, text_cell, write_workbook

PEOPLE = contract_of("suite.people", ["编号", "姓名"], ("编号", "姓名"))


def _open(path: Path, **options: object) -> Any:
    return open_file(path, PEOPLE, options, date(2024, 3, 31))


def _refusal(path: Path, **options: object) -> tuple[str | None, str]:
    error = failure(_open(path, **options))
    assert error.values["file"] == path.name
    return kind_of(error.code), error.values["place"]


def _csv(folder: Path, content: str | bytes) -> Path:
    path = folder / "people.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_million_columns(tmp_path: Path) -> None:
    wide = ",".join(f"c{number}" for number in range(1_000_000))
    kind, place = _refusal(_csv(tmp_path, f"编号,姓名,{wide}\n1,王\n"))
    assert (kind, place) == ("limits", "line 1")


def test_a_million_columns_in_a_line_that_is_short_enough(tmp_path: Path) -> None:
    assert _refusal(_csv(tmp_path, "编号,姓名" + "," * 500_000 + "\n1,王\n")) == ("limits", "line 1")


def test_a_line_of_two_mebibytes(tmp_path: Path) -> None:
    for filler in ("x" * 2**21, '"' + "x" * 2**21 + '"'):
        assert _refusal(_csv(tmp_path, f"编号,姓名\n1,王\n2,{filler}\n3,李\n")) == ("limits", "line 3")


def test_a_line_that_never_ends_is_not_gathered(tmp_path: Path) -> None:
    assert _refusal(_csv(tmp_path, b"\xe7\xbc\x96" * 2**21)) == ("limits", "line 1")


def test_unknown_keys_without_end(tmp_path: Path) -> None:
    path = tmp_path / "people.ndjson"
    path.write_text("".join(f'{{"编号": "{n}", "姓名": "王", "k{n}": 1}}\n' for n in range(3_000)), "utf-8")
    assert _refusal(path) == ("limits", "keys")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('编号,姓名\n1,"王\n2,李\n3,张\n4,赵\n', ("quoting", "line 2")),
        ('编号,姓名\n1,"王\n一\n二\n三"\n', ("quoting", "line 2")),
        ('编号,姓名\n1,王\n2,"李', ("truncated", "line 3")),
        ("编号,姓名\n1,王\n2", ("truncated", "line 3")),
        ("编号;姓名\n1;王\n", ("columns", "line 1: semicolons found, commas agreed")),
        ("编号,名字\n1,王\n", ("columns", "line 1")),
        ("\n\n ,\n", ("empty", "")),
        ("编号,姓名\n,\n", ("empty", "header only")),
        ("编号,姓名\n1,王\n".encode("utf-16"), ("encoding", "byte 0")),
        ("编号,姓名\n1,王\n".encode("utf-16-le"), ("encoding", "byte 0")),
        ("编号,姓名\n1,王\n2,李\n".encode("gb18030")[:-2], ("truncated", "line 3")),
        (b"%PDF-1.7 ...", ("format", "PDF")),
        (b"PK\x03\x04....", ("format", "ZIP")),
        (b'[{"a": 1}]', ("format", "JSON array")),
    ],
)  # fmt: skip
def test_delimited_text_that_cannot_be_used(content: str | bytes, expected: tuple[str, str], tmp_path: Path) -> None:
    if isinstance(content, bytes) and content.startswith("编号".encode("utf-16-le")):
        content = content + content[16:] * 20  # enough of it to be told without a mark
    assert _refusal(_csv(tmp_path, content)) == expected


def test_a_gzip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(b"," * 2**25))
    assert _refusal(path) == ("limits", "gzip")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "people.xlsx", {"名册": people_sheet() + " " * 2**25})
    assert _refusal(path) == ("limits", "xl/worksheets/sheet1.xml")


def test_a_part_that_lies_about_its_size(tmp_path: Path) -> None:
    """Unpacking stops at the size that the archive states."""
    path = write_workbook(tmp_path / "people.xlsx", {"名册": people_sheet(person(2)) + " " * 2**20})
    content = path.read_bytes()
    size = (2**20 + len(people_sheet(person(2)).encode())).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (2**10).to_bytes(4, "little")))
    assert _refusal(path) == ("truncated", "xl/worksheets/sheet1.xml")


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    rows = f'<row r="1">{text_cell("A1", "编号")}{text_cell("B1", "&b;")}</row>'
    path = write_workbook(tmp_path / "people.xlsx", {"名册": sheet_xml(rows, before=bomb)})
    assert _refusal(path) == ("format", "xl/worksheets/sheet1.xml")


def test_a_cell_at_the_far_corner(tmp_path: Path) -> None:
    far = f'<row r="1048576">{text_cell("XFD1048576", "x")}</row>'
    path = write_workbook(tmp_path / "people.xlsx", {"名册": people_sheet(person(2), far)})
    assert _refusal(path) == ("limits", "名册!XFD1048576")


def test_an_empty_cell_at_the_far_corner_is_nothing(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    path = write_workbook(tmp_path / "people.xlsx", {"名册": people_sheet(person(2), far)})
    assert pull(_open(path)).end.records == 1


def test_a_workbook_that_needs_too_much_memory(tmp_path: Path) -> None:
    huge = f'<row r="2">{text_cell("A2", "1")}{text_cell("B2", "".join(map(str, range(4_000_000))))}</row>'
    path = write_workbook(tmp_path / "people.xlsx", {"名册": people_sheet(huge)})
    assert _refusal(path, limits={"memory_bytes": 16 * 2**20}) == ("limits", "people.xlsx")


def test_a_workbook_that_takes_too_long(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "people.xlsx", {"名册": people_sheet(*(person(row) for row in range(2, 150_000)))})
    assert _refusal(path, limits={"cpu_seconds": 1}) == ("limits", "people.xlsx")


def test_a_child_that_is_killed_is_a_refusal_and_leaves_nothing(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "people.xlsx", {"名册": people_sheet(*(person(row) for row in range(2, 60_000)))})
    source = _open(path, limits={"frame_rows": 1_000})
    before = _children()
    reading = source.read(source.offers(None, None)[0])
    assert isinstance(next(reading), Frame)
    (child,) = _children() - before
    os.kill(child, signal.SIGKILL)
    with pytest.raises(YibiaoError) as caught:
        list(reading)
    assert kind_of(caught.value.code) == "limits"
    assert "signal 9" in caught.value.text("en")
    assert _children() == before


def test_a_reading_that_is_left_ends_its_child(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "people.xlsx", {"名册": people_sheet(*(person(row) for row in range(2, 60_000)))})
    before = _children()
    reading = iter(_open(path, limits={"frame_rows": 1_000}).read(_open(path).offers(None, None)[0]))
    next(reading)
    reading.close()
    assert _children() == before


def _children() -> set[int]:
    return {int(pid) for listing in Path("/proc/self/task").glob("*/children") for pid in listing.read_text("ascii").split()}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ("format", ".xls (Excel 97-2003)")),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), ("encrypted", "encrypted workbook")),
        (b"PK\x03\x04" + b"\0" * 100, ("truncated", "ZIP")),
        (b'<?xml version="1.0"?><x/>', ("format", "XML")),
    ],
)  # fmt: skip
def test_workbooks_that_are_none(content: bytes, expected: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(content)
    assert _refusal(path) == expected


def test_other_packages_are_named(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert _refusal(path) == ("format", "Word")


def test_two_sheets_with_the_header(tmp_path: Path) -> None:
    sheets = {"一月": people_sheet(person(2)), "二月": people_sheet(person(2), person(3))}
    path = write_workbook(tmp_path / "people.xlsx", sheets)
    assert _refusal(path)[0] == "sheet"
    assert _refusal(path, sheet="三月") == ("sheet", "三月")
    assert pull(_open(path, sheet="二月")).end.records == 2


def test_a_hidden_sheet_is_told(tmp_path: Path) -> None:
    sheets = {"新": people_sheet(person(2)), "旧": people_sheet(person(2), person(3))}
    pulled = pull(_open(write_workbook(tmp_path / "people.xlsx", sheets, hidden=("旧",))))
    assert pulled.end.records == 1
    assert [warning.place for warning in pulled.warned("hidden_sheet")] == ["旧"]


def test_a_cut_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"编号": ["1"], "姓名": ["王"]}), path)
    path.write_bytes(path.read_bytes()[:-10])
    assert _refusal(path) == ("truncated", "Parquet")


@pytest.mark.parametrize(
    "pattern", [r"([a-z0-9.-]+)+!(?P<as_of>\d{8})", r"((a|aa)*)*(?P<as_of>\d{8})", r"(a|a)+(?P<as_of>\d{8})", r".*.*.*.*(?P<as_of>\d{8})"]
)
def test_a_pattern_that_takes_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(YibiaoError) as refusal:
        read_settings({"pattern": pattern})
    assert refusal.value.code == "source_options"
    assert "pattern" in refusal.value.text("zh")
    with pytest.raises(YibiaoError):
        read_settings({"footer": [r"^(合|计+)+$"]})


def test_a_link_is_no_delivery(tmp_path: Path) -> None:
    """It may lead out of the department's folder."""
    (tmp_path / "elsewhere.csv").write_text("a\n1\n")
    folder = tmp_path / "department"
    folder.mkdir()
    (folder / "list_20240331.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert FilesSource(PEOPLE, read_settings({}), folder).offers(None, None) == []
