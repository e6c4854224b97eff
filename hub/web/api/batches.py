"""Intake: sending, pulling, and what became of each batch."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from hub.core.errors import not_found
from hub.forms.workbook import MEDIA_TYPE
from hub.store import jobs
from hub.web import answers
from hub.web import messages as m
from hub.web.context import Ask
from hub.web.receiving import NAMES, Received, file_answer, file_body
from hub.web.shown import batches as shown
from hub.web.shown import sending

router = APIRouter(tags=["intake"])

Cursor = Annotated[str | None, Query(description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=1000)]
_TEXTS = {
    "text/csv": "xxbsm,xxmc\n3133000001,衢江区第一小学\n",
    "application/x-ndjson": '{"xxbsm": "3133000001", "xxmc": "衢江区第一小学"}\n',
}
_FILE = file_body(_TEXTS, [kind for kind in NAMES if kind not in _TEXTS], "schools.csv")


@router.post("/contracts/{contract}/batches", status_code=202, summary="Send a batch: CSV, NDJSON, Parquet or xlsx", openapi_extra=_FILE)
def send(
    asked: Ask,
    upload: Received,
    contract: str,
    as_of: Annotated[str | None, Query(description="The day that the data stands for")] = None,
    kind: Annotated[str | None, Query(description="snapshot, delta or mend; the contract's own without it")] = None,
    parent: Annotated[int | None, Query(description="Of a mend: the batch whose rows it mends")] = None,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=200, description="The sender's own: sent again, the first job is told", examples=["schools-2026-10-31"]),
    ] = None,
) -> Response:
    return _accepted(sending.send(asked, contract, upload, as_of, kind, parent, idempotency_key))


@router.post("/contracts/{contract}/pull", status_code=202, summary="Ask for a pull now")
def pull(asked: Ask, contract: str) -> Response:
    return _accepted(sending.ask_pull(asked, contract))


def _accepted(job: jobs.Job) -> Response:
    return answers.plain(shown.job_data(job), 202, {"Location": f"/api/v1/jobs/{job.id}"})


@router.get("/jobs/{number}", summary="How a piece of asked work fares")
def read_job(asked: Ask, number: int) -> Response:
    with asked.hub.engine.connect() as connection:
        job = jobs.look_for(connection, number)
    if job is None:
        raise not_found(m.NO_JOB, job=number)
    shown.job_seen(asked, job)
    return answers.plain(shown.job_data(job))


@router.get("/batches", summary="Batches, newest first")
def list_batches(asked: Ask, contract: str | None = None, cursor: Cursor = None, limit: Limit = 100) -> Response:
    found = shown.list_batches(asked, contract, answers.read_cursor(cursor), limit)
    items = [shown.batch_data(batch, asked.hub.tables.by_number(batch.dataset).contract, asked.language) for batch in found]
    return answers.plain(answers.page(items, limit, found[-1].id if found else None))


@router.get("/batches/{number}", summary="One batch with its rule results and warnings")
def read_batch(asked: Ask, number: int) -> Response:
    batch, contract = shown.find_batch(asked, number)
    return answers.plain({**shown.batch_data(batch, contract, asked.language), **shown.details(asked, batch)})


@router.get("/batches/{number}/findings", summary="What is wrong, where, what was agreed, what to do")
def findings(asked: Ask, number: int, cursor: Cursor = None, limit: Limit = 100) -> Response:
    batch, contract = shown.find_batch(asked, number)
    items = shown.findings(asked, batch, contract, answers.read_cursor(cursor) or 0, limit)
    return answers.plain(answers.page(items, limit, items[-1]["id"] if items else None))


@router.get(
    "/batches/{number}/quarantine.xlsx",
    summary="The rows held back, to be mended and sent again",
    response_class=Response,
    responses=file_answer(MEDIA_TYPE),
)
def quarantine(request: Request, asked: Ask, number: int) -> Response:
    batch, contract = shown.find_batch(asked, number)
    content = shown.quarantine_workbook(asked, batch, contract)
    name = f'attachment; filename="quarantine-{batch.id}.xlsx"'
    return Response(content, media_type=MEDIA_TYPE, headers={"Content-Disposition": name, "Cache-Control": "private, no-store"})


@router.post("/batches/{number}/actions/pass", status_code=202, summary="Let a batch pass that the breaker holds")
def let_pass(asked: Ask, number: int) -> Response:
    return _accepted(sending.let_pass(asked, number))
