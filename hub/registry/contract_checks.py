"""What must hold inside one contract: every field kept or ignored with a reason, keys, roles, records, terms, rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hub.core.clock import CITY
from hub.core.errors import YibiaoError
from hub.core.plan import parse as parse_schedule
from hub.registry import messages as m
from hub.registry.load_contracts import field_place
from hub.registry.model import Catalog, Contract, Delivery, EntityKind, Field, Record, Role, ValueType
from hub.registry.nodes import Call, Name, walk
from hub.registry.saying_checks import check_saying, check_when
from hub.registry.syntax import parse

LOGICAL_TYPES = {
    ValueType.TEXT: "string", ValueType.CODE: "string", ValueType.DIVISION: "string", ValueType.REFERENCE: "string",
    ValueType.CODES: "array", ValueType.DATE: "date", ValueType.MONTH: "date", ValueType.DATETIME: "timestamp",
    ValueType.INTEGER: "integer", ValueType.DECIMAL: "number", ValueType.MONEY: "number", ValueType.BOOLEAN: "boolean",
}  # fmt: skip
DATED = {ValueType.DATE, ValueType.MONTH, ValueType.DATETIME}
_ENDING = re.compile(r"full:[1-9][0-9]*d|list")


def problems(catalog: Catalog, contract: Contract) -> Iterator[YibiaoError]:
    """Every mistake of one contract against the dictionary; of its quality rules, see ``hub.checks.suite``."""
    used = _used(contract)
    seen: set[str] = set()
    for field in contract.fields:
        if field.name in seen:
            yield m.FIELD_TWICE.error(field.place, field=field.name)
        seen.add(field.name)
        yield from _field(catalog, contract, field, used)
    if not contract.key:
        yield m.NO_KEY.error(contract.place, contract=contract.id)
    for role in contract.roles:
        yield from _role(catalog, contract, role)
    for record in contract.records:
        yield from _record(catalog, contract, record)
    yield from _terms(catalog, contract)


def fields_of(expression: str) -> tuple[str, ...]:
    """The field names that an expression of ``says`` or ``when`` reads. Raises ``YibiaoError`` if it cannot be read."""
    tree = parse(expression)
    roles = {id(part) for node in walk(tree) if isinstance(node, Call) and node.function == "role" for part in node.arguments}
    return tuple(dict.fromkeys(node.text for node in walk(tree) if isinstance(node, Name) and id(node) not in roles))


def role_of(expression: str) -> str | None:
    """``role(NAME)``: the role whose subject is meant; None for any other expression."""
    tree = parse(expression)
    if isinstance(tree, Call) and tree.function == "role" and len(tree.arguments) == 1 and isinstance(tree.arguments[0], Name):
        return tree.arguments[0].text
    return None


def _used(contract: Contract) -> set[str]:
    """The fields that some role or record uses, or the contract's terms; unreadable expressions use nothing."""
    used = {role.key for role in contract.roles} | {contract.dated_by or ""} | {f.name for f in contract.key}
    if contract.ending_flag is not None:
        used.add(contract.ending_flag[0])
    for text in _expressions(contract):
        try:
            used.update(fields_of(text))
        except YibiaoError:
            continue
    return used


def _expressions(contract: Contract) -> Iterator[str]:
    for speaker in contract.speakers:
        yield from speaker.says.values()
    yield from (record.when for record in contract.records if record.when)


def _field(catalog: Catalog, contract: Contract, field: Field, used: set[str]) -> Iterator[YibiaoError]:
    if field.ignored is not None:
        if field.element is not None:
            yield m.BOUND_OR_IGNORED.error(field.place, field=field.name)
        if field.key_position:
            yield m.KEY_IGNORED.error(field.place, field=field.name)
        return
    if field.element is None:
        yield m.BOUND_OR_IGNORED.error(field.place, field=field.name)
        return
    element = catalog.elements.get(field.element)
    if element is None:
        yield m.unknown(field.place, "数据元", "element", field.element, catalog.elements)
        return
    if field.speaks_of is not None:
        speakers = {speaker.name: speaker.entity for speaker in contract.speakers}
        if speakers.get(field.speaks_of) != element.entity:
            yield m.NO_SPEAKER.error(field.place, field=field.name, speaker=field.speaks_of)
    elif field.name not in used:
        yield m.UNUSED_FIELD.error(field.place, field=field.name)
    if field.crosswalk is not None:
        crosswalk = catalog.crosswalks.get(field.crosswalk)
        if crosswalk is None:
            yield m.unknown(field.place, "对照表", "crosswalk", field.crosswalk, catalog.crosswalks)
        elif crosswalk.code_list != element.code_list:
            yield m.CROSSWALK_LIST.error(
                field.place, field=field.name, crosswalk=field.crosswalk, found=crosswalk.code_list, agreed=element.code_list or "—"
            )
    if field.logical_type is not None and field.logical_type != LOGICAL_TYPES[element.type]:
        yield m.LOGICAL_TYPE.error(field.place, field=field.name, found=field.logical_type, agreed=LOGICAL_TYPES[element.type])
    yield from _settings(field, element.type)


def _settings(field: Field, kind: ValueType) -> Iterator[YibiaoError]:
    for setting, given, applies, zh, en in (
        ("names", field.names, kind is ValueType.DIVISION, "区划", "divisions"),
        ("separator", field.separator is not None, kind is ValueType.CODES, "多值代码", "lists of codes"),
        ("scale", field.scale is not None, kind in {ValueType.MONEY, ValueType.DECIMAL}, "金额和小数", "money and decimals"),
    ):
        if given and not applies:
            yield m.SETTING.error(field.place, field=field.name, setting=setting, applies_zh=zh, applies_en=en)


def _role(catalog: Catalog, contract: Contract, role: Role) -> Iterator[YibiaoError]:
    entity = catalog.entities.get(role.entity)
    if entity is None:
        yield m.unknown(contract.place, "实体", "entity", role.entity, catalog.entities)
        return
    if entity.kind is not EntityKind.SUBJECT:
        yield m.ROLE_SUBJECT.error(contract.place, role=role.name, entity=role.entity)
        return
    key = next((f for f in contract.bound if f.name == role.key), None)
    if key is None or key.element != f"{entity.name}.{entity.key}":
        yield m.ROLE_KEY.error(field_place(contract, role.key), role=role.name, field=role.key, element=f"{entity.name}.{entity.key}")
    said = role.says.get(str(entity.key), role.key)
    if said != role.key:
        yield m.ROLE_KEY.error(contract.place, role=role.name, field=said, element=f"{entity.name}.{entity.key}")
    yield from _says(catalog, contract, role)


def _record(catalog: Catalog, contract: Contract, record: Record) -> Iterator[YibiaoError]:
    entity = catalog.entities.get(record.entity)
    owner = next((r for r in contract.roles if r.name == record.owner), None)
    if entity is None:
        yield m.unknown(contract.place, "实体", "entity", record.entity, catalog.entities)
        return
    if owner is None:
        yield m.ROLE_UNKNOWN.error(contract.place, name=record.owner, near="、".join(r.name for r in contract.roles))
        return
    if entity.kind is not EntityKind.OWNED or entity.owner != owner.entity:
        yield m.RECORD_OWNED.error(contract.place, record=record.name, entity=record.entity, owner=owner.entity)
    yield from _says(catalog, contract, record)
    if record.when is not None:
        yield from list(_expression(contract, record.when)) or check_when(catalog, contract, record.when)


def _says(catalog: Catalog, contract: Contract, speaker: Role | Record) -> Iterator[YibiaoError]:
    own = {f.name for f in contract.bound if f.speaks_of == speaker.name}
    for short, text in speaker.says.items():
        element = catalog.elements.get(f"{speaker.entity}.{short}")
        if element is None:
            if text not in own:  # one that a field names is told there
                yield m.unknown(contract.place, "数据元", "element", f"{speaker.entity}.{short}", catalog.elements)
            continue
        wrong = list(_expression(contract, text))
        yield from wrong
        if wrong:
            continue
        role = role_of(text)
        target = next((r.entity for r in contract.roles if r.name == role), None)
        if element.type is ValueType.REFERENCE and role is None:
            yield m.REFERENCE_SAYS.error(contract.place, element=element.name)
        elif role is not None and target is None:
            yield m.ROLE_UNKNOWN.error(contract.place, name=role, near="、".join(r.name for r in contract.roles))
        elif role is not None and target != element.refers_to:
            yield m.REFERENCE_SAYS.error(contract.place, element=element.name)
        elif role is None:
            yield from check_saying(catalog, contract, element, text)


def _expression(contract: Contract, text: str) -> Iterator[YibiaoError]:
    try:
        names = fields_of(text)
    except YibiaoError as error:
        yield m.BAD_EXPRESSION.error(contract.place, expression=text, problem_zh=error.text("zh"), problem_en=error.text("en"))
        return
    kept = {f.name for f in contract.bound}
    for name in names:
        if name not in kept:
            yield m.unknown(contract.place, "本契约的字段", "field of this contract", name, kept)


def _ends(catalog: Catalog, contract: Contract, ending: str) -> bool:
    """Whether an ending can be told so. The flag of a row is a code of its list, or ``true`` of a boolean."""
    if contract.ending_flag is None:
        return _ENDING.fullmatch(ending) is not None
    name, value = contract.ending_flag
    field = next((f for f in contract.bound if f.name == name), None)
    element = catalog.elements.get(field.element or "") if field else None
    if element is None or element.sealed:
        return False
    if element.type is ValueType.BOOLEAN:
        return value == "true"
    codes = catalog.code_lists.get(element.code_list or "")
    return element.type is ValueType.CODE and codes is not None and value in codes.codes


def _terms(catalog: Catalog, contract: Contract) -> Iterator[YibiaoError]:
    if contract.delivery is Delivery.DELTA and contract.ending is None:
        yield m.NO_ENDING.error(contract.place, contract=contract.id)
    if contract.ending is not None and not _ends(catalog, contract, contract.ending):
        yield m.BAD_ENDING.error(contract.place, ending=contract.ending)
    if contract.schedule is not None:
        try:
            parse_schedule(contract.schedule, CITY)
        except YibiaoError as error:
            reasons = {name: error.values[name] for name in ("reason_zh", "reason_en")}
            yield m.BAD_SCHEDULE.error(contract.schedule_place, schedule=contract.schedule, **reasons)
    if contract.dated_by is not None:
        field = next((f for f in contract.bound if f.name == contract.dated_by), None)
        element = catalog.elements.get(field.element or "") if field else None
        if element is None or element.type not in DATED:
            yield m.DATED_BY.error(contract.place, field=contract.dated_by)
