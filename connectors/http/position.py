"""Where a paged pull stands, and the proof that it saw everything once.

A source that is paged by number can move under the reader: a row deleted in front shifts one past it, unseen. So every
record's key is remembered, in a file of its own that is gone with the pull, and the number of different keys must be
the source's own total, which must not have changed meanwhile. Where the source gives its keys in ascending order, the
order alone proves them different, also over a cut and resumed pull.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

from connectors.http.answers import shown


@dataclass(frozen=True, slots=True)
class Position:
    """After some pages. Holds no key, only a short mark of the last one, which many keys share."""

    rows: int = 0  # received so far
    pages: int = 0  # read so far
    last_rows: int = 0  # on the last page, as it was served
    asked: int = 0  # the page size asked for
    mark: str = ""  # of the last row's key
    total: int | None = None  # as the source told first
    ascending: bool = True  # every key greater than the one before it
    since: str | None = None  # the greatest updated_at so far

    def text(self) -> str:
        return json.dumps(asdict(self))


def key_of(record: Any, columns: Sequence[str]) -> str:
    """The record's key as JSON text; a record without one is its own key."""
    parts = [record.get(column) for column in columns] if isinstance(record, dict) else []
    return shown(record if all(part is None for part in parts) else parts)


def mark_of(key: str) -> str:
    return blake2b(key.encode("utf-8", "replace"), digest_size=3).hexdigest()


class Keys:
    """The keys seen in one run of a pull: memory does not grow with them (SQLite keeps a private temporary file)."""

    def __init__(self, ascending: bool) -> None:
        self._seen = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._seen.execute("CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID")
        self._seen.execute("BEGIN")
        self._last: str | None = None
        self.ascending = ascending

    def add(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.ascending = self.ascending and (self._last is None or self._last < key)
            self._last = key
        digests = [(blake2b(key.encode("utf-8", "replace"), digest_size=16).digest(),) for key in keys]
        self._seen.executemany("INSERT OR IGNORE INTO seen VALUES (?)", digests)

    def follow(self, key: str) -> None:
        """The key in front of the first new one, in a resumed pull."""
        self._last = key

    def distinct(self) -> int:
        return int(self._seen.execute("SELECT count(*) FROM seen").fetchone()[0])

    def close(self) -> None:
        self._seen.close()
