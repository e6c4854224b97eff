"""The Finding: one failed check, wherever it failed. A frame of findings is what row checks give, vectorised.

Values in a finding are masked when the field's element is sealed: a finding is shown, exported and logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from hub.registry.model import Severity

# One line a finding; `record` is the 1-based number of the data record in the delivery, `line` the line of the file or
# the row of the sheet (null where a source has none); `found` is masked; `rule` is one of RULES; `hint` is a short
# machine word that picks the remedy text (may be null).
FINDINGS = pl.Schema(
    {
        "record": pl.Int64,
        "line": pl.Int64,
        "field": pl.String,
        "rule": pl.String,
        "severity": pl.String,
        "found": pl.String,
        "agreed": pl.String,
        "hint": pl.String,
    }
)

RULES = (
    "row_shape", "encoding", "character", "required", "type", "length", "code", "check_digit", "masked",
    "numeric_identifier", "date", "ambiguous", "cross_field", "duplicate_key", "duplicate_row", "cell_error",
    "uncached_formula", "division", "quality",
)  # fmt: skip


def no_findings() -> pl.DataFrame:
    return pl.DataFrame(schema=FINDINGS)


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a person should know of that holds no row back: hidden_rows, encoding_differs, extra_column ..."""

    kind: str
    place: str = ""
    count: int = 1
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """How one quality rule of the contract fared on one batch. Counts only: never a raw value."""

    rule: str
    fields: tuple[str, ...]
    outcome: str  # "passed", "failed", "error" (the rule itself raised: the batch waits)
    checked: int
    broken: int
    severity: Severity
    limit: float
    dimension: str = ""
    message: str = ""  # a code, and a reason behind a space: ``hub.checks.batch_messages.told``
