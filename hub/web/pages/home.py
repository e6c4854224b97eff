"""The first page: what a principal can open."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from hub.web.context import SESSION, AskPage
from hub.web.pages.rendering import Pages

router = APIRouter()


@router.get("/")
def home(request: Request, token: str = "") -> Response:
    if token:
        return RedirectResponse(f"/sign-in?token={token}", 303)
    if SESSION not in request.cookies:
        return RedirectResponse("/sign-in", 303)
    return RedirectResponse("/home", 303)


@router.get("/home")
def home_page(request: Request, asked: AskPage) -> Response:
    pages: Pages = request.app.state.pages
    return pages.page(request, asked, "home.html")
