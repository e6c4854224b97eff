"""Frozen reports: kept whole, with the digest of their canonical JSON and the hub's signature of it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from hub.core.vault import Vault, digest_of
from hub.forms.model import Report
from hub.forms.stored import canonical_part, packed, unpacked
from hub.registry.model import Catalog
from hub.store.frozen import FrozenReport, find_newest
from hub.store.work import Work


def frozen(vault: Vault, work: Work, report: Report, now: int, by: str) -> FrozenReport:
    """What is kept of a report for ever, as the next revision of its unit and period."""
    content = packed(report)
    digest = digest_of(canonical_part(content))
    return FrozenReport(
        work.form, work.period, work.unit, work.revision, report.form.version, work.known or 0, content, digest.hex(), vault.sign(digest),
        now, by,
    )  # fmt: skip


def read_frozen(
    connection: Connection, vault: Vault, catalog: Catalog, form: str, period: str, units: Collection[str]
) -> dict[str, Report]:  # fmt: skip
    """The reports of these units as they were frozen, each in its newest revision."""
    return {unit: unpacked(one.content, catalog) for unit, one in find_newest(connection, vault, form, period, units).items()}
