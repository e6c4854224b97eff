"""The view: golden records and owned records as rows to select from, now or as of a moment. Everything read goes through it.

Now it reads the golden tables; as of (valid, known) it computes them once by the same definition into temporary tables of
its connection. Either way the columns are the same, references hold subject ids, and joins are on subject ids only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    CompoundSelect,
    Connection,
    FromClause,
    LargeBinary,
    Select,
    Text,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from hub.registry.model import Entity, EntityKind, Record, ValueType
from hub.store.golden import golden
from hub.store.keys import belonging, keys_of, members
from hub.store.ledger_tables import batch, conflict, decision, subject_key, tick
from hub.store.parts import in_parts
from hub.store.positions import Moment, day_of
from hub.store.sayings import holds, said
from hub.store.state import horizon, rows, spoken_later
from hub.store.steps import Steps, steps
from hub.store.tables import DatasetTables, StoreTables
from hub.store.types import column_type


class View:
    """What is known at a moment (None: now). Made by ``open_view``. ``nothing_later``: nothing was recorded behind the moment's
    known number, so that the golden tables hold what is asked for but for what was said of later days."""

    def __init__(self, act: Steps, tables: StoreTables, at: Moment | None, *, nothing_later: bool = False) -> None:
        self._act, self._tables, self.at, self.nothing_later = act, tables, at, nothing_later
        self._computed: dict[str, FromClause] = {}

    @property
    def numbers(self) -> dict[str, int]:
        """The small number of each dataset, by contract id."""
        return {contract: tables.number for contract, tables in self._tables.datasets.items()}

    def subject(self, entity: str) -> FromClause:
        """Columns subject_id, <element>, <element>_sealed, <element>_source; one row per subject that a source covers."""
        if entity not in self._computed:
            table = self._tables.golden[entity] if self.at is None else self._as_of(entity)
            self._computed[entity] = self._with_references(entity, table)
        return self._computed[entity]

    def records(self, entity: str, owners: Select[Any] | None = None) -> FromClause:
        """Columns owner (subject id), record (text), dataset (number), <element>, <element>_sealed of an owned entity.

        ``owners``, a select of subject ids: now, their records are found by the index of their keys, so that the cost is
        theirs and not the city's. It is a step of its own: SQLite would look for them anew for each row that is joined.
        """
        if self.at is None:
            found = self._records(entity, owners)
            return found.subquery() if owners is None else found.cte().prefix_with("MATERIALIZED")
        if entity not in self._computed:
            self._computed[entity] = self._store(f"view_{entity}", self._records(entity, None))
        return self._computed[entity]

    def _records(self, entity: str, owners: Select[Any] | None) -> Select[Any] | CompoundSelect[Any]:
        found = self._tables.catalog.entities[entity]
        parts = [
            self._record_rows(self._tables.datasets[contract.id], record, found, owners)
            for contract in self._tables.catalog.contracts.values()
            for record in contract.records
            if record.entity == entity
        ]
        return union_all(*parts) if len(parts) > 1 else parts[0] if parts else self._nothing(found)

    def conflicts(self, entity: str) -> FromClause:
        """Columns subject_id, element: the elements on which a source differs from the value that stands."""
        if self.at is None:
            return (
                select(conflict.c.subject_id, conflict.c.what.label("element"))
                .where(conflict.c.entity == entity, conflict.c.closed.is_(None))
                .distinct()
                .subquery()
            )
        computed = self._as_of(entity)
        parts = [
            select(computed.c.subject_id, literal(element.name).label("element")).where(computed.c[f"{element.short}_differing"] != 0)
            for element in self._tables.catalog.stored_elements(entity)
        ]
        return union_all(*parts).subquery()

    def as_of(self, number: int) -> date | None:
        """The date of the last batch of a dataset within the moment, or of its first day's where the moment is before that; None where
        nothing of it was known."""
        chosen = select(func.max(batch.c.pos)).where(batch.c.dataset == number, batch.c.known.is_not(None))
        if self.at is not None:
            chosen = chosen.where(batch.c.pos <= horizon(number, self.at), batch.c.known <= self.at.known)
        pos = self._act.connection.execute(chosen).scalar()
        return None if pos is None else day_of(pos)

    def stated(self, number: int, subjects: Collection[int]) -> dict[int, date]:
        """When a dataset last stated what it says of each of these subjects: the date of the batch that last stated their rows. A
        subject of whom it says nothing is not in the answer."""
        dataset, known = self._tables.by_number(number), None if self.at is None else self.at.known
        found = dict[int, int]()
        for part in in_parts(sorted(subjects)):
            linked = members(known)
            moved = self._act.connection.execute(select(linked).where(linked.c.subject_id.in_(part)))
            subject_of = {subject: subject for subject in part} | {row.key_id: row.subject_id for row in moved}
            keys = select(subject_key.c.key_id).where(subject_key.c.key_id.in_(sorted(subject_of)))
            source = rows(dataset, self.at, keys).subquery()
            for row in self._act.connection.execute(select(source.c.stated, *(source.c[name] for name in dataset.key_columns))):
                for key in row[1:]:
                    if (subject := subject_of.get(key)) is not None:
                        found[subject] = max(row.stated, found.get(subject, row.stated))
        return {subject: day_of(pos) for subject, pos in found.items()}

    def _as_of(self, entity: str) -> FromClause:
        name = f"golden_{entity}"
        if name not in self._computed:
            statement = self._from_now(entity, self.at) if self.nothing_later and self.at else self._anew(entity)
            self._computed[name] = self._store(f"view_{entity}", statement, "subject_id")
        return self._computed[name]

    def _anew(self, entity: str) -> Select[Any]:
        """Golden of everybody as of the moment."""
        linked = members(self.at.known if self.at else None)
        keys = self._store(
            f"view_key_{entity}",
            select(subject_key.c.key_id, func.coalesce(linked.c.subject_id, subject_key.c.key_id).label("subject_id"))
            .select_from(subject_key.outerjoin(linked, linked.c.key_id == subject_key.c.key_id))
            .where(subject_key.c.entity == entity),
            "key_id",
        )
        return golden(self._tables, entity, keys, self.at)

    def _from_now(self, entity: str, at: Moment) -> CompoundSelect[Any]:
        """The same from what stands now: golden anew of those alone who may have been otherwise, and the others as they are."""
        keys = self._store(f"view_key_{entity}", keys_of(self._otherwise(entity, at), None), "key_id")
        anew, table = golden(self._tables, entity, keys, at), self._tables.golden[entity]
        same = [table.c.get(str(c.name), literal(0, BigInteger)).label(str(c.name)) for c in anew.selected_columns]
        return union_all(anew, select(*same).where(table.c.subject_id.not_in(select(keys.c.subject_id))))

    def _otherwise(self, entity: str, at: Moment) -> Select[Any]:
        """The subjects whose golden values may have been others at a moment: somebody spoke of them later, or who is right of them
        hangs on who spoke last (an open conflict), or on what each says (a decision)."""
        keys = [*_spoken_of_later(self._tables, entity, at), _disputed(entity), _decided(self._tables, entity)]
        spoken, linked = union_all(*keys).subquery(), members(None)
        subject = belonging(linked, spoken.c[0]).label("subject_id")
        return select(subject).select_from(spoken.outerjoin(linked, linked.c.key_id == spoken.c[0])).distinct()

    def _store(self, name: str, statement: Any, key: str | None = None) -> FromClause:
        """``key``: the column by which the rows are found; without its index SQLite looks through them all for each row joined."""
        shape = statement.subquery()
        table = self._act.temporary(name, *(Column(str(c.name), c.type, primary_key=c.name == key, autoincrement=False) for c in shape.c))
        self._act.run(name, table.insert().from_select([str(c.name) for c in shape.c], statement))
        self._act.analyze(table)
        return table

    def _with_references(self, entity: str, table: FromClause) -> FromClause:
        """Golden holds the key that was stated; here it becomes the subject that the key belongs to now."""
        references = [e.short for e in self._tables.catalog.stored_elements(entity) if e.type is ValueType.REFERENCE]
        if not references:
            return table
        joined: FromClause = table
        columns: dict[str, Any] = {str(c.name): c for c in table.c}
        for short in references:
            linked = members(None if self.at is None else self.at.known)
            joined = joined.outerjoin(linked, linked.c.key_id == table.c[short])
            columns[short] = belonging(linked, table.c[short]).label(short)
        return select(*columns.values()).select_from(joined).subquery()

    def _record_rows(self, dataset: DatasetTables, record: Record, entity: Entity, owners: Select[Any] | None) -> Select[Any]:
        catalog, contract = self._tables.catalog, dataset.contract
        known = None if self.at is None else self.at.known
        source = rows(dataset, self.at).subquery()
        owner = source.c[f"{record.owner}_key"]
        linked = members(known)
        columns = {str(c.name): c for c in said(catalog, contract, record, source)}
        joined: FromClause = source.outerjoin(linked, linked.c.key_id == owner)
        values: list[Any] = []
        for element in catalog.stored_elements(entity.name):
            value = columns.get(element.short, cast(null(), column_type(element.type)))
            if element.type is ValueType.REFERENCE and element.short in columns:
                other = members(known)
                joined = joined.outerjoin(other, other.c.key_id == columns[element.short].element)
                value = belonging(other, columns[element.short].element)
            values.append(value.label(element.short))
            if element.sealed:
                values.append(columns.get(f"{element.short}_sealed", cast(null(), LargeBinary())).label(f"{element.short}_sealed"))
        chosen = select(
            belonging(linked, owner).label("owner"),
            (cast(source.c.row_id, Text) + literal(f"-{record.name}", Text)).label("record"),
            literal(dataset.number).label("dataset"),
            *values,
        ).select_from(joined).where(owner.is_not(None))  # fmt: skip
        if owners is not None:
            chosen = chosen.where(owner.in_(select(keys_of(owners, known).subquery().c.key_id)))
        limited: Select[Any] = chosen if record.when is None else chosen.where(holds(contract, record.when, source))
        return limited

    def _nothing(self, entity: Entity) -> Select[Any]:
        elements = self._tables.catalog.stored_elements(entity.name)
        columns = [cast(null(), column_type(e.type)).label(e.short) for e in elements]
        sealed = [cast(null(), LargeBinary()).label(f"{e.short}_sealed") for e in elements if e.sealed]
        fixed = [cast(null(), BigInteger()).label("owner"), cast(null(), Text()).label("record"), literal(0).label("dataset")]
        every: list[Any] = [*fixed, *columns, *sealed]
        return select(*every).where(literal(1) == literal(0))


def _spoken_of_later(tables: StoreTables, entity: str, at: Moment) -> list[Select[Any]]:
    """The keys in any version of the rows that changed behind a moment."""
    return [
        select(table.c[f"{role.name}_key"]).where(table.c.row_id.in_(spoken_later(dataset, at)), table.c[f"{role.name}_key"].is_not(None))
        for dataset in tables.said_by(entity)
        for table in (dataset.current, dataset.past)
        for role in dataset.contract.roles
        if role.entity == entity
    ]


def _disputed(entity: str) -> Select[Any]:
    return select(conflict.c.subject_id).where(conflict.c.entity == entity, conflict.c.closed.is_(None))


def _decided(tables: StoreTables, entity: str) -> Select[Any]:
    return select(decision.c.key_id).where(decision.c.element.in_([element.name for element in tables.catalog.stored_elements(entity)]))


@contextmanager
def open_view(connection: Connection, tables: StoreTables, at: Moment | None = None) -> Iterator[View]:
    """A view on this connection. A moment at or after everything known is read as now: the definition is the same."""
    last = connection.execute(select(func.max(batch.c.pos)).where(batch.c.known.is_not(None))).scalar() or 0
    known = connection.execute(select(tick.c.known)).scalar() or 0
    nothing_later = at is not None and at.known >= known
    now = at is None or (nothing_later and at.pos >= last)
    with steps(connection) as act:
        yield View(act, tables, None if now else at, nothing_later=nothing_later)


def subjects(catalog: Any) -> tuple[str, ...]:
    """The subject entities of a Catalog."""
    return tuple(e.name for e in catalog.entities.values() if e.kind is EntityKind.SUBJECT)
