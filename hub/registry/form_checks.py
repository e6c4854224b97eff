"""What must hold of expressions, measures, rules and forms. Pure: a Catalog in, the mistakes out.

The gate of forms stands here: a form that asks people for what a department supplies is refused, and the refusal names the
source (design: collected once; Decree 809 art. 24, 30; Statistics Law art. 28 for what surveys may not fill).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from hub.core.errors import YibiaoError
from hub.registry import expression_messages as m
from hub.registry.expressions import bind, bind_condition, bind_display, bind_measure, bind_path
from hub.registry.formulas import check_formula, formula_uses, parse_formula, unknown_measure
from hub.registry.load_forms import OBSERVATION
from hub.registry.model import Catalog, FieldKind, Form, FormField, Place, Section, SectionKind, ValueType
from hub.registry.paths import nearest
from hub.registry.suppliers import measure_behind

TOWNSHIP = "township."


def check_expressions(catalog: Catalog) -> list[YibiaoError]:
    """Mistakes in what subjects are called by, derived elements, measures and consistency rules."""
    errors: list[YibiaoError] = []
    for entity in catalog.entities.values():
        errors += _caught(partial(bind_display, catalog, entity))
    for element in catalog.elements.values():
        if element.derived is not None and element.entity in catalog.entities:
            errors += _caught(partial(bind, catalog, element.entity, element.derived, element.place))
    for measure in catalog.measures.values():
        if measure.of in catalog.entities:
            errors += _caught(partial(bind_measure, catalog, measure))
        else:
            errors.append(_unknown_entity(catalog, measure.of, measure.place, measure.of))
    for rule in catalog.rules.values():
        if rule.of in catalog.entities:
            errors += _caught(partial(bind_condition, catalog, rule.of, rule.broken, rule.place))
        else:
            errors.append(_unknown_entity(catalog, rule.of, rule.place, rule.of))
    return errors


def check_forms(catalog: Catalog) -> list[YibiaoError]:
    """Mistakes in forms, and forms that ask for what somebody already supplies."""
    return [error for form in catalog.forms.values() for error in check_form(catalog, form)]


def check_form(catalog: Catalog, form: Form) -> list[YibiaoError]:
    """As ``check_forms``, for one form that need not be in the Catalog yet."""
    errors: list[YibiaoError] = []
    for section in form.sections:
        errors += _section(catalog, form, section)
    names = [section.name for section in form.sections]
    for rule in form.rules:
        if rule.section not in names:
            errors.append(m.UNKNOWN_SECTION.error(form.place, name=rule.section, near=", ".join(nearest(rule.section, names))))
            continue
        section = form.sections[names.index(rule.section)]
        errors += _formula(catalog, section, rule.holds, form.place)
    return errors


def _section(catalog: Catalog, form: Form, section: Section) -> Iterator[YibiaoError]:
    entity = section.of or "place"
    if entity not in catalog.entities:
        yield _unknown_entity(catalog, entity, form.place, section.name)
        return
    if section.kind is SectionKind.ROSTER:
        if section.of is None or section.by is None:
            yield m.SECTION_NEEDS.error(form.place, name=section.name, needed="of" if section.of is None else "by")
            return
        yield from _roster(catalog, form, section, entity)
    names = [field.name for field in section.fields]
    for position, field in enumerate(section.fields):
        if field.name in names[:position]:
            yield m.FIELD_TWICE.error(field.place, name=field.name)
        yield from _field(catalog, form, section, entity, field)
    yield from _cycles(section)


def _roster(catalog: Catalog, form: Form, section: Section, entity: str) -> Iterator[YibiaoError]:
    def place_of_line() -> object:
        by = bind_path(catalog, entity, str(section.by), form.place)
        if by is None or by.element.type is not ValueType.DIVISION:
            raise m.MEASURE_PLACE.error(form.place, name=section.by, expression=section.by, at=1)
        return by

    yield from _caught(place_of_line)
    if section.where is not None:
        yield from _caught(partial(bind_condition, catalog, entity, section.where, form.place))
    for path in section.order:
        yield from _caught(partial(bind, catalog, entity, path, form.place))
    departments = sorted({contract.department for contract in catalog.contracts.values()})
    if section.answers and section.answers not in departments:
        near = ", ".join(nearest(section.answers, departments))
        yield m.UNKNOWN_ANSWERS.error(form.place, name=section.answers, section=section.name, near=near)


def _field(catalog: Catalog, form: Form, section: Section, entity: str, field: FormField) -> Iterator[YibiaoError]:
    match field.kind:
        case FieldKind.ELEMENT:
            yield from _caught(partial(bind, catalog, entity, field.expression, field.place))
            yield from _survey(catalog, form, entity, field)
        case FieldKind.MEASURE:
            if field.expression not in catalog.measures:
                yield unknown_measure(field.expression, field.place, catalog.measures)
            elif section.kind is SectionKind.ROSTER:
                yield m.MEASURE_IN_ROSTER.error(field.place, name=field.expression)
        case FieldKind.FORMULA:
            yield from _formula(catalog, section, field.expression, field.place)
        case FieldKind.ENTRY:
            yield from _entry(catalog, form, entity, field)
    if field.applies is not None:
        yield from _formula(catalog, section, field.applies, field.place)


def _formula(catalog: Catalog, section: Section, text: str, place: Place) -> list[YibiaoError]:
    """A line of a roster is no place: no measure has a figure for it."""
    errors = check_formula(text, place, [field.name for field in section.fields], catalog.measures)
    if not errors and section.kind is SectionKind.ROSTER:
        errors += [m.MEASURE_IN_ROSTER.error(place, name=name) for name in sorted(formula_uses(parse_formula(text, place)).measures)]
    return errors


def _entry(catalog: Catalog, form: Form, entity: str, field: FormField) -> Iterator[YibiaoError]:
    """An entry is bound to an element that the township keeps, is an observation, or stays in its report."""
    if field.expression.startswith(OBSERVATION):
        yield from _observation(catalog, form, field)
        return
    if field.keep:
        yield from _kept(catalog, form, field)
        return
    try:
        path = bind_path(catalog, entity, field.expression, field.place) if field.expression else None
    except YibiaoError as error:
        yield error
        return
    if path is None:
        yield m.UNBOUND_ENTRY.error(field.place, field=field.title.zh)
        return
    source = _source(catalog, path.element.name)
    if source is not None:
        yield m.ASKS_AGAIN.error(field.place, form=form.title.zh, field=field.title.zh, element=path.element.name, source=source)


def _observation(catalog: Catalog, form: Form, field: FormField) -> Iterator[YibiaoError]:
    """A figure that no register holds: one that is counted already is not asked for again under its own name."""
    name = field.expression.removeprefix(OBSERVATION)
    measure = catalog.measures.get(name)
    if measure is None or measure.of not in catalog.entities:
        return
    try:
        found = measure_behind(catalog, bind_measure(catalog, measure))
    except YibiaoError:  # told where the measure is checked
        return
    sources = {suppliers[0] for suppliers in found.either if suppliers}.union(*found.all)
    source = "、".join(sorted(sources)) or "—"
    yield m.ASKS_MEASURE.error(field.place, form=form.title.zh, field=field.title.zh, measure=name, source=source)


def _kept(catalog: Catalog, form: Form, field: FormField) -> Iterator[YibiaoError]:
    """What stays in its report has no element to judge it by: its title tells what it asks for."""
    for element in catalog.elements.values():
        if element.title.zh == field.title.zh and (source := _source(catalog, element.name)) is not None:
            yield m.ASKS_TITLE.error(field.place, form=form.title.zh, field=field.title.zh, element=element.name, source=source)
            return


def _source(catalog: Catalog, element: str) -> str | None:
    """The contract of a department whose word counts for the element; None if nobody supplies it, or the township does."""
    first = next(iter(catalog.authority(element).order), None)
    return None if first is None or first.startswith(TOWNSHIP) else first


def _survey(catalog: Catalog, form: Form, entity: str, field: FormField) -> Iterator[YibiaoError]:
    try:
        path = bind_path(catalog, entity, field.expression, field.place)
    except YibiaoError:  # told already
        return
    contracts = () if path is None else catalog.suppliers(path.element.name)
    if path is not None and contracts and all(catalog.contracts[contract].statistical_survey for contract in contracts):
        source = ", ".join(contracts)
        yield m.SURVEY_DATA.error(field.place, form=form.title.zh, field=field.title.zh, element=path.element.name, source=source)


def _cycles(section: Section) -> Iterator[YibiaoError]:
    """Formulas that need themselves."""
    needs: dict[str, frozenset[str]] = {}
    for field in section.fields:
        if field.kind is FieldKind.FORMULA:
            try:
                needs[field.name] = formula_uses(parse_formula(field.expression, field.place)).fields
            except YibiaoError:  # told already
                needs[field.name] = frozenset()
    for field in section.fields:
        reached: set[str] = set()
        waiting = list(needs.get(field.name, ()))
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting.extend(needs.get(name, ()))
        if field.name in reached:
            yield m.FORMULA_CYCLE.error(field.place, name=field.name)


def _unknown_entity(catalog: Catalog, name: str, place: Place, expression: str) -> YibiaoError:
    return m.UNKNOWN_NAME.error(
        place, entity="Catalog", name=name, near=", ".join(nearest(name, catalog.entities)), expression=expression, at=1
    )


def _caught(check: Callable[[], object]) -> list[YibiaoError]:
    try:
        check()
    except YibiaoError as error:
        return [error]
    return []
