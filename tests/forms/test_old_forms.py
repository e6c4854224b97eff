"""F72: an old form as Word document or workbook, with a title row and merged heads: each field once, named by its path."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.errors import YibiaoError
from hub.forms.old_form_files import elements_like, read_tables
from hub.forms.old_forms import Cell, Head, Odd, Table, head_of
from hub.publish import written_at
from hub.registry.build import build
from hub.registry.definitions import definition_roots
from hub.store.definitions import standing
from tests.stories.acting import Machine

COLUMNS = ("序号", "户籍人口/合计", "户籍人口/其中:男", "户籍人口/其中:女", "身份证号码", "备注")
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "人口"
    rows = [
        ["某乡人口情况统计表"],
        ["填报单位：          年  月  日"],
        ["序号", "户籍 人口", None, None, "身份证号码", "备注"],
        [None, "合计", "其中:男", "其中:女"],
        [1, 20, 9, 11, "330802199001011234", None],
    ]
    for row in rows:
        sheet.append(row)
    for merged in ("A1:F1", "A2:F2", "A3:A4", "B3:D3", "E3:E4", "F3:F4"):
        sheet.merge_cells(merged)
    book.save(path)
    return path


def cell(text: str, span: int = 1, merge: str = "") -> str:
    down = {"": "", "begin": '<w:vMerge w:val="restart"/>', "on": "<w:vMerge/>"}[merge]
    return f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/>{down}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>'


def document(path: Path, *rows: str, head: str = "") -> Path:
    table = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    body = f'<?xml version="1.0"?>{head}<w:document xmlns:w="{W}"><w:body><w:p/><w:tbl>{table}</w:tbl></w:body></w:document>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", body)
    return path


ROWS = (
    cell("某乡人口情况统计表", 6),
    cell("序号", 1, "begin") + cell("户籍人口", 3) + cell("身份证号码", 1, "begin") + cell("备注", 1, "begin"),
    cell("", 1, "on") + cell("合计") + cell("其中:男") + cell("其中:女") + cell("", 1, "on") + cell("", 1, "on"),
    cell("1") + cell("") * 5,
)


def test_f72_each_column_once_by_its_path_from_a_workbook_and_from_a_document(tmp_path: Path) -> None:
    (sheet,) = read_tables(workbook(tmp_path / "old.xlsx"))
    assert head_of(sheet) == Head("人口", "某乡人口情况统计表 填报单位：年月日", COLUMNS)
    (table,) = read_tables(document(tmp_path / "old.docx", *ROWS))
    assert head_of(table) == Head("1", "某乡人口情况统计表", COLUMNS)


@pytest.mark.parametrize(
    ("rows", "odd"),
    [
        ([cell("只有一句话", 3)], Odd.NO_HEAD),
        ([cell("a", 2) + cell("b"), cell("c", 2) + cell("d")], Odd.DEEP),
        ([cell("a") + cell("") + cell("c"), cell("1") * 3], Odd.UNNAMED),
        ([cell("a") + cell("b") + cell("a")], Odd.TWICE),
    ],
)
def test_f72_an_irregular_table_is_shown_for_a_person_to_cut(tmp_path: Path, rows: list[str], odd: Odd) -> None:
    (table,) = read_tables(document(tmp_path / "odd.docx", *rows))
    assert head_of(table).odd is odd


def test_what_is_no_form_is_told(tmp_path: Path) -> None:
    def code(path: Path) -> str:
        with pytest.raises(YibiaoError) as caught:
            read_tables(path)
        return caught.value.code

    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "torn.docx").write_bytes(b"PK\x03\x04")
    with zipfile.ZipFile(tmp_path / "other.docx", "w") as archive:
        archive.writestr("hello.txt", "x")
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (80 << 20))
    document(tmp_path / "entities.docx", *ROWS, head='<!DOCTYPE w [<!ENTITY a "aaaa">]>')
    assert code(tmp_path / "old.doc") == "old_form_type"
    assert code(tmp_path / "none.docx") == "old_form_missing"
    assert code(tmp_path / "torn.docx") == "refused_truncated"
    assert code(tmp_path / "other.docx") == code(tmp_path / "entities.docx") == "refused_format"
    assert code(tmp_path / "bomb.docx") == "refused_limits"


def test_what_is_held_already_is_named() -> None:
    catalog = build(standing(written_at(definition_roots())))
    assert elements_like(catalog, "基本信息/性别") == ["person.sex"]
    assert elements_like(catalog, "户籍人口/没有这个数据元") == []


def test_the_command_reads_an_old_form(tmp_path: Path) -> None:
    (head,) = Machine(tmp_path / "var").told("form", "read", str(workbook(tmp_path / "old.xlsx")))
    assert [one["path"] for one in head["columns"]] == list(COLUMNS)
    assert (head["odd"], head["columns"][4]["elements"]) == (None, ["person.citizen_id"])


CELLS = st.builds(Cell, st.sampled_from(["", "甲", "乙", "丙"]), st.integers(0, 5), st.integers(0, 5), st.integers(1, 3), st.integers(1, 3))


@given(st.lists(CELLS, max_size=12))
def test_any_table_has_a_head_or_a_reason(cells: list[Cell]) -> None:
    head = head_of(Table("x", tuple(cells)))
    assert head.odd is not None or (head.columns and all(head.columns) and len(set(head.columns)) == len(head.columns))
