"""The record of lists on demand: who asked whom for what, when each list was made and of how many lines. No list itself is kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from hub.core.vault import Vault
from hub.store.ledger_tables import demand, demand_run
from hub.store.parts import in_parts

_FILTERS = "demand-filters"


@dataclass(frozen=True, slots=True)
class Demand:
    """``filters``: of ``hub.forms.demands.Filter`` as plain data; ``at``: microseconds since 1970 in UTC; ``by``: who made it."""

    form: str
    unit: str
    asker: str
    purpose: str
    columns: tuple[str, ...]
    order: tuple[str, ...]
    filters: tuple[Mapping[str, str], ...]
    id_style: str
    at: int
    by: str
    organisation: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Demanded:
    """The same columns of one roster, asked for by one asker: a line of the inventory. ``units``: of how many townships or villages;
    ``times``: how often a list was made."""

    form: str
    asker: str
    columns: tuple[str, ...]
    purpose: str
    units: int
    times: int
    last_at: int


def write_demand(connection: Connection, vault: Vault, one: Demand) -> int:
    """Record it. Gives its number."""
    (filters,) = vault.seal(_FILTERS, [_json(one.filters)])
    values = {name: getattr(one, name) for name in Demand.__slots__ if name != "id"}
    values |= {"columns": _json(one.columns), "order": _json(one.order), "filters": filters}
    return int(connection.execute(demand.insert().values(**values).returning(demand.c.id)).scalar_one())


def note_made(connection: Connection, number: int, written_as: str, lines: int, now: int, by: str) -> None:
    """A list was made: as a page, as JSON, as a workbook or as CSV."""
    connection.execute(demand_run.insert().values(demand=number, written_as=written_as, lines=lines, at=now, by=by))


def find_demand(connection: Connection, vault: Vault, number: int) -> Demand | None:
    rows = _read(connection, vault, select(demand).where(demand.c.id == number))
    return rows[0] if rows else None


def demands_of(connection: Connection, vault: Vault, units: Collection[str]) -> list[Demand]:
    """Those of these units, newest first."""
    found = [one for part in in_parts(sorted(units)) for one in _read(connection, vault, select(demand).where(demand.c.unit.in_(part)))]
    return sorted(found, key=lambda one: -one.id)


def demanded(connection: Connection) -> list[Demanded]:
    """All that was asked for outside the set of forms, what was asked for most often first."""
    made = select(demand_run.c.demand, func.count().label("times"), func.max(demand_run.c.at).label("last")).group_by(demand_run.c.demand)
    runs = made.subquery()
    same = demand.c.form, demand.c.asker, demand.c.columns
    chosen = (
        select(
            *same, func.max(demand.c.purpose).label("purpose"), func.count(demand.c.unit.distinct()).label("units"),
            func.coalesce(func.sum(runs.c.times), 0).label("times"), func.coalesce(func.max(runs.c.last), func.max(demand.c.at)).label("last"),
        )
        .outerjoin(runs, runs.c.demand == demand.c.id)
        .group_by(*same)
    )  # fmt: skip
    found = [
        Demanded(row.form, row.asker, tuple(json.loads(row.columns)), row.purpose, row.units, int(row.times), row.last)
        for row in connection.execute(chosen)
    ]
    return sorted(found, key=lambda one: (-one.times, -one.last_at))


def _read(connection: Connection, vault: Vault, chosen: Select[Any]) -> list[Demand]:
    rows: Sequence[Mapping[Any, Any]] = connection.execute(chosen).mappings().all()
    filters = vault.open(_FILTERS, [row["filters"] for row in rows])
    return [
        Demand(
            **{name: row[name] for name in Demand.__slots__ if name not in ("columns", "order", "filters")},
            columns=tuple(json.loads(row["columns"])), order=tuple(json.loads(row["order"])), filters=tuple(json.loads(opened or "[]")),
        )
        for row, opened in zip(rows, filters, strict=True)
    ]  # fmt: skip


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
