"""Great Expectations and the store's own select give one answer on both engines, for each rule."""

from __future__ import annotations

import os
import socket
import sys
from datetime import date
from typing import Any

import pytest

from hub.checks.batch import check_batch
from hub.checks.finding import RuleResult
from hub.checks.suite import Check, suite_of
from hub.core.errors import YibiaoError
from hub.registry.model import QualityRule
from tests.checks.staged import ELEMENTS, Staged, contract, rule, staged

AS_OF = date(2026, 10, 31)
MIDNIGHT = 1_791_820_800_000_000  # 2026-10-13 00:00 in Shanghai, in microseconds UTC

ROWS: list[dict[str, Any]] = [
    {"number": 1, "amount": 12_050, "other_amount": 12_050, "area": 15, "born": date(1950, 3, 1), "month": date(2026, 10, 1), "changed": MIDNIGHT,
     "word": "甲-1", "kind": "1", "flag": True, "citizen_id": "h1"},
    {"number": 2, "amount": 50_000, "other_amount": 12_050, "area": 25, "born": date(2026, 10, 31), "month": date(2026, 9, 1), "changed": MIDNIGHT - 1,
     "word": "甲-1\n", "kind": "1", "flag": False, "citizen_id": "h2"},
    {"number": 2, "amount": 100, "other_amount": 12_050, "area": 35, "born": date(2026, 10, 30), "word": "甲-１", "kind": "2", "flag": True, "citizen_id": "h1"},
    {"number": None, "amount": None, "other_amount": 5, "kind": "2", "born": None, "word": "乙-22"},
]  # fmt: skip

# Rule as written, and the records that break it.
CASES: list[tuple[QualityRule, list[int]]] = [
    (rule("not_null", "number"), [4]),
    (rule("not_null", "kind"), []),
    (rule("not_null", "citizen_id"), [4]),
    (rule("unique", "number"), [2, 3]),
    (rule("unique", "citizen_id"), [1, 3]),
    (rule("unique", "born"), []),
    (rule("unique_together", "number", "kind"), []),
    (rule("unique_together", "other_amount", "kind"), [1, 2]),
    (rule("unique_together", "number", "other_amount"), [2, 3]),
    (rule("in_set", "kind", values=["1"]), [3, 4]),
    (rule("in_set", "kind", values=["1", "2"]), []),
    (rule("in_set", "flag", values=[True]), [2]),
    (rule("in_set", "number", values=[1, 2]), []),
    (rule("in_set", "amount", values=["120.5", 500]), [3]),
    (rule("in_set", "born", values=["1950-03-01"]), [2, 3]),
    (rule("regex", "word", pattern="[甲乙]-[0-9]{1,2}"), [2, 3]),
    (rule("regex", "word", pattern="^(甲|乙)-[^\\-]+$"), []),
    (rule("between", "amount", min="1.00", max="120.50"), [2]),
    (rule("between", "amount", min=100), [3]),
    (rule("between", "area", max="2.5"), [3]),
    (rule("between", "born", min="1950-03-01", max="2026-10-30"), [2]),
    (rule("between", "month", min="2026-10"), [2]),
    (rule("between", "changed", min="2026-10-13"), [2]),
    (rule("compare", "amount", "other_amount", operator="<="), [2]),
    (rule("compare", "amount", "other_amount", operator="<"), [1, 2]),
    (rule("compare", "amount", "other_amount", operator="="), [2, 3]),
    (rule("compare", "amount", "other_amount", operator=">="), [3]),
    (rule("compare", "amount", "other_amount", operator=">"), [1, 3]),
]

# Rule on the whole batch, and how many rows its failure counts for.
WHOLE: list[tuple[QualityRule, int]] = [
    (rule("row_count", min=4, max=4), 0),
    (rule("row_count", min=5), 4),
    (rule("row_count", max=3), 4),
    (rule("null_share", "number", max="0.25"), 0),
    (rule("null_share", "number", max="0.24"), 1),
    (rule("null_share", "month", max=0.5), 0),
    (rule("null_share", "month", max=0.49), 2),
    (rule("freshness", "born", days=0), 0),
    (rule("freshness", "month", days=29), 4),
    (rule("freshness", "month", days=30), 0),
    (rule("freshness", "changed", days=17), 4),
    (rule("freshness", "changed", days=18), 0),
]


def checks(rules: list[QualityRule]) -> list[Check]:
    named = [QualityRule(f"{n}", r.rule, r.fields, r.arguments, r.severity, r.limit) for n, r in enumerate(rules)]
    return list(suite_of(contract(*named), ELEMENTS).checks)


def ask(stage: Staged, asked: list[Check], as_of: date = AS_OF) -> list[RuleResult]:
    def count(check: Check) -> int:
        return stage.count(check, as_of)

    found = check_batch(stage.url, stage.table.name, stage.table.schema, asked, rows=stage.rows, as_of=as_of, count_broken=count)
    assert [result.rule for result in found] == [check.name for check in asked], "results are not in the suite's order"
    return list(found)


def test_each_rule_is_answered_alike_by_the_library_and_by_the_store(database_url: str) -> None:
    asked = checks([r for r, _ in CASES] + [r for r, _ in WHOLE])
    with staged(database_url, ROWS) as stage:
        results = ask(stage, asked)
        for check, result, (_, broken) in zip(asked, results, CASES, strict=False):
            assert stage.broken(check) == broken, check
            assert (result.outcome, result.broken) == ("failed" if broken else "passed", len(broken)), check
        for check, result, (_, count) in zip(asked[len(CASES) :], results[len(CASES) :], WHOLE, strict=True):
            assert stage.count(check, AS_OF) == count, check
            assert (result.outcome, result.broken) == ("failed" if count else "passed", count), check
        assert all(result.checked == len(ROWS) and not result.message for result in results)


def test_a_batch_without_any_date_is_not_fresh(database_url: str) -> None:
    (check,) = checks([rule("freshness", "born", days=9)])
    with staged(database_url, [{"number": 1}]) as stage:
        (result,) = ask(stage, [check])
        assert (result.outcome, result.broken) == ("failed", 1)


def test_a_rule_that_raises_is_an_error_and_leaves_the_others_alone(database_url: str) -> None:
    good, bad = checks([rule("not_null", "number"), rule("not_null", "kind")])
    bad = Check("gone", "between", ("gone",), {"min": 1})
    with staged(database_url, ROWS) as stage:
        results = ask(stage, [bad, good])
        assert [(result.outcome, result.broken) for result in results] == [("error", 0), ("failed", 1)]
        assert "gone" not in results[0].message


def test_a_value_in_a_libraries_exception_is_not_kept(database_url: str) -> None:
    with staged(database_url, [{"word": "张三 13800000000"}]) as stage:
        wrong = Check("wrong", "regex", ("word",), {"pattern": r"\A(?:张三 13800000000(\Z"})
        (result,) = ask(stage, [wrong])
        assert result.outcome == "error"
        assert "138" not in repr(result)
        assert "张三" not in repr(result)


def test_a_missing_table_and_an_unreachable_database_are_errors_of_every_rule(database_url: str) -> None:
    asked = checks([rule("not_null", "number"), rule("unique", "number")])
    for url, table in ((database_url, "nowhere"), ("postgresql+psycopg://nobody:geheim@127.0.0.1:1/none", "batch_1")):
        results = check_batch(url, table, None, asked, rows=1, as_of=AS_OF, count_broken=lambda _: 0)
        assert [result.outcome for result in results] == ["error", "error"]
        assert "geheim" not in repr(results)


def test_gx_09_an_empty_batch_never_reaches_the_suite(database_url: str) -> None:
    with staged(database_url, []) as stage, pytest.raises(YibiaoError, match="never a pass"):
        ask(stage, checks([rule("not_null", "number")]))


def test_gx_07_results_hold_no_raw_value(database_url: str) -> None:
    with staged(database_url, ROWS) as stage:
        results = ask(
            stage, checks([rule("unique", "citizen_id"), rule("regex", "word", pattern="[0-9]+"), rule("in_set", "kind", values=["9"])])
        )
        assert [result.outcome for result in results] == ["failed"] * 3
        assert not any(value in repr(results) for value in ("h1", "甲-1", "9"))


def test_failing_without_a_broken_row_is_an_error(database_url: str) -> None:
    with staged(database_url, ROWS) as stage:
        (result,) = check_batch(
            stage.url, stage.table.name, stage.table.schema, checks([rule("not_null", "number")]),
            rows=stage.rows, as_of=AS_OF, count_broken=lambda _: 0,
        )  # fmt: skip
        assert result.outcome == "error"


def test_a_dollar_sign_in_the_path_is_part_of_the_path(tmp_path: Any) -> None:
    (tmp_path / "a $HOME").mkdir()
    with staged(f"sqlite:///{tmp_path}/a $HOME/stage.db", ROWS) as stage:
        assert [result.outcome for result in ask(stage, checks([rule("not_null", "kind")]))] == ["passed"]


def test_nothing_is_sent_anywhere(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_socket: socket.socket, address: object) -> None:
        raise AssertionError(f"a connection to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with staged(f"sqlite:///{tmp_path}/stage.db", ROWS) as stage:
        assert [result.outcome for result in ask(stage, checks([rule("not_null", "kind")]))] == ["passed"]
    assert "posthog" not in sys.modules
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
