"""How a value is read by people: codes by their titles, yes and no, lists, divisions by name; and what a cell's state is to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from hub.forms import messages as m
from hub.forms.model import Cell, State, Value
from hub.registry.model import Catalog, Element, FieldKind, FormField, ValueType

TO_ENTER = "to_enter"  # beside the states of the model: an entry waits for the township, which is no department's fault


def state_of(field: FormField, cell: Cell) -> str:
    """The state that people are shown, a name of ``hub.forms.messages.STATES``: that of the cell, or ``TO_ENTER``."""
    waits = field.kind is FieldKind.ENTRY and cell.state in (State.MISSING, State.BLANK)
    return TO_ENTER if waits else cell.state.value


def joined(parts: Iterable[str], language: str) -> str:
    return (", " if language == "en" else "、").join(parts)


def period_text(text: str, language: str) -> str:
    """A reporting period as people say it: "2026-10", "2026Q3" and "2026S2" in words."""
    year, mark, number = text[:4], text[4], int(text[5:])
    return m.PERIODS[{"-": "month", "Q": "quarter", "S": "half"}[mark]][number - 1].text(language, {"year": year})


def unit_text(unit: str, language: str) -> str:
    """The unit of a field; as the form has it where we have no word for it."""
    return m.UNITS[unit].text(language) if unit in m.UNITS else unit


def text_of(catalog: Catalog, value: Value, element: Element | None, language: str = "zh") -> str:
    """The text of a value; empty for null. ``element`` is the one whose value it is, if it is one's unchanged."""
    match value:
        case None:
            return ""
        case bool():
            return (m.YES if value else m.NO).text(language)
        case tuple():
            return joined([_title(catalog, element, part, language) for part in value], language)
        case date():
            return f"{value:%Y-%m}" if element is not None and element.type is ValueType.MONTH else value.isoformat()
        case Decimal():
            return f"{value:f}"
        case str():
            return _title(catalog, element, value, language)
    return str(value)


def _title(catalog: Catalog, element: Element | None, code: str, language: str) -> str:
    """The title of a code; the code itself where the list does not have it."""
    if element is None or element.code_list is None or element.type not in (ValueType.CODE, ValueType.CODES, ValueType.DIVISION):
        return code
    known = catalog.code_lists.get(element.code_list)
    found = known.codes.get(code) if known is not None else None
    if found is None:
        return code
    return found.title.en if language == "en" else found.title.zh
