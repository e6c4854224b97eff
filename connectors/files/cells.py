"""What stands in a workbook's cells: number formats that are dates, serial numbers, exact numbers, shared strings."""

from __future__ import annotations

import mmap
import re
import tempfile
from array import array
from datetime import date, timedelta
from decimal import Decimal
from xml.parsers import expat

from connectors.files.package import Package, local

__all__ = ["Strings", "date_styles", "day_of", "exact", "is_date_format", "unescaped"]

# ECMA-376 part 1, 18.8.30: built-in formats of dates and times; 27-36 and 50-58 are those of East Asian versions, whose
# text is not in the file.
_BUILT_IN = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_PARTS = re.compile(r"[ymdhs年月日时分秒]|aaa", re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_INTEGER = re.compile(r"-?[0-9]+")
_LAST_DAY = {1900: 2_958_465, 1904: 2_957_003}  # 9999-12-31
_LOST = "1900-02-29"  # serial 60 of the 1900 system, a day that never was (18.17.4.1)


def is_date_format(code: str) -> bool:
    """Whether a number format shows a date or a time: "yyyy\\"年\\"m\\"月\\"" does, "0.00\\"m\\"" and "General" do not."""
    bare = _LITERAL.sub("", code)
    return bare.strip().lower() != "general" and _PARTS.search(bare) is not None


def date_styles(package: Package) -> list[bool]:
    """For each cell style (index of ``s``): is it a date."""
    formats: dict[str, str] = {}
    found: list[bool] = []
    inside = False

    def start(element: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if element == "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif element in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            inside = element == "cellXfs"
        elif element == "xf" and inside:
            identity = attributes.get("numFmtId", "0")
            built_in = identity.isascii() and identity.isdigit() and int(identity) in _BUILT_IN
            found.append(is_date_format(formats[identity]) if identity in formats else built_in)

    if package.styles is not None:
        package.walk(package.styles, start)
    return found


def exact(token: str) -> str:
    """A number token as its shortest exact decimal text: 3.3080219510608803E17 as 330802195106088000, 620.50 as 620.5.
    Raises ``ValueError`` if it is no number."""
    if _INTEGER.fullmatch(token):
        return token
    plain = format(Decimal(repr(float(token))), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def day_of(token: str, system: int) -> str | None:
    """The day or moment of a serial number in ISO 8601 (a time alone below 1), None beyond the calendar."""
    serial = Decimal(repr(float(token)))
    if not 0 <= serial < _LAST_DAY[system] + 1:
        return None
    seconds = int((serial % 1 * 86400).to_integral_value())
    days, seconds = int(serial) + seconds // 86400, seconds % 86400
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if system == 1900 and days == 0:
        return clock
    if system == 1900 and days == 60:
        return _LOST
    first = date(1904, 1, 1) if system == 1904 else date(1899, 12, 31) if days < 60 else date(1899, 12, 30)
    try:
        day = (first + timedelta(days=days)).isoformat()
    except OverflowError:
        return None
    return f"{day}T{clock}" if seconds else day


def unescaped(text: str) -> str:
    """A string without the escapes of 22.9.2.19: _x000A_ is a line break. Half a surrogate pair stays as written."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: match[0] if 0xD800 <= int(match[1], 16) <= 0xDFFF else chr(int(match[1], 16)), text)


class Strings:
    """The shared strings, in an unnamed temporary file: a million of them cost eight megabytes of memory."""

    def __init__(self, package: Package) -> None:
        self._ends = array("Q", [0])
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this object
        try:
            self._fill(package)
        except BaseException:
            self._file.close()
            raise
        self._file.flush()
        self._bytes = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) if self._ends[-1] else b""

    def close(self) -> None:
        """For a process that goes on: the file goes away."""
        if isinstance(self._bytes, mmap.mmap):
            self._bytes.close()
        self._file.close()

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._ends) - 1:
            raise IndexError(index)
        return self._bytes[self._ends[index] : self._ends[index + 1]].decode()

    def _fill(self, package: Package) -> None:
        if package.strings is None:
            return
        pieces: list[str] = []
        reading = spoken = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal reading, spoken
            element = local(name)
            if element == "rPh":  # the reading of the characters, not the characters
                spoken = True
            reading = element == "t" and not spoken

        def end(name: str) -> None:
            nonlocal reading, spoken
            element = local(name)
            reading = False
            if element == "rPh":
                spoken = False
            elif element == "si":
                content = unescaped("".join(pieces)).encode()
                pieces.clear()
                self._file.write(content)
                self._ends.append(self._ends[-1] + len(content))

        def characters(text: str) -> None:
            if reading:
                pieces.append(text)

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
        for _ in package.parse(package.strings, parser):
            pass
