"""What a file is by its first bytes; a name and a contract only say what it should be."""

from __future__ import annotations

import re
from pathlib import Path

from connectors.files.messages import FOUND, OLD_WORKBOOK, WEB_PAGE
from connectors.files.settings import CSV, NDJSON, PARQUET, XLSX
from hub.intake.port import YibiaoError, invalid, refusals

__all__ = ["refuse_unlike", "sniff"]

_START = 8192
_HTML, _SPREADSHEETML = "HTML", "SpreadsheetML 2003"
_ENCRYPTED, _XLS = "encrypted workbook", ".xls (Excel 97-2003)"
_ZIP, _PARQUET, _ARRAY, _OBJECTS, _TEXT = "ZIP", "Parquet", "JSON array", "JSON", "delimited text"
_GZIP = "gzip"

_MAGIC = {
    b"PK\x03\x04": _ZIP, b"PK\x05\x06": _ZIP, b"PAR1": _PARQUET, b"PARE": "encrypted Parquet", b"\x1f\x8b": _GZIP, b"%PDF": "PDF",
    b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"SQLite format 3\x00": "SQLite", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG",
    b"MZ\x90\x00": "program", b"\x7fELF": "program", b"{\\rtf": "RTF", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "Zstandard",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKAGE = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] 2.3.4: the stream of an encrypted workbook


def sniff(path: Path) -> str:
    """A word for what the file is: "HTML", "ZIP", "Parquet", "JSON array", "delimited text" ..."""
    with path.open("rb") as file:
        start = file.read(_START)
    for magic, name in _MAGIC.items():
        if start.startswith(magic):
            return name
    if start.startswith(_OLE):
        return _ENCRYPTED if _holds(path, _PACKAGE) else _XLS
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    lower = text[:2048].lower()
    if lower.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<style", b"<meta", b"<div")) or (
        lower.startswith(b"<") and b"<html" in lower
    ):
        return _HTML
    if lower.startswith(b"<"):
        return _SPREADSHEETML if b"urn:schemas-microsoft-com:office:spreadsheet" in lower else "XML"
    if re.match(rb'\[\s*(\{|\]|")', text):
        return _ARRAY
    if re.match(rb'\{\s*("|\})', text):
        return _OBJECTS
    return _TEXT


def _holds(path: Path, word: bytes) -> bool:
    with path.open("rb") as file:
        before = b""
        while block := file.read(2**20):
            if word in before + block:
                return True
            before = block[-len(word) :]
    return False


def refuse_unlike(path: Path, wanted: str) -> None:
    """Raises INVALID ``refused_format`` or ``refused_encrypted`` if the file is not of the wanted format; the place says
    what it is. An empty file is for the reader to judge."""
    if path.stat().st_size == 0:
        return
    found = sniff(path)
    fits = {
        CSV: {_TEXT, _GZIP},
        NDJSON: {_OBJECTS, _GZIP},
        XLSX: {_ZIP},
        PARQUET: {_PARQUET},
    }[wanted]
    if found not in fits:
        raise _unlike(found)


def _unlike(found: str) -> YibiaoError:
    named = FOUND[found]
    if found.startswith("encrypted"):
        return invalid(refusals.ENCRYPTED, place=found, found=named)
    if found == _HTML:
        return invalid(WEB_PAGE, place=found, found=named)
    if found in {_SPREADSHEETML, _XLS}:
        return invalid(OLD_WORKBOOK, place=found, found=named)
    return invalid(refusals.FORMAT, place=found, found=named)
