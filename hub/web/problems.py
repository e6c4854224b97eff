"""Errors as RFC 9457 problem details, or as a page: the one place that knows which HTTP status a kind of error is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from hub.core.errors import Kind, YibiaoError, invalid
from hub.core.log import logger, masked
from hub.web import messages as m
from hub.web.answers import encode
from hub.web.language import language_of

STATUS = {
    Kind.INVALID: 422,
    Kind.REFUSED: 409,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.UNAVAILABLE: 503,
}
MEDIA_TYPE = "application/problem+json"
_TITLES = {
    Kind.INVALID: ("输入不可用", "The input cannot be used"),
    Kind.REFUSED: ("未予接受", "Refused"),
    Kind.NOT_FOUND: ("没有找到", "Not found"),
    Kind.CONFLICT: ("有冲突", "Conflict"),
    Kind.UNAUTHENTICATED: ("需要登录", "Sign in first"),
    Kind.FORBIDDEN: ("没有权限", "Not allowed"),
    Kind.UNAVAILABLE: ("暂不可用", "Not available now"),
}

# The problem document for the OpenAPI document.
SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem details. `code` is stable; texts are in the language asked for.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "urn:yibiao:problem: and the code"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, where, and what to do"},
        "code": {"type": "string"},
        "instance": {"type": "string", "description": "The address asked for, without what names a person"},
        "errors": {
            "type": "array",
            "description": "Each mistake of an input that has several",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {name: {"type": "string"} for name in ("code", "detail", "file", "field", "place")}
                | {"line": {"type": "integer"}},
            },
        },
    },
}
# By the beginning of the framework's own name of the mistake.
_WRONG_FIELDS = {
    "missing": m.FIELD_MISSING,
    "int": m.FIELD_NUMBER,
    "less_than_equal": m.FIELD_TOO_LARGE,
    "greater_than_equal": m.FIELD_TOO_SMALL,
    "string_too_long": m.FIELD_TOO_LONG,
    "json": m.UNREADABLE_REQUEST,
    "value_error": m.FIELD_UNSEEN,
}

_log = logger(__name__)


def problem(error: YibiaoError, language: str, instance: str) -> dict[str, Any]:
    """The problem document of an error: ``code`` is stable, texts are in the asked language, ``errors`` are its details."""
    title = _TITLES[error.kind]
    document: dict[str, Any] = {
        "type": f"urn:yibiao:problem:{error.code}",
        "title": title[1] if language == "en" else title[0],
        "status": STATUS[error.kind],
        "detail": error.text(language),
        "code": error.code,
        "instance": masked(instance),  # an address may hold a person's key
    }
    if error.details:
        document["errors"] = [_detail(inner, language) for inner in error.details]
    return document


_EXAMPLES = (
    YibiaoError(Kind.UNAUTHENTICATED, m.UNAUTHENTICATED),
    YibiaoError(Kind.FORBIDDEN, m.MAY_NOT_REPORT, principal="clerk", unit="330802005000"),
    YibiaoError(Kind.NOT_FOUND, m.NO_DEFINITION, name="low-income"),
    YibiaoError(Kind.REFUSED, m.CONTRACT_EXISTS, contract="education.school"),
    YibiaoError(Kind.INVALID, m.WRONG_REQUEST, count=1, details=(invalid(m.FIELD_MISSING, field="body.units"),)),
    YibiaoError(Kind.UNAVAILABLE, m.DATABASE_AWAY),
)


def documented(example: YibiaoError, status: int) -> dict[str, Any]:
    """The answer that an error is, for the OpenAPI document."""
    return {
        "description": ", or ".join(english for kind, (_, english) in _TITLES.items() if STATUS[kind] == status),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": problem(example, "en", "/api/v1/forms/low-income-roster") | {"status": status},
            },
        },
    }


def _detail(error: YibiaoError, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {"code": error.code, "detail": error.text(language)}
    for name in ("file", "line", "field", "place"):
        if name in error.values:
            found[name] = masked(error.values[name])
    return found


# Every status under which a route of the API answers with a problem document, for the OpenAPI document.
RESPONSES: dict[int | str, dict[str, Any]] = {STATUS[one.kind]: documented(one, STATUS[one.kind]) for one in _EXAMPLES}


def answer(request: Request, error: YibiaoError, status: int | None = None, more: Mapping[str, str] | None = None) -> Response:
    """The response for an error: a problem document for programs, a page for people. ``status``: another than that of its kind;
    ``more`` headers."""
    language = language_of(request)
    status = STATUS[error.kind] if status is None else status
    if is_page(request):
        if error.kind is Kind.UNAUTHENTICATED:
            return RedirectResponse(f"/sign-in?next={quote(request.url.path)}", 303)
        page: Response = request.app.state.pages.error(request, status, problem(error, language, request.url.path))
        return page
    headers = {**(more or {}), "Content-Language": language, "Vary": "Accept-Language"}
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="yibiao"'
    if error.kind is Kind.UNAVAILABLE:
        headers["Retry-After"] = "30"
    return Response(encode(problem(error, language, request.url.path) | {"status": status}), status, headers, MEDIA_TYPE)


def is_page(request: Request) -> bool:
    """Whether a person's browser asks for one of our pages."""
    return not request.url.path.startswith(("/api/", "/healthz", "/readyz", "/metrics"))


def install(app: FastAPI) -> None:
    """Give every error that can leave a route its answer."""

    @app.exception_handler(YibiaoError)
    def ours(request: Request, error: YibiaoError) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    def wrong_request(request: Request, error: RequestValidationError) -> Response:
        details = tuple(_wrong_field(found) for found in error.errors())
        return answer(request, YibiaoError(Kind.INVALID, m.WRONG_REQUEST, count=len(details), details=details))

    @app.exception_handler(HTTPException)
    def of_the_framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return answer(request, YibiaoError(Kind.NOT_FOUND, m.NO_PATH))
        if error.status_code == 405 and request.method == "GET" and is_page(request):  # what a form was sent to, opened again
            return RedirectResponse(str(request.url.replace(path=request.url.path.rpartition("/")[0] or "/", scheme="", netloc="")), 303)
        found = YibiaoError(Kind.INVALID, m.NO_METHOD if error.status_code == 405 else m.UNREADABLE_REQUEST)
        return answer(request, found, error.status_code, dict(error.headers or {}))

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeout)
    def database_away(request: Request, error: Exception) -> Response:
        _log.error("database_away", route=_route(request), exc_info=error)
        return answer(request, YibiaoError(Kind.UNAVAILABLE, m.DATABASE_AWAY))

    @app.exception_handler(OverflowError)
    @app.exception_handler(DataError)
    def too_large_for_the_database(request: Request, _error: Exception) -> Response:
        return answer(request, YibiaoError(Kind.INVALID, m.NUMBER_TOO_LARGE))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        reference = secrets.token_hex(4)
        _log.error("request_failed", reference=reference, route=_route(request), exc_info=error)
        language = language_of(request)
        title = "Internal error" if language == "en" else "系统出错"
        body = {
            "type": "urn:yibiao:problem:internal", "title": title, "status": 500, "code": "internal",
            "detail": m.INTERNAL.text(language, {"reference": reference}), "instance": masked(request.url.path),
        }  # fmt: skip
        if is_page(request):
            page: Response = request.app.state.pages.error(request, 500, body)
            return page
        return Response(encode(body), 500, media_type=MEDIA_TYPE)


def _wrong_field(found: Mapping[str, Any]) -> YibiaoError:
    """One part of a request that does not fit, in our words where we have them (the framework has English only)."""
    message = next((message for start, message in _WRONG_FIELDS.items() if found["type"].startswith(start)), m.WRONG_FIELD)
    limits = {name: value for name, value in found.get("ctx", {}).items() if name in ("le", "ge", "max_length")}
    return invalid(message, field=".".join(str(part) for part in found["loc"]), **limits)


def _route(request: Request) -> str:
    """The route's own path: an address may hold a person's key."""
    return str(getattr(request.scope.get("route"), "path", ""))
