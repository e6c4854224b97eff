"""For the department: its contracts, its batches with what to mend, and the conflicts that it must look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from hub.core import plan
from hub.core.clock import CITY
from hub.core.principals import may_read_rows, may_see_contract, may_send
from hub.registry.model import Contract
from hub.store.batches import Batch, State
from hub.store.runs import Run, last_runs
from hub.web import answers
from hub.web.context import AskDepartment, Asked, AskPage
from hub.web.pages.forms import Checked, back_to
from hub.web.pages.rendering import Pages
from hub.web.receiving import ReceivedPage
from hub.web.shown import batches, conflicts, sending
from hub.web.shown.values import department_name, moment

router = APIRouter()
_FINDINGS = 50
_BATCHES = 30
_TOLD = {"uploaded", "asked_pull", "asked_pass"}


@dataclass(frozen=True, slots=True)
class Running:
    """A contract with the last and the next run of its schedule, and the newest batch however it came: by the schedule, by a
    pull that somebody asked for, or sent."""

    contract: Contract
    last: Run | None
    next: datetime | None
    newest: Batch | None

    @property
    def delivered_at(self) -> datetime | None:
        """When the newest batch took effect; when it began, where it has not."""
        return None if self.newest is None else moment(self.newest.closed_at or self.newest.started_at)


def running(asked: Asked) -> list[Running]:
    """The contracts that the principal may see, by id."""
    hub = asked.hub
    with hub.engine.connect() as connection:
        runs = last_runs(connection)
    newest = batches.last_of_each(asked)
    found = []
    for name in sorted(hub.catalog.contracts):
        contract = hub.catalog.contracts[name]
        if may_see_contract(asked.principal, name):
            following = plan.parse(contract.schedule, CITY).following(hub.clock.now()) if contract.schedule else None
            found.append(Running(contract, runs.get(name), following.astimezone(CITY) if following else None, newest.get(name)))
    return found


@router.get("/contracts")
def contracts(request: Request, asked: AskDepartment) -> Response:
    pages: Pages = request.app.state.pages
    return pages.page(request, asked, "contracts.html", running=running(asked))


@router.get("/contracts/{name}")
def contract(request: Request, asked: AskPage, name: str, told: str = "", before: int | None = None) -> Response:
    pages: Pages = request.app.state.pages
    batches.contract_seen(asked, name)
    found = next(one for one in running(asked) if one.contract.id == name)
    listed = batches.list_batches(asked, name, before, _BATCHES)
    return pages.page(
        request, asked, "contract.html", running=found, contract=found.contract, batches=listed, more=len(listed) == _BATCHES,
        jobs=batches.jobs_of(asked, name), told=told if told in _TOLD else "", may_send=may_send(asked.principal, name), today=asked.hub.today(),
    )  # fmt: skip


@router.post("/contracts/{name}/pull")
def pull(asked: AskPage, checked: Checked, name: str) -> Response:
    sending.ask_pull(asked, name)
    return back_to(f"/contracts/{name}", "asked_pull")


@router.post("/contracts/{name}/batches")
def upload(
    asked: AskPage,
    checked: Checked,
    received: ReceivedPage,
    name: str,
    as_of: Annotated[str, Form()] = "",
    parent: Annotated[int | None, Form()] = None,
) -> Response:
    sending.send(asked, name, received, as_of, None, parent, None)
    return back_to(f"/contracts/{name}" if parent is None else f"/batches/{parent}", "uploaded")


@router.get("/batches/{number}")
def batch(request: Request, asked: AskPage, number: int, told: str = "", after: Annotated[int, Query(ge=0)] = 0) -> Response:
    pages: Pages = request.app.state.pages
    found, contract = batches.find_batch(asked, number)
    findings = batches.findings(asked, found, contract, after, _FINDINGS)
    return pages.page(
        request, asked, "batch.html", batch=found, contract=contract, reason=batches.reason(found.reason, asked.language),
        details=batches.details(asked, found), findings=findings, more=findings[-1]["id"] if len(findings) == _FINDINGS else None,
        columns={field.name: field.physical for field in contract.fields}, waiting=found.state is State.WAITING,
        may_send=may_send(asked.principal, contract.id), may_read=may_read_rows(asked.principal, contract.id), told=told if told in _TOLD else "", data=batches.batch_data(found, contract, asked.language),
        jobs=batches.jobs_of(asked, contract.id),
    )  # fmt: skip


@router.post("/batches/{number}/pass")
def let_pass(asked: AskPage, checked: Checked, number: int) -> Response:
    sending.let_pass(asked, number)
    return back_to(f"/batches/{number}", "asked_pass")


@router.get("/conflicts")
def queue(request: Request, asked: AskPage, cursor: str = "") -> Response:
    pages: Pages = request.app.state.pages
    limit = 50
    found = conflicts.queue(asked, answers.read_cursor(cursor or None) or 0, limit)
    following = answers.write_cursor(found[-1].id) if len(found) == limit else ""
    return pages.page(
        request, asked, "conflicts.html", queue=found, next=following, department=lambda d: department_name(asked.hub.catalog, d)
    )
