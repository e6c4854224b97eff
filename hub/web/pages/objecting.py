"""A clerk says that something is wrong: with a value, with a whole line, or that somebody is missing from the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from hub.core.errors import YibiaoError
from hub.core.messages import word
from hub.forms import attachments, objecting
from hub.forms.edits import line_of
from hub.forms.objecting import Claim, Opened
from hub.forms.objection_messages import KINDS
from hub.forms.objections import ObjectionKind
from hub.forms.reader import Reader
from hub.registry.model import FieldKind, SectionKind
from hub.web.context import Asked, AskPage
from hub.web.pages.forms import Checked
from hub.web.pages.rendering import Pages
from hub.web.problems import STATUS
from hub.web.shown import corrections
from hub.web.shown.work import Looked, look_at
from hub.web.words import Words

router = APIRouter()
_PATH = "/reports/{form}/{unit}/{period}/object"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    title: str
    text: str


@router.get(_PATH)
def page(request: Request, asked: AskPage, form: str, unit: str, period: str, line: str = "", field: str = "") -> Response:
    looked = look_at(asked, form, unit, period)
    kind = ObjectionKind.VALUE if line else ObjectionKind.MISSING
    return _page(request, asked, looked, Claim(kind, line, field))


@router.post(_PATH)
def object_to(
    request: Request, asked: AskPage, checked: Checked, form: str, unit: str, period: str, kind: Annotated[ObjectionKind, Form()],
    line: Annotated[str, Form(max_length=40)] = "", field: Annotated[str, Form(max_length=80)] = "",
    proposed: Annotated[Words, Form(max_length=500)] = "", reason: Annotated[Words, Form(max_length=2_000)] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:  # fmt: skip
    """What cannot be objected to is told on the same page, with all that was typed kept."""
    looked = look_at(asked, form, unit, period)
    claim = Claim(kind, line, field, proposed, reason)
    try:
        opened = objecting.object_to(asked.hub, asked.principal, form, unit, period, claim)
        if file is not None and file.filename:
            content = file.file.read(attachments.LARGEST + 1)
            objecting.add_evidence(asked.hub, asked.principal, opened.objection.id, file.filename, content)
    except YibiaoError as error:
        return _page(request, asked, looked, claim, wrong=error.text(asked.language), status=STATUS[error.kind])
    return _page(request, asked, looked, claim, opened)


def _page(
    request: Request, asked: Asked, looked: Looked, claim: Claim, opened: Opened | None = None, wrong: str = "", status: int = 200
) -> Response:  # fmt: skip
    pages: Pages = request.app.state.pages
    told = "" if opened is None else corrections.opened_data(asked, opened)["told"]
    lists = any(section.kind is SectionKind.ROSTER for section in looked.form.sections)
    kinds = [one for one in ObjectionKind if (one is ObjectionKind.MISSING) == (not claim.line)]
    response = pages.page(
        request, asked, "object.html", report=looked.report, claim=claim, told=told, wrong=wrong, lists=lists,
        columns=_columns(asked, looked, claim.line), kinds=[(one.value, KINDS[one.value].text(asked.language)) for one in kinds],
    )  # fmt: skip
    response.status_code = status
    return response


def _columns(asked: Asked, looked: Looked, code: str) -> list[Column]:
    """What departments say in the line."""
    found = next((one for one in (line_of(part.report, code) for part in looked.parts) if one is not None), None)
    if found is None:
        return []
    section, line = found
    reader = Reader(asked.hub.catalog, section.section, asked.language)
    return [
        Column(field.name, word(field.title, asked.language), reader.text(field, cell))
        for field, cell in zip(section.section.fields, line.cells, strict=True)
        if field.kind is FieldKind.ELEMENT
    ]
