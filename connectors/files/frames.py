"""From what a reader found to the port's frames: full pages, numbered records, cursors. Knows no file format."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from connectors.files.settings import Agreed
from hub.intake.port import End, Frame, Warned, invalid, refusals

__all__ = ["Chunk", "Reading", "Summary", "chunk_of", "pull"]

FAULTS = pl.Schema({"fault": pl.String, "raw": pl.String})
FRAME_BYTES = 48 * 2**20  # wide records make smaller frames


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some records in file order, not yet numbered: ``values`` and ``kinds`` as in the port's Frame, ``lines`` (Int64)
    of the file or sheet, ``faults`` (columns fault, raw) where there is any."""

    values: pl.DataFrame
    lines: pl.Series
    kinds: pl.DataFrame = field(default_factory=pl.DataFrame)
    faults: pl.DataFrame | None = None
    date_system: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a reader knows at the end."""

    warnings: tuple[Warned, ...] = ()
    preamble: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    empty: str = ""  # where to look if there was no record: "header only"


Reading = Generator[Chunk, None, Summary]


def chunk_of(
    agreed: Agreed,
    columns: Mapping[str, list[str | None]],
    lines: list[int | None],
    kinds: Mapping[str, list[int]] | None = None,
    faults: list[tuple[str | None, str | None]] | None = None,
    date_system: int | None = None,
) -> Chunk:
    """A chunk from Python lists: physical name to the column's texts; a name without a list is null throughout."""
    height = len(lines)
    values = pl.DataFrame([pl.Series(name, columns.get(name, [None] * height), dtype=pl.String) for name in agreed.names])
    told = pl.DataFrame([pl.Series(name, cells, dtype=pl.UInt8) for name, cells in (kinds or {}).items()])
    faulted = pl.DataFrame(faults, schema=FAULTS, orient="row") if faults else None
    return Chunk(values, pl.Series(lines, dtype=pl.Int64), told, faulted, date_system)


def pull(chunks: Reading, limit: int, fingerprint: str, cursor: str | None, place: str) -> Iterator[Frame | End]:
    """The reader's chunks as frames of at most ``limit`` records, from ``cursor`` on, and the End.

    A cursor is "records before/fingerprint of the file". Raises INVALID ``refused_empty`` for a file without records.
    """
    seen = 0
    skip = int(cursor.partition("/")[0]) if cursor else 0
    summary = Summary()

    def kept() -> Iterator[Chunk]:
        nonlocal summary
        summary = yield from chunks

    for page in _pages(kept(), limit):
        height = page.values.height
        if seen + height > skip:
            part = _slice(page, max(0, skip - seen))
            first = max(skip, seen) + 1
            yield _frame(part, first, f"{seen + height}/{fingerprint}")
        seen += height
    if seen == 0:
        raise invalid(refusals.EMPTY, place=summary.empty, found=place)
    yield End(seen, complete=True, warnings=summary.warnings, preamble=summary.preamble, footer=summary.footer)


def _pages(chunks: Iterator[Chunk], limit: int) -> Iterator[Chunk]:
    waiting: list[Chunk] = []
    height = size = 0
    for chunk in chunks:
        offset = 0
        while offset < chunk.values.height:
            part = _slice(chunk, offset, limit - height)
            waiting.append(part)
            offset += part.values.height
            height += part.values.height
            size += int(part.values.estimated_size())
            if height == limit or size > FRAME_BYTES:
                yield _joined(waiting)
                waiting, height, size = [], 0, 0
    if waiting:
        yield _joined(waiting)


def _slice(chunk: Chunk, offset: int, length: int | None = None) -> Chunk:
    if offset == 0 and (length is None or length >= chunk.values.height):
        return chunk
    return Chunk(
        chunk.values.slice(offset, length),
        chunk.lines.slice(offset, length),
        chunk.kinds.slice(offset, length),
        None if chunk.faults is None else chunk.faults.slice(offset, length),
        chunk.date_system,
    )


def _joined(chunks: list[Chunk]) -> Chunk:
    if len(chunks) == 1:
        return chunks[0]
    return Chunk(
        pl.concat([chunk.values for chunk in chunks]),
        pl.concat([chunk.lines for chunk in chunks]),
        _joined_kinds(chunks),
        None if all(chunk.faults is None for chunk in chunks) else pl.concat([_faults(chunk) for chunk in chunks]),
        chunks[0].date_system,
    )


def _joined_kinds(chunks: list[Chunk]) -> pl.DataFrame:
    names = list(dict.fromkeys(name for chunk in chunks for name in chunk.kinds.columns))
    if not names:
        return pl.DataFrame()
    return pl.concat(
        [
            pl.DataFrame(
                [
                    chunk.kinds[name] if name in chunk.kinds.columns else pl.zeros(chunk.values.height, pl.UInt8, eager=True).alias(name)
                    for name in names
                ]
            )
            for chunk in chunks
        ]
    )


def _faults(chunk: Chunk) -> pl.DataFrame:
    if chunk.faults is not None:
        return chunk.faults
    nothing = pl.repeat(None, chunk.values.height, dtype=pl.String, eager=True)
    return pl.DataFrame([nothing.alias(name) for name in FAULTS])


def _frame(chunk: Chunk, first: int, cursor: str) -> Frame:
    height = chunk.values.height
    places = pl.DataFrame(
        [pl.int_range(first, first + height, dtype=pl.Int64, eager=True).alias("record"), chunk.lines.alias("line"), *_faults(chunk)]
    )
    return Frame(chunk.values, chunk.kinds, places, cursor, chunk.date_system)
