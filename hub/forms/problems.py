"""What a report still needs before it is submitted: errors block it in the rule's words, warnings never do. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.core.errors import YibiaoError, refused
from hub.forms import lifecycle_messages as m
from hub.forms.display import TO_ENTER, state_of
from hub.forms.edits import unconfirmed
from hub.forms.model import Report, State
from hub.registry.formulas import formula_uses, parse_formula
from hub.registry.model import Severity

_TOLD = (State.CONFLICTING, State.MISSING, State.STALE, TO_ENTER)  # worst first


@dataclass(frozen=True, slots=True)
class Problem:
    """``line``: the code of the line, ``field``: the column to look at; both empty for what is about the whole report."""

    error: YibiaoError
    blocks: bool
    line: str = ""
    field: str = ""


def problems(report: Report) -> list[Problem]:
    """Errors first, then warnings, each in the order of the report."""
    found = [*_broken(report), *_not_confirmed(report), *_states(report)]
    return sorted(found, key=lambda problem: not problem.blocks)


def _broken(report: Report) -> Iterator[Problem]:
    for broken in report.broken:
        section = next(one for one in report.sections if one.section.name == broken.rule.section)
        line = next(one for one in section.lines if one.number == broken.line)
        names = formula_uses(parse_formula(broken.rule.holds)).fields
        column = next((name for name in section.names if name in names), "")
        title = broken.rule.title
        error = refused(m.RULE_BROKEN, line=broken.line, rule_zh=title.zh, rule_en=title.en)
        yield Problem(error, broken.rule.severity is not Severity.WARN, line.code, column)


def _not_confirmed(report: Report) -> Iterator[Problem]:
    waiting = unconfirmed(report)
    if waiting:
        yield Problem(refused(m.NOT_CONFIRMED, count=len(waiting)), True, waiting[0][1].code)


def _states(report: Report) -> Iterator[Problem]:
    """One warning for each state that somebody should look at, at the first cell that has it."""
    first: dict[str, tuple[str, str]] = {}
    count: dict[str, int] = {}
    for section in report.sections:
        for line in section.lines:
            if line.total:
                continue
            for field, cell in zip(section.section.fields, line.cells, strict=True):
                state = state_of(field, cell)
                if state in _TOLD:
                    first.setdefault(state, (line.code, field.name))
                    count[state] = count.get(state, 0) + 1
    for state in _TOLD:
        if state in first:
            yield Problem(refused(m.CELLS_IN_STATE[state], count=count[state]), False, *first[state])
