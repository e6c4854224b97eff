"""The first page: what a principal can open."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from hub.core.principals import REPORTERS
from hub.web.context import AskPage, signed_in
from hub.web.pages.rendering import Pages

router = APIRouter()


@router.get("/")
def home(request: Request, token: str = "") -> Response:
    if token:
        return RedirectResponse(f"/sign-in?token={token}", 303)
    asked = signed_in(request)
    if asked is None:
        return RedirectResponse("/sign-in", 303)
    return RedirectResponse("/reports" if asked.principal.has(*REPORTERS) else "/home", 303)  # the clerk's page is the clerk's work


@router.get("/home")
def home_page(request: Request, asked: AskPage) -> Response:
    pages: Pages = request.app.state.pages
    return pages.page(request, asked, "home.html")
