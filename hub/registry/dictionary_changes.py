"""Differences between two dictionaries: elements, entities, code lists and crosswalks. Contracts: ``compatibility``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub.registry import change_messages as m
from hub.registry.changes import Change, ChangeKind
from hub.registry.model import Authority, Catalog, Element, Measure, Rule, Title

_KINDS = {
    "element": Title("数据元", "element"),
    "entity": Title("实体", "entity"),
    "code_list": Title("代码集", "code list"),
    "crosswalk": Title("对照表", "crosswalk"),
    "measure": Title("指标", "measure"),
    "rule": Title("一致性规则", "consistency rule"),
    "form": Title("表单", "form"),
}
# What decides how a value is stored or read: stored values would no longer fit.
_STORED = ("type", "code_list", "scale", "sealed", "refers_to", "format")
_ENTITY = ("kind", "key", "owner", "partition", "many")


def dictionary_changes(old: Catalog, new: Catalog) -> list[Change]:
    """The differences, code lists first. A measure or rule that changed is redefined; a form that changed needs a new version."""
    return [
        *_lists(old, new), *_crosswalks(old, new), *_elements(old, new), *_entities(old, new),
        *_whole("measure", old.measures, new.measures), *_whole("rule", old.rules, new.rules), *_forms(old, new),
    ]  # fmt: skip


def _presence(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    words = {"kind_zh": _KINDS[kind].zh, "kind_en": _KINDS[kind].en}
    for name in old:
        if name not in new:
            yield Change(ChangeKind.REMOVES, True, name, m.DEFINITION_REMOVED, words | {"name": name})
    for name in new:
        if name not in old:
            yield Change(ChangeKind.ADDS, False, name, m.DEFINITION_ADDED, words | {"name": name})


def _lists(old: Catalog, new: Catalog) -> Iterator[Change]:
    yield from _presence("code_list", old.code_lists, new.code_lists)
    for name in sorted(old.code_lists.keys() & new.code_lists.keys()):
        before, after = old.code_lists[name].codes, new.code_lists[name].codes
        yield from _codes(name, before.keys(), after.keys())
        both = sorted(before.keys() & after.keys())
        for message, moved in (
            (m.CODES_MOVED, [code for code in both if before[code].parent != after[code].parent]),
            (m.CODES_RENAMED, [code for code in both if before[code].title != after[code].title]),
        ):
            if moved:
                yield Change(ChangeKind.REDEFINES, False, name, message, {"name": name, "codes": "、".join(moved[:20])})


def _crosswalks(old: Catalog, new: Catalog) -> Iterator[Change]:
    yield from _presence("crosswalk", old.crosswalks, new.crosswalks)
    for name in sorted(old.crosswalks.keys() & new.crosswalks.keys()):
        before, after = old.crosswalks[name].codes, new.crosswalks[name].codes
        yield from _codes(name, before.keys(), after.keys())
        moved = sorted(code for code in before.keys() & after.keys() if before[code] != after[code])
        if moved:
            yield Change(ChangeKind.REDEFINES, True, name, m.CODE_REMAPPED, {"name": name, "codes": "、".join(moved)})


def _codes(name: str, before: Any, after: Any) -> Iterator[Change]:
    for kind, message, codes in (
        (ChangeKind.NARROWS, m.CODES_NARROWED, sorted(before - after)),
        (ChangeKind.WIDENS, m.CODES_WIDENED, sorted(after - before)),
    ):
        if codes:
            yield Change(kind, kind is ChangeKind.NARROWS, name, message, {"name": name, "codes": "、".join(codes[:20])})


def _elements(old: Catalog, new: Catalog) -> Iterator[Change]:
    yield from _presence("element", old.elements, new.elements)
    for name in sorted(old.elements.keys() & new.elements.keys()):
        before, after = old.elements[name], new.elements[name]
        for aspect in _STORED:
            yield from _aspect("element", name, aspect, getattr(before, aspect), getattr(after, aspect), ChangeKind.REDEFINES, True)
        yield from _length(before, after)
        for aspect in ("derived", "unit", "standard", "definition"):
            yield from _aspect("element", name, aspect, getattr(before, aspect), getattr(after, aspect), ChangeKind.TERMS, False)
        sides = [element.authority or Authority(()) for element in (before, after)]
        orders, policies = ([" > ".join(a.order) or "—" for a in sides], [a.policy.value for a in sides])
        yield from _aspect("element", name, "authority.order", orders[0], orders[1], ChangeKind.REDEFINES, False)
        yield from _aspect("element", name, "authority.policy", policies[0], policies[1], ChangeKind.REDEFINES, False)


def _length(old: Element, new: Element) -> Iterator[Change]:
    shorter = new.max_length is not None and (old.max_length is None or new.max_length < old.max_length)
    kind = ChangeKind.NARROWS if shorter else ChangeKind.WIDENS
    yield from _aspect("element", new.name, "max_length", old.max_length, new.max_length, kind, shorter)


def _entities(old: Catalog, new: Catalog) -> Iterator[Change]:
    yield from _presence("entity", old.entities, new.entities)
    for name in sorted(old.entities.keys() & new.entities.keys()):
        for aspect in _ENTITY:
            before, after = (getattr(catalog.entities[name], aspect) for catalog in (old, new))
            yield from _aspect("entity", name, aspect, before, after, ChangeKind.REDEFINES, True)


def _whole(kind: str, old: Mapping[str, Measure] | Mapping[str, Rule], new: Mapping[str, Measure] | Mapping[str, Rule]) -> Iterator[Change]:
    yield from _presence(kind, old, new)
    for name in sorted(old.keys() & new.keys()):
        for aspect in ("of", "value", "where", "by", "broken"):
            before, after = (getattr(side[name], aspect, None) for side in (old, new))
            yield from _aspect(kind, name, aspect, before, after, ChangeKind.REDEFINES, False)


def _forms(old: Catalog, new: Catalog) -> Iterator[Change]:
    yield from _presence("form", old.forms, new.forms)
    for name in sorted(old.forms.keys() & new.forms.keys()):
        before, after = old.forms[name], new.forms[name]
        yield from _aspect("form", name, "version", before.version, after.version, ChangeKind.REDEFINES, False)
        if before != after and before.version == after.version:
            yield Change(ChangeKind.TERMS, True, name, m.VERSION_KEPT, {"version": after.version})


def _aspect(kind: str, name: str, aspect: str, old: Any, new: Any, change: ChangeKind, breaking: bool) -> Iterator[Change]:
    if old != new:
        shown = {"old": "—" if old is None else str(old), "new": "—" if new is None else str(new)}
        words = {"kind_zh": _KINDS[kind].zh, "kind_en": _KINDS[kind].en, "name": name, "aspect": aspect}
        yield Change(change, breaking, name, m.DEFINITION_CHANGED, words | shown)
