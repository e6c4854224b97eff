"""A list on demand as a workbook and as CSV: digits stay digits, nothing becomes a formula."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import xlsxwriter

from hub.core.messages import word
from hub.forms.comma_separated import comma_separated
from hub.forms.demands import IdStyle, Listed

_WIDEST = 40


def list_workbook(listed: Listed, title: str, language: str) -> bytes:
    """The .xlsx file; every cell is text, so that no identifier becomes a number."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)})
    sheet = book.add_worksheet()
    text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "bottom": 1})
    table = [[word(one, language) for one in listed.titles], *listed.rows]
    for place in range(len(listed.titles)):
        longest = max(sum(1 if sign.isascii() else 2 for sign in row[place]) for row in table)
        sheet.set_column(place, place, min(longest, _WIDEST) + 2, text)
    for row, cells in enumerate(table):
        for place, cell in enumerate(cells):
            sheet.write_string(row, place, cell, head if row == 0 else text)
    sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()


def list_csv(listed: Listed, style: IdStyle, language: str) -> bytes:
    """CSV with a head. In the style ``text`` a tab stands before each identifier: spreadsheets then read it as text."""
    mark = "\t" if style is IdStyle.TEXT else ""
    rows = [[f"{mark}{cell}" if place in listed.identifiers and cell else cell for place, cell in enumerate(row)] for row in listed.rows]
    return comma_separated([[word(one, language) for one in listed.titles], *rows])
