"""The five figures of a dataset or a department, each with level, score, next step and how it is calculated.

Pure: counts and the day in, judgement out. Every threshold stands here once, and its explanation names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from hub.core.clock import WorkingDays, from_microseconds
from hub.core.messages import Message
from hub.quality import messages as m
from hub.registry.model import Contract
from hub.store.quality import Figures

_LATE_POINTS = 10
_COMPLETE = 80  # per cent of the cells: fewer are to be watched
_HELD = 5  # per cent of the rows: more are to be acted on


class Level(StrEnum):
    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    NONE = "none"


RANK = {level: rank for rank, level in enumerate((Level.BAD, Level.WATCH, Level.NONE, Level.GOOD))}


@dataclass(frozen=True, slots=True)
class Told:
    """A text that waits for its language."""

    message: Message
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        return self.message.text(language, self.values)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``score``: 0 to 100, None where there is nothing to judge."""

    name: str
    level: Level
    score: int | None
    stated: Told
    next_step: Told

    @property
    def title(self) -> Message:
        return m.NAMES[self.name]

    @property
    def rank(self) -> tuple[int, int]:
        """Sorts the worst first."""
        return RANK[self.level], 100 if self.score is None else self.score


@dataclass(frozen=True, slots=True)
class Today:
    """The day on which is judged. ``deadline``: working days that a department has to look at a conflict."""

    day: date
    days: WorkingDays
    deadline: int


@dataclass(frozen=True, slots=True)
class Open:
    """Open conflicts: how many, how many days old the oldest is, and by when that must be looked at."""

    count: int
    since: date
    age: int
    deadline: date
    late: bool

    @property
    def level(self) -> Level:
        return Level.BAD if self.late else Level.WATCH

    @property
    def stated(self) -> Told:
        return Told(m.STATED["conflicts_aged"], {"count": self.count, "age": self.age})

    @property
    def next_step(self) -> Told:
        return Told(m.NEXT["look_late" if self.late else "look"], {"deadline": self.deadline})


def still_open(count: int, since: int, today: Today) -> Open:
    """``since``: when the oldest was found, in microseconds since 1970."""
    found = from_microseconds(since).date()
    deadline = today.days.after(found, today.deadline)
    return Open(count, found, (today.day - found).days, deadline, deadline < today.day)


def explanations(deadline: int) -> dict[str, Told]:
    """How each figure, a score and a dimension are calculated, and from when on a figure is watched or acted on."""
    values = {"points": _LATE_POINTS, "complete": _COMPLETE, "held": _HELD, "deadline": deadline}
    return {name: Told(message, values) for name, message in m.HOW.items()}


def per_cent(part: int, whole: int) -> int:
    """Rounded down: 100 is said of the whole alone. Nothing out of nothing is all of it."""
    return 100 * part // whole if whole else 100


def mean(figures: tuple[Figure, ...]) -> int | None:
    """The mean of the scores that there are, rounded down."""
    known = [figure.score for figure in figures if figure.score is not None]
    return sum(known) // len(known) if known else None


def freshness(last: date | None, contract: Contract, today: Today) -> Figure:
    """``last``: the as-of date of the last delivery in force."""
    if last is None:
        return Figure("freshness", Level.NONE, None, Told(m.STATED["never"]), Told(m.NEXT["first"]))
    age, promise = (today.day - last).days, contract.freshness_days
    if promise is None:
        return Figure("freshness", Level.GOOD, 100, Told(m.STATED["unpromised"], {"age": age}), Told(m.NEXT["nothing"]))
    late = max(0, age - promise)
    values = {"age": age, "promise": promise, "late": late}
    if not late:
        return Figure("freshness", Level.GOOD, 100, Told(m.STATED["fresh"], values), Told(m.NEXT["nothing"]))
    return Figure("freshness", Level.BAD, max(0, 100 - _LATE_POINTS * late), Told(m.STATED["late"], values), Told(m.NEXT["deliver"]))


def completeness(counted: Figures) -> Figure:
    if not counted.cells:
        return Figure("completeness", Level.NONE, None, Told(m.STATED["no_rows"]), Told(m.NEXT["nothing"]))
    score = per_cent(counted.filled, counted.cells)
    level = Level.GOOD if score >= _COMPLETE else Level.WATCH
    share = f"{per_cent(10 * counted.filled, counted.cells) / 10}%"
    return Figure(
        "completeness", level, score, Told(m.STATED["share"], {"share": share}), Told(m.NEXT["nothing" if level is Level.GOOD else "fill"])
    )


def rules(counted: Figures) -> Figure:
    checked = sum(rule.checked for rule in counted.rules)
    failed = sum(rule.failed + rule.errors for rule in counted.rules)
    if not checked:
        return Figure("rules", Level.NONE, None, Told(m.STATED["unjudged"]), Told(m.NEXT["nothing"]))
    level = Level.WATCH if failed else Level.GOOD
    stated = Told(m.STATED["rules"], {"failed": failed, "checked": checked})
    return Figure("rules", level, per_cent(checked - failed, checked), stated, Told(m.NEXT["mend_rules" if failed else "nothing"]))


def quarantine(counted: Figures) -> Figure:
    held, whole = counted.quarantined, counted.rows + counted.quarantined
    if counted.last_as_of is None and not held:
        return Figure("quarantine", Level.NONE, None, Told(m.STATED["no_rows"]), Told(m.NEXT["nothing"]))
    level = Level.GOOD if not held else Level.BAD if 100 * held > _HELD * whole else Level.WATCH
    stated = Told(m.STATED["held"], {"count": held})
    return Figure("quarantine", level, per_cent(whole - held, whole), stated, Told(m.NEXT["mend" if held else "nothing"]))


def conflicts(counted: Figures, today: Today) -> Figure:
    if counted.conflicts and counted.conflicts_since is not None:
        found = still_open(counted.conflicts, counted.conflicts_since, today)
        score = per_cent(max(0, counted.rows - found.count), max(1, counted.rows))
        return Figure("conflicts", found.level, score, found.stated, found.next_step)
    if counted.last_as_of is None:
        return Figure("conflicts", Level.NONE, None, Told(m.STATED["no_rows"]), Told(m.NEXT["nothing"]))
    return Figure("conflicts", Level.GOOD, 100, Told(m.STATED["conflicts"], {"count": 0}), Told(m.NEXT["nothing"]))
