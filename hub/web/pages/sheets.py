"""How the lines of a section are laid out on A4: the width of each column, the size of the letters, and which lines stand on which page.

What a reader takes as one word, such as an amount, a date or an identifier, stands on one line: a column is as wide as its longest
word, what is left goes where it saves most lines, and where words leave too little room the letters are smaller. Texts are measured by
the width of a Chinese sign; sizes are those of static/print.css.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

_POINTS = (8, 7, 6)  # sizes of letters, the first is the usual one
_WIDE = 96.0  # Chinese signs across a page, in the usual size
_TALL = 41.5  # lines of text down a page, between head and foot, in the usual size
_BETWEEN = 0.35  # of a line: what borders and blanks take of a row
_AROUND = 0.75  # of a Chinese sign: what borders and blanks take of a column
_NARROW = 0.59  # of a Chinese sign: any other
_SHORT = 4.0  # Chinese signs: a text that is no longer is one word
_LONGEST = 8  # texts of a column that decide on its width
_WORD = re.compile(r"[（(][^（()）\s]{1,4}[）)]|[^\s\u2e80-\uffff]+|[\u2e80-\uffff]")


@dataclass(frozen=True, slots=True)
class Layout:
    """``widths``: of the columns, in hundredths of the page; ``head``: the lines that the heads of the columns take."""

    widths: tuple[int, ...]
    points: int
    head: float

    def pages(self, rows: Sequence[Sequence[str]], below: Sequence[Sequence[str]], notes: Sequence[str]) -> list[list[int]]:
        """The places of the rows of each page. The footnotes of a row, its part of ``below``, stand on its page, ``notes`` on the last."""
        room = _TALL * _POINTS[0] / self.points
        pages: list[list[int]] = [[]]
        used = self.head
        for place, row in enumerate(rows):
            tall = self._tall(row) + sum(self._note(note) for note in below[place])
            if place == len(rows) - 1:
                tall += self._note("".join(notes))
            if pages[-1] and used + tall > room:
                pages.append([])
                used = self.head
            pages[-1].append(place)
            used += tall
        return pages

    def _tall(self, row: Sequence[str]) -> float:
        return max(_lines(text, _room(width, self.points)) for text, width in zip(row, self.widths, strict=True)) + _BETWEEN

    def _note(self, note: str) -> float:
        return _lines(note, _room(100, self.points)) + _BETWEEN if note else 0.0


def lay_out(titles: Sequence[str], rows: Sequence[Sequence[str]], *, grouped: bool) -> Layout:
    """The largest letters in which every word stands on one line; the smallest there are where none does."""
    columns = [sorted({row[place] for row in rows}, key=_width) for place in range(len(titles))]
    words = [_AROUND + max(_longest_word(title), *map(_whole, column), 0.0) for title, column in zip(titles, columns, strict=True)]
    for points in _POINTS:
        least = [ceil(100 * word / _across(points)) for word in words]
        if sum(least) <= 100:
            break
    widths = _shared(least, titles, [column[-_LONGEST:] for column in columns], points)
    lines = max(_lines(title, _room(width, points)) for title, width in zip(titles, widths, strict=True))
    return Layout(widths, points, lines + _BETWEEN + (1 + _BETWEEN if grouped else 0))


def _shared(least: Sequence[int], titles: Sequence[str], columns: Sequence[Sequence[str]], points: int) -> tuple[int, ...]:
    """Each column has the least; what is left goes, hundredth by hundredth, to the column whose texts take most lines."""
    widths = list(least)
    if sum(widths) > 100:
        return tuple(max(1, one * 100 // sum(least)) for one in widths)

    def height(place: int) -> float:
        room = _room(widths[place], points)
        return max(_lines(titles[place], room) / 2, *(_lines(text, room) for text in (*columns[place], "")))

    heights = [height(place) for place in range(len(widths))]
    for _ in range(100 - sum(widths)):
        highest = max(range(len(widths)), key=heights.__getitem__)
        widths[highest] += 1
        heights[highest] = height(highest)
    return tuple(widths)


def _across(points: int) -> float:
    """Chinese signs across a page."""
    return _WIDE * _POINTS[0] / points


def _room(width: int, points: int) -> float:
    """Chinese signs that a line of a column has."""
    return _across(points) * width / 100 - _AROUND


def _lines(text: str, room: float) -> int:
    """How many lines a text takes where so much stands on one: words stay whole, as far as they fit."""
    lines, used = 1, 0.0
    for found in _WORD.finditer(text):
        wide = _width(found[0])
        blank = _NARROW if used and text[found.start() - 1].isspace() else 0.0
        if used + blank + wide <= room:
            used += blank + wide
        else:
            more = ceil(wide / max(1.0, room))
            lines += more if used else more - 1
            used = wide - (more - 1) * room
    return lines


def _whole(text: str) -> float:
    """What of a cell's text stands on one line."""
    return wide if (wide := _width(text)) <= _SHORT else _longest_word(text)


def _longest_word(text: str) -> float:
    return max((_width(word) for word in _WORD.findall(text)), default=0.0)


def _width(text: str) -> float:
    return sum(1.0 if ord(sign) > 0x2E7F else _NARROW for sign in text)
