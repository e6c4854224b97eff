"""Numbers, yes and no, codes and lists, one value at a time, as departments write them. Exact or a fault: nothing is
rounded, and no point is moved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, InvalidOperation

from hub.core.reading import NOTHING, Reading
from hub.core.text import canonical_token
from hub.intake.port import NUMBER

_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_LARGEST = 2**63 - 1
_DIGITS_AT_MOST = 60
_EXACT = Context(prec=4 * _DIGITS_AT_MOST)

YES = frozenset({"1", "Y", "y", "T", "t", "是", "有", "√", "true", "True", "TRUE", "yes", "Yes", "YES"})
NO = frozenset({"0", "N", "n", "F", "f", "否", "×", "false", "False", "FALSE", "no", "No", "NO"})


def read_number(text: str, kind: int = 0, *, scale: int = 0, unit: str = "", money: bool = False, sent_scale: int | None = None) -> Reading:
    """A number as an integer of 10**-scale. Thousands separators, the element's own unit and, for money, the sign of the
    yuan are taken off; ``sent_scale`` says that the export gives whole numbers of 10**-sent_scale (fen: 2).
    A number with more digits behind the point than agreed is a ``type`` fault, and so is any other unit or a word."""
    bare = text.replace(" ", "")
    if money:
        bare = re.sub(r"^([+-]?)(¥|RMB|CNY)", r"\1", bare).removesuffix("元")
    if unit:
        bare = bare.removesuffix(unit)
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    elif not _PLAIN.fullmatch(bare) and not (kind == NUMBER and re.fullmatch(r"[+-]?[0-9.]+[Ee][+-]?[0-9]{1,3}", bare)):
        return Reading(rule="type", hint="number")
    if len(bare) > _DIGITS_AT_MOST:
        return Reading(rule="type", hint="too_large")
    try:
        amount = Decimal(bare)
    except InvalidOperation:
        return Reading(rule="type", hint="number")
    if sent_scale is not None:
        if amount != amount.to_integral_value():
            return Reading(rule="type", hint="scale")
        amount = amount.scaleb(-sent_scale, _EXACT)
    scaled = amount.scaleb(scale, _EXACT)
    if not scaled.is_finite() or abs(scaled) > _LARGEST:
        return Reading(rule="type", hint="too_large")
    if scaled != scaled.to_integral_value():
        return Reading(rule="type", hint="scale")
    return Reading(int(scaled))


def read_boolean(text: str, kind: int = 0) -> Reading:
    if text in YES:
        return Reading(True)
    if text in NO:
        return Reading(False)
    return Reading(rule="type", hint="boolean")


def read_codes(text: str, code: Callable[[str], Reading], separator: str | None) -> Reading:
    """A list in one cell, as a JSON array or with a separator, as sorted JSON text without repeats. An empty list says nothing."""
    if text.startswith("["):
        try:
            items = json.loads(text)
        except (ValueError, RecursionError):
            return Reading(rule="type", hint="list")
        if not all(isinstance(item, str | int) and not isinstance(item, bool) for item in items):
            return Reading(rule="type", hint="list")
    else:
        items = text.split(canonical_token(separator)) if separator and separator.strip() else re.split(r"[,;|、 ]+", text)
    found: set[str] = set()
    for item in items:
        reading = code(canonical_token(str(item)))
        if reading.rule:
            return reading
        if reading.value is not None:
            found.add(reading.value)
    if any("\ud800" <= character <= "\udfff" for item in found for character in item):
        return Reading(rule="character", hint="surrogate")
    return Reading(json.dumps(sorted(found), ensure_ascii=False, separators=(",", ":"))) if found else NOTHING


def code_map(codes: Mapping[str, str], *, drops_zero: bool) -> dict[str, str]:
    """What a department may write -> the code. With ``drops_zero``, also the codes without their leading zeros, where
    that leaves one reading."""
    found = {canonical_token(written): code for written, code in codes.items()}
    if drops_zero:
        short: dict[str, set[str]] = {}
        for written, code in found.items():
            short.setdefault(written.lstrip("0"), set()).add(code)
        found = {written: one for written, all_of in short.items() if written for one in all_of if len(all_of) == 1} | found
    return found
