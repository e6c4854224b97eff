"""Which values of a whole column are right as they stand, by integer arithmetic in polars: the quick half of
``hub.core.identifiers``, whose rules these are. A value that is not plainly right is left to the functions there, which
say what is wrong with it; so these expressions may be too strict, and must never be too mild.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from hub.core.identifiers import EARLIEST_BIRTH, ID_WEIGHTS, PROVINCES


def right_citizen_ids(text: pl.Series, today: date) -> pl.Series:
    """True where the text is an 18-character citizen id or residence permit in canonical form, born up to ``today``."""
    # Materialised, because polars would parse the number anew for each of its seventeen digits.
    shaped = pl.when(pl.col("text").str.contains("^[0-9]{17}[0-9X]$")).then(pl.col("text"))
    parts = pl.DataFrame({"text": text}).select(
        number=shaped.str.slice(0, 17).cast(pl.Int64, strict=False),
        last=shaped.str.slice(17, 1),
    )
    number, last = pl.col("number"), pl.col("last")
    # The standard's sum and the check together leave 1 modulo 11; X counts 10.
    total = pl.sum_horizontal((number // 10 ** (16 - place) % 10) * weight for place, weight in enumerate(ID_WEIGHTS))
    check = pl.when(last == "X").then(10).otherwise(last.cast(pl.Int64, strict=False))
    birth = number // 1000 % 100_000_000
    right = (
        ((total + check) % 11 == 1)
        & (number // 10**15).is_in([int(code) for code in sorted(PROVINCES)])
        & birth.is_between(_as_number(EARLIEST_BIRTH), _as_number(today))
        & _is_day(birth)
    )
    return parts.select(right.fill_null(False)).to_series()


def right_student_numbers(text: pl.Series, today: date) -> pl.Series:
    """True where the text is G, L or J and a right citizen id."""
    return text.str.contains("^[GLJ]").fill_null(False) & right_citizen_ids(text.str.slice(1), today)


def right_bank_accounts(text: pl.Series) -> pl.Series:
    """True where the text is a bank card of 16 to 19 digits that closes by Luhn."""
    card = pl.col("text").str.contains("^[3-9][0-9]{15,18}$")
    padded = pl.DataFrame({"text": text}).select(pl.when(card).then(pl.col("text").str.zfill(20)).alias("text"))
    halves = padded.select(
        pl.col("text").str.slice(0, 10).cast(pl.Int64, strict=False).alias("high"),
        pl.col("text").str.slice(10, 10).cast(pl.Int64, strict=False).alias("low"),
    )
    digits = [pl.col(half) // 10 ** (9 - place) % 10 for half in ("high", "low") for place in range(10)]
    total = pl.sum_horizontal(digit if place % 2 else digit * 2 - 9 * (digit > 4).cast(pl.Int64) for place, digit in enumerate(digits))
    return halves.select((pl.col("low").is_not_null() & (total % 10 == 0)).fill_null(False)).to_series()


def right_mobiles(text: pl.Series) -> pl.Series:
    """True where the text is eleven digits from 13 to 19."""
    return text.str.contains("^1[3-9][0-9]{9}$").fill_null(False)


def birth_dates(citizen_id: pl.Expr) -> pl.Expr:
    """The birth date inside a right citizen id (the permanent residence card has it in the same place)."""
    return citizen_id.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)


def sex_codes(citizen_id: pl.Expr) -> pl.Expr:
    """GB/T 2261.1 by the parity of the sequence number; null for a permanent residence card, whose standard we have not read."""
    male = citizen_id.str.slice(16, 1).is_in(list("13579"))
    return pl.when(citizen_id.str.slice(0, 1) != "9").then(pl.when(male).then(pl.lit("1")).otherwise(pl.lit("2")))


def _as_number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def _is_day(number: pl.Expr) -> pl.Expr:
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = pl.when(month == 2).then(28 + leap.cast(pl.Int64)).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
    return month.is_between(1, 12) & day.is_between(1, last)
