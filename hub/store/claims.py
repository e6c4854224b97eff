"""One delivery of a dataset at a time, and what is to be done about one that was left unfinished.

The lock is the operating system's (SQLite) or the database session's (PostgreSQL), so that it ends with the process that holds
it, however that ends. Whoever holds it knows that an unfinished batch of the dataset belongs to a process that is dead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.exc import OperationalError

from hub.core.errors import YibiaoError, refused
from hub.core.presence import locked
from hub.registry.model import Delivery
from hub.store import batches, staging
from hub.store.batches import Batch, State
from hub.store.engine import asking
from hub.store.ledger_tables import batch
from hub.store.messages import BATCH_ASIDE, BATCH_INTERRUPTED, BATCH_REPLACED
from hub.store.staging import Staging
from hub.store.tables import DatasetTables

_DATASET_LOCK = 0x59494442  # the first half of the lock's name on PostgreSQL; the second is the dataset's number


@dataclass(frozen=True, slots=True)
class Mend:
    """Held rows sent again. ``records`` gives, for each record of the file, the record of the parent batch that it mends."""

    parent: int
    records: Callable[[], Sequence[int | None]] = tuple


@dataclass(frozen=True, slots=True)
class Sent:
    """What tells one delivery of a dataset from another. ``parent``: of a mend."""

    name: str
    as_of: date
    kind: Delivery
    parent: int | None = None


@contextmanager
def alone(engine: Engine, dataset: int) -> Iterator[bool]:
    """Whether this process may take a delivery of the dataset; the lock is held to the end of the block. Waits for nobody."""
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database or "")
        with file.with_name(f"{file.stem}.dataset-{dataset}.lock").open("wb") as lock:
            yield locked(lock)
        return
    # No transaction is left open on this connection: a long pull would hold back the database's cleaning up.
    with asking(engine) as connection:
        names = {"kind": _DATASET_LOCK, "dataset": dataset}
        free = bool(connection.execute(text("SELECT pg_try_advisory_lock(:kind, :dataset)"), names).scalar_one())
        try:
            yield free
        finally:
            if free:
                with suppress(OperationalError):  # its session has ended, and the lock with it
                    connection.execute(text("SELECT pg_advisory_unlock(:kind, :dataset)"), names)


def begin(connection: Connection, dataset: DatasetTables, sent: Sent, now: int, deaths: int) -> Batch:
    """The batch of a delivery: the one that a dead process left of it, or a new one. For the holder of the dataset's lock.

    What was left of other deliveries is written off. A delivery that has killed ``deaths`` processes is set aside (RUN-07): its
    batch comes back with the state ASIDE.
    """
    for left in _unfinished(connection, dataset.number):
        if left.forced_by is not None:
            continue  # a person let it pass: the job that was asked for then goes on with it
        same = (left.name, left.as_of, left.parent) == (sent.name, sent.as_of, sent.parent)
        killed = same and left.claims >= deaths
        if same and not killed and left.contract_version == dataset.contract.version:
            return left
        _write_off(connection, dataset, left, now, left.claims if killed else None)
        if killed:
            return batches.find_batch(connection, left.id)
    for waiting in _waiting(connection, dataset.number, sent):
        _end(connection, dataset, waiting, State.REFUSED, refused(BATCH_REPLACED, place=waiting.name), now)
    version = dataset.contract.version
    number = batches.open_batch(connection, dataset.number, version, sent.kind, sent.as_of, sent.name, now, sent.parent)
    staging.create(connection, staging.staging(dataset, number))
    return batches.find_batch(connection, number)


def find_aside(connection: Connection, dataset: int, name: str, as_of: date) -> Batch | None:
    """The batch of a delivery that was set aside, if any: what a source still offers would kill the next process, too."""
    same = (batch.c.dataset == dataset, batch.c.name == name, batch.c.as_of == as_of, batch.c.state == State.ASIDE.value)
    number = connection.execute(select(batch.c.id).where(*same).order_by(batch.c.id).limit(1)).scalar()
    return None if number is None else batches.find_batch(connection, number)


def count_claim(connection: Connection, number: int, by: int) -> None:
    """One more process works on the batch (1), or one that worked on it is alive to say that it stopped (-1)."""
    connection.execute(update(batch).where(batch.c.id == number).values(claims=batch.c.claims + by))


def forgive(connection: Connection, dataset: int) -> None:
    """A process that worked on the unfinished batch of a dataset is alive after all, and could not say so at the time."""
    unfinished = (batch.c.dataset == dataset, batch.c.state.in_([State.OPEN.value, State.STAGED.value]), batch.c.claims > 0)
    connection.execute(update(batch).where(*unfinished).values(claims=batch.c.claims - 1))


def adds_up(connection: Connection, number: int, stage: Staging) -> bool:
    """Whether every record read is staged or held. It is not so where a process died between the commits of two files."""
    found = batches.find_batch(connection, number)
    return found.read == staging.count(connection, stage) + found.quarantined


def start_over(connection: Connection, number: int, stage: Staging) -> Batch:
    """The batch as it was before its first record."""
    batches.forget_pull(connection, number)
    batches.write(connection, number, state=State.OPEN, read=0, quarantined=0, cursor=None, digest=None)
    staging.drop(connection, stage)
    staging.create(connection, stage)
    return batches.find_batch(connection, number)


def _unfinished(connection: Connection, dataset: int) -> list[Batch]:
    chosen = select(batch.c.id).where(batch.c.dataset == dataset, batch.c.state.in_([State.OPEN.value, State.STAGED.value]))
    return [batches.find_batch(connection, number) for number in connection.execute(chosen.order_by(batch.c.id)).scalars().all()]


def _waiting(connection: Connection, dataset: int, sent: Sent) -> list[Batch]:
    """Earlier ones of the same delivery that wait for a person."""
    same = (batch.c.dataset == dataset, batch.c.name == sent.name, batch.c.as_of == sent.as_of, batch.c.state == State.WAITING.value)
    return [batches.find_batch(connection, number) for number in connection.execute(select(batch.c.id).where(*same)).scalars().all()]


def set_aside(connection: Connection, dataset: DatasetTables, deaths: int, now: int) -> None:
    """What the workers of a job left, which died of it, is written off."""
    for left in _unfinished(connection, dataset.number):
        _write_off(connection, dataset, left, now, deaths)


def _write_off(connection: Connection, dataset: DatasetTables, left: Batch, now: int, deaths: int | None) -> None:
    """``deaths``: how many processes it killed; None for one that was only interrupted."""
    if deaths is None:
        _end(connection, dataset, left, State.REFUSED, refused(BATCH_INTERRUPTED, place=left.name), now)
    else:
        batches.write(connection, left.id, claims=deaths)
        _end(connection, dataset, left, State.ASIDE, refused(BATCH_ASIDE, deaths=deaths, place=left.name), now)


def _end(connection: Connection, dataset: DatasetTables, left: Batch, state: State, error: YibiaoError, now: int) -> None:
    batches.write(connection, left.id, state=state, reason=batches.as_reason(error), closed_at=now)
    staging.drop(connection, staging.staging(dataset, left.id))
