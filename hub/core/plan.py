"""When a contract is to be pulled: five-field cron in the city's time, and which planned run is due now. Pure.

A run is known by its planned time, never by when something woke up: the same plan is not run twice, whatever the clock does
(RUN-03), and after downtime the latest missed plan is run once, the earlier ones being told as skipped (RUN-01). Waking up is
``hub.schedule``'s, remembering what ran is the store's.

Cron as in POSIX ``crontab``: minute, hour, day of month, month, day of week (0 and 7 are Sunday; names MON, JAN); lists, ranges,
steps; where both days are restricted, either makes a day planned. A time that the zone leaves out in spring is run as much
later as the clock jumped; one that comes twice in autumn is run the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.core.errors import invalid
from hub.core.messages import Message

MOST_SKIPPED = 100
_DAYS_BACK = 366 * 9  # 29 February comes at least once in these

BAD_SCHEDULE = Message(
    "bad_schedule", "“{cron}”不是计划：{reason_zh}。请写五段，如 0 2 * * *（每天 2 点）。",
    "“{cron}” is not a schedule: {reason_en}. Write five fields, such as 0 2 * * * (daily at 2).",
)  # fmt: skip

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS: tuple[tuple[str, str, int, int, dict[str, int]], ...] = (
    ("分", "minute", 0, 59, {}),
    ("时", "hour", 0, 23, {}),
    ("日", "day of month", 1, 31, {}),
    ("月", "month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("星期", "day of week", 0, 7, {name: number for number, name in enumerate(_WEEKDAYS)}),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule in a time zone. Planned times are given in UTC, with their zone. Make one with ``parse``."""

    cron: str
    zone: ZoneInfo
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 is Sunday
    either_day: bool  # both days are restricted: one of them is enough

    def latest(self, moment: datetime) -> datetime | None:
        """The last planned time not after ``moment``; None for a plan that never comes (30 February)."""
        start = moment.astimezone(self.zone).date()
        for back in range(_DAYS_BACK):
            for planned in reversed(self._of_day(start - timedelta(days=back))):
                if planned <= moment:
                    return planned
        return None

    def following(self, moment: datetime) -> datetime | None:
        """The first planned time after ``moment``: the next run that pages show."""
        start = moment.astimezone(self.zone).date()
        for ahead in range(_DAYS_BACK):
            for planned in self._of_day(start + timedelta(days=ahead)):
                if planned > moment:
                    return planned
        return None

    def backwards(self, moment: datetime) -> Iterator[datetime]:
        """All planned times before ``moment``, the latest first."""
        while (planned := self.latest(moment - timedelta(microseconds=1))) is not None:
            yield planned
            moment = planned

    def _of_day(self, day: date) -> list[datetime]:
        weekday = day.isoweekday() % 7
        fits = (day.day in self.days, weekday in self.weekdays)
        if day.month not in self.months or not (any(fits) if self.either_day else all(fits)):
            return []
        times = [datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone) for hour in self.hours for minute in self.minutes]
        return sorted({time.astimezone(UTC) for time in times})


@dataclass(frozen=True, slots=True)
class Due:
    """The one run that is due. ``skipped`` are planned times before it that nobody ran, oldest first, at most ``MOST_SKIPPED``;
    they are recorded as such, so that people see them."""

    planned: datetime
    skipped: tuple[datetime, ...] = ()


def parse(cron: str, zone: ZoneInfo) -> Plan:
    """Raises INVALID ``bad_schedule`` with the reason in both languages (``reason_zh``, ``reason_en``)."""
    words = cron.split()
    if len(words) != len(_FIELDS):
        raise invalid(BAD_SCHEDULE, cron=cron, reason_zh=f"有 {len(words)} 段", reason_en=f"{len(words)} fields")
    sets: list[frozenset[int]] = []
    for word, (zh, en, low, high, names) in zip(words, _FIELDS, strict=True):
        try:
            sets.append(frozenset(_numbers(word.upper(), low, high, names)))
        except ValueError as error:
            raise invalid(BAD_SCHEDULE, cron=cron, reason_zh=f"{zh}“{word}”", reason_en=f"{en} “{word}”") from error
    minutes, hours, days, months, weekdays = sets
    either = not words[2].startswith("*") and not words[4].startswith("*")
    return Plan(
        cron, zone, tuple(sorted(minutes)), tuple(sorted(hours)), days, months, frozenset(number % 7 for number in weekdays), either
    )


def due(plan: Plan, last: datetime | None, since: datetime, now: datetime) -> Due | None:
    """The run that is due ``now``, if any.

    ``last`` is the greatest recorded planned time not after ``now``, run or skipped (so a clock that jumped years ahead and
    came back stops nothing); ``since`` is when the plan came into force: what was planned before is nobody's. The caller records
    ``planned`` and ``skipped`` under their own times, once: who comes second runs nothing.
    """
    planned = plan.latest(now)
    begin = since if last is None else max(last, since)
    if planned is None or planned <= begin:
        return None
    skipped: list[datetime] = []
    for earlier in plan.backwards(planned):
        if earlier <= begin or len(skipped) == MOST_SKIPPED:
            break
        skipped.append(earlier)
    return Due(planned, tuple(reversed(skipped)))


def run_key(contract: str, planned: datetime) -> str:
    """The name of a planned run, the same in every process and zone: ``health.pregnancy@2026-10-31T18:00Z``."""
    return f"{contract}@{planned.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _numbers(word: str, low: int, high: int, names: dict[str, int]) -> Iterator[int]:
    for part in word.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        else:
            start = _number(first, low, high, names)
            end = _number(last, low, high, names) if dash else high if slash else start
        stride = _number(step, 1, high or 1, {}) if slash else 1
        if end < start:
            raise ValueError(part)
        yield from range(start, end + 1, stride)


def _number(text: str, low: int, high: int, names: dict[str, int]) -> int:
    if text in names:
        return names[text]
    if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
        raise ValueError(text)
    return int(text)
