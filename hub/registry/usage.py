"""Who uses an element: the measures, consistency rules and forms that read it, directly or through another definition."""

from __future__ import annotations

from collections.abc import Iterator

from hub.registry.expressions import bind, bind_measure, measure_uses, uses
from hub.registry.formulas import formula_uses, parse_formula
from hub.registry.model import Catalog, FieldKind, Form, FormField, Section


def measure_elements(catalog: Catalog) -> dict[str, frozenset[str]]:
    """Per measure the full names of the elements that it reads."""
    return {name: measure_uses(bind_measure(catalog, measure)) for name, measure in catalog.measures.items()}


def rule_elements(catalog: Catalog) -> dict[str, frozenset[str]]:
    """Per consistency rule the elements that it reads."""
    return {name: uses(bind(catalog, rule.of, rule.broken, rule.place)) for name, rule in catalog.rules.items()}


def form_elements(catalog: Catalog) -> dict[str, frozenset[str]]:
    """Per form the elements behind its columns and its conditions, those of its measures included."""
    measures = measure_elements(catalog)
    return {name: frozenset(_form(catalog, form, measures)) for name, form in catalog.forms.items()}


def form_measures(catalog: Catalog) -> dict[str, frozenset[str]]:
    """Per form the measures that its columns show, in formulas too."""
    return {
        name: frozenset(measure for section in form.sections for field in section.fields for measure in _measures(field))
        for name, form in catalog.forms.items()
    }


def _measures(field: FormField) -> frozenset[str]:
    if field.kind is FieldKind.MEASURE:
        return frozenset({field.expression})
    if field.kind is FieldKind.FORMULA:
        return formula_uses(parse_formula(field.expression, field.place)).measures
    return frozenset()


def _form(catalog: Catalog, form: Form, measures: dict[str, frozenset[str]]) -> Iterator[str]:
    for section in form.sections:
        entity = section.of or "place"
        for text in (section.where, section.by, *section.order):
            if text is not None:
                yield from uses(bind(catalog, entity, text, form.place))
        for field in section.fields:
            yield from _field(catalog, section, field, measures)


def _field(catalog: Catalog, section: Section, field: FormField, measures: dict[str, frozenset[str]]) -> Iterator[str]:
    for measure in _measures(field):
        yield from measures[measure]
    if field.kind in (FieldKind.ELEMENT, FieldKind.ENTRY) and field.expression and not field.expression.startswith("observation."):
        yield from uses(bind(catalog, section.of or "place", field.expression, field.place))
