"""The clerk's work by HTTP: open a period, see what is due, type into cells, take reports on."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from hub.core.errors import Kind, YibiaoError
from hub.forms import acting, commenting, scanning, working
from hub.forms.attachments import KINDS
from hub.forms.edits import EditKind
from hub.forms.lifecycle import Act
from hub.forms.lifecycle_messages import EDIT_CONFLICT
from hub.forms.saving import Fate, Wish, save
from hub.forms.workbook import MEDIA_TYPE
from hub.web import answers, problems
from hub.web.context import Ask
from hub.web.context import asked as asked_by
from hub.web.receiving import Evidence, ReceivedWorkbook, file_answer, file_body
from hub.web.shown import work as shown
from hub.web.shown.round_trip import compared_with, preview_data
from hub.web.words import Words

router = APIRouter(tags=["work"])
_FILE = file_body({}, [MEDIA_TYPE], "report.xlsx")
_REPORT = "/forms/{form}/reports/{unit}/{period}"
_PERIOD = "/forms/{form}/periods/{period}"
_MANY = 5_000  # edits, lines or units in one request
_Short = Annotated[str, Field(max_length=64)]


_KEY = "The sender's own, for ever of this change: sent again, it is answered again and done once"
_VERSIONED = {
    "headers": {"ETag": {"description": "The version of the cell, for If-Match", "schema": {"type": "string"}, "example": '".5a1b2c3d"'}}
}
_CHANGED = problems.documented(YibiaoError(Kind.CONFLICT, EDIT_CONFLICT, by="wang", at="2026-11-02 09:30", value="身体健康"), 412)
_TYPED: JsonDict = {
    "key": "0f5f2c7e-0a3a-4a52-8d3e-3f0b0f2e9c11", "unit": "411521100201", "kind": "enter", "line": "7QK3M8XW2C", "field": "visit_note",
    "text": "身体健康", "version": ".5a1b2c3d",
}  # fmt: skip
_CONFIRMED: JsonDict = {
    "key": "a1d7c3b0-6a55-4a3b-9a57-0a8c1f0e6b2d", "unit": "411521100201", "kind": "confirm", "lines": {"7QK3M8XW2C": "4f0c9a1be2d37785"},
}  # fmt: skip


class SentEdit(BaseModel):
    """One edit. `key`: the sender's own (a UUID), for ever of this edit: sent again, it is answered again and applied once."""

    model_config = ConfigDict(json_schema_extra={"example": _TYPED})

    key: Annotated[str, Field(min_length=8, max_length=100, pattern=r"^[A-Za-z0-9_:+/=-]+$")]  # a part of versions, which are headers
    unit: Annotated[str, Field(max_length=12)]
    kind: EditKind
    line: Annotated[str, Field(max_length=40)] = ""
    field: Annotated[str, Field(max_length=80)] = ""
    text: Annotated[str, Field(max_length=10_000)] = ""
    version: Annotated[str | None, Field(max_length=140)] = None
    lines: Annotated[dict[_Short, _Short], Field(max_length=_MANY)] = {}
    repeats: Annotated[str, Field(max_length=64)] = ""


class SentEdits(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"edits": [_TYPED, _CONFIRMED]}})

    edits: Annotated[list[SentEdit], Field(max_length=_MANY)]


class SentCell(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"kind": "enter", "text": "身体健康"}})

    kind: Literal["enter", "clear", "not_applicable", "restore"] = "enter"
    text: Annotated[str, Field(max_length=10_000)] = ""


class SentComment(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"text": "10 月已与本人电话核实"}})

    text: Annotated[Words, Field(max_length=5_000)]


class SentExtension(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"until": "2026-11-13"}})

    until: date


class SentAct(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"act": "return", "units": ["411521100201"], "reason": "请核对第一行"}})

    act: Act
    units: Annotated[list[_Short], Field(min_length=1, max_length=_MANY)]
    reason: Annotated[Words, Field(max_length=2_000)] = ""


@router.post(f"{_PERIOD}/edits", summary="Type into cells and confirm lines: each edit once, in order, with its own outcome")
def edit(request: Request, form: str, period: str, sent: SentEdits) -> Response:
    asked = asked_by(request)  # here and not as a dependency: that would be a thread of its own, for what is called most
    wishes = [Wish(**one.model_dump()) for one in sent.edits]
    outcomes = save(asked.hub, asked.principal, form, period, wishes)
    return answers.plain({"outcomes": [shown.outcome_data(one, asked.language) for one in outcomes]})


@router.get("/due", summary="What is due in the caller's area")
def due(asked: Ask, unit: str | None = None) -> Response:
    return answers.plain({"items": [shown.due_data(asked, one) for one in shown.due(asked, unit)]})


@router.put(_PERIOD, summary="Open a period: every unit is asked for the form")
def open_period(asked: Ask, form: str, period: str) -> Response:
    opened = working.open_period(asked.hub, asked.principal, form, period)
    closes = None if opened.closes is None else opened.closes.isoformat()
    return answers.plain({"form": form, "period": opened.period, "due": opened.due.isoformat(), "closes": closes})


@router.put(f"{_REPORT}/extension", summary="Let a unit fill in its report until a later day: the county does")
def extend(asked: Ask, form: str, unit: str, period: str, sent: SentExtension) -> Response:
    acting.extend(asked.hub, asked.principal, form, period, unit, sent.until)
    return answers.plain({"unit": unit, "until": sent.until.isoformat()})


@router.get(f"{_REPORT}/work", summary="Where a report stands, what it still needs, and the versions of its cells")
def work(asked: Ask, form: str, unit: str, period: str) -> Response:
    return answers.plain(shown.work_data(asked, shown.look_at(asked, form, unit, period)))


@router.get(f"{_REPORT}/steps", summary="Who did what with a report, and when; each step signed")
def steps(asked: Ask, form: str, unit: str, period: str) -> Response:
    shown.look_at(asked, form, unit, period)
    return answers.plain({"items": [shown.step_data(step) for step in working.steps(asked.hub, form, period, unit)]})


@router.post(
    f"{_REPORT}/scans",
    status_code=201,
    summary="Attach the signed scan to a submitted, approved or frozen report: PDF, JPEG or PNG, 10 MB",
    openapi_extra=file_body({}, KINDS, "signed.pdf"),
)
def attach_scan(asked: Ask, form: str, unit: str, period: str, file: Evidence) -> Response:
    shown.look_at(asked, form, unit, period)
    return answers.plain(shown.scan_data(scanning.attach(asked.hub, asked.principal, form, period, unit, file.name, file.content)), 201)


@router.get(f"{_REPORT}/scans", summary="The signed scans of a report, of all its revisions")
def scans(asked: Ask, form: str, unit: str, period: str) -> Response:
    return answers.plain({"items": [shown.scan_data(one) for one in shown.scans(asked, form, unit, period)]})


@router.get(f"{_REPORT}/scans/{{number}}", summary="A signed scan", response_class=Response, responses=file_answer(*KINDS))
def scan(asked: Ask, form: str, unit: str, period: str, number: int) -> Response:
    found, content = shown.scan_content(asked, form, unit, period, number)
    return answers.attachment(content, found.type, found.name)


@router.get(
    f"{_REPORT}/cells/{{line}}/{{field}}",
    summary="One cell, its version as ETag, and who typed what into it",
    responses={200: _VERSIONED},
)
def cell(asked: Ask, form: str, unit: str, period: str, line: str, field: str) -> Response:
    found = shown.look_at(asked, form, unit, period)
    data = shown.one_cell_data(asked, found, line, field)
    return answers.plain(data, headers={"ETag": f'"{data["version"]}"'} if data["version"] else None)


@router.put(
    f"{_REPORT}/cells/{{line}}/{{field}}",
    summary="Type into one cell; If-Match holds the version that was seen",
    responses={200: _VERSIONED, 412: _CHANGED},
)
def edit_cell(
    request: Request, asked: Ask, form: str, unit: str, period: str, line: str, field: str, sent: SentCell,
    if_match: Annotated[
        str | None,
        Header(max_length=200, description="The ETag that was seen: another is 412; * or none types over any", examples=['".5a1b2c3d"']),
    ] = None,
    idempotency_key: Annotated[str | None, Header(max_length=100, description=_KEY, examples=["0f5f2c7e-0a3a-4a52-8d3e"])] = None,
) -> Response:  # fmt: skip
    key = idempotency_key or secrets.token_hex(16)
    version = None if if_match in (None, "*") else str(if_match).strip('"')
    wish = Wish(key, unit, EditKind(sent.kind), line, field, sent.text, version)
    (outcome,) = save(asked.hub, asked.principal, form, period, [wish])
    if outcome.error is not None:
        return problems.answer(request, outcome.error, 412 if outcome.fate is Fate.CONFLICT else None)
    return answers.plain(shown.outcome_data(outcome, asked.language), headers={"ETag": f'"{outcome.version}"'})


@router.post(f"{_REPORT}/cells/{{line}}/{{field}}/comments", status_code=201, summary="Remark something about a cell; it changes no figure")
def comment(
    asked: Ask, form: str, unit: str, period: str, line: str, field: str, sent: SentComment,
    idempotency_key: Annotated[str | None, Header(max_length=100, description=_KEY, examples=["0f5f2c7e-0a3a-4a52-8d3e"])] = None,
) -> Response:  # fmt: skip
    key = idempotency_key or secrets.token_hex(16)
    commenting.comment(asked.hub, asked.principal, form, period, unit, line, field, sent.text, key)
    found = shown.one_cell_data(asked, shown.look_at(asked, form, unit, period), line, field)
    return answers.plain({"comments": found["comments"]}, 201)


@router.post(f"{_PERIOD}/acts", summary="Take reports on: submit, withdraw, return, approve, reopen, freeze, revise")
def act(
    asked: Ask, form: str, period: str, sent: SentAct,
    idempotency_key: Annotated[str | None, Header(max_length=200, description=_KEY, examples=["submit-411521100201-2026-10"])] = None,
) -> Response:  # fmt: skip
    key = None if idempotency_key is None else f"{asked.principal.name}/{idempotency_key}"
    done = acting.act(asked.hub, asked.principal, form, period, sent.units, sent.act, sent.reason, key)
    return answers.plain({"items": shown.done_data(done, asked.language)})


@router.post(
    "/forms/{form}/reports/{unit}/{period}/workbook", summary="A filled workbook compared: every change as an edit, nothing applied",
    openapi_extra=_FILE,
)  # fmt: skip
def compare_workbook(asked: Ask, upload: ReceivedWorkbook, form: str, unit: str, period: str) -> Response:
    _, found = compared_with(asked, upload, form, unit, period)
    return answers.plain(preview_data(found, asked.language))
