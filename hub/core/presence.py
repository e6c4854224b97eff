"""Who uses a home folder, or a file of it: a mark of the operating system, gone with the process that made it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_FILE = "in-use.lock"


@contextmanager
def using(home: Path) -> Iterator[None]:
    """This process uses the home for as long as the block lasts; so may others."""
    with (home / _FILE).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def in_use(home: Path) -> bool:
    """Whether some process says so of the home."""
    if not (home / _FILE).exists():
        return False
    with (home / _FILE).open("ab") as file:
        return not locked(file)


def locked(file: IO[bytes]) -> bool:
    """Whether the file could be had for this process alone, which it then is until it is closed. Waits for nobody."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
