"""Planned runs and the scheduler's lease in the ledger: ``StoredRuns`` is what ``hub.schedule`` asks of the store.

A run and the job that carries it out are written in one transaction, so that neither is without the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from hub.core.clock import from_microseconds, microseconds
from hub.store.current import CurrentHub
from hub.store.engine import writing
from hub.store.jobs import JobKind, ask
from hub.store.ledger_tables import definition, lease, run
from hub.store.upserts import upsert

_LEASE = "schedule"
BY = "schedule"


@dataclass(frozen=True, slots=True)
class Planned:
    """A contract with a schedule: five-field cron, in force since it was last published."""

    contract: str
    cron: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One planned run. ``outcome``: None while it waits or runs, then done, failed, skipped."""

    contract: str
    planned_at: datetime
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None


class StoredRuns:
    """The ledger's runs and lease. Every moment has a zone; each call is a transaction of its own."""

    def __init__(self, current: CurrentHub) -> None:
        self._current = current
        self._engine = current.get().engine

    def hold_lease(self, holder: str, now: datetime, until: datetime) -> bool:
        """Take or renew the lease: if it is free, the holder's own, run out, or reaches further than any could now."""
        begin, end = microseconds(now), microseconds(until)
        with writing(self._engine) as connection:
            statement = upsert(connection, lease).values(name=_LEASE, holder=holder, until=end)
            free = (lease.c.holder == holder) | (lease.c.until <= begin) | (lease.c.until > end)
            taken = statement.on_conflict_do_update(index_elements=["name"], set_={"holder": holder, "until": end}, where=free)
            return connection.execute(taken.returning(lease.c.holder)).first() is not None

    def release_lease(self, holder: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(lease.delete().where(lease.c.name == _LEASE, lease.c.holder == holder))

    def plans(self) -> Sequence[Planned]:
        """The contracts in force that carry a schedule and a source to pull from."""
        hub = self._current.get()
        with self._engine.connect() as connection:
            published = _published(connection)
        return [
            Planned(contract.id, contract.schedule, from_microseconds(published[contract.place.file]))
            for contract in hub.catalog.contracts.values()
            if contract.schedule is not None and contract.source is not None and contract.source.kind != "forms"
            if contract.place.file in published
        ]

    def last_planned(self, contract: str, not_after: datetime) -> datetime | None:
        """The greatest planned time of the contract's runs, skipped ones included, not after a moment."""
        chosen = select(func.max(run.c.planned_at)).where(run.c.contract == contract, run.c.planned_at <= microseconds(not_after))
        with self._engine.connect() as connection:
            found = connection.execute(chosen).scalar()
        return None if found is None else from_microseconds(found)

    def open_run(self, contract: str, planned: datetime, skipped: Sequence[datetime], now: datetime) -> bool:
        """Record a run to be done, with its job, and runs that were missed; False if it is there already."""
        at = microseconds(now)
        with writing(self._engine) as connection:
            opened = upsert(connection, run).values(contract=contract, planned_at=microseconds(planned), started_at=at)
            if connection.execute(opened.on_conflict_do_nothing().returning(run.c.contract)).first() is None:
                return False
            for moment in skipped:
                missed = upsert(connection, run).values(
                    contract=contract, planned_at=microseconds(moment), started_at=at, ended_at=at, outcome="skipped"
                )
                connection.execute(missed.on_conflict_do_nothing())
            ask(connection, JobKind.PULL, contract, {}, BY, at, planned_at=microseconds(planned))
        return True


def close_run(connection: Connection, contract: str, planned_at: int, outcome: str, detail: str, now: int) -> None:
    """A run is at its end: done or failed, with a line for people."""
    is_it = (run.c.contract == contract, run.c.planned_at == planned_at)
    connection.execute(update(run).where(*is_it).values(ended_at=now, outcome=outcome, detail=detail))


def last_runs(connection: Connection) -> Mapping[str, Run]:
    """The latest run of each contract that was not skipped."""
    latest = (
        select(run.c.contract, func.max(run.c.planned_at).label("planned_at"))
        .where(run.c.outcome.is_distinct_from("skipped"))
        .group_by(run.c.contract)
        .subquery()
    )
    statement = select(run).join(latest, (latest.c.contract == run.c.contract) & (latest.c.planned_at == run.c.planned_at))
    return {row["contract"]: _run(row) for row in connection.execute(statement).mappings()}


def _published(connection: Connection) -> dict[str, int]:
    """When each document was last published, by its name."""
    statement = select(definition.c.name, func.max(definition.c.published_at).label("at")).group_by(definition.c.name)
    return {row.name: row.at for row in connection.execute(statement)}


def _run(row: Mapping[Any, Any]) -> Run:
    ended = None if row["ended_at"] is None else from_microseconds(row["ended_at"])
    return Run(row["contract"], from_microseconds(row["planned_at"]), from_microseconds(row["started_at"]), ended, row["outcome"])
