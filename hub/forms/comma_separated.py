"""Rows as CSV that spreadsheets open as they are: with a byte order mark, and no cell that would be taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\r")


def comma_separated(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8, RFC 4180. A cell that begins like a formula gets an apostrophe before it (OWASP, CSV injection)."""
    text = io.StringIO()
    csv.writer(text).writerows([[f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")
