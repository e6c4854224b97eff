"""Documents to measures, consistency rules and forms. Names and expressions are not resolved here: ``form_checks`` does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from hub.core.errors import YibiaoError
from hub.registry import expression_messages as m
from hub.registry.documents import Block, Document
from hub.registry.load_dictionary import title_of
from hub.registry.messages import twice
from hub.registry.model import FieldKind, Form, FormField, Meanwhile, Measure, ReportRule, Rule, Section, SectionKind, Severity, Title

OBSERVATION = "observation."  # the prefix of an entry that is a figure for a place and a period, which no register holds

_KINDS = {kind.value: kind for kind in FieldKind}


def read_measures(documents: Iterable[Document], errors: list[YibiaoError]) -> dict[str, Measure]:
    """The measures by name. A name used twice is an error that names the first place."""
    found: dict[str, Measure] = {}
    for document in documents:
        if document.kind != "Measures":
            continue
        for name, data in document.data["measures"].items():
            measure = Measure(
                name=name,
                title=title_of(data["title"]),
                of=data.get("of", document.data.get("of", "")),
                value=data["value"],
                where=data.get("where"),
                by=data.get("by", document.data.get("by", "")),
                definition=data.get("definition", ""),
                place=document.place("measures", name),
            )
            if (first := found.setdefault(name, measure)) is not measure:
                errors.append(twice("指标", "measure", name, first.place, measure.place))
    return found


def read_rules(documents: Iterable[Document], errors: list[YibiaoError]) -> dict[str, Rule]:
    """The consistency rules by name."""
    found: dict[str, Rule] = {}
    for document in documents:
        if document.kind != "Rules":
            continue
        for name, data in document.data["rules"].items():
            rule = Rule(
                name=name,
                title=title_of(data["title"]),
                of=data["of"],
                broken=data["broken"],
                severity=Severity(data.get("severity", "warn")),
                looks=tuple(data.get("looks", ())),
                remedy=title_of(data["remedy"]) if "remedy" in data else Title("", ""),
                place=document.place("rules", name),
            )
            if (first := found.setdefault(name, rule)) is not rule:
                errors.append(twice("规则", "rule", name, first.place, rule.place))
    return found


def read_forms(documents: Iterable[Document], errors: list[YibiaoError]) -> dict[str, Form]:
    """The forms by id, one version each."""
    found: dict[str, Form] = {}
    for document in documents:
        if document.kind != "Form":
            continue
        form = read_form(document, errors)
        if (first := found.setdefault(form.id, form)) is not form:
            errors.append(twice("表单", "form", form.id, first.place, form.place))
    return found


def read_versions(documents: Iterable[Document]) -> dict[tuple[str, str], Form]:
    """Forms as they were published, by id and version: of documents that were in force once, so that no mistake is looked for."""
    forms = [read_form(document, []) for document in documents if document.kind == "Form"]
    return {(form.id, form.version): form for form in forms}


def read_form(document: Document, errors: list[YibiaoError]) -> Form:
    """One well shaped document as a Form."""
    data = document.data
    sections = tuple(_section(document, index, item) for index, item in enumerate(data["sections"]))
    return Form(
        id=data["id"],
        version=data["version"],
        title=title_of(data["title"]),
        asked_by=data["asked_by"],
        unit_level=data["unit"],
        frequency=data["frequency"],
        sections=sections,
        rules=tuple(_report_rule(item) for item in data.get("rules", ())),
        number=data.get("number", ""),
        maker=data.get("maker", ""),
        approval=data.get("approval", ""),
        expires=_expiry(document, data, errors),
        legal_basis=data.get("legal_basis", ""),
        due_days=data.get("due_days", 5),
        closes_days=data.get("closes_days"),
        place=document.place("id"),
    )


def _expiry(document: Document, data: Block, errors: list[YibiaoError]) -> date | None:
    written = data.get("expires")
    if written is None:
        return None
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        errors.append(m.EXPIRY.error(document.place("expires"), found=written))
        return None


def _section(document: Document, index: int, data: Block) -> Section:
    path: tuple[str | int, ...] = ("sections", index, "fields")
    return Section(
        name=data["name"],
        title=title_of(data["title"]),
        kind=SectionKind(data["kind"]),
        fields=tuple(_field(document, (*path, position), item) for position, item in enumerate(data["fields"])),
        of=data.get("of"),
        where=data.get("where"),
        by=data.get("by"),
        order=tuple(data.get("order", ())),
        rows=data.get("rows", "unit"),
        answers=data.get("answers", ""),
    )


def _field(document: Document, path: tuple[str | int, ...], data: Block) -> FormField:
    kind, expression = _means(data)
    return FormField(
        name=data["name"],
        title=title_of(data["title"]),
        kind=kind,
        expression=expression,
        keep=data.get("keep", False),
        group=title_of(data["group"]) if "group" in data else None,
        applies=data.get("applies"),
        unit=data.get("unit", ""),
        meanwhile=Meanwhile(data.get("meanwhile", "source")),
        place=document.place(*path, "name"),
    )


def _means(data: Block) -> tuple[FieldKind, str]:
    """What a field is, and its expression; the JSON Schema saw to it that it is exactly one thing."""
    for word, kind in _KINDS.items():
        if word in data:
            return kind, str(data[word])
    return FieldKind.ENTRY, OBSERVATION + str(data["observation"]) if "observation" in data else ""


def _report_rule(data: dict[str, Any]) -> ReportRule:
    return ReportRule(data["name"], title_of(data["title"]), data["holds"], data["section"], Severity(data.get("severity", "warn")))
