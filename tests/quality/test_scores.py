"""Scores from figures: each figure's level, score, next step, and their sum."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.core.clock import WorkingDays, microseconds
from hub.quality.figures import Level, Today, explanations
from hub.quality.scores import DatasetQuality, by_department, by_dimension, judge_dataset, judge_rule, to_act_on
from hub.registry.model import Contract, Delivery, Rule, Severity, Title
from hub.store.quality import BrokenRules, Figures, RuleCount
from tests.moments import NOVEMBER

TODAY = Today(date(2026, 11, 25), WorkingDays(), 10)
CONTRACT = Contract("civil.poor", "1.0.0", Title("低保", "poor"), Delivery.SNAPSHOT, (), (), freshness_days=30, contact="民政局 救助科")
GOOD = Figures("civil.poor", 1, date(2026, 10, 31), 100, 1000, 1000, (RuleCount("accuracy", 4, 0, 0),), 0, 0, None)


DEAD = Rule("dead", Title("已死亡仍在享受待遇", "dead and paid"), "person", "", Severity.WARN, looks=("civil", "police"))


def judged(figures: Figures, contract: Contract = CONTRACT) -> DatasetQuality:
    return judge_dataset(figures, contract, TODAY)


def test_all_is_well() -> None:
    found = judged(GOOD)
    assert (found.score, found.level, found.owner) == (100, Level.GOOD, "民政局 救助科")
    assert {figure.next_step.text("en") for figure in found.figures} == {"Nothing to do"}
    assert to_act_on([found], []) == []


@pytest.mark.parametrize(
    ("as_of", "score", "level"),
    [(date(2026, 10, 26), 100, Level.GOOD), (date(2026, 10, 25), 90, Level.BAD), (date(2026, 1, 1), 0, Level.BAD)],
)
def test_a_day_late_costs_ten_points(as_of: date, score: int, level: Level) -> None:
    figure = judged(replace(GOOD, last_as_of=as_of)).figure("freshness")
    assert (figure.score, figure.level) == (score, level)


def test_nothing_promised_is_never_late() -> None:
    figure = judged(replace(GOOD, last_as_of=date(2020, 1, 1)), replace(CONTRACT, freshness_days=None)).figure("freshness")
    assert (figure.score, figure.level) == (100, Level.GOOD)


def test_what_never_came_has_no_score() -> None:
    found = judged(Figures("civil.poor", None, None, 0, 0, 0, (), 0, 0, None))
    assert (found.score, found.level) == (None, Level.NONE)
    assert found.figure("freshness").stated.text("en") == "never delivered"


@pytest.mark.parametrize(
    ("change", "name", "score", "level"),
    [
        ({"filled": 790}, "completeness", 79, Level.WATCH),
        ({"filled": 800}, "completeness", 80, Level.GOOD),
        ({"rules": (RuleCount("accuracy", 4, 1, 1),)}, "rules", 50, Level.WATCH),
        ({"quarantined": 5}, "quarantine", 95, Level.WATCH),
        ({"quarantined": 100}, "quarantine", 50, Level.BAD),
        ({"conflicts": 3, "conflicts_since": microseconds(NOVEMBER)}, "conflicts", 97, Level.WATCH),
        ({"conflicts": 3, "conflicts_since": 0}, "conflicts", 97, Level.BAD),
    ],
)
def test_each_figure(change: dict[str, object], name: str, score: int, level: Level) -> None:
    found = judged(replace(GOOD, **change))  # type: ignore[arg-type]
    figure = found.figure(name)
    assert (figure.score, figure.level) == (score, level)
    assert found.score == (400 + score) // 5


def test_the_deadline_of_a_conflict_counts_working_days() -> None:
    figure = judged(replace(GOOD, conflicts=1, conflicts_since=microseconds(NOVEMBER))).figure("conflicts")
    assert "2026-12-09" in figure.next_step.text("zh")


def test_only_what_is_whole_has_a_hundred() -> None:
    found = judged(replace(GOOD, rows=100_000, cells=1_000_000, filled=999_999, conflicts=1, conflicts_since=microseconds(NOVEMBER)))
    assert [found.figure(name).score for name in ("completeness", "conflicts")] == [99, 99]
    assert found.figure("completeness").stated.text("en") == "99.9%"
    assert found.score == 99


def test_every_threshold_is_in_its_explanation() -> None:
    told = explanations(10)
    limits = {"freshness": "10 分", "completeness": "低于 80%", "quarantine": "超过 5%", "conflicts": "10 个工作日"}
    assert {name for name, limit in limits.items() if limit not in told[name].text("zh")} == set()
    for name in ("freshness", "completeness", "rules", "quarantine", "conflicts"):
        assert "关注" in told[name].text("zh") or "需处理" in told[name].text("zh")
        assert "{" not in told[name].text("zh") + told[name].text("en")


class TestDepartments:
    OTHER = replace(CONTRACT, id="civil.old", contact="民政局 养老科")

    def test_the_figures_of_its_datasets_add_up(self) -> None:
        late = judged(replace(GOOD, contract="civil.old", last_as_of=date(2026, 10, 25), filled=500, quarantined=4), self.OTHER)
        (found,) = by_department([judged(replace(GOOD, quarantined=2)), late], [], TODAY)
        told = {figure.name: (figure.level, figure.score, figure.stated.text("en")) for figure in found.figures}
        assert told == {
            "freshness": (Level.BAD, 90, "1 days late (31 days old, promised 30)"),
            "completeness": (Level.WATCH, 75, "75.0%"),
            "rules": (Level.GOOD, 100, "0 of 8 failed"),
            "quarantine": (Level.WATCH, 97, "6 rows"),
            "conflicts": (Level.GOOD, 100, "0"),
        }
        assert found.score == (90 + 75 + 100 + 97 + 100) // 5
        assert [figure.name for figure in found.to_do] == ["freshness", "completeness", "quarantine"]
        assert found.worst("freshness").owner == "民政局 养老科"

    def test_of_equally_fresh_datasets_the_one_nearest_to_its_promise_is_told(self) -> None:
        nearer = judged(replace(GOOD, contract="civil.old", last_as_of=date(2026, 10, 27)), self.OTHER)
        (found,) = by_department([judged(GOOD), nearer], [], TODAY)
        assert found.worst("freshness") is nearer

    def test_a_consistency_rule_counts_for_each_that_must_look(self) -> None:
        rule = judge_rule(BrokenRules("dead", 3, microseconds(NOVEMBER) - 5 * 86_400_000_000), DEAD, TODAY)
        police, health = (replace(CONTRACT, id=f"{name}.some") for name in ("police", "health"))
        datasets = [judged(replace(GOOD, conflicts=1, conflicts_since=microseconds(NOVEMBER))), judged(GOOD, police), judged(GOOD, health)]
        told = {one.department: one.figures[4].stated.text("en") for one in by_department(datasets, [rule], TODAY)}
        assert told == {"civil": "4, the oldest 5 days old", "health": "0", "police": "3, the oldest 5 days old"}

    def test_one_that_never_delivered_has_no_score(self) -> None:
        (found,) = by_department([judged(Figures("civil.poor", None, None, 0, 0, 0, (), 0, 0, None))], [], TODAY)
        assert (found.score, found.to_do) == (None, [])


def test_dimensions_add_up_over_datasets() -> None:
    more = replace(GOOD, rules=(RuleCount("accuracy", 6, 3, 0), RuleCount("conformity", 2, 0, 0)))
    assert [(d.dimension, d.checked, d.failed, d.score) for d in by_dimension([judged(GOOD), judged(more)], [])] == [
        ("conformity", 2, 0, 100),
        ("accuracy", 10, 3, 70),
    ]


def test_consistency_tells_open_conflicts_and_accuracy_held_rows() -> None:
    found = judged(replace(GOOD, quarantined=1, conflicts=1, conflicts_since=microseconds(NOVEMBER)))
    rule = judge_rule(BrokenRules("dead", 3, microseconds(NOVEMBER)), DEAD, TODAY)
    told = {one.dimension: (one.open, one.score) for one in by_dimension([found], [rule])}
    assert told == {"accuracy": (1, 99), "consistency": (4, 96)}


def test_the_worst_comes_first() -> None:
    found = judged(replace(GOOD, quarantined=100, filled=0))
    assert [figure.level for _, figure in to_act_on([found], [])] == [Level.BAD, Level.WATCH]


def test_a_broken_consistency_rule_is_to_act_on_with_age_and_deadline() -> None:
    fresh = judge_rule(BrokenRules("dead", 3, microseconds(NOVEMBER)), DEAD, TODAY)
    late = judge_rule(BrokenRules("dead", 1, 0), DEAD, TODAY)
    ((of, first), (_, second)) = to_act_on([judged(GOOD)], [fresh, late])
    assert (of, first.level, second.level) == (late, Level.BAD, Level.WATCH)
    assert "2026-12-09" in second.next_step.text("zh")
    assert "3 处，最早 0 天前" in second.stated.text("zh")
