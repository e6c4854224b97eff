"""The files connector passes the suite of the port in each of its formats, compressed ones too."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from connectors.files import source
from hub.intake import conformance
from hub.intake.conformance import Cell, Table, text_of
from hub.intake.port import DATE, NUMBER, Contract, Source, SourceContext

TODAY = date(2024, 4, 1)
NAME = "人员_20240331"


class Files:
    """A folder with one file. Each format says how to write it."""

    frame_rows = 1_000
    large = 60_000
    ending = ""
    format = ""
    kinds: frozenset[int] = frozenset()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._served = 0

    def serve(self, contract: Contract, table: Table) -> Source:
        self._served += 1
        folder = self._folder / str(self._served)
        folder.mkdir()
        self.write(folder / (NAME + self.ending), table)
        return self._source(contract, str(self._served))

    def unreachable(self, contract: Contract) -> Source:
        return self._source(contract, "nowhere")

    def write(self, path: Path, table: Table) -> None:
        with self._open(path) as file:
            self.write_text(io.TextIOWrapper(file, self._encoding(), newline="", write_through=True), table)

    def write_text(self, file: io.TextIOWrapper, table: Table) -> None:
        raise AssertionError(f"{type(self).__name__} does not write text")

    def _open(self, path: Path) -> IO[bytes]:
        return path.open("wb")

    def _encoding(self) -> str:
        return "utf-8"

    def _source(self, contract: Contract, folder: str) -> Source:
        options = {"format": self.format, "folder": folder, "limits": {"frame_rows": self.frame_rows}}
        return source(contract, options, SourceContext(self._folder, TODAY))


class Delimited(Files):
    ending, format = ".csv", "csv"
    encodings = ("utf-8", "utf-8-sig", "gb18030")
    encoding = "utf-8"

    def write_text(self, file: io.TextIOWrapper, table: Table) -> None:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        writer.writerows([text_of(cell) for cell in row] for row in table.rows)
        file.detach()

    def serve_encoded(self, contract: Contract, table: Table, encoding: str) -> Source:
        self.encoding = encoding
        return self.serve(contract, table)

    def _encoding(self) -> str:
        return self.encoding


class Compressed(Delimited):
    ending = ".csv.gz"
    encoding = "gb18030"

    def _open(self, path: Path) -> IO[bytes]:
        return gzip.open(path, "wb", compresslevel=1)  # type: ignore[return-value]


class Ndjson(Files):
    ending, format = ".ndjson", "ndjson"
    kinds = frozenset({NUMBER})

    def write_text(self, file: io.TextIOWrapper, table: Table) -> None:
        for row in table.rows:
            cells = {name: _json(cell) for name, cell in zip(table.columns, row, strict=True)}
            file.write("{" + ", ".join(f"{json.dumps(name)}: {cell}" for name, cell in cells.items()) + "}\n")
        file.detach()


class Parquet(Files):
    ending, format = ".parquet", "parquet"
    kinds = frozenset({NUMBER, DATE})

    def write(self, path: Path, table: Table) -> None:
        types = {NUMBER: pa.decimal128(20, 4), DATE: pa.date32()}
        schema = pa.schema([(name, types.get(table.kind(number), pa.string())) for number, name in enumerate(table.columns)])
        with pq.ParquetWriter(path, schema) as writer:
            for rows in _batches(table.rows, 10_000):
                arrays = [pa.array(list(cells), kind) for cells, kind in zip(zip(*rows, strict=True), schema.types, strict=True)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


class Workbook(Files):
    ending, format = ".xlsx", "xlsx"
    kinds = frozenset({NUMBER, DATE})
    large = 20_000

    def write(self, path: Path, table: Table) -> None:
        book = xlsxwriter.Workbook(path, {"constant_memory": True})
        sheet = book.add_worksheet("名册")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, table.columns)
        for number, row in enumerate(table.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_number(number, column, (cell - date(1899, 12, 30)).days, day)
                elif isinstance(cell, Decimal):
                    sheet.write_number(number, column, float(cell))
                elif cell is not None:
                    sheet.write_string(number, column, cell)
        book.close()


def _json(cell: Cell) -> str:
    return str(text_of(cell)) if isinstance(cell, Decimal) else json.dumps(text_of(cell))


def _batches(rows: Any, size: int) -> Iterator[list[tuple[Cell, ...]]]:
    batch: list[tuple[Cell, ...]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


SUBJECTS = (Delimited, Compressed, Ndjson, Parquet, Workbook)


@pytest.mark.parametrize(
    ("subject", "check"), [pytest.param(s, c, id=f"{s.__name__}-{c.__name__}") for s in SUBJECTS for c in conformance.checks(s)]
)
def test_conformance(subject: type[Files], check: Callable[[Files], None], tmp_path: Path) -> None:
    check(subject(tmp_path))
    assert any(tmp_path.iterdir()) or check is conformance.an_unreachable_source_says_so
