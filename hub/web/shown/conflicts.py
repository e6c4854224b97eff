"""The queue of open conflicts as somebody may see it, each with who must look and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from hub.core.clock import WorkingDays, from_microseconds
from hub.core.messages import word
from hub.core.principals import area_limit, department_limit
from hub.registry import nodes as n
from hub.registry.expressions import bind_condition
from hub.registry.model import Element, Rule
from hub.store.conflicts import Conflict, open_conflicts
from hub.store.reading import Stated, read_labels, stated_of
from hub.store.tables import DatasetTables
from hub.store.view import open_view
from hub.web.context import Asked
from hub.web.shown.values import label_texts, opened, plain, sees_clear, shown, titles


@dataclass(frozen=True)
class Said:
    """What one dataset says: its title and department, the value as text, the date that it stands for."""

    contract: str
    title: str
    text: str
    as_of: date


@dataclass(frozen=True)
class Queued:
    """A conflict in words. ``key`` and ``name`` of the subject are masked for those who run the hub."""

    id: int
    entity: str
    entity_title: str
    key: str
    name: str
    element: Element | None
    rule: Rule | None
    source: str | None
    winner: str | None
    said: tuple[Said, ...]
    looks: tuple[str, ...]
    opened_at: datetime
    deadline: date
    late: bool

    def title(self, language: str) -> str:
        named = self.element or self.rule
        return word(named.title, language) if named is not None else ""


def queue(asked: Asked, after: int, limit: int) -> list[Queued]:
    """By id. A department sees its own, a township those of its people."""
    hub, departments, area = asked.hub, department_limit(asked.principal), area_limit(asked.principal)
    with hub.engine.connect() as connection:
        found = open_conflicts(connection, hub.tables, departments, area, after, limit)
        labels = {
            entity: read_labels(connection, hub.tables, entity, {c.subject for c in found if c.entity == entity})
            for entity in {c.entity for c in found}
        }
        said = {c.id: stated_of(connection, hub.tables, c.entity, c.subject, c.what.partition(".")[2]) for c in found if c.rule is None}
        evidence = {c.id: _evidence(asked, connection, c) for c in found if c.rule in hub.catalog.rules}
    return [
        _queued(asked, conflict, labels[conflict.entity].get(conflict.subject), said.get(conflict.id, []), evidence.get(conflict.id, []))
        for conflict in found
    ]


def _evidence(asked: Asked, connection: Connection, conflict: Conflict) -> list[Said]:
    """What a broken rule looked at: what each source says of the subject's own elements in it, and who keeps the records."""
    hub, rule = asked.hub, asked.hub.catalog.rules[conflict.rule or ""]
    tree = bind_condition(hub.catalog, rule.of, rule.broken)
    overs = [node for node in n.walk(tree) if isinstance(node, n.Over)]
    inside = {id(part) for over in overs for part in n.walk(over)}
    own = {node.element for node in n.walk(tree) if isinstance(node, n.Path) and not node.hops and id(node) not in inside}
    found: list[Said] = []
    for element in sorted(own, key=lambda element: element.name):
        for stated in stated_of(connection, hub.tables, conflict.entity, conflict.subject, element.short):
            value = opened(hub, element, stated.value, stated.blob, clear=sees_clear(asked.principal))
            text = f"{word(element.title, asked.language)} {shown(hub.catalog, element, value, asked.language)}"
            found.append(_said(asked, stated.dataset, text, stated.as_of))
    with open_view(connection, hub.tables) as view:
        for entity in sorted({over.chain[-1].entity for over in overs}):
            for contract in hub.catalog.contracts.values():
                number = hub.tables.datasets[contract.id].number
                if any(record.entity == entity for record in contract.records):
                    day = view.stated(number, [conflict.subject]).get(conflict.subject)
                    if day is not None:
                        found.append(_said(asked, number, word(hub.catalog.entities[entity].title, asked.language), day))
    return found


def _said(asked: Asked, number: int, text: str, as_of: date) -> Said:
    contract = asked.hub.tables.by_number(number).contract
    return Said(contract.id, word(contract.title, asked.language), text, as_of)


def _queued(asked: Asked, conflict: Conflict, label: Any, said: list[Stated], evidence: list[Said]) -> Queued:
    hub, language = asked.hub, asked.language
    clear = sees_clear(asked.principal)
    key, name = ("", "") if label is None else label_texts(hub, conflict.entity, label, clear=clear)
    element, rule = hub.catalog.elements.get(conflict.what), hub.catalog.rules.get(conflict.rule or "")
    source, winner = _contract(asked, conflict.source), _contract(asked, conflict.winner)
    told = evidence if element is None else _told(asked, element, said, conflict, clear=clear)
    opened_at = from_microseconds(conflict.opened_at)
    deadline = WorkingDays().after(opened_at.date(), hub.settings.deadlines.correction)
    looks = rule.looks if rule is not None else (source.contract.department,) if source is not None else ()
    entity = word(hub.catalog.entities[conflict.entity].title, language)
    return Queued(
        conflict.id, conflict.entity, entity, key, name, element, rule,
        source.contract.id if source else None, winner.contract.id if winner else None, tuple(told), looks, opened_at, deadline,
        deadline < hub.today(),
    )  # fmt: skip


def _told(asked: Asked, element: Element, said: list[Stated], conflict: Conflict, *, clear: bool) -> list[Said]:
    """The word of the source that differs and of the one whose value stands, each once."""
    found: dict[tuple[str, str], Said] = {}
    for stated in said:
        if stated.dataset in (conflict.source, conflict.winner):
            value = opened(asked.hub, element, stated.value, stated.blob, clear=clear)
            text = shown(asked.hub.catalog, element, value, asked.language)
            one = _said(asked, stated.dataset, text, stated.as_of)
            found[one.contract, text] = one
    return sorted(found.values(), key=lambda s: s.contract != _name(asked, conflict.winner))


def _name(asked: Asked, number: int) -> str:
    found = _contract(asked, number)
    return "" if found is None else found.contract.id


def _contract(asked: Asked, number: int) -> DatasetTables | None:
    return asked.hub.tables.by_number(number) if number > 0 else None


def queued_data(item: Queued) -> dict[str, Any]:
    """A queued conflict as JSON."""
    rule = None if item.rule is None else {"name": item.rule.name, "title": titles(item.rule.title), "remedy": titles(item.rule.remedy)}
    return {
        "id": item.id, "entity": item.entity, "key": item.key, "name": item.name,
        "element": None if item.element is None else item.element.name, "rule": rule, "source": item.source, "winner": item.winner,
        "said": [{"contract": s.contract, "text": s.text, "as_of": plain(s.as_of)} for s in item.said],
        "looks": list(item.looks), "opened_at": plain(item.opened_at), "deadline": plain(item.deadline), "late": item.late,
    }  # fmt: skip
