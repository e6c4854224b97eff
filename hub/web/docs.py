"""The documentation of the API as a page of ours, made from the OpenAPI document: it needs nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from hub.web.context import signed_in
from hub.web.pages.rendering import Pages

router = APIRouter()
_METHODS = ("get", "post", "put", "delete")


@router.get("/docs")
def docs(request: Request) -> Response:
    pages: Pages = request.app.state.pages
    document: dict[str, Any] = request.app.openapi()
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = methods[method]
                groups.setdefault((operation.get("tags") or ["other"])[0], []).append((method.upper(), path, operation))
    values = {"groups": groups, "address": request.app.openapi_url}
    asked = signed_in(request)  # open to all; whoever is signed in keeps the navigation
    return pages.open_page(request, "docs.html", **values) if asked is None else pages.page(request, asked, "docs.html", **values)
