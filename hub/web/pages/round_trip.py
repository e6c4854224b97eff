"""Excel back: a filled workbook is shown change by change, and applied when somebody says so."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import TypeAdapter, ValidationError

from hub.core.errors import YibiaoError, invalid
from hub.core.messages import word
from hub.forms.round_trip import Preview
from hub.forms.saving import Outcome, Wish, save
from hub.web import messages as m
from hub.web.api.work import SentEdit
from hub.web.context import Asked, AskPage
from hub.web.pages.forms import Checked
from hub.web.pages.rendering import Pages
from hub.web.problems import STATUS
from hub.web.receiving import ReceivedWorkbookPage
from hub.web.shown.round_trip import compared_with, edit_data
from hub.web.shown.work import Looked, look_at

router = APIRouter()
_EDITS = TypeAdapter(list[SentEdit])
_SHOWN = 500  # changes named on the page; all are counted, and all are applied


@router.get("/reports/{form}/{unit}/{period}/workbook")
def page(request: Request, asked: AskPage, form: str, unit: str, period: str) -> Response:
    return _page(request, asked, look_at(asked, form, unit, period))


@router.post("/reports/{form}/{unit}/{period}/workbook")
def upload(
    request: Request, asked: AskPage, checked: Checked, file: ReceivedWorkbookPage, form: str, unit: str, period: str
) -> Response:  # fmt: skip
    try:
        looked, found = compared_with(asked, file, form, unit, period)
    except YibiaoError as error:
        looked = look_at(asked, form, unit, period)
        return _page(request, asked, looked, wrong=error.text(asked.language), status=STATUS[error.kind])
    return _page(request, asked, looked, found)


@router.post("/reports/{form}/{unit}/{period}/workbook/apply")
def apply(
    request: Request, asked: AskPage, checked: Checked, form: str, unit: str, period: str, edits: Annotated[str, Form()] = "[]"
) -> Response:  # fmt: skip
    looked = look_at(asked, form, unit, period)
    outcomes = save(asked.hub, asked.principal, form, period, _wishes(edits))
    return _page(request, asked, look_at(asked, form, unit, looked.report.period.text), done=outcomes)


def _page(
    request: Request, asked: Asked, looked: Looked, found: Preview | None = None, wrong: str = "", done: list[Outcome] | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    pages: Pages = request.app.state.pages
    codes = asked.hub.catalog.code_lists["division"].codes
    titles = {field.name: word(field.title, asked.language) for section in looked.form.sections for field in section.fields}
    edits = "" if found is None else json.dumps([edit_data(change.wish) for change in found.changes], ensure_ascii=False)
    refused = [(one.key, one.error.text(asked.language)) for one in done or () if one.error is not None]
    response = pages.page(
        request, asked, "round_trip.html", page_address=f"/reports/{looked.form.id}/{looked.report.unit}/{looked.report.period.text}/workbook", report=looked.report, found=found, wrong=wrong, edits=edits, shown=_SHOWN, titles=titles,
        saved=None if done is None else len(done) - len(refused), refused=refused, name_of=lambda code: codes[code].title.zh,
        says=lambda error: error.text(asked.language),
    )  # fmt: skip
    response.status_code = status
    return response


def _wishes(text: str) -> list[Wish]:
    """The edits that the page carried; they are judged like any that are sent."""
    try:
        return [Wish(**one.model_dump()) for one in _EDITS.validate_json(text)]
    except ValidationError as error:
        raise invalid(m.UNREADABLE_REQUEST) from error
