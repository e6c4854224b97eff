"""The rows that an expression's names start from: an entity's own, or a chain of collections joined step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import FromClause, Select
from sqlalchemy.sql.elements import ColumnElement

from hub.registry import nodes as n
from hub.registry.model import Catalog, EntityKind
from hub.registry.paths import OWNER

Column = ColumnElement[Any]


class Rows(Protocol):
    """What expressions read: golden rows and owned records, now or as of some time (``hub.store.view``)."""

    def subject(self, entity: str) -> FromClause:
        """Columns subject_id, and per element <element>, <element>_source, for a sealed one <element>_sealed."""
        ...

    def records(self, entity: str, owners: Select[Any] | None = None) -> FromClause:
        """Columns owner, record, dataset, and per element <element>, for a sealed one <element>_sealed. ``owners``, a select of
        subject ids: the caller looks at their records alone, so others need not be read."""
        ...


@dataclass(frozen=True, slots=True)
class Trail:
    """The rows that a level's names start from, by anchor number, with what joins and limits them."""

    from_: FromClause
    anchors: Mapping[int, FromClause]
    where: Column | None


def rows_of(rows: Rows, catalog: Catalog, entity: str, owners: Select[Any] | None = None) -> FromClause:
    """A fresh alias of the rows of an entity of either kind; of an owned one those of ``owners``, if given."""
    owned = catalog.entities[entity].kind is EntityKind.OWNED
    return (rows.records(entity, owners) if owned else rows.subject(entity)).alias()


def chain_trail(rows: Rows, catalog: Catalog, chain: tuple[n.Step, ...], start: Select[Any] | None) -> Trail:
    """The rows of a chain of collections, joined step by step from the first one."""
    anchors: dict[int, FromClause] = {}
    from_: FromClause | None = None
    for number, step in enumerate(chain, 1):
        table = rows_of(rows, catalog, step.entity, start if number == 1 and step.via is None else None)
        if from_ is None:
            from_ = table
        else:
            before = anchors[number - 1]
            for hop in step.hops[:-1]:
                next_table = rows.subject(hop.entity).alias()
                from_ = from_.join(next_table, next_table.c.subject_id == before.c[hop.name])
                before = next_table
            reference = before.c[step.hops[-1].name] if step.hops else before.c["subject_id"]
            from_ = from_.join(table, owner_column(table, step) == reference)
        anchors[number] = table
    assert from_ is not None
    limit = None if start is None else owner_column(anchors[1], chain[0]).in_(start)
    return Trail(from_, anchors, limit)


def owner_column(table: FromClause, step: n.Step) -> Column:
    return table.c[OWNER if step.via is None else step.via.short]
