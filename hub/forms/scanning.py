"""The signed scan of a report: printed, signed by the head of the unit, scanned, and attached to what it was printed from."""

from __future__ import annotations

from hub.core.errors import refused
from hub.core.principals import FILLERS, Principal
from hub.forms import attachments
from hub.forms import lifecycle_messages as m
from hub.forms.filling import asked_for
from hub.forms.lifecycle import OPEN, Act, Standing
from hub.forms.working import check_area, check_filler, check_unit
from hub.store import work as ledger
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.scans import Scan, scans_of, write_scan
from hub.store.work import Step


def attach(hub: Hub, principal: Principal, form: str, period: str, unit: str, name: str, content: bytes) -> Scan:
    """Keep the scan with the report as it stands, and a signed step with the scan's digest. The same file again is the one there is.

    Raises FORBIDDEN, NOT_FOUND, INVALID as ``attachments.sniffed``, REFUSED ``scan_of_draft`` while the report is filled in and
    ``scan_many``.
    """
    found, asked = asked_for(hub, form, period)
    check_filler(principal)
    check_unit(hub.catalog, found, unit, asked.end)
    check_area(hub.catalog, principal, unit)
    file = attachments.sniffed(name, content)
    place = attachments.keep(hub.settings.home, hub.vault, file)
    kept = None
    try:
        with writing(hub.engine) as connection:
            work = ledger.hold(connection, form, asked.text, unit, hub.micros(), principal.name)
            standing = Standing(work.state)
            if standing in OPEN:
                raise refused(m.SCAN_OF_DRAFT)
            earlier = [one for one in scans_of(connection, hub.vault, form, asked.text, unit) if one.revision == work.revision]
            same = next((one for one in earlier if one.digest == file.digest), None)
            if same is None:
                if len(earlier) >= attachments.MOST:
                    raise refused(m.SCAN_MANY, limit=attachments.MOST)
                now = hub.micros()
                made = Scan(
                    form, asked.text, unit, work.revision, file.name, file.type, len(content), file.digest, place, now, principal.name
                )
                write_scan(connection, hub.vault, made)
                step = Step(
                    form, asked.text, unit, work.revision, Act.SCAN.value, standing.value, standing.value, now, principal.name,
                    principal.organisation, min(FILLERS & principal.roles).value, f"SHA-256 {file.digest}", work.digest,
                )  # fmt: skip
                ledger.write_steps(connection, hub.vault, [step])
                same = kept = scans_of(connection, hub.vault, form, asked.text, unit)[-1]
    finally:
        if kept is None:
            attachments.drop(hub.settings.home, place)
    return same
