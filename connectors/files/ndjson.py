"""NDJSON: one object a line, strictly. Numbers keep the text that stands in the file; what cannot be read is a fault of
its line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from connectors.files.frames import Chunk, Reading, Summary, chunk_of
from connectors.files.header import layout_of, matches
from connectors.files.lines import BLOCK_BYTES, blocks
from connectors.files.settings import Agreed, Limits, Settings
from hub.intake.port import NUMBER, TEXT, Warned, YibiaoError, invalid, refusals

__all__ = ["read_ndjson"]

_SHOWN = 60  # characters of an unknown key in a warning


class _Number(str):
    """The text of a number token."""

    __slots__ = ()


class _NotAsAgreed(ValueError):
    """A key twice in one object, or NaN: not JSON as we understand it."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotAsAgreed
    return found


def _constant(_: str) -> None:
    raise _NotAsAgreed


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=_Number, parse_int=_Number, parse_constant=_constant)


def read_ndjson(stream: IO[bytes], agreed: Agreed, settings: Settings, block_bytes: int = BLOCK_BYTES) -> Reading:
    """The objects of a UTF-8 stream.

    Raises INVALID ``refused_`` truncated (the last line has no end and is no object), format (an array or pretty-printed
    JSON), columns (a required key that no object has), limits (thousands of unknown keys).
    """
    keys = _Keys(agreed, settings.limits)
    blank = records = 0
    for block in blocks(stream, settings.limits, block_bytes):
        objects: list[dict[str, Any] | None] = []
        numbers: list[int | None] = []
        faults: list[tuple[str | None, str | None]] = []
        for at, line in enumerate(block.text.to_list()):
            if not line.strip(" \t\r\x1a\ufeff"):
                blank += 1
                continue
            found, fault = _read(line)
            number = block.first + at
            if fault == "row_shape" and block.last and not block.closed and at + 1 == block.text.len():
                raise invalid(refusals.TRUNCATED, place=f"line {number}", found=f"{len(line)} characters")
            if fault and not records and not objects and line.strip() in {"{", "["}:
                raise invalid(refusals.FORMAT, place="JSON over several lines", found="JSON")
            objects.append(found)
            numbers.append(number)
            faults.append((fault, line if fault else None))
        records += len(objects)
        if objects:
            yield _chunk(agreed, keys, objects, numbers, faults)
    if records:
        keys.check()
    warned = (*keys.warnings(), *((Warned("blank_rows", count=blank),) if blank else ()))
    return Summary(warned, empty="blank lines only" if blank else "")


def _read(line: str) -> tuple[dict[str, Any] | None, str | None]:
    """The line's object, or the fault."""
    try:
        found = _decoder.decode(line)
    except (ValueError, RecursionError):
        return None, "row_shape"
    if not isinstance(found, dict):
        return None, "row_shape"
    if "\\u" in line and any(0xD800 <= ord(character) <= 0xDFFF for character in _characters(found)):
        return None, "encoding"  # half a surrogate pair: no text can hold it
    return found, None


def _characters(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from key
            yield from _characters(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _characters(inner)


class _Keys:
    """Which key is which field, and how often unknown ones came."""

    def __init__(self, agreed: Agreed, limits: Limits) -> None:
        self._agreed = agreed
        self._limits = limits
        self.names: dict[str, str] = {}  # key to physical name
        self._unknown: dict[str, int] = {}

    def meet(self, found: dict[str, Any]) -> None:
        for key in found:
            if key in self.names:
                continue
            if key not in self._unknown:
                name = matches(self._agreed, [(key,)]).get(0)
                if name is not None:
                    self._fits(key, name)
                    continue
                if len(self._unknown) + len(self.names) >= self._limits.columns:
                    raise self._too_many()
            self._unknown[key] = self._unknown.get(key, 0) + 1

    def _fits(self, key: str, name: str) -> None:
        if name in self.names.values():
            other = next(known for known, taken in self.names.items() if taken == name)
            raise invalid(refusals.COLUMNS, place=f"{other}, {key}", found=f"{name} x 2")
        self.names[key] = name

    def _too_many(self) -> YibiaoError:
        limit = f"{self._limits.columns} columns"
        return invalid(refusals.LIMITS, place="keys", found=f"> {self._limits.columns} columns", limit=limit)

    def check(self) -> None:
        """Raises INVALID ``refused_columns`` if a required key never came."""
        layout_of(self._agreed, [(key,) for key in self.names], "JSON")

    def warnings(self) -> tuple[Warned, ...]:
        renamed = tuple(Warned("header_normalised", name) for key, name in self.names.items() if key != name)
        absent = tuple(Warned("missing_column", name) for name in self._agreed.names if name not in self.names.values())
        return (*(Warned("extra_column", key[:_SHOWN], count) for key, count in self._unknown.items()), *renamed, *absent)


def _chunk(
    agreed: Agreed,
    keys: _Keys,
    objects: list[dict[str, Any] | None],
    numbers: list[int | None],
    faults: list[tuple[str | None, str | None]],
) -> Chunk:
    known = [found or {} for found in objects]
    for found in known:
        keys.meet(found)
    columns: dict[str, list[str | None]] = {}
    kinds: dict[str, list[int]] = {}
    for key, name in keys.names.items():
        cells = [found.get(key) for found in known]
        types = set(map(type, cells))
        if _Number in types:
            kinds[name] = [NUMBER if type(cell) is _Number else TEXT for cell in cells]
        columns[name] = cells if types <= {str, type(None)} else [_text(cell) for cell in cells]
    return chunk_of(agreed, columns, numbers, kinds, faults if any(fault for fault, _ in faults) else None)


def _text(value: Any) -> str | None:
    """A cell's text: yes and no as JSON writes them, lists and objects as compact JSON with numbers as they came."""
    if value is None or type(value) is str:
        return value
    return str(value) if isinstance(value, _Number) else _json(value)


def _json(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(key)}:{_json(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
