"""What failed rules do to a batch: the hub's limits, not the library's."""

from __future__ import annotations

import pytest

from hub.checks.finding import RuleResult
from hub.checks.judge import Decision, Verdict, judge, over_limit
from hub.registry.model import Severity


def result(name: str, outcome: str = "failed", broken: int = 1, severity: Severity = Severity.WARN, limit: float = 0.0) -> RuleResult:
    return RuleResult(name, (), outcome, 100, broken, severity, limit)


def test_nothing_failed() -> None:
    assert judge([result("a", "passed", 0)]) == Decision(Verdict.GO_ON)
    assert judge([]) == Decision(Verdict.GO_ON)


def test_each_severity_does_its_own() -> None:
    warn, hold, refuse = (result(s.value, severity=s) for s in (Severity.WARN, Severity.QUARANTINE, Severity.REFUSE))
    assert judge([warn]) == Decision(Verdict.GO_ON, warned=("warn",))
    assert judge([warn, hold]) == Decision(Verdict.GO_ON, ("quarantine",), ("warn",))
    assert judge([warn, hold, refuse]) == Decision(Verdict.REFUSE, (), ("warn",), ("refuse",))


def test_a_rule_that_raised_is_neither_pass_nor_failure() -> None:
    raised = result("raised", "error", 0)
    assert judge([raised]).verdict is Verdict.WAIT
    assert judge([raised, result("r", severity=Severity.REFUSE)]) == Decision(Verdict.WAIT, (), (), ("r",), ("raised",))
    assert judge([raised, result("q", severity=Severity.QUARANTINE)]).quarantine == (), "nothing is moved while the batch waits"


@pytest.mark.parametrize("severity", [Severity.QUARANTINE, Severity.REFUSE])
def test_within_its_limit_a_failed_rule_only_warns(severity: Severity) -> None:
    assert judge([result("r", broken=5, severity=severity, limit=0.05)]) == Decision(Verdict.GO_ON, warned=("r",))
    assert judge([result("r", broken=6, severity=severity, limit=0.05)]).warned == ()


@pytest.mark.parametrize("share", range(101))
def test_a_limit_allows_exactly_its_share(share: int) -> None:
    assert not over_limit(result("r", broken=share, limit=share / 100))
    assert over_limit(result("r", broken=share + 1, limit=share / 100))
