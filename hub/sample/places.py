"""Where the sample people live: a few whole townships of the real division tree, and names as departments write them."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from random import Random

PEOPLE_PER_VILLAGE = 450
# Counties round about from which people come and to which they go (GB/T 2260), with names for addresses.
OUTSIDE = {
    "361123": "江西省上饶市玉山县",
    "361181": "江西省德兴市",
    "361130": "江西省上饶市婺源县",
    "350722": "福建省南平市浦城县",
    "341021": "安徽省黄山市歙县",
}


@dataclass(frozen=True, slots=True)
class Division:
    """A place of the tree; ``code`` has twelve digits."""

    code: str
    name: str
    parent: str
    level: str  # province, prefecture, county, township, village


@dataclass(frozen=True)
class Places:
    """The tree, and the villages that have people. ``villages`` are codes in the tree's order."""

    tree: Mapping[str, Division]
    villages: tuple[str, ...]

    def name(self, code: str) -> str:
        return self.tree[code].name

    def path(self, code: str) -> str:
        """``county township village`` joined by blanks: only the whole path is unambiguous (four villages share a name)."""
        place = self.tree[code]
        township = self.tree[place.parent]
        return f"{self.tree[township.parent].name} {township.name} {place.name}"

    def villages_of(self, township: str) -> tuple[str, ...]:
        """All villages of a township, with or without people, in code order."""
        return tuple(sorted(d.code for d in self.tree.values() if d.parent == township and d.level == "village"))

    @property
    def townships(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.tree[code].parent for code in self.villages))

    def urban(self, village: str) -> bool:
        """Whether the village lies in a subdistrict: its poor are on the urban allowance."""
        return self.name(self.tree[village].parent).endswith("街道")

    def address(self, village: str, door: str) -> str:
        """A street address in the village, as it is written on an identity card."""
        place = self.tree[village]
        township = self.tree[place.parent]
        county = self.tree[township.parent]
        return f"浙江省衢州市{county.name}{township.name}{short_name(place.name)}{door}"


def short_name(village: str) -> str:
    """The place without its committee: 山底村委会 sits in 山底村."""
    bare = re.sub(r"(村民委员会|村委会|居民委员会|居委会)$", "", village)
    return bare if bare.endswith(("村", "社区", "区")) else bare + ("社区" if village.endswith(("居委会", "居民委员会")) else "村")


def division_rows() -> list[Division]:
    """The rows of the packaged tree."""
    text = resources.files("hub.sample").joinpath("data/divisions.csv").read_text("utf-8")
    return [Division(row["code"], row["name"], row["parent"], row["level"]) for row in csv.DictReader(text.splitlines())]


def choose(rows: Iterable[Division], people: int, random: Random) -> Places:
    """Townships for so many people, whole but for the last, so that a village has 300 to 600 people."""
    tree = {row.code: row for row in rows}
    children: dict[str, list[str]] = defaultdict(list)
    for row in tree.values():
        if row.level == "village":
            children[row.parent].append(row.code)
    wanted = max(2, round(people / PEOPLE_PER_VILLAGE))
    townships = sorted(children)
    random.shuffle(townships)
    if wanted <= 8:
        townships.sort(key=lambda code: abs(len(children[code]) - wanted))
    else:  # one subdistrict early, so that both kinds of allowance occur
        townships.sort(key=lambda code: len(children[code]) > wanted // 2)
        first = next((code for code in townships if tree[code].name.endswith("街道")), townships[0])
        townships.remove(first)
        townships.insert(1, first)
    chosen: list[str] = []
    for township in townships:
        chosen.extend(sorted(children[township])[: wanted - len(chosen)])
        if len(chosen) >= wanted:
            break
    return Places(tree, tuple(chosen))
