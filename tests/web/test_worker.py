"""A worker as a process: it works off what waits, ends well when told to, and what kills it is set aside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub import worker
from hub.core.clock import FixedClock, SystemClock, microseconds
from hub.core.log import configure
from hub.core.settings import load
from hub.publish import publish, written_at
from hub.registry.definitions import definition_roots
from hub.registry.model import Delivery
from hub.store import batches, jobs, staging
from hub.store.batches import State
from hub.store.engine import writing
from hub.store.hub import Hub, make_hub
from hub.store.jobs import JobKind, JobState
from tests.moments import NOVEMBER

SCHOOL = "education.school"
NOW = microseconds(NOVEMBER)
# A school whose credit code is no such code: it is read, and held back.
ROW = b'{"xxbsm": "3108030001", "xxmc": "A", "tyshxydm": "1", "bxlx": "211", "szd": "330803", "xsrs": "1", "jsrs": "1"}\n'


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub with the shipped definitions and no data."""
    configure("ERROR")
    opened = make_hub(load(tmp_path / "home", database_url), FixedClock(NOVEMBER))
    publish(opened, written_at(definition_roots()), "test")
    yield opened.reopened()
    opened.engine.dispose()


def upload(hub: Hub, name: str, content: bytes) -> jobs.Job:
    folder = hub.settings.home / "uploads" / "one"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    payload = {"path": str(folder / name), "name": name, "as_of": "2026-11-20", "kind": "snapshot", "parent": None}
    with writing(hub.engine) as connection:
        return jobs.ask(connection, JobKind.UPLOAD, SCHOOL, payload, "li", NOW)[0]


def found(hub: Hub, job: jobs.Job) -> jobs.Job:
    with hub.engine.connect() as connection:
        return jobs.find_job(connection, job.id)


class TestSettingAside:
    def test_a_batch_that_killed_two_workers_is_written_off_with_its_reason(self, hub: Hub) -> None:
        job = upload(hub, "school.ndjson", b"{}\n")
        dataset = hub.tables.datasets[SCHOOL]
        with writing(hub.engine) as connection:
            number = batches.open_batch(connection, dataset.number, "1.0.0", Delivery.DELTA, NOVEMBER.date(), "school.ndjson", NOW)
            staging.create(connection, staging.staging(dataset, number))
        for death in (1, 2):  # two workers took it and were never heard of again
            assert jobs.claim(hub.engine, f"dead {death}", NOW - 100 + death * 3, 1, deaths=2) is not None
        assert worker.run(hub, once=True) == 1
        assert found(hub, job).state is JobState.ASIDE
        with hub.engine.connect() as connection:
            batch = batches.find_batch(connection, number)
            assert [one.id for one in batches.list_batches(connection) if one.state is not State.ASIDE] == []
        assert (batch.state, batch.claims) == (State.ASIDE, 2)
        assert batch.reason is not None
        assert batch.reason["code"] == "batch_aside"
        assert not Path(job.payload["path"]).exists()
        assert worker.run(hub, once=True) == 0  # it cannot kill the next


class TestWorking:
    def test_a_source_that_does_not_answer_fails_the_job_and_touches_nothing(self, hub: Hub) -> None:
        with writing(hub.engine) as connection:
            job = jobs.ask(connection, JobKind.PULL, SCHOOL, {}, "li", NOW)[0]
        assert worker.run(hub, once=True) == 1
        done = found(hub, job)
        assert done.state is JobState.FAILED
        assert done.outcome is not None
        assert done.outcome["zh"]
        with hub.engine.connect() as connection:
            assert batches.list_batches(connection) == []

    def test_a_process_works_off_what_waits(self, hub: Hub) -> None:
        job = upload(hub, "school.ndjson", ROW)
        assert process(hub, "--once").wait(90) == 0
        done = found(hub, job)
        assert done.outcome is not None
        (batch,) = done.outcome["batches"]
        assert (batch["read"], batch["quarantined"], batch["reason"]["code"]) == (1, 1, "refused_nothing_left")

    def test_what_an_upload_left_whose_process_was_killed_is_removed(self, hub: Hub) -> None:
        """But not what a job has yet to read, and not what may still be coming."""
        asked = upload(hub, "school.ndjson", ROW)
        uploads = hub.settings.home / "uploads"
        for name, age in (("left", 2 * 86_400), ("coming", 60)):
            (uploads / name).mkdir()
            (uploads / name / "part.csv").write_bytes(b"half")
            os.utime(uploads / name, (time.time() - age, time.time() - age))
        os.utime(uploads / "one", (0, 0))
        assert worker.run(hub, once=True) == 1
        assert [folder.name for folder in uploads.iterdir()] == ["coming"]
        assert found(hub, asked).outcome is not None
        assert "upload_left" not in str(found(hub, asked).outcome)
        assert found(hub, asked).state in {JobState.DONE, JobState.FAILED}

    def test_an_upload_that_goes_while_it_is_looked_at_ends_no_worker(self, hub: Hub) -> None:
        """A request that ends takes its folder away between the listing and the look: here a name with nothing behind it."""
        uploads = hub.settings.home / "uploads"
        uploads.mkdir(parents=True)
        (uploads / "gone").symlink_to(uploads / "nowhere")
        assert worker.run(hub, once=True) == 0

    def test_told_to_end_it_ends_well(self, hub: Hub) -> None:
        running = process(hub)
        with writing(hub.engine) as connection:
            job = jobs.ask(connection, JobKind.PULL, SCHOOL, {}, "li", microseconds(SystemClock().now()))[0]
        wait_for(lambda: found(hub, job).ended_at)
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0


# A worker whose pull is one statement without an end.
ENDLESS = """
import os
from sqlalchemy import text
from hub import worker
from hub.core.clock import SystemClock
from hub.core.settings import load
from hub.store.hub import open_hub
from hub.store.jobs import JobKind
def endless(hub, job, sources):
    with hub.engine.connect() as connection:
        print("begun", flush=True)
        connection.execute(text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i % 9 + 1 FROM n) SELECT count(*) FROM n")).all()
worker._WORK = {JobKind.PULL: endless}
worker.run(open_hub(load(), SystemClock()))
"""


class TestEnding:
    def test_told_to_end_in_the_middle_of_a_statement_it_gives_the_job_back_and_counts_no_death(self, hub: Hub) -> None:
        with writing(hub.engine) as connection:
            job = jobs.ask(connection, JobKind.PULL, SCHOOL, {}, "li", microseconds(SystemClock().now()))[0]
        running = subprocess.Popen([sys.executable, "-c", ENDLESS], env=environment(hub), stdout=subprocess.PIPE)
        assert running.stdout is not None
        with running.stdout as told:
            assert b"begun\n" in iter(told.readline, b"")
            time.sleep(0.5)
            running.send_signal(signal.SIGTERM)
            assert running.wait(15) == 0
        again = found(hub, job)
        assert (again.state, again.claims, again.outcome) == (JobState.WAITING, 0, None)

    def test_the_helpers_of_a_server_that_was_killed_end_by_themselves(self, hub: Hub) -> None:
        command = [sys.executable, "-m", "hub.cli", "serve", "--port", "0"]
        server = subprocess.Popen(command, env=environment(hub), stderr=subprocess.DEVNULL)
        helpers = wait_for(lambda: found if len(found := children(server.pid)) == 2 else None)
        server.kill()
        server.wait()
        wait_for(lambda: not any(Path(f"/proc/{helper}").exists() for helper in helpers))


def wait_for(what: Callable[[], Any], seconds: float = 60) -> Any:
    """What ``what`` gives, once it gives something."""
    give_up = time.monotonic() + seconds
    while not (given := what()):
        assert time.monotonic() < give_up
        time.sleep(0.1)
    return given


def children(parent: int) -> list[int]:
    """The processes that a process has started."""
    listed = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(number) for number in listed.read_text(encoding="ascii").split()]


def environment(hub: Hub) -> dict[str, str]:
    return {**os.environ, "YIBIAO_HOME": str(hub.settings.home), "YIBIAO_DATABASE": hub.settings.database_url}


def process(hub: Hub, *arguments: str) -> subprocess.Popen[bytes]:
    """``yibiao worker`` on this hub."""
    return subprocess.Popen([sys.executable, "-m", "hub.cli", "worker", *arguments], env=environment(hub), stderr=subprocess.DEVNULL)
