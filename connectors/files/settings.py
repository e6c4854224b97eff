"""The options of a files source, as the contract's ``source`` says them, checked once; nothing here opens a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePath
from typing import Any

import polars as pl

from hub.intake.port import FRAME_ROWS, Contract, YibiaoError, invalid, refusals

__all__ = [
    "CSV",
    "FOOTER_SIGNS",
    "FORMATS",
    "NDJSON",
    "PARQUET",
    "XLSX",
    "Agreed",
    "Limits",
    "Settings",
    "agreed",
    "format_of",
    "read_settings",
]

CSV, XLSX, NDJSON, PARQUET = FORMATS = ("csv", "xlsx", "ndjson", "parquet")

_ENDINGS = {
    ".csv": CSV, ".txt": CSV, ".tsv": CSV, ".xlsx": XLSX, ".xlsm": XLSX, ".xls": XLSX, ".et": XLSX,
    ".ndjson": NDJSON, ".jsonl": NDJSON, ".json": NDJSON, ".parquet": PARQUET,
}  # fmt: skip
_DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}
_ENCODINGS = {"utf8": "UTF-8", "utf8sig": "UTF-8", "gb18030": "GB18030", "gbk": "GB18030", "gb2312": "GB18030", "cp936": "GB18030"}

PATTERN = r".*(?P<as_of>\d{8}).*"

_SINGLE = re.compile(r"\\.|\[\^?\]?[^\]]*\]")  # an escape, a class: one sign each
FOOTER_SIGNS = 60  # of a line's first cell, in which a footer shows itself

# Lines below (or between) the records that are none: sums, who filled the list in, page numbers. A contract that gives
# patterns of its own replaces these.
FOOTER = (
    r"^\s*(合\s*计|总\s*计|小\s*计)\s*([:：].*)?$",
    r"^\s*(填表人|制表人|填报人|经办人|审核人|负责人|填报单位|填报日期|打印日期|打印时间|备注|说明|注)\s*[:：]",
    r"^\s*第\s*\d+\s*页",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may need; a contract may set others. Bytes, seconds, counts."""

    frame_rows: int = FRAME_ROWS
    line_bytes: int = 2**20
    columns: int = 2_000
    line_breaks: int = 2  # inside one quoted field; more, and a stray quote is swallowing records
    unpacked_bytes: int = 4 * 2**30  # of a compressed file
    ratio: int = 250  # unpacked to packed, for parts above 8 MiB; honest sheets stay below 60
    memory_bytes: int = 768 * 2**20  # of the child that reads workbooks and Parquet, beyond its start
    cpu_seconds: int = 900


@dataclass(frozen=True, slots=True)
class Settings:
    """The checked options."""

    format: str | None = None
    folder: str | None = None
    pattern: str = PATTERN
    encoding: str | None = None  # "UTF-8" or "GB18030": what the contract says; a file that differs is warned of
    delimiter: str = ","
    sheet: str | None = None
    footer: tuple[str, ...] = FOOTER
    limits: Limits = field(default_factory=Limits)

    @property
    def footer_pattern(self) -> str:
        """One expression that finds a footer's first cell; "" where nothing is a footer."""
        return "|".join(f"(?:{pattern})" for pattern in self.footer)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a reader needs of the contract: the physical names in order, and those that must be there."""

    names: tuple[str, ...]
    required: frozenset[str]


def agreed(contract: Contract) -> Agreed:
    names = tuple(field.physical for field in contract.fields)
    return Agreed(names, frozenset(field.physical for field in contract.fields if field.required or field.key_position))


def read_settings(options: Mapping[str, Any]) -> Settings:
    """The options of the contract's source.

    ``format`` csv, xlsx, ndjson or parquet (else by the file's name); ``folder``; ``pattern`` (an expression for whole
    file names with a group ``as_of``, YYYYMMDD); ``encoding``; ``delimiter`` (a character, or comma, tab, semicolon,
    pipe); ``sheet``; ``footer`` (expressions for the first cell of lines that are no records); ``limits`` (fields of
    ``Limits``). Raises INVALID ``source_options`` for anything else.
    """
    known = {item.name for item in fields(Settings)}
    if unknown := sorted(set(options) - known):
        raise _wrong(unknown[0], f"known are {', '.join(sorted(known))}")
    return Settings(
        format=_format(options.get("format")),
        folder=_text(options, "folder"),
        pattern=_pattern(_text(options, "pattern") or PATTERN),
        encoding=_encoding(options.get("encoding")),
        delimiter=_delimiter(options.get("delimiter", ",")),
        sheet=_text(options, "sheet"),
        footer=_footer(options.get("footer", FOOTER)),
        limits=_limits(options.get("limits", {})),
    )


def format_of(name: str, settings: Settings, *, upload: bool) -> str:
    """The format in which a file is to be read. A file in the agreed folder is what the contract says; of a file that
    somebody uploads, its ending decides first. Raises INVALID ``refused_format`` where nothing tells."""
    bare = name.lower().removesuffix(".gz")
    ending = _ENDINGS.get(PurePath(bare).suffix)
    found = (ending or settings.format) if upload else (settings.format or ending)
    if found is None:
        raise invalid(refusals.FORMAT, place=name, found=PurePath(bare).suffix or "-")
    return found


def _wrong(place: str, found: object) -> YibiaoError:
    return invalid(refusals.OPTIONS, place=f"source.options.{place}", found=str(found))


def _text(options: Mapping[str, Any], name: str) -> str | None:
    value = options.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _wrong(name, value)


def _format(value: object) -> str | None:
    if value is None or value in FORMATS:
        return None if value is None else str(value)
    raise _wrong("format", f"{value}; known are {', '.join(FORMATS)}")


def _encoding(value: object) -> str | None:
    if value is None:
        return None
    known = _ENCODINGS.get(str(value).lower().replace("-", "").replace("_", ""))
    if known is None:
        raise _wrong("encoding", f"{value}; known are UTF-8, GB18030")
    return known


def _delimiter(value: object) -> str:
    character = _DELIMITERS.get(str(value), value)
    if isinstance(character, str) and len(character) == 1 and character not in '"\r\n':
        return character
    raise _wrong("delimiter", value)


def _pattern(value: str) -> str:
    try:
        groups = re.compile(value).groupindex
    except re.error as error:
        raise _wrong("pattern", error) from None
    if "as_of" not in groups:
        raise _wrong("pattern", "(?P<as_of>...)")
    if _runs_away(value, 3):
        raise _wrong("pattern", value)
    return value


def _runs_away(pattern: str, most: int) -> bool:
    """Whether looking for an expression can take longer than anybody waits: a repetition (or a choice) that is repeated itself, or
    more than ``most`` without an end. A contract is a department's to write, and its pull is everybody's worker."""
    text = _SINGLE.sub("x", pattern)
    if len(re.findall(r"[*+]|\{\d*,\}", text)) > most:
        return True
    while (group := re.search(r"\(([^()]*)\)([*+{]?)", text)) is not None:
        repeats = re.search(r"[*+{]", group[1]) is not None
        if group[2] and (repeats or "|" in group[1]):
            return True
        text = text[: group.start()] + ("x+" if repeats else "x") + text[group.end(1) + 1 :]
    return False


def _footer(value: object) -> tuple[str, ...]:
    patterns = (value,) if isinstance(value, str) else value
    if not isinstance(patterns, list | tuple):
        raise _wrong("footer", value)
    for pattern in patterns:
        try:
            re.compile(pattern)
            if _runs_away(pattern, 6):
                raise _wrong("footer", pattern)
            pl.Series([""]).str.contains(pattern)  # both engines look for it, so both must know its syntax
        except (re.error, TypeError, pl.exceptions.PolarsError) as error:
            raise _wrong("footer", error) from None
    return tuple(patterns)


def _limits(value: object) -> Limits:
    known = {item.name for item in fields(Limits)}
    if not isinstance(value, Mapping) or not set(value) <= known:
        raise _wrong("limits", f"known are {', '.join(sorted(known))}")
    for name, number in value.items():
        if type(number) is not int or number < 1:
            raise _wrong(f"limits.{name}", number)
    return replace(Limits(), **value)
