"""Findings in words: every rule and hint has a text in both languages, and a finding names place, found, agreed, remedy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hub.checks.finding import RULES, Warned
from hub.checks.messages import HINTS, REMEDIES, RULE_TEXTS, WARNINGS, explain, explain_warning, remedy
from hub.registry.model import QualityRule

HUB = Path(__file__).parents[2] / "hub"
FINDING: dict[str, Any] = {
    "record": 3,
    "line": 4,
    "field": "citizen_id",
    "rule": "check_digit",
    "found": "330802********8000",
    "agreed": "citizen_id",
    "hint": "zeros",
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_is_wrong_and_what_to_do(rule: str, language: str) -> None:
    assert RULE_TEXTS[rule].text(language)
    assert REMEDIES[rule].text(language)
    line = explain({**FINDING, "rule": rule, "hint": None}, language)
    assert "{" not in line
    assert "3" in line


def test_hints_belong_to_rules() -> None:
    assert {name.partition("-")[0] for name in HINTS} <= set(RULES)


def test_every_hint_text_is_of_a_hint_that_is_given() -> None:
    code = "".join(path.read_text("utf-8") for folder in ("core", "checks", "intake") for path in (HUB / folder).glob("*.py"))
    given = set(re.findall(r'(?:hint=|, |else |if )"([a-z_0-9]+)"', code))
    assert not {name.partition("-")[2] for name in HINTS} - given


def test_a_line_names_place_found_agreed_and_remedy() -> None:
    assert explain(FINDING, "zh", {"citizen_id": "公民身份号码"}) == (
        "第 3 条(第 4 行)「公民身份号码」:校验码不符(收到 330802********8000;约定 18 位公民身份号码(GB 11643))。"
        "末尾是 000:很可能被表格软件抹成了数字,请从原件重录。"
    )
    english = explain(FINDING, "en")
    assert english.startswith(
        "record 3 (line 4), “citizen_id”: its check digit is wrong (found 330802********8000; agreed: an 18-character"
    )
    assert english.endswith("a spreadsheet probably rounded it; type it again from the document.")


@pytest.mark.parametrize(
    ("rule", "fields", "arguments", "zh", "en"),
    [
        ("between", ["area"], {"min": 0, "max": 1000}, "面积 在 0 到 1000 之间", "面积 is between 0 and 1000"),
        ("between", ["area"], {"max": 9}, "面积 不大于 9", "面积 is at most 9"),
        ("in_set", ["state"], {"values": ["1", "2"]}, "state 是 1、2 之一", "state is one of 1, 2"),
        ("regex", ["state"], {"pattern": "[0-9]{3}"}, "state 符合格式 [0-9]{3}", "state has the pattern [0-9]{3}"),
        ("compare", ["area", "plot"], {"operator": "<="}, "面积 <= plot", "面积 <= plot"),
        ("not_null", ["area"], {}, "面积 不为空", "面积 is filled in"),
        ("unique_together", ["area", "plot"], {}, "面积、plot 合起来不重复", "面积, plot together do not repeat"),
    ],
)
def test_a_broken_quality_rule_says_what_it_asks(rule: str, fields: list[str], arguments: dict[str, Any], zh: str, en: str) -> None:
    finding = {**FINDING, "rule": "quality", "field": fields[0], "found": None, "agreed": "the_rule", "hint": None}
    rules = {"the_rule": QualityRule("the_rule", rule, tuple(fields), arguments)}
    assert f"约定 {zh})" in explain(finding, "zh", {"area": "面积"}, rules)
    assert f"agreed: {en})" in explain(finding, "en", {"area": "面积"}, rules)
    assert "the_rule" in explain(finding, "zh")  # a rule that the contract no longer has


def test_a_contradiction_names_the_other_column() -> None:
    finding = {**FINDING, "rule": "cross_field", "field": "sex", "found": "2", "hint": "sex"}
    assert "对照「公民身份号码」" in explain(finding, "zh", {"citizen_id": "公民身份号码"})


def test_a_repeated_row_names_the_one_taken() -> None:
    finding = {**FINDING, "rule": "duplicate_row", "field": None, "line": None, "found": "2", "agreed": "1", "hint": None}
    assert (
        explain(finding, "en")
        == "record 3: it repeats an earlier row, which was taken (2 rows; record 1). Nothing to do; remove the copy at its source."
    )


def test_the_nearest_remedy_is_given() -> None:
    assert remedy({"rule": "code", "hint": "lost_zero"}, "en") == HINTS["code-lost_zero"].en
    assert remedy({"rule": "code", "hint": "unheard_of"}, "en") == REMEDIES["code"].en


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", WARNINGS)
def test_every_warning_has_words(kind: str, language: str) -> None:
    line = explain_warning(Warned(kind, "表", 3), language)
    assert "表" in line
    assert "{" not in line


def test_a_warning_without_words_shows_its_kind() -> None:
    assert explain_warning(Warned("something_else")) == "something_else"
