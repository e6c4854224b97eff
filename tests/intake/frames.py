"""Frames by hand: from records, and from the small case files by the plainest reading there is, without a connector."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl

from hub.intake.port import DATE, ERROR, FORMULA, NUMBER, TEXT, Frame
from hub.registry.load import load
from hub.registry.model import Catalog, Contract

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases" / "intake"
Cell = tuple[str | None, int]


@cache
def catalog() -> Catalog:
    """The city's own definitions, as shipped."""
    return load([ROOT / "schemas", ROOT / "contracts"])


def frame_of(contract: Contract, records: Sequence[Mapping[str, str | Cell | None]], date_system: int | None = None) -> Frame:
    """``records``: physical name -> text, or (text, kind)."""
    names = [field.physical for field in contract.fields]
    cells = [{name: cell if isinstance(cell, tuple) else (cell, TEXT) for name, cell in record.items()} for record in records]
    texts = {name: [record.get(name, (None, TEXT))[0] for record in cells] for name in names}
    kinds = {name: [record.get(name, (None, TEXT))[1] for record in cells] for name in names}
    return Frame(
        values=pl.DataFrame(texts, dict.fromkeys(names, pl.String)),
        kinds=pl.DataFrame({name: column for name, column in kinds.items() if any(column)}).cast(pl.UInt8),
        places=places(len(records)),
        date_system=date_system,
    )


def places(height: int, faults: Mapping[int, tuple[str, str]] | None = None) -> pl.DataFrame:
    """``faults``: index -> (fault, raw text)."""
    given = [(faults or {}).get(index, (None, None)) for index in range(height)]
    return pl.DataFrame(
        {
            "record": list(range(1, height + 1)),
            "line": list(range(2, height + 2)),
            "fault": [fault for fault, _ in given],
            "raw": [raw for _, raw in given],
        },
        {"record": pl.Int64, "line": pl.Int64, "fault": pl.String, "raw": pl.String},
    )


def read_case(name: str, contract: Contract) -> Frame:
    """The frame of one case file, as a connector would hand it on."""
    path = CASES / name
    match path.suffix:
        case ".csv":
            return frame_of(contract, list(csv.DictReader(io.StringIO(_decoded(path.read_bytes()), newline=""))))
        case ".ndjson":
            lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
            return frame_of(contract, [{key: cell_of(value) for key, value in line.items()} for line in lines])
        case ".parquet":
            return frame_of(contract, [{key: cell_of(value) for key, value in row.items()} for row in pl.read_parquet(path).to_dicts()])
        case _:
            return _workbook(path, contract)


def cell_of(value: Any) -> Cell:
    if value is None or isinstance(value, str):
        return value, TEXT
    if isinstance(value, bool):
        return ("true" if value else "false"), TEXT
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(), DATE
    if isinstance(value, date):
        return value.isoformat(), DATE
    if isinstance(value, int | float | Decimal):
        return format(Decimal(str(value)).normalize(), "f"), NUMBER
    return json.dumps(value, ensure_ascii=False), TEXT


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _workbook(path: Path, contract: Contract) -> Frame:
    book = openpyxl.load_workbook(path)
    cached = openpyxl.load_workbook(path, data_only=True)
    rows = [
        [_workbook_cell(*pair) for pair in zip(*both, strict=True)]
        for both in zip(book.active.iter_rows(), cached.active.iter_rows(), strict=True)
    ]
    names = {field.physical for field in contract.fields}
    header = next(number for number, row in enumerate(rows) if len(names & {cell[0] for cell in row}) > 3)
    columns = [str(cell[0]) for cell in rows[header]]
    return frame_of(
        contract, [dict(zip(columns, row, strict=True)) for row in rows[header + 1 :]], book.epoch.year if book.epoch.year == 1904 else 1900
    )


# Excel's Chinese built-in date formats have no text in the file, so that openpyxl takes them for General.
_CHINESE_DATES = {27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58}


def _workbook_cell(cell: Any, cached: Any) -> Cell:
    value = cached.value
    if cell.data_type == "f" and value is None:
        return None, FORMULA
    if cached.data_type == "e":
        return str(value), ERROR
    if isinstance(value, int) and cell._style.numFmtId in _CHINESE_DATES:
        return (date(1899, 12, 30) + timedelta(days=value)).isoformat(), DATE
    return cell_of(value)
