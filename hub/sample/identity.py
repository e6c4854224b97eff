"""Numbers that close: citizen ids, credit codes and bank accounts drawn at random, made by the rules of ``hub.core.identifiers``.

Only makes numbers, and spoils them; judging them is the work of ``hub.core.identifiers``.
"""

from __future__ import annotations

from datetime import date
from random import Random

from hub.core.identifiers import CREDIT_ALPHABET, credit_check, id_check, luhn_check, organisation_check


def citizen_id(region: str, born: date, order: int) -> str:
    """``region``: six-digit county code; ``order``: 1 to 995, odd for men (996 to 999 once marked people over 100)."""
    first = f"{region}{born:%Y%m%d}{order:03d}"
    return first + id_check(first)


def fifteen(citizen: str) -> str:
    """The old number of a person born in the 1900s: no century, no check character."""
    return citizen[:6] + citizen[8:17]


def credit_code(kind: str, region: str, random: Random) -> str:
    """A unified social credit code (GB 32100-2015): ``kind`` two characters (91 enterprise, 12 public institution)."""
    body = "".join(random.choice(CREDIT_ALPHABET) for _ in range(8))
    check = organisation_check(body)
    first = kind + region + body + check
    return first + credit_check(first)


def bank_account(issuer: str, random: Random, length: int = 19) -> str:
    """A card number of ``length`` digits that closes Luhn's sum (ISO/IEC 7812-1)."""
    first = issuer + "".join(str(random.randrange(10)) for _ in range(length - len(issuer) - 1))
    return first + luhn_check(first)


def spoiled_id(citizen: str) -> str:
    """The id with another last character: it cannot close any more."""
    return citizen[:17] + ("0" if citizen[17] != "0" else "1")
