"""The source port: what a connector is. Connectors import this module and nothing else of the hub.

A connector is a Python package with an entry point in the group ``yibiao.sources``: a callable
``(contract, options, context) -> Source``. It reads what a department delivers and hands it on as text, with the kind
of every cell that was not text; it infers nothing, repairs nothing and knows nothing of elements: the contract's
physical column names are all that it needs. ``hub.intake.conformance`` is the suite that any connector must pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

import polars as pl

from hub.checks.finding import Warned
from hub.core.errors import Kind, YibiaoError, invalid, not_found, refused
from hub.core.messages import Message
from hub.intake import refusals
from hub.intake.mending_heads import own_heads
from hub.registry.model import Contract, Delivery, Title

__all__ = [
    "DATE",
    "ERROR",
    "FORMULA",
    "FRAME_ROWS",
    "NUMBER",
    "TEXT",
    "Contract",
    "Delivery",
    "End",
    "Frame",
    "Kind",
    "Message",
    "Offer",
    "Source",
    "SourceContext",
    "Title",
    "Warned",
    "YibiaoError",
    "invalid",
    "not_found",
    "own_heads",
    "refusals",
    "refused",
]  # fmt: skip

FRAME_ROWS = 50_000

# Kinds of cell. A NUMBER is given as its shortest exact decimal text, a DATE as ISO 8601 (a workbook's serial number in
# a date-formatted cell; a database's or Parquet's date or timestamp), an ERROR as its text (#N/A), a FORMULA (one that
# no program has computed) as null.
TEXT, NUMBER, DATE, ERROR, FORMULA = range(5)


@dataclass(frozen=True, slots=True)
class Frame:
    """Up to FRAME_ROWS records.

    ``values``: String columns named by the contract's physical names; every physical field of the contract is there,
    null where the source had no such column or key. ``kinds``: UInt8 columns for those fields of which some cell is not
    TEXT; same height. ``places``: columns record (Int64, 1-based over the whole delivery), line (Int64 or null), fault
    (String or null: "row_shape" or "encoding" for a record that could not be split into fields; its values are null),
    raw (String or null: the text of a faulted record). ``cursor``: where to resume after this frame. ``date_system``: 1900
    or 1904 for a workbook: by it a NUMBER in a column that is agreed to hold dates is a day.
    """

    values: pl.DataFrame
    kinds: pl.DataFrame
    places: pl.DataFrame
    cursor: str | None = None
    date_system: int | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The last thing a pull yields. ``complete`` is proof, not hope: a closed file, or as many distinct keys as the
    source's own total; only a complete pull of everything may be a snapshot. ``footer`` and ``preamble`` are the lines
    outside the table, kept and shown."""

    records: int
    complete: bool
    warnings: tuple[Warned, ...] = ()
    preamble: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    cursor: str | None = None  # the position for the next delta (the greatest updated_at seen)


@dataclass(frozen=True, slots=True)
class Offer:
    """One delivery that a source has ready."""

    name: str  # the file's name, or a word for the pull: shown in messages
    as_of: date
    kind: Delivery
    size: int | None = None  # bytes, where known
    token: str = ""  # the connector's own handle to it


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What the hub tells a connector. ``folder`` is where relative paths start; ``secret`` gives a named credential;
    ``today`` is the city's date."""

    folder: Path
    today: date
    secrets: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """Errors are ``YibiaoError``: INVALID for a delivery that cannot be used (code ``refused_<kind>``, kinds: encoding,
    format, encrypted, columns, sheet, empty, quoting, truncated, limits, incomplete, source), UNAVAILABLE for a source
    that does not answer, UNAUTHENTICATED for bad credentials. Values always hold ``place``."""

    def offers(self, after: date | None, cursor: str | None) -> list[Offer]:
        """The deliveries that came after the one of date ``after``, oldest first; ``cursor`` is the last pull's."""
        ...

    def read(self, offer: Offer, cursor: str | None = None) -> Iterator[Frame | End]:
        """The delivery's records from the frame ``cursor`` (None: from the start). Memory does not grow with it."""
        ...

    def close(self) -> None: ...
