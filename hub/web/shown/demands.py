"""Lists on demand for somebody: of the own area alone, each recorded with who asked and what for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hub.core.clock import from_microseconds
from hub.core.errors import not_found
from hub.core.principals import Role, area_limit, may_define, may_see_places
from hub.forms import demand_messages as dm
from hub.forms.demands import Filter, IdStyle, Listed, Profile, Test, check_profile, check_reason, choices, make_list
from hub.forms.filling import form_of
from hub.forms.units import villages
from hub.store.demands import Demand, Demanded, demanded, demands_of, find_demand, note_made, write_demand
from hub.store.engine import writing
from hub.web import messages as m
from hub.web.context import Asked, allow
from hub.web.shown.values import titles


def ask(asked: Asked, unit: str, asker: str, purpose: str, profile: Profile) -> int:
    """Record who asks for what. Gives its number. Raises FORBIDDEN outside the area, INVALID as ``check_profile`` and
    ``check_reason``."""
    may_list(asked)
    allow(may_see_places(asked.principal, villages(asked.hub.catalog, unit)), asked, m.MAY_NOT_REPORT, unit=unit)
    check_reason(asker, purpose)
    check_profile(asked.hub.catalog, profile)
    filters = tuple({"column": one.column, "test": one.test.value, "text": one.text} for one in profile.filters)
    made = Demand(
        profile.form, unit, asker.strip(), purpose.strip(), profile.columns, profile.order, filters, profile.id_style.value,
        asked.hub.micros(), asked.principal.name, asked.principal.organisation,
    )  # fmt: skip
    with writing(asked.hub.engine) as connection:
        return write_demand(connection, asked.hub.vault, made)


def may_list(asked: Asked) -> None:
    """Raises FORBIDDEN ``may_not_list``."""
    allow(asked.principal.has(Role.TOWNSHIP), asked, dm.MAY_NOT_LIST)


def find(asked: Asked, number: int) -> Demand:
    """Raises NOT_FOUND ``demand_not_found``, also for one of another area."""
    may_list(asked)
    with asked.hub.engine.connect() as connection:
        found = find_demand(connection, asked.hub.vault, number)
    if found is None or not may_see_places(asked.principal, villages(asked.hub.catalog, found.unit)):
        raise not_found(dm.NO_DEMAND, number=number)
    return found


def made(asked: Asked, found: Demand, written_as: str) -> Listed:
    """The list as of now; that it was made is recorded."""
    listed = make_list(asked.hub, found.unit, profile_of(found), asked.language)
    with writing(asked.hub.engine) as connection:
        note_made(connection, found.id, written_as, len(listed.rows), asked.hub.micros(), asked.principal.name)
    return listed


def profile_of(found: Demand) -> Profile:
    filters = tuple(Filter(one["column"], Test(one["test"]), one["text"]) for one in found.filters)
    return Profile(found.form, found.columns, filters, found.order, IdStyle(found.id_style))


def own(asked: Asked) -> list[Demand]:
    """Those of the area, newest first."""
    may_list(asked)
    catalog, limit = asked.hub.catalog, area_limit(asked.principal)
    codes = catalog.code_lists["division"].codes
    inside = [code for code in codes if len(code) == 12] if limit is None else [*limit, *{str(codes[one].parent) for one in limit}]
    with asked.hub.engine.connect() as connection:
        found = demands_of(connection, asked.hub.vault, inside)
    return [one for one in found if may_see_places(asked.principal, villages(catalog, one.unit))]


def outside(asked: Asked) -> list[Demanded]:
    """What is asked for outside the set of forms. Raises FORBIDDEN for all but the data bureau."""
    allow(may_define(asked.principal), asked, m.NOT_FOR_OTHERS)
    with asked.hub.engine.connect() as connection:
        return demanded(connection)


# As plain data --------------------------------------------------------------------------------------------------------


def choices_data(asked: Asked, form: str) -> list[dict[str, Any]]:
    """Raises NOT_FOUND for no form, REFUSED for one without a roster."""
    known = choices(asked.hub.catalog, form_of(asked.hub.catalog, form))
    return [{"column": name, "title": titles(field.title)} for name, field in known.items()]


def demand_data(found: Demand) -> dict[str, Any]:
    return {
        "number": found.id, "form": found.form, "unit": found.unit, "asker": found.asker, "purpose": found.purpose,
        "columns": list(found.columns), "order": list(found.order), "filters": [dict(one) for one in found.filters],
        "id_style": found.id_style, "at": from_microseconds(found.at).isoformat(), "by": found.by,
    }  # fmt: skip


def list_data(found: Demand, listed: Listed) -> dict[str, Any]:
    return {
        "number": found.id, "at": listed.at.isoformat(), "titles": [titles(title) for title in listed.titles],
        "columns": list(found.columns), "lines": [list(row) for row in listed.rows],
    }  # fmt: skip


def inventory_data(asked: Asked, rows: list[Demanded]) -> dict[str, Any]:
    """The set of forms, and what is asked for outside it."""
    forms = [
        {"form": one.id, "version": one.version, "title": titles(one.title), "number": one.number, "asked_by": one.asked_by,
         "expires": None if one.expires is None else one.expires.isoformat()}
        for one in asked.hub.catalog.forms.values()
    ]  # fmt: skip
    outside_set = [asdict(one) | {"last_at": from_microseconds(one.last_at).isoformat()} for one in rows]
    return {"forms": forms, "outside": outside_set}
