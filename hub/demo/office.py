"""A working day in the demonstration's largest township: what is due is opened, and the month before is frozen, so that its reports
open on what changed. All by the acts that people would do, none past them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hub.core.clock import Period, period_of
from hub.core.principals import Principal
from hub.forms import acting, working
from hub.forms.appointments import principal_for
from hub.forms.edits import EditKind, marks
from hub.forms.freezing import freeze_set
from hub.forms.lifecycle import Act
from hub.forms.saving import Wish, save
from hub.forms.units import reporting_units
from hub.registry.model import Form
from hub.sample.city import City
from hub.store.hub import Hub


def largest_village(city: City) -> str:
    """The village in which most people live."""
    return str(Counter(row.village for row in city.rows[2]["public-security.resident"]).most_common(1)[0][0])  # type: ignore[attr-defined]


def staff(hub: Hub, city: City) -> Mapping[str, Principal]:
    """Those who have to do with the reports of the largest village's township, by role."""
    village = largest_village(city)
    codes = hub.catalog.code_lists["division"].codes
    township = str(codes[village].parent)
    county = str(codes[township].parent)
    places = {"village": village, "township": township, "township-approver": township, "county": county, "bureau": "data-bureau"}
    return {role: principal_for(hub.catalog, role, place, _name(hub, role, place)) for role, place in places.items()}


def _name(hub: Hub, role: str, place: str) -> str:
    found = hub.catalog.code_lists["division"].codes.get(place)
    return {"bureau": "数据局"}.get(role) or f"{found.title.zh if found else place}{_TITLES[role]}"


_TITLES = {"village": "村干部", "township": "综合信息岗", "township-approver": "审核人", "county": "审核人"}


def open_office(hub: Hub, city: City) -> None:
    """Open the last period of every form that is over; freeze the monthly ones of the month before for the township."""
    people = staff(hub, city)
    for form in hub.catalog.forms.values():
        last = period_of(hub.today(), form.frequency).previous
        working.open_period(hub, people["bureau"], form.id, last.text)
        if form.frequency == "monthly":
            _freeze(hub, people, form, last.previous)


def _freeze(hub: Hub, people: Mapping[str, Principal], form: Form, period: Period) -> None:
    working.open_period(hub, people["bureau"], form.id, period.text)
    units = reporting_units(hub.catalog, form, people["township"].organisation, period.end)
    parts = working.look(hub, form.id, period.text, units)
    wishes = [Wish(f"demo-{form.id}-{period.text}-{unit}", unit, EditKind.CONFIRM, lines=marks(part.base)) for unit, part in parts.items()]
    save(hub, people["township"], form.id, period.text, wishes)
    for role, act in (("township", Act.SUBMIT), ("township-approver", Act.APPROVE), ("county", Act.APPROVE)):
        acting.act(hub, people[role], form.id, period.text, units, act)
    freeze_set(hub, form.id, period.text, units, people["county"].name, people["county"].organisation)
