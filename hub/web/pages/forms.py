"""What pages that change something share: the form token, and going back with a word."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from hub.core.errors import Kind, YibiaoError
from hub.web import messages as m
from hub.web.context import AskPage, sent_by_page


def checked(request: Request, asked: AskPage, form_token_sent: Annotated[str, Form(alias="form_token")] = "") -> None:
    """Raises FORBIDDEN ``csrf`` for a form that this session's page did not give."""
    if not sent_by_page(request, form_token_sent):
        raise YibiaoError(Kind.FORBIDDEN, m.BAD_CSRF)


Checked = Annotated[None, Depends(checked)]


def back_to(path: str, told: str = "") -> Response:
    """To the page again, which then says what was done."""
    return RedirectResponse(f"{path}?told={told}" if told else path, 303)
