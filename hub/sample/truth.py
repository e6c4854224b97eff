"""The truth ledger: which faults are planted, which conflicts must stand at the end, and what every cell of the six forms holds.

Cells are Python values free of display: codes as text, dates, money as integer fen, rates as Decimal, True and False, None
for blank and for what only people on the spot can enter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypedDict

from hub.sample import truth_indicators, truth_rosters
from hub.sample.city import City
from hub.sample.deliver import place_of
from hub.sample.faults import Fault
from hub.sample.known import Known


class Line(TypedDict):
    """One line of a report: its key (certificate number, citizen id, village code, or "total") and its cells by official title."""

    line_key: str
    cells: dict[str, Any]


Report = dict[str, list[Line]]
_FORMS: Mapping[str, tuple[str, Callable[[Known, str, date, date], list[tuple[str, dict[str, Any]]]]]] = {
    "low-income-roster": ("roster", truth_rosters.low_income),
    "elderly-roster": ("roster", truth_rosters.elderly),
    "disability-subsidy-roster": ("roster", truth_rosters.disability_subsidy),
    "school-age-children-roster": ("roster", truth_rosters.school_age_children),
    "insurance-by-village": ("insurance", truth_indicators.insurance_by_village),
    "village-basics": ("basics", truth_indicators.village_basics),
}
FORMS = tuple(_FORMS)


def report(city: City, form: str, unit: str, period_start: date, period_end: date, known: Known | None = None) -> Report:
    """What a prefilled report should hold: ``{section: lines}`` with the form's one section (roster, insurance, basics).

    ``unit``: 12-digit code, a village (village-basics also a township: its roll-up), for insurance-by-village a township.
    The state is that of the last delivery whose business date is not after ``period_end`` (the first, if none is).
    ``known`` may be passed to use one state for several reports. Raises KeyError for another form.
    """
    section, lines = _FORMS[form]
    if known is None:
        known = Known(city, 2 if period_end >= city.second else 1)
    return {section: [Line(line_key=key, cells=cells) for key, cells in lines(known, unit, period_start, period_end)]}


def conflicts(city: City) -> list[tuple[str, str]]:
    """(citizen id, element) of every value conflict that must stand after the second delivery; no other may."""
    return sorted((fault.person, fault.element) for fault in city.faults if fault.kind == "conflict")


def broken_rules(city: City) -> list[tuple[str, str]]:
    """(citizen id, rule) of every consistency rule that a record must be found to break after the second delivery."""
    return sorted((fault.person, fault.rule) for fault in city.faults if fault.kind == "rule")


def held(city: City, contract: str, delivery: int) -> dict[int, Fault]:
    """Record number (1-based, in the order of the export) -> the fault for which it must be held back; no other record may be."""
    places = place_of(city, contract, delivery)
    return {number: fault for key, fault in city.faults_of(contract, delivery).items() for number in places[key]}
