"""Reading the objections that reports show: those that are open, those answered since the period began, as each report had seen them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy import Connection

from hub.core.clock import CITY, Period, microseconds
from hub.forms.lifecycle import OPEN, Standing
from hub.forms.model import Report
from hub.forms.objections import Raised, elements_of, raised
from hub.registry.model import Catalog, Form
from hub.store.hub import Hub
from hub.store.objections import any_standing, standing
from hub.store.work import Work, submitted_by


def raised_in(
    connection: Connection, hub: Hub, form: Form, period: Period, works: Mapping[str, Work], reports: Mapping[str, Report]
) -> dict[str, Raised]:
    """What is objected to in each of these computed reports, by unit. One that was submitted shows what it had seen by then. Where
    nothing is objected to anywhere this is one look at an index."""
    since = raised_since(period)
    if not reports or not any_standing(connection, since):
        return {}
    found = standing(connection, hub.vault, form_elements(hub.catalog, form), subjects_of(reports), since)
    gone = [unit for unit in reports if unit in works and Standing(works[unit].state) not in OPEN]
    seen = submitted_by(connection, form.id, period.text, gone) if gone and found else {}
    now = raised(found)
    return {unit: raised(found, seen[unit]) if unit in seen else now for unit in reports}


def raised_since(period: Period) -> int:
    """From when on answers still show in reports of the period: microseconds since 1970 in UTC."""
    return microseconds(datetime.combine(period.start, time(), CITY))


def subjects_of(reports: Mapping[str, Report]) -> set[int]:
    """Everybody and everything that some line or value of the reports is of."""
    lines = [line for report in reports.values() for section in report.sections for line in section.lines]
    found = {cell.subject for line in lines for cell in line.cells} | {line.subject for line in lines}
    return {subject for subject in found if subject is not None}


def form_elements(catalog: Catalog, form: Form) -> set[str]:
    """The elements to whose values somebody can object in a form."""
    return {element.name for section in form.sections for element in elements_of(catalog, section).values()}
