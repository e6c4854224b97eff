"""The whole pipeline on the resident register, against the limit: polars reads the same CSV, the driver inserts it plainly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from sqlalchemy import Column, MetaData, Table, Text

from benchmarks.bench import Bench, Row, median, timed
from hub.checks.batch import check_batch
from hub.pipeline import pull
from hub.sample.deliver import deliver_files
from hub.store.bulk import load
from hub.store.engine import open_engine, writing

RESIDENT = "public-security.resident"


def run(bench: Bench) -> Iterator[Row]:
    hub = bench.fresh_hub()
    folder = bench.home / "sources"
    deliver_files(bench.city, 1, folder)
    file = next((folder / "public-security").glob("resident-*.csv"))
    limit = median(bench.rounds, lambda: timed(lambda: _plain(bench, file)))
    (first,) = pull(hub, RESIDENT, folder, check_batch)
    yield _row("first load of the resident register", first.read, first.seconds, limit)
    deliver_files(bench.city, 2, folder)
    (second,) = pull(hub, RESIDENT, folder, check_batch)
    yield _row("the next month's snapshot, about 1 % changed", second.read, second.seconds, limit)


def _row(what: str, rows: int, seconds: float, limit: float) -> Row:
    return Row(what, f"{rows / seconds:,.0f} rows/s", f"{rows / limit:,.0f} rows/s read and inserted plainly", seconds / limit)


def _plain(bench: Bench, file: Path) -> None:
    """The limit: text columns, no checks, no sealing, no history."""
    frame = pl.read_csv(file.read_bytes().decode("gb18030").encode(), infer_schema=False)
    names = [f"c{i}" for i in range(frame.width)]
    table = Table("plain_rows", MetaData(), *(Column(name, Text) for name in names))
    engine = open_engine(bench.url)
    with writing(engine) as connection:
        table.create(connection)
        load(connection, table, frame.rename(dict(zip(frame.columns, names, strict=True))))
    with writing(engine) as connection:
        table.drop(connection)
    engine.dispose()
