"""Open conflicts as a queue: a source that differs from the golden value, or a consistency rule that a record breaks.

The limits of who asks are part of the query: a department sees what its own datasets differ in and the rules that name it;
a township sees the subjects of its villages.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, literal, or_, select

from hub.store.ledger_tables import conflict
from hub.store.reading import in_area
from hub.store.tables import StoreTables
from hub.store.view import subjects

RULE = "rule:"


@dataclass(frozen=True, slots=True)
class Conflict:
    """``what``: a full element name, or ``rule:<name>``. ``source`` differs (a dataset's number, 0 for a rule), ``winner`` is
    the one whose value stands. ``opened_at`` in microseconds since 1970."""

    id: int
    entity: str
    subject: int
    what: str
    source: int
    winner: int
    opened_at: int

    @property
    def rule(self) -> str | None:
        return self.what.removeprefix(RULE) if self.what.startswith(RULE) else None


def open_conflicts(
    connection: Connection,
    tables: StoreTables,
    departments: Collection[str] | None,
    area: Collection[str] | None,
    after: int = 0,
    limit: int = 100,
) -> list[Conflict]:
    """The open conflicts that one of both limits lets through, by id; None is no limit, an empty one is nobody."""
    columns = (
        conflict.c.id, conflict.c.entity, conflict.c.subject_id, conflict.c.what, conflict.c.source, conflict.c.winner, conflict.c.opened_at,
    )  # fmt: skip
    chosen = select(*columns).where(conflict.c.closed.is_(None), conflict.c.id > after).order_by(conflict.c.id).limit(limit)
    if departments is not None and area is not None:
        chosen = chosen.where(or_(_of_departments(tables, departments), _of_area(tables, area)))
    return [Conflict(*row) for row in connection.execute(chosen)]


def _of_departments(tables: StoreTables, departments: Collection[str]) -> ColumnElement[bool]:
    numbers = [dataset.number for dataset in tables.datasets.values() if dataset.contract.department in departments]
    rules = [f"{RULE}{rule.name}" for rule in tables.catalog.rules.values() if set(rule.looks) & set(departments)]
    return or_(conflict.c.source.in_(numbers), conflict.c.what.in_(rules))


def _of_area(tables: StoreTables, area: Collection[str]) -> ColumnElement[bool]:
    limits: list[Any] = [
        and_(conflict.c.entity == entity, conflict.c.subject_id.in_(in_area(tables, entity, area))) for entity in subjects(tables.catalog)
    ]
    return or_(literal(1) == literal(0), *(limits if area else ()))
