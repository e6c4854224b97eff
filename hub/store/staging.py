"""Where a batch waits between pull and merge: its staged rows, the keys of held rows, and the rows as they came.

Frames are loaded one by one; a frame loaded twice (a process killed between two files' commits) replaces itself.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import BigInteger, Column, Connection, LargeBinary, MetaData, Select, Table, Text, func, select

from hub.core.vault import Vault
from hub.store.bulk import load
from hub.store.engine import STAGE
from hub.store.parts import in_parts
from hub.store.tables import DatasetTables

_RAW = "raw-frame"


@dataclass(frozen=True)
class Staging:
    """The tables of one batch. ``rows``: ``DatasetTables.stage``; ``held``: row_hash of quarantined rows with a readable
    key; ``names``: name_hash of those without one, where the name can be read; ``raw``: sealed frames of what came, so that a row found bad later is shown as its sender wrote it."""

    dataset: DatasetTables
    batch: int
    rows: Table
    held: Table
    names: Table
    raw: Table


def staging(dataset: DatasetTables, batch: int) -> Staging:
    metadata = MetaData(schema=STAGE)
    return Staging(
        dataset,
        batch,
        dataset.stage(batch),
        Table(f"batch_{batch}_held", metadata, Column("record", BigInteger), Column("row_hash", Text, nullable=False)),
        Table(f"batch_{batch}_names", metadata, Column("record", BigInteger), Column("name_hash", Text, nullable=False)),
        Table(
            f"batch_{batch}_raw",
            metadata,
            Column("first", BigInteger, nullable=False),
            Column("last", BigInteger, nullable=False),
            Column("content", LargeBinary, nullable=False),
        ),
    )


def create(connection: Connection, stage: Staging) -> None:
    for table in (stage.rows, stage.held, stage.names, stage.raw):
        table.create(connection, checkfirst=True)


def drop(connection: Connection, stage: Staging) -> None:
    for table in (stage.rows, stage.held, stage.names, stage.raw):
        table.drop(connection, checkfirst=True)


def add_frame(
    connection: Connection, stage: Staging, vault: Vault, rows: pl.DataFrame, held: pl.DataFrame, raw: pl.DataFrame, *, again: bool
) -> None:
    """Load one frame: sealed rows, what can be read of held ones (``hub.intake.held.HELD``), and what came (record + physical
    names). ``again``: the first frame after a cut, which may be there already."""
    if raw.is_empty():
        return
    numbers = raw["record"].to_list()
    first, last = numbers[0], numbers[-1]
    if again:
        connection.execute(stage.rows.delete().where(stage.rows.c.record >= first))
        connection.execute(stage.held.delete().where(stage.held.c.record >= first))
        connection.execute(stage.names.delete().where(stage.names.c.record >= first))
        connection.execute(stage.raw.delete().where(stage.raw.c.first >= first))
    load(connection, stage.rows, rows)
    load(connection, stage.held, held.select("record", "row_hash").drop_nulls())
    load(connection, stage.names, held.select("record", "name_hash").drop_nulls())
    buffer = io.BytesIO()
    raw.write_parquet(buffer, compression="zstd", compression_level=1, statistics=False)
    (blob,) = vault.seal(_RAW, [base64.b64encode(buffer.getvalue()).decode()])
    connection.execute(stage.raw.insert().values(first=first, last=last, content=blob))


def count(connection: Connection, stage: Staging) -> int:
    return int(connection.execute(select(func.count()).select_from(stage.rows)).scalar_one())


def repeated(connection: Connection, stage: Staging) -> pl.DataFrame:
    """The rows whose key another row has: record, line, key, fingerprint."""
    rows = stage.rows.c
    keys = select(rows.row_hash).group_by(rows.row_hash).having(func.count() > 1)
    found = connection.execute(select(rows.record, rows.line, rows.row_hash, rows.fingerprint).where(rows.row_hash.in_(keys))).all()
    schema = {"record": pl.Int64, "line": pl.Int64, "key": pl.String, "fingerprint": pl.String}
    return pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row")


def lines_of(connection: Connection, stage: Staging, records: Select[int]) -> list[tuple[int, int | None]]:
    """(record, line) of the staged rows that a select names."""
    rows = stage.rows.c
    return [(row.record, row.line) for row in connection.execute(select(rows.record, rows.line).where(rows.record.in_(records)))]


def take_out(connection: Connection, stage: Staging, records: Sequence[int], *, held: bool) -> None:
    """Remove staged rows; ``held``: the batch then says nothing of their keys."""
    for part in in_parts(records, 10_000):
        chosen = stage.rows.c.record.in_(part)
        if held:
            keys = select(stage.rows.c.record, stage.rows.c.row_hash).where(chosen)
            connection.execute(stage.held.insert().from_select(["record", "row_hash"], keys))
        connection.execute(stage.rows.delete().where(chosen))


def as_they_came(connection: Connection, stage: Staging, vault: Vault, records: Iterable[int]) -> dict[int, str]:
    """record -> JSON of physical name and text, for rows that were found bad after they had been staged."""
    wanted = sorted(set(records))
    found: dict[int, str] = {}
    for first, last in connection.execute(select(stage.raw.c.first, stage.raw.c.last)).all():
        here = [record for record in wanted if first <= record <= last]
        if not here:
            continue
        blob = connection.execute(select(stage.raw.c.content).where(stage.raw.c.first == first)).scalar_one()
        (text,) = vault.open(_RAW, [blob])
        frame = pl.read_parquet(io.BytesIO(base64.b64decode(text or ""))).filter(pl.col("record").is_in(here))
        texts = frame.select(pl.struct(pl.exclude("record")).struct.json_encode()).to_series().to_list()
        found.update(zip(frame["record"].to_list(), texts, strict=True))
    return found
