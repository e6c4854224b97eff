"""Reports filled in: pure, given what the view reads. The same view gives the same report for ever.

Rosters are in ``hub.forms.roster``, indicators in ``hub.forms.indicators``, formulas and rules in ``hub.forms.finishing``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from hub.core.clock import Period
from hub.forms.combining import combined, judged
from hub.forms.context import Context, Sealing, View, make_context
from hub.forms.finishing import finished
from hub.forms.indicators import indicator_sections
from hub.forms.model import Report, ReportLine, SectionReport
from hub.forms.roster import roster
from hub.forms.units import check_period, division, places, reporting_units
from hub.registry.model import Catalog, Form, Section, SectionKind
from hub.store.measures import Connection

__all__ = ["View", "report", "reports"]


def report(
    connection: Connection, view: View, catalog: Catalog, form: Form, unit: str, period: Period, at: date, vault: Sealing
) -> Report:  # fmt: skip
    """The form for ``unit`` (a 12-digit division code) and ``period``: of a unit above the form's level, that of its parts together.

    Arguments and errors as ``reports``.
    """
    units = reporting_units(catalog, form, unit, period.end)
    made = reports(connection, view, catalog, form, units, period, at, vault)
    return made[unit] if units == (unit,) else combined(catalog, unit, [made[one] for one in units])


def reports(
    connection: Connection, view: View, catalog: Catalog, form: Form, units: Sequence[str], period: Period, at: date, vault: Sealing
) -> dict[str, Report]:  # fmt: skip
    """The form for each of ``units``, which hold no village in common, at the cost of one for all their villages.

    ``view`` is what the hub knows at the cut-off, ``at`` the day of the cut-off (a value older than its department promised
    on that day is stale). Raises NOT_FOUND for a unit that does not exist and for a period of another frequency.
    """
    error = check_period(period.frequency, form.frequency, period.text)
    if error is not None:
        raise error
    found_places = {unit: places(catalog, unit, period.end) for unit in units}
    inside = {unit: tuple(sorted(set(some.values()))) for unit, some in found_places.items()}
    every = {place: village for some in found_places.values() for place, village in some.items()}
    context = make_context(connection, view, catalog, every, period, at, vault)
    sections = [_sections(context, form, section, inside) for section in form.sections]
    return {
        unit: judged(
            catalog, Report(form, unit, division(catalog, unit).title.zh, period, at, tuple(found[unit] for found in sections), ())
        )
        for unit in units
    }


def _sections(context: Context, form: Form, section: Section, inside: Mapping[str, Sequence[str]]) -> dict[str, SectionReport]:
    """The section of each unit, its formulas computed."""
    if section.kind is SectionKind.ROSTER:
        unit_of = {village: unit for unit, some in inside.items() for village in some}
        lines: dict[str, list[ReportLine]] = {unit: [] for unit in inside}
        for line in roster(context, section):
            lines[unit_of[line.place]].append(line)
        found = {
            unit: SectionReport(section, tuple(replace(line, number=number) for number, line in enumerate(some, 1)), len(some))
            for unit, some in lines.items()
        }
    else:
        holds = [rule.holds for rule in form.rules if rule.section == section.name]
        found = indicator_sections(context, section, inside, holds)
    return {unit: finished(context.catalog, context.parameters, one) for unit, one in found.items()}
