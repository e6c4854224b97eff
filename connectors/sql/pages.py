"""Cutting ordered rows into pages that keep the rows of one key together.

A page's last key is where a cut pull resumes, with "greater than": a row of the same key behind the cut would be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any


def whole_groups(parts: Iterable[Sequence[Any]], size: int, most: int, key: Callable[[Any], object]) -> Iterator[list[Any]]:
    """The rows of ``parts``, ordered by ``key``, in pages of at most ``size`` rows; a page is longer only if all its rows
    have one key, and no group is waited for beyond ``most`` rows: such a page ends anywhere."""
    held: list[Any] = []
    for part in parts:
        held.extend(part)
        while len(held) > size:
            cut = _border(held, size, key) or (len(held) if len(held) > most else 0)
            if not cut:
                break
            yield held[:cut]
            del held[:cut]
    if held:
        yield held


def _border(rows: Sequence[Any], size: int, key: Callable[[Any], object]) -> int:
    """The last border between two keys within ``size`` rows, else the first behind it, else 0: none is known yet."""
    for cut in chain(range(size, 0, -1), range(size + 1, len(rows))):
        if key(rows[cut - 1]) != key(rows[cut]):
            return cut
    return 0
