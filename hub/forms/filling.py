"""Filling reports: the stored ones if they were computed before, else computed now and stored.

A report is a pure function of (form version, unit, period, known number) and of the day by which values are judged to be
stale: the last day of the period, or today while the period still runs. So a finished period is computed once for ever,
a running one once a day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.exc import SQLAlchemyError

from hub.core.clock import Period, from_microseconds, parse_period
from hub.core.errors import invalid, not_found
from hub.core.log import logger
from hub.core.messages import Message
from hub.core.remembering import Remembering
from hub.forms.canonical import report_json
from hub.forms.combining import combined
from hub.forms.model import Report
from hub.forms.prefill import reports as compute
from hub.forms.stored import canonical_part, packed, unpacked
from hub.forms.units import check_period, reporting_units
from hub.registry.model import Catalog, Form
from hub.store.current import known_now
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.positions import Moment
from hub.store.reports import ReportKey, StoredReport, content_of, find_reports, store_report
from hub.store.view import open_view

PERIOD_AHEAD = Message("period_ahead", "{period} 还没有开始（今天是 {today}）。", "{period} has not begun (today is {today}).")
UNKNOWN_FORM = Message("form_not_found", "没有名为 {form} 的表。", "There is no form {form}.")

_log = logger(__name__)


@dataclass(frozen=True)
class Filled:
    """A report as bytes: its canonical JSON and its digest. ``report`` gives it as data for pages and workbooks."""

    digest: str
    known: int
    _content: Callable[[], bytes]
    _catalog: Catalog

    @property
    def json(self) -> bytes:
        return canonical_part(self._content())

    @property
    def report(self) -> Report:
        return unpacked(self._content(), self._catalog)


def form_of(catalog: Catalog, form: str) -> Form:
    """Raises NOT_FOUND ``form_not_found``."""
    if form not in catalog.forms:
        raise not_found(UNKNOWN_FORM, form=form)
    return catalog.forms[form]


def filled(hub: Hub, form: str, unit: str, period: str) -> Filled:
    """The report of ``unit``: its own, or that of its parts together. Raises NOT_FOUND for a form, a unit or a period that does not
    fit, INVALID ``bad_period``."""
    with hub.engine.connect() as connection:
        hub = hub.in_force(connection)
    found, asked = asked_for(hub, form, period)
    units = reporting_units(hub.catalog, found, unit, asked.end)
    parts = filled_units(hub, form, dict.fromkeys(units), period)
    if units == (unit,):
        return parts[unit]
    whole = combined(hub.catalog, unit, [part.report for part in parts.values()])
    content = packed(whole)
    return Filled(digest_of(content), max(part.known for part in parts.values()), lambda: content, hub.catalog)


def filled_units(hub: Hub, form: str, units: Mapping[str, int | None], period: str) -> dict[str, Filled]:
    """The reports of several units of the form's level, each as of the known number given (None: now), at the cost of one where none
    was computed before. Raises as ``filled``."""
    with hub.engine.connect() as connection:
        now = known_now(connection)
        hub = hub.in_force(connection)  # read behind the number: what was published by then is what it is filled by
        found, asked = asked_for(hub, form, period)
        keys = {unit: ReportKey(form, found.version, unit, asked.text, now if known is None else known) for unit, known in units.items()}
        stored = find_reports(connection, keys.values())
    known = {key.unit: key.known for key in keys.values()}
    there = {unit: stored[key] for unit, key in keys.items() if key in stored and _still_holds(hub, asked, stored[key])}
    made = {
        unit: content
        for moment in sorted({known[unit] for unit in units if unit not in there})
        for unit, content in _made(hub, found, [one for one in units if one not in there and known[one] == moment], asked, moment).items()
    }
    return {unit: _stored(hub, there[unit], known[unit]) if unit in there else _fresh(hub, made[unit], known[unit]) for unit in units}


def report_at(hub: Hub, form: str, unit: str, period: str, known: int) -> Report:
    """The report of one unit of the form's level as data, of what is known now (``known_now``), remembered in the process. Raises as
    ``filled``."""
    key = (str(hub.engine.url), hub.mark, form, unit, period, known, hub.today())
    return _reports.get(key, lambda: filled_units(hub, form, {unit: None}, period)[unit].report)


_reports: Remembering[Report] = Remembering(256)


def _stored(hub: Hub, stored: StoredReport, known: int) -> Filled:
    return Filled(stored.digest, known, lambda: content_of(hub.vault, stored), hub.catalog)


def _fresh(hub: Hub, content: bytes, known: int) -> Filled:
    return Filled(digest_of(content), known, lambda: content, hub.catalog)


def asked_for(hub: Hub, form: str, period: str) -> tuple[Form, Period]:
    """The form and the period, which fit each other. Raises NOT_FOUND, INVALID ``bad_period`` and ``period_ahead``."""
    found, asked = form_of(hub.catalog, form), parse_period(period)
    if (error := check_period(asked.frequency, found.frequency, asked.text)) is not None:
        raise error
    if asked.start > hub.today():
        raise invalid(PERIOD_AHEAD, period=asked.text, today=hub.today())
    return found, asked


def _still_holds(hub: Hub, period: Period, stored: StoredReport) -> bool:
    return period.end < (made := from_microseconds(stored.made_at).date()) or made == hub.today()


def _made(hub: Hub, form: Form, units: Sequence[str], period: Period, known: int) -> dict[str, bytes]:
    """Computed in one pass, and stored."""
    with hub.engine.connect() as connection, open_view(connection, hub.tables, Moment(period.end, known)) as view:
        made = compute(connection, view, hub.catalog, form, units, period, min(period.end, hub.today()), hub.vault)
    contents = {unit: packed(report) for unit, report in made.items()}
    try:
        with writing(hub.engine) as connection:
            for unit, content in contents.items():
                key = ReportKey(form.id, form.version, unit, period.text, known)
                store_report(connection, hub.vault, key, content, digest_of(content), hub.micros())
    except SQLAlchemyError as error:  # a full disk: the report is right all the same, and computed again next time
        _log.error("report_not_stored", form=form.id, units=len(units), exc_info=error)
    return contents


def digest_of(content: bytes) -> str:
    """SHA-256 of the canonical JSON in stored bytes, in hex."""
    return sha256(canonical_part(content)).hexdigest()


def report_digest(report: Report) -> str:
    """The same, of a report."""
    return sha256(report_json(report)).hexdigest()
