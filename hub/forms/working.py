"""Reports as they are worked on: opening a period, what stands in a report now, and what must hold before anything changes it.

What is typed is saved in ``saving``, the acts that take a report on are in ``acting``; both ask here whether the report is open, of a
unit in the person's area, and the person one who fills in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from hub.core.clock import Period, WorkingDays
from hub.core.errors import Kind, YibiaoError, invalid, not_found, refused
from hub.core.principals import FILLERS, Principal, Role, may_see_places
from hub.forms import lifecycle_messages as m
from hub.forms.combining import combined
from hub.forms.edits import Typed, folded, worked
from hub.forms.filling import Filled, asked_for, filled_units
from hub.forms.frozen import read_frozen
from hub.forms.layouts import in_one_layout
from hub.forms.lifecycle import OPEN, Standing, check_lawful, due_dates, locked
from hub.forms.model import Report
from hub.forms.objections import Raised, objected
from hub.forms.raised import raised_in
from hub.forms.units import check_stands, division, reporting_units, stands, villages
from hub.registry.model import Catalog, Form
from hub.store import work as ledger
from hub.store.edits import edits_of
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.work import OpenPeriod, Step, Work

_YEARS_BACK = 10


@dataclass(frozen=True)
class Worked:
    """One report as it stands: ``base`` is what departments say (``seen``: its digest), ``report`` with what people made of it."""

    unit: str
    work: Work | None  # None: nobody has touched it
    base: Report
    seen: str
    known: int
    typed: Typed
    report: Report
    last_edit: int = 0  # the number of the newest edit that it holds

    @property
    def standing(self) -> Standing:
        return standing_of(self.work)


def standing_of(work: Work | None) -> Standing:
    """Where a report stands; one that nobody touched is a draft."""
    return Standing.DRAFT if work is None else Standing(work.state)


def open_period(hub: Hub, principal: Principal, form: str, period: str) -> OpenPeriod:
    """Ask every unit for the form. Opening it twice changes nothing. Raises FORBIDDEN, REFUSED for a form that may be refused, INVALID for a period that has
    not begun or was long ago: a slip of the pen would stand in everybody's list for good."""
    if not principal.has(Role.BUREAU):
        raise YibiaoError(Kind.FORBIDDEN, m.MAY_NOT_OPEN, principal=principal.name)
    found, asked = asked_for(hub, form, period)
    check_lawful(found, hub.today())
    if asked.start.year < hub.today().year - _YEARS_BACK:
        raise invalid(m.PERIOD_LONG_AGO, period=asked.text, years=_YEARS_BACK)
    due, closes = due_dates(found, asked, WorkingDays())
    with writing(hub.engine) as connection:
        ledger.open_period(connection, OpenPeriod(form, asked.text, due, closes, hub.micros(), principal.name))
        opened = ledger.find_period(connection, form, asked.text)
    assert opened is not None
    return opened


def look(hub: Hub, form: str, period: str, units: Collection[str]) -> dict[str, Worked]:
    """The reports of these units of the form's level as they stand. Raises as ``filling.filled``."""
    found, asked = asked_for(hub, form, period)
    with hub.engine.connect() as connection:
        works = ledger.find_work(connection, form, asked.text, units)
        last = ledger.last_edits(connection, form, asked.text, units)  # read first: a newer edit is then seen as one that came since
        edits = edits_of(connection, hub.vault, form, asked.text, units)
        closed = [unit for unit, work in works.items() if work.state == Standing.FROZEN]
        kept = read_frozen(connection, hub.vault, hub.catalog, form, asked.text, closed)
    known = {unit: works[unit].known if unit in works else None for unit in units if unit not in kept}
    bases = filled_units(hub, form, known, asked.text) if known else {}
    reports = {unit: base.report for unit, base in bases.items()}
    with hub.engine.connect() as connection:
        against = raised_in(connection, hub, found, asked, works, reports)
    return {
        unit: _frozen(works[unit], kept[unit])
        if unit in kept
        else _worked(hub, works.get(unit), bases[unit], reports[unit], folded(edits[unit]), last.get(unit, 0), against.get(unit, Raised()))
        for unit in units
    }


def _worked(hub: Hub, work: Work | None, filled: Filled, base: Report, typed: Typed, last_edit: int, against: Raised) -> Worked:
    report = objected(hub.catalog, worked(hub.catalog, base, typed), against)
    return Worked(base.unit, work, base, filled.digest, filled.known, typed, report, last_edit)


def _frozen(work: Work, report: Report) -> Worked:
    return Worked(work.unit, work, report, work.digest or "", work.known or 0, Typed(), report)


def opened_period(connection: Connection, form: Form, period: Period) -> OpenPeriod:
    """The open period. Raises REFUSED ``period_not_opened``."""
    opened = ledger.find_period(connection, form.id, period.text)
    if opened is None:
        raise not_opened(form, period)
    return opened


def not_opened(form: Form, period: Period) -> YibiaoError:
    """What is said where a period was not opened."""
    return refused(m.NOT_OPENED, form_zh=form.title.zh, form_en=form.title.en, period=period.text)


def check_open(last: date | None, work: Work, today: date) -> None:
    """``last``: the period's last day. Raises REFUSED in one of four sentences, each with who can open it, where the report cannot be
    filled in."""
    standing = Standing(work.state)
    if standing not in OPEN:
        raise locked(standing)
    closes = None if last is None else max(filter(None, (last, work.extended)))
    if closes is not None and today > closes:
        raise refused(m.CLOSED_LATE, closes=closes.isoformat())


def check_area(catalog: Catalog, principal: Principal, unit: str) -> None:
    """Raises FORBIDDEN ``outside_area``."""
    if not may_see_places(principal, villages(catalog, unit)):
        raise YibiaoError(Kind.FORBIDDEN, m.OUTSIDE, unit=unit, name=division(catalog, unit).title.zh)


def check_filler(principal: Principal) -> None:
    """Raises FORBIDDEN ``may_not_fill``: approvers and departments change no figure."""
    if not principal.has(*FILLERS):
        raise YibiaoError(Kind.FORBIDDEN, m.MAY_NOT_FILL, principal=principal.name)


def is_unit(catalog: Catalog, form: Form, unit: str, day: date) -> bool:
    """Whether the unit reports the form itself for a period that ends on the day. Raises NOT_FOUND for no division."""
    if villages(catalog, unit) == (unit,):
        return form.unit_level == "village" and stands(catalog, unit, day)
    return form.unit_level == "township" and reporting_units(catalog, form, unit, day) == (unit,)


def check_unit(catalog: Catalog, form: Form, unit: str, day: date) -> None:
    """Raises NOT_FOUND for a unit that does not report the form itself, or is none; REFUSED for one that became another by the day."""
    if form.unit_level == "village" and villages(catalog, unit) == (unit,):
        check_stands(catalog, unit, day)
    if not is_unit(catalog, form, unit, day):
        raise not_found(m.NOT_THIS_LEVEL, unit=unit, name=division(catalog, unit).title.zh)


def steps(hub: Hub, form: str, period: str, unit: str) -> list[Step]:
    """All that was done with a report, oldest first."""
    with hub.engine.connect() as connection:
        return ledger.steps_of(connection, hub.vault, form, period, unit)


def alike(form: Form, parts: Sequence[Worked]) -> tuple[Worked, ...]:
    """The reports in one layout, that of the form in force: some may have been frozen in an earlier version of it."""
    bases, reports = in_one_layout([part.base for part in parts], form), in_one_layout([part.report for part in parts], form)
    return tuple(replace(part, base=base, report=report) for part, base, report in zip(parts, bases, reports, strict=True))


def whole(hub: Hub, unit: str, parts: Sequence[Worked]) -> Report:
    """The report of ``unit``, of which ``parts`` are all: its own, or theirs together."""
    if len(parts) == 1 and parts[0].unit == unit:
        return parts[0].report
    return combined(hub.catalog, unit, [part.report for part in parts])
