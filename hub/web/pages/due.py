"""For whoever reports: what is due, how far it is, and whose turn it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request, Response

from hub.core.clock import WorkingDays
from hub.core.principals import FILLERS
from hub.forms.lifecycle import OPEN, TURNS, Standing, waits_for
from hub.forms.lifecycle_messages import STANDINGS
from hub.forms.lifecycle_messages import TURNS as TURN_WORDS
from hub.forms.working import standing_of
from hub.registry.model import Form
from hub.web.context import Asked, AskPage
from hub.web.pages.rendering import Pages
from hub.web.shown.reports import periods, townships
from hub.web.shown.work import Due, due

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Line:
    """One form and period of the list. ``days``: working days until it is due, negative where that is over; ``turns``: those that
    people wait for; ``progress``: how many of its units stand where."""

    form: Form
    period: str
    due: date
    days: int
    unit: str
    units: int
    progress: tuple[tuple[str, int], ...]
    turns: tuple[str, ...]
    late: int
    open: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Reports of one form, period and township that the reader takes on next. ``unit``: whose page shows them all."""

    form: Form
    period: str
    due: date
    unit: str
    name: str
    count: int
    late: bool


@router.get("/reports")
def page(request: Request, asked: AskPage, township: str = "") -> Response:
    pages: Pages = request.app.state.pages
    found = townships(asked)
    chosen = next((one for one in found if one.unit.code == township), found[0] if found else None)
    lines: list[Line] = []
    if chosen is not None:
        unit = chosen.unit.code if chosen.whole else chosen.villages[0].code
        lines = [_line(one, unit, asked.hub.today(), asked.language) for one in due(asked, unit)]
        lines.sort(key=lambda line: not line.turns)  # what nobody waits for any more stands below
    waiting = [] if asked.principal.has(*FILLERS) else [one for found in due(asked) for one in _waiting(asked, found)]
    forms = [(form, periods(asked, form)) for form in asked.hub.catalog.forms.values()]
    return pages.page(
        request, asked, "due.html", townships=found, chosen=chosen, forms=forms, today=asked.hub.today(), lines=lines, waiting=waiting,
    )  # fmt: skip


def _waiting(asked: Asked, found: Due) -> list[Waiting]:
    """Those that somebody who approves has before them, by township."""
    codes = asked.hub.catalog.code_lists["division"].codes
    mine = [unit for unit, work in found.units if waits_for(asked.principal, standing_of(work))]
    above = Counter(str(codes[unit].parent) if found.form.unit_level == "village" else unit for unit in mine)
    late = found.opened.due < asked.hub.today()
    return [
        Waiting(found.form, found.opened.period, found.opened.due, unit, codes[unit].title.zh, count, late)
        for unit, count in sorted(above.items())
    ]


def _line(found: Due, unit: str, today: date, language: str) -> Line:
    counts = [(standing, found.count(standing)) for standing in Standing]
    progress = tuple((STANDINGS[standing.value].text(language), count) for standing, count in counts if count)
    waited = [TURNS[standing] for standing, count in counts if count]
    turns = tuple(dict.fromkeys(TURN_WORDS[turn.value].text(language) for turn in waited if turn is not None))
    left = sum(count for standing, count in counts if standing in OPEN)
    days = WorkingDays().between(today, found.opened.due)
    return Line(
        found.form, found.opened.period, found.opened.due, days, unit, len(found.units), progress, turns, len(found.late(today)), left
    )
