"""Which reader reads which format, and where: text in this process, block by block; workbooks and Parquet, whose
libraries decide for themselves how much memory a file takes, in a child with limits."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from connectors.files.child import read_in_child
from connectors.files.decoding import decoded
from connectors.files.delimited import read_delimited
from connectors.files.frames import Chunk, Reading, Summary
from connectors.files.lines import BLOCK_BYTES
from connectors.files.ndjson import read_ndjson
from connectors.files.settings import CSV, NDJSON, Agreed, Settings

__all__ = ["open_reading"]


def open_reading(kind: str, path: Path, agreed: Agreed, settings: Settings) -> Reading:
    """The chunks of the file at ``path``, of format ``kind``."""
    if kind in {CSV, NDJSON}:
        return _read_text(kind, path, agreed, settings)
    return read_in_child(kind, path, agreed, settings)


def _read_text(kind: str, path: Path, agreed: Agreed, settings: Settings) -> Generator[Chunk, None, Summary]:
    text = decoded(path, settings)
    with text.stream:
        reader = read_delimited if kind == CSV else read_ndjson
        summary = yield from reader(text.stream, agreed, settings, BLOCK_BYTES)
    return Summary((*text.warnings, *summary.warnings), summary.preamble, summary.footer, summary.empty)
