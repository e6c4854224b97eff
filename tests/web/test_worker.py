"""A worker as a process: it works off what waits, ends well when told to, and what kills it is set aside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

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
from hub.store.hub import Hub, open_hub
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
    opened = open_hub(load(tmp_path / "home", database_url), FixedClock(NOVEMBER))
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
            assert jobs.claim(hub.engine, f"dead {death}", NOW - 100 + death * 2, NOW - 99 + death * 2, deaths=2) is not None
        assert worker.run(hub, once=True) == 1
        assert found(hub, job).state is JobState.ASIDE
        with hub.engine.connect() as connection:
            batch = batches.find_batch(connection, number)
            assert batches.unfinished(connection, dataset.number) is None
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

    def test_told_to_end_it_ends_well(self, hub: Hub) -> None:
        running = process(hub)
        with writing(hub.engine) as connection:
            job = jobs.ask(connection, JobKind.PULL, SCHOOL, {}, "li", microseconds(SystemClock().now()))[0]
        give_up = time.monotonic() + 60
        while found(hub, job).ended_at is None:
            assert time.monotonic() < give_up
            time.sleep(0.1)
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0


def process(hub: Hub, *arguments: str) -> subprocess.Popen[bytes]:
    """``yibiao worker`` on this hub."""
    environment = {**os.environ, "YIBIAO_HOME": str(hub.settings.home), "YIBIAO_DATABASE": hub.settings.database_url}
    return subprocess.Popen([sys.executable, "-m", "hub.cli", "worker", *arguments], env=environment, stderr=subprocess.DEVNULL)
