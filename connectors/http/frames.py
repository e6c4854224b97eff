"""Records of an API as a frame of text columns with the kinds of their cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from connectors.http.answers import Repeated, cell, shown
from hub.intake.port import TEXT, Contract, Frame


def frame(contract: Contract, records: Sequence[Any], before: int, cursor: str) -> Frame:
    """The records as a frame whose first is number ``before`` + 1. What is no object, or has a name twice, is a fault."""
    values: dict[str, list[str | None]] = {}
    kinds: dict[str, list[int]] = {}
    whole = [record if isinstance(record, dict) and not isinstance(record, Repeated) else {} for record in records]
    for part in contract.fields:
        cells = [cell(record.get(part.physical)) for record in whole]
        values[part.physical] = [text for text, _ in cells]
        if any(kind != TEXT for _, kind in cells):
            kinds[part.physical] = [kind for _, kind in cells]
    faulted = [not isinstance(record, dict) or isinstance(record, Repeated) for record in records]
    return Frame(
        values=pl.DataFrame(values, schema={part.physical: pl.String for part in contract.fields}),
        kinds=pl.DataFrame(kinds, schema=dict.fromkeys(kinds, pl.UInt8)),
        places=pl.DataFrame(
            {
                "record": range(before + 1, before + len(records) + 1),
                "line": [None] * len(records),
                "fault": ["row_shape" if bad else None for bad in faulted],
                "raw": [cell(shown(record))[0] if bad else None for record, bad in zip(records, faulted, strict=True)],
            },
            schema={"record": pl.Int64, "line": pl.Int64, "fault": pl.String, "raw": pl.String},
        ),
        cursor=cursor,
    )
