"""The scheduler process: opens the run of every contract that is due. The only importer of APScheduler.

APScheduler only wakes us, with a memory job store, in the city's zone; it decides nothing. Which run is due comes from the
contracts' plans and from the recorded runs (``hub.core.plan``), so that a late wake-up loses nothing (RUN-01), a moved clock
runs nothing twice (RUN-03), and the machine's own time zone does not matter (RUN-05). Any number of these processes may run: one
holds the lease, and a run is opened once, by its planned time. Pulling is the workers'.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from hub.core.clock import Clock
from hub.core.log import logger
from hub.core.plan import due, parse, run_key
from hub.store.runs import Planned

WAKE_SECONDS = 15

_log = logger(__name__)


class Runs(Protocol):
    """What the scheduler needs of the store. Every moment has a zone; each call is a transaction of its own."""

    def hold_lease(self, holder: str, now: datetime, until: datetime) -> bool:
        """Take or renew the scheduler's lease. True if it is free, the holder's own, run out (``until`` of the row <= ``now``), or
        reaches further than any could now (> the new ``until``): it was written while a clock was ahead."""
        ...

    def release_lease(self, holder: str) -> None:
        """Give the lease back, if it is the holder's."""
        ...

    def plans(self) -> Sequence[Planned]:
        """The contracts in force that carry a schedule and a source to pull from."""
        ...

    def last_planned(self, contract: str, not_after: datetime) -> datetime | None:
        """The greatest planned time of the contract's runs, skipped ones included, not after a moment."""
        ...

    def open_run(self, contract: str, planned: datetime, skipped: Sequence[datetime], now: datetime) -> bool:
        """Record ``planned`` as a run to be done and ``skipped`` as runs with the outcome "skipped", those that are there already
        left alone. False, and nothing recorded, if ``planned`` itself is there: (contract, planned) is unique."""
        ...


class Schedule:
    """One scheduler process. ``holder`` names it in the lease (host and process)."""

    def __init__(self, runs: Runs, clock: Clock, zone: ZoneInfo, holder: str) -> None:
        self._runs = runs
        self._clock = clock
        self._zone = zone
        self._holder = holder

    def wake(self) -> tuple[str, ...]:
        """Open what is due, if the lease is ours, and give the keys of the opened runs. One contract's failure is logged and stops
        no other."""
        now = self._clock.now()
        if not self._runs.hold_lease(self._holder, now, now + timedelta(seconds=4 * WAKE_SECONDS)):
            return ()
        opened: list[str] = []
        for planned in self._runs.plans():
            try:
                key = self._open(planned, now)
            except Exception:  # noqa: BLE001 - whatever is wrong with this contract, the others are due too
                _log.exception("schedule_failed", contract=planned.contract)
                continue
            if key is not None:
                opened.append(key)
        return tuple(opened)

    def _open(self, planned: Planned, now: datetime) -> str | None:
        last = self._runs.last_planned(planned.contract, now)
        found = due(parse(planned.cron, self._zone), last, planned.since, now)
        if found is None or not self._runs.open_run(planned.contract, found.planned, found.skipped, now):
            return None
        key = run_key(planned.contract, found.planned)
        if found.skipped:
            _log.warning("runs_skipped", contract=planned.contract, count=len(found.skipped), since=found.skipped[0].isoformat())
        _log.info("run_opened", run=key)
        return key

    def run(self, stop: threading.Event) -> None:
        """Wake now and every ``WAKE_SECONDS`` until ``stop`` is set, then give the lease back."""
        scheduler = BackgroundScheduler(
            timezone=self._zone,
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        trigger = IntervalTrigger(seconds=WAKE_SECONDS, timezone=self._zone)
        scheduler.add_job(self._wake_and_survive, trigger, id="wake", next_run_time=datetime.now(self._zone))
        scheduler.start()
        watch = ClockWatch(time.time, time.monotonic)
        try:
            while not stop.wait(1):
                if watch.jumped():  # set back, the library would sleep until the old time comes again
                    _log.warning("clock_jumped")
                    scheduler.modify_job("wake", next_run_time=datetime.now(self._zone))
        finally:
            scheduler.shutdown(wait=True)
            self._runs.release_lease(self._holder)

    def _wake_and_survive(self) -> None:
        try:
            self.wake()
        except Exception:  # noqa: BLE001 - the database may be away for a while; the next wake-up tries again
            _log.exception("schedule_failed")


class ClockWatch:
    """Tells that the machine's clock was moved, by a clock that never is."""

    def __init__(self, wall: Callable[[], float], steady: Callable[[], float], tolerance: float = 5.0) -> None:
        self._wall = wall
        self._steady = steady
        self._tolerance = tolerance
        self._offset = wall() - steady()

    def jumped(self) -> bool:
        """Whether the clock was moved by more than the tolerance (seconds) since the last call."""
        offset = self._wall() - self._steady()
        moved = abs(offset - self._offset) > self._tolerance
        self._offset = offset
        return moved
