"""RUN-01, RUN-03, RUN-05: what is due comes from the plan and from what is recorded, never from when something woke up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.errors import YibiaoError
from hub.core.plan import MOST_SKIPPED, Due, Plan, due, parse, run_key

CITY = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def city(text: str, zone: ZoneInfo = CITY) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("cron", "now", "latest", "following"),
    [
        ("0 2 * * *", "2026-10-31 01:59", "2026-10-30 02:00", "2026-10-31 02:00"),
        ("0 2 * * *", "2026-10-31 02:00", "2026-10-31 02:00", "2026-11-01 02:00"),
        ("30 6 1 * *", "2026-10-31 12:00", "2026-10-01 06:30", "2026-11-01 06:30"),
        ("*/15 9-17 * * MON-FRI", "2026-10-31 12:00", "2026-10-30 17:45", "2026-11-02 09:00"),
        ("0 8 * * 0", "2026-10-31 12:00", "2026-10-25 08:00", "2026-11-01 08:00"),
        ("0 8 * * 7", "2026-10-31 12:00", "2026-10-25 08:00", "2026-11-01 08:00"),
        ("0 8 15 * FRI", "2026-10-31 12:00", "2026-10-30 08:00", "2026-11-06 08:00"),
        ("0 8 15 jan,jul *", "2026-10-31 12:00", "2026-07-15 08:00", "2027-01-15 08:00"),
        ("0 0 29 2 *", "2026-10-31 12:00", "2024-02-29 00:00", "2028-02-29 00:00"),
        ("5/20 0 * * *", "2026-10-31 00:44", "2026-10-31 00:25", "2026-10-31 00:45"),
    ],
)
def test_cron_means_what_crontab_says(cron: str, now: str, latest: str, following: str) -> None:
    plan = parse(cron, CITY)
    assert plan.latest(city(now)) == city(latest)
    assert plan.following(city(now)) == city(following)


def test_run_05_a_plan_is_in_the_citys_time_whatever_the_machines_is() -> None:
    planned = parse("0 2 * * *", CITY).following(datetime(2026, 10, 31, tzinfo=UTC))
    assert planned == datetime(2026, 10, 31, 18, tzinfo=UTC)
    assert run_key("health.maternity", city("2026-11-01 02:00")) == "health.maternity@2026-10-31T18:00Z"


@pytest.mark.parametrize("cron", ["", "0 2 * *", "60 * * * *", "* 24 * * *", "0 0 0 * *", "0 0 * 13 *", "0 0 * * 8", "a * * * *", "5-1 * * * *", "*/0 * * * *",
                                  "1,, * * * *", "-1 * * * *", "１ * * * *", "@daily", "0 0 * * * *"])  # fmt: skip
def test_a_wrong_schedule_is_refused(cron: str) -> None:
    with pytest.raises(YibiaoError) as refusal:
        parse(cron, CITY)
    assert refusal.value.code == "bad_schedule"


def test_a_day_that_never_comes_is_never_due() -> None:
    plan = parse("0 0 30 2 *", CITY)
    assert plan.latest(city("2026-10-31 00:00")) is None
    assert due(plan, None, LONG_AGO, city("2026-10-31 00:00")) is None


def test_a_time_that_summer_time_leaves_out_is_run_once_and_one_that_comes_twice_too() -> None:
    plan = parse("30 2 * * *", BERLIN)
    spring = list(_between(plan, city("2026-03-28 12:00", BERLIN), city("2026-03-30 12:00", BERLIN)))
    autumn = list(_between(plan, city("2026-10-24 12:00", BERLIN), city("2026-10-26 12:00", BERLIN)))
    assert [time.astimezone(BERLIN).strftime("%d %H:%M") for time in spring] == ["29 03:30", "30 02:30"]
    assert [time.strftime("%d %H:%M") for time in autumn] == ["25 00:30", "26 01:30"]


def _between(plan: Plan, start: datetime, end: datetime) -> Iterator[datetime]:
    while (planned := plan.following(start)) is not None and planned <= end:
        yield planned
        start = planned


def test_run_01_after_downtime_one_run_and_the_skipped_ones_are_told() -> None:
    plan = parse("0 2 * * *", CITY)
    found = due(plan, city("2026-10-27 02:00"), LONG_AGO, city("2026-10-31 09:00"))
    assert found == Due(city("2026-10-31 02:00"), (city("2026-10-28 02:00"), city("2026-10-29 02:00"), city("2026-10-30 02:00")))


def test_a_late_wake_up_skips_nothing() -> None:
    plan = parse("0 2 * * *", CITY)
    assert due(plan, city("2026-10-30 02:00"), LONG_AGO, city("2026-10-31 23:59")) == Due(city("2026-10-31 02:00"))


def test_what_was_planned_before_the_contract_is_nobodys() -> None:
    plan = parse("0 2 * * *", CITY)
    assert due(plan, None, city("2026-10-31 08:00"), city("2026-10-31 09:00")) is None
    assert due(plan, None, city("2026-10-31 08:00"), city("2026-11-01 02:00")) == Due(city("2026-11-01 02:00"))


def test_a_long_downtime_is_told_in_bounds() -> None:
    found = due(parse("* * * * *", CITY), city("2025-10-31 00:00"), LONG_AGO, city("2026-10-31 00:00"))
    assert found is not None
    assert len(found.skipped) == MOST_SKIPPED
    assert found.skipped[-1] == city("2026-10-30 23:59")


class Record:
    """What the store remembers: planned times by their outcome, each once."""

    def __init__(self) -> None:
        self.ran: list[datetime] = []
        self.skipped: list[datetime] = []

    def wake(self, cron: str, now: datetime) -> None:
        known = [time for time in self.ran + self.skipped if time <= now]
        found = due(parse(cron, CITY), max(known, default=None), LONG_AGO if known else city("2026-10-01 00:00"), now)
        if found is not None:
            assert found.planned not in self.ran + self.skipped, "a planned time came up twice"
            self.ran.append(found.planned)
            self.skipped += [time for time in found.skipped if time not in self.ran + self.skipped]


def test_run_03_a_jump_over_three_plans_gives_one_run_and_going_back_none() -> None:
    record = Record()
    for now in ("2026-10-01 02:00", "2026-10-04 03:00", "2026-10-02 03:00", "2026-10-03 12:00", "2026-10-04 02:00"):
        record.wake("0 2 * * *", city(now))
    assert record.ran == [city("2026-10-01 02:00"), city("2026-10-04 02:00")]
    record.wake("0 2 * * *", city("2026-10-05 02:01"))
    assert record.ran[-1] == city("2026-10-05 02:00")


def test_a_clock_that_was_years_ahead_stops_nothing() -> None:
    record = Record()
    record.wake("0 2 * * *", city("2099-01-01 03:00"))
    record.wake("0 2 * * *", city("2026-10-31 03:00"))
    assert record.ran == [city("2099-01-01 02:00"), city("2026-10-31 02:00")]


@given(
    st.lists(st.integers(0, 60 * 24 * 40), min_size=1, max_size=30),
    st.sampled_from(["0 2 * * *", "*/30 8-9 * * 1-5", "0 0 1,15 * *", "7 * * * *"]),
)
@settings(max_examples=60, deadline=None)
def test_run_03_however_the_clock_jumps_nothing_runs_twice(minutes: list[int], cron: str) -> None:
    record = Record()
    for minute in minutes:
        record.wake(cron, city("2026-10-01 00:00") + timedelta(minutes=minute))
    assert len(record.ran) == len(set(record.ran)) <= len(minutes)
