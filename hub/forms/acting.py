"""The acts that take reports on: each in one transaction with its signed step, and with the work that follows from it asked for.

Submitting makes a delivery of what was typed (``hub.forms.submission``), freezing is a worker's job (``hub.forms.freezing``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from hub.core.clock import Period
from hub.core.errors import Kind, YibiaoError, invalid, refused
from hub.core.principals import Principal, Role, may_see_places
from hub.forms import lifecycle_messages as m
from hub.forms.filling import asked_for, report_digest
from hub.forms.lifecycle import OPEN, Act, Standing, transition
from hub.forms.model import Report
from hub.forms.problems import problems
from hub.forms.submission import contracts_typed
from hub.forms.units import villages
from hub.forms.working import Worked, check_area, check_open, check_unit, is_unit, look, opened_period, standing_of
from hub.registry.model import Form
from hub.store import jobs
from hub.store import work as ledger
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.jobs import Job, JobKind
from hub.store.work import Step, Work


@dataclass(frozen=True, slots=True)
class Done:
    """How an act on one unit went: where it stands now, or why nothing happened. ``job``: the freezing that was asked for."""

    unit: str
    standing: Standing
    error: YibiaoError | None = None
    job: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An act as somebody asks for it."""

    act: Act
    reason: str = ""
    key: str | None = None


def act(
    hub: Hub, principal: Principal, form: str, period: str, units: Sequence[str], wanted: Act, reason: str = "", key: str | None = None
) -> list[Done]:  # fmt: skip
    """Take the reports of these units on, all in one transaction; each is told how it went, and a refused one holds no other up.

    ``key``: the sender's own of this request; sent again, what it did is told again and not done again. A report that is to be frozen
    stays where it stands until a worker has done it. Raises REFUSED ``period_not_opened``.
    """
    found, asked = asked_for(hub, form, period)
    ready = _ready(hub, found, asked, units) if wanted is Act.SUBMIT else {}
    done: list[Done] = []
    with writing(hub.engine) as connection:
        opened_period(connection, found, asked)
        well: list[str] = []
        for unit in dict.fromkeys(units):
            try:
                if key is not None and (before := ledger.done_before(connection, form, asked.text, unit, wanted.value, key)) is not None:
                    done.append(Done(unit, Standing(before)))
                    continue
                standing = _act(connection, hub, principal, found, asked, unit, Wanted(wanted, reason, key), ready.get(unit))
                done.append(Done(unit, standing))
                well.append(unit)
            except YibiaoError as error:
                now = ledger.find_work(connection, form, asked.text, [unit]).get(unit)
                done.append(Done(unit, standing_of(now), error))
        if wanted is Act.SUBMIT:
            _ask_deliveries(connection, hub, principal, found, asked, [ready[unit] for unit in well])
        if wanted is Act.FREEZE and well:
            job = _ask_freezing(connection, hub, principal, found, asked, well, key)
            done = [replace(one, job=job.id) if one.error is None else one for one in done]
    return done


def _ask_deliveries(connection: Connection, hub: Hub, principal: Principal, form: Form, period: Period, parts: Sequence[Worked]) -> None:
    """One for each contract of the township that something was typed for."""
    typed = {part.unit: contracts_typed(hub, part) for part in parts}
    for contract in sorted(set().union(*typed.values())):
        units = [unit for unit, contracts in typed.items() if contract in contracts]
        payload = {"form": form.id, "period": period.text, "units": units}
        jobs.ask(connection, JobKind.SUBMIT, contract, payload, principal.name, hub.micros())


def _ask_freezing(
    connection: Connection, hub: Hub, principal: Principal, form: Form, period: Period, units: Sequence[str], key: str | None
) -> Job:  # fmt: skip
    payload = {
        "form": form.id, "period": period.text, "units": list(units), "by": principal.name, "organisation": principal.organisation,
    }  # fmt: skip
    digest = sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    about = f"{FORMS}{form.id}"
    return jobs.ask(
        connection, JobKind.FREEZE, about, payload, principal.name, hub.micros(), request_key=key, request_digest=digest
    )[0]  # fmt: skip


_LONGEST_EXTENSION = timedelta(days=366)
FORMS = "form:"  # before a form's name: what stands for a contract in a job that is about a form


def _ready(hub: Hub, form: Form, period: Period, units: Sequence[str]) -> dict[str, Worked]:
    inside = [unit for unit in dict.fromkeys(units) if is_unit(hub.catalog, form, unit, period.end)]
    return look(hub, form.id, period.text, inside) if period.end < hub.today() else {}


def _act(
    connection: Connection, hub: Hub, principal: Principal, form: Form, period: Period, unit: str, wanted: Wanted, ready: Worked | None
) -> Standing:  # fmt: skip
    check_unit(hub.catalog, form, unit, period.end)
    check_area(hub.catalog, principal, unit)
    now = hub.micros()
    work = ledger.hold(connection, form.id, period.text, unit, now, principal.name)
    step = transition(principal, wanted.act, Standing(work.state), wanted.reason)
    if wanted.act is Act.FREEZE:
        return Standing(work.state)
    revision = work.revision + (wanted.act is Act.REVISE)
    values: dict[str, object] = {"state": step.after.value, "changed_at": now, "changed_by": principal.name, "revision": revision}
    digest = work.digest
    if wanted.act is Act.SUBMIT:
        if period.end >= hub.today():
            raise refused(m.PERIOD_RUNNING, period=period.text, end=period.end.isoformat())
        assert ready is not None
        check_open(opened_period(connection, form, period).closes, work, hub.today())
        if ledger.last_edits(connection, form.id, period.text, [unit]).get(unit, 0) != ready.last_edit:
            raise YibiaoError(Kind.CONFLICT, m.TYPED_MEANWHILE)
        _check_ready(ready.report)
        digest = report_digest(ready.report)
        values |= {"known": ready.known, "digest": digest}
    elif step.after in OPEN:
        values |= {"known": None, "digest": None}
    if not ledger.move(connection, work, **values):
        raise YibiaoError(Kind.CONFLICT, m.STATE_CHANGED, state_zh=m.STANDINGS[work.state].zh, state_en=m.STANDINGS[work.state].en)
    _write_step(connection, hub, principal, replace(work, revision=revision, digest=digest), step.after, step.roles, wanted)
    return step.after


def extend(hub: Hub, principal: Principal, form: str, period: str, unit: str, until: date) -> None:
    """Let a unit fill in its report until that day, though the period has closed.

    Raises FORBIDDEN, REFUSED ``period_not_opened``, INVALID for a day gone by or more than a year away.
    """
    found, asked = asked_for(hub, form, period)
    check_unit(hub.catalog, found, unit, asked.end)
    if not principal.has(Role.COUNTY) or not may_see_places(principal, villages(hub.catalog, unit)):
        raise YibiaoError(Kind.FORBIDDEN, m.MAY_NOT_EXTEND, principal=principal.name)
    with writing(hub.engine) as connection:
        opened = opened_period(connection, found, asked)
        last = max(opened.due, hub.today()) + _LONGEST_EXTENSION
        if not hub.today() <= until <= last:
            raise invalid(m.EXTENSION_OUT_OF_RANGE, first=hub.today().isoformat(), last=last.isoformat())
        work = ledger.hold(connection, form, asked.text, unit, hub.micros(), principal.name)
        ledger.move(connection, work, extended=until, changed_at=hub.micros(), changed_by=principal.name)
        wanted = Wanted(Act.EXTEND, until.isoformat())
        _write_step(connection, hub, principal, work, Standing(work.state), frozenset({Role.COUNTY}), wanted)


def _write_step(
    connection: Connection, hub: Hub, principal: Principal, work: Work, after: Standing, roles: frozenset[Role], wanted: Wanted
) -> None:  # fmt: skip
    """``work``: where the report stood, with the revision and digest that it has now."""
    role = min(roles & principal.roles)
    step = Step(
        work.form, work.period, work.unit, work.revision, wanted.act.value, work.state, after.value, hub.micros(), principal.name,
        principal.organisation, role.value, wanted.reason.strip(), work.digest,
    )  # fmt: skip
    ledger.write_steps(connection, hub.vault, [step], wanted.key)


def _check_ready(report: Report) -> None:
    """Raises REFUSED ``report_has_errors`` with each error as a detail."""
    errors = tuple(problem.error for problem in problems(report) if problem.blocks)
    if errors:
        raise YibiaoError(Kind.REFUSED, m.HAS_ERRORS, details=errors, count=len(errors))
