"""Judging a change: what differs between two versions of the definitions, and which differences break who relies on them.

The hub reads what a department wrote before and what it will write: removing, renaming or narrowing what is in use breaks,
adding what may be empty does not. Pure; what a change does to tables and forms is told by ``explain``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub.registry import change_messages as m
from hub.registry.changes import Change, ChangeKind
from hub.registry.contract_checks import fields_of
from hub.registry.dictionary_changes import dictionary_changes
from hub.registry.model import Catalog, Contract, Field
from hub.registry.rule_words import in_both

_TERMS = {
    "delivery": "delivery", "schedule": "frequency", "freshness_days": "freshness", "ending": "ending",
    "breaker_share": "breakerShare", "dated_by": "datedBy", "sharing": "sharing", "legal_basis": "legalBasis",
    "statistical_survey": "statisticalSurvey", "source": "source", "null_words": "nullWords", "contact": "contact", "title": "name",
}  # fmt: skip
_READINGS = ("names", "drops_zero", "null_words", "words", "separator", "scale")


def judge_contract(old: Contract | None, new: Contract | None) -> list[Change]:
    """The differences between two versions of a contract; None stands for one that does not exist (yet, any more)."""
    if new is None:
        return [] if old is None else [Change(ChangeKind.REMOVES, True, old.id, m.CONTRACT_REMOVED, {"contract": old.id})]
    if old is None:
        return [Change(ChangeKind.ADDS, False, new.id, m.CONTRACT_ADDED, {"contract": new.id})]
    changes = [*_fields(old, new), *_key(old, new), *_speakers(old, new), *_rules(old, new), *_terms(old, new)]
    if changes and old.version == new.version:
        changes.append(Change(ChangeKind.TERMS, True, new.id, m.VERSION_KEPT, {"version": new.version}))
    return changes


def judge(old: Catalog, new: Catalog) -> list[Change]:
    """The differences between two Catalogs: contracts first, then code lists, crosswalks, elements and entities."""
    changes: list[Change] = []
    for contract in sorted(old.contracts.keys() | new.contracts.keys()):
        changes += judge_contract(old.contracts.get(contract), new.contracts.get(contract))
    return changes + dictionary_changes(old, new)


def _fields(old: Contract, new: Contract) -> Iterator[Change]:
    before = {f.name: f for f in old.fields}
    after = {f.name: f for f in new.fields}
    renamed = _renamed(before, after)
    for name, gone in before.items():
        values = {"field": name, "element": gone.element or "—"}
        if name in renamed:
            yield Change(ChangeKind.RENAMES, True, new.id, m.FIELD_RENAMED, values | {"new": renamed[name]})
        elif name not in after and gone.ignored is not None:
            yield Change(ChangeKind.REMOVES, False, new.id, m.IGNORED_REMOVED, values)
        elif name not in after:
            yield Change(ChangeKind.REMOVES, True, new.id, m.FIELD_REMOVED, values)
        else:
            yield from _field(new.id, gone, after[name])
    for name, added in after.items():
        if name in before or name in renamed.values() or added.ignored is not None:
            continue
        message = m.REQUIRED_ADDED if added.required else m.FIELD_ADDED
        kind = ChangeKind.NARROWS if added.required else ChangeKind.ADDS
        yield Change(kind, added.required, new.id, message, {"field": name, "element": added.element})


def _renamed(before: Mapping[str, Field], after: Mapping[str, Field]) -> dict[str, str]:
    """Old name to new: the column of the export is the same, or the element and whom it speaks of are."""
    gone = [f for name, f in before.items() if name not in after and f.ignored is None]
    come = [f for name, f in after.items() if name not in before and f.ignored is None]
    found: dict[str, str] = {}
    for one in gone:
        for other in come:
            same = one.physical == other.physical or (one.element, one.speaks_of) == (other.element, other.speaks_of)
            if same and other.name not in found.values():
                found[one.name] = other.name
                break
    return found


def _field(contract: str, old: Field, new: Field) -> Iterator[Change]:
    values: dict[str, Any] = {"field": new.name, "element": old.element or new.element or "—"}
    if old.ignored is None and new.ignored is not None:
        yield Change(ChangeKind.REMOVES, True, contract, m.NOW_IGNORED, values | {"reason": new.ignored})
        return
    if old.ignored is not None:
        if new.ignored is None:
            message = m.REQUIRED_ADDED if new.required else m.NOW_BOUND
            yield Change(ChangeKind.NARROWS if new.required else ChangeKind.ADDS, new.required, contract, message, values)
        return
    if old.element != new.element:
        yield Change(ChangeKind.REDEFINES, True, contract, m.ELEMENT_CHANGED, values | {"old": old.element, "new": new.element})
    if old.physical != new.physical:
        yield Change(ChangeKind.RENAMES, False, contract, m.COLUMN_RENAMED, values | {"old": old.physical, "new": new.physical})
    if new.required and not old.required:
        yield Change(ChangeKind.NARROWS, True, contract, m.NOW_REQUIRED, values)
    if old.required and not new.required:
        yield Change(ChangeKind.WIDENS, False, contract, m.NOW_OPTIONAL, values)
    settings = [s for s in (*_READINGS, "crosswalk") if getattr(old, s) != getattr(new, s)]
    if settings:
        yield Change(ChangeKind.TERMS, False, contract, m.READING_CHANGED, values | {"settings": "、".join(settings)})


def _key(old: Contract, new: Contract) -> Iterator[Change]:
    before, after = ([f.name for f in contract.key] for contract in (old, new))
    if before != after:
        values = {"old": ", ".join(before), "new": ", ".join(after)}
        yield Change(ChangeKind.REDEFINES, True, new.id, m.KEY_CHANGED, values)


def _speakers(old: Contract, new: Contract) -> Iterator[Change]:
    before = {s.name: s for s in old.speakers}
    after = {s.name: s for s in new.speakers}
    for name, gone in before.items():
        now = after.get(name)
        if now is None or now.entity != gone.entity:
            yield Change(ChangeKind.REMOVES, True, new.id, m.SPEAKER_REMOVED, {"speaker": name, "entity": gone.entity})
            continue
        for short, text in gone.says.items():
            values = {"speaker": name, "element": f"{gone.entity}.{short}", "old": text, "new": now.says.get(short)}
            if short not in now.says:
                if not _told_by_field(old, new, text):
                    yield Change(ChangeKind.REMOVES, True, new.id, m.SAYS_REMOVED, values)
            elif now.says[short] != text and not _told_by_field(old, new, text):
                yield Change(ChangeKind.REDEFINES, False, new.id, m.SAYS_CHANGED, values)
    for name, come in after.items():
        if name not in before:
            yield Change(ChangeKind.ADDS, False, new.id, m.SPEAKER_ADDED, {"speaker": name, "entity": come.entity})


def _told_by_field(old: Contract, new: Contract, text: str) -> bool:
    """A plain field that was removed, renamed or ignored: that change is told once, by the field."""
    kept = {f.name for f in new.bound}
    return any(name not in kept for name in fields_of(text) if name in {f.name for f in old.bound})


def _rules(old: Contract, new: Contract) -> Iterator[Change]:
    before = {r.name: r for r in old.quality}
    after = {r.name: r for r in new.quality}
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield Change(ChangeKind.WIDENS, False, new.id, m.RULE_REMOVED, {"rule": name})
        elif name not in before:
            yield Change(ChangeKind.NARROWS, False, new.id, m.RULE_ADDED, {"rule": name} | in_both("new", after[name]))
        elif before[name] != after[name]:
            told = in_both("old", before[name]) | in_both("new", after[name])
            message = m.RULE_FILED if told["old_zh"] == told["new_zh"] else m.RULE_CHANGED
            yield Change(ChangeKind.TERMS, False, new.id, message, {"rule": name} | told)


def _terms(old: Contract, new: Contract) -> Iterator[Change]:
    for attribute, term in _TERMS.items():
        before, after = getattr(old, attribute), getattr(new, attribute)
        if before != after:
            shown = {"old": "…", "new": "…"} if term == "source" else {"old": _shown(before), "new": _shown(after)}
            yield Change(ChangeKind.TERMS, False, new.id, m.TERM_CHANGED, {"term": term} | shown)


def _shown(value: Any) -> str:
    if value is None:
        return "—"
    return "、".join(value) if isinstance(value, tuple) else str(getattr(value, "zh", value))
