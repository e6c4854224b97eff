"""Delimited text: the header by its names, then records, most of them by whole columns, the odd ones one at a time.

A line without quotes and with the agreed number of delimiters is split by polars; so is a line whose quotes are all in
order. Everything else (line breaks in fields, doubled or stray quotes, too many fields, blanks, footers) goes through
``records``. Nothing is shifted, cut or filled: a record of another shape is a fault with its raw text.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import IO

import polars as pl

from connectors.files.frames import FAULTS, Chunk, Reading, Summary
from connectors.files.header import Layout, layout_of, matches, missing
from connectors.files.lines import BLOCK_BYTES, Block, blocks
from connectors.files.messages import DELIMITER, HEADER
from connectors.files.records import BLANKS, Splitter, is_blank
from connectors.files.settings import FOOTER_SIGNS, Agreed, Settings
from hub.intake.port import Warned, YibiaoError, invalid, refusals

__all__ = ["read_delimited"]

HEADER_LINES = 60  # how far down a header is looked for
KEPT_LINES = 200  # of preamble and footer
_NAMES = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "pipes", "，": "full-width commas", "^": "carets"}


@dataclass(slots=True)
class _Table:
    """The header as found, and what is met on the way down."""

    layout: Layout
    width: int  # fields of a record: the header's, or one more where every record ends with a surplus delimiter
    surplus: bool
    blank: int = 0
    footer: list[str] = field(default_factory=list)
    footers: int = 0

    def foot(self, fields: list[str]) -> None:
        self.footers += 1
        if len(self.footer) < KEPT_LINES:
            self.footer.append(" ".join(cell.strip(BLANKS) for cell in fields if cell.strip(BLANKS)))


@dataclass(frozen=True, slots=True)
class _Rest:
    """Lines not yet read, with the number of the first."""

    lines: list[str]
    first: int


def read_delimited(stream: IO[bytes], agreed: Agreed, settings: Settings, block_bytes: int = BLOCK_BYTES) -> Reading:
    """The records of a UTF-8 stream. ``block_bytes``: how much at a time; the rows are the same for any.

    Raises INVALID ``refused_`` columns, quoting, truncated, limits; an empty file gives no chunk.
    """
    splitter = Splitter(settings.delimiter, settings.limits)
    table: _Table | None = None
    preamble: list[str] = []
    waiting = _Rest([], 1)
    for block in blocks(stream, settings.limits, block_bytes):
        if waiting.lines:
            block = Block(pl.concat([pl.Series(waiting.lines, dtype=pl.String), block.text]), waiting.first, block.closed, block.last)
        waiting = _Rest([], 0)
        if table is None:
            head = _head(block, agreed, settings, splitter)
            if head is None:
                above = [] if _all_blank(block.text, settings.delimiter) else block.text.to_list()
                waiting = _Rest(above, block.first)
                continue
            table, preamble, block = head
        reader = _BlockReader(block, table, agreed, settings, splitter)
        chunk, left = reader.read()
        if left is not None:
            waiting = _Rest(block.text[left:].to_list(), block.first + left)
        if chunk is not None:
            yield chunk
    if table is None:
        return Summary()
    return Summary(_warnings(table, preamble), tuple(preamble), tuple(table.footer), "header only")


def _warnings(table: _Table, preamble: list[str]) -> tuple[Warned, ...]:
    warned = list(table.layout.warnings)
    if table.surplus:
        warned.append(Warned("extra_column", f"column {table.width}"))
    if preamble:
        warned.append(Warned("preamble", count=len(preamble)))
    if table.footers:
        warned.append(Warned("footer", count=table.footers))
    if table.blank:
        warned.append(Warned("blank_rows", count=table.blank))
    return tuple(warned)


# The header ----------------------------------------------------------------------------------------------------------


def _head(block: Block, agreed: Agreed, settings: Settings, splitter: Splitter) -> tuple[_Table, list[str], Block] | None:
    """The table's shape, the lines above it, and the block below the header; None if more lines are needed."""
    lines = block.text.head(HEADER_LINES * 4).to_list()
    best: tuple[int, int] | None = None  # matches, index into found
    found: list[tuple[int, int, list[str]]] = []  # first line, lines, fields
    at = 0
    while at < len(lines) and len(found) < HEADER_LINES:
        record = splitter.record(lines, at, block.first + at, None)
        if record is None and not block.last and len(lines) == block.text.len():
            return None
        if record is None or record.fields is None:
            at += 1
            continue
        _check_width(record.fields, block.first + at, settings)
        matched = matches(agreed, [(name,) for name in record.fields])
        found.append((at, record.lines, record.fields))
        if matched and (best is None or len(matched) > best[0]):
            best = (len(matched), len(found) - 1)
        if matched and not missing(agreed, matched):
            break
        at += record.lines
    if _all_blank(block.text, settings.delimiter):
        return None
    if best is None or (best[0] < 2 and len(agreed.names) > 2):
        raise _no_header(lines, block.first, agreed, settings, splitter)
    at, height, names = found[best[1]]
    layout = layout_of(agreed, [(name,) for name in names], f"line {block.first + at}")
    below = at + height
    rest = Block(block.text[below:], block.first + below, block.closed, block.last)
    preamble = [" ".join(cell.strip(BLANKS) for cell in fields if cell.strip(BLANKS)) for _, _, fields in found[: best[1]]]
    width, surplus = _width(rest, layout, settings, splitter)
    return _Table(layout, width, surplus), [line for line in preamble if line], rest


def _all_blank(lines: pl.Series, delimiter: str) -> bool:
    return not (lines.str.strip_chars(BLANKS + delimiter + '"') != "").any()


def _width(rest: Block, layout: Layout, settings: Settings, splitter: Splitter) -> tuple[int, bool]:
    """How many fields a record has. The first record decides whether all end with one delimiter too many."""
    lines = rest.text.head(HEADER_LINES).to_list()
    for at, line in enumerate(lines):
        if is_blank(line, settings.delimiter):
            continue
        record = splitter.record(lines, at, rest.first + at, layout.width)
        surplus = record is not None and record.fields is not None and len(record.fields) == layout.width + 1 and not record.fields[-1]
        return (layout.width + 1, True) if surplus else (layout.width, False)
    return layout.width, False


def _check_width(fields: list[str], number: int, settings: Settings) -> None:
    if len(fields) > settings.limits.columns:
        raise invalid(refusals.LIMITS, place=f"line {number}", found=f"{len(fields)} columns", limit=f"{settings.limits.columns} columns")


def _no_header(lines: list[str], first: int, agreed: Agreed, settings: Settings, splitter: Splitter) -> YibiaoError:
    """The reason why there is no header: another delimiter, or other names."""
    for other, name in _NAMES.items():
        if other == settings.delimiter:
            continue
        for at, line in enumerate(lines[:HEADER_LINES]):
            cells = line.split(other)
            if len(cells) > 1 and not missing(agreed, matches(agreed, [(cell.strip('"'),) for cell in cells])):
                told = _NAMES.get(settings.delimiter, repr(settings.delimiter))
                return invalid(DELIMITER, place=f"line {first + at}: {name} found, {told} agreed")
    absent = [name for name in agreed.names if name in agreed.required] or list(agreed.names)
    return invalid(HEADER, place=f"line {first}", found=", ".join(absent[:10]), searched=min(len(lines), HEADER_LINES))


# Records -------------------------------------------------------------------------------------------------------------


class _BlockReader:
    """Reads the records of one block."""

    def __init__(self, block: Block, table: _Table, agreed: Agreed, settings: Settings, splitter: Splitter) -> None:
        self._block = block
        self._table = table
        self._agreed = agreed
        self._settings = settings
        self._splitter = splitter
        self._footer = re.compile(settings.footer_pattern) if settings.footer else None
        self._odd: list[tuple[int, list[str]]] = []  # line number, fields
        self._faults: list[tuple[int, str]] = []  # line number, raw text

    def read(self) -> tuple[Chunk | None, int | None]:
        """The block's records, and the index of the first line that belongs to a record still open."""
        lines = pl.DataFrame([self._block.text.alias("text")]).with_row_index("at")
        lines = _shape(lines, self._settings.delimiter, self._table.width, self._table.surplus)
        left, consumed = self._read_odd(lines)
        good = lines.filter(pl.col("plain") | pl.col("ordered"))
        if consumed:
            good = good.filter(~pl.col("at").is_in(pl.Series(sorted(consumed), dtype=pl.UInt32).implode()))
        if left is not None:
            good = good.filter(pl.col("at") < left)
        parts = [self._columns(good.filter("plain"), ordered=False), self._columns(good.filter("ordered"), ordered=True)]
        parts.append(self._rows())
        records = pl.concat(parts)
        if records.height == 0 and not self._faults:
            return None, left
        return self._chunk(self._without_footer(records)), left

    def _read_odd(self, lines: pl.DataFrame) -> tuple[int | None, set[int]]:
        """The lines that whole columns cannot split, in order. Gives the line where an open record starts, and the plain
        lines that turned out to be inside quotes."""
        odd = lines.filter(~pl.col("plain") & ~pl.col("ordered"))["at"].to_list()
        if not odd:
            return None, set()
        text: list[str] = self._block.text.to_list()
        consumed: set[int] = set()
        behind = 0  # the first line not yet consumed
        for at in odd:
            if at < behind:
                continue
            line = text[at]
            if is_blank(line, self._settings.delimiter):
                self._table.blank += not self._table.footers  # between the lines of a footer a blank line says nothing
                continue
            if '"' not in line:
                self._settle(at, line.split(self._settings.delimiter), line)
                continue
            record = self._splitter.record(text, at, self._block.first + at, self._table.width)
            if record is None:
                if not self._block.last:
                    return at, consumed
                raise self._unclosed(at)
            behind = at + record.lines
            consumed.update(range(at, behind))
            self._settle(at, record.fields, record.raw, record.lines)
        return None, consumed

    def _settle(self, at: int, fields: list[str] | None, raw: str, lines: int = 1) -> None:
        """What the record at a line is: one of the right shape, a footer, cut off, or a fault."""
        number = self._block.first + at
        at_end = self._block.last and not self._block.closed and at + lines == self._block.text.len()
        if fields is not None and self._is_footer(fields):
            self._table.foot(fields)
        elif fields is not None and len(fields) == self._table.width and not (self._table.surplus and fields[-1]):
            self._odd.append((number, fields))
        elif at_end and (fields is None or len(fields) < self._table.width):
            raise invalid(refusals.TRUNCATED, place=f"line {number}", found=f"{len(fields or [])} / {self._table.width}")
        else:
            self._faults.append((number, raw))

    def _is_footer(self, fields: list[str]) -> bool:
        first = next((cell for cell in fields if cell.strip(BLANKS)), "")
        return self._footer is not None and self._footer.search(first[:FOOTER_SIGNS]) is not None

    def _unclosed(self, at: int) -> YibiaoError:
        if self._block.closed:
            return self._splitter.swallowed(self._block.first + at)
        return invalid(refusals.TRUNCATED, place=f"line {self._block.first + at}", found='"')

    def _columns(self, lines: pl.DataFrame, *, ordered: bool) -> pl.DataFrame:
        """Lines that are in order, split by columns."""
        width, delimiter = self._table.width, self._settings.delimiter
        if lines.height == 0:
            return self._named(pl.DataFrame([pl.Series(f"column_{n}", [], dtype=pl.String) for n in range(width)]), lines)
        if ordered:
            split = pl.read_csv(
                io.StringIO("\n".join(lines["text"].to_list())),
                has_header=False,
                separator=delimiter,
                infer_schema=False,
                new_columns=[f"column_{n}" for n in range(width)],
            )
        elif width == 1:
            split = lines.select(pl.col("text").alias("column_0"))
        else:
            split = lines["text"].str.split_exact(delimiter, width - 1).struct.unnest()
            split.columns = [f"column_{n}" for n in range(width)]
        return self._named(split, lines)

    def _rows(self) -> pl.DataFrame:
        columns = list(zip(*(fields for _, fields in self._odd), strict=True)) or [()] * self._table.width
        split = pl.DataFrame([pl.Series(f"column_{n}", cells, dtype=pl.String) for n, cells in enumerate(columns)])
        return self._named(split, pl.DataFrame({"at": [number - self._block.first for number, _ in self._odd]}, schema={"at": pl.UInt32}))

    def _named(self, split: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
        """The split columns under the contract's names, the line's number, and the first cell for the footer's sake."""
        positions = self._table.layout.positions
        first = pl.col("column_0")
        if split["column_0"].str.contains(f"^[{re.escape(BLANKS)}]*$").any():
            first = pl.coalesce(_filled(pl.col(f"column_{n}")) for n in range(self._table.width))
        named = [
            pl.col(f"column_{positions[name]}").alias(name) if name in positions else pl.lit(None, pl.String).alias(name)
            for name in self._agreed.names
        ]
        return split.select(*named, first.alias("\0first")).with_columns(lines["at"].cast(pl.Int64).alias("\0line") + self._block.first)

    def _without_footer(self, records: pl.DataFrame) -> pl.DataFrame:
        if self._footer is None or records.height == 0:
            return records
        footer = records["\0first"].str.contains(self._settings.footer_pattern).fill_null(value=False)
        if not footer.any():
            return records
        for row in records.filter(footer).select(self._agreed.names).iter_rows():
            self._table.foot([cell or "" for cell in row])
        return records.filter(~footer)

    def _chunk(self, records: pl.DataFrame) -> Chunk:
        """Records and faults in the order of their lines."""
        if not self._faults:
            ordered = records if records["\0line"].is_sorted() else records.sort("\0line")
            return Chunk(ordered.select(self._agreed.names), ordered["\0line"].alias("line"))
        numbers, raw = zip(*self._faults, strict=True)
        faulted = pl.DataFrame({"\0line": numbers, "raw": raw, "fault": "row_shape"}, schema_overrides={"\0line": pl.Int64})
        both = pl.concat([records, faulted], how="diagonal").sort("\0line")
        return Chunk(both.select(self._agreed.names), both["\0line"].alias("line"), faults=both.select(*FAULTS))


def _filled(column: pl.Expr) -> pl.Expr:
    """The column, null where it is blank."""
    return pl.when(column.str.strip_chars(BLANKS) != "").then(column)


def _shape(lines: pl.DataFrame, delimiter: str, width: int, surplus: bool) -> pl.DataFrame:
    """``lines`` (at, text) with, for each: has it quotes; is it plain (no quotes, the right number of fields, not blank);
    is it ordered (quoted fields whose quotes are all in their places, none doubled)."""
    text = pl.col("text")
    filled = ~text.str.contains(f'^[{re.escape(BLANKS + delimiter)}"]*$')
    end = text.str.ends_with(delimiter) if surplus else pl.lit(value=True)
    quoted = text.str.contains('"', literal=True)
    even = text.str.count_matches(delimiter, literal=True) == width - 1
    shaped = lines.with_columns(quoted.alias("quoted"), (even & filled & end & ~quoted).alias("plain"))
    if not shaped["quoted"].any():
        return shaped.with_columns(pl.lit(value=False).alias("ordered"))
    mark, other = re.escape(delimiter), f'[^"{re.escape(delimiter)}]*'
    cell = f'(?:"[^"]*"|{other})'
    ordered = text.str.contains(f"^{cell}(?:{mark}{cell}){{{width - 1}}}$") & filled & end & pl.col("quoted")
    return shaped.with_columns(ordered.alias("ordered"))
