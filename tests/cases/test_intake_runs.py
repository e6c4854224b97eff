"""The cases RUN-*: when a contract is pulled, and what becomes of a delivery that kills its reader.

How cron is read and what is due is tested in ``tests/core/test_plan.py``, the scheduler's waking in ``tests/test_schedule.py``; here
both meet the real ledger.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlalchemy import select

from hub import worker
from hub.checks.batch import check_batch
from hub.core.clock import FixedClock, from_microseconds
from hub.doctor import examine
from hub.intake.refusals import kind_of
from hub.pipeline import pull
from hub.schedule import Schedule
from hub.store import batches, jobs, staging
from hub.store.batches import State
from hub.store.current import CurrentHub
from hub.store.hub import Hub
from hub.store.jobs import JobKind, JobState
from hub.store.ledger_tables import job, run
from hub.store.runs import StoredRuns
from tests.cases import looking
from tests.cases.hubs import sourced
from tests.intake.bad import RESIDENT, deliver, person, text_of, write

CITY = ZoneInfo("Asia/Shanghai")


def wake(hub: Hub, moment: datetime, holder: str = "one") -> list[str]:
    """What a scheduler that wakes at a moment opens."""
    keys = Schedule(StoredRuns(CurrentHub(hub)), FixedClock(moment), CITY, holder).wake()
    return [key.partition("@")[0] for key in keys]


def runs(hub: Hub) -> list[tuple[str, datetime, str | None]]:
    """(contract, planned in the city, outcome) of the resident register."""
    with hub.engine.connect() as connection:
        rows = connection.execute(select(run).where(run.c.contract == RESIDENT).order_by(run.c.planned_at)).all()
    return [(row.contract, from_microseconds(row.planned_at).astimezone(CITY), row.outcome) for row in rows]


def asked(hub: Hub) -> int:
    with hub.engine.connect() as connection:
        return len(connection.execute(select(job).where(job.c.contract == RESIDENT)).all())


def city(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=CITY)


def test_run_01_a_late_run_is_run_and_a_skipped_one_is_on_record(any_hub: Hub) -> None:
    """RUN-01: the resident register is planned for the first of the month, 02:00. The process sleeps through May and June, and wakes
    on 3 July: July's run is opened, though two days late; May's and June's are on record as skipped."""
    assert RESIDENT not in wake(any_hub, city(2024, 4, 30))
    assert RESIDENT in wake(any_hub, city(2024, 7, 3, 9))
    assert runs(any_hub) == [
        (RESIDENT, city(2024, 5, 1, 2), "skipped"), (RESIDENT, city(2024, 6, 1, 2), "skipped"), (RESIDENT, city(2024, 7, 1, 2), None),
    ]  # fmt: skip
    assert asked(any_hub) == 1, "one run, one piece of work"


def test_run_03_a_moved_clock_runs_nothing_twice(any_hub: Hub) -> None:
    """RUN-03: forward over three plans is one run; back and forward again is none; another process at the same moment is none."""
    assert RESIDENT in wake(any_hub, city(2024, 7, 1, 3))
    for moment in (city(2024, 5, 1, 3), city(2024, 6, 30), city(2024, 7, 1, 3)):
        assert RESIDENT not in wake(any_hub, moment)
        assert RESIDENT not in wake(any_hub, moment, "two")
    assert asked(any_hub) == 1
    assert [planned for _, planned, outcome in runs(any_hub) if outcome is None] == [city(2024, 7, 1, 2)]


@pytest.mark.parametrize("machine", ["Etc/UTC", "America/New_York"])
def test_run_05_a_plan_is_in_the_citys_time(machine: str, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """RUN-05: 02:00 is 02:00 in Shanghai, wherever the machine believes to be; doctor says which zone it is."""
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    try:
        assert RESIDENT not in wake(hub, datetime(2024, 4, 30, 17, 59, tzinfo=UTC))
        assert RESIDENT in wake(hub, datetime(2024, 4, 30, 18, 0, tzinfo=UTC))
    finally:
        monkeypatch.undo()
        time.tzset()
    (zone,) = [line for line in examine(hub) if line.what == "zone"]
    assert zone.well
    assert "Asia/Shanghai" in zone.text.text("zh", zone.values)


# Deliveries that kill their reader -----------------------------------------------------------------------------------

# A worker as the entry point runs it, on a source that never answers: killed while it reads.
WORKER = """
import sys
from pathlib import Path
from hub.core.clock import SystemClock
from hub.core.settings import load
from hub.store.hub import open_hub
from hub import worker
hub = open_hub(load(Path(sys.argv[1]), sys.argv[2]), SystemClock())
print("ready", flush=True)
worker.run(hub, once=True)
"""


def _kill_a_worker_that_reads(hub: Hub, pipe: Path) -> None:
    """Start a worker; when it has opened the pipe that it is to read, kill it with -9."""
    command = [sys.executable, "-c", WORKER, str(hub.settings.home), hub.engine.url.render_as_string(hide_password=False)]
    environment = os.environ | {"YIBIAO_LIMITS__LEASE_SECONDS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        writer = os.open(pipe, os.O_WRONLY)  # waits for the reader
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(writer)


def test_run_07_a_delivery_that_kills_two_workers_is_set_aside(any_hub: Hub, tmp_path: Path) -> None:
    """RUN-07: real workers, really killed. The third does not read it; it writes down why, and what waits behind it is done."""
    good = deliver(any_hub, write(tmp_path, "good.csv", text_of([person(0)])))
    before = looking.everything(any_hub)
    folder = tmp_path / "upload"
    folder.mkdir()
    pipe = folder / "kills.csv"
    os.mkfifo(pipe)
    payload = {"path": str(pipe), "as_of": "2024-04-01", "kind": "snapshot", "parent": None}
    with any_hub.engine.begin() as connection:
        asked_for, _ = jobs.ask(connection, JobKind.UPLOAD, RESIDENT, payload, "test", any_hub.micros())
    _kill_a_worker_that_reads(any_hub, pipe)
    time.sleep(1.5)  # until nobody believes that it lives
    _kill_a_worker_that_reads(any_hub, pipe)
    time.sleep(1.5)
    late = replace(any_hub, clock=FixedClock(datetime.now(UTC) + timedelta(minutes=5)))
    assert worker.run(late, once=True) == 1
    with any_hub.engine.connect() as connection:
        ended = jobs.find_job(connection, asked_for.id)
        aside = batches.list_batches(connection)[0]
    assert (ended.state, ended.claims) == (JobState.ASIDE, 2)
    assert (aside.state, aside.name) == (State.ASIDE, "kills.csv")
    assert aside.reason is not None
    assert aside.reason["code"] == "batch_aside"
    assert "kills.csv" in aside.reason["zh"]
    assert "2" in aside.reason["zh"]
    assert looking.everything(any_hub) == before
    assert looking.staged(any_hub) == set()
    assert good.state is State.CLOSED
    assert worker.run(late, once=True) == 0, "it is not taken up again"
    assert deliver(any_hub, write(tmp_path, "mended.csv", text_of([person(0)])), date(2024, 4, 1)).state is State.CLOSED


# A pull as the command line runs it, whose process dies where the batch is checked.
DIES = """
import json, os, signal, sys
from pathlib import Path
from hub.core.clock import SystemClock
from hub.core.settings import load
from hub.pipeline import pull
from hub.store.hub import open_hub
from tests.cases.hubs import sourced
hub = open_hub(load(Path(sys.argv[1]), sys.argv[2]), SystemClock())
hub = sourced(hub, "public-security.resident", "files", json.loads(sys.argv[4]))
list(pull(hub, "public-security.resident", Path(sys.argv[3]), lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)))
"""


def test_run_07_a_pull_that_kills_two_processes_is_set_aside_and_not_offered_again(any_hub: Hub, tmp_path: Path) -> None:
    """RUN-07 without a worker between: the command line's own pull, killed twice. A third does not touch the file; one that was
    mended and has another name is taken."""
    folder = tmp_path / "in"
    folder.mkdir()
    options = {"folder": "in", "pattern": r"resident-(?P<as_of>\d{8})[a-z]?\.csv", "format": "csv", "encoding": "GB18030"}
    file = write(folder, "resident-20240331.csv", text_of([person(0)]))
    url = any_hub.engine.url.render_as_string(hide_password=False)
    for deaths in (1, 2):
        command = [sys.executable, "-c", DIES, str(any_hub.settings.home), url, str(tmp_path), json.dumps(options)]
        assert subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == -signal.SIGKILL
        with any_hub.engine.connect() as connection:
            (left,) = batches.list_batches(connection)
        assert (left.state, left.claims) == (State.STAGED, deaths)
    hub = sourced(any_hub, RESIDENT, "files", options)
    came, again = ([*pull(hub, RESIDENT, tmp_path, check_batch)] for _ in range(2))
    assert [(one.state, one.batch) for one in came + again] == [(State.ASIDE, left.id)] * 2
    assert came[0].reason is not None
    assert file.name in came[0].reason.text("zh")
    assert looking.golden(hub, "person") == []
    assert looking.staged(hub) == set()
    file.rename(folder / "resident-20240331b.csv")
    assert [one.state for one in pull(hub, RESIDENT, tmp_path, check_batch)] == [State.CLOSED]


def test_a_process_that_died_once_is_carried_on(any_hub: Hub, tmp_path: Path) -> None:
    """What was staged is not read again, and the batch is one."""
    folder = tmp_path / "in"
    folder.mkdir()
    options = {"folder": "in", "pattern": r"resident-(?P<as_of>\d{8})\.csv", "format": "csv", "encoding": "GB18030"}
    write(folder, "resident-20240331.csv", text_of([person(0), person(1, 姓名="")]))
    url = any_hub.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", DIES, str(any_hub.settings.home), url, str(tmp_path), json.dumps(options)]
    assert subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == -signal.SIGKILL
    (came,) = pull(sourced(any_hub, RESIDENT, "files", options), RESIDENT, tmp_path, check_batch)
    assert (came.state, came.batch, came.read, came.accepted, came.quarantined) == (State.CLOSED, 1, 2, 1, 1)


@pytest.fixture
def died(any_hub: Hub, tmp_path: Path) -> Hub:
    """The hub after a pull that died with all its rows staged."""
    folder = tmp_path / "in"
    folder.mkdir()
    options = {"folder": "in", "pattern": r"resident-(?P<as_of>\d{8})\.csv", "format": "csv", "encoding": "GB18030"}
    write(folder, "resident-20240331.csv", text_of(person(number) for number in range(3)))
    url = any_hub.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", DIES, str(any_hub.settings.home), url, str(tmp_path), json.dumps(options)]
    assert subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == -signal.SIGKILL
    return sourced(any_hub, RESIDENT, "files", options)


def test_rows_that_the_ledger_knows_and_the_stage_has_not_are_pulled_again(died: Hub, tmp_path: Path) -> None:
    """On SQLite the stage is a file of its own: a process can die between the two commits. Read is staged and held, or it starts over."""
    (number,) = [int(name.removeprefix("batch_")) for name in looking.staged(died) if name.count("_") == 1]
    stage = staging.staging(died.tables.datasets[RESIDENT], number)
    with died.engine.begin() as connection:
        connection.execute(stage.rows.delete().where(stage.rows.c.record == 2))
    (came,) = pull(died, RESIDENT, tmp_path, check_batch)
    assert (came.state, came.batch, came.read, came.accepted) == (State.CLOSED, number, 3, 3)
    assert len(looking.golden(died, "person")) == 3


def test_what_nobody_takes_up_again_is_written_off(died: Hub, tmp_path: Path) -> None:
    """Another delivery comes instead: the batch that was left does not wait for ever, nor does it block the next."""
    (tmp_path / "in" / "resident-20240331.csv").rename(tmp_path / "in" / "resident-20240401.csv")
    (came,) = pull(died, RESIDENT, tmp_path, check_batch)
    with died.engine.connect() as connection:
        left = batches.find_batch(connection, came.batch - 1)
    assert (came.state, came.accepted) == (State.CLOSED, 3)
    assert left.state is State.REFUSED
    assert left.reason is not None
    assert left.reason["code"] == "batch_interrupted"
    assert "resident-20240331.csv" in left.reason["zh"]
    assert looking.staged(died) == set()


def test_run_07_a_file_that_kills_its_reading_child_is_refused(hub: Hub, tmp_path: Path) -> None:
    """One cell at XFD1048576 asks a spreadsheet's reader for 550 GB: the child's limits end it, and the batch is refused."""
    path = tmp_path / "spread.xlsx"
    book = openpyxl.Workbook()
    for row in ([*person(0)], [*person(0).values()]):
        book.active.append(row)
    book.active["XFD1048576"] = "x"
    book.save(path)
    came = deliver(hub, path)
    assert came.state is State.REFUSED
    assert came.reason is not None
    assert kind_of(came.reason.code) == "limits"
