"""State: the rows of one dataset as of a moment, as a select. The first step of everything that is read.

``now`` reads the current table; a moment (valid, known) reads the current table and the past by the same columns. Pure:
nothing here executes or writes. The rules of the shared selects are design §9.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, literal, not_, or_, select, union_all
from sqlalchemy.sql.selectable import FromClause, ScalarSelect

from hub.store.ledger_tables import batch, held
from hub.store.positions import Moment
from hub.store.tables import DatasetTables


def rows(tables: DatasetTables, at: Moment | None, keys: Select[tuple[int]] | None = None) -> Select[tuple[object, ...]]:
    """The present rows: row_id, pos, fingerprint, stated, the role keys and the payload.

    ``stated`` is the pos of the batch that last stated the row: its own, or the last snapshot that covered it without
    naming it anew. ``keys`` limits to rows of which some role's key is in that select.
    """
    source = _versions(tables, at, keys)
    columns = source.c
    result = select(
        columns.row_id,
        columns.pos,
        columns.fingerprint,
        _last_stated(tables.number, source, at).label("stated"),
        *(columns[name] for name in (*tables.key_columns, *tables.payload)),
    ).where(columns.present)
    if keys is not None:
        result = result.where(_speaks_of(tables, source, keys))
    return result


def spoken_later(tables: DatasetTables, at: Moment) -> Select[tuple[int]]:
    """The rows whose current version lies beyond a moment: any other row said then what it says now."""
    return select(tables.current.c.row_id).where(not_(and_(*_within(tables.number, tables.current, at))))


def _last_stated(number: int, source: FromClause, at: Moment | None) -> ColumnElement[int]:
    """The place of the batch that last stated a row: of its version, or of the last snapshot that covered it by silence."""
    covered = _last_snapshot(number, at)
    held_there = select(held.c.row_id).where(held.c.dataset == number, held.c.pos == batch.c.pos, held.c.row_id == source.c.row_id)
    spared = (
        select(func.max(batch.c.pos))
        .where(*_snapshots(number, at), ~held_there.correlate(batch, source).exists())
        .correlate(source)
        .scalar_subquery()
    )
    silent = case((source.c.row_id.in_(_held_in(number, covered, at)), spared), else_=covered)
    return case((silent > source.c.pos, silent), else_=source.c.pos)


def _held_in(number: int, pos: ScalarSelect[int], at: Moment | None) -> Select[tuple[int]]:
    """The rows that a batch held: it says nothing of them, so it is not their date."""
    chosen = select(held.c.row_id).where(held.c.dataset == number, held.c.pos == pos)
    return chosen if at is None else chosen.where(held.c.known <= at.known)


def horizon(number: int, at: Moment) -> ColumnElement[int]:
    """The greatest place of a dataset's batches that counts at a moment. A date before the dataset's first day is read as
    that day (design §4): what a register said first is the best that is known of the time before."""
    known = (batch.c.dataset == number, batch.c.known <= at.known)
    first_day = select(func.min(batch.c.as_of)).where(*known).scalar_subquery()
    first = select(func.max(batch.c.pos)).where(*known, batch.c.as_of == first_day).scalar_subquery()
    return case((first > at.pos, first), else_=literal(at.pos, BigInteger))


def _snapshots(number: int, at: Moment | None) -> list[ColumnElement[bool]]:
    conditions = [batch.c.dataset == number, batch.c.kind == "snapshot", batch.c.known.is_not(None)]
    if at is not None:
        conditions += [batch.c.pos <= horizon(number, at), batch.c.known <= at.known]
    return conditions


def _last_snapshot(number: int, at: Moment | None) -> ScalarSelect[int]:
    return select(func.max(batch.c.pos)).where(*_snapshots(number, at)).scalar_subquery()


def _versions(tables: DatasetTables, at: Moment | None, keys: Select[tuple[int]] | None) -> FromClause:
    """One version per row: the greatest (pos, known) within the moment; ended ones included.

    The current version is the greatest of all, so where it is within the moment it is the one; only rows that it is beyond
    of are looked up in the past.
    """
    if at is None:
        return tables.current
    current, past = tables.current, tables.past
    names = [column.name for column in current.columns]
    standing = select(*(current.c[name] for name in names)).where(*_within(tables.number, current, at))
    order = func.row_number().over(partition_by=past.c.row_id, order_by=_greatest_first(past))
    before = select(*(past.c[name] for name in names), order.label("place")).where(
        *_within(tables.number, past, at), past.c.row_id.in_(spoken_later(tables, at))
    )
    if keys is not None:  # a version may speak of somebody else than the next one of the same row did
        standing = standing.where(current.c.row_id.in_(_rows_of(tables, keys)))
        before = before.where(past.c.row_id.in_(_rows_of(tables, keys)))
    ranked = before.subquery()
    earlier = select(*(ranked.c[name] for name in names)).where(ranked.c.place == literal(1))
    return union_all(standing, earlier).subquery()


def _within(number: int, table: FromClause, at: Moment) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """What a version has to be within, on both clocks."""
    return table.c.pos <= horizon(number, at), table.c.known <= at.known


def _greatest_first(versions: FromClause) -> list[ColumnElement[Any]]:
    """The version that stands comes first: the one with the greatest place, not the one that arrived last."""
    return [versions.c.pos.desc(), versions.c.known.desc()]


def _rows_of(tables: DatasetTables, keys: Select[tuple[int]]) -> Select[tuple[int]]:
    found = [
        select(table.c.row_id).where(table.c[name].in_(keys)) for table in (tables.current, tables.past) for name in tables.key_columns
    ]
    return select(union_all(*found).subquery().c.row_id)


def _speaks_of(tables: DatasetTables, versions: FromClause, keys: Select[tuple[int]]) -> ColumnElement[bool]:
    return or_(*(versions.c[name].in_(keys) for name in tables.key_columns))
