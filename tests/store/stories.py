"""Stories for hypothesis: what departments send and people do to the small hub, in the order in which it arrives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from hub.registry.model import Delivery
from tests.store.reference import Key
from tests.store.small import AREAS, MARRIAGE, POOR, PUPIL, RESIDENT, Row, Sent
from tests.store.world import World

PEOPLE = ("p1", "p2", "p3")
DAYS = 4
_BIRTHS = (date(1950, 1, 1), date(1950, 1, 2))
_EVENTS = (date(2020, 5, 1), date(2024, 5, 1))


@dataclass(frozen=True)
class Again:
    """Delivery number ``number`` (modulo how many there were) arrives once more, if it was the last of its day."""

    number: int


@dataclass(frozen=True)
class Linked:
    act: str  # link, unlink
    one: Key
    other: Key


@dataclass(frozen=True)
class Decided:
    key: Key
    short: str
    value: Any


@dataclass(frozen=True)
class Settled:
    number: int


Act = Sent | Again | Linked | Decided | Settled


def play(world: World, acts: Iterable[Act]) -> None:
    """Do the acts to the world and its reference."""
    sent: list[Sent] = []
    for act in acts:
        match act:
            case Sent():
                world.deliver(act)
                sent.append(act)
            case Again() if sent:
                again = sent[act.number % len(sent)]
                if again == [s for s in sent if (s.contract, s.day) == (again.contract, again.day)][-1]:
                    world.deliver(again)
            case Linked():
                world.link(act.act, act.one, act.other)
            case Decided():
                world.decide(act.key, act.short, act.value)
            case Settled():
                world.settle(act.number)
            case _:
                continue


# Rows: short lists of values, so that sources meet, agree and differ ---------------------------------------------------


def _or_nothing(values: Iterable[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(list(values))


_SAYINGS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    RESIDENT: {
        "name": _or_nothing(["赵", "钱"]), "birth_date": _or_nothing(_BIRTHS), "village": _or_nothing(AREAS),
        "household": _or_nothing(["h1", "h2"]), "head": _or_nothing(PEOPLE),
    },
    PUPIL: {
        "citizen_id": _or_nothing(PEOPLE[:2]), "name": _or_nothing(["赵", "钱"]), "birth_date": _or_nothing(_BIRTHS),
        "village": _or_nothing(AREAS), "left_behind": _or_nothing([True, False]),
    },
    POOR: {
        "birth_date": _or_nothing(_BIRTHS), "village": _or_nothing(AREAS), "left_behind": _or_nothing([True, False]),
        "marital_status": _or_nothing(["10", "20"]), "amount": _or_nothing([100, 200]), "account": _or_nothing(["6222"]),
    },
    MARRIAGE: {
        "husband": _or_nothing(PEOPLE[:2]), "wife": _or_nothing(PEOPLE[1:]), "event": _or_nothing(["married", "divorced"]),
        "registered_on": _or_nothing(_EVENTS),
    },
}  # fmt: skip
_KEYS = {
    RESIDENT: ("citizen_id", PEOPLE),
    PUPIL: ("number", ("1", "2", "3")),
    POOR: ("citizen_id", PEOPLE),
    MARRIAGE: ("certificate", ("1", "2")),
}


@st.composite
def deliveries(draw: st.DrawFn, kinds: tuple[Delivery, ...] = tuple(Delivery)) -> Sent:
    contract = draw(st.sampled_from(list(_KEYS)))
    column, keys = _KEYS[contract]
    fate = {key: draw(st.sampled_from(["named", "named", "absent", "held"])) for key in keys}
    rows = tuple(draw(_row(contract, column, key)) for key in keys if fate[key] == "named")
    held = tuple(key for key in keys if fate[key] == "held")
    return Sent(contract, draw(st.integers(1, DAYS)), draw(st.sampled_from(kinds)), rows, held)


def _row(contract: str, column: str, key: str) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries({column: st.just(key), **_SAYINGS[contract]})


_DECISIONS = st.one_of(
    st.builds(Decided, st.tuples(st.just("person"), st.sampled_from(PEOPLE)), st.just("village"), _or_nothing(AREAS)),
    st.builds(Decided, st.tuples(st.just("person"), st.sampled_from(PEOPLE)), st.just("birth_date"), _or_nothing(_BIRTHS)),
    st.builds(Decided, st.tuples(st.just("person"), st.sampled_from(PEOPLE)), st.just("left_behind"), st.booleans()),
    st.builds(Decided, st.tuples(st.just("person"), st.sampled_from(PEOPLE)), st.just("name"), st.sampled_from(["赵", "孙"])),
)
_LINKS = st.builds(
    Linked,
    st.sampled_from(["link", "link", "unlink"]),
    st.tuples(st.just("person"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("person"), st.sampled_from(PEOPLE)),
)
ACTS: st.SearchStrategy[Act] = st.one_of(
    deliveries(), deliveries(), deliveries(), deliveries(), st.builds(Again, st.integers(0, 9)), _LINKS, _DECISIONS,
    st.builds(Settled, st.integers(0, 1)),
)  # fmt: skip
STORIES = st.lists(ACTS, min_size=1, max_size=9)
BATCHES = st.lists(deliveries(), min_size=2, max_size=6)


@st.composite
def orders(draw: st.DrawFn, batches: st.SearchStrategy[list[Sent]] = BATCHES) -> tuple[list[Sent], list[Sent]]:
    """The same batches in two orders of arrival. Those of one dataset and day keep theirs: it is their revision."""
    first = draw(batches)
    shuffled = draw(st.permutations(range(len(first))))
    queues: dict[tuple[str, int], list[Sent]] = {}
    for sent in first:
        queues.setdefault((sent.contract, sent.day), []).append(sent)
    return first, [queues[first[i].contract, first[i].day].pop(0) for i in shuffled]
