"""Corrections: for the department to answer, for townships to follow, for the data bureau to count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from hub.core.errors import Kind, YibiaoError, invalid
from hub.core.principals import Role
from hub.forms import correcting
from hub.web import answers
from hub.web import messages as m
from hub.web.context import Asked, AskPage
from hub.web.pages.forms import Checked
from hub.web.pages.rendering import Pages
from hub.web.problems import STATUS
from hub.web.shown import corrections as shown
from hub.web.shown.values import department_name
from hub.web.words import Words

router = APIRouter()
_LINES = 50
Which = Literal["open", "answered", "all"]


@dataclass(frozen=True, slots=True)
class Told:
    """How an answer went. ``chosen`` and ``reason``: what was sent, to be sent again; ``refusals``: (number or 0, why)."""

    done: int
    refusals: tuple[tuple[int, YibiaoError], ...]
    chosen: frozenset[int] = frozenset()
    reason: str = ""


@router.get("/corrections")
def corrections(request: Request, asked: AskPage, state: Which = "open", cursor: str = "") -> Response:
    return _page(request, asked, state, cursor)


@router.post("/corrections")
def answer(
    request: Request, asked: AskPage, checked: Checked, answer: Annotated[Literal["accept", "reject"], Form()],
    ids: Annotated[list[int], Form()] = [],  # noqa: B006 - what a form without the field means
    reason: Annotated[Words, Form(max_length=2_000)] = "",
) -> Response:  # fmt: skip
    """Answer those that were chosen. What cannot be answered is told on the same page, with the choice and the reason kept."""
    try:
        if not ids:
            raise invalid(m.NO_CORRECTION_CHOSEN)
        done = correcting.answer(asked.hub, asked.principal, ids, answer == "accept", reason)
    except YibiaoError as error:
        if error.kind is not Kind.INVALID:
            raise
        return _page(request, asked, "open", "", Told(0, ((0, error),), frozenset(ids), reason), STATUS[error.kind])
    refusals = tuple((one.id, one.error) for one in done if one.error is not None)
    return _page(request, asked, "open", "", Told(len(done) - len(refusals), refusals))


def _page(request: Request, asked: Asked, state: Which, cursor: str, told: Told | None = None, status: int = 200) -> Response:
    pages: Pages = request.app.state.pages
    found = shown.queue(asked, state, answers.read_cursor(cursor or None) or 0, _LINES)
    following = answers.write_cursor(found[-1].objection.id) if len(found) == _LINES else ""
    mine = asked.principal.departments if asked.principal.has(Role.DEPARTMENT) else ()
    response = pages.page(
        request, asked, "corrections.html", queue=found, next=following, state=state, told=told, states=tuple(shown.CHOICES),
        counts=shown.counts(asked) if asked.principal.has(Role.BUREAU) else [], answers=frozenset(
            one.objection.id for one in found if one.objection.about.department in mine and one.objection.answered_at is None
        ),
        department=lambda name: department_name(asked.hub.catalog, name), what=lambda one: shown.kind_text(one, asked.language),
        stands=lambda one: shown.state_text(one, asked.language), state_name=lambda name: shown.state_name(name, asked.language),
        says=lambda error: error.text(asked.language), asked_on=shown.day_of,
    )  # fmt: skip
    response.status_code = status
    return response
