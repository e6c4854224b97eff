"""How long to wait before a request is made again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

ATTEMPTS = 6  # of one page
FIRST_WAIT = 0.5  # seconds; doubles
LONGEST_WAIT = 60.0


@dataclass(frozen=True, slots=True)
class Patience:
    """The clock that a pull waits by; tests give one that does not wait."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random  # 0 to 1

    def wait(self, failures: int, asked: str | None) -> None:
        """Sleep after the ``failures``-th failure in a row; ``asked`` is the server's Retry-After."""
        self.sleep(seconds(failures, asked, self.now(), self.jitter()))


def seconds(failures: int, asked: str | None, now: datetime, jitter: float) -> float:
    """What Retry-After says where it can be read (RFC 9110, 10.2.3: seconds or a date), at most LONGEST_WAIT; else
    exponential, with jitter over its upper half so that many hubs do not come back at once."""
    told = retry_after(asked, now)
    if told is not None:
        return min(told, LONGEST_WAIT)
    longest = min(FIRST_WAIT * 2.0 ** (failures - 1), LONGEST_WAIT)
    return longest * (0.5 + jitter / 2)


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds to wait; None where the header is missing, unreadable or a moment that is over."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) < 20 else LONGEST_WAIT
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    left = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return left.total_seconds() if left.total_seconds() > 0 else None
