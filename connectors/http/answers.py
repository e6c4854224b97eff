"""JSON as a frame shows it: numbers keep the text they came with, nothing is rounded, a name given twice is seen."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from hub.intake.port import NUMBER, TEXT

_SURROGATE = re.compile("[\ud800-\udfff]")


class Number(str):
    """A JSON number's own text."""

    __slots__ = ()


class Repeated(dict[str, Any]):
    """An object in which a name stands twice: which value is meant is not clear."""


def parse(body: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises ``ValueError``; a byte order mark is let through."""
    return json.loads(body.decode("utf-8-sig"), parse_int=Number, parse_float=Number, parse_constant=_refuse, object_pairs_hook=_object)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Repeated(found)


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path; None where nothing does. The empty path is the value itself."""
    for step in path.split(".") if path else ():
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def shown(value: Any) -> str:
    """A value as JSON text; numbers as they came."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{shown(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(shown, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def plain(value: Any) -> str:
    """A value for a comparison or a message: a text without its quotes, anything else as JSON."""
    return value if isinstance(value, str) else shown(value)


def cell(value: Any) -> tuple[str | None, int]:
    """A value as a frame's cell and its kind: ``true`` and lists are text, a number is a NUMBER."""
    if value is None:
        return None, TEXT
    text = plain(value)
    if not text.isascii() and _SURROGATE.search(text):
        # Half a surrogate pair is no character and no text can hold it: the mark that the character check looks for.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text, NUMBER if isinstance(value, Number) else TEXT
