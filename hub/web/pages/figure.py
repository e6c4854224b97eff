"""Why a figure is another than in the period before: those who joined and left, by reason, down to each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from hub.core.errors import not_found
from hub.core.principals import may_read_people
from hub.forms import lifecycle_messages as lm
from hub.forms.comparing import figure_parts, names_of
from hub.registry.model import FieldKind, Form, FormField
from hub.store.rosters import Line
from hub.web.context import Asked, AskPage
from hub.web.pages.rendering import Pages
from hub.web.shown.work import look_at

router = APIRouter()
_NAMED = 200  # people named in one group


@dataclass(frozen=True, slots=True)
class Group:
    """``names``: of the first of them; empty for somebody who may not read people's data."""

    sign: str
    reason: str
    count: int
    names: tuple[str, ...]


@router.get("/reports/{form}/{unit}/{period}/figures/{field}")
def page(request: Request, asked: AskPage, form: str, unit: str, period: str, field: str) -> Response:
    pages: Pages = request.app.state.pages
    looked = look_at(asked, form, unit, period)
    column = _column(looked.form, field)
    measure = asked.hub.catalog.measures[column.expression]
    before, known = looked.report.period.previous, max(part.known for part in looked.parts)
    groups = [
        Group(
            "＋" if part.sign > 0 else "－",
            part.reason.text(asked.language),
            len(part.lines),
            _names(asked, measure.of, part.lines[:_NAMED]),
        )
        for part in figure_parts(asked.hub, measure.name, unit, before, looked.report.period, known)
    ]
    counted = measure.value.replace(" ", "") == "count(*)"
    return pages.page(
        request, asked, "figure.html", form=looked.form, report=looked.report, column=column, groups=groups, before=before, counted=counted,
        difference=sum(group.count * (1 if group.sign == "＋" else -1) for group in groups),
    )  # fmt: skip


def _column(form: Form, name: str) -> FormField:
    fields = [field for section in form.sections for field in section.fields if field.name == name and field.kind is FieldKind.MEASURE]
    if not fields:
        raise not_found(lm.NO_SUCH_FIELD, field=name[:60])
    return fields[0]


def _names(asked: Asked, entity: str, lines: Sequence[Line]) -> tuple[str, ...]:
    if not may_read_people(asked.principal):
        return ()
    found = names_of(asked.hub, entity, lines)
    return tuple(found.get(line, "—") or "—" for line in lines)
