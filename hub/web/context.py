"""What every route is given: the hub as it is now, and who asks.

A token comes as ``Authorization: Bearer``. A page's cookie, readable by no script, holds the session of somebody who signed in by
name and password, or a token: then taking the token back ends it. Only pages take changes by cookie, and only with the form
token that the page carries.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Request

from hub.core.errors import Kind, YibiaoError
from hub.core.messages import Message
from hub.core.principals import Principal, Role
from hub.core.vault import Vault
from hub.forms.units import widened
from hub.store.accounts import note_request
from hub.store.arrivals import Arrival, arrive
from hub.store.current import CurrentHub
from hub.store.hub import Hub
from hub.web import messages as m
from hub.web.language import language_of

SESSION = "yibiao_session"
FORM_TOKEN = "x-form-token"
BY_ITSELF = "x-by-itself"  # of what a page asks while nobody may be there
_SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Asked:
    """One request: the hub, who asks, in which language."""

    hub: Hub
    principal: Principal
    language: str


def current_hub(request: Request) -> Hub:
    current: CurrentHub = request.app.state.current
    return current.get()


def asked(request: Request) -> Asked:
    """Raises UNAUTHENTICATED without a token that is in force. A change needs the header, or, from a script of our own pages, the
    session and in ``X-Form-Token`` what the page carries."""
    token = bearer_token(request)
    if token is None and (request.method in _SAFE or sent_by_page(request, request.headers.get(FORM_TOKEN, ""))):
        token = request.cookies.get(SESSION)
    return _asked(request, token)


def sent_by_page(request: Request, token: str) -> bool:
    """Whether a page of this session gave the token."""
    current: CurrentHub = request.app.state.current
    return hmac.compare_digest(form_token(current.vault, request).encode(), token.encode())


def asked_page(request: Request) -> Asked:
    """The same for a page, by its session."""
    return _asked(request, request.cookies.get(SESSION))


def signed_in(request: Request) -> Asked | None:
    """The same for a page that is open to all; None is nobody."""
    return _found(request, request.cookies.get(SESSION))


Ask = Annotated[Asked, Depends(asked)]
AskPage = Annotated[Asked, Depends(asked_page)]


def bearer_token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def allow(allowed: bool, asked: Asked, message: Message, **values: Any) -> None:
    """Raise FORBIDDEN with the message, naming the principal, unless ``allowed``."""
    if not allowed:
        raise YibiaoError(Kind.FORBIDDEN, message, principal=asked.principal.name, **values)


def for_departments(asked: AskPage) -> Asked:
    """A page that has nothing for townships says so, rather than being empty: raises FORBIDDEN."""
    allow(asked.principal.has(Role.DEPARTMENT, Role.BUREAU), asked, m.NOT_FOR_TOWNSHIPS)
    return asked


def form_token(vault: Vault, request: Request) -> str:
    """What a form of this session must send back; nobody who lacks the session can know it."""
    (digest,) = vault.hash("form-token", [request.cookies.get(SESSION, "")])
    return digest or ""


def _asked(request: Request, token: str | None) -> Asked:
    found = _found(request, token)
    if found is None:
        raise YibiaoError(Kind.UNAUTHENTICATED, m.UNAUTHENTICATED)
    return found


def _found(request: Request, token: str | None) -> Asked | None:
    if not token:
        return None
    current: CurrentHub = request.app.state.current
    return asked_on(request, token, arrive(current.engine, current.vault, token, current.micros()))


def asked_on(request: Request, token: str, arrived: Arrival) -> Asked | None:
    """The same, where somebody was seen to arrive by the token already."""
    current: CurrentHub = request.app.state.current
    if arrived.expires_at is not None and BY_ITSELF not in request.headers:
        note_request(current.engine, current.vault, token, arrived.expires_at, current.micros())
    if arrived.principal is None:
        return None
    hub, principal = current.at(arrived.mark), arrived.principal
    area = widened(hub.catalog, principal.area)
    return Asked(hub, principal if area == principal.area else replace(principal, area=area), language_of(request))


AskDepartment = Annotated[Asked, Depends(for_departments)]
