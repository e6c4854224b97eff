"""On the phone: a village cadre opens a link, types a PIN and has the village's reports; the township's clerk makes such links."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from unicodedata import category

from fastapi import APIRouter, Form, Request, Response

from hub.core.errors import YibiaoError, invalid
from hub.core.principals import PrincipalKind, Role, may_see_places
from hub.forms.appointments import principal_for
from hub.forms.units import division, villages
from hub.registry.model import Catalog
from hub.store import phone_links as links
from hub.store.engine import writing
from hub.web import messages as m
from hub.web.context import Asked, AskPage, allow, current_hub
from hub.web.language import language_of
from hub.web.pages.account import SESSION_SECONDS, led_on
from hub.web.pages.forms import Checked, back_to
from hub.web.pages.rendering import Pages
from hub.web.password_gate import in_turn
from hub.web.shown.reports import townships

router = APIRouter()


@router.get("/v/{link}")
def opened(request: Request, link: str) -> Response:
    hub = current_hub(request)
    with hub.engine.connect() as connection:
        found = links.find_link(connection, hub.vault, link)
    return _page(request, found)


@router.post("/v/{link}")
async def enter(request: Request, link: str, pin: Annotated[str, Form()] = "", again: Annotated[str, Form()] = "") -> Response:
    return await in_turn(request, lambda: _entered(request, link, pin, again))


def _entered(request: Request, link: str, pin: str, again: str) -> Response:
    hub, language = current_hub(request), language_of(request)
    with hub.engine.connect() as connection:
        found = links.find_link(connection, hub.vault, link)
    try:
        if not found.has_pin:
            if pin != again:
                return _page(request, found, m.PINS_DIFFER.text(language))
            with writing(hub.engine) as connection:
                links.choose_pin(connection, hub.vault, link, pin)
        session = links.sign_in(hub.engine, hub.vault, link, pin, hub.micros())
    except YibiaoError as error:
        return _page(request, found, error.text(language))
    return led_on(request, session, "/reports", SESSION_SECONDS)


def _page(request: Request, found: links.PhoneLink, wrong: str = "") -> Response:
    pages: Pages = request.app.state.pages
    return pages.open_page(request, "phone.html", 401 if wrong else 200, link=found, wrong=wrong, digits=links.DIGITS)


@router.get("/links")
def listed(request: Request, asked: AskPage, told: str = "") -> Response:
    return _list(request, asked, told)


@router.post("/links")
def make(
    request: Request, asked: AskPage, checked: Checked, village: Annotated[str, Form()], name: Annotated[str, Form(max_length=60)]
) -> Response:
    _allowed(asked, village)
    hub = asked.hub
    principal = replace(principal_for(hub.catalog, Role.VILLAGE, village, _name(hub.catalog, village, name)), kind=PrincipalKind.PERSON)
    with writing(hub.engine) as connection:
        clear = links.make_link(connection, hub.vault, principal, hub.micros())
    return _list(request, asked, new=str(request.url.replace(path=f"/v/{clear}", query="")))


def _name(catalog: Catalog, village: str, typed: str) -> str:
    """What stands beside all that is done by the link: what the clerk typed, and the village, so that it is nobody else's name. Raises
    INVALID for signs that cannot be seen."""
    if any(category(sign)[0] == "C" for sign in typed):
        raise invalid(m.UNSEEN_SIGNS)
    return f"{typed.strip() or village}（{division(catalog, village).title.zh}）"


@router.post("/links/{number}/end")
def end(asked: AskPage, checked: Checked, number: int) -> Response:
    with writing(asked.hub.engine) as connection:
        found = next((one for one in links.list_links(connection) if one.number == number), None)
        if found is not None:
            _allowed(asked, *found.principal.area)
            links.take_back(connection, number)
    return back_to("/links", "link_ended")


def _allowed(asked: Asked, *places: str) -> None:
    allow(asked.principal.has(Role.TOWNSHIP), asked, m.MAY_NOT_LINK)
    for place in places:
        allow(may_see_places(asked.principal, villages(asked.hub.catalog, place)), asked, m.MAY_NOT_REPORT, unit=place)


def _list(request: Request, asked: Asked, told: str = "", new: str = "") -> Response:
    allow(asked.principal.has(Role.TOWNSHIP), asked, m.MAY_NOT_LINK)
    pages: Pages = request.app.state.pages
    with asked.hub.engine.connect() as connection:
        mine = [one for one in links.list_links(connection) if may_see_places(asked.principal, one.principal.area)]
    units = [village for township in townships(asked) for village in township.villages]
    names = {unit.code: unit.name for unit in units}
    return pages.page(request, asked, "links.html", phone_links=mine, villages=units, names=names, told=told, new=new)
