"""One delimited record at a time, strictly (RFC 4180, any delimiter): for the lines that the quick path of ``delimited``
leaves over. A quote opens a field only at its start and must be followed by a delimiter or the line's end when it closes;
a line that breaks this is a fault of its own and the next line starts afresh.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.files.settings import Limits
from hub.intake.port import YibiaoError, invalid, refusals

__all__ = ["Record", "Splitter", "is_blank"]

# The module's own limit is for all of the process; ours is by the line, and larger.
csv.field_size_limit(2**31 - 1)

BLANKS = " \t\u00a0\u3000\ufeff\x1a"  # \x1a: the end mark of DOS


@dataclass(frozen=True, slots=True)
class Record:
    """``fields`` is None for a broken one; ``lines`` is how many lines it takes."""

    fields: list[str] | None
    raw: str
    lines: int = 1


def is_blank(text: str, delimiter: str) -> bool:
    return not text.strip(BLANKS + delimiter + '"')


class Splitter:
    """Splits records that start at given lines of a block. Raises INVALID ``refused_quoting`` for a quote that swallows
    records: an open field over more lines than a field may have, or over a line that is a record by itself."""

    def __init__(self, delimiter: str, limits: Limits) -> None:
        self._delimiter = delimiter
        self._limits = limits

    def fields(self, text: str) -> list[str] | None:
        """The fields of a text that is one record; None if its quotes are broken."""
        try:
            return next(csv.reader((text,), delimiter=self._delimiter, strict=True), [])
        except csv.Error:
            return None

    def is_open(self, text: str) -> bool:
        """Whether the text ends inside a quoted field."""
        try:
            next(csv.reader((text,), delimiter=self._delimiter, strict=True), [])
        except csv.Error as error:
            return "unexpected end" in str(error)
        return False

    def record(self, lines: Sequence[str], at: int, number: int, width: int | None) -> Record | None:
        """The record that starts at ``lines[at]``, whose line number is ``number``; ``width`` fields are agreed. None if
        it is still open at the end of ``lines``."""
        text = lines[at]
        if not self.is_open(text):
            return Record(self.fields(text), text)
        for end in range(at + 1, len(lines)):
            following = lines[end]
            if width is not None and width > 1 and self._stands_alone(following, width):
                raise self.swallowed(number)
            text = f"{text}\n{following}"
            if not self.is_open(text):
                fields = self.fields(text)
                if fields is not None and max(field.count("\n") for field in fields) > self._limits.line_breaks:
                    raise self.swallowed(number)
                return Record(fields, text, end - at + 1) if fields is not None else Record(None, lines[at])
            if text.count("\n") > self._limits.line_breaks * max(1, width or 1) or len(text) > self._limits.line_bytes:
                raise self.swallowed(number)
        return None

    def _stands_alone(self, line: str, width: int) -> bool:
        return line.count(self._delimiter) >= width - 1

    def swallowed(self, number: int) -> YibiaoError:
        return invalid(refusals.QUOTING, place=f"line {number}", found='"')
