"""Formulas and report rules as written: expressions over the cells of a line, checked by name. Evaluated in ``hub.forms``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.core.errors import YibiaoError
from hub.registry import expression_messages as m
from hub.registry import nodes as n
from hub.registry.expressions import PARAMETERS
from hub.registry.model import Place
from hub.registry.paths import nearest
from hub.registry.syntax import NOWHERE, parse

# name -> how many arguments. line(): the line's number; place(): its village; measure(name): a figure of the line's place;
# rate(part, whole): per cent with two digits, half up; years_between(earlier, later): completed years.
FUNCTIONS = {"line": 0, "place": 0, "measure": 1, "rate": 2, "years_between": 2}


@dataclass(frozen=True, slots=True)
class FormulaUses:
    """What a formula reads: fields of its section, and measures named directly."""

    fields: frozenset[str]
    measures: frozenset[str]


def parse_formula(text: str, place: Place = NOWHERE) -> n.Node:
    """The nodes of a formula. Raises ``YibiaoError`` for what the language has not, and for aggregates and long paths."""
    node = parse(text, place)
    for part in n.walk(node):
        if isinstance(part, n.Aggregate) or (isinstance(part, n.Name) and len(part.parts) > 1):
            what = part.function if isinstance(part, n.Aggregate) else part.text
            raise m.UNSUPPORTED.error(place, expression=text, at=part.at, what=what)
        if isinstance(part, n.Parameter) and part.name not in PARAMETERS:
            raise m.PARAMETER.error(place, expression=text, at=part.at, name=part.name, near=", ".join(PARAMETERS))
        if isinstance(part, n.Call) and (FUNCTIONS.get(part.function) != len(part.arguments) or not _names_measure(part)):
            raise m.FUNCTION.error(place, expression=text, at=part.at, name=part.function, near=", ".join(FUNCTIONS))
    return node


def _names_measure(call: n.Call) -> bool:
    return call.function != "measure" or isinstance(call.arguments[0], n.Name)


def formula_uses(node: n.Node) -> FormulaUses:
    """Names of the fields and the measures that a formula reads."""
    measures = {part.arguments[0] for part in n.walk(node) if isinstance(part, n.Call) and part.function == "measure"}
    named = {part for part in n.walk(node) if isinstance(part, n.Name) and part not in measures}
    return FormulaUses(frozenset(name.text for name in named), frozenset(name.text for name in measures if isinstance(name, n.Name)))


def check_formula(text: str, place: Place, fields: Iterable[str], measures: Iterable[str]) -> list[YibiaoError]:
    """What is wrong with a formula: how it is written, or a field or measure that is not there."""
    try:
        found = formula_uses(parse_formula(text, place))
    except YibiaoError as error:
        return [error]
    known_fields, known_measures = set(fields), set(measures)
    errors = [
        m.UNKNOWN_FIELD.error(place, name=name, near=", ".join(nearest(name, known_fields))) for name in sorted(found.fields - known_fields)
    ]
    return errors + [unknown_measure(name, place, known_measures) for name in sorted(found.measures - known_measures)]


def unknown_measure(name: str, place: Place, known: Iterable[str]) -> YibiaoError:
    return m.UNKNOWN_MEASURE.error(place, name=name, near=", ".join(nearest(name, known)))
