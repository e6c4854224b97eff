"""Row checks over canonical columns: what two cells of one row say against each other. What one cell says is read and
judged in ``hub.intake``; what two rows say, in ``hub.checks.duplicates``.

A pair is judged only where both sides are known and good: a row that is wrong in one cell is not blamed twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from hub.checks.finding import FINDINGS
from hub.checks.identifiers import birth_dates, sex_codes
from hub.core.identifiers import mask
from hub.registry.model import Contract, Record, Role, Severity

# What is wrong in a frame: as FINDINGS, with the number of the row in the frame in place of record and line.
FAULTS = pl.Schema({"row": pl.UInt32, "field": pl.String, "rule": pl.String, "found": pl.String, "agreed": pl.String, "hint": pl.String})

# Elements that say where one thing is, coarsely and finely: the coarse place must hold the fine one.
_PLACES = (("registered_division", "registered_village"),)
# Days that have come when they are written down, whoever writes.
_PAST = ("birth_date", "death_date", "delivered_on", "issued_on", "checkup_date", "visit_date")


def no_faults() -> pl.DataFrame:
    return pl.DataFrame(schema=FAULTS)


def faults_at(
    rows: pl.Series, field: str, rule: str, *, found: pl.Series | None = None, agreed: str | None = None, hint: str | None = None
) -> pl.DataFrame:
    """One fault for each row number of ``rows``."""
    return pl.DataFrame({"row": rows.cast(pl.UInt32)}).with_columns(
        pl.lit(field).alias("field"),
        pl.lit(rule).alias("rule"),
        (pl.lit(None, pl.String) if found is None else pl.Series(found, dtype=pl.String)).alias("found"),
        pl.lit(agreed, pl.String).alias("agreed"),
        pl.lit(hint, pl.String).alias("hint"),
    )


def findings(faults: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Faults as findings: record and line come from ``places`` (of the same frame); every one holds its row back."""
    if faults.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    where = places.select("record", "line").with_row_index("row")
    return (
        faults.join(where, on="row", how="left")
        .with_columns(severity=pl.lit(Severity.QUARANTINE.value))
        .sort("record", "field", "rule", nulls_last=False, maintain_order=True)
        .select(pl.col(name).cast(dtype) for name, dtype in FINDINGS.items())
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """``wrong`` is true where ``field`` says something else than ``other``, null where either says nothing."""

    field: str
    other: str
    hint: str
    wrong: pl.Expr


def pairs(contract: Contract, formats: Mapping[str, str | None]) -> tuple[Pair, ...]:
    """The pairs of cells that a contract's row can contradict itself with. ``formats``: field -> format of its element."""
    found = [
        *(pair for role in contract.roles for pair in _of_role(role, formats)),
        *(pair for record in contract.records for pair in _of_record(record, contract.role(record.owner), formats)),
    ]
    return tuple({(pair.field, pair.other, pair.hint): pair for pair in found}.values())


def _of_role(role: Role, formats: Mapping[str, str | None]) -> Iterator[Pair]:
    if formats.get(role.key) == "citizen_id":
        key = pl.col(role.key)
        if (born := role.says.get("birth_date")) in formats:
            yield Pair(born or "", role.key, "birth_date", pl.col(born or "") != birth_dates(key))
        if (sex := role.says.get("sex")) in formats:
            said = pl.col(sex or "")
            yield Pair(sex or "", role.key, "sex", said.is_in(["1", "2"]) & (said != sex_codes(key)))
    for coarse, fine in _PLACES:
        division, village = role.says.get(coarse), role.says.get(fine)
        if division in formats and village in formats:
            yield Pair(village or "", division or "", "place", ~_holds(pl.col(division or ""), pl.col(village or "")))


def _of_record(record: Record, owner: Role, formats: Mapping[str, str | None]) -> Iterator[Pair]:
    if formats.get(owner.key) != "citizen_id":
        return
    inside: dict[str, Callable[[pl.Expr], pl.Expr]] = {
        "student_number": lambda number: number.str.slice(1),
        "disability_certificate": lambda number: number.str.slice(0, 18),
    }
    for said in record.says.values():
        if (take := inside.get(formats.get(said) or "")) is not None:
            yield Pair(said, owner.key, "citizen_id", take(pl.col(said)) != pl.col(owner.key))


def _holds(division: pl.Expr, village: pl.Expr) -> pl.Expr:
    """Whether a place lies in another, by the digits of the coarse one that say something."""
    county = division.str.slice(0, 6).str.replace("(00)+$", "")
    township = division.str.slice(0, 9)
    stem = pl.when(division.str.ends_with("000000")).then(county).when(division.str.ends_with("000")).then(township).otherwise(division)
    return village.str.starts_with(stem)


def contradictions(rows: pl.DataFrame, contract: Contract, formats: Mapping[str, str | None], sealed: Mapping[str, bool]) -> pl.DataFrame:
    """Faults of rule ``cross_field`` in a frame of canonical columns, which holds null where a cell was wrong by itself."""
    found = [no_faults()]
    for pair in pairs(contract, formats):
        wrong = rows.select(pl.arg_where(pair.wrong.fill_null(False))).to_series()
        if len(wrong):
            texts = rows[pair.field].gather(wrong).cast(pl.String)
            said = pl.Series([mask(text, formats[pair.field]) if sealed.get(pair.field) else text for text in texts])
            found.append(faults_at(wrong, pair.field, "cross_field", found=said, agreed=pair.other, hint=pair.hint))
    return pl.concat(found)


def future_days(rows: pl.DataFrame, elements: Mapping[str, str], today: pl.Expr) -> pl.DataFrame:
    """Faults of rule ``date``: births, deaths, deliveries, certificates and visits that lie after ``today``.
    ``elements``: field -> short name of its element."""
    found = [no_faults()]
    for field, element in elements.items():
        if element in _PAST:
            wrong = rows.select(pl.arg_where((pl.col(field) > today).fill_null(False))).to_series()
            if len(wrong):
                said = rows[field].gather(wrong).cast(pl.String)
                found.append(faults_at(wrong, field, "date", found=said, agreed="date", hint="future"))
    return pl.concat(found)
