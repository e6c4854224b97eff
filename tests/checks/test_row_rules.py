"""Quality rules on sealed text are judged before sealing, row by row."""

from __future__ import annotations

import polars as pl

from hub.checks import row_rules
from hub.registry.model import QualityRule, Severity


def rule(kind: str, severity: Severity, **arguments: object) -> QualityRule:
    return QualityRule("the_rule", kind, ("card",), arguments, severity)


ROWS = pl.DataFrame({"card": ["AB01", "ab01", None, "AB01\n"]})


def test_a_row_that_breaks_a_pattern_is_held_and_an_empty_one_is_not() -> None:
    faults = row_rules.faults(ROWS, [rule("regex", Severity.QUARANTINE, pattern="^[A-Z]{2}[0-9]{2}$")])
    assert faults["row"].to_list() == [1, 3]
    assert faults["rule"].unique().to_list() == ["quality"]
    assert faults["found"].null_count() == 2, "what stands there is sealed and is not shown"


def test_values_outside_a_set_are_held() -> None:
    assert row_rules.faults(ROWS, [rule("in_set", Severity.REFUSE, values=["AB01"])])["row"].to_list() == [1, 3]


def test_a_rule_that_only_warns_holds_nothing() -> None:
    warns = rule("in_set", Severity.WARN, values=["AB01"])
    assert row_rules.faults(ROWS, [warns]).is_empty()
    assert list(row_rules.warned(ROWS, [warns])) == [("the_rule", 2)]
