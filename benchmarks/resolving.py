"""Resolve alone: golden records and conflicts of every person from the rows of all departments."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from benchmarks.bench import Bench, Row, median, timed
from hub.checks.batch import check_batch
from hub.core.clock import SystemClock
from hub.core.settings import load
from hub.demo.departments import departments
from hub.demo.journey import travel_all
from hub.store.acts import resolve_all
from hub.store.engine import writing
from hub.store.hub import Hub, make_hub


def run(bench: Bench) -> Iterator[Row]:
    hub = bench.fresh_hub()
    with departments(bench.city, bench.home) as systems:
        travel_all(hub, systems, check_batch, lambda _: None)
    with hub.engine.connect() as connection:
        subjects = sum(int(connection.execute(select(func.count()).select_from(t)).scalar_one()) for t in hub.tables.golden.values())
    seconds = median(bench.rounds, lambda: timed(lambda: _resolve(hub)))
    yield Row("resolve every subject again, 13 datasets", f"{subjects / seconds:,.0f} subjects/s", f"{subjects:,} subjects")


def _resolve(hub: Hub) -> None:
    with writing(hub.engine) as connection:
        resolve_all(connection, hub.tables, hub.micros(), hub.today())


def reopen(bench: Bench) -> Hub:
    """The hub that ``run`` filled."""
    return make_hub(load(bench.home, bench.url), SystemClock())
