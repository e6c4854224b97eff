"""A hub for each test, quickly: the shipped definitions are published once a session, and each test gets a copy.

A copy is a real store of its own: the SQLite file, or a database made from the template on PostgreSQL, with keys of its own
folder. Nothing is shared but the definitions in memory, which are immutable.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from hub.core.clock import FixedClock
from hub.core.settings import Settings
from hub.core.vault import Vault
from hub.publish import publish, written_at
from hub.registry.definitions import definition_roots
from hub.registry.model import Contract, Delivery, SourceSpec
from hub.store.definitions import Written
from hub.store.engine import open_engine
from hub.store.hub import Hub, make_hub
from tests.postgres import fresh_database

TODAY = date(2024, 4, 1)
AS_OF = date(2024, 3, 31)
NOW = datetime(2024, 4, 1, 1, tzinfo=UTC)


def settings(home: Path, database: str | None = None) -> Settings:
    return Settings(home=home, database=database)


def published(home: Path, database: str | None = None, replaced: tuple[Written, ...] = ()) -> Hub:
    """A hub with the shipped definitions in force, some documents ``replaced`` by others of their names."""
    hub = make_hub(settings(home, database), FixedClock(NOW))
    shipped = {document.name: document for document in written_at(definition_roots())}
    publish(hub, [*(shipped | {document.name: document for document in replaced}).values()], "test")
    return hub.reopened()


class Copies:
    """Gives each test a hub in the state of the template, which is made when the first one is asked for.

    The hubs of an engine follow one another at one address, so that what the database library has compiled is used again: half of a
    small batch's time is that."""

    def __init__(self, folder: Path, postgres: str, kept: ExitStack) -> None:
        """``postgres`` is the server's URL; ``kept`` holds what lives as long as the session."""
        self._folder = folder
        self._postgres = postgres
        self._kept = kept
        self._templates: dict[str, Hub] = {}
        self._hubs: dict[str, Hub] = {}

    @contextmanager
    def one(self, engine: str) -> Iterator[Hub]:
        """A fresh hub on "sqlite" or "postgresql"; one at a time of each."""
        template = self._template(engine)
        home = self._folder / engine
        shutil.copytree(template.settings.keys_folder, home / "keys")
        try:
            with self._database(engine, template, home) as url:
                hub = self._hubs.get(engine) or self._opened(engine, template, settings(home, url))
                yield replace(hub, vault=Vault.open_folder(hub.settings.keys_folder))
                hub.engine.dispose()
        finally:
            shutil.rmtree(home, ignore_errors=True)

    @contextmanager
    def _database(self, engine: str, template: Hub, home: Path) -> Iterator[str]:
        origin = make_url(template.settings.database_url).database or ""
        if engine == "sqlite":
            url = settings(home).database_url
            shutil.copy(origin, make_url(url).database or "")
            yield url
        else:
            with fresh_database(self._postgres, origin, "test_cases") as url:
                yield url

    def _opened(self, engine: str, template: Hub, chosen: Settings) -> Hub:
        self._hubs[engine] = replace(template, settings=chosen, engine=open_engine(chosen.database_url))
        return self._hubs[engine]

    def _template(self, engine: str) -> Hub:
        if engine not in self._templates:
            self._templates[engine] = self._made(engine)
        return self._templates[engine]

    def _made(self, engine: str) -> Hub:
        home = self._folder / f"{engine}-template"
        if engine == "sqlite":
            hub = published(home)
            with hub.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            hub = published(home, self._kept.enter_context(fresh_database(self._postgres)))
        hub.engine.dispose()  # nobody may be connected while it is copied
        return hub


def sourced(hub: Hub, contract: str, kind: str, options: Mapping[str, Any], delivery: Delivery | None = None) -> Hub:
    """The hub with a contract that is pulled from elsewhere: what a new version of its document would say."""
    old = hub.catalog.contracts[contract]
    return with_contract(hub, replace(old, source=SourceSpec(kind, options), delivery=delivery or old.delivery))


def with_contract(hub: Hub, contract: Contract) -> Hub:
    """The hub with another contract under the same id, with the same fields."""
    tables = hub.tables
    catalog = replace(tables.catalog, contracts={**tables.catalog.contracts, contract.id: contract})
    dataset = replace(tables.datasets[contract.id], contract=contract)
    return replace(hub, tables=replace(tables, catalog=catalog, datasets={**tables.datasets, contract.id: dataset}))
