"""Moments that tests stand at."""

from __future__ import annotations

from datetime import UTC, datetime

NOVEMBER = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # ten in the morning in the city, three weeks after the second delivery
