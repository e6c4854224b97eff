"""How much memory this process and its children have now, for the conformance suite and the benchmarks. Linux (/proc)."""

from __future__ import annotations

import resource
from collections.abc import Collection, Iterator
from pathlib import Path

__all__ = ["children", "resident_bytes"]


def resident_bytes(but: Collection[str] = ()) -> int:
    """Resident memory of this process and all its children, in bytes; ``but``: children that are not counted, nor theirs."""
    return sum(_resident(pid) for pid in _tree(_self(), but))


def children() -> frozenset[str]:
    """The process ids of this process's own children now."""
    return frozenset(_children(_self()))


def _self() -> str:
    return Path("/proc/self").resolve().name


def _tree(pid: str, but: Collection[str]) -> Iterator[str]:
    yield pid
    for child in _children(pid):
        if child not in but:
            yield from _tree(child, but)


def _children(pid: str) -> Iterator[str]:
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        yield from _read(listing).split()


def _resident(pid: str) -> int:
    fields = _read(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * resource.getpagesize() if fields else 0


def _read(path: Path) -> str:
    """The file's text, empty where the process ended meanwhile."""
    try:
        return path.read_text("ascii")
    except OSError:
        return ""
