"""The ledger of objections: what is objected to, by whom, what the department answered, which reports were corrected too late.

No rule is judged here but one, in ``reopened``: whether an accepted correction still stands after the sources have spoken again.
A row is answered once and then stays as it is; one that must be asked again is a new row.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Connection, and_, bindparam, case, func, or_, select, update

from hub.core.clock import WorkingDays
from hub.core.vault import Vault
from hub.registry.model import ValueType
from hub.store.golden import DECIDED, decision_column
from hub.store.ledger_tables import conflict, corrected, dataset, decision, evidence, objection, objector, work, work_step
from hub.store.tables import StoreTables
from hub.store.upserts import upsert
from hub.store.work import AS_CORRECTED, Work

_PROPOSED, _STOOD, _REASON, _ANSWER, _WORDS, _NAME = (
    "objection-proposed", "objection-stood", "objection-reason", "objection-answer", "objector-proposed", "evidence-name",
)  # fmt: skip

_FEW = 1_000  # subjects that a statement names


class State(StrEnum):
    """Where an objection stands. ``accepted``: a decision holds until the department's own data says the same."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    AGREED = "agreed"  # was accepted, and the department's data says so too
    REOPENED = "reopened"  # was accepted, and the department's data said otherwise again: asked anew under another number


@dataclass(frozen=True, slots=True)
class Subject:
    """What an objection is about: see ``hub.store.ledger_tables.objection``. ``key``: the same for two of one thing."""

    kind: str
    element: str
    subject: int | None
    section: str
    contract: str
    department: str
    key: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a value should be: as plain data with its kind (``hub.forms.stored.kind_of_value``), and as people read it."""

    value: Any
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection. ``stood``: the text that the cell had; ``opened_after`` and ``answered_after``: the last step of any report then."""

    id: int
    about: Subject
    proposed: Proposal | None
    stood: str
    state: State
    asked_at: int
    deadline: date
    opened_after: int
    answered_at: int | None
    answered_by: str
    answered_after: int | None
    answer: str
    decision: int | None
    reopens: int | None


@dataclass(frozen=True, slots=True)
class Objector:
    """Somebody who objects, in the report in which they saw it."""

    form: str
    period: str
    unit: str
    place: str
    line: str
    field: str
    proposed: str
    reason: str
    at: int
    by: str
    organisation: str


def last_step(connection: Connection) -> int:
    """The number of the last act on any report: what comes before it and what after is told by this, for a clock may stand still."""
    return int(connection.execute(select(func.max(work_step.c.id))).scalar() or 0)


def open_objection(
    connection: Connection, vault: Vault, about: Subject, proposed: Proposal | None, stood: str, days: int, now: int, today: date
) -> tuple[int, bool]:
    """(its number, whether it is new): one that is open about the same thing is given instead."""
    content = None if proposed is None else json.dumps([proposed.value, proposed.type, proposed.text], ensure_ascii=False)
    statement = upsert(connection, objection).values(
        kind=about.kind, element=about.element, subject=about.subject, section=about.section, open_key=about.key,
        contract=about.contract, department=about.department, proposed=vault.seal(_PROPOSED, [content])[0],
        stood=vault.seal(_STOOD, [stood or None])[0], state=State.OPEN.value, days=days, asked_at=now,
        deadline=WorkingDays().after(today, days), opened_after=last_step(connection),
    )  # fmt: skip
    while True:
        made = connection.execute(statement.on_conflict_do_nothing(index_elements=["open_key"]).returning(objection.c.id)).scalar()
        if made is not None:
            return int(made), True
        found = connection.execute(select(objection.c.id).where(objection.c.open_key == about.key)).scalar()
        if found is not None:  # else it was answered between the two statements: then this one is the first again
            return int(found), False


def add_objector(connection: Connection, vault: Vault, number: int, one: Objector) -> None:
    """Note that somebody objects; who objected in the same report before is noted once."""
    known = select(objector.c.id).where(
        objector.c.objection == number, objector.c.form == one.form, objector.c.period == one.period, objector.c.unit == one.unit,
        objector.c.by == one.by,
    )  # fmt: skip
    if connection.execute(known).first() is None:
        values = {name: getattr(one, name) for name in Objector.__slots__}
        values |= {"proposed": vault.seal(_WORDS, [one.proposed or None])[0], "reason": vault.seal(_REASON, [one.reason or None])[0]}
        connection.execute(objector.insert().values(objection=number, **values))


def any_standing(connection: Connection, since: int) -> bool:
    """Whether anything is objected to at all, or was answered since then: the one question that a report asks mostly."""
    return connection.execute(ANY_STANDING, {"since": since}).first() is not None


def standing(connection: Connection, vault: Vault, elements: Collection[str], subjects: Collection[int], since: int) -> list[Objection]:
    """The objections to these elements, and to lines, of these subjects that are open or were answered since then, oldest first."""
    about = or_(objection.c.element.in_(sorted(elements)), objection.c.element == "")
    few = [objection.c.subject.in_(sorted(subjects))] if len(subjects) <= _FEW else []
    return _read(connection, vault, and_(_stands(since), about, objection.c.subject.is_not(None), *few), subjects=set(subjects))


def _stands(since: int | BindParameter[int]) -> ColumnElement[bool]:
    return or_(objection.c.answered_at.is_(None), objection.c.answered_at >= since)


ANY_STANDING = select(objection.c.id).where(_stands(bindparam("since", type_=BigInteger))).limit(1)


def find_objections(connection: Connection, vault: Vault, numbers: Collection[int]) -> dict[int, Objection]:
    return {one.id: one for one in _read(connection, vault, objection.c.id.in_(sorted(numbers)))}


def queue(
    connection: Connection, vault: Vault, departments: Collection[str], units: Collection[str], states: Collection[State], after: int,
    limit: int,
) -> list[Objection]:  # fmt: skip
    """By number: those that these departments must answer, and those raised in the reports or of the lines of these units."""
    raised = select(objector.c.objection).where(or_(objector.c.unit.in_(sorted(units)), objector.c.place.in_(sorted(units))))
    whose = or_(objection.c.department.in_(sorted(departments)), objection.c.id.in_(raised))
    chosen = and_(objection.c.id > after, objection.c.state.in_([state.value for state in states]), whose)
    return _read(connection, vault, chosen, limit)


def _read(
    connection: Connection, vault: Vault, chosen: ColumnElement[bool], limit: int | None = None, subjects: set[int] | None = None
) -> list[Objection]:
    """``subjects``: of these alone; asked here, for they may be too many for a statement."""
    found = connection.execute(select(objection).where(chosen).order_by(objection.c.id).limit(limit)).mappings().all()
    rows = [row for row in found if subjects is None or row["subject"] in subjects]
    proposed = vault.open(_PROPOSED, [row["proposed"] for row in rows])
    stood = vault.open(_STOOD, [row["stood"] for row in rows])
    answers = vault.open(_ANSWER, [row["answer"] for row in rows])
    return [_objection(row, *texts) for row, *texts in zip(rows, proposed, stood, answers, strict=True)]


def _objection(row: Mapping[Any, Any], proposed: str | None, stood: str | None, answer: str | None) -> Objection:
    about = Subject(row["kind"], row["element"], row["subject"], row["section"], row["contract"], row["department"], row["open_key"] or "")
    return Objection(
        row["id"], about, None if proposed is None else Proposal(*json.loads(proposed)), stood or "", State(row["state"]),
        row["asked_at"], row["deadline"], row["opened_after"], row["answered_at"], row["answered_by"] or "", row["answered_after"],
        answer or "", row["decision"], row["reopens"],
    )  # fmt: skip


def objectors_of(connection: Connection, vault: Vault, numbers: Collection[int]) -> dict[int, list[Objector]]:
    """Who objects, the first one first."""
    found: dict[int, list[Objector]] = {number: [] for number in numbers}
    rows = connection.execute(select(objector).where(objector.c.objection.in_(sorted(numbers))).order_by(objector.c.id)).mappings().all()
    reasons = vault.open(_REASON, [row["reason"] for row in rows])
    proposed = vault.open(_WORDS, [row["proposed"] for row in rows])
    for row, reason, text in zip(rows, reasons, proposed, strict=True):
        values = {name: row[name] for name in Objector.__slots__}
        found[row["objection"]].append(Objector(**values | {"reason": reason or "", "proposed": text or ""}))
    return found


def write_answer(connection: Connection, vault: Vault, number: int, state: State, answer: str, by: str, now: int) -> bool:
    """Answer an open objection. False where somebody has answered it."""
    statement = (
        update(objection)
        .where(objection.c.id == number, objection.c.state == State.OPEN.value)
        .values(
            state=state.value, open_key=None, answered_at=now, answered_by=by, answered_after=last_step(connection),
            answer=vault.seal(_ANSWER, [answer.strip() or None])[0],
        )
        .returning(objection.c.id)
    )  # fmt: skip
    return connection.execute(statement).first() is not None


def note_decision(connection: Connection, number: int, known: int) -> None:
    """By which decision an accepted value holds."""
    connection.execute(update(objection).where(objection.c.id == number).values(decision=known))


def counts(connection: Connection, today: date) -> list[tuple[str, str, int, int]]:
    """(department, state, how many, how many of them open and late): no person is in it."""
    late = func.sum(case((and_(objection.c.state == State.OPEN.value, objection.c.deadline < today), 1), else_=0))
    chosen = select(objection.c.department, objection.c.state, func.count(), late)
    grouped = chosen.group_by(objection.c.department, objection.c.state).order_by(objection.c.department, objection.c.state)
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in connection.execute(grouped)]


# What was accepted, after the sources have spoken again ------------------------------------------------------------------


def reopened(connection: Connection, tables: StoreTables, moved: Mapping[str, Any], now: int, today: date) -> None:
    """Look again at accepted corrections of subjects that an act moved (entity -> table of subject_id), golden being resolved.

    While the decision still holds nothing happens. When it holds no more, the correction has done its work if the accepted value
    stands and the department does not differ from it; else it is asked again, with a new deadline.
    """
    elements = connection.execute(select(objection.c.element).where(objection.c.state == State.ACCEPTED.value).distinct()).scalars().all()
    for name in elements:
        element = tables.catalog.elements.get(name)
        if element is not None and element.entity in moved:
            for number, agrees in list(_lapsed(connection, tables, name, moved[element.entity])):
                if agrees:
                    connection.execute(update(objection).where(objection.c.id == number).values(state=State.AGREED.value))
                else:
                    _ask_again(connection, number, now, today)


def _lapsed(connection: Connection, tables: StoreTables, name: str, moved: Any) -> Iterator[tuple[int, bool]]:
    """The accepted corrections of one element whose decision holds no more, and whether the department's data agrees now."""
    element = tables.catalog.elements[name]
    golden, accepted = tables.golden[element.entity], decision.c[decision_column(element)]
    differs = (
        select(conflict.c.id)
        .join(dataset, dataset.c.number == conflict.c.source)
        .where(
            conflict.c.subject_id == objection.c.subject, conflict.c.what == name, conflict.c.closed.is_(None),
            dataset.c.contract == objection.c.contract,
        )
        .exists()
    )  # fmt: skip
    agrees = case((and_(golden.c[element.short].is_not_distinct_from(accepted), ~differs), 1), else_=0)
    chosen = (
        select(objection.c.id, agrees)
        .join(decision, decision.c.known == objection.c.decision)
        .join(golden, golden.c.subject_id == objection.c.subject)
        .where(
            objection.c.state == State.ACCEPTED.value, objection.c.element == name,
            objection.c.subject.in_(select(moved.c.subject_id)), golden.c[f"{element.short}_source"] != DECIDED,
        )
    )  # fmt: skip
    for number, same in connection.execute(chosen).all():
        yield int(number), bool(same)


_KEPT = ("kind", "element", "subject", "section", "contract", "department", "proposed", "stood", "days")


def _ask_again(connection: Connection, number: int, now: int, today: date) -> None:
    """Close the row as reopened and open a new one with its objectors and evidence; one that is open already takes its place."""
    row = connection.execute(select(objection).where(objection.c.id == number)).mappings().one()
    connection.execute(update(objection).where(objection.c.id == number).values(state=State.REOPENED.value))
    statement = upsert(connection, objection).values(
        **{name: row[name] for name in _KEPT}, open_key=value_key(row["element"], row["subject"]), state=State.OPEN.value, asked_at=now,
        deadline=WorkingDays().after(today, row["days"]), opened_after=last_step(connection), reopens=number,
    )  # fmt: skip
    made = connection.execute(statement.on_conflict_do_nothing(index_elements=["open_key"]).returning(objection.c.id)).scalar()
    if made is not None:
        for table in (objector, evidence):
            for old in connection.execute(select(table).where(table.c.objection == number).order_by(table.c.id)).mappings().all():
                connection.execute(table.insert().values(**_again(old, int(made))))


def _again(row: Mapping[Any, Any], number: int) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"} | {"objection": number}


def value_key(element: str, subject: int) -> str:
    """The key under which a value is objected to once."""
    return f"{element}/{subject}"


# Evidence, and reports that left too early ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that came with an objection. ``file``: its name on disk."""

    id: int
    objection: int
    name: str
    type: str
    size: int
    digest: str
    file: str
    at: int
    by: str


def add_evidence(
    connection: Connection, vault: Vault, number: int, name: str, kind: str, size: int, digest: str, file: str, now: int, by: str
) -> int:
    values = {"objection": number, "type": kind, "size": size, "digest": digest, "file": file, "at": now, "by": by}
    statement = evidence.insert().values(name=vault.seal(_NAME, [name])[0], **values).returning(evidence.c.id)
    return int(connection.execute(statement).scalar_one())


def evidence_of(connection: Connection, vault: Vault, numbers: Collection[int]) -> dict[int, list[Evidence]]:
    """The files of each of these objections, as they came."""
    found: dict[int, list[Evidence]] = {number: [] for number in numbers}
    rows = connection.execute(select(evidence).where(evidence.c.objection.in_(sorted(numbers))).order_by(evidence.c.id)).mappings().all()
    for row, name in zip(rows, vault.open(_NAME, [row["name"] for row in rows]), strict=True):
        found[row["objection"]].append(Evidence(**dict(row) | {"name": name or ""}))
    return found


def mark_corrected(connection: Connection, works: Collection[Work], number: int, now: int) -> None:
    """These reports, as they were submitted, hold what an accepted objection was about."""
    for one in works:
        values = {"form": one.form, "period": one.period, "unit": one.unit, "revision": one.revision, "digest": one.digest or ""}
        connection.execute(upsert(connection, corrected).values(objection=number, at=now, **values).on_conflict_do_nothing())


def corrected_reports(connection: Connection, form: str, text: str) -> set[str]:
    """The units whose report of the period was corrected after it was submitted, and stands as it was."""
    chosen = select(corrected.c.unit).join(work, AS_CORRECTED).where(corrected.c.form == form, corrected.c.period == text).distinct()
    return set(connection.execute(chosen).scalars())


def reports_that_left(connection: Connection, forms: Collection[str], units: Collection[str], open_states: Collection[str]) -> list[Work]:
    """The reports of these forms and units that are not in the hands of who fills them in."""
    chosen = select(work).where(
        work.c.form.in_(sorted(forms)), work.c.unit.in_(sorted(units)), work.c.state.not_in(sorted(open_states)), work.c.digest.is_not(None)
    )
    return [Work(*row) for row in connection.execute(chosen.order_by(work.c.form, work.c.period, work.c.unit))]


def places_of(connection: Connection, tables: StoreTables, entity: str, subject: int) -> set[str]:
    """The places that a subject's record names; of one that names none (a household), those of the persons whom it names."""
    golden = tables.golden.get(entity)
    elements = tables.catalog.stored_elements(entity) if golden is not None else []
    found: set[str] = set()
    if golden is None:
        return found
    row = connection.execute(select(golden).where(golden.c.subject_id == subject)).mappings().first()
    if row is None:
        return found
    found = {str(row[e.short]) for e in elements if e.type is ValueType.DIVISION and row[e.short] is not None}
    if entity == "place" and row.get(str(tables.catalog.entities[entity].key)):
        found.add(str(row[str(tables.catalog.entities[entity].key)]))
    for element in elements:
        if element.type is ValueType.REFERENCE and element.refers_to not in (None, entity) and row[element.short] is not None and not found:
            found |= places_of(connection, tables, str(element.refers_to), int(row[element.short]))
    return found
