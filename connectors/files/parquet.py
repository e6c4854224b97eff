"""Parquet by pyarrow, row group by row group: every type as exact text, nothing inferred or wrapped. In the child process."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.files.frames import FAULTS, Chunk, Reading, Summary
from connectors.files.header import Layout, layout_of
from connectors.files.messages import UNREADABLE
from connectors.files.settings import Agreed, Settings
from hub.intake.port import DATE, ERROR, NUMBER, TEXT, invalid, refusals

__all__ = ["read_parquet"]

BATCH_ROWS = 2_500
_TAIL = (b"PAR1", b"PARE")


def read_parquet(path: Path, agreed: Agreed, settings: Settings) -> Reading:
    """The rows of a Parquet file.

    Raises INVALID ``refused_`` truncated (no footer), columns, limits, format.
    """
    with path.open("rb") as file:
        file.seek(-4, 2)
        if file.read() not in _TAIL:
            raise invalid(refusals.TRUNCATED, place="Parquet", found="no footer")
    try:
        # Old timestamps (INT96) hold days far beyond what nanoseconds can count.
        opened = pq.ParquetFile(path, coerce_int96_timestamp_unit="us", pre_buffer=False, buffer_size=2**20)
        names = opened.schema_arrow.names
        if len(names) > settings.limits.columns:
            raise invalid(refusals.LIMITS, place="Parquet", found=f"{len(names)} columns", limit=f"{settings.limits.columns} columns")
        layout = layout_of(agreed, [(name,) for name in names], "Parquet")
        wanted = sorted(layout.positions.values())
        record = 0
        for batch in opened.iter_batches(BATCH_ROWS, columns=[names[position] for position in wanted], use_threads=False):
            if batch.num_rows:
                yield _chunk(batch, layout, agreed, names, record)
                record += batch.num_rows
    except pa.ArrowInvalid as error:
        raise invalid(UNREADABLE, place="Parquet", found=type(error).__name__) from None
    except OSError as error:
        raise invalid(refusals.TRUNCATED, place="Parquet", found=type(error).__name__) from None
    return Summary(layout.warnings, empty="header only")


def _chunk(batch: pa.RecordBatch, layout: Layout, agreed: Agreed, names: list[str], before: int) -> Chunk:
    height = batch.num_rows
    columns: dict[str, pl.Series] = {}
    kinds: dict[str, pl.Series] = {}
    broken = pl.repeat(value=False, n=height, eager=True)
    for name, position in layout.positions.items():
        texts, told, faulty = _texts(batch.column(names[position]))
        columns[name] = texts.alias(name)
        if told is not None:
            kinds[name] = told.alias(name)
        if faulty is not None:
            broken |= faulty
    lines = pl.repeat(None, height, dtype=pl.Int64, eager=True)
    values = pl.DataFrame([columns.get(name, pl.repeat(None, height, dtype=pl.String, eager=True).alias(name)) for name in agreed.names])
    if not broken.any():
        return Chunk(values, lines, pl.DataFrame(list(kinds.values())))
    faults = pl.select(pl.when(broken).then(pl.lit("encoding")).alias("fault"), pl.lit(None, pl.String).alias("raw"))
    kept = values.with_columns(pl.when(~broken).then(pl.col(name)).alias(name) for name in agreed.names)
    return Chunk(kept, lines, pl.DataFrame(list(kinds.values())), faults.select(*FAULTS))


Texts = tuple[pl.Series, pl.Series | None, pl.Series | None]


def _texts(column: pa.Array) -> Texts:
    """A column's texts, the kinds of its cells if any is not text, and which cells no encoding can read."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary_decode())
    if pa.types.is_null(kind):
        return _series([None] * len(column)), None, None
    if pa.types.is_boolean(kind):
        return _series([None if cell is None else str(cell).lower() for cell in column.to_pylist()]), None, None
    if pa.types.is_integer(kind):
        return _told(column, pl.Series(pl.from_arrow(column.cast(pa.string())), dtype=pl.String), NUMBER)
    if pa.types.is_decimal(kind):
        return _told(column, _mapped(column, _plain), NUMBER)
    if pa.types.is_floating(kind):
        return _floats(column)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _told(column, _days(column), DATE)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _strings(column)
    if pa.types.is_nested(kind):
        return _mapped(column, lambda cell: json.dumps(cell, ensure_ascii=False, default=str, separators=(",", ":"))), None, None
    return _mapped(column, str), None, None


def _series(cells: list[str | None]) -> pl.Series:
    return pl.Series(cells, dtype=pl.String)


def _mapped(column: pa.Array, text: Callable[[Any], str]) -> pl.Series:
    return _series([None if cell is None else text(cell) for cell in column.to_pylist()])


def _told(column: pa.Array, texts: pl.Series, kind: int) -> Texts:
    empty = column.null_count == len(column)
    kinds = pl.select(pl.when(texts.is_not_null()).then(pl.lit(kind, pl.UInt8)).otherwise(pl.lit(TEXT, pl.UInt8))).to_series()
    return texts, None if empty else kinds, None


def _plain(number: Decimal) -> str:
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _floats(column: pa.Array) -> Texts:
    """Shortest texts that give the same number again; NaN and infinity are errors that a program left behind."""
    cells = [None if cell is None else _float(cell) for cell in column.cast(pa.string()).to_pylist()]
    kinds = [TEXT if cell is None else NUMBER if cell[-1].isdigit() else ERROR for cell in cells]
    return _series(cells), pl.Series(kinds, dtype=pl.UInt8) if any(kinds) else None, None


def _float(text: str) -> str:
    number = Decimal(text)
    return _plain(number) if number.is_finite() else text


def _days(column: pa.Array) -> pl.Series:
    """ISO 8601, a midnight as the day alone where the column has no zone. Years beyond four digits keep theirs."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        local = pc.strftime(column, format="%Y-%m-%dT%H:%M:%S%z")
        return pl.Series(pl.from_arrow(local), dtype=pl.String)
    texts = pl.Series(pl.from_arrow(column.cast(pa.string())), dtype=pl.String)
    return texts.str.replace(r"\.0+$", "").str.replace(r" 00:00:00$", "").str.replace(" ", "T", literal=True)


def _strings(column: pa.Array) -> Texts:
    """Strings, or bytes that are UTF-8 without saying so; a cell that is not UTF-8 is told."""
    raw = column.cast(pa.large_binary())
    try:
        texts = raw.cast(pa.large_string())
        texts.validate(full=True)
        return pl.Series(pl.from_arrow(texts), dtype=pl.String), None, None
    except pa.ArrowInvalid:
        cells = [None if cell is None else _decoded(cell) for cell in raw.to_pylist()]
        faulty = [cell is None and original is not None for cell, original in zip(cells, raw.to_pylist(), strict=True)]
        return _series(cells), None, pl.Series(faulty, dtype=pl.Boolean)


def _decoded(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None
