"""Quality as plain data."""

from __future__ import annotations

from typing import Any

from hub.quality import messages as m
from hub.quality.figures import Figure
from hub.quality.scores import DatasetQuality, DepartmentQuality, DimensionQuality, RuleQuality
from hub.quality.service import Quality
from hub.web.shown.values import plain, titles


def datasets_data(found: Quality, language: str) -> list[dict[str, Any]]:
    return [_dataset(found, dataset, language) for dataset in found.datasets]


def departments_data(found: Quality, language: str) -> list[dict[str, Any]]:
    return [_department(found, one, language) for one in found.departments]


def dimensions_data(found: Quality, language: str) -> list[dict[str, Any]]:
    return [_dimension(found, one, language) for one in found.dimensions]


def _dataset(found: Quality, dataset: DatasetQuality, language: str) -> dict[str, Any]:
    return {
        "contract": dataset.contract.id, "title": titles(dataset.contract.title), "department": dataset.contract.department,
        "owner": dataset.owner, "score": dataset.score, "level": dataset.level.value, "as_of": plain(dataset.as_of),
        "last_batch": dataset.counted.last_batch, "how": found.how["score"].text(language),
        "figures": [_figure(found, figure, language) for figure in dataset.figures],
    }  # fmt: skip


def _department(found: Quality, one: DepartmentQuality, language: str) -> dict[str, Any]:
    """``dataset`` and ``owner`` of a figure: where to begin, and with whom."""
    return {
        "department": one.department, "score": one.score, "how": found.how["department"].text(language),
        "figures": [
            _figure(found, figure, language) | {"dataset": one.worst(figure.name).contract.id, "owner": one.worst(figure.name).owner}
            for figure in one.figures
        ],
        "rules": [_rule(rule) for rule in one.rules],
        "datasets": [{"contract": d.contract.id, "score": d.score, "level": d.level.value, "owner": d.owner} for d in one.datasets],
    }  # fmt: skip


def _figure(found: Quality, figure: Figure, language: str) -> dict[str, Any]:
    values = {name: plain(value) for name, value in {**figure.stated.values, **figure.next_step.values}.items()}
    return {
        "name": figure.name, "title": figure.title.text(language), "score": figure.score, "level": figure.level.value,
        "stated": figure.stated.text(language), "values": values, "next_step": figure.next_step.text(language),
        "how": found.how[figure.name].text(language),
    }  # fmt: skip


def _rule(one: RuleQuality) -> dict[str, Any]:
    return {
        "rule": one.rule.name, "title": titles(one.rule.title), "remedy": titles(one.rule.remedy), "looks": list(one.rule.looks),
        "conflicts": one.open.count, "since": plain(one.open.since), "age": one.open.age, "deadline": plain(one.open.deadline),
        "late": one.open.late, "level": one.open.level.value,
    }  # fmt: skip


def _dimension(found: Quality, one: DimensionQuality, language: str) -> dict[str, Any]:
    title = m.DIMENSIONS.get(one.dimension)
    return {
        "dimension": one.dimension, "title": title.text(language) if title else one.dimension, "score": one.score,
        "checked": one.checked, "failed": one.failed, "errors": one.errors, "open": one.open, "how": found.how["dimension"].text(language),
    }  # fmt: skip
