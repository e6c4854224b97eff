"""Objections and the corrections that they ask for, by HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hub.forms import correcting, objecting
from hub.forms.attachments import KINDS
from hub.forms.objecting import Claim
from hub.forms.objections import ObjectionKind
from hub.web import answers
from hub.web.api.batches import Cursor, Limit
from hub.web.context import Ask
from hub.web.receiving import Evidence, file_answer, file_body
from hub.web.shown import corrections as shown
from hub.web.words import Words

router = APIRouter(tags=["corrections"])
_MANY = 200  # corrections answered in one request: each that is accepted is an act of its own


class SentObjection(BaseModel):
    """What is wrong. `kind` value: a cell (`line`, `field`, `proposed`, `reason`); died, moved, not_eligible, other_village, content: a whole line
    (`line`; `field` names the column whose department shall answer); missing: somebody who is not listed (`proposed` says who)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"kind": "value", "line": "7QK3M8XW2C", "field": "birth_date", "proposed": "1941-03-02", "reason": "与户口簿不符"}
        }
    )

    kind: ObjectionKind
    line: Annotated[str, Field(max_length=40)] = ""
    field: Annotated[str, Field(max_length=80)] = ""
    proposed: Annotated[Words, Field(max_length=500)] = ""
    reason: Annotated[Words, Field(max_length=2_000)] = ""


class SentAnswer(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"ids": [17, 18], "accept": False, "reason": "档案与户口簿一致，无误"}})

    ids: Annotated[list[int], Field(min_length=1, max_length=_MANY)]
    accept: bool
    reason: Annotated[Words, Field(max_length=2_000)] = ""


@router.post(
    "/forms/{form}/reports/{unit}/{period}/objections",
    status_code=201,
    summary="Object to a value, a line, or that somebody is missing; 200 where an objection to the same was open and this one joined it",
)
def object_to(asked: Ask, form: str, unit: str, period: str, sent: SentObjection) -> Response:
    opened = objecting.object_to(asked.hub, asked.principal, form, unit, period, Claim(**sent.model_dump()))
    return answers.plain(shown.opened_data(asked, opened), 200 if opened.joined else 201)


@router.post(
    "/objections/{number}/evidence",
    status_code=201,
    summary="Evidence for an objection: a PDF, JPEG or PNG file of 10 MB at most",
    openapi_extra=file_body({}, KINDS, "household-register.png"),
)
def add_evidence(asked: Ask, number: int, file: Evidence) -> Response:
    kept = objecting.add_evidence(asked.hub, asked.principal, number, file.name, file.content)
    return answers.plain(shown.evidence_data(kept), 201)


@router.get(
    "/objections/{number}/evidence/{file}",
    summary="A file of evidence",
    response_class=Response,
    responses=file_answer(*KINDS),
)
def evidence(asked: Ask, number: int, file: int) -> Response:
    found, content = shown.evidence_content(asked, number, file)
    return answers.attachment(content, found.type, found.name)


@router.get("/corrections", summary="Corrections: a department's to answer, those raised in a township's area, or only their number")
def queue(
    asked: Ask, cursor: Cursor = None, limit: Limit = 100, state: Annotated[Literal["open", "answered", "all"], Query()] = "open"
) -> Response:
    found = shown.queue(asked, state, answers.read_cursor(cursor) or 0, limit)
    page = answers.page([shown.correction_data(asked, one) for one in found], limit, found[-1].objection.id if found else None)
    return answers.plain({**page, "counts": [shown.count_data(one) for one in shown.counts(asked)]})


@router.post("/corrections/answers", summary="Accept or reject corrections, one or many alike; each is told how it went")
def answer(asked: Ask, sent: SentAnswer) -> Response:
    done = correcting.answer(asked.hub, asked.principal, sent.ids, sent.accept, sent.reason)
    return answers.plain({"items": shown.answered_data(done, asked.language)})
