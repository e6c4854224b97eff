"""One column from text to canonical values: cleaned, its nothing-words emptied, read quickly, and what is left read slowly,
once per distinct value. What it finds wrong is given by row number; nothing here knows other columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from hub.checks.rows import FAULTS, faults_at, no_faults
from hub.core.text import BROKEN_TEXT, PRIVATE_USE
from hub.intake.dates import ZERO_DATE
from hub.intake.plan import CELL_ERRORS, FieldPlan
from hub.intake.port import ERROR, FORMULA, TEXT
from hub.registry.model import ValueType

_REPEATED = 4  # read distinct values where each stands in at least this many cells
_DATED = (ValueType.DATE, ValueType.MONTH, ValueType.DATETIME)


@dataclass(frozen=True, slots=True)
class Column:
    """``values``: the canonical column, null where ``faults`` (rows of ``hub.checks.rows.FAULTS``) name the row; ``warned``:
    kind of warning -> number of values."""

    values: pl.Series
    faults: pl.DataFrame
    warned: Mapping[str, int] = field(default_factory=dict)


def read_column(text: pl.Series, kinds: pl.Series | None, plan: FieldPlan, date_system: int | None) -> Column:
    """The column of one field, of any height. ``kinds``: UInt8, None where every cell is text."""
    text = text.cast(pl.String)
    kind = pl.lit(TEXT).cast(pl.UInt8) if kinds is None else kinds.cast(pl.UInt8)
    cells = pl.DataFrame({"text": text}).with_columns(kind=kind).with_row_index("row")
    distinct = cells.group_by("text", "kind").agg(pl.len().alias("count"))
    if distinct.height * _REPEATED > cells.height:
        return _read(cells.with_columns(count=pl.lit(1, pl.UInt32)), plan, date_system)
    # Few values, often: each is read once, and what it gives is spread over its cells.
    once = _read(distinct.with_row_index("row"), plan, date_system)
    numbered = distinct.with_row_index("value").select("value", "text", "kind")
    where = cells.join(numbered, on=["text", "kind"], how="left", nulls_equal=True, maintain_order="left")
    faults = once.faults
    if len(faults):
        faults = where.select("row", "value").join(faults.rename({"row": "value"}), on="value", how="inner", maintain_order="left")
    return Column(once.values.gather(where["value"]), faults.select(FAULTS.names()), once.warned)


def _read(cells: pl.DataFrame, plan: FieldPlan, date_system: int | None) -> Column:
    """``cells``: row, text, kind and count, the number of cells that each stands for."""
    text, faults, warned = _sound(cells, plan)
    cells = cells.with_columns(text=_meant(text, plan))
    values = plan.reader.quick(cells["text"])
    fitting = cells["kind"].is_in(plan.reader.kinds)
    if not fitting.all():
        values = values.zip_with(fitting, pl.Series([None], dtype=values.dtype))
    cells = cells.with_columns(value=values)
    slowly = _slowly(cells, plan, date_system, warned)
    if slowly is not None:
        cells = cells.drop("value").join(slowly, on=["text", "kind"], how="left", maintain_order="left")
        values = values.zip_with(values.is_not_null(), cells["read"])
        faults = pl.concat([faults, cells.filter(pl.col("rule").is_not_null()).select(FAULTS.names())])
    if plan.required:
        missing = cells.filter(values.is_null() & ~cells["row"].is_in(faults["row"].implode()))["row"]
        faults = pl.concat([faults, faults_at(missing, plan.field.name, "required", agreed=plan.agreed)])
    return Column(values.rename(plan.field.name), faults, dict(warned))


def _sound(cells: pl.DataFrame, plan: FieldPlan) -> tuple[pl.Series, pl.DataFrame, Counter[str]]:
    """The canonical texts; the faults of cells that hold none, whose text becomes null; warnings about characters.

    One look over the column finds the few cells that need more than a look."""
    text, warned = cells["text"], Counter[str]()
    odd = cells.filter((pl.col("kind") >= ERROR) | pl.col("text").str.contains(plan.odd))
    if odd.is_empty():
        return text, no_faults(), warned
    faults = _broken(odd, plan)
    fine = odd.filter(~pl.col("row").is_in(faults["row"].implode())) if len(faults) else odd
    clean = {written: plan.clean(written) for written in fine["text"].unique()}
    if clean:
        text = text.replace(list(clean), list(clean.values()))
    if len(faults):
        text = text.zip_with(~cells["row"].is_in(faults["row"].implode()), pl.Series([None], dtype=pl.String))
    if plan.element.type is ValueType.TEXT:
        kept = pl.DataFrame({"written": list(clean), "text": list(clean.values())}, schema={"written": pl.String, "text": pl.String})
        private = kept.filter(pl.col("text").str.contains(PRIVATE_USE))["written"]
        if len(private):
            warned["private_use"] = int(fine.filter(pl.col("text").is_in(private.implode()))["count"].sum())
    return text, faults, warned


def _broken(cells: pl.DataFrame, plan: FieldPlan) -> pl.DataFrame:
    """Cells that hold no value at all: errors of a spreadsheet, formulas without a result, characters that no text may hold."""
    text, kind = pl.col("text"), pl.col("kind")
    rule = (
        pl.when(kind == FORMULA).then(pl.lit("uncached_formula"))
        .when((kind == ERROR) | text.is_in(CELL_ERRORS)).then(pl.lit("cell_error"))
        .when(text.str.contains(BROKEN_TEXT)).then(pl.lit("character"))
    )  # fmt: skip
    found = cells.with_columns(rule=rule).filter(pl.col("rule").is_not_null())
    if found.is_empty():
        return no_faults()
    shown = [plan.shown(text or "", rule) for text, rule in found.select("text", "rule").iter_rows()]
    return found.select(
        "row", pl.lit(plan.field.name).alias("field"), "rule", pl.Series("found", shown, pl.String),
        pl.lit(plan.agreed).alias("agreed"), pl.lit(None, pl.String).alias("hint"),
    )  # fmt: skip


def _meant(text: pl.Series, plan: FieldPlan) -> pl.Series:
    """The texts with the contract's words for values put in and null for what means nothing."""
    if plan.words:
        text = text.replace(list(plan.words), list(plan.words.values()))
    empty = text.is_in(list(plan.nulls))
    if plan.element.type in _DATED:
        empty = empty | text.str.contains(ZERO_DATE)
    return text.zip_with(~empty.fill_null(True), pl.Series([None], dtype=pl.String)) if empty.any() else text


def _slowly(cells: pl.DataFrame, plan: FieldPlan, date_system: int | None, warned: Counter[str]) -> pl.DataFrame | None:
    """The distinct values that the quick path left, read one by one. Warnings are added to ``warned``, counted by cell."""
    left = cells.filter(pl.col("text").is_not_null() & pl.col("value").is_null()).group_by("text", "kind").agg(pl.col("count").sum())
    if left.is_empty():
        return None
    values: list[object] = []
    told: list[tuple[str | None, str | None, str | None, str | None]] = []
    for text, kind, count in left.iter_rows():
        reading = plan.reader.slow(text, kind, date_system)
        value = reading.value
        if reading.warning is not None:
            warned[reading.warning] += count
            # The day that programs write for an unknown one says nothing, unless the contract promises a day in every row.
            value = None if reading.warning == "placeholder_date" and not plan.required else value
        values.append(value)
        found = plan.shown(text, reading.rule) if reading.rule else None
        told.append((reading.rule, found, reading.agreed or plan.agreed, reading.hint))
    rule, found_, agreed, hint = (list(column) for column in zip(*told, strict=True))
    return left.select("text", "kind").with_columns(
        pl.Series("read", values, dtype=plan.reader.dtype),
        pl.lit(plan.field.name).alias("field"),
        pl.Series("rule", rule, pl.String),
        pl.Series("found", found_, pl.String),
        pl.Series("agreed", agreed, pl.String),
        pl.Series("hint", hint, pl.String),
    )
