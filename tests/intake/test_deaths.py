"""kill -9 before every commit of a pull: whoever comes next carries the delivery on, and nothing is lost, doubled or half done."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from hub.checks.batch import check_batch
from hub.core.errors import YibiaoError
from hub.pipeline import Travelled, pull
from hub.store import batches
from hub.store.batches import State
from hub.store.hub import Hub
from tests.cases import looking
from tests.cases.hubs import sourced
from tests.intake.bad import RESIDENT, person, text_of, write

FOLDER = {"folder": "in", "pattern": r"resident-(?P<as_of>\d{8})\.csv", "format": "csv", "encoding": "GB18030"}
FIRST = date(2024, 1, 1)

# A pull as the command line runs it; the process kills itself before its commit number argv[5]. Quality rules are left out, because
# loading their library takes longer than all the rest.
PULL = """
import itertools, json, os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from hub.core.clock import SystemClock
from hub.core.settings import load
from hub.pipeline import pull
from hub.store.hub import open_hub
from tests.cases.hubs import sourced
hub = open_hub(load(Path(sys.argv[1]), sys.argv[2]), SystemClock())
hub = sourced(hub, "public-security.resident", "files", json.loads(sys.argv[4]))
commits = itertools.count(1)
@event.listens_for(Engine, "commit")
def commit(_connection):
    if next(commits) == int(sys.argv[5]):
        os.kill(os.getpid(), signal.SIGKILL)
list(pull(hub, "public-security.resident", Path(sys.argv[3]), lambda *_, **__: ()))
"""


def test_a_pull_that_is_killed_before_any_of_its_commits_is_carried_on(any_hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    hub = sourced(any_hub, RESIDENT, "files", FOLDER)
    for number in range(1, 40):
        day = FIRST + timedelta(number)
        # Everybody moves, one more row is held back each time, and one of three is a newcomer or gone.
        rows = [person(0, 实际居住地址=f"新新街道{number}号"), person(1, 姓名=""), *([person(2)] if number % 2 else [])]
        write(tmp_path / "in", f"resident-{day:%Y%m%d}.csv", text_of(rows))
        killed = _pull_and_die(any_hub, tmp_path, before_commit=number)
        if not killed:
            break
        came = _carry_on(hub, tmp_path)
        assert [one.state for one in came] in ([State.CLOSED], []), number  # nothing is left to do if the last commit was behind it
        _as_if_nothing_had_happened(hub, day, len(rows), number)
    assert number > 6, "a pull has more commits than that"
    _as_if_nothing_had_happened(hub, day, len(rows), number)


def _pull_and_die(hub: Hub, folder: Path, before_commit: int) -> bool:
    url = hub.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", PULL, str(hub.settings.home), url, str(folder), json.dumps(FOLDER), str(before_commit)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def _carry_on(hub: Hub, folder: Path) -> list[Travelled]:
    """The next process; a database may need a moment to see that the killed one's session is gone."""
    for _ in range(100):
        try:
            return list(pull(hub, RESIDENT, folder, check_batch))
        except YibiaoError as error:
            if error.code != "batch_busy":
                raise
            time.sleep(0.1)
    raise AssertionError("the dataset is never free")


def _as_if_nothing_had_happened(hub: Hub, day: date, rows: int, number: int) -> None:
    with hub.engine.connect() as connection:
        delivered = [batch for batch in batches.list_batches(connection) if batch.as_of == day]
    (batch,) = delivered
    assert (batch.state, batch.read, batch.quarantined) == (State.CLOSED, rows, 1), number
    assert batch.accepted + batch.unchanged + batch.quarantined == batch.read
    assert looking.staged(hub) == set()
    assert len(looking.golden(hub, "person")) == rows - 1, number
