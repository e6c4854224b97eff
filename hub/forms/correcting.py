"""Answering corrections: the department whose data it is says yes or no, and the answer reaches every cell.

Yes is a decision: the proposed value holds at once wherever it stands, for as long as the sources say what they say now (so also for
earlier days on which they said the same); when they speak again ``hub.store.objections.reopened`` looks whether they agree. Reports that
had left their makers' hands are marked, and stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hub.core.errors import Kind, YibiaoError, invalid, not_found, refused
from hub.core.principals import Principal, Role
from hub.core.vault import Vault
from hub.forms import objection_messages as m
from hub.forms.lifecycle import OPEN
from hub.forms.objections import carries, elements_of
from hub.forms.stored import value_of
from hub.forms.units import reporting_units, villages
from hub.forms.working import look
from hub.registry import nodes as n
from hub.registry.kinds import kind_of
from hub.registry.model import Catalog, Element, Form
from hub.store import acts
from hub.store import objections as ledger
from hub.store.engine import lock_merge, writing
from hub.store.golden import decision_column
from hub.store.hub import Hub
from hub.store.keys import entities_of
from hub.store.objections import Objection, State
from hub.store.rosters import Value, encode
from hub.store.work import Work


@dataclass(frozen=True, slots=True)
class Answered:
    """How the answer to one correction went: where it stands now, or why nothing happened."""

    id: int
    state: State | None
    error: YibiaoError | None = None


def answer(hub: Hub, principal: Principal, numbers: Sequence[int], accept: bool, reason: str = "") -> list[Answered]:
    """Answer several corrections alike, in one transaction; one that is refused holds no other up. Raises FORBIDDEN for anybody but a
    department, INVALID ``correction_reject_reason``."""
    if not principal.has(Role.DEPARTMENT):
        raise YibiaoError(Kind.FORBIDDEN, m.MAY_NOT_ANSWER, principal=principal.name)
    if not accept and not reason.strip():
        raise invalid(m.REJECT_WHY)
    wanted = list(dict.fromkeys(numbers))
    with hub.engine.connect() as connection:
        found = ledger.find_objections(connection, hub.vault, wanted)
    mine = {number: one for number, one in found.items() if one.about.department in principal.departments}
    left = {number: reports_holding(hub, one) for number, one in mine.items() if one.state is State.OPEN} if accept else {}
    done: list[Answered] = []
    with writing(hub.engine) as connection:
        if accept:
            lock_merge(connection)  # before any row of ours is held: a merge looks at accepted corrections while it has the lock
        for number in wanted:
            try:
                if number not in mine:
                    raise not_found(m.UNKNOWN, id=number)
                with connection.begin_nested():
                    state = _answer(connection, hub, principal, mine[number], accept, reason)
                    ledger.mark_corrected(connection, left.get(number, ()), number, hub.micros())
                done.append(Answered(number, state))
            except YibiaoError as error:
                done.append(Answered(number, None if number not in mine else mine[number].state, error))
    return done


def _answer(connection: Connection, hub: Hub, principal: Principal, one: Objection, accept: bool, reason: str) -> State:
    state = State.ACCEPTED if accept else State.REJECTED
    if not ledger.write_answer(connection, hub.vault, one.id, state, reason, principal.name, hub.micros()):
        now = ledger.find_objections(connection, hub.vault, [one.id])[one.id].state
        raise refused(m.ANSWERED, id=one.id, state_zh=m.STATES[now].zh, state_en=m.STATES[now].en)
    if accept and (made := _decide(connection, hub, principal, one)) is not None:
        ledger.note_decision(connection, one.id, made)
    return state


def _decide(connection: Connection, hub: Hub, principal: Principal, one: Objection) -> int | None:
    """The decision by which the proposed value holds; of a line there is none: the department mends its own list."""
    element = hub.catalog.elements.get(one.about.element)
    if element is None or one.about.subject is None or one.proposed is None:
        return None
    value = value_of(one.proposed.value, one.proposed.type)
    columns = decision_values(hub.vault, element, value)
    why = f"correction {one.id}"  # the reason itself names people, and is sealed beside the correction
    return acts.decide(
        connection, hub.tables, element.entity, one.about.subject, element.short, columns, principal.name, why, hub.micros(), hub.today()
    )


def decision_values(vault: Vault, element: Element, value: Value) -> dict[str, Any]:
    """A value in the columns of a decision; a sealed one as its hash and its blob."""
    if element.sealed:
        text = None if value is None else str(value)
        return {"value_text": vault.hash(element.name, [text])[0], "value_sealed": vault.seal(element.name, [text])[0]}
    return {decision_column(element): encode(kind_of(n.Path(0, (), element)), value)}


def reports_holding(hub: Hub, one: Objection) -> list[Work]:
    """The reports out of their makers' hands in which the value or line stands: looked for in the places of the subject and in the
    units that objected, in every form that shows it."""
    catalog = hub.catalog
    forms = {form.id: form for form in catalog.forms.values() if _shows(catalog, form, one)}
    with hub.engine.connect() as connection:
        units = {objector.unit for objector in ledger.objectors_of(connection, hub.vault, [one.id])[one.id]}
        places = _places(connection, hub, one)
        for form in forms.values():
            units |= {unit for place in places for unit in reporting_units(catalog, form, place)}
        works = ledger.reports_that_left(connection, forms, units, OPEN)
    return [work for work in works if _holds(hub, forms[work.form], work, one)]


def _places(connection: Connection, hub: Hub, one: Objection) -> set[str]:
    if one.about.subject is None:
        return set()
    entity = entities_of(connection, [one.about.subject]).get(one.about.subject, "")
    found = ledger.places_of(connection, hub.tables, entity, one.about.subject)
    known = hub.catalog.code_lists["division"].codes
    return {place for place in found if place in known and len(villages(hub.catalog, place)) == 1}


def _shows(catalog: Catalog, form: Form, one: Objection) -> bool:
    if one.about.section:
        return one.about.section.partition(".")[0] == form.id
    if not one.about.element:
        return any(section.of is not None and section.by is not None for section in form.sections)
    return any(element.name == one.about.element for section in form.sections for element in elements_of(catalog, section).values())


def _holds(hub: Hub, form: Form, work: Work, one: Objection) -> bool:
    if one.about.subject is None:  # who is missing stands in no line: the report that was objected to lacks them
        return True
    elements = {section.name: elements_of(hub.catalog, section) for section in form.sections}
    return carries(look(hub, work.form, work.period, [work.unit])[work.unit].report, elements, one)
