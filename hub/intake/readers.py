"""How the column of one field is read: a quick path over the whole column, which takes what is plainly right, and a slow
path, called once per distinct value, for the rest. Both give the same canonical value; the slow path says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Protocol

import polars as pl

from hub.checks import identifiers as quick
from hub.core import identifiers
from hub.core.reading import NOTHING, Reading
from hub.core.text import HAN, PRIVATE_USE
from hub.intake import dates
from hub.intake.divisions import Places
from hub.intake.port import DATE, NUMBER, TEXT
from hub.intake.values import code_map, read_boolean, read_codes, read_number
from hub.registry.model import Catalog, Element, Field, ValueType

_EXACT_DIGITS = 15  # a spreadsheet's number, and many a gateway's, keeps no more
_LONGEST_NAME = 100


class Slow(Protocol):
    def __call__(self, text: str, kind: int, system: int | None) -> Reading: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """``quick`` gives the typed value of what is plainly right and null for the rest; it sees cells of ``kinds`` only."""

    dtype: pl.DataType
    quick: Callable[[pl.Series], pl.Series]
    slow: Slow
    kinds: tuple[int, ...] = (TEXT,)


def reader_of(field: Field, element: Element, catalog: Catalog, places: Places | None, today: date, *, identifying: bool) -> Reader:
    """The reader of a bound field. ``identifying``: the value is a key, so that a digit lost is somebody else."""
    match element.type:
        case ValueType.DATE | ValueType.MONTH:
            return _days(field, element.type is ValueType.MONTH)
        case ValueType.DATETIME:
            return Reader(pl.Int64(), _by(_quick_moment), lambda text, kind, system: dates.read_moment(text, kind), (TEXT, DATE))
        case ValueType.INTEGER | ValueType.DECIMAL | ValueType.MONEY:
            return _numbers(field, element)
        case ValueType.BOOLEAN:
            return Reader(pl.Boolean(), _by(_quick_boolean), _dateless(read_boolean), (TEXT, NUMBER))
        case ValueType.DIVISION if places is not None:
            return _divisions(field, places)
        case ValueType.CODE | ValueType.CODES:
            return _codes(field, element, catalog)
        case _:
            return _texts(element, today, identifying)


def _by(expression: Callable[[pl.Expr], pl.Expr]) -> Callable[[pl.Series], pl.Series]:
    return lambda text: pl.DataFrame({"text": text}).select(expression(pl.col("text"))).to_series()


def _none(text: pl.Series) -> pl.Series:
    """The quick path of what only the slow one reads."""
    return pl.Series(text.name, [None], dtype=pl.String).new_from_index(0, len(text))


def _where(right: Callable[[pl.Series], pl.Series], text: pl.Series) -> pl.Series:
    return text.zip_with(right(text), pl.Series([None], dtype=pl.String))


def _days(field: Field, months: bool) -> Reader:
    open_ended = "9999-12-31" in field.words.values()
    read = dates.read_month if months else dates.read_date

    def quick_day(text: pl.Expr) -> pl.Expr:
        # The shapes are asked for first: %Y%m%d and %Y-%m-%d alone would also take 2024-3-5 and +2024-03-05.
        parted = pl.when(text.str.contains("^(1[89]|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$")).then(text).str.to_date("%Y-%m-%d", strict=False)
        digits = text + "01" if months else text
        compact = pl.when(digits.str.contains("^(1[89]|20|21)[0-9]{6}$")).then(digits).str.to_date("%Y%m%d", strict=False)
        day = pl.coalesce(compact, parted.dt.month_start() if months else parted)
        return pl.when(day != dates.PLACEHOLDER).then(day)

    def slow(text: str, kind: int, system: int | None) -> Reading:
        return read(text, kind, system=system, open_ended=open_ended)

    return Reader(pl.Date(), _by(quick_day), slow, (TEXT, DATE))


def _quick_moment(text: pl.Expr) -> pl.Expr:
    # Since 1992 the city's clock has stood at eight hours ahead all year; other years go the slow way.
    digits = text.str.replace_all("[- :T]", "")
    shape = r"^(199[2-9]|20[0-9]{2})([0-9]{10}|-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2})$"
    moment = pl.when(text.str.contains(shape)).then(digits).str.to_datetime("%Y%m%d%H%M%S", strict=False, time_unit="us")
    return moment.dt.epoch("us") - 8 * 3_600_000_000


def _numbers(field: Field, element: Element) -> Reader:
    money = element.type is ValueType.MONEY
    scale = 2 if money else element.scale if element.type is ValueType.DECIMAL else 0
    read = partial(read_number, scale=scale, unit=element.unit, money=money, sent_scale=field.scale)
    sent = 0 if field.scale is None else field.scale
    up, down = int(10 ** max(scale - sent, 0)), int(10 ** max(sent - scale, 0))

    def quick_number(text: pl.Expr) -> pl.Expr:
        given = pl.when(text.str.contains("^[0-9]{1,12}$")).then(text).cast(pl.Int64, strict=False)
        whole = pl.when(given % down == 0).then(given // down * up)
        if field.scale is not None or scale == 0:
            return whole
        parted = pl.when(text.str.contains(rf"^[0-9]{{1,12}}\.[0-9]{{{scale}}}$")).then(text.str.replace(".", "", literal=True))
        return pl.coalesce(whole, parted.cast(pl.Int64, strict=False))

    return Reader(pl.Int64(), _by(quick_number), _dateless(read), (TEXT, NUMBER))


def _quick_boolean(text: pl.Expr) -> pl.Expr:
    return pl.when(text.is_in(["1", "Y", "是", "true"])).then(True).when(text.is_in(["0", "N", "否", "false"])).then(False)


def _divisions(field: Field, places: Places) -> Reader:
    def slow(text: str, kind: int, system: int | None) -> Reading:
        if kind == DATE:
            return Reading(rule="type", hint="date_cell")
        return places.read_names(text) if field.names else places.read_code(text, kind)

    return Reader(pl.String(), _none, slow)


def _codes(field: Field, element: Element, catalog: Catalog) -> Reader:
    listed = catalog.code_lists[element.code_list].codes if element.code_list else None
    if field.crosswalk:
        written = code_map(catalog.crosswalks[field.crosswalk].codes, drops_zero=field.drops_zero)
    elif listed is not None:
        written = code_map({code: code for code in listed}, drops_zero=field.drops_zero)
    else:
        written = None

    def code(text: str) -> Reading:
        if written is None:
            return _sized(text, element.max_length) if text else NOTHING
        if (found := written.get(text)) is not None:
            return Reading(found)
        lost_zero = written.get("0" + text) if re.fullmatch("[0-9]+", text) else None
        return Reading(rule="code", hint="lost_zero" if lost_zero else "crosswalk" if field.crosswalk else None) if text else NOTHING

    def slow(text: str, kind: int, system: int | None) -> Reading:
        if kind == DATE:
            return Reading(rule="type", hint="date_cell")
        return read_codes(text, code, field.separator) if element.type is ValueType.CODES else code(text)

    if element.type is ValueType.CODES or written is None:
        return Reader(pl.String(), _none, slow)
    return Reader(pl.String(), lambda text: text.replace_strict(written, default=None, return_dtype=pl.String), slow, (TEXT, NUMBER))


def _texts(element: Element, today: date, identifying: bool) -> Reader:
    right: dict[str, Callable[[pl.Series], pl.Series]] = {
        "citizen_id": lambda text: quick.right_citizen_ids(text, today),
        "student_number": lambda text: quick.right_student_numbers(text, today),
        "bank_account": quick.right_bank_accounts,
        "mobile": quick.right_mobiles,
    }
    read = identifiers.READERS.get(element.format or "")
    if read is not None and element.format in ("citizen_id", "student_number", "disability_certificate"):
        read = partial(read, today=today)  # type: ignore[call-arg]
    if read is not None:
        plainly = right.get(element.format or "")
        return Reader(
            pl.String(),
            partial(_where, plainly) if plainly else _none,
            partial(_slow_identifier, read),
        )
    if element.format == "person_name":
        return Reader(pl.String(), _by(partial(_quick_name, element.max_length)), partial(_slow_name, element.max_length))
    quick_text = _by(partial(_quick_text, element.max_length, identifying))
    return Reader(pl.String(), quick_text, partial(_slow_text, element.max_length, identifying))


def _slow_identifier(read: Callable[[str], Reading], text: str, kind: int, system: int | None) -> Reading:
    if kind == DATE:
        return Reading(rule="type", hint="date_cell")
    if kind == NUMBER and not re.fullmatch(f"[0-9]{{1,{_EXACT_DIGITS}}}", text):
        return Reading(rule="numeric_identifier", hint="number")
    reading = read(text)
    return Reading(reading.value, warning="numeric_code") if kind == NUMBER and reading.value else reading


def _quick_name(longest: int | None, text: pl.Expr) -> pl.Expr:
    plain = text.str.contains(f"^[{HAN}][{HAN}·]*[{HAN}]$") & (text.str.len_chars() <= (longest or _LONGEST_NAME))
    return pl.when(plain).then(text)


def _slow_name(longest: int | None, text: str, kind: int, system: int | None) -> Reading:
    if kind != TEXT:
        return Reading(rule="type", hint="date_cell" if kind == DATE else "name")
    if "*" in text or "＊" in text:
        return Reading(rule="masked", hint="name")
    if text[:1] in "=+-@":
        return Reading(rule="character", hint="formula")
    if re.search("[?？□〓]", text) and re.search(f"[{HAN}]|^[?？□〓]+$", text):
        return Reading(rule="character", hint="lost")
    if not any(character.isalpha() or re.match(PRIVATE_USE, character) for character in text):
        return Reading(rule="type", hint="name")
    reading = _sized(text, longest or _LONGEST_NAME)
    return Reading(text, warning="short_name") if reading.value and len(text) == 1 else reading


def _quick_text(longest: int | None, identifying: bool, text: pl.Expr) -> pl.Expr:
    plain = text.is_not_null() if longest is None else text.str.len_chars() <= longest
    return pl.when(plain & ~text.str.contains(r"^[0-9]+(\.[0-9]+)?[Ee]") if identifying else plain).then(text)


def _slow_text(longest: int | None, identifying: bool, text: str, kind: int, system: int | None) -> Reading:
    if kind == DATE:
        return Reading(rule="type", hint="date_cell")
    if kind == NUMBER:
        if re.fullmatch(f"[0-9]{{1,{_EXACT_DIGITS}}}", text):
            reading = _sized(text, longest)
            return Reading(reading.value, warning="numeric_code") if identifying and reading.value else reading
        if identifying or len(re.sub("[^0-9]", "", text)) > _EXACT_DIGITS:
            return Reading(rule="numeric_identifier", hint="number")
    if identifying and re.fullmatch(r"[0-9]+(\.[0-9]+)?[Ee]\+?[0-9]+", text):
        return Reading(rule="numeric_identifier", hint="scientific")
    return _sized(text, longest)


def _sized(text: str, longest: int | None) -> Reading:
    if longest is not None and len(text) > longest:
        return Reading(rule="length", agreed=f"<={longest}")
    return Reading(text)


def _dateless(read: Callable[[str, int], Reading]) -> Slow:
    """A reader of what is no date: the date into which a spreadsheet turned it says nothing of what it was."""

    def slow(text: str, kind: int, system: int | None) -> Reading:
        return Reading(rule="type", hint="date_cell") if kind == DATE else read(text, kind)

    return slow
