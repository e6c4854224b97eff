"""The five departments of the sample city as running systems: folders of files, a database, an HTTP service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.core.settings import SECRETS_FILE
from hub.core.vault import new_token
from hub.sample.city import City
from hub.sample.deliver import deliver, health_records
from hub.sample.health_server import HealthServer


@dataclass(frozen=True, slots=True)
class Departments:
    """``folder`` is where the contracts' relative paths start."""

    city: City
    folder: Path
    health: HealthServer

    def deliver(self, number: int) -> None:
        """Put delivery 1 or 2 into place in every system."""
        deliver(self.city, number, self.folder)
        self.health.advance(health_records(self.city, number), self.city.days[number])


@contextmanager
def departments(city: City, home: Path) -> Iterator[Departments]:
    """Start the systems under ``home``/sources and tell the hub their credentials; stopped at the end of the block."""
    folder = home / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    token = new_token()
    with HealthServer(token) as health:
        secrets = {
            "health-url": health.url,
            "health-token": token,
            "human-resources-url": f"sqlite:///{(folder / 'human-resources' / 'hr.db').resolve()}",
        }
        file = home / SECRETS_FILE
        file.touch(mode=0o600)
        file.write_text(json.dumps(secrets), encoding="utf-8")
        yield Departments(city, folder, health)
