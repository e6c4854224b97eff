"""Quality of the running hub: reads the figures that the principal may see, and judges them."""

from __future__ import annotations

from dataclasses import dataclass

from hub.core.clock import WorkingDays
from hub.core.principals import Principal, department_limit
from hub.quality.scores import DatasetQuality, DimensionQuality, by_dimension, judge_dataset
from hub.store.hub import Hub
from hub.store.quality import BrokenRules, broken_rules, dataset_figures


@dataclass(frozen=True, slots=True)
class Quality:
    """What a principal sees: its departments' datasets; the dimensions and broken rules of those."""

    datasets: tuple[DatasetQuality, ...]
    dimensions: tuple[DimensionQuality, ...]
    broken: tuple[BrokenRules, ...]


def read_quality(hub: Hub, principal: Principal) -> Quality:
    """Datasets of the principal's departments; all of them for the data bureau."""
    limit, days = department_limit(principal), WorkingDays()
    with hub.engine.connect() as connection:
        figures = dataset_figures(connection, hub.tables, limit)
        broken = broken_rules(connection)
    deadline = hub.settings.deadlines.correction
    datasets = tuple(judge_dataset(f, hub.catalog.contracts[f.contract], hub.today(), days, deadline) for f in figures)
    seen = tuple(
        b for b in broken
        if limit is None or (b.rule in hub.catalog.rules and set(hub.catalog.rules[b.rule].looks) & set(limit))
    )  # fmt: skip
    return Quality(datasets, tuple(by_dimension(figures)), seen)
