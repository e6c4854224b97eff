"""The first letters of a name's pinyin, by which people look for it (lxm for 李小明). A character with several readings has the
letters of all of them: 单 is found by s and by d."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_LETTERS = Path(__file__).with_name("initials.txt")


def begins(name: str, letters: str) -> bool:
    """Whether the letters stand for characters of the name that follow each other."""
    known, wanted = _known(), letters.upper()
    readings = [known.get(character, character.upper()) for character in name]
    return any(
        all(letter in readings[start + place] for place, letter in enumerate(wanted)) for start in range(len(readings) - len(wanted) + 1)
    )


def sound_alike(one: str, other: str) -> bool:
    """Whether two characters can begin with the same letter of pinyin."""
    known = _known()
    return not set(known.get(one, one.upper())).isdisjoint(known.get(other, other.upper()))


@cache
def _known() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _LETTERS.read_text(encoding="utf-8").splitlines():
        letter, _, characters = line.partition(" ")
        for character in characters if letter != "#" else "":
            found[character] = found.get(character, "") + letter
    return found
