"""A small city in a hub on each engine, served over real HTTP, with a token per role. Built once per engine and session."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from hub.app import server_settings
from hub.checks.batch import check_batch
from hub.core.clock import FixedClock
from hub.core.log import configure
from hub.core.settings import load
from hub.demo.departments import departments
from hub.demo.journey import travel_all
from hub.forms.appointments import principal_for
from hub.publish import publish, written_at
from hub.registry.definitions import definition_roots
from hub.sample.city import City, build
from hub.store.engine import writing
from hub.store.hub import Hub, make_hub
from hub.store.tokens import create_token
from tests.moments import NOVEMBER
from tests.postgres import fresh_database
from tests.web.browsing import browser, grid, opened  # noqa: F401 - fixtures

SECOND = date(2026, 10, 31)


@dataclass(frozen=True)
class Town:
    """What the tests ask: ``village`` is the one with most people, ``township`` its township, ``other`` another township."""

    hub: Hub
    city: City
    url: str
    tokens: Mapping[str, str]
    village: str
    other: str

    @property
    def township(self) -> str:
        return self.city.places.tree[self.village].parent

    @property
    def township_villages(self) -> list[str]:
        """The township's villages, those with most people first."""
        people = Counter(row.village for row in self.city.rows[2]["public-security.resident"])  # type: ignore[attr-defined]
        return [village for village, _ in people.most_common() if self.city.places.tree[village].parent == self.township]

    @property
    def other_village(self) -> str:
        """A village of the other township."""
        return next(d.code for d in self.city.places.tree.values() if d.parent == self.other)

    def client(self, role: str | None, **headers: str) -> httpx2.Client:
        """A client with the token of a role: village, township, approver, other, county, civil-affairs, health, education,
        public-security, bureau; None is
        nobody."""
        bearer = {} if role is None else {"Authorization": f"Bearer {self.tokens[role]}"}
        return httpx2.Client(base_url=self.url, headers={**bearer, **headers}, timeout=60)

    def get(self, role: str | None, path: str, **headers: str) -> httpx2.Response:
        with self.client(role, **headers) as client:
            return client.get(path)

    def person_in(self, village: str) -> str:
        """The citizen id of somebody alive who lives in a village and is registered there."""
        rows: Any = self.city.rows[2]["public-security.resident"]
        return str(next(r.citizen_id for r in rows if r.village == r.registered_village == village and r.life_status == "1"))


@pytest.fixture(scope="session")
def city() -> City:
    return build(600, 7, SECOND)


@pytest.fixture(scope="session")
def filled_home(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a hub on SQLite that holds the city, to be copied."""
    home = tmp_path_factory.mktemp("filled")
    _filled(city, home, None).engine.dispose()
    return home


@pytest.fixture(scope="session")
def sqlite_town(city: City, filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from _copied(city, filled_home, tmp_path_factory.mktemp("town-sqlite"))


@pytest.fixture(scope="session")
def postgres_town(city: City, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with fresh_database(postgres_url) as database:
        yield from _town(city, _filled(city, tmp_path_factory.mktemp("town-postgresql"), database))


@pytest.fixture(params=["sqlite_town", "postgres_town"], ids=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest) -> Town:
    """The city's hub on one engine, served. A session has one of each: a parametrised fixture would be made anew at each change."""
    made: Town = request.getfixturevalue(request.param)
    return made


@pytest.fixture(scope="session")
def page_town(city: City, filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The same for a browser, on SQLite, with nobody else changing it."""
    yield from _copied(city, filled_home, tmp_path_factory.mktemp("pages"))


def _copied(city: City, filled: Path, home: Path) -> Iterator[Town]:
    shutil.copytree(filled, home, dirs_exist_ok=True)
    yield from _town(city, make_hub(load(home), FixedClock(NOVEMBER)))


def _filled(city: City, home: Path, database: str | None) -> Hub:
    configure("WARNING")
    hub = make_hub(load(home, database), FixedClock(NOVEMBER))
    publish(hub, written_at(definition_roots()), "test")
    hub = hub.reopened()
    with departments(city, home) as systems:
        travel_all(hub, systems, check_batch, lambda _: None)
    return hub


def _town(city: City, hub: Hub) -> Iterator[Town]:
    village = Counter(row.village for row in city.rows[2]["public-security.resident"]).most_common(1)[0][0]  # type: ignore[attr-defined]
    township = city.places.tree[village].parent
    other = next(d.code for d in city.places.tree.values() if d.level == "township" and d.code != township)
    who = {"township": ("township", township), "other": ("township", other), "bureau": ("bureau", "data-bureau")}
    who |= {"village": ("village", village), "approver": ("township-approver", township)}
    who["county"] = ("county", city.places.tree[township].parent)
    who |= {name: ("department", name) for name in ("civil-affairs", "health", "education", "public-security")}
    with writing(hub.engine) as connection:
        tokens = {
            name: create_token(connection, hub.vault, principal_for(hub.catalog, *whom, name), name, hub.micros())
            for name, whom in who.items()
        }
    with served(hub) as url:
        yield Town(hub, city, url, tokens, village, other)
    hub.engine.dispose()


class served:  # noqa: N801 - a context manager
    """The hub's server in a thread, on a free port."""

    def __init__(self, hub: Hub) -> None:
        self._server = uvicorn.Server(server_settings(hub, "127.0.0.1", 0))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        give_up = time.monotonic() + 30
        while not self._server.started:
            if time.monotonic() > give_up or not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.02)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)
