"""One report, or those of a township's villages in one grid: its lines, what it still needs, and the acts that take it on."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from hub.core.clock import from_microseconds
from hub.core.errors import Kind, YibiaoError, invalid
from hub.core.principals import FILLERS
from hub.forms import acting
from hub.forms.acting import Done
from hub.forms.comparing import compare
from hub.forms.display import unit_text
from hub.forms.edits import EditKind, marks, unconfirmed
from hub.forms.lifecycle import OPEN, TURNS, Act, acts_for, waits_for
from hub.forms.lifecycle_messages import ACTS, NOT_OPENED, STANDINGS
from hub.forms.lifecycle_messages import TURNS as TURN_WORDS
from hub.forms.messages import STATES
from hub.forms.model import Report, counts
from hub.forms.problems import problems
from hub.forms.saving import Outcome, Wish, save
from hub.forms.working import Worked
from hub.registry.model import Form as FormVersion
from hub.store.objections import corrected_reports
from hub.store.work import last_steps
from hub.web import messages as m
from hub.web.context import Asked, AskPage, asked_page
from hub.web.pages import changes
from hub.web.pages.cells import LEGEND, SHAPES, Rows, by_column, heads, typing_of
from hub.web.pages.finding import find
from hub.web.pages.forms import Checked
from hub.web.pages.grid_texts import grid_words
from hub.web.pages.naming import head_column
from hub.web.pages.rendering import Pages
from hub.web.problems import STATUS
from hub.web.remembered import keep
from hub.web.shown.work import Looked, look_at
from hub.web.words import Words

router = APIRouter()
LINES = 200

Line = Annotated[int, Query(ge=1)]
Units = Annotated[list[str], Form()]


@dataclass(frozen=True, slots=True)
class Part:
    """One unit's report in the list of those that the page shows together. ``lines``: how many it has, ``waiting``: how many of them
    are not confirmed."""

    unit: str
    name: str
    standing: str
    standing_text: str
    turn: str
    lines: int
    waiting: int
    errors: int
    seen: str
    mine: bool  # it is the reader's turn


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an act: how many reports or lines it took on, the text that says so, and why others stayed."""

    done: int
    refusals: tuple[tuple[str, YibiaoError], ...]
    text: str = "acts_done"
    chosen: tuple[str, ...] = ()  # the units that stay ticked where it is still the reader's turn; none: all of those


@router.get("/reports/{form}/{unit}/{period}")
def report(
    request: Request, form: str, unit: str, period: str, line: Line = 1, lines: str = "", village: str = "", show: str = "",
    find: Annotated[str, Query(max_length=60)] = "",
) -> Response:  # fmt: skip
    asked = asked_page(request)  # here and not as a dependency: that would be a thread of its own, for the page that is opened most
    looked = look_at(asked, form, unit, period)
    view = View(unit, village, show, line, lines == "all", find)
    if request.query_params.get("lang"):  # an answer that sets the language is nobody else's
        return _page(request, asked, looked, view)
    return keep(request, asked, looked.mark, _page(request, asked, looked, view))


@router.post("/reports/{form}/{unit}/{period}/acts")
def act(
    request: Request, asked: AskPage, checked: Checked, form: str, unit: str, period: str, act: Annotated[Act, Form()],
    units: Units = [],  # noqa: B006 - what a form without the field means
    reason: Annotated[Words, Form(max_length=2_000)] = "",
) -> Response:  # fmt: skip
    looked = look_at(asked, form, unit, period)
    if not (chosen := _chosen(looked, units)):
        return _nothing_chosen(request, asked, looked)
    done = acting.act(asked.hub, asked.principal, form, period, chosen, act, reason)
    return _page(request, asked, look_at(asked, form, unit, period), View(unit), replace(_told_of_acts(done), chosen=tuple(chosen)))


@router.post("/reports/{form}/{unit}/{period}/confirm")
def confirm(
    request: Request, asked: AskPage, checked: Checked, form: str, unit: str, period: str,
    units: Units = [],  # noqa: B006
    seen: Annotated[list[str], Form()] = [],  # noqa: B006 - "unit:digest" of each report as the page showed it
    what: Annotated[str, Form()] = "all",  # all, unchanged (since the last frozen report), or one line: "unit:code:mark"
) -> Response:  # fmt: skip
    """Confirm lines of the chosen units as they were shown; a report that changed since is left to be looked at again."""
    looked = look_at(asked, form, unit, period)
    chosen = [what.split(":")[0]] if what.count(":") == 2 else _chosen(looked, units)
    if not chosen:
        return _nothing_chosen(request, asked, looked)
    parts = [part for part in looked.parts if part.unit in chosen]
    shown = dict(one.split(":", 1) for one in seen if ":" in one)
    wishes = _confirmations(asked, looked.form, parts, shown, what)
    outcomes = save(asked.hub, asked.principal, form, period, wishes)
    return _page(
        request, asked, look_at(asked, form, unit, period), View(unit), replace(_told_of_edits(wishes, outcomes), chosen=tuple(units))
    )


def _chosen(looked: Looked, units: Sequence[str]) -> Sequence[str]:
    """The units that were ticked, or the only one there is."""
    return units or ([looked.parts[0].unit] if len(looked.parts) == 1 else [])


def _nothing_chosen(request: Request, asked: Asked, looked: Looked) -> Response:
    """The report again, which says so."""
    response = _page(request, asked, looked, View(looked.report.unit), Told(0, ((looked.report.unit, invalid(m.NOTHING_CHOSEN)),)))
    response.status_code = STATUS[Kind.INVALID]
    return response


def _confirmations(asked: Asked, form: FormVersion, parts: Sequence[Worked], shown: Mapping[str, str], what: str) -> list[Wish]:
    """One confirmation a unit. Where the page showed another report than stands now, its marks match nothing."""

    def wish(part: Worked, lines: Mapping[str, str], repeats: str = "") -> Wish:
        same = shown.get(part.unit) == part.seen
        known = lines if same else dict.fromkeys(lines, "")
        return Wish(secrets.token_hex(16), part.unit, EditKind.CONFIRM, lines=known, repeats=repeats)

    if what.count(":") == 2:
        _, code, mark = what.split(":")
        return [Wish(secrets.token_hex(16), part.unit, EditKind.CONFIRM, lines={code: mark}) for part in parts]
    if what == "unchanged":
        found = compare(asked.hub, form, parts)
        pairs = [(part, found[part.unit]) for part in parts if part.unit in found]
        return [wish(part, marks(part.base, made.unchanged), made.digest) for part, made in pairs if made.unchanged]
    return [wish(part, marks(part.base)) for part in parts]


def _told_of_acts(done: Sequence[Done]) -> Told:
    text = "acts_freezing" if any(one.job is not None for one in done) else "acts_done"
    return Told(sum(one.error is None for one in done), tuple((one.unit, one.error) for one in done if one.error is not None), text)


def _told_of_edits(wishes: Sequence[Wish], outcomes: Sequence[Outcome]) -> Told:
    refusals = tuple((wish.unit, one.error) for wish, one in zip(wishes, outcomes, strict=True) if one.error is not None)
    missed = sum(len(one.missed) or len(wish.lines) for wish, one in zip(wishes, outcomes, strict=True) if one.error is not None)
    return Told(sum(len(wish.lines) for wish in wishes) - missed, refusals, "lines_done")


# The page -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class View:
    """What of a report is shown: the lines of one ``village`` of it, of those only that a person still has to see (``show`` is
    "open"), from which line on, or from where the page begins that has what is looked for (``find``)."""

    unit: str
    village: str = ""
    show: str = ""
    line: int = 1
    whole: bool = False
    find: str = ""


def _page(request: Request, asked: Asked, looked: Looked, view: View, told: Told | None = None) -> Response:
    pages: Pages = request.app.state.pages
    whole = looked.report
    shown = _filtered(looked.side_by_side, view)
    rows = Rows(asked, looked.parts, whole.at)
    limit = max(LINES, *(section.total_lines for section in shown.sections)) if view.whole else LINES
    hits = find(asked.hub.catalog, shown, view.find)
    if hits and not view.whole:
        view = replace(view, line=hits[0].place // LINES * LINES + 1)
    part = page_of(shown, view.line - 1, limit)
    sections = [
        (
            section,
            heads(section),
            rows.rows(section),
            typing_of(asked.hub.catalog, rows.typed(section.section), asked.language),
            head_column(asked.hub.catalog, section.section),
        )
        for section in part.sections
    ]
    found = [(one.unit, problem) for one in looked.parts for problem in problems(one.report)]
    errors = Counter(unit for unit, problem in found if problem.blocks)
    listed = [_part(asked, one, errors[one.unit]) for one in looked.parts]
    acts = [(one.value, ACTS[one.value].text(asked.language), one in _WITH_REASON) for one in _acts(asked, looked.parts)]
    standings = {one.standing for one in listed}
    with asked.hub.engine.connect() as connection:
        corrected = corrected_reports(connection, looked.form.id, whole.period.text)
        sent_back = last_steps(
            connection,
            asked.hub.vault,
            looked.form.id,
            whole.period.text,
            [one.unit for one in looked.parts if one.work and one.standing in OPEN],
        )
    changed = changes.shown(asked, looked.parts, compare(asked.hub, looked.form, looked.parts))
    return pages.page(
        request, asked, "report.html", page_address=f"/reports/{looked.form.id}/{view.unit}/{whole.period.text}", report=part, counts=counts(whole), sections=sections, notes=rows.notes, looked=looked, told=told,
        sent_back=[step for step in sent_back if step.act in _WITH_REASON], when=from_microseconds, act_of=lambda act: ACTS[act].text(asked.language),
        legend=[(state, SHAPES[state], STATES[state].text(asked.language)) for state in LEGEND], parts=listed, view=view, hits=hits,
        grid_words=grid_words(asked.language),
        by_column=[by_column(asked.hub.catalog, section, asked.language) for section in whole.sections], limit=limit, acts=acts,
        problems=found, changed=changed, corrected=[one for one in listed if one.unit in corrected and one.standing not in ("draft", "returned")], fills=asked.principal.has(*FILLERS) and not standings.isdisjoint({"draft", "returned"}), opened=looked.opened,
        not_opened=NOT_OPENED.text(asked.language, {"form_zh": whole.form.title.zh, "form_en": whole.form.title.en, "period": whole.period.text}),
        measured_in=lambda unit: unit_text(unit, asked.language), name_of=lambda code: _name(asked, code), says=lambda error: error.text(asked.language),
    )  # fmt: skip


_WITH_REASON = frozenset({Act.RETURN, Act.WITHDRAW_APPROVAL, Act.REOPEN, Act.REVISE})  # those that give a report back to its makers


def _acts(asked: Asked, parts: Sequence[Worked]) -> list[Act]:
    """What can be done with one of the reports at least, in the order of the acts; freezing is asked for elsewhere."""
    possible = {one for part in parts for one in acts_for(asked.principal, part.standing)}
    return [one for one in Act if one in possible]


def _part(asked: Asked, part: Worked, errors: int) -> Part:
    standing = part.standing
    lines = sum(section.total_lines for section in part.base.sections)
    turn = TURNS[standing]
    return Part(
        part.unit, _name(asked, part.unit), standing.value, STANDINGS[standing.value].text(asked.language),
        "" if turn is None else TURN_WORDS[turn.value].text(asked.language), lines,
        len(unconfirmed(part.report)), errors, part.seen, waits_for(asked.principal, standing),
    )  # fmt: skip


def _name(asked: Asked, unit: str) -> str:
    return asked.hub.catalog.code_lists["division"].codes[unit].title.zh


def _filtered(report: Report, view: View) -> Report:
    sections = []
    for section in report.sections:
        lines = tuple(
            line
            for line in section.lines
            if (not view.village or line.place == view.village) and (view.show != "open" or (not line.confirmed and not line.total))
        )
        sections.append(replace(section, lines=lines, total_lines=len(lines)))
    return replace(report, sections=tuple(sections))


def page_of(report: Report, offset: int, limit: int) -> Report:
    """The report with a part of each section's lines, for a page; ``total_lines`` stays."""
    sections = tuple(replace(section, lines=section.lines[offset : offset + limit]) for section in report.sections)
    return replace(report, sections=sections)
