"""Places: from a code, or from the names along the path, to the 12-digit code of the division list.

A name is resolved by all that is said of it: 柯城区 黄家乡 山底村委会 is one village, 山底村委会 alone is four, and four is
a finding that lists them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from hub.core.identifiers import read_division
from hub.core.reading import NOTHING, Reading
from hub.core.text import canonical_token
from hub.intake.near_names import NearNames, near_names
from hub.intake.port import NUMBER
from hub.registry.model import CodeList, Succession

_LEVELS = (2, 4, 6, 9, 12)  # digits that say something, from province to village
_SEPARATORS = re.compile(r"[ /\\>,;|、·-]+")
_SHOWN = 5


def significant(code: str) -> str:
    """The digits of a division code that say something: 330802 for 330802000000."""
    return next((code[:length] for length in _LEVELS if code[length:].strip("0") == ""), code)


@dataclass(frozen=True, slots=True)
class Places:
    """The division list, indexed for reading."""

    names: Mapping[str, str]
    parents: Mapping[str, str | None]
    by_path: Mapping[str, tuple[str, ...]] = field(repr=False)  # names joined, of each end of a path -> codes
    by_name: Mapping[str, tuple[str, ...]] = field(repr=False)
    by_parent: Mapping[str, tuple[str, ...]] = field(repr=False)
    near: NearNames = field(repr=False)
    successions: Mapping[str, Succession] = field(default_factory=dict)  # those in force, by the old code

    def path(self, code: str) -> tuple[str, ...]:
        """The names from the province down to the place itself."""
        found: list[str] = []
        place: str | None = code
        while place is not None and place in self.names and len(found) < len(_LEVELS):
            found.append(self.names[place])
            place = self.parents[place]
        return tuple(reversed(found))

    def read_code(self, text: str, kind: int = 0) -> Reading:
        """A 12-digit code, or 6 digits padded, of a place in the list. A number that has all its digits is told, not refused."""
        reading = read_division(text)
        if kind == NUMBER and reading.rule is not None and not re.fullmatch("[0-9]{1,12}", text):
            return Reading(rule="numeric_identifier", hint="number")
        if reading.value is None:
            return reading
        if reading.value not in self.names:
            near = self.nearest(reading.value)
            return Reading(rule="division", hint="nearest" if near else None, agreed=self._listed(near) if near else None)
        if reading.value in self.successions:
            return self._succeeded(reading.value)
        if kind == NUMBER:
            return Reading(reading.value, warning="numeric_code")
        above_village = len(significant(reading.value)) < 12 and len(text) == 12
        return Reading(reading.value, warning="division_level" if above_village else None)

    def _succeeded(self, code: str) -> Reading:
        """The place that took over from one of the past, however often that happened; one that was split has no single successor."""
        passed: set[str] = set()
        while (one := self.successions.get(code)) is not None and code not in passed:
            if len(one.new) > 1:
                return Reading(rule="division", hint="split", agreed=self._listed(one.new))
            passed.add(code)
            code = one.new[0]
        return Reading(code, warning="division_superseded")

    def read_names(self, text: str) -> Reading:
        """The names of a path, with or without blanks between, down to a township or village. A code is read as a code."""
        if re.fullmatch("[0-9]+", text):
            return self.read_code(text)
        tokens = [token for token in _SEPARATORS.split(text) if token]
        if not tokens:
            return NOTHING
        codes = self.by_path.get("".join(tokens)) or tuple(self._along(tokens))
        codes = tuple(code for code in codes if code not in self.successions) or codes  # a successor may have kept the name
        if not codes:
            proposed = self._proposed(tokens)
            return Reading(rule="division", hint="near" if proposed else "name", agreed=f"near:{proposed}" if proposed else None)
        if len(codes) > 1:
            return Reading(rule="ambiguous", hint="places", agreed=self._listed(codes))
        if codes[0] in self.successions:
            return self._succeeded(codes[0])
        return Reading(codes[0], warning="division_level" if len(significant(codes[0])) < 12 else None)

    def nearest(self, code: str) -> tuple[str, ...]:
        """Up to three codes of the same township (else the same county) whose numbers are nearest."""
        for length in (9, 6):
            siblings = [place for place in self.by_parent.get(code[:length].ljust(12, "0"), ()) if place not in self.successions]
            if siblings:
                return tuple(sorted(siblings, key=lambda sibling: (abs(int(sibling) - int(code)), sibling))[:3])
        return ()

    def _proposed(self, tokens: list[str]) -> str:
        """Places that may be meant by names that are in no list, within what else of the path is known: code, names and why, each."""
        found = [(code, why) for name, why in self.near.near(tokens[-1]) for code in self._along([*self._known_above(tokens), name])]
        current = [(code, why) for code, why in found if code not in self.successions]
        return "; ".join(f"{code} {' '.join(self.path(code)[-3:])}~{why}" for code, why in current[:_SHOWN])

    def _known_above(self, tokens: list[str]) -> list[str]:
        return [token for token in tokens[:-1] if token in self.by_name]

    def _along(self, tokens: list[str]) -> Iterator[str]:
        """Places of the last name whose path has the other names in this order, perhaps with levels left out."""
        for code in self.by_name.get(tokens[-1], ()):
            path = iter(self.path(code)[:-1])
            if all(token in path for token in tokens[:-1]):
                yield code

    def _listed(self, codes: tuple[str, ...]) -> str:
        shown = "; ".join(f"{code} {' '.join(self.path(code)[-3:])}" for code in codes[:_SHOWN])
        return shown + (f"; … ({len(codes)})" if len(codes) > _SHOWN else "")


_last: tuple[CodeList, Places] | None = None  # a process works with one Catalog; every batch of it asks for the same tree


def index_places(divisions: CodeList, successions: Mapping[str, Succession] | None = None) -> Places:
    """The list, indexed: some hundred milliseconds for five thousand places, once for the same list. ``successions``: those in force."""
    global _last
    if _last is None or _last[0] is not divisions:
        _last = (divisions, _indexed(divisions))
    return replace(_last[1], successions=successions) if successions else _last[1]


def _indexed(divisions: CodeList) -> Places:
    names = {code: canonical_token(entry.title.zh) for code, entry in divisions.codes.items()}
    parents = {code: entry.parent for code, entry in divisions.codes.items()}
    paths: dict[str, list[str]] = defaultdict(list)
    by_name: dict[str, list[str]] = defaultdict(list)
    by_parent: dict[str, list[str]] = defaultdict(list)
    near = near_names(names.values())
    places = Places(names, parents, {}, {}, {}, near)
    for code, name in names.items():
        by_name[name].append(code)
        if parent := parents[code]:
            by_parent[parent].append(code)
        path = places.path(code)
        for start in range(len(path)):
            paths["".join(path[start:])].append(code)
    return Places(names, parents, _frozen(paths), _frozen(by_name), _frozen(by_parent), near)


def _frozen(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(dict.fromkeys(values)) for key, values in lists.items()}
