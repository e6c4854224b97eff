"""Differences between two dictionaries: elements, entities, code lists and crosswalks. Contracts: ``compatibility``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from hub.registry import change_messages as m
from hub.registry.changes import Change, ChangeKind
from hub.registry.model import Authority, Catalog, Code, Collection, Element, Form, Measure, ReportRule, Rule, Title

_KINDS = {
    "element": Title("数据元", "element"),
    "entity": Title("实体", "entity"),
    "code_list": Title("代码集", "code list"),
    "crosswalk": Title("对照表", "crosswalk"),
    "measure": Title("指标", "measure"),
    "rule": Title("一致性规则", "consistency rule"),
    "form": Title("表单", "form"),
    "succession": Title("区划沿革", "succession"),
}
# What decides how a value is stored or read: stored values would no longer fit.
_STORED = ("type", "code_list", "scale", "sealed", "refers_to", "format")
_ENTITY = ("kind", "key", "owner", "partition", "many")
# What people read, and what no stored value depends on.
_TERMS = {
    "code_list": ("title", "standard", "working"),
    "element": ("title", "derived", "unit", "standard", "definition"),
    "entity": ("title", "display", "collections"),
    "measure": ("title", "definition"),
    "rule": ("title", "severity", "looks", "remedy"),
    "form": (
        "title",
        "asked_by",
        "unit_level",
        "frequency",
        "number",
        "maker",
        "approval",
        "expires",
        "legal_basis",
        "due_days",
        "closes_days",
        "rules",
    ),
}
_SECTION = ("title", "of", "where", "by", "order", "rows", "answers")


def dictionary_changes(old: Catalog, new: Catalog) -> list[Change]:
    """Every difference, code lists first. A measure or rule that changed is redefined; a form that changed needs a new version."""
    return [
        *_lists(old, new), *_crosswalks(old, new), *_elements(old, new), *_entities(old, new),
        *_whole("measure", old.measures, new.measures), *_whole("rule", old.rules, new.rules), *_forms(old, new),
        *_successions(old, new),
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
            (m.CODES_REDATED, [code for code in both if _dated(before[code]) != _dated(after[code])]),
        ):
            if moved:
                yield Change(ChangeKind.REDEFINES, False, name, message, {"name": name, "codes": "、".join(moved[:20])})
        yield from _terms("code_list", name, old.code_lists[name], new.code_lists[name])


def _dated(code: Code) -> tuple[Any, ...]:
    return code.valid_from, code.valid_until, code.note


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
        yield from _terms("element", name, before, after)
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
        yield from _terms("entity", name, old.entities[name], new.entities[name])


def _whole(kind: str, old: Mapping[str, Measure] | Mapping[str, Rule], new: Mapping[str, Measure] | Mapping[str, Rule]) -> Iterator[Change]:
    yield from _presence(kind, old, new)
    for name in sorted(old.keys() & new.keys()):
        for aspect in ("of", "value", "where", "by", "broken"):
            before, after = (getattr(side[name], aspect, None) for side in (old, new))
            yield from _aspect(kind, name, aspect, before, after, ChangeKind.REDEFINES, False)
        yield from _terms(kind, name, old[name], new[name])


def _forms(old: Catalog, new: Catalog) -> Iterator[Change]:
    yield from _presence("form", old.forms, new.forms)
    for name in sorted(old.forms.keys() & new.forms.keys()):
        before, after = old.forms[name], new.forms[name]
        yield from _aspect("form", name, "version", before.version, after.version, ChangeKind.REDEFINES, False)
        yield from _terms("form", name, before, after)
        yield from _sections(before, after)
        if before != after and before.version == after.version:
            yield Change(ChangeKind.TERMS, True, name, m.VERSION_KEPT, {"version": after.version})


def _sections(old: Form, new: Form) -> Iterator[Change]:
    """The columns that came, went or changed; of a section that stays, how it chooses and orders its lines."""
    before, after = ({(s.name, f.name): f for s in form.sections for f in s.fields} for form in (old, new))
    for (section, column), field in after.items():
        if (section, column) not in before:
            yield Change(ChangeKind.ADDS, False, new.id, m.COLUMN_ADDED, {"form": new.id, "column": f"{section}.{column}"})
            continue
        for aspect in ("title", "kind", "expression", "keep", "group", "applies", "unit", "meanwhile"):
            sides = [getattr(one, aspect) for one in (before[section, column], field)]
            yield from _aspect("form", new.id, f"{section}.{column}.{aspect}", sides[0], sides[1], ChangeKind.REDEFINES, False)
    for section, column in sorted(before.keys() - after.keys()):
        yield Change(ChangeKind.REMOVES, False, new.id, m.COLUMN_REMOVED, {"form": new.id, "column": f"{section}.{column}"})
    sections = {section.name: section for section in old.sections}
    for now in new.sections:
        for aspect in _SECTION if now.name in sections else ():
            sides = [getattr(one, aspect) for one in (sections[now.name], now)]
            yield from _aspect("form", new.id, f"{now.name}.{aspect}", sides[0], sides[1], ChangeKind.REDEFINES, False)


def _successions(old: Catalog, new: Catalog) -> Iterator[Change]:
    for name in sorted(old.successions.keys() | new.successions.keys()):
        before, after = old.successions.get(name), new.successions.get(name)
        sides = [[*one.new, one.since.isoformat()] if one else None for one in (before, after)]
        yield from _aspect("succession", name, "new", sides[0], sides[1], ChangeKind.REDEFINES, False)


def _terms(kind: str, name: str, old: Any, new: Any) -> Iterator[Change]:
    for aspect in _TERMS[kind]:
        yield from _aspect(kind, name, aspect, getattr(old, aspect), getattr(new, aspect), ChangeKind.TERMS, False)


def _aspect(kind: str, name: str, aspect: str, old: Any, new: Any, change: ChangeKind, breaking: bool) -> Iterator[Change]:
    if old != new:
        shown = {"old": _shown(old), "new": _shown(new)}
        words = {"kind_zh": _KINDS[kind].zh, "kind_en": _KINDS[kind].en, "name": name, "aspect": aspect}
        yield Change(change, breaking, name, m.DEFINITION_CHANGED, words | shown)


def _shown(value: Any) -> str:
    """A value as the file has it, briefly; a title in both languages, for either may be the one that changed."""
    match value:
        case None | "":
            return "—"
        case Title():
            return f"{value.zh} ({value.en})"
        case ReportRule():
            return f"{value.name}: {value.holds}"
        case Collection():
            return f"{value.entity} via {value.via}" if value.via else value.entity
        case tuple() | list():
            return "、".join(map(_shown, value)) or "—"
        case Mapping():
            return "、".join(f"{name}: {_shown(one)}" for name, one in value.items()) or "—"
        case StrEnum():
            return value.value
        case _:
            return str(value)
