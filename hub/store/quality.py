"""The figures behind quality: counts per dataset, each by a set-based statement. What they mean is ``hub.quality``'s."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, case, func, select

from hub.store.ledger_tables import batch, conflict, quarantine, rule_result
from hub.store.positions import day_of
from hub.store.tables import DatasetTables, StoreTables


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How the rules of one dimension fared in a dataset's last judged batch."""

    dimension: str
    checked: int
    failed: int
    errors: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one dataset. Instants are microseconds since 1970; ``filled`` of ``cells`` values of the present rows are there."""

    contract: str
    last_batch: int | None
    last_as_of: date | None
    rows: int
    cells: int
    filled: int
    rules: tuple[RuleCount, ...]
    quarantined: int
    conflicts: int
    conflicts_since: int | None


@dataclass(frozen=True, slots=True)
class BrokenRules:
    """Open conflicts of one consistency rule."""

    rule: str
    conflicts: int
    since: int


def dataset_figures(connection: Connection, tables: StoreTables, departments: Collection[str] | None) -> list[Figures]:
    """One entry per contract of the departments (None: all), by contract id."""
    last, rules = _last_batches(connection), _rules(connection)
    held, differing = _held(connection), _differing(connection)
    found: list[Figures] = []
    for contract in sorted(tables.catalog.contracts):
        dataset = tables.datasets[contract]
        if departments is not None and dataset.contract.department not in departments:
            continue
        number = dataset.number
        merged = last.get(number)
        rows, cells, filled = _filled(connection, dataset)
        found.append(
            Figures(
                contract, merged.id if merged else None, day_of(merged.pos) if merged else None,
                rows, cells, filled, tuple(rules.get(number, ())), held.get(number, 0), *differing.get(number, (0, None)),
            )
        )  # fmt: skip
    return found


def broken_rules(connection: Connection) -> list[BrokenRules]:
    """The open conflicts by consistency rule."""
    statement = (
        select(conflict.c.what, func.count().label("number"), func.min(conflict.c.opened_at).label("since"))
        .where(conflict.c.closed.is_(None), conflict.c.source == 0)
        .group_by(conflict.c.what)
        .order_by(conflict.c.what)
    )
    return [BrokenRules(row.what.removeprefix("rule:"), row.number, row.since) for row in connection.execute(statement)]


def _last_batches(connection: Connection) -> Mapping[int, Any]:
    latest = (
        select(batch.c.dataset, func.max(batch.c.pos).label("pos")).where(batch.c.known.is_not(None)).group_by(batch.c.dataset).subquery()
    )
    statement = select(batch.c.id, batch.c.dataset, batch.c.pos, batch.c.closed_at).join(
        latest, (latest.c.dataset == batch.c.dataset) & (latest.c.pos == batch.c.pos)
    )
    return {row.dataset: row for row in connection.execute(statement)}


def _rules(connection: Connection) -> Mapping[int, list[RuleCount]]:
    """The rules of each dataset's last batch that was judged at all, by dimension. A mend is a few rows and says nothing of the rest."""
    latest = (
        select(batch.c.dataset, func.max(rule_result.c.batch).label("batch"))
        .join(batch, batch.c.id == rule_result.c.batch)
        .where(batch.c.kind != "mend")
        .group_by(batch.c.dataset)
        .subquery()
    )

    def told(outcome: str) -> Any:
        return func.sum(case((rule_result.c.outcome == outcome, 1), else_=0)).label(outcome)

    statement = (
        select(latest.c.dataset, rule_result.c.dimension, func.count().label("checked"), told("failed"), told("error"))
        .join(latest, latest.c.batch == rule_result.c.batch)
        .group_by(latest.c.dataset, rule_result.c.dimension)
        .order_by(latest.c.dataset, rule_result.c.dimension)
    )
    found: dict[int, list[RuleCount]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.dataset, []).append(RuleCount(row.dimension, row.checked, int(row.failed), int(row.error)))
    return found


def _held(connection: Connection) -> Mapping[int, int]:
    """Rows held in each dataset's last batch that was no mend: an older batch's rows came again in a later one."""
    latest = select(batch.c.dataset, func.max(batch.c.id).label("batch")).where(batch.c.kind != "mend").group_by(batch.c.dataset).subquery()
    statement = (
        select(batch.c.dataset, func.count().label("number"))
        .select_from(quarantine)
        .join(batch, batch.c.id == quarantine.c.batch)
        .join(latest, latest.c.batch == batch.c.id)
        .where(quarantine.c.released_by.is_(None))
        .group_by(batch.c.dataset)
    )
    return {row.dataset: row.number for row in connection.execute(statement)}


def _differing(connection: Connection) -> Mapping[int, tuple[int, int | None]]:
    statement = (
        select(conflict.c.source, func.count().label("number"), func.min(conflict.c.opened_at).label("since"))
        .where(conflict.c.closed.is_(None), conflict.c.source != 0)
        .group_by(conflict.c.source)
    )
    return {row.source: (row.number, row.since) for row in connection.execute(statement)}


def _filled(connection: Connection, dataset: DatasetTables) -> tuple[int, int, int]:
    """Present rows, their cells, and those that hold a value."""
    table = dataset.current
    counts = [func.count(table.c[kept.name]) for kept in dataset.kept]
    row = connection.execute(select(func.count(), *counts).where(table.c.present)).one()
    return int(row[0]), int(row[0]) * len(counts), int(sum(row[1:]))
