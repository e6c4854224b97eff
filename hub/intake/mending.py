"""Quarantined rows as a workbook for their sender: every cell is text, the finding stands beside the cell it is about.

What comes back goes through the same door as any delivery: the connector reads the columns by their names and leaves ours
out. ``record_numbers`` reads from a mended workbook which held rows its lines are.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter
from openpyxl.utils.exceptions import InvalidFileException

from hub.checks.messages import explain
from hub.core.messages import Message
from hub.intake.mending_heads import FINDING, RECORD, ROW_FINDINGS
from hub.registry.model import Contract

SHEET = Message("mending_sheet", "待更正", "to mend")

_WIDEST = 50
_HEADS_WITHIN = 30  # lines in which the heads are looked for, as the connector does


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row held back: its record number in the batch, its cells as they came by physical name, its findings."""

    record: int
    cells: Mapping[str, str | None]
    findings: Sequence[Mapping[str, Any]]


def mending_workbook(contract: Contract, rows: Sequence[HeldRow], language: str = "zh") -> bytes:
    """The .xlsx file. Columns: the record number, what is wrong with the row as a whole, and each physical column, followed by
    a column of findings where any cell of it has one."""
    columns, rules = {field.name: field.physical for field in contract.fields}, {rule.name: rule for rule in contract.quality}
    blamed = {str(f["field"]) for row in rows for f in row.findings if f.get("field") in columns}
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    )
    text = book.add_format({"num_format": "@", "valign": "top"})
    wrong = book.add_format({"num_format": "@", "valign": "top", "bg_color": "#FFF2CC", "border": 1, "border_color": "#BF8F00"})
    told = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True, "font_color": "#7F3F00", "italic": True})
    head = book.add_format({"num_format": "@", "bold": True, "text_wrap": True, "valign": "top", "bottom": 2})
    sheet = book.add_worksheet(SHEET.text(language))
    heads = [RECORD.text(language), ROW_FINDINGS.text(language)]
    places: dict[str, int] = {}
    for name, physical in columns.items():
        places[name] = len(heads)
        heads.append(physical)
        if name in blamed:
            heads.append(FINDING.text(language, {"column": physical}))
    for column, title in enumerate(heads):
        sheet.write_string(0, column, title, head)
        sheet.set_column(column, column, min(_WIDEST, max(12, 2 * len(title) + 2)), text)
    for line, row in enumerate(rows, 1):
        findings = [(str(finding.get("field")), explain(finding, language, columns, rules)) for finding in row.findings]
        _write_row(sheet, line, row, findings, columns, places, (text, wrong, told))
    sheet.freeze_panes(1, 2)
    book.close()
    return buffer.getvalue()


def _write_row(
    sheet: Any,
    line: int,
    row: HeldRow,
    findings: Sequence[tuple[str, str]],
    columns: Mapping[str, str],
    places: Mapping[str, int],
    looks: tuple[Any, Any, Any],
) -> None:
    text, wrong, told = looks
    by_field: dict[str, list[str]] = {}
    for field, words in findings:
        by_field.setdefault(field if field in columns else "", []).append(words)
    sheet.write_string(line, 0, str(row.record), text)
    sheet.write_string(line, 1, "\n".join(by_field.get("", [])), told)
    for name, physical in columns.items():
        sheet.write_string(line, places[name], row.cells.get(physical) or "", wrong if name in by_field else text)
        if name in by_field:
            sheet.write_string(line, places[name] + 1, "\n".join(by_field[name]), told)


def _below_heads(book: Any) -> Iterator[Any]:
    """The lines below our own heads, wherever somebody has put them: on another sheet, below a title."""
    for sheet in book.worksheets:
        lines: Iterator[Any] = sheet.iter_rows(values_only=True)
        for line in itertools.islice(lines, _HEADS_WITHIN):
            if line and line[0] in (RECORD.zh, RECORD.en):
                return lines
    return iter(())


def _number(cell: Any) -> int | None:
    text = str(cell).strip()
    return int(text) if text.isascii() and text.isdecimal() else None


def record_numbers(file: Path) -> list[int | None]:
    """For each data row of a mended workbook the record that it mends, None where the number is gone; empty for a file that is
    no such workbook. Called once the file has been read within limits."""
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, KeyError, OSError, ValueError):
        return []
    try:
        lines = _below_heads(book)
        return [_number(line[0]) for line in lines if any(cell is not None and str(cell).strip() for cell in line)]
    finally:
        book.close()
