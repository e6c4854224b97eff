"""Frozen reports: kept whole, with the digest of their canonical JSON and the hub's signature of it."""

from __future__ import annotations

from sqlalchemy import Connection

from hub.core.vault import Vault, digest_of
from hub.forms.model import Report
from hub.forms.stored import canonical_part, packed, unpacked
from hub.registry.model import Catalog
from hub.store.frozen import FrozenReport, find_frozen, write_frozen
from hub.store.work import Work


def freeze(connection: Connection, vault: Vault, work: Work, report: Report, now: int, by: str) -> FrozenReport:
    """Keep a report for ever, as the next revision of its unit and period."""
    content = packed(report)
    digest = digest_of(canonical_part(content))
    made = FrozenReport(
        work.form,
        work.period,
        work.unit,
        work.revision,
        report.form.version,
        work.known or 0,
        content,
        digest.hex(),
        vault.sign(digest),
        now,
        by,
    )
    write_frozen(connection, vault, made)
    return made


def read_frozen(connection: Connection, vault: Vault, catalog: Catalog, work: Work) -> Report:
    """The report as it was frozen in its newest revision. Raises NOT_FOUND ``frozen_not_found``."""
    return unpacked(find_frozen(connection, vault, work.form, work.period, work.unit).content, catalog)
