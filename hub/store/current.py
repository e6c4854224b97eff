"""The hub as it is now, in a process that runs for long: definitions published elsewhere are taken up, and the known number.

Building a Catalog takes a second or more, so it is kept for as long as nothing has been published.
"""

from __future__ import annotations

import threading

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from hub.core.settings import Settings
from hub.core.vault import Vault
from hub.store.hub import Hub, published_mark
from hub.store.ledger_tables import tick


def known_now(connection: Connection) -> int:
    """The number of the last committed act. What is read at it stays the same for ever."""
    return int(connection.execute(select(tick.c.known)).scalar_one())


def reachable(engine: Engine) -> bool:
    """Whether the database answers."""
    try:
        with engine.connect() as connection:
            known_now(connection)
    except SQLAlchemyError:
        return False
    return True


class CurrentHub:
    """Gives the hub with the definitions in force; shared between threads."""

    def __init__(self, hub: Hub) -> None:
        self._lock = threading.Lock()
        self._hub = hub

    @property
    def engine(self) -> Engine:
        return self._hub.engine

    @property
    def settings(self) -> Settings:
        return self._hub.settings

    @property
    def vault(self) -> Vault:
        return self._hub.vault

    def micros(self) -> int:
        """Microseconds since 1970 in UTC."""
        return self._hub.micros()

    def get(self) -> Hub:
        """The hub, opened anew if anything was published since."""
        with self._hub.engine.connect() as connection:
            mark = published_mark(connection)
        return self.at(mark)

    def at(self, mark: int) -> Hub:
        """The hub with the definitions of that mark, or of a later one."""
        if mark == self._hub.mark:
            return self._hub
        with self._lock:
            if mark > self._hub.mark:
                self._hub = self._hub.reopened()
        return self._hub
