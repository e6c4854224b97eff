"""How much memory this process and its children have now, for the conformance suite and the benchmarks. Linux (/proc)."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

__all__ = ["resident_bytes"]


def resident_bytes() -> int:
    """Resident memory of this process and all its children, in bytes."""
    return sum(_resident(pid) for pid in _tree(Path("/proc/self").resolve().name))


def _tree(pid: str) -> Iterator[str]:
    yield pid
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _read(listing).split():
            yield from _tree(child)


def _resident(pid: str) -> int:
    fields = _read(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * resource.getpagesize() if fields else 0


def _read(path: Path) -> str:
    """The file's text, empty where the process ended meanwhile."""
    try:
        return path.read_text("ascii")
    except OSError:
        return ""
