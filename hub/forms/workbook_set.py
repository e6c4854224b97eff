"""A township's whole set of forms as one zip: a workbook for each, and a list of them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO

from hub.forms.comma_separated import comma_separated

_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


class WorkbookSet:
    """Written one workbook at a time, so that no more than one is in memory. Names are UTF-8 and say so (APPNOTE 4.4.4, bit 11), as
    Windows and the zip programs of China read them."""

    def __init__(self, target: IO[bytes], heads: tuple[str, ...]) -> None:
        """``heads``: of the list's columns; the last one is the file's name."""
        self._archive = zipfile.ZipFile(target, "w", zipfile.ZIP_STORED)  # workbooks are packed already
        self._rows: list[tuple[str, ...]] = [heads]
        self._taken: set[str] = set()

    def add(self, title: str, content: bytes, *row: str) -> None:
        """A workbook, and its row of the list (without its name)."""
        stem = _NAME.sub(" ", title).strip()[:80] or "-"
        name = next(name for name in _numbered(stem) if name.lower() not in self._taken)
        self._taken.add(name.lower())
        self._archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content)
        self._rows.append((*row, name))

    def close(self, name: str) -> None:
        """Write the list under this name."""
        self._archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), comma_separated(self._rows))
        self._archive.close()


def _numbered(stem: str) -> Iterator[str]:
    yield f"{stem}.xlsx"
    number = 2
    while True:
        yield f"{stem} ({number}).xlsx"
        number += 1
