"""Who is late, at each level: not submitted by the due date, or sent back and not submitted again; as plain text for a chat too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request, Response

from hub.core.clock import WorkingDays
from hub.core.messages import word
from hub.forms.display import period_text
from hub.forms.lifecycle import Standing
from hub.registry.model import Form
from hub.web.context import Asked, AskPage
from hub.web.pages.rendering import Pages
from hub.web.pages.texts import TEXTS
from hub.web.shown.work import Due, due

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Group:
    """The late units of one township (of a township's own report: itself alone)."""

    township: str
    missing: tuple[str, ...]
    returned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Late:
    """``days``: working days since it was due."""

    form: Form
    period: str
    due: date
    days: int
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        return sum(len(group.missing) + len(group.returned) for group in self.groups)


@router.get("/late")
def page(request: Request, asked: AskPage) -> Response:
    pages: Pages = request.app.state.pages
    found = list(late(asked))
    return pages.page(request, asked, "late.html", late=found, plain=as_text(asked, found))


def late(asked: Asked) -> Iterator[Late]:
    """What is late in the area, by due date."""
    today = asked.hub.today()
    for one in due(asked):
        units = one.late(today)
        if units:
            days = WorkingDays().between(one.opened.due, today)
            yield Late(one.form, one.opened.period, one.opened.due, days, tuple(_groups(asked, one, units)))


def _groups(asked: Asked, found: Due, units: tuple[str, ...]) -> Iterator[Group]:
    codes = asked.hub.catalog.code_lists["division"].codes
    works = dict(found.units)
    townships: dict[str, list[str]] = {}
    for unit in units:
        townships.setdefault(unit if found.form.unit_level == "township" else str(codes[unit].parent), []).append(unit)
    for township, some in sorted(townships.items()):
        returned = [unit for unit in some if (work := works[unit]) is not None and Standing(work.state) is Standing.RETURNED]
        missing = [unit for unit in some if unit not in returned]
        county = codes.get(str(codes[township].parent))
        name = f"{county.title.zh if county else ''}{codes[township].title.zh}"
        yield Group(name, tuple(codes[u].title.zh for u in missing), tuple(codes[u].title.zh for u in returned))


def as_text(asked: Asked, found: list[Late]) -> str:
    """Lines to paste into a chat: no personal data, no link."""

    def text(name: str, **values: object) -> str:
        return TEXTS[name].text(asked.language, values)

    comma = text("comma")
    lines = []
    for one in found:
        lines.append(
            text(
                "late_line",
                form=word(one.form.title, asked.language),
                period=period_text(one.period, asked.language),
                due=one.due.isoformat(),
                days=one.days,
            )
        )
        for group in one.groups:
            if group.missing:
                lines.append(text("late_missing", township=group.township, names=comma.join(group.missing)))
            if group.returned:
                lines.append(text("late_returned", township=group.township, names=comma.join(group.returned)))
    return "\n".join(lines)
