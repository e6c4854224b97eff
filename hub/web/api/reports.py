"""The one set of forms: a report as JSON and as a workbook."""

from __future__ import annotations

import tempfile

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from hub.core.messages import word
from hub.forms.lifecycle import Standing
from hub.forms.workbook import MEDIA_TYPE, report_workbook
from hub.forms.workbook_set import WorkbookSet
from hub.web import answers
from hub.web.context import Ask
from hub.web.pages.texts import TEXTS
from hub.web.receiving import file_answer
from hub.web.shown import work as shown_work
from hub.web.shown.work import look_at

router = APIRouter(tags=["forms"])
_IN_MEMORY, _PIECE = 8 << 20, 1 << 18  # bytes
_PATH = "/forms/{form}/reports/{unit}/{period}"


@router.get(
    f"{_PATH}.xlsx",
    summary="A report as a workbook in the official layout",
    response_class=Response,
    responses=file_answer(MEDIA_TYPE),
)
def workbook(request: Request, asked: Ask, form: str, unit: str, period: str) -> Response:
    found = look_at(asked, form, unit, period)
    mark = f"{found.digest}-{asked.language}"
    if answers.has_it(request, f'"{mark}"'):
        return answers.tagged(request, b"", MEDIA_TYPE, mark)
    content = report_workbook(found.side_by_side, asked.hub.catalog, asked.language, found.parts, asked.hub.today())
    name = f'attachment; filename="{form}-{unit}-{period}.xlsx"'
    return answers.tagged(request, content, MEDIA_TYPE, mark, **{"Content-Disposition": name})


@router.get(
    "/sets/{unit}.zip",
    summary="All forms that are open for a unit and not frozen, as one zip of workbooks with a list",
    response_class=Response,
    responses=file_answer("application/zip"),
)
def whole_set(asked: Ask, unit: str) -> Response:
    language = asked.language
    target = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when the answer has been sent
    made = WorkbookSet(target, tuple(TEXTS[name].text(language) for name in ("form", "period", "due_date", "file")))
    for one in shown_work.due(asked, unit):
        if one.count(Standing.FROZEN) == len(one.units):
            continue
        found = look_at(asked, one.form.id, unit, one.opened.period)
        content = report_workbook(found.side_by_side, asked.hub.catalog, language, found.parts, asked.hub.today())
        title = word(one.form.title, language)
        made.add(f"{title} {found.report.unit_name} {one.opened.period}", content, title, one.opened.period, one.opened.due.isoformat())
    made.close("目录.csv" if language != "en" else "list.csv")
    target.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{unit}.zip"', "Cache-Control": "private, no-store"}
    return StreamingResponse(
        iter(lambda: target.read(_PIECE), b""), headers=headers, media_type="application/zip", background=BackgroundTask(target.close)
    )


@router.get(_PATH, summary="A prefilled report: every cell with value, state, sources and as-of date")
def report(request: Request, asked: Ask, form: str, unit: str, period: str) -> Response:
    found = look_at(asked, form, unit, period)
    return answers.tagged(request, found.content, tag=found.digest)
