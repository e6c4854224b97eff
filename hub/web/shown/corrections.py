"""Corrections as somebody may see them: a department those that it must answer, townships those raised in their area, the data
bureau how many there are and nobody's name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub.core.clock import from_microseconds
from hub.core.errors import YibiaoError, not_found
from hub.core.messages import word
from hub.core.principals import REPORTERS, Role, area_limit, department_limit
from hub.forms import attachments
from hub.forms import objection_messages as m
from hub.forms.correcting import Answered
from hub.forms.objecting import Opened
from hub.forms.units import villages
from hub.registry.model import Title
from hub.store import objections as ledger
from hub.store.keys import entities_of
from hub.store.objections import Evidence, Objection, Objector, State
from hub.store.reading import Label, read_labels
from hub.web.context import Asked
from hub.web.shown.values import department_name, label_texts, plain, sees_clear, titles

CHOICES: dict[str, tuple[State, ...]] = {
    "open": (State.OPEN,),
    "answered": (State.ACCEPTED, State.AGREED, State.REJECTED, State.REOPENED),
    "all": tuple(State),
}


@dataclass(frozen=True)
class Correction:
    """An objection in words. ``places``: the names of the villages in whose reports it was raised."""

    objection: Objection
    entity: str
    key: str
    name: str
    title: Title | None
    department: str
    places: tuple[str, ...]
    raised: tuple[Objector, ...]
    evidence: tuple[Evidence, ...]
    late: bool

    @property
    def asked_at(self) -> datetime:
        return from_microseconds(self.objection.asked_at)

    @property
    def proposed(self) -> str:
        return "" if self.objection.proposed is None else self.objection.proposed.text

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.reason for one in self.raised if one.reason))

    @property
    def others(self) -> tuple[str, ...]:
        """What those who joined would have it be, where that is something else."""
        return tuple(dict.fromkeys(one.proposed for one in self.raised[1:] if one.proposed and one.proposed != self.proposed))


@dataclass(frozen=True, slots=True)
class Count:
    """How many corrections of a department stand there, and how many of these are late."""

    department: str
    state: str
    number: int
    late: int


def queue(asked: Asked, which: str, after: int, limit: int) -> list[Correction]:
    """By number; ``which``: a name of ``CHOICES``."""
    hub = asked.hub
    departments = asked.principal.departments if asked.principal.has(Role.DEPARTMENT) else ()
    with hub.engine.connect() as connection:
        found = ledger.queue(connection, hub.vault, departments, _units(asked), CHOICES[which], after, limit)
    return in_words(asked, found)


def _units(asked: Asked) -> set[str]:
    """The villages of somebody's area, and the townships that lie wholly in it."""
    if not asked.principal.has(*REPORTERS):
        return set()
    codes = asked.hub.catalog.code_lists["division"].codes
    limit = area_limit(asked.principal)
    inside = set(codes) if limit is None else set(limit)
    above = {str(codes[one].parent) for one in inside if one in codes and codes[one].parent in codes}
    return inside | {one for one in above if set(villages(asked.hub.catalog, one)) <= inside}


def in_words(asked: Asked, found: Iterable[Objection]) -> list[Correction]:
    hub, some = asked.hub, list(found)
    numbers = [one.id for one in some]
    subjects = {one.about.subject for one in some if one.about.subject is not None}
    with hub.engine.connect() as connection:
        raised = ledger.objectors_of(connection, hub.vault, numbers)
        files = ledger.evidence_of(connection, hub.vault, numbers)
        entities = entities_of(connection, subjects)
        labels: dict[int, Label] = {}
        for entity in set(entities.values()):
            labels |= read_labels(connection, hub.tables, entity, {one for one, of in entities.items() if of == entity})
    return [_correction(asked, one, entities, labels, raised[one.id], files[one.id]) for one in some]


def _correction(
    asked: Asked, one: Objection, entities: dict[int, str], labels: dict[int, Label], raised: list[Objector], files: list[Evidence]
) -> Correction:
    hub = asked.hub
    entity, label = entities.get(one.about.subject or 0, ""), labels.get(one.about.subject or 0)
    key, name = ("", "") if label is None else label_texts(hub, entity, label, clear=sees_clear(asked.principal))
    element = hub.catalog.elements.get(one.about.element)
    codes = hub.catalog.code_lists["division"].codes
    places = dict.fromkeys(codes[place].title.zh if place in codes else place for place in (objector.place for objector in raised))
    return Correction(
        one, entity, key, name, None if element is None else element.title, department_name(hub.catalog, one.about.department), tuple(places),
        tuple(raised), tuple(files), one.state is State.OPEN and one.deadline < hub.today(),
    )  # fmt: skip


def counts(asked: Asked) -> list[Count]:
    """How many there are, by department and state: of those departments whose work somebody may see."""
    limit = department_limit(asked.principal)
    with asked.hub.engine.connect() as connection:
        found = [Count(*row) for row in ledger.counts(connection, asked.hub.today())]
    return [one for one in found if limit is None or one.department in limit]


def evidence_content(asked: Asked, number: int, file: int) -> tuple[Evidence, bytes]:
    """A file, for whoever sees the correction. Raises NOT_FOUND for anybody else: that is not told apart."""
    hub = asked.hub
    departments = asked.principal.departments if asked.principal.has(Role.DEPARTMENT) else ()
    with hub.engine.connect() as connection:
        seen = ledger.queue(connection, hub.vault, departments, _units(asked), tuple(State), number - 1, 1)
        files = ledger.evidence_of(connection, hub.vault, [number])[number]
    found = next((one for one in files if one.id == file), None)
    if found is None or [one.id for one in seen] != [number]:
        raise not_found(m.NO_EVIDENCE)
    return found, attachments.read(hub.settings.home, hub.vault, found.file)


# As plain data --------------------------------------------------------------------------------------------------------


def correction_data(asked: Asked, one: Correction) -> dict[str, Any]:
    about, objection = one.objection.about, one.objection
    answered = objection.answered_at is not None
    return {
        "id": objection.id, "kind": about.kind, "kind_title": _both(m.KINDS[about.kind]), "state": objection.state.value,
        "element": about.element or None, "title": None if one.title is None else titles(one.title), "list": about.section or None,
        "entity": one.entity or None, "key": one.key, "name": one.name, "places": list(one.places),
        "stands": objection.stood, "proposed": one.proposed, "also_proposed": list(one.others),
        "raised": [
            {"form": raised.form, "period": raised.period, "unit": raised.unit, "line": raised.line, "field": raised.field,
             "proposed": raised.proposed, "reason": raised.reason, "at": plain(from_microseconds(raised.at))}
            for raised in one.raised
        ],
        "evidence": [evidence_data(file) for file in one.evidence],
        "contract": about.contract or None, "department": about.department, "asked_at": plain(one.asked_at),
        "deadline": plain(objection.deadline), "late": one.late, "reopens": objection.reopens,
        "answer": {"at": plain(from_microseconds(objection.answered_at or 0)), "by": objection.answered_by, "reason": objection.answer}
        if answered else None,
    }  # fmt: skip


def evidence_data(file: Evidence) -> dict[str, Any]:
    return {
        "id": file.id, "name": file.name, "type": file.type, "size": file.size, "digest": file.digest,
        "href": f"/api/v1/objections/{file.objection}/evidence/{file.id}",
    }  # fmt: skip


def opened_data(asked: Asked, opened: Opened) -> dict[str, Any]:
    (one,) = in_words(asked, [opened.objection])
    values = {"id": one.objection.id, "department": one.department, "deadline": one.objection.deadline.isoformat()}
    told = (m.JOINED if opened.joined else m.OPENED).text(asked.language, values)
    return {"joined": opened.joined, "told": told, **correction_data(asked, one)}


def count_data(one: Count) -> dict[str, Any]:
    return {"department": one.department, "state": one.state, "count": one.number, "late": one.late}


def answered_data(done: Iterable[Answered], language: str) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "state": None if one.state is None else one.state.value, "done": one.error is None} | _error(one.error, language)
        for one in done
    ]


def _error(error: YibiaoError | None, language: str) -> dict[str, Any]:
    return {} if error is None else {"code": error.code, "detail": error.text(language)}


def _both(message: Any) -> dict[str, str]:
    return {"zh": message.zh, "en": message.en}


def kind_text(one: Correction, language: str) -> str:
    """What is objected to: the element of the value, or what is said of the line."""
    return word(one.title, language) if one.title is not None else m.KINDS[one.objection.about.kind].text(language)


def state_text(one: Correction, language: str) -> str:
    return m.STATES[one.objection.state].text(language)


def state_name(state: str, language: str) -> str:
    return m.STATES[state].text(language)


def day_of(one: Correction) -> date:
    return one.asked_at.date()
