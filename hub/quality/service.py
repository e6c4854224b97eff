"""Quality of the running hub: reads the figures that the principal may see, and judges them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.core.clock import WorkingDays
from hub.core.principals import Principal, department_limit
from hub.quality.figures import Today, Told, explanations
from hub.quality.scores import (
    DatasetQuality,
    DepartmentQuality,
    DimensionQuality,
    RuleQuality,
    by_department,
    by_dimension,
    judge_dataset,
    judge_rule,
)
from hub.store.hub import Hub
from hub.store.quality import broken_rules, dataset_figures


@dataclass(frozen=True, slots=True)
class Quality:
    """What a principal sees: its departments and their datasets, the consistency rules that one of them must look at, the
    dimensions of those. ``how``: how each figure is calculated, by its name, and ``score`` and ``dimension``."""

    datasets: tuple[DatasetQuality, ...]
    departments: tuple[DepartmentQuality, ...]
    dimensions: tuple[DimensionQuality, ...]
    rules: tuple[RuleQuality, ...]
    how: Mapping[str, Told]


def read_quality(hub: Hub, principal: Principal) -> Quality:
    """Datasets of the principal's departments; all of them for the data bureau."""
    limit, deadline = department_limit(principal), hub.settings.deadlines.correction
    today = Today(hub.today(), WorkingDays(), deadline)
    with hub.engine.connect() as connection:
        counted = dataset_figures(connection, hub.tables, limit)
        broken = [one for one in broken_rules(connection) if one.rule in hub.catalog.rules]
    datasets = tuple(judge_dataset(one, hub.catalog.contracts[one.contract], today) for one in counted)
    seen = [one for one in broken if limit is None or set(hub.catalog.rules[one.rule].looks) & set(limit)]
    rules = tuple(judge_rule(one, hub.catalog.rules[one.rule], today) for one in seen)
    departments = tuple(by_department(datasets, rules, today))
    return Quality(datasets, departments, tuple(by_dimension(datasets, rules)), rules, explanations(deadline))
