"""What becomes of the library's answers: one result per rule of a batch. Who asks the library is ``hub.checks.batch`` (in this
process) or ``hub.checks.apart`` (in one of its own)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlalchemy import URL

from hub.checks import batch_messages as m
from hub.checks.finding import RuleResult
from hub.checks.suite import Check
from hub.core.errors import Kind, YibiaoError

Answers = Mapping[str, bool | str]  # by the name of the check: yes, no, or the class of what was raised
Ask = Callable[[URL | str, str, str | None, Sequence[Check], date], Answers]


def results(
    ask: Ask,
    url: URL | str,
    table: str,
    schema: str | None,
    checks: Sequence[Check],
    *,
    rows: int,
    as_of: date,
    count_broken: Callable[[Check], int],
) -> tuple[RuleResult, ...]:
    """One result per check, in order.

    ``rows`` is the number of rows staged: an empty batch never reaches the suite, for it would pass every rule on rows (REFUSED
    ``batch_is_empty``, GX-09). ``count_broken`` gives the number of rows that break a check; it is asked of failed ones only.
    The library itself failing (no such table, no connection) is an ``error`` of every rule.
    """
    if rows == 0:
        raise YibiaoError(Kind.REFUSED, m.EMPTY_BATCH)
    if not checks:
        return ()
    answers = ask(url, table, schema, checks, as_of)
    return tuple(_result(check, answers.get(check.name, "no answer"), rows, count_broken) for check in checks)


def _result(check: Check, answer: bool | str, rows: int, count_broken: Callable[[Check], int]) -> RuleResult:
    outcome, broken, message = "passed", 0, ""
    if isinstance(answer, str):
        outcome, message = "error", f"{m.RULE_RAISED.code} {answer}"
    elif not answer:
        broken = count_broken(check)
        outcome, message = ("failed", "") if broken else ("error", m.RULE_UNSURE.code)
    return RuleResult(check.name, check.columns, outcome, rows, broken, check.severity, check.limit, check.dimension, message)
