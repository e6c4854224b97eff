"""Which column of a file is which field of the contract: by name, never by position. Knows no file format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from connectors.files.settings import Agreed
from hub.intake.port import Warned, YibiaoError, invalid, own_heads, refusals

__all__ = ["Layout", "Path", "layout_of", "matches", "missing", "normal_name"]

# A column's name as its way down a header of several rows: ("户主", "姓名"). One row: one part.
Path = tuple[str, ...]

# Soft hyphen, zero-width and direction marks, word joiner, byte order mark, variation selectors, and every blank.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe00-\ufe0f]|\\s")
_UNIT = re.compile(r"[(（][^()（）]{1,12}[)）]$")
_SHOWN = 60  # characters of a header name in a message


@dataclass(frozen=True, slots=True)
class Layout:
    """``positions``: physical name to 0-based column; ``width``: columns of the header."""

    positions: dict[str, int]
    width: int
    warnings: tuple[Warned, ...] = ()


def normal_name(text: str) -> str:
    """A header name without what nobody sees or means: blanks, line breaks, invisible characters, width, case."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def matches(agreed: Agreed, paths: Sequence[Path]) -> dict[int, str]:
    """0-based column to physical name, for those columns that are fields of the contract."""
    known = {normal_name(name): name for name in agreed.names}
    found = {}
    for position, path in enumerate(paths):
        name = next((known[key] for key in map(normal_name, _readings(path)) if key in known), None)
        if name is not None:
            found[position] = name
    return found


def _readings(path: Path) -> list[str]:
    """The names that a path may stand for, the surest first: 户主姓名; the last part with the unit that stands above it,
    月保障金额(元); the last part alone, 婚姻状况."""
    if not path:
        return []
    units = [match[0] for part in path[:-1] if (match := _UNIT.search(part))]
    return ["".join(path), *(path[-1] + unit for unit in units), path[-1]]


def missing(agreed: Agreed, found: dict[int, str]) -> list[str]:
    """The required names that no column has, in the contract's order."""
    return [name for name in agreed.names if name in agreed.required and name not in found.values()]


def layout_of(agreed: Agreed, paths: Sequence[Path], place: str) -> Layout:
    """The layout of the header at ``place``. Raises INVALID ``refused_columns``: a field twice, a required one missing."""
    found = matches(agreed, paths)
    positions: dict[str, int] = {}
    for position, name in found.items():
        if name in positions:
            both = f"columns {positions[name] + 1} and {position + 1}: {name}"
            raise invalid(refusals.COLUMNS, place=both, found=f"{name} x 2")
        positions[name] = position
    if absent := missing(agreed, found):
        raise _missing(place, absent)
    return Layout(positions, len(paths), _warnings(agreed, paths, found))


def _missing(place: str, names: list[str]) -> YibiaoError:
    return invalid(refusals.COLUMNS, place=place, found=f"缺少 / missing: {', '.join(names)}")


def _warnings(agreed: Agreed, paths: Sequence[Path], found: dict[int, str]) -> tuple[Warned, ...]:
    warned = []
    ours = own_heads(agreed.names)
    for position, path in enumerate(paths):
        written = "/".join(path)
        if position not in found:
            if written.strip() and written not in ours:
                warned.append(Warned("extra_column", written[:_SHOWN]))
        elif written != found[position]:
            warned.append(Warned("header_normalised", f"column {position + 1}: {found[position]}"))
    absent = [name for name in agreed.names if name not in found.values()]
    return (*warned, *(Warned("missing_column", name) for name in absent))
