"""Names of places that are written a little otherwise than in the division list: which ones may be meant, and why. Nothing is ever
matched by this: a person decides among what is proposed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.core.initials import sound_alike

# What stands at the end of a place's name and says what kind of place it is, the longest first.
_ENDINGS = (
    "村民委员会", "居民委员会", "街道办事处", "人民政府", "村委会", "居委会", "办事处", "社区", "街道", "村", "镇", "乡",
)  # fmt: skip
_SHORTEST = 3  # signs of a name, without its ending, of which one may be another: too many shorter ones differ by one


class Why(StrEnum):
    """Why a place may be meant, the surest first."""

    ENDING = "ending"  # 山头李村委会 for 山头李村
    SOUND = "sound"  # one sign is another that begins with the same letter of pinyin: 山头里村 for 山头李村
    ORDER = "order"  # the same signs in another order
    SIGN = "sign"  # one sign is another


@dataclass(frozen=True, slots=True)
class NearNames:
    """Names of places, indexed by what they have in common with others."""

    _by_stem: Mapping[str, tuple[str, ...]]
    _by_signs: Mapping[str, tuple[str, ...]]
    _by_gap: Mapping[str, tuple[str, ...]]

    def near(self, name: str) -> list[tuple[str, Why]]:
        """The names that may be meant by one that is not in the list, the surest first; each once."""
        wanted = stem(name)
        found: dict[str, Why] = dict.fromkeys(self._by_stem.get(wanted, ()), Why.ENDING)
        for gap in _gaps(wanted) if len(wanted) >= _SHORTEST else ():
            for known in self._by_gap.get(gap, ()):
                found.setdefault(known, Why.SOUND if _differ_by_sound(wanted, stem(known)) else Why.SIGN)
        for known in self._by_signs.get("".join(sorted(wanted)), ()):
            found.setdefault(known, Why.ORDER)
        found.pop(name, None)
        order = list(Why)
        return sorted(found.items(), key=lambda pair: (order.index(pair[1]), pair[0]))


def near_names(names: Iterable[str]) -> NearNames:
    """Indexed once for a list: three entries a name."""
    by_stem: dict[str, dict[str, None]] = defaultdict(dict)
    by_signs: dict[str, dict[str, None]] = defaultdict(dict)
    by_gap: dict[str, dict[str, None]] = defaultdict(dict)
    for name in names:
        short = stem(name)
        by_stem[short][name] = None
        by_signs["".join(sorted(short))][name] = None
        for gap in _gaps(short) if len(short) >= _SHORTEST else ():
            by_gap[gap][name] = None
    return NearNames(_frozen(by_stem), _frozen(by_signs), _frozen(by_gap))


def stem(name: str) -> str:
    """A name without what says which kind of place it is: 庆北 of 庆北街道 and of 庆北办事处."""
    ending = next((one for one in _ENDINGS if name.endswith(one) and len(name) > len(one)), "")
    return name.removesuffix(ending)


def _gaps(text: str) -> Iterator[str]:
    return (f"{text[:place]}\0{text[place + 1 :]}" for place in range(len(text)))


def _differ_by_sound(one: str, other: str) -> bool:
    return all(first == second or sound_alike(first, second) for first, second in zip(one, other, strict=True))


def _frozen(lists: Mapping[str, Mapping[str, None]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in lists.items()}
