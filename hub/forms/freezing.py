"""Freezing the reports of many units: a worker's job, some hundred reports a step, each step one transaction.

How far it is can be seen at any moment from where the reports stand; a job that is killed goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.core.principals import Role
from hub.forms.filling import asked_for
from hub.forms.frozen import frozen
from hub.forms.lifecycle import Act, Standing
from hub.forms.working import look
from hub.store import work as ledger
from hub.store.engine import writing
from hub.store.frozen import FrozenReport, write_frozen
from hub.store.hub import Hub
from hub.store.parts import in_parts
from hub.store.work import Step

_REPORTS = 100  # in one transaction


def freeze_set(hub: Hub, form: str, period: str, units: Sequence[str], by: str, organisation: str) -> dict[str, int]:
    """Freeze those of the units' reports that the county has approved. Gives how many were frozen and how many were not ready."""
    asked_for(hub, form, period)
    count = 0
    wanted = list(dict.fromkeys(units))
    for part in in_parts(wanted, _REPORTS):
        count += _freeze_some(hub, form, period, part, by, organisation)
    with hub.engine.connect() as connection:
        stand = ledger.find_work(connection, form, period, wanted)
    ready = sum(work.state == Standing.FROZEN for work in stand.values())
    return {"frozen": count, "standing": ready, "not_ready": len(wanted) - ready}


def _freeze_some(hub: Hub, form: str, period: str, units: Sequence[str], by: str, organisation: str) -> int:
    """By few statements, however many units."""
    with hub.engine.connect() as connection:
        stand = ledger.find_work(connection, form, period, units)
    ready = [unit for unit in units if unit in stand and stand[unit].state == Standing.APPROVED_COUNTY]
    looked = look(hub, form, period, ready) if ready else {}
    now = hub.micros()
    works = {unit: part.work for unit, part in looked.items() if part.work is not None and part.work.state == Standing.APPROVED_COUNTY}
    made = {unit: frozen(hub.vault, work, looked[unit].report, now, by) for unit, work in works.items()}
    with writing(hub.engine) as connection:
        held = ledger.hold_together(connection, form, period, works)
        kept = [made[unit] for unit, work in works.items() if held[unit] == work]  # others were reopened meanwhile
        write_frozen(connection, hub.vault, kept)
        ledger.move_together(connection, form, period, Standing.FROZEN.value, {one.unit: one.digest for one in kept}, now, by)
        ledger.write_steps(connection, hub.vault, [_step(one, now, by, organisation) for one in kept])
    return len(kept)


def _step(one: FrozenReport, now: int, by: str, organisation: str) -> Step:
    return Step(
        one.form, one.period, one.unit, one.revision, Act.FREEZE.value, Standing.APPROVED_COUNTY.value, Standing.FROZEN.value, now, by,
        organisation, Role.COUNTY.value, "", one.digest,
    )  # fmt: skip
