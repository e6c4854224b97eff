"""A worker process: does the work that was asked for, one job at a time. Imports Great Expectations, which no other process does.

Any number may run. One that dies is noticed by its silence; what it was doing is claimed by the next, and set aside when it
has killed as many workers as the limits allow (RUN-07).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from connectors.files import open_file
from hub.checks.batch import check_batch
from hub.core.errors import YibiaoError
from hub.core.log import logger
from hub.forms.freezing import freeze_set
from hub.forms.submission import submitted
from hub.intake.mending import record_numbers
from hub.pipeline import Travelled, contract_of, let_pass, pull, travel
from hub.registry.model import Delivery
from hub.store import claims, jobs
from hub.store.batches import State
from hub.store.bounded import bounded
from hub.store.claims import Mend
from hub.store.current import CurrentHub
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.jobs import Job, JobKind, JobState
from hub.store.messages import BATCH_ASIDE, BATCH_BUSY
from hub.store.runs import close_run

SOURCES = "sources"
_IDLE_SECONDS = 1.0
_AWAY_SECONDS = 5.0
_BUSY_SECONDS = 10
_SWEEP_SECONDS = 3_600
_LEFT_SECONDS = 86_400  # no upload takes a day to come
_WELL = frozenset({State.CLOSED.value, State.REPEATED.value, State.WAITING.value})

_log = logger(__name__)


class Stopped(KeyboardInterrupt):
    """The process was asked to end while it worked. No ``Exception``: nothing that handles failures may take it for one; and the
    drivers know it, so that a statement that runs is cancelled."""


def run(hub: Hub, once: bool = False, stop: threading.Event | None = None, folder: Path | None = None) -> int:
    """Work until ``stop`` is set, or (``once``) until nothing waits. ``folder``: where relative paths of contracts start (the
    sources folder of the hub's home). Gives the number of jobs done. SIGTERM and SIGINT end it well in the main thread: the
    job at hand is given back and not counted as a death."""
    current, stop = CurrentHub(hub), stop or threading.Event()
    holder = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    lease, done = hub.settings.limits.lease_seconds * 1_000_000, 0
    sources = folder if folder is not None else hub.settings.home / SOURCES
    job: Job | None = None
    sweep_at = 0.0
    with bounded(hub.engine), _signals(stop):
        while not stop.is_set():
            try:
                if job is not None:  # the database was away in the middle of it
                    _take_up_again(hub, job, holder)
                    job = None
                if time.monotonic() >= sweep_at:
                    _sweep_uploads(hub)
                    sweep_at = time.monotonic() + _SWEEP_SECONDS
                job = jobs.claim(hub.engine, holder, hub.micros(), lease, hub.settings.limits.deaths)
                if job is None and once:
                    break
                if job is None:
                    stop.wait(_IDLE_SECONDS)
                    continue
                work(current.get(), job, holder, sources, stop)
                job, done = None, done + 1
            except Stopped:
                _log.info("worker_stopped", jobs=done)
            except (SQLAlchemyError, YibiaoError) as error:  # the database is away: it will be back, and nobody has died
                if once:
                    raise
                _log.error("work_interrupted", exc_info=error)
                stop.wait(_AWAY_SECONDS)
    if job is not None:  # asked to end in the middle of it
        with writing(hub.engine) as connection:
            jobs.give_back(connection, job.id, holder)
    return done


def _take_up_again(hub: Hub, job: Job, holder: str) -> None:
    """A job that the database's absence interrupted waits again; what could not be said then is said now: nobody died of it."""
    with writing(hub.engine) as connection:
        jobs.give_back(connection, job.id, holder, hub.micros() + _BUSY_SECONDS * 1_000_000)
        if (dataset := hub.tables.datasets.get(job.contract)) is not None:
            claims.forgive(connection, dataset.number)


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """In the main thread, turn the signals that ask for an end into ``stop`` and ``Stopped``, for as long as the block lasts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def asked(_number: int, _frame: object) -> None:
        stop.set()
        raise Stopped

    before = {sign: signal.signal(sign, asked) for sign in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def work(hub: Hub, job: Job, holder: str, sources: Path, stop: threading.Event) -> None:
    """Do one claimed job and write down how it went. One that meets another delivery of its dataset waits and is tried again.

    Raises ``Stopped`` where the process is asked to end, and what the database raises when it is away: then the job is the caller's
    to give back.
    """
    if job.state is JobState.ASIDE:
        _set_aside(hub, job)
        return
    _log.info("job_started", job=job.id, kind=job.kind.value, contract=job.contract, claims=job.claims)
    details: dict[str, Any]
    try:
        with _living(hub, job, holder):
            if job.kind is JobKind.FREEZE:
                state, details = JobState.DONE, dict(freeze_set(hub, **job.payload))
            else:
                outcome = [_told(travelled) for travelled in _WORK[job.kind](hub, job, sources)]
                bad = [told for told in outcome if told["state"] not in _WELL]
                state, details = JobState.FAILED if bad else JobState.DONE, {"batches": outcome}
    except (Stopped, Exception) as error:  # whatever went wrong with this job, the others are to be done too
        if stop.is_set():
            raise Stopped from error
        if isinstance(error, OperationalError):
            raise  # not the job's fault
        if isinstance(error, YibiaoError) and error.message is BATCH_BUSY:
            with writing(hub.engine) as connection:
                jobs.give_back(connection, job.id, holder, hub.micros() + _BUSY_SECONDS * 1_000_000)
            return
        state, details = JobState.FAILED, _failure(job, error)
    with writing(hub.engine) as connection:
        mine = jobs.end(connection, job.id, holder, state, details, hub.micros())
        if mine and job.planned_at is not None:
            close_run(connection, job.contract, job.planned_at, state.value, str(details.get("code", "")), hub.micros())
    _sweep(job)
    _log.info("job_ended", job=job.id, state=state.value)


def _failure(job: Job, error: BaseException) -> dict[str, Any]:
    if isinstance(error, YibiaoError):
        return {"code": error.code, "zh": error.text("zh"), "en": error.text("en")}
    _log.error("job_failed", job=job.id, contract=job.contract, exc_info=error)
    return {"code": "internal", "zh": type(error).__name__, "en": type(error).__name__}


@contextmanager
def _living(hub: Hub, job: Job, holder: str) -> Iterator[None]:
    """Say in the ledger, three times per lease, that this process lives."""
    over, lease = threading.Event(), hub.settings.limits.lease_seconds

    def beat() -> None:
        while not over.wait(lease / 3):
            try:
                with writing(hub.engine) as connection:
                    jobs.still_alive(connection, job.id, holder, hub.micros() + lease * 1_000_000)
            except Exception:  # noqa: BLE001 - a long merge holds SQLite's writer lock: the next beat tells
                _log.warning("beat_missed", job=job.id)

    thread = threading.Thread(target=beat, name=f"job-{job.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _pull(hub: Hub, job: Job, sources: Path) -> Iterator[Travelled]:
    yield from pull(hub, job.contract, sources, check_batch)


def _upload(hub: Hub, job: Job, sources: Path) -> Iterator[Travelled]:
    contract, payload = contract_of(hub, job.contract), job.payload
    parent, file = payload["parent"], Path(payload["path"])
    mend = None if parent is None else Mend(parent, partial(record_numbers, file))
    options = dict(contract.source.options) if contract.source is not None and contract.source.kind == "files" else {}
    source = open_file(file, contract, options, date.fromisoformat(payload["as_of"]))
    try:
        for offer in source.offers(None, None):
            sent = replace(offer, kind=Delivery(payload["kind"]))
            yield travel(hub, contract, source, sent, check_batch, mend)
    finally:
        source.close()


def _finish(hub: Hub, job: Job, sources: Path) -> Iterator[Travelled]:
    yield let_pass(hub, int(job.payload["batch"]), job.requested_by, check_batch)


def _submit(hub: Hub, job: Job, sources: Path) -> Iterator[Travelled]:
    contract, payload = contract_of(hub, job.contract), job.payload
    name = f"{payload['form']} {payload['period']} #{job.id}"
    source = submitted(hub, contract, payload["form"], payload["period"], payload["units"], name)
    for offer in source.offers(None, None):
        yield travel(hub, contract, source, offer, check_batch)


_WORK: Mapping[JobKind, Callable[[Hub, Job, Path], Iterator[Travelled]]] = {
    JobKind.PULL: _pull,
    JobKind.UPLOAD: _upload,
    JobKind.FINISH: _finish,
    JobKind.SUBMIT: _submit,
}


def _told(travelled: Travelled) -> dict[str, Any]:
    """How one batch fared, for the ledger."""
    reason = travelled.reason
    return {
        "batch": travelled.batch, "state": travelled.state.value, "read": travelled.read, "accepted": travelled.accepted,
        "unchanged": travelled.unchanged, "quarantined": travelled.quarantined, "ended": travelled.ended,
        "reason": None if reason is None else {"code": reason.code, "zh": reason.text("zh"), "en": reason.text("en")},
    }  # fmt: skip


def _set_aside(hub: Hub, job: Job) -> None:
    """After a job has killed its workers: the batch that it left is written off, with the reason."""
    dataset = hub.tables.datasets.get(job.contract)
    if dataset is None:
        _log.warning("job_set_aside", job=job.id, deaths=job.claims)
        return
    with claims.alone(hub.engine, dataset.number) as free, writing(hub.engine) as connection:
        if free:  # else somebody takes a delivery meanwhile, and has seen to what was left
            claims.set_aside(connection, dataset, job.claims, hub.micros())
        if job.planned_at is not None:
            close_run(connection, job.contract, job.planned_at, JobState.ASIDE.value, BATCH_ASIDE.code, hub.micros())
    _sweep(job)
    _log.warning("job_set_aside", job=job.id, contract=job.contract, deaths=job.claims)


def _sweep_uploads(hub: Hub) -> None:
    """Remove what came whose process was killed before a job had it: what is a day old, and no job has yet to read."""
    with hub.engine.connect() as connection:
        asked_for = {Path(path).parent for path in jobs.files_asked_for(connection)}
    for folder in (hub.settings.home / jobs.UPLOADS).glob("*"):
        with suppress(FileNotFoundError):  # a request that ends takes its own away meanwhile
            if folder not in asked_for and folder.stat().st_mtime < time.time() - _LEFT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
                _log.warning("upload_left", folder=folder.name)


def _sweep(job: Job) -> None:
    """Remove an uploaded file: its rows are in the store, or staged, or held."""
    if (path := job.payload.get("path")) is not None:
        shutil.rmtree(Path(path).parent, ignore_errors=True)
