"""Answers as bytes, encoded once: JSON with its entity tag, pages of a list with their cursor."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response

from hub.core.errors import invalid
from hub.web import messages as m


def encode(data: Any) -> bytes:
    """JSON in UTF-8; half a sign, which some programs send, is shown as a question mark."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str).encode(errors="replace")


def tagged(request: Request, content: bytes, media_type: str = "application/json", tag: str | None = None, **headers: str) -> Response:
    """The content under its entity tag; 304 without it for somebody who has it (RFC 9110, 13.1.2)."""
    mark = f'"{tag or sha256(content).hexdigest()[:32]}"'
    fixed = {"ETag": mark, "Cache-Control": "private, no-cache", "Vary": "Accept-Language, Authorization, Cookie", **headers}
    if has_it(request, mark):
        return Response(status_code=304, headers=fixed)
    return Response(content, headers=fixed, media_type=media_type)


def has_it(request: Request, mark: str) -> bool:
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return mark in known or "*" in known


def plain(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON that nobody may keep: it names people, or is true for this moment only."""
    return Response(encode(data), status, {"Cache-Control": "private, no-store", **(headers or {})}, "application/json")


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """A file that somebody sent, never shown inside our pages: it opens as a file of its own."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "private, no-store"}
    return Response(content, headers=headers, media_type=media_type)


def page(items: Sequence[Any], limit: int, position: int | None) -> dict[str, Any]:
    """A page of a list: ``next`` is the cursor of the following one, null at the end."""
    more = len(items) == limit and position is not None
    return {"items": list(items), "next": write_cursor(position) if more and position is not None else None}


def write_cursor(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> int | None:
    """Raises INVALID ``bad_cursor``."""
    if cursor is None:
        return None
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii"))
    except (ValueError, UnicodeDecodeError) as error:
        raise invalid(m.BAD_CURSOR) from error
