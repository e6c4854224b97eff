"""Definitions: what the city agreed on and what each department promised. Contracts are published here, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from hub.core.errors import invalid
from hub.registry.definitions import definition_roots
from hub.registry.documents import parse_yaml
from hub.web import answers
from hub.web import messages as m
from hub.web.context import Ask
from hub.web.shown import definitions as shown

router = APIRouter(tags=["definitions"])
_MOST_BYTES = 10 * 1024 * 1024


async def document(request: Request) -> bytes:
    """The body: a contract as YAML or JSON, at most 10 MiB."""
    parts: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _MOST_BYTES:
            raise invalid(m.TOO_LARGE, limit=_MOST_BYTES)
        parts.append(chunk)
    return b"".join(parts)


Body = Annotated[bytes, Depends(document)]
DryRun = Annotated[bool, Query(description="Explain what would change, publish nothing")]
_SCHOOLS = (definition_roots()[1] / "education" / "school.yaml").read_text("utf-8")
_TAKES = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string"}, "example": _SCHOOLS},
            "application/json": {"schema": {"type": "object"}, "example": parse_yaml(_SCHOOLS).data},
        },
    }
}


def _reading(kind: str) -> tuple[Callable[..., Response], Callable[..., Response]]:
    def list_all(request: Request, asked: Ask) -> Response:
        found = shown.of_kind(asked.hub.catalog, kind)
        brief = [{"id": name, **_brief(kind, found[name])} for name in found]
        return answers.tagged(request, answers.encode({"items": brief, "next": None}))

    def read_one(request: Request, asked: Ask, name: str) -> Response:
        found = shown.data(shown.one(asked.hub.catalog, kind, name))
        return answers.tagged(request, answers.encode({"id": name, **found}))

    return list_all, read_one


def _brief(kind: str, value: Any) -> dict[str, Any]:
    """What a list shows of each: a code list's codes are many."""
    data: dict[str, Any] = shown.data(value)
    if kind == "codelists":
        data["codes"] = len(value.codes)
    if kind in ("contracts", "forms"):
        data = {name: data[name] for name in ("version", "title", "delivery", "schedule", "freshness_days", "contact", "asked_by",
                                              "unit_level", "frequency") if name in data}  # fmt: skip
    return data


for _kind, _word in shown.KINDS.items():
    _list, _one = _reading(_kind)
    router.add_api_route(f"/{_kind}", _list, methods=["GET"], name=f"list {_kind}", summary=f"Every {_word} in force")
    router.add_api_route(f"/{_kind}/{{name}}", _one, methods=["GET"], name=f"read {_word}", summary=f"One {_word} in full")


@router.get("/authorities", summary="Which contract decides each element, and which stand in for it")
def authorities(request: Request, asked: Ask) -> Response:
    return answers.tagged(request, answers.encode({"items": shown.authorities(asked.hub.catalog), "next": None}))


@router.get("/contracts/{name}/versions", summary="The published versions of a contract, oldest first")
def versions(request: Request, asked: Ask, name: str) -> Response:
    found = shown.versions(asked, shown.one(asked.hub.catalog, "contracts", name))
    return answers.tagged(request, answers.encode({"items": found, "next": None}))


@router.post("/contracts", summary="Publish a new contract", status_code=201, openapi_extra=_TAKES)
def create(asked: Ask, body: Body, dry_run: DryRun = False) -> Response:
    found = shown.publish_contract(asked, body, path=None, new=True, dry_run=dry_run)
    return answers.plain(shown.publication(found, asked.language), 201 if found.published else 200)


@router.put("/contracts/{name}", summary="Publish a contract or a new version of it", openapi_extra=_TAKES)
def replace(asked: Ask, name: str, body: Body, dry_run: DryRun = False) -> Response:
    found = shown.publish_contract(asked, body, path=name, new=False, dry_run=dry_run)
    return answers.plain(shown.publication(found, asked.language))
