"""Signing in and out. A link with ``?token=`` signs in and leads on to a clean address; it works for as long as its token does."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from hub.store.tokens import find_principal
from hub.web.context import SESSION, current_hub
from hub.web.pages.forms import Checked
from hub.web.pages.rendering import Pages

router = APIRouter()
_DAYS = 7


@router.get("/sign-in")
def sign_in_page(request: Request, token: str = "", next: str = "/") -> Response:
    if token:
        return _signed_in(request, token, next)
    return _page(request, next, wrong=False)


@router.post("/sign-in")
def sign_in(request: Request, token: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/") -> Response:
    return _signed_in(request, token.strip(), next)


@router.post("/sign-out")
def sign_out(checked: Checked) -> Response:
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(SESSION)
    return response


def _signed_in(request: Request, token: str, next: str) -> Response:
    hub = current_hub(request)
    with hub.engine.connect() as connection:
        principal = find_principal(connection, hub.vault, token, hub.micros())
    if principal is None:
        return _page(request, next, wrong=True)
    response = RedirectResponse(_ours(next), 303)
    secure = request.url.scheme == "https"
    response.set_cookie(SESSION, token, max_age=_DAYS * 86_400, httponly=True, samesite="lax", secure=secure)
    return response


def _page(request: Request, next: str, *, wrong: bool) -> Response:
    pages: Pages = request.app.state.pages
    return pages.open_page(request, "sign_in.html", 401 if wrong else 200, next=_ours(next), wrong=wrong)


def _ours(path: str) -> str:
    """An address of this site only: nobody is led away by a link to us."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path else "/"
