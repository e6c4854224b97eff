"""One template hub on each engine for all cases; each test gets a copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from hub.store.hub import Hub
from tests.cases.hubs import Copies


@pytest.fixture(scope="session")
def copies(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    with ExitStack() as kept:
        yield Copies(tmp_path_factory.mktemp("hubs"), postgres_url, kept)


@pytest.fixture
def hub(copies: Copies) -> Iterator[Hub]:
    """A hub of its own on SQLite, with the shipped definitions in force."""
    with copies.one("sqlite") as one:
        yield one


@pytest.fixture(params=["sqlite", "postgresql"])
def any_hub(request: pytest.FixtureRequest, copies: Copies) -> Iterator[Hub]:
    """A hub of its own, once on each engine."""
    with copies.one(request.param) as one:
        yield one
