"""What a change does, in words: to tables, checks, forms, and to other departments. Pure: two Catalogs in, effects out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hub.core.messages import Message
from hub.registry import change_messages as m
from hub.registry.changes import Change
from hub.registry.documents import Document
from hub.registry.model import Catalog, Contract, EntityKind, QualityRule
from hub.registry.overlay import identities
from hub.registry.rule_words import in_both
from hub.registry.usage import form_elements, form_measures, measure_elements, rule_elements

_NAMED = 10  # of what stays in force beside a document


class Area(StrEnum):
    TABLES = "tables"
    CHECKS = "checks"
    FORMS = "forms"
    DEPARTMENTS = "departments"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a change does. ``definition`` is the contract, element, measure or document that causes it."""

    area: Area
    definition: str
    message: Message
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str = "zh") -> str:
        return self.message.text(language, self.values)


def effects(old: Catalog, new: Catalog) -> list[Effect]:
    """What publishing ``new`` over ``old`` does, tables first. Both must be whole Catalogs without mistakes."""
    changed = [c for c in new.contracts.values() if old.contracts.get(c.id) != c]
    touched = {name: _touched(old.contracts.get(contract.id), contract) for contract in changed for name in [contract.id]}
    gone = [c for c in old.contracts.values() if c.id not in new.contracts]
    elements = frozenset().union(*touched.values(), *(_said(c) for c in gone)) | _redefined(old, new)
    found = [effect for contract in changed for effect in _tables(old.contracts.get(contract.id), contract)]
    found += [
        Effect(Area.TABLES, e.name, m.GOLDEN_COLUMN, {"entity": e.entity, "element": e.name})
        for e in new.elements.values()
        if e.name not in old.elements and e.derived is None and e.entity in new.entities
    ]
    found += [effect for contract in changed for effect in _checks(old.contracts.get(contract.id), contract)]
    found += _users(old, new, elements)
    found += _showing(old, new)
    found += [effect for contract in changed for effect in _departments(new, contract, touched[contract.id])]
    return found


def kept_beside(base: Iterable[Document], new: Sequence[Document]) -> list[Effect]:
    """What stays in force of a document of which ``new`` defines a part anew: leaving something out of a file that is published
    under another name takes nothing away, and whoever left it out should know."""
    renewed = {identity for document in new for identity in identities(document)}
    found = []
    for document in base:
        here = list(identities(document))
        kept = [name for kind, name in here if (kind, name) not in renewed]
        if kept and len(kept) < len(here):
            others = [one.file for one in new if set(identities(one)) & set(here)]
            names = "、".join(kept[:_NAMED]) + ("…" if len(kept) > _NAMED else "")
            values = {"file": "、".join(others), "other": document.file, "names": names, "count": len(kept)}
            found.append(Effect(Area.DOCUMENTS, document.file, m.KEPT_BESIDE, values))
    return found


def users(told: Iterable[Effect], change: Change) -> list[Effect]:
    """Of these effects those on the forms, measures and rules that read the element which a change is about."""
    about = {change.values.get("element"), change.definition}
    return [effect for effect in told if effect.area is Area.FORMS and effect.definition in about]


def _said(contract: Contract) -> frozenset[str]:
    return frozenset(f"{s.entity}.{short}" for s in contract.speakers for short in s.says)


def _touched(old: Contract | None, new: Contract) -> frozenset[str]:
    """The elements that the contract says otherwise than before, or no longer, or for the first time."""

    def told(contract: Contract | None) -> set[tuple[str, str, str, Any]]:
        if contract is None:
            return set()
        fields = {f.name: (f.element, f.crosswalk, f.required) for f in contract.bound}
        return {(s.name, f"{s.entity}.{short}", text, fields.get(text)) for s in contract.speakers for short, text in s.says.items()}

    return frozenset(element for _, element, _, _ in told(old) ^ told(new))


def _redefined(old: Catalog, new: Catalog) -> frozenset[str]:
    """Elements that are gone or changed in what they are; a new place in a file is no change."""
    return frozenset(
        name
        for name, element in old.elements.items()
        if (now := new.elements.get(name)) is None
        or (element.type, element.code_list, element.sealed, element.derived, element.authority)
        != (now.type, now.code_list, now.sealed, now.derived, now.authority)
    )


def _tables(old: Contract | None, new: Contract) -> Iterator[Effect]:
    if old is None:
        yield Effect(Area.TABLES, new.id, m.NEW_TABLES, {"contract": new.id})
        return
    before = {f.name for f in old.bound}
    for one in new.bound:
        if one.name not in before:
            yield Effect(Area.TABLES, new.id, m.TABLE_COLUMN, {"contract": new.id, "column": one.name})


def _checks(old: Contract | None, new: Contract) -> Iterator[Effect]:
    before: dict[str, QualityRule] = {r.name: r for r in old.quality} if old else {}
    for rule in new.quality:
        if rule.name not in before:
            yield Effect(Area.CHECKS, new.id, m.CHECK, in_both("new", rule))
        elif (was := in_both("old", before[rule.name])) != in_both("old", rule):
            yield Effect(Area.CHECKS, new.id, m.CHECK_CHANGED, was | in_both("new", rule))
    for name in before.keys() - {rule.name for rule in new.quality}:
        yield Effect(Area.CHECKS, new.id, m.CHECK_GONE, {"rule": name})


def _users(old: Catalog, new: Catalog, elements: frozenset[str]) -> Iterator[Effect]:
    """The measures, rules and forms of either Catalog that read a touched element, each element told once."""
    for name, users, message in (
        ("form", (form_elements(old), form_elements(new)), m.FORM_USES),
        ("measure", (measure_elements(old), measure_elements(new)), m.MEASURE_USES),
        ("rule", (rule_elements(old), rule_elements(new)), m.RULE_USES),
    ):
        reads = sorted({(user, e) for side in users for user, used in side.items() for e in used & elements})
        for user, element in reads:
            yield Effect(Area.FORMS, element, message, {name: user, "element": element})


def _showing(old: Catalog, new: Catalog) -> Iterator[Effect]:
    """The forms of either Catalog that show a measure which is counted otherwise, or is gone."""
    counted = frozenset(
        name
        for name, measure in old.measures.items()
        if (now := new.measures.get(name)) is None
        or (measure.of, measure.value, measure.where, measure.by) != (now.of, now.value, now.where, now.by)
    )
    shown = {(form, measure) for side in (old, new) for form, used in form_measures(side).items() for measure in used & counted}
    for form, measure in sorted(shown):
        yield Effect(Area.FORMS, measure, m.FORM_SHOWS, {"form": form, "measure": measure})


def _departments(catalog: Catalog, contract: Contract, touched: frozenset[str]) -> Iterator[Effect]:
    """Where the contract stands among the sources of what it says; a subject's key cannot be a matter of opinion."""
    for name in sorted(touched & _said(contract)):
        entity = catalog.entities[name.split(".", 1)[0]]
        if entity.kind is not EntityKind.SUBJECT or name == f"{entity.name}.{entity.key}":
            continue
        order = catalog.authority(name).order
        if contract.id not in order:
            continue
        if order[0] == contract.id:
            yield Effect(Area.DEPARTMENTS, name, m.DECIDES, {"element": name, "contract": contract.id})
        else:
            values = {"element": name, "first": order[0], "contract": contract.id, "position": order.index(contract.id) + 1}
            yield Effect(Area.DEPARTMENTS, name, m.FALLS_BACK, values)
        for other in order:
            if other != contract.id:
                yield Effect(Area.DEPARTMENTS, name, m.ALSO_SPEAKS, {"element": name, "other": other})
