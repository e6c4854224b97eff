"""A page of a report that was made before is given again before any route is asked: one statement says who asks, and whether anything
changed that the page hangs on. What is not found here, or does not hold any more, is the route's to answer, and so are errors.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.core.errors import YibiaoError
from hub.core.principals import Principal
from hub.core.remembering import Remembering
from hub.store.arrivals import arrive_at
from hub.store.current import CurrentHub
from hub.web.context import SESSION, Asked, asked_on
from hub.web.shown.work import Mark


@dataclass(frozen=True, slots=True)
class _Kept:
    principal: Principal
    session: str
    mark: Mark
    route: Any
    response: Response


class Remembered:
    """The step before the routes; the route that makes a page keeps it (``keep``)."""

    def __init__(self, app: ASGIApp, kept: Remembering[_Kept]) -> None:
        self._app, self._kept = app, kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = self._kept.find(_key(scope)) if scope["type"] == "http" and scope["method"] == "GET" else None
        if kept is not None and await run_in_threadpool(_holds, Request(scope), kept):
            scope["route"] = kept.route
            await kept.response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def memory() -> Remembering[_Kept]:
    return Remembering(64)


def keep(request: Request, asked: Asked, mark: Mark, response: Response) -> Response:
    """Keep the page for whoever asks for the same in the same session, and give it back."""
    kept: Remembering[_Kept] = request.app.state.kept_pages
    kept.keep(_key(request.scope), _Kept(asked.principal, request.cookies.get(SESSION, ""), mark, request.scope.get("route"), response))
    return response


_SAYS = frozenset({b"cookie", b"accept-language", b"user-agent"})  # what a page depends on of what a browser says


def _key(scope: Scope) -> Hashable:
    return scope["path"], scope["query_string"], tuple(header for header in scope["headers"] if header[0] in _SAYS)


def _holds(request: Request, kept: _Kept) -> bool:
    current: CurrentHub = request.app.state.current
    mark = kept.mark
    try:
        arrived, stand = arrive_at(current.engine, current.vault, kept.session, current.micros(), mark.form, mark.period, mark.units)
        asked = asked_on(request, kept.session, arrived)
    except (SQLAlchemyError, YibiaoError):
        return False
    return (
        asked is not None
        and asked.principal == kept.principal
        and (asked.hub.mark, asked.hub.today(), stand) == (mark.definitions, mark.day, mark.stand)
    )
