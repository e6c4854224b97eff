"""Quality as plain data."""

from __future__ import annotations

from typing import Any

from hub.quality import messages as m
from hub.quality.scores import DatasetQuality, DimensionQuality, Figure, by_department
from hub.quality.service import Quality
from hub.web.shown.values import plain, titles


def dataset_data(dataset: DatasetQuality, language: str) -> dict[str, Any]:
    return {
        "contract": dataset.contract.id, "title": titles(dataset.contract.title), "department": dataset.contract.department,
        "owner": dataset.owner, "score": dataset.score, "level": dataset.level.value, "as_of": plain(dataset.as_of),
        "last_batch": dataset.last_batch, "how": m.HOW["score"].text(language),
        "figures": [_figure(figure, language) for figure in dataset.figures],
    }  # fmt: skip


def _figure(figure: Figure, language: str) -> dict[str, Any]:
    return {
        "name": figure.name, "title": figure.title.text(language), "score": figure.score, "level": figure.level.value,
        "stated": figure.stated.text(language), "next_step": figure.next_step.text(language), "how": figure.how.text(language),
    }  # fmt: skip


def department_data(found: Quality, language: str) -> list[dict[str, Any]]:
    return [
        {
            "department": one.department,
            "score": one.score,
            "how": m.HOW["score"].text(language),
            "datasets": [{"contract": d.contract.id, "score": d.score, "level": d.level.value, "owner": d.owner} for d in one.datasets],
        }
        for one in by_department(found.datasets)
    ]


def dimension_data(one: DimensionQuality, language: str) -> dict[str, Any]:
    title = m.DIMENSIONS.get(one.dimension)
    return {
        "dimension": one.dimension, "title": title.text(language) if title else one.dimension, "score": one.score,
        "checked": one.checked, "failed": one.failed, "errors": one.errors, "how": m.HOW["rules"].text(language),
    }  # fmt: skip
