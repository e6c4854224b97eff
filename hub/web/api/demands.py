"""Lists on demand by HTTP, and the inventory of what is asked of townships."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from hub.forms.demand_files import list_csv, list_workbook
from hub.forms.demands import Filter, IdStyle, Profile, Test
from hub.forms.workbook import MEDIA_TYPE
from hub.web import answers
from hub.web.context import Ask
from hub.web.receiving import file_answer
from hub.web.shown import demands as shown
from hub.web.words import Words

router = APIRouter(tags=["lists"])

Column = Annotated[str, Field(max_length=120)]


class SentFilter(BaseModel):
    """A line is listed if what stands in `column` passes the test; `filled` and `empty` take no text."""

    column: Column
    test: Test
    text: Annotated[Words, Field(max_length=200)] = ""


class SentDemand(BaseModel):
    """`form`: whose roster the list is made of; `columns` and `order`: names of its choices."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "form": "elderly-roster", "unit": "411521100000", "asker": "县红十字会", "purpose": "重阳节走访慰问",
                "columns": ["name", "citizen_id", "village", "address"], "order": ["village"],
                "filters": [{"column": "alone", "test": "is", "text": "是"}], "id_style": "split",
            }
        }
    )  # fmt: skip

    form: Annotated[str, Field(max_length=80)]
    unit: Annotated[str, Field(max_length=12)]
    asker: Annotated[Words, Field(max_length=100)]
    purpose: Annotated[Words, Field(max_length=300)]
    columns: Annotated[list[Column], Field(max_length=60)]
    order: Annotated[list[Column], Field(max_length=5)] = []
    filters: Annotated[list[SentFilter], Field(max_length=10)] = []
    id_style: IdStyle = IdStyle.WHOLE


@router.get("/forms/{form}/choices", summary="The columns that a list made of a form's roster may have")
def choices(asked: Ask, form: str) -> Response:
    return answers.plain({"items": shown.choices_data(asked, form)})


@router.post("/demands", status_code=201, summary="Record who asks for which list, and for what")
def ask(asked: Ask, sent: SentDemand) -> Response:
    filters = tuple(Filter(one.column, one.test, one.text) for one in sent.filters)
    profile = Profile(sent.form, tuple(sent.columns), filters, tuple(sent.order), sent.id_style)
    number = shown.ask(asked, sent.unit, sent.asker, sent.purpose, profile)
    return answers.plain(shown.demand_data(shown.find(asked, number)), 201, {"Location": f"/api/v1/demands/{number}"})


@router.get("/demands", summary="The lists that were asked for in the caller's area, newest first")
def own(asked: Ask) -> Response:
    return answers.plain({"items": [shown.demand_data(one) for one in shown.own(asked)]})


@router.get("/demands/{number}", summary="Who asked for a list, what for, and how it is made")
def demand(asked: Ask, number: int) -> Response:
    return answers.plain(shown.demand_data(shown.find(asked, number)))


@router.get("/demands/{number}/list", summary="The list as of now")
def listed(asked: Ask, number: int) -> Response:
    found = shown.find(asked, number)
    return answers.plain(shown.list_data(found, shown.made(asked, found, "json")))


@router.get(
    "/demands/{number}/list.xlsx",
    summary="The list as of now, as a workbook",
    response_class=Response,
    responses=file_answer(MEDIA_TYPE),
)
def workbook(asked: Ask, number: int) -> Response:
    found = shown.find(asked, number)
    return _file(list_workbook(shown.made(asked, found, "xlsx"), found.purpose, asked.language), MEDIA_TYPE, f"{number}.xlsx")


@router.get(
    "/demands/{number}/list.csv",
    summary="The list as of now, as CSV",
    response_class=Response,
    responses=file_answer("text/csv"),
)
def comma_separated(asked: Ask, number: int) -> Response:
    found = shown.find(asked, number)
    content = list_csv(shown.made(asked, found, "csv"), IdStyle(found.id_style), asked.language)
    return _file(content, "text/csv; charset=utf-8", f"{number}.csv")


@router.get("/inventory", summary="For the data bureau: the set of forms, and what is asked of townships outside it")
def inventory(asked: Ask) -> Response:
    return answers.plain(shown.inventory_data(asked, shown.outside(asked)))


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="list-{name}"', "Cache-Control": "private, no-store"}
    return Response(content, headers=headers, media_type=media_type)
