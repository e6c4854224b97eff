"""What time it is in the city, which days people work, and which days a reporting period has.

Nothing else asks the machine for the time: a ``Clock`` is handed down from the entry points, so that a test, a
rehearsal or a rebuild of last month runs at any moment. Deadlines count working days of the national calendar with the
city's own exceptions on top (a day of a typhoon, a holiday the calendar does not know yet).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from hub.core.errors import invalid
from hub.core.messages import Message

CITY = ZoneInfo("Asia/Shanghai")

BAD_PERIOD = Message(
    "bad_period",
    "“{period}”不是报告期：请写成 2026-10（月）、2026Q3（季）或 2026S2（半年）",
    "“{period}” is not a reporting period: write 2026-10 (month), 2026Q3 (quarter) or 2026S2 (half-year)",
)


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment, in UTC, with its zone."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still: for tests, and for answers as of a chosen moment."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment.astimezone(UTC)


def today(clock: Clock) -> date:
    """The city's date."""
    return clock.now().astimezone(CITY).date()


def microseconds(moment: datetime) -> int:
    """``moment`` as it is stored: microseconds since 1970 in UTC."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def from_microseconds(value: int) -> datetime:
    """The stored moment, in the city's time."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)).astimezone(CITY)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A reporting period, both days included. ``text`` is its one way of writing."""

    start: date
    end: date
    text: str
    frequency: str  # "monthly", "quarterly", "term"

    @property
    def next(self) -> Period:
        return period_of(self.end + timedelta(days=1), self.frequency)

    @property
    def previous(self) -> Period:
        return period_of(self.start - timedelta(days=1), self.frequency)


_MONTHS = {"monthly": 1, "quarterly": 3, "term": 6}


def parse_period(text: str) -> Period:
    """ "2026-10", "2026Q3" or "2026S2" (S1 is January to June). Raises INVALID ``bad_period``."""
    match = re.fullmatch(r"([0-9]{4})(?:-(0[1-9]|1[0-2])|Q([1-4])|S([12]))", text)
    if match is None or match[1] == "0000" or (match[1] == "9999" and match[0][4:] in ("-12", "Q4", "S2")):
        raise invalid(BAD_PERIOD, period=text)
    frequency = "monthly" if match[2] else "quarterly" if match[3] else "term"
    number = int(match[2] or match[3] or match[4])
    return period_of(date(int(match[1]), (number - 1) * _MONTHS[frequency] + 1, 1), frequency)


def period_of(day: date, frequency: str) -> Period:
    """The period of a frequency ("monthly", "quarterly", "term") in which ``day`` lies."""
    months = _MONTHS[frequency]
    number = (day.month - 1) // months
    start = date(day.year, number * months + 1, 1)
    after = date(day.year + (start.month + months > 12), (start.month + months - 1) % 12 + 1, 1)
    sign = {"monthly": f"-{number + 1:02d}", "quarterly": f"Q{number + 1}", "term": f"S{number + 1}"}[frequency]
    return Period(start, after - timedelta(days=1), f"{day.year:04d}{sign}", frequency)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days of the State Council's yearly notice, and the city's own exceptions: date -> is it worked."""

    exceptions: Mapping[date, bool] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        if day in self.exceptions:
            return self.exceptions[day]
        if date(2004, 1, 1) <= day <= _known_until():
            return bool(_national().is_workday(day))
        _warn_past_end(day.year)
        return day.weekday() < 5

    def after(self, day: date, count: int) -> date:
        """The day on which ``count`` working days after ``day`` have passed: a deadline. ``day`` itself does not count."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after ``start`` up to and with ``end``; negative where ``end`` comes first."""
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working_day(start + timedelta(days=number)) for number in range(1, (end - start).days + 1))


@cache
def _national() -> Any:
    """The calendar's package, which has no types, imported when first asked: its tables are long and most commands need none."""
    return import_module("chinese_calendar")


@cache
def _known_until() -> date:
    return date(max(_national().holidays).year, 12, 31)


@cache  # once a year and process: loud, not deafening
def _warn_past_end(year: int) -> None:
    logging.getLogger("hub.core.clock").warning(
        "the national calendar ends on %s: holidays of %d are not known and Monday to Friday are taken for working days; "
        "install a newer chinesecalendar or enter the days as exceptions",
        _known_until(),
        year,
    )
