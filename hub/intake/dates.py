"""Days, months and moments in the shapes in which departments write them, one value at a time.

What names no day, or only a part of one, is a fault and never the first of the month. What has two readings is
``ambiguous``. The columns' quick paths are in ``hub.intake.readers``; these functions are what they agree with.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from hub.core.clock import CITY, from_microseconds, microseconds
from hub.core.reading import NOTHING, Reading
from hub.intake.port import NUMBER

FIRST_YEAR, LAST_YEAR = 1800, 2199
OPEN_END = date(9999, 12, 31)
PLACEHOLDER = date(1900, 1, 1)

_CHINESE = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_PARTED = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_WRITTEN = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]?")
_MONTHS = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})|([0-9]{2})|年([0-9]{1,2})月?)")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?\s?(Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?", re.IGNORECASE)
ZERO_DATE = "^0[0 :./年月日T-]*$"  # 00000000, 0000-00-00 00:00:00: nothing is known


def read_date(text: str, kind: int = 0, *, system: int | None = None, open_ended: bool = False) -> Reading:
    """A day. ``system`` is the workbook's date system (1900, 1904), by which a number in a general cell is a day;
    ``open_ended`` lets the last day of the calendar stand for 长期. 1900-01-01 is read with a warning."""
    if re.match(ZERO_DATE, text):
        return NOTHING
    day = _serial(text, system) if kind == NUMBER else None
    if day is None:
        day = _day(_digits(text))
    if day is None:
        partial = _MONTHS.fullmatch(_digits(text)) or re.fullmatch(r"[0-9]{4}(年|0000)?|[0-9]{6}00|[0-9]{4}-[0-9]{2}-00", text)
        return Reading(rule="date", hint="partial" if partial else None)
    return _ranged(day, open_ended)


def read_month(text: str, kind: int = 0, *, system: int | None = None, open_ended: bool = False) -> Reading:
    """A month, as its first day. A bare 2023.1 is January, or October that a spreadsheet took for a number: ambiguous."""
    if re.match(ZERO_DATE, text):
        return NOTHING
    if kind == NUMBER and (serial := _serial(text, system)) is not None:
        return _ranged(serial.replace(day=1), open_ended)
    if re.fullmatch(r"[0-9]{4}\.1", text):
        return Reading(rule="ambiguous", hint="january_or_october", agreed=f"{text[:4]}-01 / {text[:4]}-10")
    digits = _digits(text)
    if match := _MONTHS.fullmatch(digits):
        year, month = int(match[1]), int(match[2] or match[3] or match[4])
        if not 1 <= month <= 12 or year < 1:
            return Reading(rule="date")
        return _ranged(date(year, month, 1), open_ended)
    day = _day(digits)
    if day is None:
        return Reading(rule="date", hint="partial" if re.fullmatch(r"[0-9]{4}(年|00)?", text) else None)
    return _ranged(day if day == OPEN_END else day.replace(day=1), open_ended)


def read_moment(text: str, kind: int = 0) -> Reading:
    """A moment, as microseconds since 1970 in UTC. A text without zone is the city's time, with the summer time of its
    years (1940s, 1986-1991): an hour that the clock skipped is no moment, one that it went through twice is ambiguous."""
    if re.match(ZERO_DATE, text):
        return NOTHING
    if match := re.fullmatch(r"([0-9]{8})([0-9]{2})([0-9]{2})([0-9]{2})", text):
        day, clock = _day(match[1]), f"{match[2]}:{match[3]}:{match[4]}"
    else:
        first, _, clock = text.replace("T", " ").replace("t", " ").partition(" ")
        day = _day(_digits(first))
    match = _CLOCK.fullmatch(clock.strip() or "0:00")
    if day is None or match is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        return Reading(rule="date")
    try:
        at = time(int(match[1]), int(match[2]), int(match[3] or 0), int((match[4] or "0").ljust(6, "0")[:6]))
    except ValueError:
        return Reading(rule="date")
    if match[5]:
        return Reading(microseconds(datetime.combine(day, at, _zone(match[5]))))
    local = datetime.combine(day, at, CITY)
    if local.astimezone(UTC).astimezone(CITY).replace(fold=0) != local:
        return Reading(rule="date", hint="skipped_hour")
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        return Reading(rule="ambiguous", hint="hour_twice")
    return Reading(microseconds(local))


def _ranged(day: date, open_ended: bool) -> Reading:
    if day == OPEN_END and open_ended:
        return Reading(day)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return Reading(rule="date", hint="range")
    return Reading(day, warning="placeholder_date" if day == PLACEHOLDER else None)


def _digits(text: str) -> str:
    """二〇二四年三月十五日 -> 2024年3月15日; what holds no Chinese figure is given back."""
    if not re.search("[一二三四五六七八九十〇○零]", text):
        return text
    text = re.sub("(?<=[一二三四五六七八九])十(?=[一二三四五六七八九])", "", text)
    text = re.sub("(?<=[一二三四五六七八九])十", "0", text)
    text = re.sub("十(?=[一二三四五六七八九])", "1", text).replace("十", "10")
    return text.translate(_CHINESE)


def _day(text: str) -> date | None:
    # A day may carry a time: midnight of an export, or ISO 8601 with a zone, which is then the day that it is here:
    # many programs write the 8th of June as 2009-06-07T16:00:00Z.
    match = re.fullmatch(r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2})[T ]([0-9].*)", text)
    if match and (clock := _CLOCK.fullmatch(match[2])):
        if clock[5]:
            moment = read_moment(text).value
            return None if moment is None else from_microseconds(moment).date()
        text = match[1]
    elif re.fullmatch(r"[0-9]{14}", text) and text[8:10] < "24" and text[10:12] < "60" and text[12:] < "60":
        text = text[:8]
    if match := _PARTED.fullmatch(text):
        parts = match[1], match[3], match[4]
    elif match := _COMPACT.fullmatch(text) or _WRITTEN.fullmatch(text):
        parts = match[1], match[2], match[3]
    else:
        return None
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None


def _serial(text: str, system: int | None) -> date | None:
    """The day of a spreadsheet's serial number: from 1900-03-01 on, because the 1900 system has a 29 February 1900."""
    if system is None or not re.fullmatch(r"[0-9]{2,5}(\.[0-9]+)?", text) or re.fullmatch(r"(1[89]|20|21)[0-9]{2}(\.[0-9]+)?", text):
        return None
    days = int(text.split(".", maxsplit=1)[0])
    if system == 1904:
        return date(1904, 1, 1) + timedelta(days=days)
    return date(1899, 12, 30) + timedelta(days=days) if days > 60 else None


def _zone(text: str) -> timezone:
    if text in ("Z", "z"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]) % 24, minutes=int(digits[2:]) % 60)
    return timezone(-offset if text[0] == "-" else offset)
