"""For the data bureau: opening the periods of the one set of forms. A form that may be refused says so, and cannot be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Form as Sent

from hub.core.clock import Period, period_of
from hub.core.errors import YibiaoError
from hub.core.principals import may_define
from hub.forms import working
from hub.forms.lifecycle import check_lawful
from hub.registry.model import Form
from hub.store import work as ledger
from hub.store.work import OpenPeriod
from hub.web import messages as m
from hub.web.context import Asked, AskPage, allow
from hub.web.pages.forms import Checked, back_to
from hub.web.pages.rendering import Pages

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Line:
    """``refusal``: why the form cannot be opened; None where it can."""

    form: Form
    refusal: YibiaoError | None
    periods: tuple[tuple[Period, OpenPeriod | None], ...]


@router.get("/periods")
def page(request: Request, asked: AskPage, told: str = "") -> Response:
    allow(may_define(asked.principal), asked, m.NOT_FOR_OTHERS)
    pages: Pages = request.app.state.pages
    lines = [_line(asked, form) for form in asked.hub.catalog.forms.values()]
    says = {line.form.id: line.refusal.text(asked.language) for line in lines if line.refusal is not None}
    return pages.page(request, asked, "periods.html", lines=lines, told=told, says=says)


@router.post("/periods")
def open_one(asked: AskPage, checked: Checked, form: Annotated[str, Sent()], period: Annotated[str, Sent()]) -> Response:
    working.open_period(asked.hub, asked.principal, form, period)
    return back_to("/periods", "period_opened")


def _line(asked: Asked, form: Form) -> Line:
    running = period_of(asked.hub.today(), form.frequency)
    with asked.hub.engine.connect() as connection:
        periods = tuple((one, ledger.find_period(connection, form.id, one.text)) for one in (running.previous, running))
    return Line(form, refusal_of(asked, form), periods)


def refusal_of(asked: Asked, form: Form) -> YibiaoError | None:
    """Why whoever is asked for the form may refuse it (Statistics Law, art. 17); None for a lawful one."""
    try:
        check_lawful(form, asked.hub.today())
    except YibiaoError as error:
        return error
    return None
