"""Answering corrections: the department whose data it is says yes or no, and the answer reaches every cell.

Yes is a decision: the proposed value holds at once wherever it stands, for as long as the sources say what they say now (so also for
earlier days on which they said the same); when they speak again ``hub.store.objections.reopened`` looks whether they agree. Reports that
had left their makers' hands are marked, and stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from hub.core.errors import Kind, YibiaoError, invalid, not_found, refused
from hub.core.principals import Principal, Role
from hub.core.vault import Vault
from hub.forms import objection_messages as m
from hub.forms.lifecycle import OPEN
from hub.forms.model import Report
from hub.forms.objections import carries, elements_of
from hub.forms.stored import value_of
from hub.forms.units import current, villages
from hub.forms.working import look
from hub.registry import nodes as n
from hub.registry.kinds import kind_of
from hub.registry.model import Catalog, Element, Form, SectionKind
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
    left = reports_holding(hub, [one for one in mine.values() if one.state is State.OPEN]) if accept else {}
    state = State.ACCEPTED if accept else State.REJECTED
    with writing(hub.engine) as connection:
        if accept:
            lock_merge(connection)  # before any row of ours is held: a merge looks at accepted corrections while it has the lock
        done = [_answered(connection, hub, principal, number, mine.get(number), state, reason) for number in wanted]
        taken = [mine[one.id] for one in done if one.error is None] if accept else []
        _decide(connection, hub, principal, taken)
        for one in taken:
            ledger.mark_corrected(connection, left.get(one.id, ()), one.id, hub.micros())
    return done


def _answered(
    connection: Connection, hub: Hub, principal: Principal, number: int, one: Objection | None, state: State, reason: str
) -> Answered:
    if one is None:
        return Answered(number, None, not_found(m.UNKNOWN, id=number))
    if ledger.write_answer(connection, hub.vault, number, state, reason, principal.name, hub.micros()):
        return Answered(number, state)
    now = ledger.find_objections(connection, hub.vault, [number])[number].state  # somebody was faster
    return Answered(number, now, refused(m.ANSWERED, id=number, state_zh=m.STATES[now].zh, state_en=m.STATES[now].en))


def _decide(connection: Connection, hub: Hub, principal: Principal, taken: Sequence[Objection]) -> None:
    """The decisions by which the proposed values hold; of a line there is none: the department mends its own list."""
    decided: dict[int, acts.Decision] = {}
    for one in taken:
        element = hub.catalog.elements.get(one.about.element)
        if element is not None and one.about.subject is not None and one.proposed is not None:
            value = decision_values(hub.vault, element, value_of(one.proposed.value, one.proposed.type))
            why = f"correction {one.id}"  # the reason itself may name people, and is sealed beside the correction
            decided[one.id] = acts.Decision(element.entity, one.about.subject, element.short, value, why)
    made = acts.decide_all(connection, hub.tables, list(decided.values()), principal.name, hub.micros(), hub.today())
    for number, known in zip(decided, made, strict=True):
        ledger.note_decision(connection, number, known)


def decision_values(vault: Vault, element: Element, value: Value) -> dict[str, Any]:
    """A value in the columns of a decision; a sealed one as its hash and its blob."""
    if element.sealed:
        text = None if value is None else str(value)
        return {"value_text": vault.hash(element.name, [text])[0], "value_sealed": vault.seal(element.name, [text])[0]}
    return {decision_column(element): encode(kind_of(n.Path(0, (), element)), value)}


Columns = Mapping[str, Mapping[str, Mapping[str, Element]]]  # form -> section -> column -> the element that it shows


def reports_holding(hub: Hub, some: Sequence[Objection]) -> dict[int, list[Work]]:
    """The reports out of their makers' hands in which these values and lines stand, by objection: looked for in the places of the
    subject and in the units that objected, in every form that shows it."""
    catalog = hub.catalog
    shown: Columns = {
        form.id: {section.name: elements_of(catalog, section) for section in form.sections} for form in catalog.forms.values()
    }
    left: dict[int, list[Work]] = {}
    with hub.engine.connect() as connection:
        raised = ledger.objectors_of(connection, hub.vault, [one.id for one in some])
        for one in some:
            forms = [form for form in catalog.forms.values() if _shows(form, shown[form.id], one)]
            places = _places(connection, hub, one)
            units = {objector.unit for objector in raised[one.id]}
            units |= {unit for form in forms for place in places for unit in _units_at(catalog, form, place, hub.today())}
            left[one.id] = ledger.reports_that_left(connection, [form.id for form in forms], units, OPEN)
    seen: dict[Work, Report] = {}
    for work in {work for works in left.values() for work in works}:
        seen[work] = look(hub, work.form, work.period, [work.unit])[work.unit].report
    # Who is missing stands in no line: the report that was objected to lacks them.
    return {
        one.id: [work for work in left[one.id] if one.about.subject is None or carries(seen[work], shown[work.form], one)] for one in some
    }


def _units_at(catalog: Catalog, form: Form, place: str, today: date) -> set[str]:
    """The unit in whose reports the place stands, and the one that it became."""
    codes = catalog.code_lists["division"].codes
    now = current(catalog, place, today)
    return {place, now} if form.unit_level == "village" else {str(codes[one].parent) for one in (place, now)}


def _places(connection: Connection, hub: Hub, one: Objection) -> set[str]:
    if one.about.subject is None:
        return set()
    entity = entities_of(connection, [one.about.subject]).get(one.about.subject, "")
    found = ledger.places_of(connection, hub.tables, entity, one.about.subject)
    known = hub.catalog.code_lists["division"].codes
    return {place for place in found if place in known and len(villages(hub.catalog, place)) == 1}


def _shows(form: Form, sections: Mapping[str, Mapping[str, Element]], one: Objection) -> bool:
    if one.about.section:
        return one.about.section.partition(".")[0] == form.id
    if not one.about.element:
        return any(section.kind is SectionKind.ROSTER for section in form.sections)
    return any(element.name == one.about.element for columns in sections.values() for element in columns.values())
