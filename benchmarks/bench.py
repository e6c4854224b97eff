"""What every benchmark needs: an engine, a fresh hub, a sample city, and a clock."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.core.clock import SystemClock
from hub.core.settings import load
from hub.publish import publish, written_at
from hub.registry.definitions import definition_roots
from hub.sample.city import City
from hub.store.hub import Hub, make_hub
from hub.store.migrate import clear
from tests.postgres import fresh_database, server


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: the hub's, the limit's, and hub time / limit time."""

    what: str
    hub: str
    against: str = ""
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    engine: str
    url: str
    home: Path
    city: City
    rounds: int

    def fresh_hub(self) -> Hub:
        """An empty hub with the shipped definitions."""
        if self.home.exists():
            clear(self.url)
        hub = make_hub(load(self.home, self.url), SystemClock())
        publish(hub, written_at(definition_roots()), "bench")
        return hub.reopened()


def engines(folder: Path) -> Iterator[tuple[str, str]]:
    """Both engines, PostgreSQL on a server of this run's own."""
    yield "sqlite", f"sqlite:///{folder / 'bench.db'}"
    with server() as maintenance, fresh_database(maintenance) as url:
        yield "postgresql", url


def median(rounds: int, act: Callable[[], float]) -> float:
    """The median of the seconds that ``act`` says it took."""
    return statistics.median(act() for _ in range(rounds))


def timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
