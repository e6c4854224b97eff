"""Freezing the reports of many units: a worker's job, some hundred reports a step, each step one transaction.

How far it is can be seen at any moment from where the reports stand; a job that is killed goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.core.principals import Role
from hub.forms.filling import asked_for
from hub.forms.frozen import freeze
from hub.forms.lifecycle import Act, Standing
from hub.forms.working import look
from hub.store import work as ledger
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.parts import in_parts
from hub.store.work import Step

_REPORTS = 100  # in one transaction


def freeze_set(hub: Hub, form: str, period: str, units: Sequence[str], by: str, organisation: str) -> dict[str, int]:
    """Freeze those of the units' reports that the county has approved. Gives how many were frozen and how many were not ready."""
    asked_for(hub, form, period)
    frozen = 0
    wanted = list(dict.fromkeys(units))
    for part in in_parts(wanted, _REPORTS):
        frozen += _freeze_some(hub, form, period, part, by, organisation)
    with hub.engine.connect() as connection:
        stand = ledger.find_work(connection, form, period, wanted)
    ready = sum(work.state == Standing.FROZEN for work in stand.values())
    return {"frozen": frozen, "standing": ready, "not_ready": len(wanted) - ready}


def _freeze_some(hub: Hub, form: str, period: str, units: Sequence[str], by: str, organisation: str) -> int:
    with hub.engine.connect() as connection:
        stand = ledger.find_work(connection, form, period, units)
    ready = [unit for unit in units if unit in stand and stand[unit].state == Standing.APPROVED_COUNTY]
    looked = look(hub, form, period, ready) if ready else {}
    count = 0
    with writing(hub.engine) as connection:
        for unit, part in looked.items():
            work = ledger.hold(connection, form, period, unit, hub.micros(), by)
            if part.work is None or work != part.work:
                continue  # somebody reopened it meanwhile
            now = hub.micros()
            made = freeze(connection, hub.vault, work, part.report, now, by)
            ledger.move(connection, work, state=Standing.FROZEN.value, digest=made.digest, changed_at=now, changed_by=by)
            step = Step(
                form, period, unit, work.revision, Act.FREEZE.value, work.state, Standing.FROZEN.value, now, by, organisation,
                Role.COUNTY.value, "", made.digest,
            )  # fmt: skip
            ledger.write_step(connection, hub.vault, step)
            count += 1
    return count
