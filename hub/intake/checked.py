"""What normalising one frame gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from hub.checks.finding import Warned


@dataclass(frozen=True, slots=True)
class Context:
    """What reading depends on besides the contract. ``today`` is the city's date: nobody is born after it; ``as_of`` the date
    of the delivery, by whose divisions it is read (today, unless said)."""

    today: date
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """``rows``: record, line, then one canonical column per bound field, named and ordered as in the contract; only rows
    that may go on. ``held``: record, line, raw (JSON text of physical name -> text as it came; the text of a record that
    could not be split stands under ``""``). ``findings``: every rule that a held row breaks, as ``hub.checks.finding``.
    Every record of the frame is in exactly one of ``rows`` and ``held``.
    """

    rows: pl.DataFrame
    held: pl.DataFrame
    findings: pl.DataFrame
    warnings: tuple[Warned, ...] = ()
