"""What people may type into a form, and how it is read: exactly, or refused in the words of the rule that it breaks.

Typed are entries, and those elements of which the township is the first authority: they come prefilled and may be typed over.
Nothing is rounded, and no sign is dropped: whatever has two readings is refused with both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from hub.checks.messages import RULE_TEXTS, remedy
from hub.core.errors import YibiaoError, invalid
from hub.core.identifiers import mask
from hub.core.reading import Reading
from hub.forms import messages as m
from hub.forms.display import text_of
from hub.forms.indicators import PLACE_ENTITY
from hub.forms.model import Value
from hub.intake.plan import cleaning
from hub.intake.port import TEXT
from hub.intake.readers import reader_of
from hub.registry import nodes as n
from hub.registry.expressions import bind_path
from hub.registry.form_checks import TOWNSHIP
from hub.registry.kinds import kind_of
from hub.registry.load_forms import OBSERVATION
from hub.registry.model import Catalog, Element, Field, FieldKind, FormField, Section, Title, ValueType
from hub.store.rosters import decode

_MADE_UP = "row"  # the entity of elements that no register has
_LONGEST = 500
_DECIMALS = 4  # of a figure that no element describes
_LOST_DIGITS = re.compile(r"[+-]?[0-9](\.[0-9]+)?[Ee]\+?[0-9]+")
_FULL_STOP = re.compile(r"[+-]?[0-9]+。[0-9]+")
_BREAKS = re.compile(r"([\n\t])")
_NUMBERS = frozenset({ValueType.INTEGER, ValueType.DECIMAL, ValueType.MONEY})


@dataclass(frozen=True)
class Entry:
    """A field that people type. ``element``: what its values are (an element of the register, or one made up for a remark or an
    observation, whose name begins with "row."); ``contract``: of the township that what is typed becomes a delivery of; None: it
    stays in its report."""

    field: FormField
    element: Element
    contract: str | None
    _read: Callable[[str, int], Reading]

    def read(self, catalog: Catalog, text: str, kind: int = TEXT) -> tuple[Value, str]:
        """(value, its text). ``kind``: of the cell of a workbook that it comes from (``hub.intake.port``). Raises INVALID ``entry_wrong``
        with the rule and the remedy; an empty text is for clearing, not for here."""
        clean = self._clean(text)
        reading = _not_told(text) or self._read(clean, kind)
        if reading.rule is None and reading.value is None:
            reading = Reading(rule="required")
        if reading.rule is not None:
            raise self._wrong(text, reading)
        value = decode(kind_of(n.Path(0, (), self.element)), reading.value)
        if self.element.entity == _MADE_UP and isinstance(value, Decimal):
            value = int(value) if value == value.to_integral_value() else value.normalize()
        return value, text_of(catalog, value, self.element)

    def _clean(self, text: str) -> str:
        """Canonical; a remark, which stays in its report, keeps its line breaks and tabs."""
        clean = cleaning(self.element)[0]
        if self.element.entity != _MADE_UP or self.element.type is not ValueType.TEXT:
            return clean(text)
        parts = _BREAKS.split(text.strip().replace("\r\n", "\n").replace("\r", "\n"))
        return "".join(part if part in ("\n", "\t") else clean(part) for part in parts)

    @property
    def is_number(self) -> bool:
        return self.element.type in _NUMBERS

    def choices(self, catalog: Catalog) -> Mapping[str, Title]:
        """The codes that it may be, with their titles; none where it is no code."""
        listed = catalog.code_lists.get(self.element.code_list or "") if self.element.type is ValueType.CODE else None
        return {} if listed is None else {code.code: code.title for code in listed.codes.values()}

    def _wrong(self, text: str, reading: Reading) -> YibiaoError:
        shown = mask(text, self.element.format) if self.element.sealed else text if len(text) <= 60 else text[:59] + "…"
        finding = {"rule": reading.rule, "hint": reading.hint}
        if own := _OWN.get(reading.hint or ""):
            zh, en = (own.text(language, {"agreed": reading.agreed or ""}) for language in ("zh", "en"))
        else:
            rule = RULE_TEXTS[str(reading.rule)]
            zh, en = f"{rule.zh}。{remedy(finding)}", f"{rule.en}; {remedy(finding, 'en')}"
        title = self.field.title
        return invalid(m.ENTRY_WRONG, field_zh=title.zh, field_en=title.en, found=shown, wrong_zh=zh, wrong_en=en)


def entries(catalog: Catalog, section: Section, today: date) -> Mapping[str, Entry]:
    """The fields of a section that people type, by name; worked out once for as long as the Catalog is in force."""
    kept = catalog.kept.setdefault(("entries", section.name, today), {})
    if id(section) not in kept:
        kept[id(section)] = (section, _entries(catalog, section, today))  # with the section, so that its id is nobody else's
    found: Mapping[str, Entry] = kept[id(section)][1]
    return found


def _entries(catalog: Catalog, section: Section, today: date) -> dict[str, Entry]:
    found = {field.name: _entry(catalog, section.of or PLACE_ENTITY, field, today) for field in section.fields}
    return {name: entry for name, entry in found.items() if entry is not None}


def _entry(catalog: Catalog, entity: str, field: FormField, today: date) -> Entry | None:
    if field.kind not in (FieldKind.ENTRY, FieldKind.ELEMENT):
        return None
    if field.keep or field.expression.startswith(OBSERVATION):
        kind = ValueType.DECIMAL if field.unit else ValueType.TEXT
        longest = None if field.unit else _LONGEST
        element = Element(f"{_MADE_UP}.{field.name}", field.title, kind, max_length=longest, scale=_DECIMALS if field.unit else 0)
        return Entry(field, element, None, _reader(catalog, element, today))
    path = _path(catalog, entity, field.expression)
    if path is None:
        return None
    first = next(iter(catalog.authority(path.element.name).order), "")
    if field.kind is FieldKind.ELEMENT and not first.startswith(TOWNSHIP):
        return None
    element = replace(path.element, unit="")  # 30人 in a column of persons is a slip, not a figure
    return Entry(field, element, first or None, _reader(catalog, element, today))


def proposal(catalog: Catalog, entity: str, field: FormField, today: date) -> Entry | None:
    """How people say what a department's value should be; None where the field passes no value of an element on unchanged."""
    path = _path(catalog, entity, field.expression) if field.kind is FieldKind.ELEMENT else None
    if path is None or path.element.type is ValueType.REFERENCE:
        return None
    return Entry(field, path.element, None, _reader(catalog, path.element, today))


def _path(catalog: Catalog, entity: str, expression: str) -> n.Path | None:
    """The element that the expression is, unchanged; None for a computed one."""
    try:
        return bind_path(catalog, entity, expression)
    except YibiaoError:
        return None


def _reader(catalog: Catalog, element: Element, today: date) -> Callable[[str, int], Reading]:
    reader = reader_of(Field(element.short, element.title.zh, element.name), element, catalog, None, today, identifying=False)
    return lambda text, kind: reader.slow(text, kind, None)


def _not_told(text: str) -> Reading | None:
    """What no reader should see: a number that a spreadsheet has already spoiled, a figure with a full stop for its point."""
    bare = text.strip()
    if _LOST_DIGITS.fullmatch(bare):
        return Reading(rule="numeric_identifier", hint="digits_lost")
    if _FULL_STOP.fullmatch(bare):
        return Reading(rule="type", hint="full_stop", agreed=bare.replace("。", "."))
    return None


_OWN = {"digits_lost": m.DIGITS_LOST, "full_stop": m.FULL_STOP}
