"""Whose rows a snapshot does not end although it does not name them: those of persons whose key came unreadable.

A check digit mistyped in next month's list must not end the person. Such a row is held, but it has no key by which its earlier
version could be found; it has a name. So absent rows of persons of that name count as held, too: perhaps a few more than the one that
is meant, of whom the next snapshot speaks again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, exists, literal, or_, select, union

from hub.store.ledger_tables import held
from hub.store.merge import Place
from hub.store.steps import Steps
from hub.store.tables import DatasetTables


def spare(act: Steps, tables: DatasetTables, name: str, names: Table, incoming: Table, place: Place) -> None:
    """Note as held the earlier rows that the batch does not name, if ``names`` (column name_hash: those of held rows without a
    readable key) has their name. ``incoming``: as ``merge.map_keys`` gives it; to be called behind ``merge.hold_rows``."""

    def absent(table: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
        told = or_(
            exists().where(incoming.c.row_id == table.c.row_id),
            exists().where(held.c.dataset == tables.number, held.c.pos == place.pos, held.c.row_id == table.c.row_id),
        )
        same_name = table.c[name].in_(select(names.c.name_hash))
        return select(table.c.row_id).where(and_(table.c.present, same_name, ~told, *conditions))

    if place.late:
        rows = union(*(absent(table, table.c.pos < place.pos) for table in (tables.current, tables.past))).subquery()
    else:
        rows = absent(tables.current).subquery()
    noted = select(literal(tables.number), literal(place.pos), rows.c.row_id, literal(place.known))
    act.run("note spared rows", held.insert().from_select(["dataset", "pos", "row_id", "known"], noted))
