"""One small hub per engine for the whole module: the properties empty it between their examples."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres import fresh_database
from tests.store.world import World


@pytest.fixture(scope="module")
def sqlite_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(f"sqlite:///{tmp_path_factory.mktemp('small') / 'small.sqlite'}")
    yield world
    world.close()


@pytest.fixture(scope="module")
def postgres_world(postgres_url: str) -> Iterator[World]:
    with fresh_database(postgres_url) as url:
        world = World(url)
        yield world
        world.close()
