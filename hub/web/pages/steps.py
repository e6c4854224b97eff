"""What was done with a report: each step with who, when and why; and its signed scans."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Request, Response, UploadFile

from hub.core.clock import from_microseconds
from hub.core.errors import YibiaoError
from hub.core.principals import FILLERS
from hub.forms import attachments, scanning, working
from hub.forms.lifecycle import OPEN
from hub.forms.lifecycle_messages import ACTS, STANDINGS
from hub.web.context import Asked, AskPage
from hub.web.pages.forms import Checked, back_to
from hub.web.pages.rendering import Pages
from hub.web.problems import STATUS
from hub.web.shown.work import look_at, scan_data, scans

router = APIRouter()
_PATH = "/reports/{form}/{unit}/{period}/steps"


@router.get(_PATH)
def page(request: Request, asked: AskPage, form: str, unit: str, period: str, told: str = "") -> Response:
    return _page(request, asked, form, unit, period, told=told)


@router.post(_PATH)
def attach(
    request: Request, asked: AskPage, checked: Checked, form: str, unit: str, period: str, file: Annotated[UploadFile, File()]
) -> Response:  # fmt: skip
    try:
        scanning.attach(asked.hub, asked.principal, form, period, unit, file.filename or "-", file.file.read(attachments.LARGEST + 1))
    except YibiaoError as error:
        return _page(request, asked, form, unit, period, wrong=error)
    return back_to(f"/reports/{form}/{unit}/{period}/steps", "scan_kept")


def _page(
    request: Request, asked: Asked, form: str, unit: str, period: str, told: str = "", wrong: YibiaoError | None = None
) -> Response:  # fmt: skip
    pages: Pages = request.app.state.pages
    looked = look_at(asked, form, unit, period)
    text = looked.report.period.text
    single = len(looked.parts) == 1 and looked.parts[0].unit == unit
    response = pages.page(
        request, asked, "steps.html", report=looked.report, told=told, wrong="" if wrong is None else wrong.text(asked.language),
        steps=[step for part in looked.parts for step in working.steps(asked.hub, form, text, part.unit)],
        acts={name: message.text(asked.language) for name, message in ACTS.items()},
        standings={name: message.text(asked.language) for name, message in STANDINGS.items()},
        name_of=lambda code: asked.hub.catalog.code_lists["division"].codes[code].title.zh, when=from_microseconds,
        scans=[scan_data(one) for one in scans(asked, form, unit, text)] if single else [], single=single,
        attaches=single and asked.principal.has(*FILLERS) and looked.parts[0].standing not in OPEN,
    )  # fmt: skip
    response.status_code = 200 if wrong is None else STATUS[wrong.kind]
    return response
