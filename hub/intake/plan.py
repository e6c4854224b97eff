"""What normalising does with each field of a contract, worked out once per batch: no frame and no value here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from hub.checks.row_rules import is_row_rule
from hub.core.identifiers import mask, mask_number
from hub.core.text import BROKEN_TEXT, HAN, ODD_TEXT, PRIVATE_USE, canonical_name, canonical_text, canonical_token, without_armour
from hub.intake.checked import Context
from hub.intake.divisions import Places, index_places
from hub.intake.readers import Reader, reader_of
from hub.registry.model import Catalog, Contract, Element, Field, QualityRule, ValueType

# Words that mean nothing wherever they stand alone; a contract and a field add their own.
NULL_WORDS = ("NULL", "null", r"\N", "(null)", "无", "不详", "未知", "-", "/")
# The rest of a spreadsheet's errors, which a CSV export writes as text.
CELL_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!", "#CALC!")

# What needs more than a look: see FieldPlan.odd. Broken and private characters, a spreadsheet's errors, armour, blanks.
_ODD = f"{ODD_TEXT}|{BROKEN_TEXT}|{PRIVATE_USE}|^#"
_ODD_NAME = f"{_ODD}|[•・‧．.∙⋅･﹒․᛫⸱●·]|[{HAN}] [{HAN}]"
_ODD_TOKEN = "[^!-~]|^[#'\"=`]"


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """``clean`` is the field's canonical text, applied to what the expression ``odd`` finds only, which also finds cells that
    hold no text at all; ``words`` are read as other texts ("" as nothing) before ``nulls`` are taken for nothing; ``shown``
    masks what a finding may show."""

    field: Field
    element: Element
    clean: Callable[[str], str]
    odd: str
    words: Mapping[str, str]
    nulls: frozenset[str]
    reader: Reader
    required: bool
    agreed: str
    shown: Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Plan:
    contract: Contract
    catalog: Catalog
    context: Context
    fields: tuple[FieldPlan, ...]
    row_rules: tuple[QualityRule, ...]  # the contract's rules on sealed text
    formats: Mapping[str, str | None]  # field -> the format of its element, a reference's being that of the key it holds
    counties: frozenset[str]  # six digits each, of the division list

    @property
    def schema(self) -> pl.Schema:
        """The columns of the rows that normalising gives."""
        columns: dict[str, pl.DataType] = {"record": pl.Int64(), "line": pl.Int64()}
        return pl.Schema(columns | {plan.field.name: plan.reader.dtype for plan in self.fields})


def prepare(contract: Contract, catalog: Catalog, context: Context) -> Plan:
    """The plan for a batch; costs some 20 ms where the contract names places, so make it once and not for each frame."""
    elements = {field.name: catalog.held(field) for field in contract.bound}
    divisions = catalog.code_lists.get("division")
    located = divisions is not None and any(element.type is ValueType.DIVISION for element in elements.values())
    successions = {old: one for old, one in catalog.successions.items() if one.since <= (context.as_of or context.today)}
    places = index_places(divisions, successions) if located and divisions is not None else None
    readers = {field.name: _reader(field, elements[field.name], contract, catalog, places, context) for field in contract.bound}
    fields = tuple(_field_plan(field, elements[field.name], contract, catalog, readers[field.name]) for field in contract.bound)
    counties = frozenset(code[:6] for code in divisions.codes) if divisions is not None else frozenset()
    sealed = [plan.field.name for plan in fields if plan.element.sealed]
    rules = tuple(rule for rule in contract.quality if is_row_rule(rule, sealed))
    return Plan(contract, catalog, context, fields, rules, {name: element.format for name, element in elements.items()}, counties)


def _reader(field: Field, element: Element, contract: Contract, catalog: Catalog, places: Places | None, context: Context) -> Reader:
    key = field.key_position is not None or any(field.name == role.key for role in contract.roles)
    identifying = key or (element.sealed and element.format is None)
    return reader_of(field, element, catalog, places, context.today, identifying=identifying)


def _field_plan(field: Field, element: Element, contract: Contract, catalog: Catalog, reader: Reader) -> FieldPlan:
    clean, odd = cleaning(element)
    words = {clean(written): meant for written, meant in field.words.items()}
    crosswalk = catalog.crosswalks[field.crosswalk].codes if field.crosswalk else {}
    told = words.keys() | {clean(written) for written in crosswalk}  # a word with a meaning of its own is not a null word
    nulls = frozenset(clean(word) for word in (*NULL_WORDS, *contract.null_words, *field.null_words)) - told | {""}
    return FieldPlan(
        field=field,
        element=element,
        clean=clean,
        odd=odd,
        words=words,
        nulls=nulls,
        reader=reader,
        required=field.required or field.key_position is not None,
        agreed=_agreed(field, element),
        shown=_shown(element),
    )


def cleaning(element: Element) -> tuple[Callable[[str], str], str]:
    """The canonical text of the element's values, and the expression that finds what it changes."""
    if element.type is not ValueType.TEXT:
        return canonical_token, _ODD_TOKEN
    if element.format == "person_name":
        return canonical_name, _ODD_NAME
    if element.format == "address":
        return canonical_text, _ODD
    if element.format is not None:
        return canonical_token, _ODD_TOKEN
    return _free_text, f"{_ODD}|^'|^=\""


def _free_text(text: str) -> str:
    return without_armour(canonical_text(text))


def _agreed(field: Field, element: Element) -> str:
    """What was agreed, as a machine word that ``hub.checks.messages`` puts into words."""
    if element.type in (ValueType.CODE, ValueType.CODES):
        return f"code:{field.crosswalk or element.code_list or ''}"
    if element.type is ValueType.DIVISION:
        return "division:names" if field.names else "division"
    if element.type in (ValueType.DECIMAL, ValueType.MONEY):
        return f"{element.type}:{2 if element.type is ValueType.MONEY else element.scale}"
    if element.format:
        return element.format
    return f"text:{element.max_length or ''}" if element.type is ValueType.TEXT else str(element.type)


def _shown(element: Element) -> Callable[[str, str], str]:
    def shown(text: str, rule: str) -> str:
        if rule == "numeric_identifier":
            return mask_number(text)
        if rule in ("cell_error", "uncached_formula"):
            return text[:20]
        if element.sealed:
            return mask(text, element.format)
        # A shifted row puts people's numbers into any column.
        digits = 13 if element.type is ValueType.DIVISION else 11
        plain = re.sub(f"[0-9]{{{digits},}}[Xx]?", lambda match: mask(match[0]), text)
        plain = re.sub("[\x00-\x1f\x7f-\x9f]", lambda match: f"\\x{ord(match[0]):02x}", plain)
        return plain if len(plain) <= 60 else plain[:59] + "…"

    return shown
