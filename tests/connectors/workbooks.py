"""Workbooks written by hand, part by part, for tests: what no writer of ours would write."""

from __future__ import annotations

import zipfile
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def text_cell(address: str, text: str) -> str:
    return f'<c r="{address}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet_xml(rows: str, behind: str = "", before: str = "") -> str:
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{behind}</worksheet>'


def write_workbook(path: Path, sheets: dict[str, str], *, hidden: tuple[str, ...] = (), formats: tuple[str, ...] = ()) -> Path:
    """A workbook with these sheets (name to XML); ``formats`` are number formats, style ``s="n"`` has the n-th."""
    listed, relations = "", ""
    for number, name in enumerate(sheets, 1):
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name="{name}" sheetId="{number}"{state} r:id="r{number}"/>'
        relations += f'<Relationship Id="r{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
    relations += f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    codes = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(formats))
    styles = "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(len(formats)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        top = f'<Relationship Id="w" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{_PACKAGE}">{top}</Relationships>')
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>')
        numbered = f"<numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs>"
        archive.writestr("xl/styles.xml", f'<styleSheet xmlns="{_MAIN}">{numbered}</styleSheet>')
        for number, content in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", content)
    return path


def people_sheet(*rows: str) -> str:
    """A sheet with the header 编号, 姓名 in row 1 and further row elements."""
    return sheet_xml(f'<row r="1">{text_cell("A1", "编号")}{text_cell("B1", "姓名")}</row>' + "".join(rows))


def person(row: int) -> str:
    return f'<row r="{row}">{text_cell(f"A{row}", f"{row:06d}")}{text_cell(f"B{row}", "王样")}</row>'
