"""What the results of the quality rules mean for a batch: the hub's own limits, never a library's. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hub.checks.finding import RuleResult
from hub.registry.model import Severity


class Verdict(StrEnum):
    GO_ON = "go_on"  # merge, without the rows that `Decision.quarantine` names
    WAIT = "wait"  # a rule could not be judged: neither pass nor failure, a person must look
    REFUSE = "refuse"  # the batch as a whole is not what was promised


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict and the names of the rules behind it. ``warned`` holds every rule that failed and holds nothing back: those of
    severity warn, and those within their limit."""

    verdict: Verdict
    quarantine: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    refused_by: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()


def judge(results: Sequence[RuleResult]) -> Decision:
    """Waiting goes before refusing (the rule that could not be judged may explain the rest), refusing before quarantine."""
    failed = [result for result in results if result.outcome == "failed"]
    over = [result for result in failed if over_limit(result)]
    waits_for = tuple(result.rule for result in results if result.outcome == "error")
    refused_by = tuple(result.rule for result in over if result.severity is Severity.REFUSE)
    quarantine = tuple(result.rule for result in over if result.severity is Severity.QUARANTINE)
    warned = tuple(result.rule for result in failed if result.rule not in (*refused_by, *quarantine))
    if waits_for:
        return Decision(Verdict.WAIT, (), warned, refused_by, waits_for)
    if refused_by:
        return Decision(Verdict.REFUSE, (), warned, refused_by)
    return Decision(Verdict.GO_ON, quarantine, warned)


def over_limit(result: RuleResult) -> bool:
    """Whether a larger share of the rows than the rule's limit breaks it; a limit of 0.05 allows exactly 5 in 100."""
    return result.broken > round(result.limit * result.checked, 9)
