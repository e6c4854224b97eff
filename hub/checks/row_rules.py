"""Quality rules on the text of sealed elements: judged row by row, before sealing, because afterwards there is a hash.

Their limits do not apply, each row stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from hub.checks.patterns import for_rows
from hub.checks.rows import faults_at
from hub.registry.model import QualityRule, Severity

_ON_TEXT = frozenset({"regex", "in_set"})


def is_row_rule(rule: QualityRule, sealed: Iterable[str]) -> bool:
    """Whether a rule asks for the text of one of these sealed fields."""
    return rule.rule in _ON_TEXT and not set(sealed).isdisjoint(rule.fields)


def broken(rows: pl.DataFrame, rules: Iterable[QualityRule]) -> Iterator[tuple[QualityRule, pl.Series]]:
    """Each rule with the numbers of the rows that break it; an empty value breaks none."""
    for rule in rules:
        value = pl.col(rule.fields[0]).cast(pl.String)
        if rule.rule == "regex":
            holds = value.str.contains(for_rows(str(rule.arguments["pattern"])))
        else:
            values = rule.arguments["values"]
            holds = value.is_in([str(one) for one in (values if isinstance(values, list | tuple) else (values,))])
        wrong = rows.select((~holds).fill_null(False)).to_series()
        yield rule, pl.Series(range(rows.height), dtype=pl.UInt32).filter(wrong)


def faults(rows: pl.DataFrame, rules: Iterable[QualityRule]) -> pl.DataFrame:
    """Faults (``hub.checks.rows``) of the rules that hold rows back; what was found is sealed and never shown."""
    held = [(rule, numbers) for rule, numbers in broken(rows, rules) if rule.severity is not Severity.WARN]
    frames = [faults_at(numbers, rule.fields[0], "quality", agreed=rule.name) for rule, numbers in held]
    return pl.concat(frames) if frames else faults_at(pl.Series([], dtype=pl.UInt32), "", "quality")


def warned(rows: pl.DataFrame, rules: Iterable[QualityRule]) -> Iterator[tuple[str, int]]:
    """Names and counts of the rules that only warn."""
    for rule, numbers in broken(rows, rules):
        if rule.severity is Severity.WARN and len(numbers):
            yield rule.name, len(numbers)
