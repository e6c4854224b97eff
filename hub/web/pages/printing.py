"""A report on A4 as the official layout: head and foot on every page, page n of m, and the digest that finds the frozen report.

Pages are laid out here and not by the browser, which cannot number them on the machines of most offices: each holds as many lines as
surely fit (hub/web/pages/sheets.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from hub.core.clock import from_microseconds
from hub.core.errors import not_found
from hub.core.messages import word
from hub.forms import working
from hub.forms.display import unit_text
from hub.forms.lifecycle import Act, Standing
from hub.forms.lifecycle_messages import STANDINGS
from hub.forms.model import SectionReport
from hub.forms.objection_notes import line_footnotes
from hub.registry.model import FormField
from hub.store.frozen import find_by_digest
from hub.store.messages import NOT_FROZEN
from hub.store.work import Step
from hub.web.context import Asked, AskPage
from hub.web.pages.cells import ColumnSource, Row, Rows, by_column, heads
from hub.web.pages.rendering import Pages
from hub.web.pages.sheets import lay_out
from hub.web.pages.texts import TEXTS
from hub.web.shown.work import Looked, look_at

router = APIRouter()


@dataclass(frozen=True)
class Sheet:
    """One page: some lines of a section. ``points``: the size of its letters; ``notes``: of the last page of a section, what stands
    behind its columns; ``footnotes``: the open objections to its lines and to the values in them."""

    section: SectionReport
    rows: tuple[Row, ...]
    widths: tuple[int, ...]
    points: int
    notes: tuple[ColumnSource, ...]
    footnotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """Who prepared, reviewed and approved, as far as the report has come; the head of the unit signs by hand."""

    prepared: str
    reviewed: str
    approved: str


@router.get("/reports/{form}/{unit}/{period}/print")
def page(request: Request, asked: AskPage, form: str, unit: str, period: str) -> Response:
    pages: Pages = request.app.state.pages
    looked = look_at(asked, form, unit, period)
    rows = Rows(asked, looked.parts, looked.report.at)
    sheets = [sheet for section in looked.report.sections for sheet in _sheets(asked, rows, section)]
    standings = {part.standing for part in looked.parts}
    final = standings == {Standing.FROZEN}
    stand = TEXTS["comma"].text(asked.language).join(STANDINGS[one.value].text(asked.language) for one in Standing if one in standings)
    return pages.page(
        request, asked, "print.html", report=looked.report, sheets=sheets, heads=heads, final=final, stand=stand,
        digest=_digest(looked), signed=_signed(asked, looked), today=asked.hub.today(), behind=_behind,
        title=lambda field: _title(field, asked.language),
    )  # fmt: skip


@router.get("/frozen/{digest}")
def found(request: Request, asked: AskPage, digest: str) -> Response:
    """From the digest on a printed page to the report."""
    with asked.hub.engine.connect() as connection:
        one = find_by_digest(connection, asked.hub.vault, digest)
    if one is None:
        raise not_found(NOT_FROZEN, form="—", period="—", unit=digest[:20])
    return RedirectResponse(f"/reports/{one.form}/{one.unit}/{one.period}", 303)


def _digest(looked: Looked) -> str:
    """Of the report as it is printed: that of the frozen one, or of this draft."""
    (part,) = looked.parts if len(looked.parts) == 1 else (None,)
    return looked.digest if part is None or part.work is None or part.standing is not Standing.FROZEN else str(part.work.digest)


def _signed(asked: Asked, looked: Looked) -> Signed:
    if len(looked.parts) != 1:
        return Signed("", "", "")
    steps = working.steps(asked.hub, looked.form.id, looked.report.period.text, looked.parts[0].unit)
    by_act = {(step.act, step.state_to): step for step in steps}
    return Signed(
        _who(by_act.get((Act.SUBMIT, Standing.SUBMITTED))), _who(by_act.get((Act.APPROVE, Standing.APPROVED_TOWNSHIP))),
        _who(by_act.get((Act.APPROVE, Standing.APPROVED_COUNTY))),
    )  # fmt: skip


def _who(step: Step | None) -> str:
    return "" if step is None else f"{step.by} {from_microseconds(step.at):%Y-%m-%d}"


def _sheets(asked: Asked, rows: Rows, section: SectionReport) -> Iterator[Sheet]:
    shown, fields = rows.rows(section), section.section.fields
    notes = tuple(by_column(asked.hub.catalog, section, asked.language))
    titles = [_title(field, asked.language) for field in fields]
    texts = [[cell.text or cell.word for cell in row.cells] for row in shown]
    layout = lay_out(titles, texts, grouped=any(field.group for field in fields))
    below = [line_footnotes(section, row.line, asked.language) for row in shown]
    pages = layout.pages(texts, below, [f"{source} {day}" for source, day in _behind(notes)])
    for number, page in enumerate(pages):
        footnotes = tuple(note for place in page for note in below[place])
        last = number == len(pages) - 1
        yield Sheet(section, tuple(shown[place] for place in page), layout.widths, layout.points, notes if last else (), footnotes)


def _behind(notes: Sequence[ColumnSource]) -> list[tuple[str, date]]:
    """Each source once, with its oldest date."""
    found: dict[str, date] = {}
    for note in notes:
        if note.sources and note.as_of is not None:
            found[note.sources] = min(note.as_of, found.get(note.sources, note.as_of))
    return sorted(found.items())


def _title(field: FormField, language: str) -> str:
    unit = TEXTS["bracketed"].text(language, {"what": unit_text(field.unit, language)}) if field.unit else ""
    return word(field.title, language) + unit
