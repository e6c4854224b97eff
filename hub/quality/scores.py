"""From figures to datasets, departments, dimensions and consistency rules, and what of them somebody has to act on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from hub.quality import figures as f
from hub.quality import messages as m
from hub.quality.figures import Figure, Level, Open, Today
from hub.registry.model import Contract, Rule
from hub.store.quality import BrokenRules, Figures

_TO_ACT_ON = (Level.BAD, Level.WATCH)
_FAR = 1_000_000  # days: further than any promise


@dataclass(frozen=True, slots=True)
class DatasetQuality:
    """A dataset with its five figures, in the order of ``hub.quality.messages.NAMES``, and the counts behind them."""

    contract: Contract
    figures: tuple[Figure, ...]
    counted: Figures

    @property
    def owner(self) -> str:
        """The contract's contact."""
        return self.contract.contact

    @property
    def as_of(self) -> date | None:
        return self.counted.last_as_of

    @property
    def score(self) -> int | None:
        return None if self.as_of is None else f.mean(self.figures)

    @property
    def level(self) -> Level:
        """The worst among its figures."""
        return min(self.figures, key=lambda figure: f.RANK[figure.level]).level

    def figure(self, name: str) -> Figure:
        return next(figure for figure in self.figures if figure.name == name)


@dataclass(frozen=True, slots=True)
class RuleQuality:
    """A consistency rule that some records break."""

    rule: Rule
    broken: BrokenRules
    open: Open

    @property
    def figure(self) -> Figure:
        return Figure("conflicts", self.open.level, None, self.open.stated, self.open.next_step)


@dataclass(frozen=True, slots=True)
class DepartmentQuality:
    """A department: the five figures of its datasets together, with the conflicts of the consistency rules that it must look at."""

    department: str
    datasets: tuple[DatasetQuality, ...]
    rules: tuple[RuleQuality, ...]
    figures: tuple[Figure, ...]

    @property
    def score(self) -> int | None:
        return f.mean(self.figures) if any(dataset.as_of is not None for dataset in self.datasets) else None

    @property
    def to_do(self) -> list[Figure]:
        """The figures that are not good, the worst first."""
        return sorted((figure for figure in self.figures if figure.level in _TO_ACT_ON), key=lambda figure: figure.rank)

    def worst(self, name: str) -> DatasetQuality:
        """The dataset to begin with for a figure."""
        return _worst(self.datasets, name)


@dataclass(frozen=True, slots=True)
class DimensionQuality:
    """A dimension of GB/T 36344: how its rules fared in the last judged batch of every dataset, and what is open of ``rows``:
    conflicts for consistency, held rows for accuracy."""

    dimension: str
    checked: int
    failed: int
    errors: int
    open: int = 0
    rows: int = 0

    @property
    def score(self) -> int:
        """The lower of the rules' share and the rows'."""
        return min(f.per_cent(self.checked - self.failed - self.errors, self.checked), f.per_cent(max(0, self.rows - self.open), self.rows))


def judge_dataset(counted: Figures, contract: Contract, today: Today) -> DatasetQuality:
    """The five figures of a dataset."""
    return DatasetQuality(contract, (f.freshness(counted.last_as_of, contract, today), *_counted(counted, today)), counted)


def judge_rule(broken: BrokenRules, rule: Rule, today: Today) -> RuleQuality:
    return RuleQuality(rule, broken, f.still_open(broken.conflicts, broken.since, today))


def by_department(datasets: Iterable[DatasetQuality], rules: Sequence[RuleQuality], today: Today) -> list[DepartmentQuality]:
    """The departments by name, each with its datasets in the order given and the rules that it must look at."""
    found: dict[str, list[DatasetQuality]] = {}
    for dataset in datasets:
        found.setdefault(dataset.contract.department, []).append(dataset)
    return [_department(name, found[name], [one for one in rules if name in one.rule.looks], today) for name in sorted(found)]


def by_dimension(datasets: Sequence[DatasetQuality], rules: Iterable[RuleQuality]) -> list[DimensionQuality]:
    """The dimensions that some rule measures or of which something is open, in the order of the standard."""
    counts = [dataset.counted for dataset in datasets]
    sums: dict[str, list[int]] = {}
    for counted in counts:
        for rule in counted.rules:
            total = sums.setdefault(rule.dimension, [0, 0, 0])
            for position, value in enumerate((rule.checked, rule.failed, rule.errors)):
                total[position] += value
    rows, held = sum(counted.rows for counted in counts), sum(counted.quarantined for counted in counts)
    conflicts = sum(counted.conflicts for counted in counts) + sum(rule.open.count for rule in rules)
    still_open = {"consistency": (conflicts, rows), "accuracy": (held, rows + held)}
    for name, (number, _) in still_open.items():
        if number:
            sums.setdefault(name, [0, 0, 0])
    order = {name: position for position, name in enumerate(m.DIMENSIONS)}
    found = []
    for name in sorted(sums, key=lambda name: order.get(name, len(order))):
        checked, failed, errors = sums[name]
        number, of = still_open.get(name, (0, 0))
        found.append(DimensionQuality(name, checked, failed, errors, number, of))
    return found


def to_act_on(datasets: Sequence[DatasetQuality], rules: Sequence[RuleQuality]) -> list[tuple[DatasetQuality | RuleQuality, Figure]]:
    """What somebody has to do now, the worst first: each figure that is not good, and each consistency rule that is broken."""
    found: list[tuple[DatasetQuality | RuleQuality, Figure]] = [(rule, rule.figure) for rule in rules]
    found += [(dataset, figure) for dataset in datasets for figure in dataset.figures if figure.level in _TO_ACT_ON]
    return sorted(found, key=lambda pair: f.RANK[pair[1].level])


def _counted(counted: Figures, today: Today) -> tuple[Figure, ...]:
    return f.completeness(counted), f.rules(counted), f.quarantine(counted), f.conflicts(counted, today)


def _department(name: str, datasets: list[DatasetQuality], rules: list[RuleQuality], today: Today) -> DepartmentQuality:
    """All counts added up; freshness is that of the worst dataset."""
    counts = [dataset.counted for dataset in datasets]
    opened = [one.conflicts_since for one in counts if one.conflicts_since is not None] + [one.broken.since for one in rules]
    together = Figures(
        name, None, min((one.last_as_of for one in counts if one.last_as_of is not None), default=None),
        sum(one.rows for one in counts), sum(one.cells for one in counts), sum(one.filled for one in counts),
        tuple(rule for one in counts for rule in one.rules), sum(one.quarantined for one in counts),
        sum(one.conflicts for one in counts) + sum(one.open.count for one in rules), min(opened, default=None),
    )  # fmt: skip
    fresh = _worst(datasets, "freshness").figure("freshness")
    return DepartmentQuality(name, tuple(datasets), tuple(rules), (fresh, *_counted(together, today)))


def _worst(datasets: Sequence[DatasetQuality], name: str) -> DatasetQuality:
    """The dataset whose figure is worst; of equally fresh ones, the one nearest to its promise."""

    def rank(dataset: DatasetQuality) -> tuple[int, int, int]:
        figure = dataset.figure(name)
        values = figure.stated.values
        return *figure.rank, values["promise"] - values["age"] if "promise" in values else _FAR

    return min(datasets, key=rank)
