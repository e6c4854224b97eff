"""The tables of a Word document (ECMA-376 part 1, 17.4): the text of each cell, and what it covers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from connectors.files.package import Package, bounded_archive, local
from connectors.files.settings import Limits
from hub.intake.port import invalid, refusals

DOCUMENT = "word/document.xml"
_CONTINUED = "continue"


@dataclass(slots=True)
class WordCell:
    """``row`` and ``column``: where it begins, from 0; ``rows`` and ``columns``: what it covers."""

    row: int
    column: int
    columns: int = 1
    rows: int = 1
    text: str = ""


@dataclass(slots=True)
class _Reader:
    """Tables within a cell are left out: an old form has none that is part of its head."""

    tables: list[list[WordCell]] = field(default_factory=list)
    depth: int = 0
    row: int = -1
    column: int = 0
    span: int = 1
    merge: str | None = None
    parts: list[str] = field(default_factory=list)
    reads: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "tbl":
            self.depth += 1
            if self.depth == 1:
                self.tables.append([])
                self.row = -1
        if self.depth != 1:
            return
        values = {local(key): value for key, value in attributes.items()}
        match tag:
            case "tr":
                self.row, self.column = self.row + 1, 0
            case "tc":
                self.span, self.merge, self.parts = 1, None, []
            case "gridBefore":
                self.column += _count(values)
            case "gridSpan":
                self.span = _count(values)
            case "vMerge":
                self.merge = values.get("val", _CONTINUED)
            case "t":
                self.reads = True

    def text(self, data: str) -> None:
        if self.reads:
            self.parts.append(data)

    def end(self, name: str) -> None:
        tag = local(name)
        if tag == "tbl":
            self.depth -= 1
        elif tag == "t":
            self.reads = False
        elif tag == "tc" and self.depth == 1:
            self._close()

    def _close(self) -> None:
        cells = self.tables[-1]
        above = next((cell for cell in reversed(cells) if cell.column == self.column and cell.row + cell.rows == self.row), None)
        if self.merge == _CONTINUED and above is not None:
            above.rows += 1
        else:
            cells.append(WordCell(self.row, self.column, self.span, 1, "".join(self.parts).strip()))
        self.column += self.span


def _count(values: dict[str, str]) -> int:
    text = values.get("val", "1")
    return min(int(text), 1_000) if text.isdecimal() else 1


def word_tables(path: Path, limits: Limits) -> list[list[WordCell]]:
    """The tables in the order of the document. Raises INVALID ``refused_…`` for no ZIP, one that unpacks to too much, and one that is
    no Word document."""
    archive = bounded_archive(path, limits)
    if DOCUMENT not in archive.namelist():
        raise invalid(refusals.FORMAT, place="ZIP", found="ZIP")
    reader, parser = _Reader(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = reader.start, reader.end, reader.text
    for _ in Package(archive, (), 1900, None, None).parse(DOCUMENT, parser):
        pass
    return reader.tables
