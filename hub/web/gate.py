"""Before a body is read: a page takes one from a session in force alone, and none is longer than an upload may be.

The framework reads a form before any route is asked; without this step anybody could fill the disk.
"""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.core.errors import YibiaoError, invalid
from hub.store.current import CurrentHub
from hub.web import messages as m
from hub.web.context import asked_page
from hub.web.problems import answer, is_page

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_OPEN = frozenset({"/sign-in"})
_LINKS = "/v/"  # sign-in by a link on the phone
_AROUND = 1 << 20  # what a form may have beside its file
_TOKEN = 1 << 14  # all that a form of nobody's needs


class BodyGate:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        current: CurrentHub = request.app.state.current
        limit = current.settings.limits.upload_bytes + _AROUND
        try:
            if request.url.path in _OPEN or request.url.path.startswith(_LINKS):
                limit = _TOKEN
            elif is_page(request):
                await run_in_threadpool(asked_page, request)
            if int(request.headers.get("content-length") or 0) > limit:
                raise invalid(m.TOO_LARGE, limit=limit)
        except YibiaoError as error:
            await (await run_in_threadpool(answer, request, error))(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Receive:
    """The same body, refused where it grows longer: one sent in chunks says no length."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise invalid(m.TOO_LARGE, limit=limit)
        return message

    return counted
