"""The cases GX-*: Great Expectations on the staged batch, through the whole way and on both engines.

What each rule answers, and that both engines answer alike, is tested rule by rule in ``tests/checks``.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from hub.checks.patterns import for_rows, for_sql
from hub.checks.suite import MAX_VALUES, suite_of
from hub.core.errors import YibiaoError
from hub.pipeline import travel
from hub.registry.model import Contract, QualityRule, Severity
from hub.store import batches
from hub.store.batches import State
from hub.store.hub import Hub
from tests.cases import looking
from tests.cases.hubs import with_contract
from tests.intake.bad import PEOPLE, RESIDENT, deliver, person, text_of, upload, write


def ruled(hub: Hub, *rules: QualityRule) -> Hub:
    """The hub with other quality rules for the resident register."""
    return with_contract(hub, replace(hub.catalog.contracts[RESIDENT], quality=rules))


def rule(kind: str, *fields: str, severity: Severity = Severity.QUARANTINE, **arguments: object) -> QualityRule:
    return QualityRule(kind, kind, fields, arguments, severity)


def outcomes(hub: Hub, batch: int) -> dict[str, tuple[str, int]]:
    with hub.engine.connect() as connection:
        return {row["rule"]: (row["outcome"], row["broken"]) for row in batches.rule_results_of(connection, batch)}


def test_gx_01_empty_text_is_null_and_not_null_sees_it(any_hub: Hub, tmp_path: Path) -> None:
    """Empty, blank and a word for nothing: three rows without an ethnic group, and the rule holds them back."""
    rows = [person(0, 民族=""), person(1, 民族="  "), person(2, 民族="不详")]
    rows.append(person(0, 公民身份号码="330802195409028080", 姓名="陈样戊", 性别="2", 出生日期="19540902"))
    hub = ruled(any_hub, rule("not_null", "ethnic_group"))
    came = deliver(hub, write(tmp_path, "gx.csv", text_of(rows)))
    assert outcomes(hub, came.batch) == {"not_null": ("failed", 3)}
    assert (came.state, came.accepted, came.quarantined) == (State.CLOSED, 1, 3)
    assert looking.rules(hub, came.batch) == {1: {"quality"}, 2: {"quality"}, 3: {"quality"}}


@pytest.mark.parametrize(("number", "fits"), [("3308020001", True), ("330802000１", True), ("3308020001a", False), ("330802-001", False)])
def test_gx_03_a_pattern_has_one_answer_on_both_engines(number: str, fits: bool, any_hub: Hub, tmp_path: Path) -> None:
    """Full-width digits are made plain before any rule; what a pattern may be is fixed, so that both engines agree."""
    hub = ruled(any_hub, rule("regex", "household_number", pattern="^[0-9]{9,11}$"))
    came = deliver(hub, write(tmp_path, "gx.csv", text_of([person(0, 户号=number), person(1)])))
    assert outcomes(hub, came.batch)["regex"] == (("passed", 0) if fits else ("failed", 1))
    assert came.quarantined == (0 if fits else 1)


@pytest.mark.parametrize("pattern", [r"^\d{9}$", r"^\w+$", "^(?=3)[0-9]+$"])
def test_gx_03_what_engines_read_differently_is_no_pattern(pattern: str, hub: Hub) -> None:
    contract = replace(hub.catalog.contracts[RESIDENT], quality=(rule("regex", "household_number", pattern=pattern),))
    with pytest.raises(YibiaoError) as caught:
        suite_of(contract, hub.catalog.elements)
    assert [detail.code for detail in caught.value.details] == ["quality_pattern_unsafe"]
    assert for_sql("^[0-9]$") != for_rows("^[0-9]$"), "each engine's own anchors, for one answer"


def test_gx_05_code_lists_are_not_sets_in_a_rule(any_hub: Hub, tmp_path: Path) -> None:
    """A long set is refused when the contract is read; five thousand divisions are looked up in the list, at any batch size."""
    values = [f"{number:012d}" for number in range(MAX_VALUES + 1)]
    contract = replace(any_hub.catalog.contracts[RESIDENT], quality=(rule("in_set", "registered_village", values=values),))
    with pytest.raises(YibiaoError) as caught:
        suite_of(contract, any_hub.catalog.elements)
    assert [detail.code for detail in caught.value.details] == ["quality_too_many_values"]
    assert len(any_hub.catalog.code_lists["division"].codes) > MAX_VALUES
    unknown = {"户籍村(居)委会代码": "330802005999"}
    came = deliver(any_hub, write(tmp_path, "gx.csv", text_of([person(0), person(1, **unknown)])))
    assert looking.rules(any_hub, came.batch) == {2: {"division"}}


def test_gx_07_results_and_logs_hold_counts_only(any_hub: Hub, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Three rules fail on values of people; neither the results nor the ledger nor the log hold any, and what came is sealed."""
    hub = ruled(
        any_hub, rule("in_set", "sex", values=["9"]), rule("regex", "household_number", pattern="^X$"),
        rule("unique", "registered_address", severity=Severity.WARN), rule("between", "birth_date", min="2000-01-01", severity=Severity.WARN),
    )  # fmt: skip
    caplog.set_level(logging.DEBUG)
    rows = [person(0, 户号="A19510608"), person(1, 户号="A19521115"), person(2, 户号="X", 性别="1")]
    came = deliver(hub, write(tmp_path, "gx.csv", text_of(rows)))
    assert came.state is State.REFUSED, "all three rows are held"
    assert {outcome for outcome, _ in outcomes(hub, came.batch).values()} == {"failed"}
    with hub.engine.connect() as connection:
        told = repr(batches.rule_results_of(connection, came.batch)) + repr(batches.findings_of(connection, came.batch))
        raw = b"".join(blob for _, _, blob in batches.quarantine_of(connection, came.batch))
    private = [value for key, name, _, born in PEOPLE for value in (key, name, born)] + ["A19510608", "新新街道1号"]
    everything = told + caplog.text + str(came.reason)
    assert not [value for value in private if value in everything]
    assert not [value for value in private if value.encode() in raw]


def test_gx_09_an_empty_batch_never_reaches_the_suite(any_hub: Hub, tmp_path: Path) -> None:
    """No row at all is refused by the connector; no row left, by the pipeline: the library is not asked, and nothing is a pass."""
    asked: list[str] = []

    def check(*arguments: object, **_: object) -> tuple[()]:
        asked.append(str(arguments[1]))
        return ()

    contract: Contract = any_hub.catalog.contracts[RESIDENT]
    for name, rows, code in (("none.csv", [], "refused_empty"), ("bad.csv", [person(0, 姓名="")], "refused_nothing_left")):
        source = upload(any_hub, write(tmp_path, name, text_of(rows)))
        (offer,) = source.offers(None, None)
        came = travel(any_hub, contract, source, offer, check)
        assert (came.state, came.reason.code if came.reason else None) == (State.REFUSED, code)
        assert outcomes(any_hub, came.batch) == {}
    assert asked == []
    assert looking.merged(any_hub) == []
