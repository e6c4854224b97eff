"""Lists on demand: choosing a roster, columns, lines and the way identifiers are written; the list; and for the data bureau the
inventory of what is asked of townships."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Form as Sent

from hub.core.clock import from_microseconds
from hub.core.errors import YibiaoError
from hub.core.messages import word
from hub.forms import demand_messages as dm
from hub.forms.demands import Filter, IdStyle, Profile, Test, choices, rosters
from hub.forms.filling import form_of
from hub.registry.model import Form, Title
from hub.web.context import Asked, AskPage
from hub.web.pages.forms import Checked, back_to
from hub.web.pages.rendering import Pages
from hub.web.pages.texts import TEXTS
from hub.web.problems import STATUS
from hub.web.shown import demands as shown
from hub.web.shown.reports import townships
from hub.web.words import Words

router = APIRouter()
_FILTERS = 3  # that the page offers
_LINES = 200  # that the page shows; files have all

Texts = Annotated[list[str], Sent()]


@router.get("/demands")
def page(request: Request, asked: AskPage, form: str = "") -> Response:
    return _page(request, asked, form)


@router.post("/demands")
def ask(
    request: Request, asked: AskPage, checked: Checked, form: Annotated[str, Sent()], unit: Annotated[str, Sent()],
    asker: Annotated[Words, Sent(max_length=100)] = "", purpose: Annotated[Words, Sent(max_length=300)] = "",
    column: Texts = [], place: Texts = [], filter_column: Texts = [], filter_test: Texts = [], filter_text: Texts = [],  # noqa: B006
    order: Annotated[str, Sent()] = "", id_style: Annotated[IdStyle, Sent()] = IdStyle.WHOLE,
) -> Response:  # fmt: skip
    """``place``: of each ``column`` in the list, empty for one that is left out. What is wrong is told with all that was chosen kept."""
    places = dict(zip(column, place, strict=False))
    chosen = sorted((name for name in column if places.get(name, "").strip()), key=lambda name: (_number(places[name]), column.index(name)))
    filters = [
        Filter(name, Test(test), text)
        for name, test, text in zip(filter_column, filter_test, filter_text, strict=False)
        if name and test in set(Test)
    ]
    profile = Profile(form, tuple(chosen), tuple(filters), (order,) if order else (), id_style)
    try:
        number = shown.ask(asked, unit, asker, purpose, profile)
    except YibiaoError as error:
        kept = {"unit": unit, "asker": asker, "purpose": purpose}
        return _page(request, asked, form, error, profile, kept)
    return back_to(f"/demands/{number}")


def _number(text: str) -> float:
    return float(text) if text.strip().replace(".", "", 1).isdecimal() else 999.0


@router.get("/demands/{number}")
def one(request: Request, asked: AskPage, number: int) -> Response:
    pages: Pages = request.app.state.pages
    found = shown.find(asked, number)
    listed = shown.made(asked, found, "page")
    form = asked.hub.catalog.forms[found.form]
    return pages.page(
        request, asked, "demand.html", found=found, form=form, rows=listed.rows[:_LINES], listed=listed, most=_LINES,
        unit_name=_name(asked, found.unit), style=dm.ID_STYLES[found.id_style].text(asked.language),
    )  # fmt: skip


@router.get("/inventory")
def inventory(request: Request, asked: AskPage) -> Response:
    pages: Pages = request.app.state.pages
    rows = shown.outside(asked)
    columns = {one.form: _labels(asked, asked.hub.catalog.forms[one.form]) for one in rows if one.form in asked.hub.catalog.forms}
    return pages.page(request, asked, "inventory.html", rows=rows, when=from_microseconds, forms=asked.hub.catalog.forms, columns=columns)


def _page(
    request: Request, asked: Asked, form: str, wrong: YibiaoError | None = None, profile: Profile | None = None,
    kept: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    shown.may_list(asked)
    pages: Pages = request.app.state.pages
    catalog = asked.hub.catalog
    chosen = form_of(catalog, form) if form else None
    filters = (profile.filters if profile else ())[:_FILTERS]
    response = pages.page(
        request, asked, "demands.html", forms=[catalog.forms[name] for name in rosters(catalog)], chosen=chosen, profile=profile,
        columns={} if chosen is None else _labels(asked, chosen), kept=kept or {}, units=townships(asked),
        filters=[*filters, *[None] * (_FILTERS - len(filters))], own=shown.own(asked), name_of=lambda code: _name(asked, code),
        styles=[(style.value, dm.ID_STYLES[style].text(asked.language)) for style in IdStyle],
        tests=[(test.value, dm.TESTS[test].text(asked.language)) for test in Test],
        wrong="" if wrong is None else wrong.text(asked.language),
    )  # fmt: skip
    response.status_code = 200 if wrong is None else STATUS[wrong.kind]
    return response


def _labels(asked: Asked, form: Form) -> dict[str, str]:
    """What each column that can be chosen is called; one of another form with that form's name, for two forms may call theirs the same."""

    def label(name: str, title: Title) -> str:
        other = name.partition(".")[0] if "." in name else ""
        text = word(title, asked.language)
        return text + _bracketed(asked, other) if other else text

    return {name: label(name, field.title) for name, field in choices(asked.hub.catalog, form).items()}


def _name(asked: Asked, code: str) -> str:
    return asked.hub.catalog.code_lists["division"].codes[code].title.zh


def _bracketed(asked: Asked, form: str) -> str:
    return TEXTS["bracketed"].text(asked.language, {"what": word(asked.hub.catalog.forms[form].title, asked.language)})
