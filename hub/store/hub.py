"""A running hub: the settings, the database, the keys and the definitions in force, wired once by an entry point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, Engine, func, select

from hub.core.clock import Clock, microseconds, today
from hub.core.errors import not_found, refused
from hub.core.settings import Settings, without_password
from hub.core.vault import KEY_FILE, Vault
from hub.registry.build import build
from hub.registry.load_forms import read_versions
from hub.registry.model import Catalog
from hub.store import definitions
from hub.store.engine import open_engine
from hub.store.ledger_tables import definition
from hub.store.messages import KEYS_LOST, NO_HUB
from hub.store.migrate import holds_hub, migrate_ledger, open_tables
from hub.store.tables import StoreTables


@dataclass(frozen=True)
class Hub:
    """Handed down to every step; ``reopened`` gives the same hub with the definitions that are in force now."""

    settings: Settings
    engine: Engine
    vault: Vault
    clock: Clock
    tables: StoreTables
    mark: int  # of the definitions that were in force when it was opened: see ``published_mark``

    @property
    def catalog(self) -> Catalog:
        return self.tables.catalog

    @property
    def secrets(self) -> Mapping[str, str]:
        return self.settings.secrets

    def today(self) -> date:
        return today(self.clock)

    def micros(self) -> int:
        """Microseconds since 1970 in UTC."""
        return microseconds(self.clock.now())

    def reopened(self) -> Hub:
        return Hub(self.settings, self.engine, self.vault, self.clock, *_read_tables(self.engine))

    def in_force(self, connection: Connection) -> Hub:
        """The hub with what is in force in this transaction: itself, or opened anew if anything was published since."""
        return self if published_mark(connection) == self.mark else self.reopened()


def make_hub(settings: Settings, clock: Clock) -> Hub:
    """The hub at ``settings.home``, made if there is none: folder, keys and fixed tables.

    Raises REFUSED ``keys_lost`` where the database holds a hub whose keys are not there: new ones would open nothing of it.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (settings.keys_folder / KEY_FILE).exists():
        if holds_hub(settings.database_url):
            raise refused(KEYS_LOST, database=without_password(settings.database_url), place=settings.keys_folder / KEY_FILE)
        Vault.create(settings.keys_folder)
    return _opened(settings, clock)


def open_hub(settings: Settings, clock: Clock) -> Hub:
    """The hub at ``settings.home``, brought to this version's fixed tables. Raises NOT_FOUND ``no_hub`` where there is none: a
    mistyped place must not become a new one."""
    if not (settings.keys_folder / KEY_FILE).exists() or not holds_hub(settings.database_url):
        raise not_found(NO_HUB, home=settings.home, database=without_password(settings.database_url))
    return _opened(settings, clock)


def _opened(settings: Settings, clock: Clock) -> Hub:
    vault = Vault.open_folder(settings.keys_folder)
    engine = open_engine(settings.database_url, settings.limits.connections)
    migrate_ledger(engine)
    return Hub(settings, engine, vault, clock, *_read_tables(engine))


def published_mark(connection: Connection) -> int:
    """Grows with every published document."""
    return int(connection.execute(select(func.max(definition.c.id))).scalar() or 0)


def _read_tables(engine: Engine) -> tuple[StoreTables, int]:
    with engine.connect() as connection:
        mark = published_mark(connection)  # read first: what is published meanwhile is noticed by the next look
        documents = definitions.standing(definitions.in_force(connection))
        catalog = replace(build(documents), past_forms=read_versions(definitions.forms_ever(connection)))
        return open_tables(connection, catalog), mark
