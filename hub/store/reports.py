"""Computed reports, kept: one per form version, unit, period and known number. The content is sealed: it names people."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from hub.core.vault import Vault
from hub.store.ledger_tables import report
from hub.store.upserts import upsert

_ELEMENT = "stored-report"


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


def find_report(connection: Connection, key: ReportKey) -> StoredReport | None:
    """The report as it was stored under this key."""
    chosen = select(report.c.content, report.c.digest, report.c.made_at).where(*_is(key))
    row = connection.execute(chosen).first()
    return None if row is None else StoredReport(row.content, row.digest, row.made_at)


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


def _is(key: ReportKey) -> tuple[ColumnElement[bool], ...]:
    return (
        report.c.form == key.form, report.c.version == key.version, report.c.unit == key.unit,
        report.c.period == key.period, report.c.known == key.known,
    )  # fmt: skip
