"""How the people of the stories act: by commands on the machine of the hub, and over HTTP from their offices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from typer.testing import CliRunner, Result

from hub.cli import app

API = "/api/v1"


@dataclass(frozen=True)
class Machine:
    """Where the hub's commands are given; ``database`` is its URL, SQLite in the home folder without one."""

    home: Path
    database: str | None = None

    def command(self, *arguments: str | Path) -> Result:
        """One ``yibiao`` command, with what it printed."""
        where = ["--home", str(self.home), *([] if self.database is None else ["--database", self.database])]
        return CliRunner().invoke(app, [*(str(argument) for argument in arguments), *where])

    def told(self, *arguments: str | Path) -> Any:
        """What a command that went well says with ``--json``."""
        done = self.command(*arguments, "--json")
        assert done.exit_code == 0, done.output + repr(done.exception)
        return json.loads(done.stdout)

    def token(self, role: str, organisation: str) -> str:
        return str(self.told("token", "create", "--role", role, "--organisation", organisation)["token"])

    def office(self, url: str, role: str, organisation: str) -> httpx2.Client:
        """A client with a token of its own; its paths start below /api/v1."""
        bearer = {"Authorization": f"Bearer {self.token(role, organisation)}"}
        return httpx2.Client(base_url=url + API, headers=bearer, timeout=60)
