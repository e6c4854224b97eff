"""A report on A4 as the official layout: head and foot on every page, page n of m, and the digest that finds the frozen report.

Pages are laid out here and not by the browser, which cannot number them on the machines of most offices: each holds as many lines as
surely fit, by how often the longest cell of a line wraps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from hub.core.clock import from_microseconds
from hub.core.errors import not_found
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
from hub.web.pages.texts import TEXTS
from hub.web.shown.values import word
from hub.web.shown.work import Looked, look_at

router = APIRouter()

_WIDE = 176  # half-width signs across a page, at the size of the print
_TALL = 38.0  # lines of text down a page, between head and foot, with room for the notes of the last
_BETWEEN = 0.35  # of a line: what borders and blanks take of a row
_AROUND = 2  # signs of a column that its borders and blanks take


@dataclass(frozen=True)
class Sheet:
    """One page: some lines of a section. ``notes``: of the last page of a section, what stands behind its columns; ``footnotes``: the
    open objections to its lines and to the values in them."""

    section: SectionReport
    rows: tuple[Row, ...]
    widths: tuple[int, ...]
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
    shown = rows.rows(section)
    notes = tuple(by_column(asked.hub.catalog, section, asked.language))
    widths = _widths(section, shown, asked.language)
    titles = [_title(field, asked.language) for field in section.section.fields]
    head = max(_wraps(title, width) for title, width in zip(titles, widths, strict=True)) + 2 * _BETWEEN
    below = {line.code: line_footnotes(section, line, asked.language) for line in section.lines}
    pages = list(_filled(shown, widths, head + 1, below))
    for number, part in enumerate(pages):
        footnotes = tuple(note for row in part for note in below[row.line.code])
        yield Sheet(section, tuple(part), widths, notes if number == len(pages) - 1 else (), footnotes)


def _behind(notes: Sequence[ColumnSource]) -> list[tuple[str, date]]:
    """Each source once, with its oldest date."""
    found: dict[str, date] = {}
    for note in notes:
        if note.sources and note.as_of is not None:
            found[note.sources] = min(note.as_of, found.get(note.sources, note.as_of))
    return sorted(found.items())


def _widths(section: SectionReport, rows: Sequence[Row], language: str) -> tuple[int, ...]:
    """How wide each column is, in hundredths of the page: by its longest text, none less than its share of a narrow one."""
    longest = []
    for place, field in enumerate(section.section.fields):
        texts = [_places(row.cells[place].text) for row in rows]
        longest.append(min(40, max([6, (_places(_title(field, language)) + 1) // 2, *texts])) + _AROUND)
    whole = sum(longest)
    return tuple(max(1, one * 100 // whole) for one in longest)


def _title(field: FormField, language: str) -> str:
    unit = TEXTS["bracketed"].text(language, {"what": unit_text(field.unit, language)}) if field.unit else ""
    return word(field.title, language) + unit


def _filled(rows: Sequence[Row], widths: Sequence[int], head: float, below: Mapping[str, Sequence[str]]) -> Iterator[list[Row]]:
    """The rows of each page; their footnotes stand on the same."""
    page: list[Row] = []
    used = head
    for row in rows:
        tall = max(_wraps(cell.text or cell.word, width) for cell, width in zip(row.cells, widths, strict=True)) + _BETWEEN
        tall += sum(_wraps(note, 100) for note in below[row.line.code])
        if page and used + tall > _TALL:
            yield page
            page, used = [], head
        page.append(row)
        used += tall
    yield page


def _wraps(text: str, width: int) -> int:
    room = max(1, _WIDE * width // 100 - _AROUND)
    return -(-_places(text) // room) or 1


def _places(text: str) -> int:
    """Half-width signs that a text takes."""
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
