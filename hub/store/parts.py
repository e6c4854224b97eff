"""Long lists of values in parts that a statement may name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def in_parts(items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """The items in order, ``size`` at a time: memory stays bounded, and every engine takes a list of that length."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
