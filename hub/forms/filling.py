"""Filling a report: the stored one if it was computed before, else computed now and stored.

A report is a pure function of (form version, unit, period, known number) and of the day by which values are judged to be
stale: the last day of the period, or today while the period still runs. So a finished period is computed once for ever,
a running one once a day.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from hub.core.clock import Period, from_microseconds, parse_period
from hub.core.errors import invalid, not_found
from hub.core.log import logger
from hub.core.messages import Message
from hub.forms.canonical import report_json
from hub.forms.model import BrokenRule, Cell, Report, ReportLine, SectionReport, State, Value
from hub.forms.prefill import report as compute
from hub.forms.units import check_period, villages
from hub.registry.model import Catalog, Form
from hub.store.current import known_now
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.positions import Moment
from hub.store.reports import ReportKey, StoredReport, find_report, open_content, store_report
from hub.store.view import open_view

PERIOD_AHEAD = Message("period_ahead", "{period} 还没有开始。", "{period} has not begun.")
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
        return self._content().partition(b"\n")[0]

    @property
    def report(self) -> Report:
        canonical, _, kinds = self._content().partition(b"\n")
        return _thawed(json.loads(canonical), kinds.decode(), self._catalog)


def form_of(catalog: Catalog, form: str) -> Form:
    """Raises NOT_FOUND ``form_not_found``."""
    if form not in catalog.forms:
        raise not_found(UNKNOWN_FORM, form=form)
    return catalog.forms[form]


def filled(hub: Hub, form: str, unit: str, period: str) -> Filled:
    """The same, as it is stored. Raises NOT_FOUND for a form, a unit or a period that does not fit, INVALID ``bad_period``."""
    with hub.engine.connect() as connection:
        known = known_now(connection)
        hub = hub.in_force(connection)  # read behind the number: what was published by then is what it is filled by
        found, asked = _asked(hub, form, unit, period)
        key = ReportKey(form, found.version, unit, asked.text, known)
        stored = find_report(connection, key)
    if stored is not None and _still_holds(hub, asked, stored):
        return Filled(stored.digest, key.known, lambda: open_content(hub.vault, stored), hub.catalog)
    made = _compute(hub, found, unit, asked, key.known)
    content = report_json(made) + b"\n" + _kinds(made).encode()
    digest = _digest(content)
    try:
        with writing(hub.engine) as connection:
            store_report(connection, hub.vault, key, content, digest, hub.micros())
    except SQLAlchemyError as error:  # a full disk: the report is right all the same, and computed again next time
        _log.error("report_not_stored", form=form, unit=unit, exc_info=error)
    return Filled(digest, key.known, lambda: content, hub.catalog)


def _asked(hub: Hub, form: str, unit: str, period: str) -> tuple[Form, Period]:
    """The form and the period, which fit each other and the unit."""
    found, asked = form_of(hub.catalog, form), parse_period(period)
    if (error := check_period(asked.frequency, found.frequency, asked.text)) is not None:
        raise error
    if asked.start > hub.today():
        raise invalid(PERIOD_AHEAD, period=asked.text)
    villages(hub.catalog, unit)
    return found, asked


def _still_holds(hub: Hub, period: Period, stored: StoredReport) -> bool:
    return period.end < (made := from_microseconds(stored.made_at).date()) or made == hub.today()


def _compute(hub: Hub, form: Form, unit: str, period: Period, known: int) -> Report:
    with hub.engine.connect() as connection, open_view(connection, hub.tables, Moment(period.end, known)) as view:
        return compute(connection, view, hub.catalog, form, unit, period, min(period.end, hub.today()), hub.vault.open)


def _digest(content: bytes) -> str:
    return sha256(content.partition(b"\n")[0]).hexdigest()


# Canonical JSON writes decimals and dates as text. Beside it stands one character a cell, in order, that says which.
_KINDS: Mapping[type, str] = {Decimal: "d", date: "t", tuple: "l"}


def _kinds(report: Report) -> str:
    return "".join(_KINDS.get(type(cell.value), "-") for _, cell in report.cells())


def _thawed(data: Mapping[str, Any], kinds: str, catalog: Catalog) -> Report:
    form, kind = catalog.forms[data["form"]["id"]], iter(kinds)
    sections = tuple(_section(form, section, kind) for section in data["sections"])
    rules = {rule.name: rule for rule in form.rules}
    broken = tuple(BrokenRule(rules[item["rule"]], item["line"]) for item in data["broken_rules"])
    period = parse_period(data["period"]["text"])
    return Report(form, data["unit"]["code"], data["unit"]["name"], period, date.fromisoformat(data["at"]), sections, broken)


def _section(form: Form, data: Mapping[str, Any], kinds: Iterator[str]) -> SectionReport:
    section = next(section for section in form.sections if section.name == data["name"])
    lines = tuple(
        ReportLine(
            line["number"], line["place"], tuple(_cell(line["cells"][field.name], next(kinds)) for field in section.fields),
            total=line["total"],
        )
        for line in data["lines"]
    )  # fmt: skip
    return SectionReport(section, lines, data["total_lines"])


def _cell(data: Mapping[str, Any], kind: str) -> Cell:
    as_of = None if data["as_of"] is None else date.fromisoformat(data["as_of"])
    return Cell(_value(data["value"], kind), data["text"], State(data["state"]), tuple(data["sources"]), as_of)


def _value(value: Any, kind: str) -> Value:
    match kind:
        case "d":
            return Decimal(value)
        case "t":
            return date.fromisoformat(value)
        case "l":
            return tuple(value)
    plain: Value = value
    return plain


def page_of(report: Report, offset: int, limit: int) -> Report:
    """The report with a part of each section's lines, for a page; ``total_lines`` stays."""
    sections = tuple(replace(section, lines=section.lines[offset : offset + limit]) for section in report.sections)
    return replace(report, sections=sections)
