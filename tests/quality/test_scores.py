"""Scores from figures: each figure's level, score, next step, and their sum."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.core.clock import WorkingDays, microseconds
from hub.quality.scores import DatasetQuality, Level, by_department, by_dimension, judge_dataset, to_act_on
from hub.registry.model import Contract, Delivery, Title
from hub.store.quality import Figures, RuleCount
from tests.moments import NOVEMBER

TODAY = date(2026, 11, 25)
CONTRACT = Contract("civil.poor", "1.0.0", Title("低保", "poor"), Delivery.SNAPSHOT, (), (), freshness_days=30, contact="民政局 救助科")
GOOD = Figures("civil.poor", 1, date(2026, 10, 31), 100, 1000, 1000, (RuleCount("accuracy", 4, 0, 0),), 0, 0, None)


def judged(figures: Figures, contract: Contract = CONTRACT) -> DatasetQuality:
    return judge_dataset(figures, contract, TODAY, WorkingDays(), 10)


def test_all_is_well() -> None:
    found = judged(GOOD)
    assert (found.score, found.level, found.owner) == (100, Level.GOOD, "民政局 救助科")
    assert {figure.next_step.text("en") for figure in found.figures} == {"Nothing to do"}
    assert to_act_on([found]) == []


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
    assert found.score == round((400 + score) / 5)
    assert all(figure.how.text(language) for language in ("zh", "en"))


def test_the_deadline_of_a_conflict_counts_working_days() -> None:
    figure = judged(replace(GOOD, conflicts=1, conflicts_since=microseconds(NOVEMBER))).figure("conflicts")
    assert "2026-12-09" in figure.next_step.text("zh")


def test_a_department_is_the_mean_of_its_datasets() -> None:
    other = judged(replace(GOOD, contract="civil.old", filled=0), replace(CONTRACT, id="civil.old"))
    never = judged(Figures("civil.new", None, None, 0, 0, 0, (), 0, 0, None), replace(CONTRACT, id="civil.new"))
    (found,) = by_department([judged(GOOD), other, never])
    assert (found.department, found.score) == ("civil", 90)


def test_dimensions_add_up_over_datasets() -> None:
    more = replace(GOOD, rules=(RuleCount("accuracy", 6, 3, 0), RuleCount("conformity", 2, 0, 0)))
    assert [(d.dimension, d.checked, d.failed, d.score) for d in by_dimension([GOOD, more])] == [
        ("conformity", 2, 0, 100),
        ("accuracy", 10, 3, 70),
    ]


def test_the_worst_comes_first() -> None:
    found = judged(replace(GOOD, quarantined=100, filled=0))
    assert [figure.level for _, figure in to_act_on([found])] == [Level.BAD, Level.WATCH]
