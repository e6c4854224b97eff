"""The clerk's work for somebody: reports as they stand, what is due, and what may be done, only of units in the area."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from hub.core.clock import from_microseconds, parse_period
from hub.core.errors import YibiaoError, not_found
from hub.core.principals import area_limit, may_read_people, may_see_places
from hub.core.remembering import Remembering
from hub.forms import acting, attachments, working
from hub.forms import lifecycle_messages as lm
from hub.forms.canonical import cell_data, report_json
from hub.forms.combining import side_by_side
from hub.forms.edits import line_of, marks
from hub.forms.entries import entries
from hub.forms.filling import form_of, report_digest
from hub.forms.lifecycle import OPEN, TURNS, Standing, acts_for
from hub.forms.model import Report
from hub.forms.problems import Problem, problems
from hub.forms.saving import Outcome
from hub.forms.units import is_village, reporting_units, stands, villages
from hub.forms.working import Worked, standing_of
from hub.registry.model import Form, SectionKind
from hub.store import work as ledger
from hub.store.comments import Comment, comments_of
from hub.store.edits import history_of
from hub.store.objections import corrected_reports
from hub.store.scans import Scan, scans_of
from hub.store.work import OpenPeriod, Step, Work
from hub.web import messages as m
from hub.web.context import Asked, allow

_SHOWN_FOR = timedelta(days=400)  # how long a period stays in the list of what is due


@dataclass(frozen=True, slots=True)
class Mark:
    """Of all that a report of ``unit``, which those of ``units`` make up, hangs on: ``definitions`` in force, the day, and ``stand``
    (``work.stand``)."""

    hub: str
    form: str
    unit: str
    period: str
    units: tuple[str, ...]
    definitions: int
    day: date
    stand: tuple[Any, ...]


@dataclass(frozen=True)
class Looked:
    """A report that somebody looks at: of one unit, or of several together. ``opened``: None where the period was not opened."""

    form: Form
    report: Report
    parts: tuple[Worked, ...]
    opened: OpenPeriod | None
    mark: Mark

    @cached_property
    def side_by_side(self) -> Report:
        """What a township works on: its villages' lines, one below the other."""
        return side_by_side(self.report, [part.report for part in self.parts])

    @cached_property
    def content(self) -> bytes:
        return report_json(self.report)

    @cached_property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


_looked: Remembering[Looked] = Remembering(64)


def look_at(asked: Asked, form: str, unit: str, period: str) -> Looked:
    """Raises NOT_FOUND for a form, unit or period that is not there, FORBIDDEN for a unit outside the area."""
    catalog = asked.hub.catalog
    allow(may_see_places(asked.principal, villages(catalog, unit)), asked, m.MAY_NOT_REPORT, unit=unit)
    found = form_of(catalog, form)
    personal = any(section.kind is SectionKind.ROSTER for section in found.sections)
    allow(may_read_people(asked.principal) or not personal, asked, m.MAY_NOT_READ_PEOPLE, form=form)
    units = reporting_units(catalog, found, unit, parse_period(period).end)
    stand = ledger.stand(asked.hub.engine, form, period, units)
    mark = Mark(str(asked.hub.engine.url), form, unit, period, units, asked.hub.mark, asked.hub.today(), stand)
    return _looked.get(mark, lambda: _look(asked, found, mark))


def _look(asked: Asked, form: Form, mark: Mark) -> Looked:
    parts = working.alike(form, list(working.look(asked.hub, form.id, mark.period, mark.units).values()))
    with asked.hub.engine.connect() as connection:
        opened = ledger.find_period(connection, form.id, mark.period)
    return Looked(form, working.whole(asked.hub, mark.unit, parts), parts, opened, mark)


@dataclass(frozen=True, slots=True)
class Due:
    """One form and period that is asked of units in somebody's area. ``units``: each with where its report stands."""

    form: Form
    opened: OpenPeriod
    units: tuple[tuple[str, Work | None], ...]
    corrected: frozenset[str] = frozenset()  # the units whose report was corrected after it was submitted

    def count(self, standing: Standing) -> int:
        return sum(standing_of(work) is standing for _, work in self.units)

    def late(self, today: date) -> tuple[str, ...]:
        """The units whose report should have been submitted by now and was not."""
        return tuple(unit for unit, work in self.units if today > self.opened.due and standing_of(work) in OPEN)


def due(asked: Asked, unit: str | None = None) -> list[Due]:
    """What is due in the area, or in ``unit`` of it, by due date: one statement, whatever the number of units."""
    catalog = asked.hub.catalog
    limit = area_limit(asked.principal)
    inside = set(villages(catalog, unit)) if unit else None if limit is None else set(limit)
    if unit:
        allow(may_see_places(asked.principal, villages(catalog, unit)), asked, m.MAY_NOT_REPORT, unit=unit)
    with asked.hub.engine.connect() as connection:
        rows = ledger.what_is_due(connection, asked.hub.today() - _SHOWN_FOR)
    touched: dict[tuple[str, str], dict[str, Work]] = {}
    opened: dict[tuple[str, str], OpenPeriod] = {}
    corrected: dict[tuple[str, str], set[str]] = {}
    for period, work, late in rows:
        opened[period.form, period.period] = period
        if work is not None:
            touched.setdefault((period.form, period.period), {})[work.unit] = work
            if late and _left(work):
                corrected.setdefault((period.form, period.period), set()).add(work.unit)
    found = []
    for key, one in opened.items():
        if one.form in catalog.forms:
            form, works = catalog.forms[one.form], touched.get(key, {})
            units = units_of(asked, form, inside, parse_period(one.period).end)
            late_units = frozenset(corrected.get(key, set()) & set(units))
            found.append(Due(form, one, tuple((code, works.get(code)) for code in units), late_units))
    return [one for one in found if one.units]


def units_of(asked: Asked, form: Form, inside: set[str] | None, day: date) -> tuple[str, ...]:
    """The units that report a form for a period that ends on the day, and whose villages all lie inside (None: everywhere)."""
    catalog = asked.hub.catalog
    codes, below = catalog.code_lists["division"].codes, catalog.divisions_below
    every = sorted(code for code in codes if code not in below and is_village(code) and stands(catalog, code, day))
    some = every if inside is None else [code for code in every if code in inside]
    if form.unit_level == "village":
        return tuple(some)
    townships = sorted({str(codes[village].parent) for village in some})
    return tuple(one for one in townships if inside is None or set(villages(catalog, one)) <= inside)


def scans(asked: Asked, form: str, unit: str, period: str) -> list[Scan]:
    """The signed scans of a report, oldest first. Raises as ``look_at``."""
    looked = look_at(asked, form, unit, period)
    with asked.hub.engine.connect() as connection:
        return scans_of(connection, asked.hub.vault, form, looked.report.period.text, unit)


def scan_content(asked: Asked, form: str, unit: str, period: str, number: int) -> tuple[Scan, bytes]:
    """Raises NOT_FOUND ``scan_not_found``."""
    found = next((one for one in scans(asked, form, unit, period) if one.id == number), None)
    if found is None:
        raise not_found(lm.NO_SCAN)
    return found, attachments.read(asked.hub.settings.home, asked.hub.vault, found.file)


# As plain data --------------------------------------------------------------------------------------------------------


def due_data(asked: Asked, found: Due) -> dict[str, Any]:
    late = set(found.late(asked.hub.today()))
    return {
        "form": found.form.id, "title": {"zh": found.form.title.zh, "en": found.form.title.en}, "period": found.opened.period,
        "due": found.opened.due.isoformat(), "closes": _day(found.opened.closes),
        "units": [
            {
                "unit": unit, "standing": standing_of(work).value, "turn": _turn(standing_of(work)), "late": unit in late, "corrected": unit in found.corrected,
            }
            for unit, work in found.units
        ],
    }  # fmt: skip


def work_data(asked: Asked, looked: Looked) -> dict[str, Any]:
    """Where a report stands, whose turn it is, what is still needed, and what a client needs for changing it."""
    with asked.hub.engine.connect() as connection:
        late = corrected_reports(connection, looked.form.id, looked.report.period.text)
    return {
        "form": looked.form.id,
        "period": looked.report.period.text,
        "due": None if looked.opened is None else looked.opened.due.isoformat(),
        "opened": looked.opened is not None,
        "units": [_unit_data(asked, part) | {"corrected": part.unit in late and _left(part.work)} for part in looked.parts],
    }


def _unit_data(asked: Asked, part: Worked) -> dict[str, Any]:
    return {
        "unit": part.unit,
        "standing": part.standing.value,
        "turn": _turn(part.standing),
        "acts": [act.value for act in acts_for(asked.principal, part.standing)],
        "revision": 1 if part.work is None else part.work.revision,
        "digest": report_digest(part.report),
        "marks": marks(part.base),
        "versions": versions(asked, part),
        "problems": [problem_data(problem, asked.language) for problem in problems(part.report)],
    }


def versions(asked: Asked, part: Worked) -> dict[str, dict[str, str]]:
    """The version of every cell that people type: line code -> column -> version."""
    found: dict[str, dict[str, str]] = {}
    for section in part.base.sections:
        names = entries(asked.hub.catalog, section.section, asked.hub.today()).keys()
        for line in section.lines if names else ():
            found[line.code] = {name: part.typed.version(line.code, name, section.cell(line, name)) for name in names}
    return found


def one_cell_data(asked: Asked, looked: Looked, line: str, field: str) -> dict[str, Any]:
    """One cell with what people typed into it, oldest first; ``version``: None where nobody may type. Raises NOT_FOUND."""
    for part in looked.parts:
        if (found := line_of(part.report, line)) is None:
            continue
        section, now = found
        if field not in section.names:
            raise not_found(lm.NO_SUCH_FIELD, field=field[:60])
        with asked.hub.engine.connect() as connection:
            where = (looked.form.id, looked.report.period.text, part.unit, line, field)
            edits = history_of(connection, asked.hub.vault, *where)
            remarks = comments_of(connection, asked.hub.vault, *where)
        return {
            "unit": part.unit,
            "line": line,
            "field": field,
            "version": _version(asked, part, line, field),
            "cell": cell_data(section.cell(now, field)),
        } | {
            "history": [
                {
                    "key": one.key,
                    "kind": one.kind,
                    "text": one.content.get("text", ""),
                    "at": from_microseconds(one.at).isoformat(),
                    "by": one.by,
                }
                for one in edits
            ],
            "comments": [comment_data(one) for one in remarks],
        }
    raise not_found(lm.NO_SUCH_LINE, line=line[:20])


def _version(asked: Asked, part: Worked, line: str, field: str) -> str | None:
    if (found := line_of(part.base, line)) is None or field not in entries(asked.hub.catalog, found[0].section, asked.hub.today()):
        return None
    return part.typed.version(line, field, found[0].cell(found[1], field))


def problem_data(problem: Problem, language: str) -> dict[str, Any]:
    error = problem.error
    return {"code": error.code, "detail": error.text(language), "blocks": problem.blocks, "line": problem.line, "field": problem.field}


def step_data(step: Step) -> dict[str, Any]:
    return {
        "act": step.act, "from": step.state_from, "to": step.state_to, "at": from_microseconds(step.at).isoformat(), "by": step.by,
        "organisation": step.organisation, "role": step.role, "reason": step.reason, "revision": step.revision, "digest": step.digest,
        "signature": step.signature,
    }  # fmt: skip


def comment_data(one: Comment) -> dict[str, Any]:
    return {"text": one.text, "at": from_microseconds(one.at).isoformat(), "by": one.by}


def scan_data(one: Scan) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "type": one.type, "size": one.size, "digest": one.digest, "revision": one.revision,
        "at": from_microseconds(one.at).isoformat(), "by": one.by,
        "href": f"/api/v1/forms/{one.form}/reports/{one.unit}/{one.period}/scans/{one.id}",
    }  # fmt: skip


def outcome_data(outcome: Outcome, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {"key": outcome.key, "fate": outcome.fate.value}
    if outcome.version:
        found["version"] = outcome.version
    if outcome.cell is not None:
        found["cell"] = cell_data(outcome.cell)
    if outcome.cells:
        found["line"] = {name: cell_data(cell) for name, cell in outcome.cells.items()}
    if outcome.missed:
        found["missed"] = list(outcome.missed)
    if outcome.error is not None:
        found |= error_data(outcome.error, language)
    return found


def error_data(error: YibiaoError, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {"code": error.code, "detail": error.text(language)}
    if error.details:
        found["errors"] = [{"code": one.code, "detail": one.text(language)} for one in error.details]
    return found


def done_data(done: Iterable[acting.Done], language: str) -> list[dict[str, Any]]:
    return [
        {"unit": one.unit, "standing": one.standing.value, "done": one.error is None}
        | ({} if one.job is None else {"job": one.job})
        | ({} if one.error is None else error_data(one.error, language))
        for one in done
    ]


def _left(work: Work | None) -> bool:
    """Whether the report is out of the hands of who fills it in."""
    return standing_of(work) not in OPEN


def _turn(standing: Standing) -> str | None:
    turn = TURNS[standing]
    return None if turn is None else turn.value


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
