"""A text file as one stream of UTF-8, whatever it came in: the encoding is decided on the whole file before a record is
read, strictly. A file is UTF-8 if all of it is, else GB18030 if all of it is, else refused; nothing is replaced.

The decision needs a pass of its own; a file that is not plain UTF-8 is kept decoded in an unnamed temporary file.
"""

from __future__ import annotations

import codecs
import gzip
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from connectors.files.messages import UTF16
from connectors.files.settings import Limits, Settings
from hub.intake.port import Warned, YibiaoError, invalid, refusals

__all__ = ["Decoded", "decoded"]

_BLOCK = 2**20
_MARK = codecs.BOM_UTF8
_GZIP = b"\x1f\x8b"
_UTF32 = {codecs.BOM_UTF32_LE: "UTF-32", codecs.BOM_UTF32_BE: "UTF-32"}
_UTF16 = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """``stream``: UTF-8 without a byte order mark, at its start; the caller closes it."""

    stream: IO[bytes]
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class _Broken:
    """Where an encoding fails: the line, and whether the file just ends inside a character."""

    line: int
    at_end: bool


def decoded(path: Path, settings: Settings) -> Decoded:
    """The file at ``path`` (gzip is unpacked) in UTF-8.

    Raises INVALID: ``refused_encoding`` (UTF-16 at "byte 0", or the line that is neither), ``refused_truncated`` (a
    gzip without its end, a file that ends inside a character), ``refused_limits`` (a gzip bomb).
    """
    with path.open("rb") as file:
        start = file.read(4096)
    packed = start.startswith(_GZIP)
    if packed:
        start = next(_blocks(path, settings.limits, packed), b"")[:4096]
    _refuse_utf16(start)
    marked = start.startswith(_MARK)
    many_bytes, broken = _check(path, settings.limits, packed)
    if broken is None:
        encoding = "UTF-8"
        stream = _spool(path, settings.limits, packed, None) if packed else path.open("rb")
        stream.seek(len(_MARK) if marked else 0)
    else:
        encoding = "GB18030"
        stream = _spool(path, settings.limits, packed, broken)
    differs = settings.encoding is not None and settings.encoding != encoding and (many_bytes or marked)
    warned = Warned("encoding_differs", encoding, values={"found": encoding, "agreed": settings.encoding or ""})
    return Decoded(stream, (warned,) if differs else ())


def _refuse_utf16(start: bytes) -> None:
    name = next((name for mark, name in (_UTF32 | _UTF16).items() if start.startswith(mark)), None)
    if name is None and len(start) >= 64:  # without a mark: every second byte of ASCII characters is NUL
        name = "UTF-16" if max(start[::2].count(0), start[1::2].count(0)) > 0.2 * len(start) else None
    if name is not None:
        raise invalid(UTF16, place="byte 0", found=name)


def _blocks(path: Path, limits: Limits, packed: bool) -> Iterator[bytes]:
    if not packed:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
        return
    size = path.stat().st_size
    unpacked = 0
    try:
        with gzip.open(path, "rb") as file:
            while block := file.read(_BLOCK):
                unpacked += len(block)
                too_dense = unpacked > 8 * 2**20 and unpacked > limits.ratio * size
                if unpacked > limits.unpacked_bytes or too_dense:
                    raise invalid(refusals.LIMITS, place="gzip", found=f"{unpacked} / {size} bytes", limit=f"{limits.ratio} x")
                yield block
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise invalid(refusals.TRUNCATED, place="gzip", found=type(error).__name__) from None


def _check(path: Path, limits: Limits, packed: bool) -> tuple[bool, _Broken | None]:
    """Whether the file has characters beyond ASCII, and where it fails to be UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    lines, plain = _Lines(), True
    for block in _blocks(path, limits, packed):
        plain = plain and block.isascii()
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return True, lines.broken(error, at_end=False)
        lines.passed(block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return True, lines.broken(error, at_end=True)
    return not plain, None


def _spool(path: Path, limits: Limits, packed: bool, utf8: _Broken | None) -> IO[bytes]:
    """The file decoded into a temporary one: from GB18030 where ``utf8`` says that it is not UTF-8, else as it is."""
    spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        if utf8 is None:
            for block in _blocks(path, limits, packed):
                spool.write(block)
        else:
            _from_gb18030(_blocks(path, limits, packed), spool, utf8)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return spool


def _from_gb18030(blocks: Iterator[bytes], spool: IO[bytes], utf8: _Broken) -> None:
    decoder = codecs.getincrementaldecoder("gb18030")("strict")
    lines = _Lines()
    try:
        for block in blocks:
            spool.write(decoder.decode(block).encode())
            lines.passed(block)
    except UnicodeDecodeError as error:
        raise _neither(utf8, lines.broken(error, at_end=False)) from None
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _neither(utf8, lines.broken(error, at_end=True)) from None


def _neither(utf8: _Broken, gb18030: _Broken) -> YibiaoError:
    further = max(utf8, gb18030, key=lambda broken: (broken.at_end, broken.line))
    place = f"line {further.line}"
    if further.at_end:
        return invalid(refusals.TRUNCATED, place=place, found="UTF-8" if further is utf8 else "GB18030")
    return invalid(refusals.ENCODING, place=place, found=f"UTF-8: line {utf8.line}; GB18030: line {gb18030.line}")


class _Lines:
    """Counts line ends: LF, or CR in a file that has no LF in its first block."""

    def __init__(self) -> None:
        self._end: bytes | None = None
        self._count = 0

    def passed(self, block: bytes) -> None:
        if self._end is None:
            self._end = b"\n" if b"\n" in block else b"\r"
        self._count += block.count(self._end)

    def broken(self, error: UnicodeDecodeError, *, at_end: bool) -> _Broken:
        end = self._end or (b"\n" if b"\n" in error.object else b"\r")
        return _Broken(self._count + error.object[: error.start].count(end) + 1, at_end)
