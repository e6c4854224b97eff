"""The table of signed scans: which file belongs to which revision of a report. The files are in the hub's home, sealed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from hub.core.vault import Vault
from hub.store.ledger_tables import scan

_NAME = "scan-name"


@dataclass(frozen=True, slots=True)
class Scan:
    """``digest``: SHA-256 of the content in hex; ``file``: what it is called in the hub's home; ``at``: microseconds since 1970."""

    form: str
    period: str
    unit: str
    revision: int
    name: str
    type: str
    size: int
    digest: str
    file: str
    at: int
    by: str
    id: int = 0


def write_scan(connection: Connection, vault: Vault, one: Scan) -> int:
    """Gives its number."""
    values = {name: getattr(one, name) for name in Scan.__slots__ if name != "id"} | {"name": vault.seal(_NAME, [one.name])[0]}
    return int(connection.execute(scan.insert().values(**values).returning(scan.c.id)).scalar_one())


def scans_of(connection: Connection, vault: Vault, form: str, period: str, unit: str) -> list[Scan]:
    """Those of a report, of all its revisions, in the order they came."""
    chosen = select(scan).where(scan.c.form == form, scan.c.period == period, scan.c.unit == unit).order_by(scan.c.id)
    rows = connection.execute(chosen).mappings().all()
    names = vault.open(_NAME, [row["name"] for row in rows])
    return [Scan(**{name: row[name] for name in Scan.__slots__} | {"name": opened or ""}) for row, opened in zip(rows, names, strict=True)]
