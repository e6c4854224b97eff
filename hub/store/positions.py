"""Valid time as one sortable integer: a batch's place is (as-of date, revision)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_REVISIONS = 1_000_000


def position(as_of: date, revision: int) -> int:
    """The place of revision ``revision`` (from 1) of the delivery dated ``as_of``."""
    if not 0 < revision < _REVISIONS:
        raise ValueError(f"revision {revision} is out of range")
    return as_of.toordinal() * _REVISIONS + revision


def last_of(day: date) -> int:
    """The greatest place that a batch dated ``day`` or earlier can have."""
    return (day.toordinal() + 1) * _REVISIONS - 1


def day_of(pos: int) -> date:
    return date.fromordinal(pos // _REVISIONS)


@dataclass(frozen=True, slots=True)
class Moment:
    """What was valid on a day, as the hub knew it at a number. Both clocks of design §4."""

    valid: date
    known: int

    @property
    def pos(self) -> int:
        return last_of(self.valid)
