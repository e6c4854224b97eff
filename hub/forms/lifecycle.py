"""Where a report stands, which acts take it on, and who may do them: a table, and what is said to whoever may not.

Pure. An approver approves or sends back and has no act that changes a figure (Statistics Law of 2024, art. 7); a form without
approval number, or past its expiry, is never opened (art. 17).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hub.core.clock import Period, WorkingDays
from hub.core.errors import YibiaoError, invalid, refused
from hub.core.messages import Message
from hub.core.principals import FILLERS, Principal, Role
from hub.forms import lifecycle_messages as m
from hub.registry.model import Form


class Standing(StrEnum):
    """Where a report stands."""

    DRAFT = "draft"
    RETURNED = "returned"  # a draft that came back, with reasons
    SUBMITTED = "submitted"
    APPROVED_TOWNSHIP = "approved_township"
    APPROVED_COUNTY = "approved_county"
    FROZEN = "frozen"  # kept whole for ever, with digest and signature


OPEN = frozenset({Standing.DRAFT, Standing.RETURNED})  # those who fill it in may type


class Act(StrEnum):
    """What people do with a report as a whole."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"  # whoever submitted takes it back before anybody approved
    RETURN = "return"
    APPROVE = "approve"
    WITHDRAW_APPROVAL = "withdraw-approval"
    REOPEN = "reopen"
    FREEZE = "freeze"
    REVISE = "revise"  # a new revision of a frozen report; the old one stays as it is
    EXTEND = "extend"  # a later last day for one unit; it takes the report nowhere
    SCAN = "scan"  # the signed scan is attached; it takes the report nowhere either


@dataclass(frozen=True, slots=True)
class Transition:
    act: Act
    before: Standing
    after: Standing
    roles: frozenset[Role]
    reason: bool = False  # one must be given


_TOWNSHIP = frozenset({Role.TOWNSHIP_APPROVER})
_COUNTY = frozenset({Role.COUNTY})

TRANSITIONS = (
    Transition(Act.SUBMIT, Standing.DRAFT, Standing.SUBMITTED, FILLERS),
    Transition(Act.SUBMIT, Standing.RETURNED, Standing.SUBMITTED, FILLERS),
    Transition(Act.WITHDRAW, Standing.SUBMITTED, Standing.DRAFT, FILLERS),
    Transition(Act.APPROVE, Standing.SUBMITTED, Standing.APPROVED_TOWNSHIP, _TOWNSHIP),
    Transition(Act.RETURN, Standing.SUBMITTED, Standing.RETURNED, _TOWNSHIP | {Role.TOWNSHIP}, reason=True),
    Transition(Act.WITHDRAW_APPROVAL, Standing.APPROVED_TOWNSHIP, Standing.SUBMITTED, _TOWNSHIP, reason=True),
    Transition(Act.APPROVE, Standing.APPROVED_TOWNSHIP, Standing.APPROVED_COUNTY, _COUNTY),
    Transition(Act.RETURN, Standing.APPROVED_TOWNSHIP, Standing.RETURNED, _COUNTY, reason=True),
    Transition(Act.REOPEN, Standing.APPROVED_COUNTY, Standing.APPROVED_TOWNSHIP, _COUNTY, reason=True),
    Transition(Act.FREEZE, Standing.APPROVED_COUNTY, Standing.FROZEN, _COUNTY),
    Transition(Act.REVISE, Standing.FROZEN, Standing.DRAFT, FILLERS | _COUNTY, reason=True),
)

# Whose turn it is, by where a report stands: the role that people wait for; None: nobody's.
TURNS: dict[Standing, Role | None] = {
    Standing.DRAFT: Role.TOWNSHIP,
    Standing.RETURNED: Role.TOWNSHIP,
    Standing.SUBMITTED: Role.TOWNSHIP_APPROVER,
    Standing.APPROVED_TOWNSHIP: Role.COUNTY,
    Standing.APPROVED_COUNTY: Role.COUNTY,
    Standing.FROZEN: None,
}


def acts_for(principal: Principal, standing: Standing) -> tuple[Act, ...]:
    """What somebody may do with a report of their area that stands there, in the order of the table."""
    return tuple(one.act for one in TRANSITIONS if one.before is standing and not one.roles.isdisjoint(principal.roles))


_ONWARDS = frozenset({Act.SUBMIT, Act.APPROVE, Act.FREEZE})


def waits_for(principal: Principal, standing: Standing) -> bool:
    """Whether it is somebody's turn with a report of their area that stands there: theirs is the act that takes it on."""
    return not _ONWARDS.isdisjoint(acts_for(principal, standing))


def transition(principal: Principal, act: Act, standing: Standing, reason: str) -> Transition:
    """The one that the act is here. Raises REFUSED with who has to do what first, or INVALID ``reason_needed``."""
    here = [one for one in TRANSITIONS if one.act is act and one.before is standing]
    found = next((one for one in here if not one.roles.isdisjoint(principal.roles)), None)
    if found is None:
        raise refused(_refusal(act, standing), act_zh=m.ACTS[act].zh, act_en=m.ACTS[act].en, **_told(standing))
    if found.reason and not reason.strip():
        raise invalid(m.REASON_NEEDED, act_zh=m.ACTS[act].zh, act_en=m.ACTS[act].en)
    return found


def _refusal(act: Act, standing: Standing) -> Message:
    if act is Act.WITHDRAW_APPROVAL and standing in (Standing.APPROVED_COUNTY, Standing.FROZEN):
        return m.COUNTY_FIRST
    return m.NOT_NOW


def locked(standing: Standing) -> YibiaoError:
    """Why a report that stands there cannot be typed into, and who can open it."""
    return refused(m.LOCKED[standing])


def _told(standing: Standing) -> dict[str, str]:
    return {"state_zh": m.STANDINGS[standing].zh, "state_en": m.STANDINGS[standing].en}


def check_lawful(form: Form, today: date) -> None:
    """Raises REFUSED ``form_unapproved`` or ``form_expired``: such a form may be refused by whoever is asked (art. 17)."""
    if not form.approval or not form.number or not form.maker:
        raise refused(m.UNAPPROVED, form_zh=form.title.zh, form_en=form.title.en)
    if form.expires is not None and form.expires < today:
        raise refused(m.EXPIRED, form_zh=form.title.zh, form_en=form.title.en, expires=form.expires.isoformat())


def due_dates(form: Form, period: Period, days: WorkingDays) -> tuple[date, date | None]:
    """(the day by which reports of the period are due, the last day on which they may be filled in; None: no end)."""
    due = days.after(period.end, form.due_days)
    return due, None if form.closes_days is None else days.after(due, form.closes_days)
