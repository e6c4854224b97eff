"""Quality rules of a contract become checks, or a refusal that names contract, rule and reason."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.checks.suite import Check, earliest, suite_of
from hub.core.errors import Kind, YibiaoError
from hub.registry.model import Delivery, QualityRule, Severity
from tests.checks.staged import ELEMENTS, contract, rule


def only(written: QualityRule) -> Check:
    (check,) = suite_of(contract(written), ELEMENTS).checks
    return check


@pytest.mark.parametrize(
    ("written", "arguments"),
    [
        (rule("between", "amount", min="120.50", max=500), {"min": 12_050, "max": 50_000}),
        (rule("between", "area", min=0.5), {"min": 5}),
        (rule("between", "month", max="2026-10"), {"max": date(2026, 10, 1)}),
        (rule("between", "changed", min="1970-01-01"), {"min": -8 * 3_600_000_000}),
        (rule("between", "changed", min="1970-01-01T08:00:01"), {"min": 1_000_000}),
        (rule("in_set", "born", values=["2026-10-31", date(2026, 11, 1)]), {"values": (date(2026, 10, 31), date(2026, 11, 1))}),
        (rule("in_set", "flag", values=[False]), {"values": (False,)}),
        (rule("regex", "word", pattern="^[0-9]$"), {"pattern": r"\A(?:[0-9])\Z"}),
        (rule("null_share", "word", max=0.1), {"max": Decimal("0.1")}),
        (rule("compare", "amount", "other_amount", operator="<="), {"operator": "<="}),
        (rule("row_count", min=1), {"min": 1}),
        (rule("not_null", "word"), {}),
    ],
)
def test_arguments_are_in_the_stored_form(written: QualityRule, arguments: dict[str, Any]) -> None:
    assert only(written).arguments == arguments


def test_a_check_carries_the_rules_limit_severity_and_dimension() -> None:
    written = QualityRule("唯一", "unique", ("number",), {}, Severity.QUARANTINE, 0.02, "accuracy")
    assert only(written) == Check("唯一", "unique", ("number",), {}, Severity.QUARANTINE, 0.02, "accuracy")


def test_freshness_reaches_back_from_the_batchs_own_date() -> None:
    assert earliest(only(rule("freshness", "born", days=30)), date(2026, 10, 31)) == date(2026, 10, 1)
    assert earliest(only(rule("freshness", "changed", days=0)), date(1970, 1, 2)) == 16 * 3_600_000_000, (
        "a day begins at the city's midnight"
    )


@pytest.mark.parametrize(
    "written",
    [rule("regex", "citizen_id", pattern="[0-9]{18}"), rule("in_set", "citizen_id", values=["1"])],
)
def test_rules_on_the_text_of_sealed_elements_are_the_row_checks(written: QualityRule) -> None:
    suite = suite_of(contract(written), ELEMENTS)
    assert suite.checks == ()
    assert suite.row_rules == (written,)


@pytest.mark.parametrize("kind", ["not_null", "unique"])
def test_rules_that_need_no_text_are_asked_of_the_hash(kind: str) -> None:
    assert only(rule(kind, "citizen_id")).columns == ("citizen_id",)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (rule("sum", "number"), "quality_unknown_rule"),
        (rule("unique"), "quality_field_count"),
        (rule("unique_together", "number"), "quality_field_count"),
        (rule("row_count", "number", min=1), "quality_field_count"),
        (rule("freshness", days=3), "quality_field_count"),
        (rule("not_null", "nowhere"), "quality_unknown_field"),
        (rule("not_null", "remark"), "quality_unknown_field"),
        (rule("regex", "number", pattern="1"), "quality_wrong_type"),
        (rule("freshness", "number", days=1), "quality_wrong_type"),
        (rule("between", "word", min=1), "quality_wrong_type"),
        (rule("compare", "amount", "number", operator="<"), "quality_wrong_type"),
        (rule("compare", "born", "changed", operator="<"), "quality_wrong_type"),
        (rule("between", "citizen_id", min="1"), "quality_sealed_order"),
        (rule("compare", "amount", "citizen_id", operator="="), "quality_sealed_order"),
        (rule("regex", "citizen_id", pattern=r"^1.+?$"), "quality_pattern_unsafe"),
        (rule("in_set", "citizen_id", values=[1]), "quality_argument_wrong"),
        (rule("in_set", "kind"), "quality_argument_missing"),
        (rule("in_set", "kind", values=[]), "quality_argument_missing"),
        (rule("not_null", "kind", values=["1"]), "quality_argument_unknown"),
        (rule("in_set", "kind", values=[1]), "quality_argument_wrong"),
        (rule("in_set", "flag", values=["yes"]), "quality_argument_wrong"),
        (rule("in_set", "number", values=["1.0"]), "quality_argument_wrong"),
        (rule("between", "amount", min="1.005"), "quality_argument_wrong"),
        (rule("between", "amount", min="many"), "quality_argument_wrong"),
        (rule("between", "amount", min=2, max=1), "quality_argument_wrong"),
        (rule("between", "born", min="2026-02-30"), "quality_argument_wrong"),
        (rule("compare", "amount", "other_amount", operator="!="), "quality_argument_wrong"),
        (rule("row_count", min=-1), "quality_argument_wrong"),
        (rule("null_share", "word", max=1.5), "quality_argument_wrong"),
        (rule("regex", "word", pattern=r"\d+"), "quality_pattern_unsafe"),
        (rule("row_count", min=1, severity=Severity.QUARANTINE), "quality_no_rows_to_hold"),
        (rule("not_null", "word", limit=5), "quality_limit_wrong"),
    ],
)
def test_a_rule_that_can_be_none_is_refused_with_its_reason(written: QualityRule, code: str) -> None:
    with pytest.raises(YibiaoError) as refusal:
        suite_of(contract(written), ELEMENTS)
    assert (refusal.value.kind, refusal.value.code) == (Kind.INVALID, "quality_suite_wrong")
    (detail,) = refusal.value.details
    assert detail.code == code
    assert "office.things" in detail.text("zh")
    assert "{" not in detail.text("zh") + detail.text("en")


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(YibiaoError) as refusal:
        suite_of(contract(rule("sum"), rule("unique", name="u"), rule("not_null", "word", name="u")), ELEMENTS)
    assert [detail.code for detail in refusal.value.details] == ["quality_unknown_rule", "quality_field_count", "quality_name_twice"]


def test_a_mend_is_not_asked_for_the_size_of_a_delivery() -> None:
    suite = suite_of(contract(rule("row_count", min=100, name="all"), rule("not_null", "word", name="each")), ELEMENTS)
    assert [check.name for check in suite.of(Delivery.SNAPSHOT)] == ["all", "each"]
    assert [check.name for check in suite.of(Delivery.DELTA)] == ["all", "each"]
    assert [check.name for check in suite.of(Delivery.MEND)] == ["each"]


def test_gx_05_long_value_sets_belong_into_a_code_list() -> None:
    assert len(only(rule("in_set", "kind", values=[str(n) for n in range(1_000)])).arguments["values"]) == 1_000
    with pytest.raises(YibiaoError) as refusal:
        suite_of(contract(rule("in_set", "kind", values=[str(n) for n in range(1_001)])), ELEMENTS)
    assert refusal.value.details[0].code == "quality_too_many_values"


def test_the_library_is_imported_by_batch_checks_alone() -> None:
    """It takes seconds and 250 MB: only a worker process imports ``hub.checks.batch``."""
    program = """
import importlib, pkgutil, sys
import hub
for module in pkgutil.walk_packages(hub.__path__, "hub."):
    if module.name not in {"hub.checks.batch", "hub.worker"} and not module.name.endswith("__main__") and ".migrations" not in module.name:
        importlib.import_module(module.name)
assert "hub.checks.suite" in sys.modules and "hub.store.broken_rows" in sys.modules
print(sorted(name for name in sys.modules if name.split(".")[0] in {"great_expectations", "pandas"})[:3])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr[-2000:]
