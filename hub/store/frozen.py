"""The table of frozen reports. Written once each, never changed; sealed, for they name people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from hub.core.errors import not_found
from hub.core.vault import Vault
from hub.store.contents import open_content, seal_content
from hub.store.ledger_tables import frozen
from hub.store.messages import NOT_FROZEN
from hub.store.parts import in_parts

_ELEMENT = "frozen-report"


@dataclass(frozen=True, slots=True)
class FrozenReport:
    """``content``: as ``hub.forms.stored.packed`` gives it; ``digest``: SHA-256 of its canonical JSON in hex; ``version``: of the form;
    ``known``: what its filled cells were computed from."""

    form: str
    period: str
    unit: str
    revision: int
    version: str
    known: int
    content: bytes
    digest: str
    signature: str
    at: int
    by: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """A frozen report by name, without its content."""

    period: str
    revision: int
    digest: str


def write_frozen(connection: Connection, vault: Vault, reports: Sequence[FrozenReport]) -> None:
    """Keep them. A revision is written once: a second one of the same number is an error of the caller."""
    rows = [
        {name: getattr(one, name) for name in FrozenReport.__slots__} | {"content": seal_content(vault, _ELEMENT, one.content)}
        for one in reports
    ]
    if rows:
        connection.execute(frozen.insert(), rows)


def find_frozen(connection: Connection, vault: Vault, form: str, period: str, unit: str, revision: int | None = None) -> FrozenReport:
    """A revision (None: the newest). Raises NOT_FOUND ``frozen_not_found``."""
    chosen = select(frozen).where(frozen.c.form == form, frozen.c.period == period, frozen.c.unit == unit)
    if revision is not None:
        chosen = chosen.where(frozen.c.revision == revision)
    row = connection.execute(chosen.order_by(frozen.c.revision.desc()).limit(1)).mappings().first()
    if row is None:
        raise not_found(NOT_FROZEN, form=form, period=period, unit=unit)
    return _opened(vault, row)


def find_newest(connection: Connection, vault: Vault, form: str, period: str, units: Collection[str]) -> dict[str, FrozenReport]:
    """Of each unit that has one the newest revision of its report."""
    rows = _newest(connection, frozen.c, form, units, frozen.c.period == period)
    return {row["unit"]: _opened(vault, row) for row in rows}


def find_before(connection: Connection, form: str, period: str, units: Collection[str]) -> dict[str, Earlier]:
    """Of each unit that has one the last report before ``period`` in its newest revision; periods of one form are in order as texts."""
    names = frozen.c.unit, frozen.c.period, frozen.c.revision, frozen.c.digest
    rows = _newest(connection, names, form, units, frozen.c.period < period)
    return {row["unit"]: Earlier(row["period"], row["revision"], row["digest"]) for row in rows}


def _newest(
    connection: Connection, columns: Iterable[ColumnElement[Any]], form: str, units: Collection[str], of: ColumnElement[bool]
) -> Iterator[Mapping[Any, Any]]:  # fmt: skip
    order = frozen.c.period.desc(), frozen.c.revision.desc()
    rank = func.row_number().over(partition_by=frozen.c.unit, order_by=order).label("rank")
    for part in in_parts(sorted(units)):
        ranked = select(*columns, rank).where(frozen.c.form == form, frozen.c.unit.in_(part), of).subquery()
        yield from connection.execute(select(ranked).where(ranked.c.rank == 1)).mappings()


def find_by_digest(connection: Connection, vault: Vault, digest: str) -> FrozenReport | None:
    """The report that a printed digest names."""
    row = connection.execute(select(frozen).where(frozen.c.digest == digest)).mappings().first()
    return None if row is None else _opened(vault, row)


def _opened(vault: Vault, row: Mapping[Any, Any]) -> FrozenReport:
    content = open_content(vault, _ELEMENT, row["content"])
    return FrozenReport(**{name: row[name] for name in FrozenReport.__slots__} | {"content": content})
