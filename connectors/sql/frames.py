"""Fetched rows as a frame of text columns with the kinds of their cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from connectors.sql.relation import Relation
from hub.intake.port import NUMBER, TEXT, Frame

_SURROGATE = re.compile("[\ud800-\udfff]")


def frame(what: Relation, rows: Sequence[Any], before: int, cursor: str) -> Frame:
    """The rows as a frame whose first record is number ``before`` + 1.

    A row with text that is not in the encoding of its database has the fault "encoding", no values, and its readable rest.
    """
    faults = {place: _readable(row) for place, row in enumerate(rows) if any(map(_undecoded, row))}
    columns = list(zip(*rows, strict=True))
    places = {column: place for place, column in enumerate(what.fetched)}
    values: dict[str, list[str | None]] = {}
    kinds: dict[str, list[int]] = {}
    for physical, column in what.fields:
        cells = columns[places[column]] if column is not None else (None,) * len(rows)
        values[physical] = [None if place in faults else _text(cell) for place, cell in enumerate(cells)]
        found = [NUMBER if isinstance(cell, float) else TEXT if cell is None or column is None else column.kind for cell in cells]
        if any(kind != TEXT for kind in found):
            kinds[physical] = found
    return Frame(
        values=pl.DataFrame(values, schema={physical: pl.String for physical, _ in what.fields}),
        kinds=pl.DataFrame(kinds, schema=dict.fromkeys(kinds, pl.UInt8)),
        places=pl.DataFrame(
            {
                "record": range(before + 1, before + len(rows) + 1),
                "line": [None] * len(rows),
                "fault": ["encoding" if place in faults else None for place in range(len(rows))],
                "raw": [faults.get(place) for place in range(len(rows))],
            },
            schema={"record": pl.Int64, "line": pl.Int64, "fault": pl.String, "raw": pl.String},
        ),
        cursor=cursor,
    )


def _text(cell: Any) -> str | None:
    """The exact text of a value: PostgreSQL gives text already, SQLite one of str, int, float, bytes."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        return repr(cell).removesuffix(".0")
    if isinstance(cell, bytes):
        return cell.hex()
    return str(cell)


def _undecoded(cell: Any) -> bool:
    """Whether a text holds bytes that its encoding does not have (marked by surrogates, see ``dialects.Sqlite``)."""
    return isinstance(cell, str) and not cell.isascii() and _SURROGATE.search(cell) is not None


def _readable(row: Sequence[Any]) -> str:
    texts = [str(cell).encode("utf-8", "surrogateescape").decode("utf-8", "replace") for cell in row if cell is not None]
    return "\x1f".join(texts)
