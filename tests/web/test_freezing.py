"""Freezing a township's set: one job, by sets, with its progress."""

from __future__ import annotations

from hub.forms.acting import act
from hub.forms.appointments import principal_for
from hub.forms.edits import EditKind, marks
from hub.forms.freezing import freeze_set
from hub.forms.lifecycle import Act
from hub.forms.saving import Wish, save
from hub.forms.working import look, open_period
from tests.store.counting import statements
from tests.web.conftest import Town

FORM, PERIOD = "low-income-roster", "2026-05"


def approve(town: Town, units: list[str], form: str = FORM) -> None:
    """Take reports from their opening to the county's approval, each township its own."""
    hub, county = town.hub, units[0][:6] + "000000"
    open_period(hub, principal_for(hub.catalog, "bureau", "data-bureau", "bureau"), form, PERIOD)
    for unit, part in look(hub, form, PERIOD, units).items():
        clerk = principal_for(hub.catalog, "township", unit[:9] + "000", "clerk")
        save(hub, clerk, form, PERIOD, [Wish(f"freezing-{form}-{unit}", unit, EditKind.CONFIRM, lines=marks(part.base))])
        assert act(hub, clerk, form, PERIOD, [unit], Act.SUBMIT)[0].error is None
        approver = principal_for(hub.catalog, "township-approver", unit[:9] + "000", "approver")
        assert act(hub, approver, form, PERIOD, [unit], Act.APPROVE)[0].error is None
    done = act(hub, principal_for(hub.catalog, "county", county, "county"), form, PERIOD, units, Act.APPROVE)
    assert [one.error for one in done] == [None] * len(units)


def test_many_reports_are_frozen_by_as_many_statements_as_one(town: Town) -> None:
    codes = town.hub.catalog.code_lists["division"].codes
    first, *others = sorted(code for code in codes if len(code) == 12 and code[:6] == town.village[:6] and code[9:] != "000")[:9]
    approve(town, [first, *others])
    with statements(town.hub.engine) as of_one:
        assert freeze_set(town.hub, FORM, PERIOD, [first], "county", "330803000000")["frozen"] == 1
    with statements(town.hub.engine) as of_many:
        told = freeze_set(town.hub, FORM, PERIOD, [first, *others], "county", "330803000000")
    assert told == {"frozen": len(others), "standing": len(others) + 1, "not_ready": 0}
    assert len(others) > 3
    assert len(of_many) == len(of_one)
    steps = town.get("county", f"/api/v1/forms/{FORM}/reports/{others[-1]}/{PERIOD}/steps").json()["items"]
    assert [step["act"] for step in steps] == ["submit", "approve", "approve", "freeze"]
    assert steps[-1]["signature"]
