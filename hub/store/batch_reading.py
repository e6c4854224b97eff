"""Batches as somebody may see them: the limit to the departments of who asks is part of the query."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from hub.core.errors import not_found
from hub.store.batches import Batch, find_batch
from hub.store.ledger_tables import batch, finding
from hub.store.messages import BATCH_NOT_FOUND
from hub.store.tables import StoreTables


def visible_batches(
    connection: Connection,
    tables: StoreTables,
    departments: Collection[str] | None,
    contract: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Batch]:
    """Newest first; ``departments`` None is no limit."""
    chosen = select(batch.c.id).order_by(batch.c.id.desc()).limit(limit)
    if departments is not None or contract is not None:
        chosen = chosen.where(batch.c.dataset.in_(_numbers(tables, departments, contract)))
    if before is not None:
        chosen = chosen.where(batch.c.id < before)
    return [find_batch(connection, number) for number in connection.execute(chosen).scalars().all()]


def visible_batch(connection: Connection, tables: StoreTables, departments: Collection[str] | None, number: int) -> Batch:
    """Raises NOT_FOUND ``batch_not_found``, also for a batch that the departments may not see."""
    chosen = select(batch.c.id).where(batch.c.id == number)
    if departments is not None:
        chosen = chosen.where(batch.c.dataset.in_(_numbers(tables, departments, None)))
    if connection.execute(chosen).first() is None:
        raise not_found(BATCH_NOT_FOUND, batch=number)
    return find_batch(connection, number)


def finding_counts(connection: Connection, number: int) -> list[tuple[str, str | None, str, int]]:
    """(rule, field, severity, how many) of a batch's findings, the most frequent first."""
    many = func.count().label("many")
    chosen = (
        select(finding.c.rule, finding.c.field, finding.c.severity, many)
        .where(finding.c.batch == number)
        .group_by(finding.c.rule, finding.c.field, finding.c.severity)
        .order_by(many.desc(), finding.c.rule, finding.c.field)
    )
    return [(row.rule, row.field, row.severity, row.many) for row in connection.execute(chosen)]


def _numbers(tables: StoreTables, departments: Collection[str] | None, contract: str | None) -> list[int]:
    return [
        dataset.number
        for name, dataset in tables.datasets.items()
        if (departments is None or dataset.contract.department in departments) and (contract is None or name == contract)
    ]
