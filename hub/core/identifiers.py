"""Identifiers of people, bodies and places: their shape and check digits, by our own rules, one value at a time.

Each ``read_*`` takes any text and gives a ``Reading``: the canonical identifier, or the rule that it breaks. They never
raise. Whole columns are read by ``hub.checks.identifiers``, which agrees with these functions value by value. That a
well-formed identifier was ever issued to anybody is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from hub.core.reading import NOTHING, Reading
from hub.core.text import canonical_text, canonical_token

# GB/T 2260: the provinces; 81-83 as first digits of an id are the residence permits of Hong Kong, Macao and Taiwan residents.
PROVINCES = frozenset(
    [
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46", "50",
        "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
    ]
)  # fmt: skip
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, table 1: 2**(18-i) mod 11
ID_CHECKS = "10X98765432"
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: without I, O, S, V, Z
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # 3**(i-1) mod 31
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714-1997

# GB 32100-2015 table 1 with its later additions: registering department -> kinds of body.
CREDIT_CLASSES = frozenset(
    department + kind
    for department, kinds in {
        "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "1239", "6": "129", "7": "129", "8": "19", "9": "1239",
        "A": "19", "N": "1239", "Y": "1",
    }.items()
    for kind in kinds
)  # fmt: skip

EARLIEST_BIRTH = date(1800, 1, 1)  # the second example of GB 11643-1999 was born in 1880
_SCIENTIFIC = re.compile(r"[0-9]+(\.[0-9]+)?[Ee]\+?[0-9]+")
_DIGITS = re.compile(r"[0-9]+")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


def id_check(first: str) -> str:
    """The check character for the first 17 digits of a citizen id (ISO 7064 MOD 11-2)."""
    return ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(first, ID_WEIGHTS, strict=True)) % 11]


def credit_check(first: str) -> str:
    """The check character for the first 17 characters of a social credit code (GB 32100-2015, annex A)."""
    total = sum(CREDIT_ALPHABET.index(character) * weight for character, weight in zip(first, CREDIT_WEIGHTS, strict=True))
    return CREDIT_ALPHABET[-total % 31]


def organisation_check(first: str) -> str:
    """The check character for the eight characters of an organisation code (GB 11714-1997); letters count A=10 to Z=35."""
    total = sum(int(character, 36) * weight for character, weight in zip(first, ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def luhn_check(first: str) -> str:
    """The check digit for all other digits of a bank card (ISO/IEC 7812-1, annex B)."""
    total = sum(sum(divmod(int(digit) * (2 - position % 2), 10)) for position, digit in enumerate(reversed(first)))
    return str(-total % 10)


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def _spoiled(text: str) -> Reading | None:
    """What happened to an identifier on its way, before its own rules are looked at."""
    if "*" in text or "＊" in text:
        return Reading(rule="masked")
    if _SCIENTIFIC.fullmatch(text):
        return Reading(rule="numeric_identifier", hint="scientific")
    if re.fullmatch(r"[0-9]{15,}\.0+", text):
        return Reading(rule="numeric_identifier", hint="decimal")
    return None


def _compact(text: str) -> str:
    return canonical_token(text).replace(" ", "").upper()


def read_citizen_id(text: str, today: date | None = None) -> Reading:
    """A citizen id (GB 11643-1999), the residence permits 81/82/83, or a permanent residence card of 2023 (begins with 9).

    Fifteen digits of the old form become eighteen: born in the 20th century. ``today`` is the last day on which somebody
    can have been born. A county is not looked up: former ones stand in old ids.
    """
    value = _compact(text)
    if not value:
        return NOTHING
    if spoiled := _spoiled(value):
        return spoiled
    if len(value) == 15 and _DIGITS.fullmatch(value):
        value = value[:6] + "19" + value[6:]
        value += id_check(value)
    elif not re.search("[0-9]", value) or not re.fullmatch("[0-9A-Z]*", value):
        return Reading(rule="type")
    elif len(value) != 18:
        return Reading(rule="length")
    elif not re.fullmatch("[0-9]{17}[0-9X]", value):
        return Reading(rule="check_digit", hint="letters")
    elif id_check(value[:17]) != value[17]:
        return Reading(rule="check_digit", hint="zeros" if value.endswith("000") else None)
    born = _day(value[6:14])
    if born is None or born < EARLIEST_BIRTH or (today is not None and born > today):
        return Reading(rule="date", hint="inside")
    if (value[1:3] if value[0] == "9" else value[:2]) not in PROVINCES:
        return Reading(rule="code", hint="region")
    return Reading(value)


def birth_date(citizen_id: str) -> date | None:
    """The birth date inside a well-formed 18-character id; None where there is no such day."""
    return _day(citizen_id[6:14])


def sex_code(citizen_id: str) -> str:
    """GB/T 2261.1 by the parity of the sequence number of a well-formed 18-character id: odd is male."""
    return "1" if int(citizen_id[16]) % 2 else "2"


def read_credit_code(text: str) -> Reading:
    """A unified social credit code (GB 32100-2015): class of body, province, the organisation code inside, check character."""
    value = _compact(text)
    if not value:
        return NOTHING
    if spoiled := _spoiled(value):
        return spoiled
    if not re.search("[0-9]", value) or not re.fullmatch("[0-9A-Z-]*", value):
        return Reading(rule="type")
    if len(value) != 18:
        return Reading(rule="length")
    if any(character not in CREDIT_ALPHABET for character in value):
        return Reading(rule="check_digit", hint="letters")
    if value[:2] not in CREDIT_CLASSES or value[2:4] not in PROVINCES | {"10"} or not _DIGITS.fullmatch(value[2:8]):
        return Reading(rule="code", hint="citizen_id" if read_citizen_id(value).value else "class")
    if organisation_check(value[8:16]) != value[16]:
        return Reading(rule="check_digit", hint="organisation")
    if credit_check(value[:17]) != value[17]:
        return Reading(rule="check_digit")
    return Reading(value)


def read_bank_account(text: str) -> Reading:
    """A bank card by Luhn (ISO/IEC 7812) where it has the 16 to 19 digits of one; other accounts are 8 to 32 digits as they stand."""
    value = _compact(text).replace("-", "")
    if not value:
        return NOTHING
    if spoiled := _spoiled(value):
        return spoiled
    if not _DIGITS.fullmatch(value):
        return Reading(rule="type")
    if not 8 <= len(value) <= 32:
        return Reading(rule="length")
    if 16 <= len(value) <= 19 and value[0] in "3456789" and luhn_check(value[:-1]) != value[-1]:
        return Reading(rule="check_digit", hint="luhn")
    return Reading(value)


def read_mobile(text: str) -> Reading:
    """A mainland mobile number, eleven digits from 13 to 19; +86, 0086, blanks, hyphens and brackets are taken off."""
    value = re.sub(r"[ ()-]", "", canonical_token(text))
    if not value:
        return NOTHING
    if spoiled := _spoiled(value):
        return spoiled
    value = re.sub(r"^(\+|00)?86(?=1[0-9]{10}$)", "", value)
    if not re.fullmatch(r"\+?[0-9]+", value):
        return Reading(rule="type")
    if re.fullmatch(r"0[1-9][0-9]{8,10}", value):
        return Reading(rule="type", hint="landline")
    if len(value) != 11:
        return Reading(rule="length")
    return Reading(value) if _MOBILE.fullmatch(value) else Reading(rule="code", hint="segment")


def read_phone(text: str) -> Reading:
    """A telephone: a mobile number, or a landline with its area code (0570-1234567, kept as its digits)."""
    reading = read_mobile(text)
    if reading.hint == "landline":
        return Reading(re.sub(r"[^0-9]", "", canonical_token(text)))
    return reading


def read_student_number(text: str, today: date | None = None) -> Reading:
    """A national student number: G (registered), L (temporary) or J (former pupils) and the citizen id."""
    value = _compact(text)
    if not value:
        return NOTHING
    if spoiled := _spoiled(value):
        return spoiled
    if value[0] not in "GLJ":
        return Reading(rule="code", hint="prefix")
    inner = read_citizen_id(value[1:], today)
    if inner.rule is None and len(value) != 19:
        return Reading(rule="length")
    return Reading(value[0] + inner.value) if inner.value else inner


def read_disability_certificate(text: str, today: date | None = None) -> Reading:
    """A disability certificate: the citizen id, category 1 to 7, grade 1 to 4, and B with a number after a reissue."""
    value = _compact(text)
    if not value:
        return NOTHING
    if spoiled := _spoiled(value):
        return spoiled
    if len(value) not in (20, 22):
        return Reading(rule="length" if re.fullmatch("[0-9A-Z]+", value) else "type")
    inner = read_citizen_id(value[:18], today)
    if not inner.value:
        return inner
    return Reading(value) if re.fullmatch("[1-7][1-4](B[0-9])?", value[18:]) else Reading(rule="code", hint="certificate")


def read_permit(text: str) -> Reading:
    """A residence permit number as its issuer writes it: 6 to 30 letters and digits."""
    value = _compact(text)
    if not value:
        return NOTHING
    if spoiled := _spoiled(value):
        return spoiled
    if not re.fullmatch("[0-9A-Z-]+", value):
        return Reading(rule="type")
    return Reading(value) if 6 <= len(value) <= 30 else Reading(rule="length")


def read_division(text: str) -> Reading:
    """The shape of a division code: 12 digits, or 6 which are padded with zeros. Whether there is such a place, the list says."""
    value = _compact(text)
    if not value:
        return NOTHING
    if spoiled := _spoiled(value):
        return spoiled
    if not _DIGITS.fullmatch(value):
        return Reading(rule="division")
    if len(value) not in (6, 12):
        return Reading(rule="division", hint="nine_digits" if len(value) == 9 else "length")
    if value[:2] not in PROVINCES:
        return Reading(rule="division")
    return Reading(value.ljust(12, "0"))


READERS: dict[str, Callable[[str], Reading]] = {
    "citizen_id": read_citizen_id,
    "credit_code": read_credit_code,
    "bank_account": read_bank_account,
    "mobile": read_mobile,
    "phone": read_phone,
    "student_number": read_student_number,
    "permit": read_permit,
    "disability_certificate": read_disability_certificate,
}


def mask(value: str, format: str | None = None) -> str:
    """``value`` as it may be shown: 330802********8035, 王**, 138****8000. Never more than a third of a text without format."""
    text = canonical_text(value)
    if format == "person_name":
        return text[:1] + "**" if text else ""
    if format == "address":
        return text[:3] + "***" if len(text) > 6 else "***"
    if format == "mobile" or re.fullmatch(r"1[0-9]{10}", text):
        return f"{text[:3]}****{text[7:]}" if len(text) == 11 else "****"
    if len(text) in (15, 18, 19) and re.fullmatch(r"[0-9A-Z]+", text.upper()):
        return f"{text[:6]}{'*' * (len(text) - 10)}{text[-4:]}"
    shown = len(text) // 6
    return f"{text[:shown]}{'*' * max(3, min(12, len(text) - 2 * shown))}{text[len(text) - shown :]}"


def mask_number(value: str) -> str:
    """A number in whose place an identifier was meant, as it may be shown: two figures and the size, never its digits."""
    try:
        return f"{float(value):.1E}"
    except ValueError:
        return mask(value)
