"""The head of an old form's table: each column once, named by its path through merged cells (户籍人口/其中:男).

Pure: a table comes as cells with what they cover. One whose head is not regular is given back with why, for a person to cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

_DEEPEST = 5  # rows of a head; official forms have two or three


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, where it begins (from 0), and how many rows and columns it covers."""

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """``name``: of the sheet, or the number of the table in a document."""

    name: str
    cells: tuple[Cell, ...]


class Odd(StrEnum):
    """Why a head cannot be read."""

    NO_HEAD = "no_head"  # no row has two texts
    DEEP = "deep"  # merged cells do not end above one cell a column
    UNNAMED = "unnamed"  # a column has no text
    TWICE = "twice"  # two columns have the same path


@dataclass(frozen=True, slots=True)
class Head:
    """``title``: the rows above the head; ``columns``: their paths, from left to right; ``odd``: why a person must look, and then
    ``columns`` are what could be read, empty where there is nothing."""

    table: str
    title: str
    columns: tuple[str, ...]
    odd: Odd | None = None


def head_of(table: Table) -> Head:
    """The head of a table: below its title rows, down to where every column has a cell of its own."""
    at = {(row, column): cell for cell in table.cells for row, column in _covered(cell)}
    height = max((row for row, _ in at), default=-1) + 1
    width = max((column for _, column in at), default=-1) + 1
    rows = [[at.get((row, column)) for column in range(width)] for row in range(height)]
    first = next((row for row, cells in enumerate(rows) if len({cell.text for cell in cells if cell is not None and cell.text}) > 1), None)
    title = " ".join(dict.fromkeys(cell.text for cell in table.cells if cell.text and cell.row < (height if first is None else first)))
    if first is None:
        return Head(table.name, title, (), Odd.NO_HEAD)
    last = _last_row(rows, first)
    columns = tuple(_path(row[column] for row in rows[first : last + 1]) for column in range(width))
    return Head(table.name, title, columns, _odd(columns, rows[last], last - first))


def _covered(cell: Cell) -> Iterable[tuple[int, int]]:
    return ((cell.row + down, cell.column + right) for down in range(cell.rows) for right in range(cell.columns))


def _last_row(rows: Sequence[Sequence[Cell | None]], first: int) -> int:
    """The first row, from ``first`` on, in which no cell reaches below it or over several columns."""
    last = first
    while last + 1 < len(rows) and last - first < _DEEPEST and any(_goes_on(cell, last) for cell in rows[last]):
        last += 1
    return last


def _goes_on(cell: Cell | None, row: int) -> bool:
    return cell is not None and (cell.columns > 1 or cell.row + cell.rows - 1 > row)


def _path(cells: Iterable[Cell | None]) -> str:
    """The texts from the top down; a cell that covers several rows is said once."""
    return "/".join(cell.text for cell in dict.fromkeys(cells) if cell is not None and cell.text)


def _odd(columns: Sequence[str], row: Sequence[Cell | None], depth: int) -> Odd | None:
    if depth >= _DEEPEST or any(cell is not None and cell.columns > 1 for cell in row):
        return Odd.DEEP
    if not all(columns):
        return Odd.UNNAMED
    return Odd.TWICE if max(Counter(columns).values()) > 1 else None
