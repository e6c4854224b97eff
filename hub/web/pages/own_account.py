"""One's own account: when it was signed in to, and its password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from hub.core.clock import from_microseconds
from hub.core.errors import Kind, YibiaoError
from hub.store import own_account
from hub.web import messages as m
from hub.web.context import SESSION, Asked, AskPage
from hub.web.pages.forms import Checked, back_to
from hub.web.pages.rendering import Pages
from hub.web.password_gate import in_turn

router = APIRouter()


@router.get("/account")
def page(request: Request, asked: AskPage, told: str = "") -> Response:
    return _page(request, asked, told=told)


@router.post("/account")
async def change(
    request: Request,
    asked: AskPage,
    checked: Checked,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    return await in_turn(request, lambda: _changed(request, asked, old, new, again))


def _changed(request: Request, asked: Asked, old: str, new: str, again: str) -> Response:
    if new != again:
        return _page(request, asked, wrong=m.PASSWORDS_DIFFER.text(asked.language), at_old=False)
    hub = asked.hub
    try:
        own_account.change_own_password(hub.engine, hub.vault, request.cookies.get(SESSION, ""), old, new, hub.micros())
    except YibiaoError as error:
        if error.kind is not Kind.INVALID:
            raise
        return _page(request, asked, wrong=error.text(asked.language), at_old=error.code == own_account.OLD_PASSWORD_WRONG.code)
    return back_to("/account", "password_changed")


def _page(request: Request, asked: Asked, *, told: str = "", wrong: str = "", at_old: bool = False) -> Response:
    """``at_old``: it is the old password that was wrong, and not the new one."""
    pages: Pages = request.app.state.pages
    hub = asked.hub
    with hub.engine.connect() as connection:
        own = own_account.own_account(connection, hub.vault, request.cookies.get(SESSION, ""), hub.micros())
    moments = {} if own is None else {
        name: None if at is None else from_microseconds(at)
        for name, at in (("signed_in_last", own.signed_in_at), ("signed_in_before", own.signed_in_before), ("sign_in_failed", own.failed_at))
    }  # fmt: skip
    return pages.page(
        request, asked, "account.html", 422 if wrong else 200, own=own, moments=moments, told=told, wrong=wrong, at_old=at_old
    )
