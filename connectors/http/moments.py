"""Moments as an API writes them: compared as moments, written back in the same shape."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

CITY = timezone(timedelta(hours=8))  # China has one zone and no summer time since 1992; a text without a zone means it


def moment(text: str) -> datetime | None:
    """The moment that an ISO 8601 text names; None for any other text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=CITY)


def later(one: str | None, other: str | None, today: date) -> str | None:
    """The later of two texts. One that lies beyond tomorrow is somebody's slip and would hide all that follows."""
    known = [(when, text) for text in (one, other) if text and (when := moment(text)) and when.date() <= today + timedelta(days=1)]
    return max(known)[1] if known else None


def earlier(text: str, seconds: int) -> str:
    """The text of the moment some seconds before, in the shape of ``text``: what was stored late must be asked for again."""
    before = (datetime.fromisoformat(text) - timedelta(seconds=seconds)).isoformat("T" if "T" in text else " ")
    return before.replace("+00:00", "Z") if text.endswith("Z") else before
