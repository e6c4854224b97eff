"""A workbook's records: which sheet, which rows are the header, what merged cells stand for. Runs in the child process."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from connectors.files.cells import Strings, date_styles
from connectors.files.frames import Chunk, Reading, Summary, chunk_of
from connectors.files.header import Layout, layout_of, matches, missing
from connectors.files.header import Path as Name
from connectors.files.messages import HEADER
from connectors.files.package import Package, Sheet, open_package
from connectors.files.settings import FOOTER_SIGNS, Agreed, Settings
from connectors.files.sheet import Cell, Merged, Row, merged_ranges, rows
from hub.intake.port import TEXT, Warned, invalid, refusals

__all__ = ["read_workbook"]

HEADER_ROWS = 60  # how far down a header is looked for
DEEPEST = 4  # rows of one header
CHUNK_ROWS = 1_000
KEPT_LINES = 200
_BLANKS = " \t\r\n\u00a0\u3000"


@dataclass(frozen=True, slots=True)
class _Head:
    """A header: its rows ``top`` to ``bottom`` (1-based), the names of its columns, and how many fields they are."""

    top: int
    bottom: int
    names: tuple[Name, ...]
    matched: int
    whole: bool  # no required name is missing

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        return self.whole, self.matched, self.top - self.bottom, -self.top


@dataclass(slots=True)
class _Met:
    """What is met on the way down."""

    hidden: int = 0
    hidden_rows: list[int] = field(default_factory=list)
    blank: int = 0
    footers: int = 0
    footer: list[str] = field(default_factory=list)


def read_workbook(path: Path, agreed: Agreed, settings: Settings) -> Reading:
    """The records of the one sheet that has the contract's header.

    Raises INVALID ``refused_`` sheet, columns, limits, truncated, encrypted, format.
    """
    package = open_package(path, settings.limits)
    strings, dates = Strings(package), date_styles(package)
    sheet, head, merged, warned = _choose(package, strings, dates, agreed, settings)
    layout = layout_of(agreed, head.names, f"{sheet.name}, row {head.bottom}")
    stream = rows(package, sheet, strings, dates, settings.limits)
    preamble = []
    below: Iterator[Row] = iter(())
    for row in stream:
        if row.number > head.bottom:
            below = chain([row], stream)
            break
        if row.number < head.top and row.cells:
            preamble.append(_line(row))
    met = _Met()
    yield from _chunks(below, layout, agreed, merged, settings, package.date_system, met)
    warnings = (*layout.warnings, *warned, *_warnings(met, sheet))
    return Summary(warnings, tuple(preamble[:KEPT_LINES]), tuple(met.footer), "header only")


def _warnings(met: _Met, sheet: Sheet) -> list[Warned]:
    """Title rows are usual in a workbook and no warning; they are kept."""
    warned = []
    if met.footers:
        warned.append(Warned("footer", sheet.name, met.footers))
    if met.hidden:
        listed = ", ".join(map(str, met.hidden_rows)) + (" ..." if met.hidden > len(met.hidden_rows) else "")
        warned.append(Warned("hidden_rows", f"{sheet.name}, rows {listed}", met.hidden))
    if met.blank:
        warned.append(Warned("blank_rows", sheet.name, met.blank))
    return warned


# Sheet and header ----------------------------------------------------------------------------------------------------


def _choose(
    package: Package, strings: Strings, dates: Sequence[bool], agreed: Agreed, settings: Settings
) -> tuple[Sheet, _Head, list[Merged], list[Warned]]:
    """The sheet to read: the one that the contract names, else the only visible one with the header, else the only hidden
    one. A hidden sheet with the header is told, read or not."""
    named = [sheet for sheet in package.sheets if settings.sheet in {None, sheet.name}]
    if not named:
        found = ", ".join(sheet.name for sheet in package.sheets)
        raise invalid(refusals.SHEET, place=settings.sheet or "workbook", found=found)
    found_heads: list[tuple[Sheet, _Head, list[Merged]]] = []
    filled = False
    for sheet in named:
        merged = merged_ranges(package, sheet)
        first = list(islice((row for row in rows(package, sheet, strings, dates, settings.limits) if row.cells), HEADER_ROWS))
        filled = filled or bool(first)
        head = _header(first, merged, agreed)
        if head is not None:
            found_heads.append((sheet, head, merged))
    if not filled:
        raise invalid(refusals.EMPTY, place="", found=", ".join(sheet.name for sheet in named))
    whole = [entry for entry in found_heads if entry[1].whole] or found_heads
    visible = [entry for entry in whole if not entry[0].hidden] or whole
    if not visible:
        absent = [name for name in agreed.names if name in agreed.required] or list(agreed.names)
        place = ", ".join(sheet.name for sheet in named)
        raise invalid(HEADER, place=place, found=", ".join(absent[:10]), searched=HEADER_ROWS)
    if len(visible) > 1:
        raise invalid(refusals.SHEET, place="workbook", found=", ".join(entry[0].name for entry in visible))
    warned = [Warned("hidden_sheet", sheet.name) for sheet, _, _ in whole if sheet.hidden]
    return *visible[0], warned


def _header(first: list[Row], merged: list[Merged], agreed: Agreed) -> _Head | None:
    """The rows whose names fit the contract best; of equals the fewest, of those the highest."""
    numbers = [row.number for row in first]
    by_number = {row.number: row for row in first}
    ranges = [area for area in merged if area.top <= (numbers[-1] if numbers else 0)]
    best: _Head | None = None
    for top in numbers:
        for bottom in range(top, top + DEEPEST):
            if bottom > top and bottom not in by_number:
                break
            names = _names(by_number, ranges, top, bottom)
            found = matches(agreed, names)
            if len(found) < min(2, len(agreed.names)):
                continue
            head = _Head(top, bottom, names, len(set(found.values())), not missing(agreed, found))
            if best is None or head.rank > best.rank:
                best = head
    return best


def _names(by_number: dict[int, Row], ranges: list[Merged], top: int, bottom: int) -> tuple[Name, ...]:
    """Each column's way down the rows ``top`` to ``bottom``; a merged cell is one step wherever it reaches."""
    steps: dict[int, list[tuple[object, str]]] = defaultdict(list)
    areas = [area for area in ranges if area.top <= bottom and area.bottom >= top]
    width = max((column for number in range(top, bottom + 1) for column in by_number[number].cells), default=-1) + 1
    for number in range(top, bottom + 1):
        cells = by_number[number].cells
        for column in range(width):
            area = next((a for a in areas if a.top <= number <= a.bottom and a.left <= column <= a.right), None)
            text, _ = (by_number[area.top].cells.get(area.left) if area and area.top in by_number else cells.get(column)) or (None, TEXT)
            origin: object = area or (number, column)
            if text and text.strip(_BLANKS) and (not steps[column] or steps[column][-1][0] != origin):
                steps[column].append((origin, text))
    return tuple(tuple(text for _, text in steps[column]) for column in range(width))


# Records -------------------------------------------------------------------------------------------------------------


def _chunks(
    stream: Iterator[Row], layout: Layout, agreed: Agreed, merged: list[Merged], settings: Settings, system: int, met: _Met
) -> Iterator[Chunk]:
    footer = re.compile(settings.footer_pattern) if settings.footer else None
    filler = _Filler(merged)
    records: list[dict[int, Cell]] = []
    numbers: list[int | None] = []
    for row in stream:
        filled = {column: cell for column, cell in row.cells.items() if cell[0] is None or cell[0].strip(_BLANKS)}
        if not filled:
            met.blank += not met.footers  # between the lines of a footer a blank row says nothing
            continue
        if footer is not None and footer.search((filled[min(filled)][0] or "")[:FOOTER_SIGNS]):
            met.footers += 1
            if len(met.footer) < KEPT_LINES:
                met.footer.append(_line(row))
            continue
        if row.hidden:
            met.hidden += 1
            if len(met.hidden_rows) < 20:
                met.hidden_rows.append(row.number)
        records.append(filler.filled(row))
        numbers.append(row.number)
        if len(records) == CHUNK_ROWS:
            yield _chunk(records, numbers, layout, agreed, system)
            records, numbers = [], []
    if records:
        yield _chunk(records, numbers, layout, agreed, system)


def _chunk(records: list[dict[int, Cell]], numbers: list[int | None], layout: Layout, agreed: Agreed, system: int) -> Chunk:
    columns: dict[str, list[str | None]] = {}
    kinds: dict[str, list[int]] = {}
    nothing: Cell = (None, TEXT)
    for name, position in layout.positions.items():
        cells = [record.get(position, nothing) for record in records]
        columns[name] = [text for text, _ in cells]
        told = [kind for _, kind in cells]
        if any(told):
            kinds[name] = told
    return chunk_of(agreed, columns, numbers, kinds, None, system)


class _Filler:
    """Gives every row of a merged range the value of its first cell, in the range's first column; nothing else."""

    def __init__(self, merged: list[Merged]) -> None:
        self._by_top: dict[int, list[Merged]] = defaultdict(list)
        for area in merged:
            if area.bottom > area.top:
                self._by_top[area.top].append(area)
        self._open: list[tuple[Merged, Cell]] = []

    def filled(self, row: Row) -> dict[int, Cell]:
        """The row's cells with those of the ranges that reach down to it. Rows are asked for in order."""
        cells = row.cells
        if self._open:
            self._open = [(area, cell) for area, cell in self._open if area.bottom >= row.number]
            for area, cell in self._open:
                cells.setdefault(area.left, cell)
        for area in self._by_top.pop(row.number, ()):
            if area.left in row.cells:
                self._open.append((area, row.cells[area.left]))
        return cells


def _line(row: Row) -> str:
    return " ".join((row.cells[column][0] or "").strip(_BLANKS) for column in sorted(row.cells))
