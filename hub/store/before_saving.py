"""What has to be known before anything is saved in a report: of its open period, and of the whole hub. One statement for all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, Text, bindparam, cast, select

from hub.store.ledger_tables import period, tick
from hub.store.objections import ANY_STANDING
from hub.store.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Now:
    """``closes``: the last day; ``known``: the number of the last act; ``objected``: whether anything is (``objections.any_standing``)."""

    closes: date | None
    known: int
    objected: bool


_NOW = Prepared(
    select(cast(period.c.closes, Text), select(tick.c.known).scalar_subquery(), ANY_STANDING.scalar_subquery()).where(
        period.c.form == bindparam("form"), period.c.period == bindparam("period")
    )
)


def find_now(engine: Engine, form: str, text: str, since: int) -> Now | None:
    """None where the period is not open. ``since``: as of ``any_standing``."""
    for closes, known, objected in _NOW.rows(engine, {"form": form, "period": text, "since": since}):
        return Now(None if closes is None else date.fromisoformat(closes), known, objected is not None)
    return None
