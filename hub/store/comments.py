"""The table of comments: what people remark about a cell, oldest first. Sealed, for remarks name people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from hub.core.vault import Vault
from hub.store.ledger_tables import comment
from hub.store.parts import in_parts
from hub.store.upserts import upsert

_TEXT = "comment-text"


@dataclass(frozen=True, slots=True)
class Comment:
    """``key``: the sender's own of the request, by which it is kept once; ``at``: microseconds since 1970 in UTC."""

    key: str
    form: str
    period: str
    unit: str
    line: str
    field: str
    text: str
    at: int
    by: str


def write_comment(connection: Connection, vault: Vault, one: Comment) -> None:
    """Keep it; one of the same key was kept before."""
    values = {name: getattr(one, name) for name in Comment.__slots__} | {"text": vault.seal(_TEXT, [one.text])[0]}
    connection.execute(upsert(connection, comment).on_conflict_do_nothing(index_elements=["key"]), values)


def comments_of(connection: Connection, vault: Vault, form: str, period: str, unit: str, line: str, field: str) -> list[Comment]:
    """Those about one cell, oldest first."""
    of_cell = comment.c.form == form, comment.c.period == period, comment.c.unit == unit, comment.c.line == line, comment.c.field == field
    rows = connection.execute(select(comment).where(*of_cell).order_by(comment.c.id)).mappings().all()
    texts = vault.open(_TEXT, [row["text"] for row in rows])
    return [
        Comment(**{name: row[name] for name in Comment.__slots__} | {"text": text or ""}) for row, text in zip(rows, texts, strict=True)
    ]


def commented(connection: Connection, form: str, period: str, units: Collection[str]) -> dict[tuple[str, str], int]:
    """How many there are about each cell of these reports, by (line code, column)."""
    found: dict[tuple[str, str], int] = {}
    for part in in_parts(sorted(units)):
        of_units = comment.c.form == form, comment.c.period == period, comment.c.unit.in_(part)
        rows = connection.execute(
            select(comment.c.line, comment.c.field, func.count()).where(*of_units).group_by(comment.c.line, comment.c.field)
        )
        found |= {(row[0], row[1]): int(row[2]) for row in rows}
    return found
