"""Computed reports, kept: one per form version, unit, period and known number. The content is sealed: it names people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from hub.core.vault import Vault
from hub.store.contents import open_content, seal_content
from hub.store.ledger_tables import report
from hub.store.parts import in_parts
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
    """``content`` is sealed; open it by ``content_of``. ``digest``: SHA-256 of the report's canonical JSON, in hex."""

    content: bytes
    digest: str
    made_at: int


def find_reports(connection: Connection, keys: Collection[ReportKey]) -> dict[ReportKey, StoredReport]:
    """The reports of one form and period as they were stored under these keys; those that were not are left out."""
    found: dict[ReportKey, StoredReport] = {}
    for part in in_parts(list(keys)):
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
    values = {"content": seal_content(vault, _ELEMENT, content), "digest": digest, "made_at": now}
    statement = upsert(connection, report).values(
        form=key.form, version=key.version, unit=key.unit, period=key.period, known=key.known, **values
    )
    connection.execute(statement.on_conflict_do_update(index_elements=[c.name for c in report.primary_key], set_=values))


def content_of(vault: Vault, stored: StoredReport) -> bytes:
    """The content that was given to ``store_report``."""
    return open_content(vault, _ELEMENT, stored.content)
