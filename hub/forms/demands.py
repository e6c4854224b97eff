"""Lists on demand: somebody outside the set of forms asks a township for names, and gets them from what is held already.

A list is a registered roster of the township's own villages with other columns, in another order, of fewer lines. Nothing can be
listed that no form in force shows. Who asked and what for is the caller's to record (``hub.store.demands``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from hub.core.clock import period_of
from hub.core.errors import invalid, refused
from hub.core.identifiers import READERS, mask
from hub.core.messages import LANGUAGES
from hub.forms import demand_messages as m
from hub.forms.filling import form_of
from hub.forms.model import Cell
from hub.forms.prefill import reports
from hub.forms.reader import Reader
from hub.forms.units import reporting_units
from hub.registry.expressions import bind
from hub.registry.kinds import kind_of
from hub.registry.load_forms import OBSERVATION
from hub.registry.model import Catalog, FieldKind, Form, FormField, Section, SectionKind, Title
from hub.store.hub import Hub
from hub.store.view import open_view


class IdStyle(StrEnum):
    """How identifiers are written."""

    WHOLE = "whole"
    MASKED = "masked"
    SPLIT = "split"  # in groups, as people read them out
    TEXT = "text"  # a sign before it keeps a spreadsheet that opens the CSV from making a number of it


class Test(StrEnum):
    IS = "is"
    HAS = "has"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    FILLED = "filled"
    EMPTY = "empty"


_LINE = "line()"  # the formula of a line's number, which is another in another order
_WITHOUT_VALUE = frozenset({Test.FILLED, Test.EMPTY})


@dataclass(frozen=True, slots=True)
class Filter:
    """A line is listed if what stands in ``column`` passes the test; ``text`` is as people read the value."""

    column: str
    test: Test
    text: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is listed, and how: the roster of ``form``, names of ``choices`` in their order, and by which columns the lines are ordered
    (none: as the form orders them)."""

    form: str
    columns: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    order: tuple[str, ...] = ()
    id_style: IdStyle = IdStyle.WHOLE


@dataclass(frozen=True, slots=True)
class Listed:
    """``titles`` of the columns; ``rows`` of texts; ``identifiers``: the places of the columns whose digits must stay as they are;
    ``at``: the day of what is listed."""

    titles: tuple[Title, ...]
    rows: tuple[tuple[str, ...], ...]
    identifiers: frozenset[int]
    at: date


def rosters(catalog: Catalog) -> dict[str, Section]:
    """The roster that lists can be made of, by form."""
    found = {form.id: [one for one in form.sections if one.kind is SectionKind.ROSTER] for form in catalog.forms.values()}
    return {form: sections[0] for form, sections in found.items() if sections}


def choices(catalog: Catalog, form: Form) -> dict[str, FormField]:
    """The columns that a list may have, by name: those of the form's roster, and what other forms show of the same subjects, named
    ``other-form.column``. Raises REFUSED ``demand_no_roster``."""
    every = rosters(catalog)
    if form.id not in every:
        raise refused(m.NO_ROSTER, form_zh=form.title.zh, form_en=form.title.en)
    section = every[form.id]
    found = {field.name: field for field in section.fields if _is_held(field) or field.kind is FieldKind.FORMULA}
    known = {field.expression for field in found.values()}
    for other, one in every.items():
        for field in one.fields if one.of == section.of and other != form.id else ():
            if _is_held(field) and field.kind is not FieldKind.FORMULA and field.expression not in known:
                known.add(field.expression)
                found[f"{other}.{field.name}"] = field
    return found


def _is_held(field: FormField) -> bool:
    """Whether the hub holds the value; what people type for one report alone is not listed."""
    return field.kind is FieldKind.ELEMENT or (
        field.kind is FieldKind.ENTRY and field.expression != "" and not field.expression.startswith(OBSERVATION)
    )


def check_profile(catalog: Catalog, profile: Profile) -> None:
    """Raises NOT_FOUND ``form_not_found``, REFUSED ``demand_no_roster``, INVALID for columns and values that cannot be."""
    known = choices(catalog, form_of(catalog, profile.form))
    if not profile.columns:
        raise invalid(m.NO_COLUMNS)
    for column in (*profile.columns, *profile.order, *(one.column for one in profile.filters)):
        if column not in known:
            raise invalid(m.NO_COLUMN, column=column[:80], choices=", ".join(known))
    for one in profile.filters:
        title = known[one.column].title.zh
        if one.test not in _WITHOUT_VALUE and not one.text.strip():
            raise invalid(m.NO_VALUE, column=title, test_zh=m.TESTS[one.test].zh, test_en=m.TESTS[one.test].en)
        if one.test in (Test.AT_LEAST, Test.AT_MOST) and _measure(one.text) is None:
            raise invalid(m.BAD_VALUE, column=title, value=one.text[:40])


def check_reason(asker: str, purpose: str) -> None:
    """Who asks and what for. Raises INVALID where either is missing or names somebody by number."""
    if not asker.strip() or not purpose.strip():
        raise invalid(m.NO_REASON)
    for field, text in (("asker", asker), ("purpose", purpose)):
        if _longest_number(text) >= 11:
            raise invalid(m.PERSONAL, field=field)


def _longest_number(text: str) -> int:
    return max((len(part) for part in "".join(sign if sign.isdigit() else " " for sign in text).split()), default=0)


def make_list(hub: Hub, unit: str, profile: Profile, language: str = "zh") -> Listed:
    """The list for ``unit`` as of now, its values in the reader's language; a filter's text may be in either. Raises as ``check_profile``, and NOT_FOUND for no division."""
    catalog = hub.catalog
    check_profile(catalog, profile)
    form = form_of(catalog, profile.form)
    section, known = rosters(catalog)[form.id], choices(catalog, form)
    extra = tuple(replace(field, name=_inner(name)) for name, field in known.items() if "." in name and _wanted(profile, name))
    wider = replace(form, sections=(replace(section, fields=(*section.fields, *extra)),), rules=())
    running = period_of(hub.today(), form.frequency)
    units = reporting_units(catalog, form, unit, running.end)
    with hub.engine.connect() as connection, open_view(connection, hub.tables) as view:
        made = reports(connection, view, catalog, wider, units, running, hub.today(), hub.vault)
    found = [made[one].sections[0] for one in units]
    readers = {one: Reader(catalog, wider.sections[0], one) for one in LANGUAGES}
    lines = [{name: part.cell(line, _inner(name)) for name in known if _wanted(profile, name)} for part in found for line in part.lines]
    kept = [
        line for line in lines if all(_passes(line[one.column], _texts(readers, known, line, one.column), one) for one in profile.filters)
    ]
    kept.sort(key=lambda line: [_rank(line[name]) for name in profile.order])
    formats = {name: _format(catalog, str(section.of), known[name]) for name in profile.columns}
    rows = tuple(
        tuple(
            str(number)
            if known[name].expression == _LINE
            else written(_texts(readers, known, line, name)[language], formats[name], profile.id_style)
            for name in profile.columns
        )
        for number, line in enumerate(kept, 1)
    )
    places = frozenset(place for place, name in enumerate(profile.columns) if formats[name] is not None)
    return Listed(tuple(known[name].title for name in profile.columns), rows, places, hub.today())


def _texts(readers: Mapping[str, Reader], known: Mapping[str, FormField], line: Mapping[str, Cell], name: str) -> dict[str, str]:
    """What stands in a column, by language."""
    field = replace(known[name], name=_inner(name))
    return {language: reader.text(field, line[name]) for language, reader in readers.items()}


def _inner(name: str) -> str:
    """The name of a column within the one roster that is read: names of forms have no two underscores in a row."""
    return name.replace(".", "__").replace("-", "_")


def _wanted(profile: Profile, name: str) -> bool:
    return name in profile.columns or name in profile.order or any(one.column == name for one in profile.filters)


def _format(catalog: Catalog, entity: str, field: FormField) -> str | None:
    """The format of an identifier; None for what is none."""
    if field.kind is FieldKind.FORMULA:
        return None
    element = kind_of(bind(catalog, entity, field.expression, field.place)).element
    return element.format if element is not None and element.format in READERS else None


def written(text: str, format: str | None, style: IdStyle) -> str:
    """An identifier in a style; any other text (``format`` None) as it is. No style loses or changes a sign but the masked one."""
    if format is None or not text:
        return text
    match style:
        case IdStyle.MASKED:
            return mask(text, format)
        case IdStyle.SPLIT:
            return " ".join(part for part in _groups(text) if part)
        case _:
            return text


def _groups(text: str) -> Sequence[str]:
    """A citizen id by place, birth and rest (GB 11643-1999, 4); any other number in fours."""
    if len(text) == 18:
        return text[:6], text[6:14], text[14:]
    return [text[start : start + 4] for start in range(0, len(text), 4)]


def _passes(cell: Cell, texts: Mapping[str, str], wanted: Filter) -> bool:
    match wanted.test:
        case Test.FILLED:
            return cell.text != ""
        case Test.EMPTY:
            return cell.text == ""
        case Test.IS:
            return wanted.text.strip() in (*texts.values(), str(cell.value))
        case Test.HAS:
            return any(wanted.text.strip() in text for text in texts.values())
    limit, found = _measure(wanted.text), _measure(cell.text)
    if limit is None or found is None or type(limit) is not type(found):
        return False
    return bool(found >= limit if wanted.test is Test.AT_LEAST else found <= limit)  # type: ignore[operator]


def _measure(text: str) -> Decimal | date | None:
    """What can be compared by size: a number, a date, a month (its first day)."""
    trimmed = text.strip()
    try:
        if "-" in trimmed[1:]:
            return date.fromisoformat(f"{trimmed}-01" if len(trimmed) == 7 else trimmed)
        number = Decimal(trimmed)
    except (ValueError, InvalidOperation):
        return None
    return number if number.is_finite() else None  # NaN is no size, and Decimal takes its name for one


def _rank(cell: Cell) -> tuple[bool, int, Decimal, str]:
    """Empty ones last; numbers by size, everything else by its text (dates are written so that this is their order)."""
    number = cell.value if isinstance(cell.value, int | Decimal) and not isinstance(cell.value, bool) else None
    return cell.text == "", 0 if number is not None else 1, Decimal(number or 0), cell.text
