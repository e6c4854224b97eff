"""Keys and subjects: which keys are one subject at a moment (links), as selects. Joins are on these numbers only."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, cast, func, select
from sqlalchemy.sql.selectable import FromClause

from hub.store.ledger_tables import member, subject_key

# The hub's number stands in the top bits of every surrogate, so that hubs of one province never share one.
HUB_SHIFT = 48
HUB = 1  # of this city; a province gives each hub its own


def members(known: int | None) -> FromClause:
    """Columns key_id, subject_id: only keys that a link has touched; any other key is its own subject."""
    chosen = select(
        member.c.key_id,
        member.c.subject_id,
        func.row_number().over(partition_by=member.c.key_id, order_by=member.c.known.desc()).label("place"),
    )
    if known is not None:
        chosen = chosen.where(member.c.known <= known)
    ranked = chosen.subquery()
    return select(ranked.c.key_id, ranked.c.subject_id).where(ranked.c.place == 1).subquery()


def belonging(linked: FromClause, key: ColumnElement[Any]) -> ColumnElement[int]:
    """The subject of a key, ``linked`` being ``members`` outer-joined on it. The cast gives the expression a type of its own,
    without which SQLite looks the subject up by scanning."""
    return cast(func.coalesce(linked.c.subject_id, key), BigInteger)


def keys_of(subjects: Select[tuple[int]], known: int | None) -> Select[tuple[int, int]]:
    """All keys (key_id, subject_id) of the given subjects; a subject that no link touches is its only key."""
    linked = members(known)
    own = subjects.subquery()
    subject = own.c[0]
    plain = select(subject.label("key_id"), subject.label("subject_id")).where(
        ~select(linked.c.key_id).where(linked.c.key_id == subject).exists()
    )
    grouped = select(linked.c.key_id, linked.c.subject_id).where(linked.c.subject_id.in_(select(subject)))
    return select(plain.union_all(grouped).subquery())


def entities_of(connection: Connection, subjects: Collection[int]) -> dict[int, str]:
    """What each of these subjects is."""
    chosen = select(subject_key.c.key_id, subject_key.c.entity).where(subject_key.c.key_id.in_(sorted(subjects)))
    return {int(row[0]): str(row[1]) for row in connection.execute(chosen)}
