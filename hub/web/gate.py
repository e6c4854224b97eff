"""Before a body is read: a page takes one from a session in force alone, and none is longer than an upload may be.

The framework reads a form before any route is asked; without this step anybody could fill the disk.
"""

from __future__ import annotations

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.core.errors import YibiaoError, invalid
from hub.core.messages import Message as Text
from hub.store.current import CurrentHub
from hub.web import messages as m
from hub.web.context import asked, asked_page
from hub.web.problems import answer, is_page

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_OPEN = frozenset({"/sign-in"})
_LINKS = "/v/"  # sign-in by a link on the phone
_AROUND = 1 << 20  # what a form may have beside its file
_TOKEN = 1 << 14  # all that a form of nobody's needs
_JSON = 12 << 20  # what a program says in JSON: files have kinds of their own
_OF_NOBODY = 1 << 16  # a body up to here is read before its sender is asked who it is


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
            elif int(request.headers.get("content-length") or limit) > _OF_NOBODY:
                await run_in_threadpool(asked, request)
            kind, charset = _kind(request)
            if charset not in ("", "utf-8", "utf8"):
                raise invalid(m.OTHER_CHARSET, charset=charset[:40])
            too_large = m.JSON_TOO_LARGE if kind in ("", "application/json") else m.TOO_LARGE
            limit = min(limit, _JSON) if too_large is m.JSON_TOO_LARGE else limit
            if int(request.headers.get("content-length") or 0) > limit:
                raise invalid(too_large, limit=limit)
        except YibiaoError as error:
            await (await run_in_threadpool(answer, request, error))(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit, too_large), send)


def _kind(request: Request) -> tuple[str, str]:
    """(media type, charset) of the body, in small letters; empty where they are not said."""
    kind, parameters = parse_options_header(request.headers.get("content-type"))
    return kind.decode("latin-1").strip().lower(), parameters.get(b"charset", b"").decode("latin-1").strip().lower()


def _counted(receive: Receive, limit: int, too_large: Text) -> Receive:
    """The same body, refused where it grows longer: one sent in chunks says no length."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            raise invalid(too_large, limit=limit)
        return message

    return counted
