"""The ``files`` source: a folder in which a department puts its deliveries, or one file that somebody uploads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from connectors.files import readers
from connectors.files.frames import Reading, pull
from connectors.files.messages import CHANGED, FOLDER, NAME_DATE
from connectors.files.settings import Agreed, Settings, agreed, format_of, read_settings
from connectors.files.sniff import refuse_unlike
from hub.intake.port import (
    Contract,
    End,
    Frame,
    Kind,
    Offer,
    Source,
    SourceContext,
    YibiaoError,
    invalid,
    refusals,
)

__all__ = ["FilesSource", "open_file", "source"]


def source(contract: Contract, options: dict[str, Any], context: SourceContext) -> Source:
    """The source of a contract with ``kind: files``; the options are those of ``settings.read_settings``."""
    settings = read_settings(options)
    if settings.folder is None:
        raise invalid(refusals.OPTIONS, place="source.options.folder", found="-")
    folder = Path(os.path.normpath(context.folder / settings.folder))  # a link that the city's people have put there may lead elsewhere
    if not folder.is_relative_to(os.path.normpath(context.folder)):
        raise invalid(refusals.OPTIONS, place="source.options.folder", found=settings.folder)
    return FilesSource(contract, settings, folder)


def open_file(path: Path, contract: Contract, options: Mapping[str, Any], as_of: date) -> Source:
    """A source with one delivery, the file at ``path`` as of ``as_of``, of the contract's kind.

    The format is the file's ending, else the contract's; the first bytes must agree. Raises INVALID ``source_options``.
    """
    return _OneFile(contract, read_settings(options), path, as_of)


class FilesSource:
    """The files of a folder whose whole names fit the pattern, each one delivery."""

    def __init__(self, contract: Contract, settings: Settings, folder: Path) -> None:
        self._contract = contract
        self._settings = settings
        self._folder = folder

    def offers(self, after: date | None, cursor: str | None) -> list[Offer]:
        """The files dated later than ``after``, oldest first, by name within a day. Raises UNAVAILABLE for a folder that
        is not there or may not be read, INVALID for a file whose name fits and gives a day that does not exist."""
        try:
            found = [offer for path in self._folder.iterdir() if (offer := self._offer(path)) is not None]
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise YibiaoError(Kind.UNAVAILABLE, FOLDER, place=self._folder.name, found=reason) from None
        return sorted((offer for offer in found if after is None or offer.as_of > after), key=lambda offer: (offer.as_of, offer.name))

    def _offer(self, path: Path) -> Offer | None:
        match = re.fullmatch(self._settings.pattern, path.name)
        if match is None or not path.is_file() or path.is_symlink():  # a link may lead out of the department's folder
            return None
        try:
            as_of = datetime.strptime(match["as_of"].replace("-", ""), "%Y%m%d").date()
        except ValueError:
            raise invalid(NAME_DATE, place=path.name, found=match["as_of"]) from None
        return Offer(path.name, as_of, self._contract.delivery, path.stat().st_size, path.name)

    def read(self, offer: Offer, cursor: str | None = None) -> Iterator[Frame | End]:
        return _read(self._folder / offer.token, offer, agreed(self._contract), self._settings, cursor, upload=False)

    def close(self) -> None:
        """Nothing is held between readings."""


class _OneFile:
    """A file that somebody uploads."""

    def __init__(self, contract: Contract, settings: Settings, path: Path, as_of: date) -> None:
        self._contract = contract
        self._settings = settings
        self._path = path
        self._as_of = as_of

    def offers(self, after: date | None, cursor: str | None) -> list[Offer]:
        if after is not None and self._as_of <= after:
            return []
        try:
            size = self._path.stat().st_size
        except OSError as error:
            raise _unavailable(self._path.name, error) from None
        return [Offer(self._path.name, self._as_of, self._contract.delivery, size, self._path.name)]

    def read(self, offer: Offer, cursor: str | None = None) -> Iterator[Frame | End]:
        return _read(self._path, offer, agreed(self._contract), self._settings, cursor, upload=True)

    def close(self) -> None:
        """Nothing is held between readings."""


def _read(path: Path, offer: Offer, fields: Agreed, settings: Settings, cursor: str | None, *, upload: bool) -> Iterator[Frame | End]:
    """The file's frames. Every refusal says in ``file`` which file it is about."""
    try:
        mark = _fingerprint(path)
        if cursor is not None and cursor.partition("/")[2] != mark:
            raise invalid(CHANGED, place=offer.name)
        kind = format_of(offer.name, settings, upload=upload)
        refuse_unlike(path, kind)
        chunks: Reading = readers.open_reading(kind, path, fields, settings)
        try:
            yield from pull(chunks, settings.limits.frame_rows, mark, cursor, offer.name)
        finally:
            chunks.close()
    except YibiaoError as error:
        error.values.setdefault("file", offer.name)
        raise
    except OSError as error:
        raise _unavailable(offer.name, error) from None


def _fingerprint(path: Path) -> str:
    """Tells a file from another under its name: a cursor is good for the file that it was given for."""
    facts = path.stat()
    return f"{facts.st_size}-{facts.st_mtime_ns}"


def _unavailable(place: str, error: OSError) -> YibiaoError:
    return YibiaoError(Kind.UNAVAILABLE, refusals.UNAVAILABLE, place=place, found=error.strerror or type(error).__name__)
