"""The parts of a workbook's package (ECMA-376 part 2: a ZIP with relationships), bounded before anything is unpacked."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from connectors.files.settings import Limits
from hub.intake.port import YibiaoError, invalid, refusals

__all__ = ["Package", "Sheet", "bounded_archive", "local", "open_package"]

_CHUNK = 256 * 2**10
_DENSE_FROM = 8 * 2**20  # small parts may be as dense as they like
_SMALL = 64 * 2**20  # parts that are read whole
_OTHERS = {"mimetype": "OpenDocument", "word/document.xml": "Word", "ppt/presentation.xml": "PowerPoint", "xl/workbook.bin": ".xlsb"}

Start = Callable[[str, dict[str, str]], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Package:
    """An open workbook: its sheets in order, its date system, the names of the two parts that sheets lean on."""

    archive: zipfile.ZipFile
    sheets: tuple[Sheet, ...]
    date_system: int
    styles: str | None
    strings: str | None

    def chunks(self, part: str) -> Iterator[bytes]:
        """A part's bytes. Raises INVALID ``refused_truncated`` if they are not what the archive says."""
        try:
            with self.archive.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
            raise invalid(refusals.TRUNCATED, place=part, found=type(error).__name__) from None

    def parse(self, part: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Feeds the part to a parser, a step at a time. No part of a workbook has a document type: one that declares
        entities is refused before any is used."""
        parser.StartDoctypeDeclHandler = _refuse_doctype(part)
        try:
            for chunk in self.chunks(part):
                parser.Parse(chunk, False)
                yield
            parser.Parse(b"", True)
            yield
        except expat.ExpatError as error:
            raise invalid(refusals.FORMAT, place=part, found=f"XML line {error.lineno}") from None
        except (ValueError, LookupError) as error:  # a number that is none, an encoding that nobody knows
            raise invalid(refusals.FORMAT, place=part, found=type(error).__name__) from None

    def walk(self, part: str, start: Start) -> None:
        """Calls ``start(local name, attributes)`` for every element of a small part."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, attributes: start(local(name), attributes)
        if self.archive.getinfo(part).file_size > _SMALL:
            raise invalid(refusals.LIMITS, place=part, found=f"{self.archive.getinfo(part).file_size} bytes", limit=f"{_SMALL} bytes")
        for _ in self.parse(part, parser):
            pass


def local(name: str) -> str:
    """An element's or attribute's name without its prefix."""
    return name.rpartition(":")[2]


def _refuse_doctype(part: str) -> Callable[[str, str | None, str | None, int], None]:
    def refuse(name: str, system: str | None, public: str | None, internal: int) -> None:
        raise invalid(refusals.FORMAT, place=part, found="DOCTYPE")

    return refuse


def open_package(path: Path, limits: Limits) -> Package:
    """Opens a workbook. Raises INVALID ``refused_`` truncated (no ZIP to its end), encrypted, limits (what it would
    unpack to, with the part's name), format (a ZIP, but no workbook)."""
    archive = bounded_archive(path, limits)
    try:
        names = set(archive.namelist())
        bare = Package(archive, (), 1900, None, None)
        main = _main_part(bare, names)
        sheets, system = _sheets(bare, main, names)
        relations = {kind: part for kind, part in _relations(bare, main, names).values() if kind in {"styles", "sharedStrings"}}
    except BaseException:
        archive.close()
        raise
    return Package(archive, sheets, system, relations.get("styles"), relations.get("sharedStrings"))


def bounded_archive(path: Path, limits: Limits) -> zipfile.ZipFile:
    """Opens a ZIP that unpacks to no more than it may. Raises INVALID ``refused_`` truncated, encrypted, limits."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise invalid(refusals.TRUNCATED, place="ZIP", found=type(error).__name__) from None
    try:
        infos = archive.infolist()
        if any(info.flag_bits & 1 for info in infos):
            raise invalid(refusals.ENCRYPTED, place="ZIP", found="ZIP")
        _check_bounds(infos, limits)
    except BaseException:
        archive.close()
        raise
    return archive


def _check_bounds(infos: list[zipfile.ZipInfo], limits: Limits) -> None:
    total = 0
    for info in infos:
        total += info.file_size
        dense = info.file_size > _DENSE_FROM and info.file_size > limits.ratio * max(1, info.compress_size)
        if dense or total > limits.unpacked_bytes:
            raise _beyond(info, limits)


def _beyond(info: zipfile.ZipInfo, limits: Limits) -> YibiaoError:
    found = f"{info.compress_size} -> {info.file_size} bytes"
    return invalid(refusals.LIMITS, place=info.filename, found=found, limit=f"{limits.ratio} x, {limits.unpacked_bytes} bytes")


def _main_part(package: Package, names: set[str]) -> str:
    other = next((told for part, told in _OTHERS.items() if part in names), None)
    relations = _relations(package, "", names) if "_rels/.rels" in names else {}
    main = next((part for kind, part in relations.values() if kind == "officeDocument"), "xl/workbook.xml")
    if main not in names or other is not None:
        found = other or "ZIP"
        raise invalid(refusals.FORMAT, place=found, found=found)
    return main


def _relations(package: Package, part: str, names: set[str]) -> dict[str, tuple[str, str]]:
    """Relationship id to (last word of its type, the part's name in the archive)."""
    folder, _, name = part.rpartition("/")
    source = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, tuple[str, str]] = {}
    lower = {known.lower(): known for known in names}

    def start(element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/" + folder, attributes.get("Target", ""))).lstrip("/")
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, lower.get(target.lower(), target))

    if source in names:
        package.walk(source, start)
    return {key: value for key, value in found.items() if value[1] in names}


def _sheets(package: Package, main: str, names: set[str]) -> tuple[tuple[Sheet, ...], int]:
    relations = _relations(package, main, names)
    found: list[Sheet] = []
    system = 1900

    def start(element: str, attributes: dict[str, str]) -> None:
        nonlocal system
        if element == "workbookPr" and attributes.get("date1904", "0") in {"1", "true", "on"}:
            system = 1904
        if element == "sheet":
            identity = next((value for name, value in attributes.items() if local(name) == "id" and name != "id"), "")
            kind, part = relations.get(identity, ("", ""))
            if kind == "worksheet":
                found.append(Sheet(attributes.get("name", ""), part, attributes.get("state", "visible") != "visible"))

    package.walk(main, start)
    return tuple(found), system
