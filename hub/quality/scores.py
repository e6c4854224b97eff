"""From figures to scores. Pure: figures, contracts and today in, scores with owner, next step and explanation out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from hub.core.clock import WorkingDays, from_microseconds
from hub.core.messages import Message
from hub.quality import messages as m
from hub.registry.model import Contract
from hub.store.quality import Figures

_LATE_POINTS = 10


class Level(StrEnum):
    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Told:
    """A text that waits for its language."""

    message: Message
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        return self.message.text(language, self.values)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a dataset. ``score``: 0 to 100, None where there is nothing to judge."""

    name: str
    level: Level
    score: int | None
    stated: Told
    next_step: Told

    @property
    def title(self) -> Message:
        return m.NAMES[self.name]

    @property
    def how(self) -> Message:
        return m.HOW[self.name]


@dataclass(frozen=True, slots=True)
class DatasetQuality:
    """A dataset with its five figures, in the order of ``hub.quality.messages.NAMES``. ``owner``: the contract's contact."""

    contract: Contract
    owner: str
    figures: tuple[Figure, ...]
    as_of: date | None
    last_batch: int | None

    @property
    def score(self) -> int | None:
        known = [figure.score for figure in self.figures if figure.score is not None]
        return round(sum(known) / len(known)) if self.as_of is not None and known else None

    @property
    def level(self) -> Level:
        """The worst among its figures."""
        levels = {figure.level for figure in self.figures}
        return next((level for level in (Level.BAD, Level.WATCH, Level.NONE) if level in levels), Level.GOOD)

    def figure(self, name: str) -> Figure:
        return next(figure for figure in self.figures if figure.name == name)


@dataclass(frozen=True, slots=True)
class DepartmentQuality:
    """A department with its datasets; the score is the mean of theirs."""

    department: str
    datasets: tuple[DatasetQuality, ...]

    @property
    def score(self) -> int | None:
        known = [dataset.score for dataset in self.datasets if dataset.score is not None]
        return round(sum(known) / len(known)) if known else None


@dataclass(frozen=True, slots=True)
class DimensionQuality:
    """How the rules of one dimension (GB/T 36344) fared in the last judged batch of every dataset."""

    dimension: str
    checked: int
    failed: int
    errors: int

    @property
    def score(self) -> int:
        return round(100 * (self.checked - self.failed - self.errors) / self.checked)


def judge_dataset(figures: Figures, contract: Contract, today: date, days: WorkingDays, deadline: int) -> DatasetQuality:
    """The five figures of a dataset. ``deadline``: working days that a department has to look at a conflict."""
    judged = (
        _freshness(figures, contract, today),
        _completeness(figures),
        _rules(figures),
        _quarantine(figures),
        _conflicts(figures, today, days, deadline),
    )
    return DatasetQuality(contract, contract.contact, judged, figures.last_as_of, figures.last_batch)


def by_department(datasets: Iterable[DatasetQuality]) -> list[DepartmentQuality]:
    """The departments by name, each with its datasets in the order given."""
    found: dict[str, list[DatasetQuality]] = {}
    for dataset in datasets:
        found.setdefault(dataset.contract.department, []).append(dataset)
    return [DepartmentQuality(name, tuple(found[name])) for name in sorted(found)]


def by_dimension(figures: Iterable[Figures]) -> list[DimensionQuality]:
    """The dimensions that some rule measures, in the order of the standard."""
    sums: dict[str, list[int]] = {}
    for dataset in figures:
        for rule in dataset.rules:
            total = sums.setdefault(rule.dimension, [0, 0, 0])
            for position, value in enumerate((rule.checked, rule.failed, rule.errors)):
                total[position] += value
    order = {name: position for position, name in enumerate(m.DIMENSIONS)}
    return [DimensionQuality(name, *sums[name]) for name in sorted(sums, key=lambda name: order.get(name, len(order)))]


def _freshness(figures: Figures, contract: Contract, today: date) -> Figure:
    if figures.last_as_of is None:
        return Figure("freshness", Level.NONE, None, Told(m.STATED["never"]), Told(m.NEXT["first"]))
    age, promise = (today - figures.last_as_of).days, contract.freshness_days
    if promise is None:
        return Figure("freshness", Level.GOOD, 100, Told(m.STATED["unpromised"], {"age": age}), Told(m.NEXT["nothing"]))
    late = max(0, age - promise)
    values = {"age": age, "promise": promise, "late": late}
    if not late:
        return Figure("freshness", Level.GOOD, 100, Told(m.STATED["fresh"], values), Told(m.NEXT["nothing"]))
    return Figure("freshness", Level.BAD, max(0, 100 - _LATE_POINTS * late), Told(m.STATED["late"], values), Told(m.NEXT["deliver"]))


def _completeness(figures: Figures) -> Figure:
    if not figures.cells:
        return Figure("completeness", Level.NONE, None, Told(m.STATED["no_rows"]), Told(m.NEXT["nothing"]))
    share = figures.filled / figures.cells
    level = Level.GOOD if share >= 0.8 else Level.WATCH
    step = m.NEXT["nothing" if level is Level.GOOD else "fill"]
    return Figure("completeness", level, round(100 * share), Told(m.STATED["share"], {"share": f"{share:.1%}"}), Told(step))


def _rules(figures: Figures) -> Figure:
    checked = sum(rule.checked for rule in figures.rules)
    failed = sum(rule.failed + rule.errors for rule in figures.rules)
    if not checked:
        return Figure("rules", Level.NONE, None, Told(m.STATED["unjudged"]), Told(m.NEXT["nothing"]))
    step = m.NEXT["mend_rules" if failed else "nothing"]
    level = Level.WATCH if failed else Level.GOOD
    return Figure(
        "rules",
        level,
        round(100 * (checked - failed) / checked),
        Told(m.STATED["rules"], {"failed": failed, "checked": checked}),
        Told(step),
    )


def _quarantine(figures: Figures) -> Figure:
    if figures.last_as_of is None and not figures.quarantined:
        return Figure("quarantine", Level.NONE, None, Told(m.STATED["no_rows"]), Told(m.NEXT["nothing"]))
    whole = figures.rows + figures.quarantined
    share = figures.quarantined / whole if whole else 0.0
    level = Level.GOOD if not figures.quarantined else Level.BAD if share > 0.05 else Level.WATCH
    step = m.NEXT["mend" if figures.quarantined else "nothing"]
    return Figure("quarantine", level, round(100 * (1 - share)), Told(m.STATED["held"], {"count": figures.quarantined}), Told(step))


def _conflicts(figures: Figures, today: date, days: WorkingDays, deadline: int) -> Figure:
    if figures.last_as_of is None:
        return Figure("conflicts", Level.NONE, None, Told(m.STATED["no_rows"]), Told(m.NEXT["nothing"]))
    if not figures.conflicts or figures.conflicts_since is None:
        return Figure("conflicts", Level.GOOD, 100, Told(m.STATED["conflicts"], {"count": 0}), Told(m.NEXT["nothing"]))
    since = from_microseconds(figures.conflicts_since).date()
    by = days.after(since, deadline)
    score = round(100 * (1 - min(1.0, figures.conflicts / max(1, figures.rows))))
    stated = Told(m.STATED["conflicts_aged"], {"count": figures.conflicts, "age": (today - since).days})
    late = by < today
    return Figure(
        "conflicts", Level.BAD if late else Level.WATCH, score, stated, Told(m.NEXT["look_late" if late else "look"], {"deadline": by})
    )


def to_act_on(datasets: Sequence[DatasetQuality]) -> list[tuple[DatasetQuality, Figure]]:
    """What somebody has to do now, the worst first: each figure that is not good."""
    rank = {Level.BAD: 0, Level.WATCH: 1}
    found = [(d, f) for d in datasets for f in d.figures if f.level in rank]
    return sorted(found, key=lambda pair: (rank[pair[1].level], pair[0].contract.id))
