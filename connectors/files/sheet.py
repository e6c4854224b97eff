"""One sheet's rows, by a streaming pass of our own over its XML: what a cell is, not what a library makes of it.

The dimension that a sheet claims is not believed; rows and cells without addresses are taken in order; hidden rows are
rows; empty cells, however formatted, are nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from connectors.files.cells import Strings, day_of, exact, unescaped
from connectors.files.package import Package, Sheet
from connectors.files.settings import Limits
from hub.intake.port import DATE, ERROR, FORMULA, NUMBER, TEXT, invalid, refusals

__all__ = ["Cell", "Merged", "Row", "address", "merged_ranges", "rows"]

Cell = tuple[str | None, int]  # text and kind
_MERGE = re.compile(rb"""<(?:[\w.-]+:)?mergeCell\s[^<>]*?\bref=["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']""")
_LETTERS = re.compile("[A-Z]{1,3}")


@dataclass(frozen=True, slots=True)
class Row:
    """``cells``: 0-based column to cell, without the empty ones."""

    number: int
    hidden: bool
    cells: dict[int, Cell]


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range: rows 1-based, columns 0-based, all inclusive."""

    top: int
    left: int
    bottom: int
    right: int


def column_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def address(column: int, row: int) -> str:
    """A cell's name: (0, 1) is A1."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def merged_ranges(package: Package, sheet: Sheet) -> list[Merged]:
    """The sheet's merged ranges. They stand behind the rows, but rows need them: a pass of its own over the bytes."""
    found: list[Merged] = []
    carry = b""
    for chunk in package.chunks(sheet.part):
        text = carry + chunk
        if b"mergeCell" in text:
            for match in _MERGE.finditer(text):
                left, top, right, bottom = match[1].decode(), int(match[2]), match[3].decode(), int(match[4])
                found.append(Merged(top, column_of(left), bottom, column_of(right)))
            last = text.rfind(b"<")
            carry = text[last:] if last >= 0 and b">" not in text[last:] else b""
        else:
            carry = text[-64:]
    return found


def rows(package: Package, sheet: Sheet, strings: Strings, dates: Sequence[bool], limits: Limits) -> Iterator[Row]:
    """The rows that are in the file, in its order, blank ones too (without cells).

    Raises INVALID ``refused_limits`` for a filled cell beyond the agreed columns, ``refused_format`` for broken XML.
    """
    state = _State(sheet.name, strings, dates, package.date_system, limits)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = state.start, state.end
    parser.CharacterDataHandler = state.characters
    for _ in package.parse(sheet.part, parser):
        if state.ready:
            yield from state.ready
            state.ready = []


@dataclass(slots=True)
class _State:
    """Where the parser is."""

    sheet: str
    strings: Strings
    dates: Sequence[bool]
    system: int
    limits: Limits
    ready: list[Row] = field(default_factory=list)
    row: int = 0
    hidden: bool = False
    cells: dict[int, Cell] = field(default_factory=dict)
    column: int = -1
    kind: str = "n"
    style: int = 0
    formula: bool = False
    valued: bool = False
    spoken: bool = False
    collecting: bool = False
    pieces: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        element = name if ":" not in name else name.rpartition(":")[2]
        if element == "c":
            self._start_cell(attributes)
        elif element == "v" or (element == "t" and not self.spoken):
            self.valued = self.collecting = True
        elif element == "f":
            self.formula = True
        elif element == "rPh":
            self.spoken = True
        elif element == "row":
            self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
            self.hidden = attributes.get("hidden", "0") in {"1", "true"}
            self.cells = {}
            self.column = -1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self.column += 1
        else:
            letters = place.rstrip("0123456789")
            column = self.columns.get(letters)
            if column is None:
                self.columns[letters] = column = column_of(letters) if _LETTERS.fullmatch(letters) else self.column + 1
            self.column = column
        self.kind = attributes.get("t", "n")
        self.style = int(attributes.get("s", "0"))
        self.formula = self.valued = False

    def characters(self, text: str) -> None:
        if self.collecting:
            self.pieces.append(text)

    def end(self, name: str) -> None:
        element = name if ":" not in name else name.rpartition(":")[2]
        if element == "v" or element == "t":
            self.collecting = False
        elif element == "c":
            self._end_cell()
        elif element == "rPh":
            self.spoken = False
        elif element == "row":
            self.ready.append(Row(self.row, self.hidden, self.cells))

    def _end_cell(self) -> None:
        text = "".join(self.pieces)
        self.pieces.clear()
        if not text and not self.formula:
            return
        cell = self._cell(text)
        if cell[0] == "" and not self.formula:
            return
        if self.column >= self.limits.columns:
            place = f"{self.sheet}!{address(self.column, self.row)}"
            raise invalid(refusals.LIMITS, place=place, found=f"{self.column + 1} columns", limit=f"{self.limits.columns} columns")
        self.cells[self.column] = cell

    def _cell(self, text: str) -> Cell:
        kind = self.kind
        if kind == "s":
            return self._shared(text)
        if kind in {"inlineStr", "str"}:
            return (unescaped(text), TEXT) if self.valued or kind == "inlineStr" else (None, FORMULA)
        if not text:  # a formula that nobody has computed
            return None, FORMULA
        if kind == "e":
            return text, ERROR
        if kind == "b":
            return ("true" if text == "1" else "false"), TEXT
        if kind == "d":
            return text, DATE
        return self._number(text)

    def _shared(self, text: str) -> Cell:
        try:
            return self.strings[int(text)], TEXT
        except (IndexError, ValueError):
            place = f"{self.sheet}!{address(self.column, self.row)}"
            raise invalid(refusals.FORMAT, place=place, found="sharedStrings") from None

    def _number(self, text: str) -> Cell:
        try:
            if self.style < len(self.dates) and self.dates[self.style]:
                day = day_of(text, self.system)
                if day is not None:
                    return day, DATE
            return exact(text), NUMBER
        except (ValueError, ArithmeticError):
            return text, TEXT
