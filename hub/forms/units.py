"""Units of report and their villages, from the tree of divisions."""

from __future__ import annotations

from hub.core.errors import YibiaoError, not_found
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
    """The lowest divisions below a unit, sorted by code; a village is its own only one. Raises as ``division``."""
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


def reporting_units(catalog: Catalog, form: Form, unit: str) -> tuple[str, ...]:
    """The units at the form's level whose reports make up that of ``unit``, sorted by code; the unit itself where it stands at that
    level or below. Raises as ``division``."""
    found = villages(catalog, unit)
    if found == (unit,) or form.unit_level == "village":
        return found
    codes = catalog.code_lists[_LIST].codes
    townships = tuple(sorted({str(codes[village].parent) for village in found}))
    return (unit,) if len(townships) == 1 else townships


def check_period(frequency: str, expected: str, period: str) -> YibiaoError | None:
    """The error for a period of another frequency than the form's."""
    return None if frequency == expected else not_found(m.OTHER_FREQUENCY, period=period, frequency=expected)
