"""A UTF-8 stream as blocks of whole lines. Bounded: a line longer than the limit is refused, not gathered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import polars as pl

from connectors.files.settings import Limits
from hub.intake.port import YibiaoError, invalid, refusals

__all__ = ["Block", "blocks"]

BLOCK_BYTES = 2 * 2**20


@dataclass(frozen=True, slots=True)
class Block:
    """``text``: the lines without their ends (String); ``first``: the number of the first line, 1-based; ``closed``: the
    last line has a line end; ``last``: nothing follows."""

    text: pl.Series
    first: int
    closed: bool
    last: bool


def blocks(stream: IO[bytes], limits: Limits, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """The stream's lines; their ends are LF, CR LF, or CR where the first block has no LF. ``size``: bytes at a time.

    Raises INVALID ``refused_limits`` with the line's number.
    """
    carry = stream.read(size)
    end = b"\n" if b"\n" in carry else b"\r"
    number = 1
    while carry:
        more = stream.read(size)
        whole, cut, rest = (carry, b"", b"") if not more else carry.rpartition(end)
        if more and not cut:  # no line end yet: go on within the limit
            if len(carry) > limits.line_bytes:
                raise _too_long(number, len(carry), limits)
            carry += more
            continue
        if more and len(rest) > limits.line_bytes:
            raise _too_long(number + whole.count(end) + 1, len(rest), limits)
        block = _block(whole + cut, end, number, last=not more, limits=limits)
        number += block.text.len()
        yield block
        carry = rest + more


def _block(content: bytes, end: bytes, number: int, *, last: bool, limits: Limits) -> Block:
    content = content.replace(b"\r\n", b"\n") if end == b"\n" else content.replace(b"\r", b"\n")
    closed = content.endswith(b"\n")
    text = pl.Series([content.removesuffix(b"\n")], dtype=pl.Binary).cast(pl.String).str.split("\n").explode(empty_as_null=False)
    lengths = text.str.len_bytes()
    longest = lengths.arg_max()
    if longest is not None and lengths[longest] > limits.line_bytes:
        raise _too_long(number + longest, lengths[longest], limits)
    return Block(text, number, closed, last)


def _too_long(line: int, length: int, limits: Limits) -> YibiaoError:
    return invalid(refusals.LIMITS, place=f"line {line}", found=f"{length} bytes", limit=f"{limits.line_bytes} bytes")
