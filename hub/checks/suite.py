"""A contract's quality rules as plain checks on its staged table; pure, and without any engine's name.

Who runs a check is not known here: ``hub.checks.batch`` asks Great Expectations yes or no, ``hub.store.broken_rows`` finds the
rows. A check names columns of the staged table and has its arguments in canonical form (fen, scaled integers, dates), so
that both ask the same.

Rules and their arguments, as written in a contract (``limit`` and ``severity`` go with any of them):

====================  ======  ==============================  ===================================================
rule                  fields  arguments                       a row breaks it if
====================  ======  ==============================  ===================================================
``not_null``          1                                       the value is null (empty text is null: GX-01)
``unique``            1                                       another row has the same value
``unique_together``   2..     at least two fields             another row has the same values, none of them null
``in_set``            1       ``values`` (up to 1,000)        there is a value and it is not among them
``regex``             1       ``pattern`` (``patterns``)      there is a text and the pattern is not all of it
``between``           1       ``min``, ``max`` (or one)       there is a value outside, bounds included
``compare``           2       ``operator`` < <= = >= >        both have values and ``first operator second`` is false
``row_count``         0       ``min``, ``max`` (or one)       (the whole batch) there are fewer or more rows
``null_share``        1       ``max`` (0 to 1)                (the whole batch) a larger share is null
``freshness``         1       ``days``                        (the whole batch) the latest date is more days before as-of
====================  ======  ==============================  ===================================================

Rules on the text of sealed elements are the row checks', before sealing: a batch check sees the hash. They are listed in
``Suite.row_rules``. Whether a value is a code of its list is the row checks' too (by join: GX-05).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from hub.checks import batch_messages as m
from hub.checks.patterns import UnsafePattern, for_sql
from hub.checks.row_rules import is_row_rule
from hub.core.errors import Kind, YibiaoError, invalid
from hub.core.messages import Message
from hub.registry.model import Catalog, Contract, Delivery, Element, QualityRule, Severity, ValueType

MAX_VALUES = 1_000
OPERATORS = ("<", "<=", "=", ">=", ">")
_ON_ORDER = frozenset({"between", "compare"})  # a sealed value has none, neither its text nor its hash
WHOLE_BATCH = frozenset({"row_count", "null_share", "freshness"})

_TEXTS = frozenset({ValueType.TEXT, ValueType.CODE, ValueType.DIVISION})
_DATES = frozenset({ValueType.DATE, ValueType.MONTH, ValueType.DATETIME})
_ORDERED = _DATES | {ValueType.INTEGER, ValueType.DECIMAL, ValueType.MONEY}
_ANY = frozenset(ValueType)


@dataclass(frozen=True, slots=True)
class Check:
    """One rule on the staged table. ``arguments`` are canonical: ``values`` tuple, ``pattern`` (for SQL), ``min``/``max``, ``operator``,
    ``days`` and ``type`` (of a freshness column: date or microseconds)."""

    name: str
    rule: str
    columns: tuple[str, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.WARN
    limit: float = 0.0
    dimension: str = ""

    @property
    def whole_batch(self) -> bool:
        """Whether the rule judges the batch and no single row."""
        return self.rule in WHOLE_BATCH


@dataclass(frozen=True, slots=True)
class Suite:
    """What a contract's quality rules come to."""

    checks: tuple[Check, ...]
    row_rules: tuple[QualityRule, ...] = ()

    def of(self, kind: Delivery) -> tuple[Check, ...]:
        """The checks of one delivery. A mend is a few rows by its nature: no rule on the whole batch is asked of it."""
        return tuple(check for check in self.checks if kind is not Delivery.MEND or not check.whole_batch)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a rule takes: how many fields (at most 0 means none), of which types, which arguments."""

    fields: tuple[int, int]
    types: frozenset[ValueType] = _ANY
    arguments: tuple[str, ...] = ()


_SHAPES: dict[str, _Shape] = {
    "not_null": _Shape((1, 1)),
    "unique": _Shape((1, 1)),
    "unique_together": _Shape((2, 16)),
    "in_set": _Shape((1, 1), _ANY - {ValueType.CODES, ValueType.REFERENCE}, ("values",)),
    "regex": _Shape((1, 1), _TEXTS, ("pattern",)),
    "between": _Shape((1, 1), _ORDERED, ("min", "max")),
    "compare": _Shape((2, 2), _ORDERED, ("operator",)),
    "row_count": _Shape((0, 0), _ANY, ("min", "max")),
    "null_share": _Shape((1, 1), _ANY, ("max",)),
    "freshness": _Shape((1, 1), _DATES, ("days",)),
}


def suite_of(contract: Contract, elements: Mapping[str, Element], zone: ZoneInfo | None = None) -> Suite:
    """The contract's quality rules as checks, in the contract's order; ``zone`` (the city's; Shanghai if none is given) is needed
    to read dates as moments.

    Raises INVALID ``quality_suite_wrong`` whose ``details`` are all mistakes, each with contract, rule and reason.
    """
    city = zone or ZoneInfo("Asia/Shanghai")
    checks: list[Check] = []
    row_rules: list[QualityRule] = []
    wrong: list[YibiaoError] = []
    names: set[str] = set()
    for rule in contract.quality:
        found = list(_mistakes(contract, rule, elements))
        if rule.name in names:
            found.append(_error(contract, rule, m.NAME_TWICE))
        names.add(rule.name)
        if found:
            wrong += found
            continue
        try:
            arguments = _arguments(contract, rule, elements, city)
        except YibiaoError as error:
            wrong.append(error)
            continue
        if is_row_rule(rule, (name for name in rule.fields if _element(contract, name, elements).sealed)):
            row_rules.append(rule)
        else:
            checks.append(Check(rule.name, rule.rule, rule.fields, arguments, rule.severity, rule.limit, rule.dimension))
    if wrong:
        raise YibiaoError(Kind.INVALID, m.SUITE_WRONG, details=tuple(wrong), contract=contract.id, count=len(wrong))
    return Suite(tuple(checks), tuple(row_rules))


def problems(catalog: Catalog) -> list[YibiaoError]:
    """The quality rules of all contracts that can be no checks, each at its line: for lint, and for publishing to refuse."""
    found: list[YibiaoError] = []
    for contract in catalog.contracts.values():
        try:
            suite_of(contract, catalog.elements)
        except YibiaoError as error:
            found += error.details
    return found


def earliest(check: Check, as_of: date) -> date | int:
    """The date that a ``freshness`` check wants its latest value to reach, in the column's own form (a date, or microseconds)."""
    bound = as_of - timedelta(days=int(check.arguments["days"]))
    zone = check.arguments.get("zone")
    return bound if zone is None else _microseconds(bound, zone)


# Judging a rule as written -------------------------------------------------------------------------------------------


def _mistakes(contract: Contract, rule: QualityRule, elements: Mapping[str, Element]) -> Iterator[YibiaoError]:
    shape = _SHAPES.get(rule.rule)
    if shape is None:
        yield _error(contract, rule, m.UNKNOWN_RULE, what=rule.rule, known=", ".join(_SHAPES))
        return
    least, most = shape.fields
    if not least <= len(rule.fields) <= most:
        agreed = str(least) if least == most else f"{least}-{most}"
        yield _error(contract, rule, m.FIELD_COUNT, what=rule.rule, agreed=agreed, found=len(rule.fields))
    kept = {f.name: elements[f.element] for f in contract.bound if f.element and f.element in elements}
    for name in rule.fields:
        if name not in kept:
            yield _error(contract, rule, m.UNKNOWN_FIELD, field=name)
        elif kept[name].sealed and rule.rule in _ON_ORDER:
            yield _error(contract, rule, m.SEALED_ORDER, what=rule.rule, field=name)
        elif kept[name].type not in shape.types and not kept[name].sealed:
            yield _error(contract, rule, m.WRONG_TYPE, what=rule.rule, field=name, type=kept[name].type.value)
    for argument in rule.arguments:
        if argument not in shape.arguments:
            yield _error(contract, rule, m.ARGUMENT_UNKNOWN, what=rule.rule, argument=argument)
    if shape.arguments and not any(argument in rule.arguments for argument in shape.arguments):
        yield _error(contract, rule, m.ARGUMENT_MISSING, argument=shape.arguments[0])
    if rule.rule in WHOLE_BATCH and rule.severity is Severity.QUARANTINE:
        yield _error(contract, rule, m.NO_ROWS_TO_HOLD, what=rule.rule)
    if not 0 <= rule.limit <= 1:
        yield _error(contract, rule, m.LIMIT_WRONG)


def _element(contract: Contract, name: str, elements: Mapping[str, Element]) -> Element:
    return elements[contract.field(name).element or ""]


def _error(contract: Contract, rule: QualityRule, message: Message, **values: Any) -> YibiaoError:
    place = rule.place if rule.place.line else contract.place
    return invalid(message, contract=contract.id, rule=rule.name, file=place.file, line=place.line, **values)


class Unfit(ValueError):
    """An argument that is not what the rule or the field wants: the reason in Chinese and in English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)


# Arguments in canonical form -----------------------------------------------------------------------------------------


def _arguments(contract: Contract, rule: QualityRule, elements: Mapping[str, Element], zone: ZoneInfo) -> dict[str, Any]:
    given = rule.arguments

    def read(argument: str, reader: Callable[[Any], Any], value: Any) -> Any:
        try:
            return reader(value)
        except (ValueError, TypeError, InvalidOperation, OverflowError) as error:
            zh, en = error.args if isinstance(error, Unfit) else ("不合字段的类型", "not of the field's type")
            raise _error(contract, rule, m.ARGUMENT_WRONG, argument=argument, reason_zh=zh, reason_en=en) from error

    element = _element(contract, rule.fields[0], elements) if rule.fields else None
    match rule.rule:
        case "in_set" if element is not None:
            values = given["values"] if isinstance(given["values"], list | tuple) else (given["values"],)
            if not values:
                raise _error(contract, rule, m.ARGUMENT_MISSING, argument="values")
            if len(values) > MAX_VALUES:
                raise _error(contract, rule, m.TOO_MANY_VALUES, found=len(values), agreed=MAX_VALUES)
            return {"values": tuple(read("values", lambda v: canonical(element, v, zone), value) for value in values)}
        case "regex":
            try:
                return {"pattern": for_sql(str(given["pattern"]))}
            except UnsafePattern as error:
                raise _error(contract, rule, m.PATTERN_UNSAFE, position=error.position, reason=error.reason) from error
        case "between" if element is not None:
            bounds = {name: read(name, lambda v: canonical(element, v, zone), given[name]) for name in ("min", "max") if name in given}
            return read("max", _in_order, bounds)  # type: ignore[no-any-return]
        case "compare":
            first, second = (_element(contract, name, elements) for name in rule.fields)
            if _measured_as(first) != _measured_as(second):
                raise _error(contract, rule, m.WRONG_TYPE, what=rule.rule, field=rule.fields[1], type=second.type.value)
            return {"operator": read("operator", _operator, given["operator"])}
        case "row_count":
            return read("max", _in_order, {name: read(name, _count, given[name]) for name in ("min", "max") if name in given})  # type: ignore[no-any-return]
        case "null_share":
            return {"max": read("max", _share, given["max"])}
        case "freshness" if element is not None:
            days = read("days", _count, given["days"])
            return {"days": days, "zone": zone} if element.type is ValueType.DATETIME else {"days": days}
    return {}


def canonical(element: Element, written: Any, zone: ZoneInfo) -> Any:
    """A value as written in a contract in the form in which the staged table keeps it; raises ``Unfit`` or the like if it is none."""
    match element.type:
        case ValueType.MONEY | ValueType.DECIMAL:
            units = Decimal(str(written)).scaleb(2 if element.type is ValueType.MONEY else element.scale)
            if units != units.to_integral_value():
                raise Unfit("小数位数超过数据元的约定", "more digits after the point than the element keeps")
            return int(units)
        case ValueType.INTEGER:
            return _whole(written)
        case ValueType.BOOLEAN:
            if written is True or written is False:
                return written
            raise Unfit("应为 true 或 false", "true or false is meant")
        case ValueType.DATE:
            return _date(written)
        case ValueType.MONTH:
            text = str(written)
            return _date(f"{text}-01" if len(text) == 7 else text).replace(day=1)
        case ValueType.DATETIME:
            moment = datetime.fromisoformat(str(written))
            return _microseconds(moment.date(), zone) if len(str(written)) == 10 else _moment(moment, zone)
        case _:
            if isinstance(written, str):
                return written
            raise Unfit("应为文字，请加引号", "a text is meant: put it in quotes")


def _measured_as(element: Element) -> tuple[str, int]:
    """What two compared columns must share: dates with dates, and numbers of one scale."""
    if element.type in (ValueType.DATE, ValueType.MONTH):
        return "date", 0
    if element.type is ValueType.DATETIME:
        return "moment", 0
    return "number", {ValueType.MONEY: 2, ValueType.DECIMAL: element.scale}.get(element.type, 0)


def _in_order(bounds: dict[str, Any]) -> dict[str, Any]:
    if "min" in bounds and "max" in bounds and bounds["min"] > bounds["max"]:
        raise Unfit("min 大于 max", "min is greater than max")
    return bounds


def _operator(value: Any) -> str:
    if value not in OPERATORS:
        raise Unfit("应为 " + " ".join(OPERATORS) + " 之一", "one of " + " ".join(OPERATORS))
    return str(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or (not isinstance(value, int) and str(int(str(value))) != str(value)):
        raise Unfit("应为整数", "a whole number is meant")
    return int(value)


def _count(value: Any) -> int:
    if (number := _whole(value)) < 0:
        raise Unfit("不能小于零", "not below zero")
    return number


def _share(value: Any) -> Decimal:
    if not 0 <= (share := Decimal(str(value))) <= 1:
        raise Unfit("应为 0 到 1 之间的份额", "a share between 0 and 1")
    return share


def _date(value: Any) -> date:
    return value if isinstance(value, date) and not isinstance(value, datetime) else date.fromisoformat(str(value))


def _microseconds(day: date, zone: ZoneInfo) -> int:
    """The first moment of a day in the city, in microseconds since 1970 UTC."""
    return _moment(datetime(day.year, day.month, day.day, tzinfo=zone), zone)


def _moment(moment: datetime, zone: ZoneInfo) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return (aware - datetime.fromisoformat("1970-01-01T00:00:00+00:00")) // timedelta(microseconds=1)
