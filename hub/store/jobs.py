"""Work that was asked for and is done by worker processes: a pull, an uploaded file, a held batch that may go on.

A worker claims a job for a while and says again and again that it lives. A job whose worker died is claimed anew; one that
has killed two workers is set aside with its reason (RUN-07), so that it cannot kill the next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, FromClause, and_, or_, select, update

from hub.core.errors import Kind, YibiaoError
from hub.core.messages import Message
from hub.store.engine import is_sqlite, writing
from hub.store.ledger_tables import job
from hub.store.upserts import upsert

UPLOADS = "uploads"  # the folder of the hub's home in which files wait for their jobs

KEY_REUSED = Message(
    "idempotency_key_reused",
    "同一个 Idempotency-Key 已用于另一份内容。请换一个新的键再报送。",
    "This Idempotency-Key was used for other content. Send it again under a new key.",
)


class JobKind(StrEnum):
    PULL = "pull"
    UPLOAD = "upload"
    FINISH = "finish"
    SUBMIT = "submit"  # what townships typed, for one contract of theirs
    FREEZE = "freeze"  # reports; the job's contract is "form:" and the form


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # refused, or the source does not answer: the outcome says why
    ASIDE = "aside"  # it killed two workers


@dataclass(frozen=True, slots=True)
class Job:
    """Instants are microseconds since 1970 in UTC."""

    id: int
    kind: JobKind
    contract: str
    payload: Mapping[str, Any]
    state: JobState
    requested_by: str
    planned_at: int | None
    created_at: int
    claims: int
    ended_at: int | None
    outcome: Mapping[str, Any] | None


def ask(
    connection: Connection,
    kind: JobKind,
    contract: str,
    payload: Mapping[str, Any],
    by: str,
    now: int,
    *,
    planned_at: int | None = None,
    request_key: str | None = None,
    request_digest: str | None = None,
) -> tuple[Job, bool]:
    """Ask for work; gives the job, and whether it is new.

    A request with the key of an earlier one is that one again; with other content it is a CONFLICT ``idempotency_key_reused``.
    """
    statement = upsert(connection, job).values(
        kind=kind.value, contract=contract, payload=_json(payload), state=JobState.WAITING.value, requested_by=by, planned_at=planned_at,
        created_at=now, claims=0, request_key=request_key, request_digest=request_digest,
    )  # fmt: skip
    number = connection.execute(statement.on_conflict_do_nothing(index_elements=["request_key"]).returning(job.c.id)).scalar_one_or_none()
    if number is not None:
        return find_job(connection, int(number)), True
    row = connection.execute(select(job).where(job.c.request_key == request_key)).mappings().one()
    if row["request_digest"] != request_digest:
        raise YibiaoError(Kind.CONFLICT, KEY_REUSED)
    return _job(row), False


def find_job(connection: Connection, number: int) -> Job:
    return _job(connection.execute(select(job).where(job.c.id == number)).mappings().one())


def look_for(connection: Connection, number: int) -> Job | None:
    row = connection.execute(select(job).where(job.c.id == number)).mappings().first()
    return None if row is None else _job(row)


def waiting_for(connection: Connection, contract: str) -> list[Job]:
    """The jobs of a contract that are not at their end, and the last ten that are; newest first."""
    last = select(job.c.id).where(job.c.contract == contract, job.c.ended_at.is_not(None)).order_by(job.c.id.desc()).limit(10)
    chosen = select(job).where(job.c.contract == contract, or_(job.c.ended_at.is_(None), job.c.id.in_(last))).order_by(job.c.id.desc())
    return [_job(row) for row in connection.execute(chosen).mappings()]


def files_asked_for(connection: Connection) -> set[str]:
    """The uploaded files that jobs have yet to read."""
    rows = connection.execute(select(job.c.payload).where(job.c.kind == JobKind.UPLOAD.value, job.c.ended_at.is_(None)))
    return {str(json.loads(row.payload)["path"]) for row in rows}


def queue_lengths(connection: Connection) -> dict[str, int]:
    """How many jobs wait and run."""
    rows = connection.execute(select(job.c.state).where(job.c.state.in_([JobState.WAITING.value, JobState.RUNNING.value])))
    states = [row.state for row in rows]
    return {state.value: states.count(state.value) for state in (JobState.WAITING, JobState.RUNNING)}


def claim(engine: Engine, holder: str, now: int, lease: int, deaths: int) -> Job | None:
    """Take the oldest job that waits, or whose worker died, for ``lease`` microseconds. One that has killed ``deaths`` workers comes
    back with the state ASIDE, once, so that the caller can clear up after it. Of one contract, one job runs at a time as a rule; where
    two workers claim at once, the dataset's lock decides, and the other gives its job back."""
    until = now + lease
    with writing(engine) as connection:
        row = connection.execute(_claimable(connection, now, lease)).mappings().first()
        if row is None:
            return None
        aside = row["claims"] >= deaths
        if aside:
            values: dict[str, Any] = {"state": JobState.ASIDE.value, "ended_at": now, "outcome": _json({"deaths": row["claims"]})}
        else:
            values = {"state": JobState.RUNNING.value, "holder": holder, "until": until, "claims": row["claims"] + 1}
        connection.execute(update(job).where(job.c.id == row["id"]).values(**values))
        return find_job(connection, row["id"])


def _claimable(connection: Connection, now: int, lease: int) -> Any:
    other = job.alias("other")
    running = other.c.state == JobState.RUNNING.value
    busy = (
        select(other.c.id).where(other.c.contract == job.c.contract, other.c.id != job.c.id, running, ~_silent(other, now, lease)).exists()
    )
    dead = and_(job.c.state == JobState.RUNNING.value, _silent(job, now, lease))
    ready = and_(job.c.state == JobState.WAITING.value, or_(job.c.until.is_(None), _silent(job, now, lease)))
    chosen = select(job).where(or_(ready, dead), ~busy).order_by(job.c.id).limit(1)
    return chosen if is_sqlite(connection) else chosen.with_for_update(skip_locked=True)


def _silent(table: FromClause, now: int, lease: int) -> ColumnElement[bool]:
    """Its time is over; or it lies so far ahead that it was set by a clock that was wrong."""
    return or_(table.c.until < now, table.c.until > now + 2 * lease)


def still_alive(connection: Connection, number: int, holder: str, until: int) -> bool:
    """The holder says that it lives. False if the job was given to somebody else meanwhile."""
    return connection.execute(update(job).where(*_held_by(number, holder)).values(until=until)).rowcount == 1


def end(connection: Connection, number: int, holder: str, state: JobState, outcome: Mapping[str, Any], now: int) -> bool:
    """Write down how a job went. False, and nothing written, if it was given to somebody else meanwhile."""
    values = {"state": state.value, "outcome": _json(outcome), "ended_at": now}
    return connection.execute(update(job).where(*_held_by(number, holder)).values(**values)).rowcount == 1


def give_back(connection: Connection, number: int, holder: str, until: int | None = None) -> None:
    """The holder ends before the job does, and well: the job waits again (not before ``until``), and no death is counted."""
    values = {"state": JobState.WAITING.value, "holder": None, "until": until, "claims": job.c.claims - 1}
    connection.execute(update(job).where(*_held_by(number, holder)).values(**values))


def _held_by(number: int, holder: str) -> tuple[ColumnElement[bool], ...]:
    return (job.c.id == number, job.c.holder == holder, job.c.state == JobState.RUNNING.value)


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _job(row: Mapping[Any, Any]) -> Job:
    return Job(
        row["id"], JobKind(row["kind"]), row["contract"], json.loads(row["payload"]), JobState(row["state"]), row["requested_by"],
        row["planned_at"], row["created_at"], row["claims"], row["ended_at"], json.loads(row["outcome"]) if row["outcome"] else None,
    )  # fmt: skip
