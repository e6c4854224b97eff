"""Names drawn from published shares: surname by frequency, given name by sex and decade, rare characters now and then."""

from __future__ import annotations

import csv
from bisect import bisect
from importlib import resources
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

# Given names of minority people are often written with the middle dot; the parts are common transliterations.
_DOTTED = {
    "1": ("艾力", "买买提", "阿卜杜拉", "吐尔逊", "努尔", "玉素甫"),
    "2": ("古丽", "阿依努尔", "热娜", "帕提古丽", "米热班", "祖丽皮亚"),
}
_DECADES = (1940, 1960, 1980, 2000, 2015)


def table(name: str) -> list[dict[str, str]]:
    """The rows of one packaged CSV file."""
    text = resources.files("hub.sample").joinpath(f"data/{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


class Shares(Generic[T]):
    """Values with weights: ``draw`` takes one."""

    def __init__(self, pairs: list[tuple[T, float]]) -> None:
        self._values = [value for value, _ in pairs]
        self._sums = list(accumulate(weight for _, weight in pairs))

    def draw(self, random: Random) -> T:
        return self._values[min(bisect(self._sums, random.random() * self._sums[-1]), len(self._values) - 1)]


class Names:
    """Draws full names."""

    def __init__(self, random: Random) -> None:
        self._random = random
        surnames = table("surnames") + table("compound-surnames")
        self._surnames = Shares([(row["surname"], float(row["share_percent"])) for row in surnames])
        self._given: dict[tuple[str, int], list[str]] = {}
        for row in table("given-characters"):
            self._given.setdefault(("1" if row["sex"] == "male" else "2", int(row["decade"])), []).append(row["character"])
        self._drawn = 0
        self._rare = [row["character"] for row in table("rare-characters")]

    def surname(self) -> str:
        return self._surnames.draw(self._random)

    def given(self, sex: str, year: int) -> str:
        """One or two characters, in fashion in the year of birth; ``sex`` "1" or "2"."""
        characters = self._given[sex, max((d for d in _DECADES if d <= year), default=1940)]
        chosen = self._random.sample(characters, 1 if self._random.random() < 0.2 else 2)
        self._drawn += 1
        if self._drawn % 300 == 150:
            chosen[-1] = self._random.choice(self._rare)
        return "".join(chosen)

    def dotted(self, sex: str) -> str:
        return f"{self._random.choice(_DOTTED[sex])}·{self._random.choice(_DOTTED['1'])}"
