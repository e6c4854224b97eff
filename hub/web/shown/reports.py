"""Reports for somebody: only of units whose villages all lie in the area."""

from __future__ import annotations

from dataclasses import dataclass

from hub.core.clock import Period, period_of
from hub.core.principals import area_limit
from hub.forms.units import division, is_village, villages
from hub.registry.model import Catalog, Form
from hub.web.context import Asked


@dataclass(frozen=True)
class Unit:
    """A place that reports. ``path``: county and township, for telling villages of one name apart."""

    code: str
    name: str
    path: str


@dataclass(frozen=True)
class Township:
    unit: Unit
    villages: tuple[Unit, ...]
    whole: bool  # all its villages are in the area: the township itself may be reported


def townships(asked: Asked) -> list[Township]:
    """The townships of which the principal sees a village, by code, each with those villages."""
    catalog, limit = asked.hub.catalog, area_limit(asked.principal)
    codes = catalog.code_lists["division"].codes
    area = limit if limit is not None else tuple(code.code for code in codes.values() if is_village(code.code))
    found: dict[str, list[str]] = {}
    for village in area:
        parent = codes[village].parent if village in codes else None
        if parent is not None:
            found.setdefault(parent, []).append(village)
    return [
        Township(
            _unit(catalog, code), tuple(_unit(catalog, village) for village in sorted(inside)), set(villages(catalog, code)) <= set(inside)
        )
        for code, inside in sorted(found.items())
    ]


def periods(asked: Asked, form: Form) -> tuple[Period, Period]:
    """(the last period that is over, the one that runs): both are shown as due."""
    running = period_of(asked.hub.today(), form.frequency)
    return running.previous, running


def _unit(catalog: Catalog, code: str) -> Unit:
    found = division(catalog, code)
    above: list[str] = []
    parent = found.parent
    while parent and len(above) < 2:
        entry = catalog.code_lists["division"].codes.get(parent)
        if entry is None:
            break
        above.insert(0, entry.title.zh)
        parent = entry.parent
    return Unit(code, found.title.zh, " ".join(above))
