"""The one set of forms: a report as JSON and as a workbook."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from hub.forms.workbook import MEDIA_TYPE, report_workbook
from hub.web import answers
from hub.web.context import Ask
from hub.web.shown.work import look_at

router = APIRouter(tags=["forms"])
_PATH = "/forms/{form}/reports/{unit}/{period}"


@router.get(f"{_PATH}.xlsx", summary="A report as a workbook in the official layout")
def workbook(request: Request, asked: Ask, form: str, unit: str, period: str) -> Response:
    found = look_at(asked, form, unit, period)
    mark = f"{found.digest}-{asked.language}"
    if answers.has_it(request, f'"{mark}"'):
        return answers.tagged(request, b"", MEDIA_TYPE, mark)
    content = report_workbook(found.side_by_side, asked.hub.catalog, asked.language, found.parts, asked.hub.today())
    name = f'attachment; filename="{form}-{unit}-{period}.xlsx"'
    return answers.tagged(request, content, MEDIA_TYPE, mark, **{"Content-Disposition": name})


@router.get(_PATH, summary="A prefilled report: every cell with value, state, sources and as-of date")
def report(request: Request, asked: Ask, form: str, unit: str, period: str) -> Response:
    found = look_at(asked, form, unit, period)
    return answers.tagged(request, found.content, tag=found.digest)
