"""The scheduler opens each planned run once, whoever wakes and whatever happens to one contract."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hub.core.clock import FixedClock, SystemClock
from hub.schedule import ClockWatch, Schedule
from hub.store.runs import Planned

CITY = ZoneInfo("Asia/Shanghai")
SINCE = datetime(2026, 10, 1, tzinfo=CITY)


class RunsInMemory:
    """The port as its documentation says, without a database."""

    def __init__(self, *plans: Planned) -> None:
        self.listed = plans
        self.runs: dict[tuple[str, datetime], str] = {}
        self.lease: tuple[str, datetime] | None = None

    def hold_lease(self, holder: str, now: datetime, until: datetime) -> bool:
        if self.lease is not None and self.lease[0] != holder and now < self.lease[1] <= until:
            return False
        self.lease = (holder, until)
        return True

    def release_lease(self, holder: str) -> None:
        if self.lease is not None and self.lease[0] == holder:
            self.lease = None

    def plans(self) -> Sequence[Planned]:
        return self.listed

    def last_planned(self, contract: str, not_after: datetime) -> datetime | None:
        return max((planned for name, planned in self.runs if name == contract and planned <= not_after), default=None)

    def open_run(self, contract: str, planned: datetime, skipped: Sequence[datetime], now: datetime) -> bool:
        if (contract, planned) in self.runs:
            return False
        self.runs[contract, planned] = f"opened {now:%H:%M}"
        for earlier in skipped:
            self.runs.setdefault((contract, earlier), "skipped")
        return True


NIGHTLY = Planned("health.maternity", "0 2 * * *", SINCE)
HOURLY = Planned("education.enrolment", "0 * * * *", SINCE)


def wake(runs: RunsInMemory, moment: str, holder: str = "one") -> tuple[str, ...]:
    now = datetime.fromisoformat(moment).replace(tzinfo=CITY)
    return Schedule(runs, FixedClock(now), CITY, holder).wake()


def test_what_is_due_is_opened_once() -> None:
    runs = RunsInMemory(NIGHTLY, HOURLY)
    runs.runs[NIGHTLY.contract, datetime(2026, 10, 30, 2, tzinfo=CITY)] = "done"
    runs.runs[HOURLY.contract, datetime(2026, 10, 31, 1, tzinfo=CITY)] = "done"
    assert wake(runs, "2026-10-31 01:59") == ()
    assert wake(runs, "2026-10-31 02:00") == ("health.maternity@2026-10-30T18:00Z", "education.enrolment@2026-10-30T18:00Z")
    assert wake(runs, "2026-10-31 02:00") == ()
    assert wake(runs, "2026-10-31 01:30") == (), "the clock was set back"


def test_after_downtime_one_run_and_the_skipped_ones_on_record() -> None:
    runs = RunsInMemory(NIGHTLY)
    runs.runs[NIGHTLY.contract, datetime(2026, 10, 27, 2, tzinfo=CITY)] = "done"
    assert wake(runs, "2026-10-31 09:00") == ("health.maternity@2026-10-30T18:00Z",)
    assert sorted(runs.runs.values()) == ["done", "opened 01:00", "skipped", "skipped", "skipped"]


def test_one_process_holds_the_lease_and_another_takes_over() -> None:
    runs = RunsInMemory(NIGHTLY)
    wake(runs, "2026-10-31 01:59:30", "one")
    assert wake(runs, "2026-10-31 02:00:00", "two") == ()
    assert wake(runs, "2026-10-31 02:01:00", "two") == ("health.maternity@2026-10-30T18:00Z",), "the first one is dead"


def test_a_contract_with_a_wrong_plan_stops_no_other() -> None:
    runs = RunsInMemory(Planned("a.wrong", "every night", SINCE), NIGHTLY)
    assert wake(runs, "2026-10-31 03:00") == ("health.maternity@2026-10-30T18:00Z",)


def test_a_running_scheduler_wakes_at_once_and_gives_the_lease_back() -> None:
    runs = RunsInMemory(Planned("health.maternity", "* * * * *", datetime(2020, 1, 1, tzinfo=UTC)))
    stop = threading.Event()
    schedule = Schedule(runs, SystemClock(), CITY, "one")
    thread = threading.Thread(target=schedule.run, args=(stop,))
    thread.start()
    give_up = time.monotonic() + 10
    while not runs.runs:
        assert time.monotonic() < give_up
        time.sleep(0.05)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    assert runs.lease is None


@pytest.mark.parametrize(("moved", "jumped"), [(0.0, False), (2.0, False), (3600.0, True), (-3600.0, True)])
def test_a_moved_clock_is_noticed_once(moved: float, jumped: bool) -> None:
    offset = [0.0]
    watch = ClockWatch(lambda: time.monotonic() + offset[0], time.monotonic)
    offset[0] = moved
    assert [watch.jumped(), watch.jumped()] == [jumped, False]


def test_apscheduler_has_one_home() -> None:
    program = "import sys, hub.core.plan, hub.checks.suite; print([m for m in sys.modules if m.startswith('apscheduler')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
