"""Golden records, conflicts and quality."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from hub.quality.service import read_quality
from hub.web import answers
from hub.web.api.batches import Cursor, Limit
from hub.web.context import Ask
from hub.web.shown import conflicts, quality, records

router = APIRouter()


@router.get("/entities/{entity}/{key}", tags=["records"], summary="A golden record: value, source, as-of date and conflicts per element")
def record(asked: Ask, entity: str, key: str) -> Response:
    return answers.plain(records.record(asked, entity, key))


@router.get("/entities/{entity}/{key}/history", tags=["records"], summary="How its elements changed")
def history(
    asked: Ask,
    entity: str,
    key: str,
    element: str | None = None,
    clock: Annotated[Literal["valid", "known"], Query(description="When it was so, or when the hub knew it")] = "valid",
) -> Response:
    return answers.plain(records.history(asked, entity, key, element, clock))


@router.get("/conflicts", tags=["records"], summary="Open conflicts, with who must look and until when")
def queue(asked: Ask, cursor: Cursor = None, limit: Limit = 100) -> Response:
    found = conflicts.queue(asked, answers.read_cursor(cursor) or 0, limit)
    return answers.plain(answers.page([conflicts.queued_data(item) for item in found], limit, found[-1].id if found else None))


@router.get("/quality/datasets", tags=["quality"], summary="Freshness, completeness, rules, quarantine and conflicts per dataset")
def datasets(asked: Ask) -> Response:
    found = read_quality(asked.hub, asked.principal)
    return answers.plain({"items": quality.datasets_data(found, asked.language), "next": None})


@router.get(
    "/quality/departments",
    tags=["quality"],
    summary="The same per department, with where to begin and the consistency rules that it must look at",
)
def departments(asked: Ask) -> Response:
    found = read_quality(asked.hub, asked.principal)
    return answers.plain({"items": quality.departments_data(found, asked.language), "next": None})


@router.get("/quality/dimensions", tags=["quality"], summary="Rules, open conflicts and held rows by the dimensions of GB/T 36344")
def dimensions(asked: Ask) -> Response:
    found = read_quality(asked.hub, asked.principal)
    return answers.plain({"items": quality.dimensions_data(found, asked.language), "next": None})
