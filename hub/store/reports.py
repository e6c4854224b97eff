"""Computed reports, kept: one per form version, unit, period and known number. The content is sealed: it names people."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from hub.core.vault import Vault
from hub.store.ledger_tables import report
from hub.store.upserts import upsert

_ELEMENT = "stored-report"
_CHUNK = 500  # keys per statement: a list that every engine takes


@dataclass(frozen=True, slots=True)
class ReportKey:
    """What a report is of, and what was known when it was made."""

    form: str
    version: str
    unit: str
    period: str
    known: int


@dataclass(frozen=True, slots=True)
class StoredReport:
    """``content`` is sealed; open it by ``open_content``. ``digest``: SHA-256 of the report's canonical JSON, in hex."""

    content: bytes
    digest: str
    made_at: int


def find_reports(connection: Connection, keys: Collection[ReportKey]) -> dict[ReportKey, StoredReport]:
    """The reports of one form and period as they were stored under these keys; those that were not are left out."""
    found: dict[ReportKey, StoredReport] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        chosen = select(report).where(
            report.c.form == part[0].form, report.c.version == part[0].version, report.c.period == part[0].period,
            tuple_(report.c.unit, report.c.known).in_([(key.unit, key.known) for key in part]),
        )  # fmt: skip
        for row in connection.execute(chosen):
            key = ReportKey(row.form, row.version, row.unit, row.period, row.known)
            found[key] = StoredReport(row.content, row.digest, row.made_at)
    return found


def store_report(connection: Connection, vault: Vault, key: ReportKey, content: bytes, digest: str, now: int) -> None:
    """Keep a computed report; one of the same key that was made before gives way."""
    (sealed,) = vault.seal(_ELEMENT, [base64.b64encode(zlib.compress(content, 6)).decode()])
    values = {"content": sealed, "digest": digest, "made_at": now}
    statement = upsert(connection, report).values(
        form=key.form, version=key.version, unit=key.unit, period=key.period, known=key.known, **values
    )
    connection.execute(statement.on_conflict_do_update(index_elements=[c.name for c in report.primary_key], set_=values))


def open_content(vault: Vault, stored: StoredReport) -> bytes:
    """The content that was given to ``store_report``."""
    (text,) = vault.open(_ELEMENT, [stored.content])
    return zlib.decompress(base64.b64decode(text or ""))
