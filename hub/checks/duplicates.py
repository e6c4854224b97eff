"""One key twice in a batch, whatever frames its rows came in: which of them are held.

The store looks the repeated keys up on the staged table, where all frames of the batch lie together; this says what
follows from them, and is pure.
"""

from __future__ import annotations

import polars as pl

from hub.checks.finding import FINDINGS
from hub.registry.model import Severity


def duplicates(entries: pl.DataFrame, field: str | None = None) -> pl.DataFrame:
    """FINDINGS for rows whose key another row has.

    ``entries``: record (Int64), line (Int64 or null), key and fingerprint (any hashable type, of the canonical row; the
    key is never shown). Rows of one key that are all equal: the first record is taken, the others are ``duplicate_row``.
    Rows that differ: nobody knows which is meant, and all of them are ``duplicate_key``. ``field`` names the key's
    column; ``found`` says how many rows have the key; ``agreed`` names the record that was taken, where one was.
    """
    alike = entries.with_columns(
        size=pl.len().over("key"),
        kinds=pl.col("fingerprint").n_unique().over("key"),
        first=pl.col("record").min().over("key"),
    ).filter((pl.col("size") > 1) & ((pl.col("kinds") > 1) | (pl.col("record") != pl.col("first"))))
    same = pl.col("kinds") == 1
    return alike.sort("record").select(
        pl.col("record").cast(pl.Int64),
        pl.col("line").cast(pl.Int64),
        pl.lit(field, pl.String).alias("field"),
        pl.when(same).then(pl.lit("duplicate_row")).otherwise(pl.lit("duplicate_key")).alias("rule"),
        pl.lit(Severity.QUARANTINE.value).alias("severity"),
        pl.col("size").cast(pl.String).alias("found"),
        pl.when(same).then(pl.col("first").cast(pl.String)).otherwise(pl.lit(None, pl.String)).alias("agreed"),
        pl.lit(None, pl.String).alias("hint"),
    ).cast(FINDINGS)  # fmt: skip
