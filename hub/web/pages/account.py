"""Signing in and out: by name and password, or by a token.

A link with ``?token=`` signs in and leads on to a clean address; it works for as long as its token does.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from hub.core.errors import Kind, YibiaoError
from hub.core.principals import Principal
from hub.store import accounts
from hub.store.engine import writing
from hub.store.tokens import find_principal
from hub.web import messages as m
from hub.web.context import SESSION, current_hub, signed_in
from hub.web.language import language_of
from hub.web.pages.forms import Checked
from hub.web.pages.rendering import Pages
from hub.web.pages.texts import TEXTS
from hub.web.password_gate import in_turn

router = APIRouter()
SESSION_SECONDS = accounts.LASTS // 1_000_000
_TOKEN = 7 * 86_400  # seconds that a browser keeps a token; a session's cookie ends with the session


@router.get("/sign-in")
def sign_in_page(request: Request, token: str = "", next: str = "/") -> Response:
    return _by_link(request, token, next) if token else _page(request, next)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    token: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    if token.strip():
        return await run_in_threadpool(_by_token, request, token.strip(), next)
    return await in_turn(request, lambda: _by_name(request, name, password, next))


def _by_name(request: Request, name: str, password: str, next: str) -> Response:
    _check_ours(request)
    hub = current_hub(request)
    try:
        session = accounts.sign_in(hub.engine, hub.vault, name.strip(), password, hub.micros())
    except YibiaoError as error:
        return _page(request, next, wrong=error.text(language_of(request)), name=name)
    return led_on(request, session, next, SESSION_SECONDS)


@router.post("/sign-out")
def sign_out(request: Request, checked: Checked) -> Response:
    hub = current_hub(request)
    with writing(hub.engine) as connection:
        accounts.end_session(connection, hub.vault, request.cookies.get(SESSION, ""))
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(SESSION)
    return response


def _by_token(request: Request, token: str, next: str) -> Response:
    _check_ours(request)
    return _wrong_token(request, next) if _holder(request, token) is None else led_on(request, token, next, _TOKEN)


def _by_link(request: Request, token: str, next: str) -> Response:
    """Anybody may have sent the link: who is signed in as somebody else says first that he means it."""
    holder = _holder(request, token)
    if holder is None:
        return _wrong_token(request, next)
    before = signed_in(request)
    if before is None or before.principal.name == holder.name:
        return led_on(request, token, next, _TOKEN)
    pages: Pages = request.app.state.pages
    return pages.open_page(request, "sign_in_instead.html", before=before.principal.name, name=holder.name, token=token, next=_ours(next))


def _holder(request: Request, token: str) -> Principal | None:
    hub = current_hub(request)
    with hub.engine.connect() as connection:
        return find_principal(connection, hub.vault, token, hub.micros())


def _wrong_token(request: Request, next: str) -> Response:
    return _page(request, next, wrong=TEXTS["token_wrong"].text(language_of(request)), by_token=True)


def _check_ours(request: Request) -> None:
    """Raises FORBIDDEN ``csrf`` where the page of another site sent the form to whoever is signed in here: what he does next would be
    done under a name of its choice. A browser says by ``Sec-Fetch-Site`` whose page it was, and without TLS by ``Origin`` alone."""
    said = request.headers.get("sec-fetch-site")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    foreign = said == "cross-site" if said else bool(origin) and origin != request.url.netloc
    if foreign and signed_in(request) is not None:
        raise YibiaoError(Kind.FORBIDDEN, m.BAD_CSRF)


def led_on(request: Request, session: str, next: str, seconds: int) -> Response:
    """To where somebody wanted to go, with a session or token in a cookie that the browser keeps for so long."""
    response = RedirectResponse(_ours(next), 303)
    secure = request.url.scheme == "https"
    response.set_cookie(SESSION, session, max_age=seconds, httponly=True, samesite="lax", secure=secure)
    return response


def _page(request: Request, next: str, *, wrong: str = "", name: str = "", by_token: bool = False) -> Response:
    pages: Pages = request.app.state.pages
    return pages.open_page(request, "sign_in.html", 401 if wrong else 200, next=_ours(next), wrong=wrong, name=name, by_token=by_token)


def _ours(path: str) -> str:
    """An address of this site only: nobody is led away by a link to us."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path else "/"
