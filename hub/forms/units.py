"""Units of report and their villages, from the tree of divisions; and what became of those that were merged or renamed.

A place that was merged or renamed reports for the last time for the period before; from then on its people and its earlier reports are
its successor's. A place that was split reports on until its department says who lives where: nobody is lost meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from hub.core.errors import YibiaoError, not_found, refused
from hub.forms import messages as m
from hub.registry.model import Catalog, Code, Form

_LIST = "division"


def division(catalog: Catalog, code: str) -> Code:
    """The division; raises NOT_FOUND ``unknown_unit``."""
    found = catalog.code_lists[_LIST].codes.get(code) if _LIST in catalog.code_lists else None
    if found is None:
        raise not_found(m.UNKNOWN_UNIT, unit=code)
    return found


def is_village(code: str) -> bool:
    """Whether the code is one of the lowest level: the list has the counties of the whole country, and the villages of the city alone."""
    return len(code) == 12 and code[9:] != "000"


def villages(catalog: Catalog, unit: str) -> tuple[str, ...]:
    """The lowest divisions below a unit, those of the past among them, sorted by code; a village is its own only one. Raises as
    ``division``."""
    division(catalog, unit)
    below = catalog.divisions_below
    found: list[str] = []
    waiting = [unit]
    while waiting:
        code_here = waiting.pop()
        children = below.get(code_here)
        if children:
            waiting.extend(children)
        else:
            found.append(code_here)
    return tuple(sorted(found))


def current(catalog: Catalog, code: str, day: date) -> str:
    """The place that stands for ``code`` on a day: itself, or the one that it was merged into or renamed to, however often."""
    passed = {code}
    while (one := catalog.successions.get(code)) is not None and one.since <= day and len(one.new) == 1 and one.new[0] not in passed:
        code = one.new[0]
        passed.add(code)
    return code


def stands(catalog: Catalog, code: str, day: date) -> bool:
    """Whether a place reports for a period that ends on the day: it was not succeeded by then, and was there already."""
    entry = division(catalog, code)
    return current(catalog, code, day) == code and (entry.valid_from is None or entry.valid_from <= day)


def places(catalog: Catalog, unit: str, day: date) -> Mapping[str, str]:
    """Every place whose people are the unit's on a day, with the village that stands for it: the unit's villages, and those that were
    merged into them. Raises as ``division``."""
    mine = [code for code in villages(catalog, unit) if stands(catalog, code, day)]
    found = {code: code for code in mine}
    for old in catalog.successions:
        if (now := current(catalog, old, day)) != old and now in found:
            found[old] = now
    return found


def predecessors(catalog: Catalog, unit: str, day: date) -> tuple[str, ...]:
    """The units that became this one by the day, sorted by code; empty for one that always was itself."""
    return tuple(sorted(old for old in catalog.successions if old != unit and current(catalog, old, day) == unit))


def reporting_units(catalog: Catalog, form: Form, unit: str, day: date) -> tuple[str, ...]:
    """The units at the form's level whose reports make up that of ``unit`` for a period that ends on the day, sorted by code; the unit
    itself where it stands at that level or below. Raises as ``division``, and REFUSED ``unit_succeeded``, ``unit_not_yet``."""
    found = villages(catalog, unit)
    if found == (unit,):
        check_stands(catalog, unit, day)
        return found
    found = tuple(code for code in found if stands(catalog, code, day))
    if form.unit_level == "village":
        return found
    codes = catalog.code_lists[_LIST].codes
    townships = tuple(sorted({str(codes[village].parent) for village in found}))
    return (unit,) if len(townships) == 1 else townships


def widened(catalog: Catalog, area: Sequence[str]) -> tuple[str, ...]:
    """An area with the new places that parts of it become or will become: one is in the area of those who had all that it is made of."""
    if not catalog.successions:
        return tuple(area)
    key = (widened, tuple(area))
    if key not in catalog.kept:
        catalog.kept[key] = _widened(catalog, area)
    found: tuple[str, ...] = catalog.kept[key]
    return found


def _widened(catalog: Catalog, area: Sequence[str]) -> tuple[str, ...]:
    held = set(area)
    for new in {current(catalog, old, date.max) for old in catalog.successions} - held:
        olds, entry = predecessors(catalog, new, date.max), division(catalog, new)
        first = min((catalog.successions[old].since for old in olds), default=date.max)
        if olds and set(olds) <= held and entry.valid_from is not None and entry.valid_from >= first:
            held.add(new)
    return tuple(sorted(held))


def check_stands(catalog: Catalog, unit: str, day: date) -> None:
    """Raises REFUSED in words that name the successor and the day, or the day from which a place is there."""
    entry = division(catalog, unit)
    if (now := current(catalog, unit, day)) != unit:
        since = catalog.successions[unit].since.isoformat()
        raise refused(m.UNIT_SUCCEEDED, name=entry.title.zh, unit=unit, since=since, now=division(catalog, now).title.zh, code=now)
    if entry.valid_from is not None and entry.valid_from > day:
        raise refused(m.UNIT_NOT_YET, name=entry.title.zh, unit=unit, since=entry.valid_from.isoformat())


def check_period(frequency: str, expected: str, period: str) -> YibiaoError | None:
    """The error for a period of another frequency than the form's."""
    return None if frequency == expected else not_found(m.OTHER_FREQUENCY, period=period, frequency=expected)
