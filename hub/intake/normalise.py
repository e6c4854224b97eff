"""From a frame as it came to canonical rows and findings: the second and third step of a batch's way (design.md §5).

Not here: reading files (connectors), keys seen twice across frames (the store, with ``hub.checks.duplicates``), rules of
the contract over the whole batch (``hub.checks.batch``), sealing.
"""

from __future__ import annotations

from collections import Counter

import polars as pl

from hub.checks import row_rules
from hub.checks.finding import Warned
from hub.checks.rows import contradictions, faults_at, findings, future_days, no_faults
from hub.intake.checked import Checked, Context
from hub.intake.columns import Column, read_column
from hub.intake.plan import Plan, prepare
from hub.intake.port import Frame
from hub.registry.model import Catalog, Contract

__all__ = ["Context", "normalise", "normalise_frame", "prepare"]


def normalise(frame: Frame, contract: Contract, catalog: Catalog, context: Context) -> Checked:
    """``normalise_frame`` with a plan of its own: for a single frame."""
    return normalise_frame(frame, prepare(contract, catalog, context))


def normalise_frame(frame: Frame, plan: Plan) -> Checked:
    """The rows of a frame in canonical form, those that cannot go on, and every finding of each of them.

    Never raises for what stands in a cell. ``rows`` and ``held`` together have every record of the frame once.
    """
    height = frame.values.height
    split = frame.places["fault"].is_null()
    columns = [_column(frame, index, plan) for index in range(len(plan.fields))]
    rows = pl.DataFrame([column.values for column in columns]) if columns else pl.DataFrame()
    faults = pl.concat(
        [
            *(column.faults for column in columns),
            contradictions(rows, plan.contract, plan.formats, {field.field.name: field.element.sealed for field in plan.fields}),
            row_rules.faults(rows, plan.row_rules),
            future_days(rows, {field.field.name: field.element.short for field in plan.fields}, pl.lit(plan.context.today)),
        ]
    )
    if not split.all():
        unsplit = pl.Series(range(height), dtype=pl.UInt32).filter(~split)
        faults = pl.concat([faults.filter(~pl.col("row").is_in(unsplit.implode())), _unsplit(frame, unsplit)])
    wrong = pl.Series(range(height), dtype=pl.UInt32).is_in(faults["row"].unique().implode())
    places = frame.places.select("record", "line")
    return Checked(
        rows=pl.concat([places, rows], how="horizontal").filter(~wrong),
        held=_held(frame, wrong),
        findings=findings(faults, places),
        warnings=_warnings(plan, columns, rows),
    )


def _column(frame: Frame, index: int, plan: Plan) -> Column:
    field = plan.fields[index]
    name = field.field.physical
    kinds = frame.kinds[name] if name in frame.kinds.columns else None
    return read_column(frame.values[name], kinds, field, frame.date_system)


def _unsplit(frame: Frame, rows: pl.Series) -> pl.DataFrame:
    """The faults of records that could not be split into fields: what stands in them cannot be told apart, nor shown."""
    rules = frame.places["fault"].gather(rows)
    found = [no_faults()]
    for rule in rules.unique():
        found.append(faults_at(rows.filter(rules == rule), "", rule))
    return pl.concat(found).with_columns(field=pl.lit(None, pl.String))


def _held(frame: Frame, wrong: pl.Series) -> pl.DataFrame:
    held = frame.places.filter(wrong)
    values = frame.values.filter(wrong)
    texts = values.select(pl.struct(pl.all()).struct.json_encode().alias("texts")).to_series()
    whole = pl.struct(pl.col("raw").alias("")).struct.json_encode()
    return held.select("record", "line", pl.when(pl.col("fault").is_null()).then(texts).otherwise(whole).alias("raw"))


def _warnings(plan: Plan, columns: list[Column], rows: pl.DataFrame) -> tuple[Warned, ...]:
    counted: Counter[tuple[str, str]] = Counter()
    for field, column in zip(plan.fields, columns, strict=True):
        for kind, count in column.warned.items():
            counted[kind, field.field.physical] += count
        if field.element.format == "citizen_id" and (former := _of_former_counties(column.values, plan.counties)):
            counted["former_county", field.field.physical] += former
    for name, count in row_rules.warned(rows, plan.row_rules):
        counted["quality", name] += count
    return tuple(Warned(kind, place, count) for (kind, place), count in sorted(counted.items()))


def _of_former_counties(ids: pl.Series, counties: frozenset[str]) -> int:
    """How many ids begin with a county that today's list does not have: well formed, and perhaps of a county that was.

    Only in provinces of which the list has counties; residence permits (8…) and permanent residence cards (9…) name none.
    """
    areas = ids.drop_nulls().str.slice(0, 6).value_counts()
    provinces = {county[:2] for county in counties if county[4:] != "00"}
    return sum(count for area, count in areas.iter_rows() if area not in counties and area[:2] in provinces and area[0] not in "89")
