"""The documentation of the API as a page of ours, made from the OpenAPI document: it needs nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
    values = {"groups": groups, "address": request.app.openapi_url, "sent": lambda one: sent(document, one), "answered": answered}
    asked = signed_in(request)  # open to all; whoever is signed in keeps the navigation
    return pages.open_page(request, "docs.html", **values) if asked is None else pages.page(request, asked, "docs.html", **values)


def sent(document: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    """The example of a body that is text, or that is a model of ours; empty where there is none."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        model = document["components"]["schemas"].get(content["schema"].get("$ref", "").rpartition("/")[2], {})
        example = content.get("example", model.get("example"))
        if example is not None:
            return _written(example)
    return ""


def answered(operation: Mapping[str, Any]) -> str:
    """The example of the answer to what went well; empty where that is a file."""
    for status, answer in operation["responses"].items():
        for content in answer.get("content", {}).values():
            if status.startswith("2") and "example" in content:
                return _written(content["example"])
    return ""


def _written(example: Any) -> str:
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
