"""The city's time, reporting periods and working days."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.clock import (
    FixedClock,
    Period,
    SystemClock,
    WorkingDays,
    from_microseconds,
    microseconds,
    parse_period,
    period_of,
    today,
)
from hub.core.errors import Kind, YibiaoError


def test_the_citys_date_is_not_the_machines() -> None:
    assert today(FixedClock(datetime(2026, 6, 30, 17, 0, tzinfo=UTC))) == date(2026, 7, 1)
    assert SystemClock().now().tzinfo is UTC


def test_moments_are_stored_as_microseconds() -> None:
    moment = datetime(2024, 3, 1, 0, 30, 0, 5, tzinfo=UTC)
    assert microseconds(moment) == 1_709_253_000_000_005
    assert from_microseconds(microseconds(moment)) == moment
    assert from_microseconds(microseconds(moment)).hour == 8


@pytest.mark.parametrize(
    ("text", "start", "end", "frequency"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31), "monthly"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "monthly"),
        ("2026Q3", date(2026, 7, 1), date(2026, 9, 30), "quarterly"),
        ("2026Q4", date(2026, 10, 1), date(2026, 12, 31), "quarterly"),
        ("2026S1", date(2026, 1, 1), date(2026, 6, 30), "term"),
        ("2026S2", date(2026, 7, 1), date(2026, 12, 31), "term"),
    ],
)
def test_periods(text: str, start: date, end: date, frequency: str) -> None:
    assert parse_period(text) == Period(start, end, text, frequency)


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-1", "2026Q5", "2026S3", "26-01", "", "二〇二六", "2026-10 ", "2026q3"])
def test_what_is_no_period_is_refused_with_the_shapes(text: str) -> None:
    with pytest.raises(YibiaoError) as caught:
        parse_period(text)
    assert caught.value.kind is Kind.INVALID
    assert caught.value.code == "bad_period"
    assert "2026Q3" in caught.value.text("en")


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(["monthly", "quarterly", "term"]))
def test_periods_tile_the_calendar(day: date, frequency: str) -> None:
    period = period_of(day, frequency)
    assert period.start <= day <= period.end
    assert parse_period(period.text) == period
    assert period.next.start == period.end + timedelta(days=1)
    assert period.next.previous == period


def test_working_days_follow_the_national_calendar() -> None:
    days = WorkingDays()
    assert not days.is_working_day(date(2026, 10, 1))  # National Day
    assert days.is_working_day(date(2026, 2, 14))  # a Saturday worked for Spring Festival
    assert days.after(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert days.between(date(2026, 9, 30), date(2026, 10, 8)) == 1
    assert days.between(date(2026, 10, 8), date(2026, 9, 30)) == -1


def test_the_citys_own_exceptions_come_first() -> None:
    typhoon = WorkingDays({date(2026, 7, 1): False, date(2026, 7, 4): True})
    assert not typhoon.is_working_day(date(2026, 7, 1))
    assert typhoon.is_working_day(date(2026, 7, 4))


def test_past_the_calendars_end_it_warns_loudly_and_once(caplog: pytest.LogCaptureFixture) -> None:
    days = WorkingDays()
    year = 2126
    with caplog.at_level(logging.WARNING, logger="hub.core.clock"):
        assert days.is_working_day(date(year, 1, 1)) is (date(year, 1, 1).weekday() < 5)
        days.is_working_day(date(year, 1, 2))
    assert [str(year) in record.getMessage() for record in caplog.records] == [True]


@given(st.dates(date(2020, 1, 1), date(2026, 1, 1)), st.integers(0, 15))
def test_a_deadline_is_as_far_as_it_says(day: date, count: int) -> None:
    days = WorkingDays()
    assert days.between(day, days.after(day, count)) == count
