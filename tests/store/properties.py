"""What must hold of every story, as functions that raise AssertionError: used by the properties and by their own proof."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.store.reference import Picture
from tests.store.small import Sent
from tests.store.stories import Act, play
from tests.store.world import LAST_DAY, World, compare


def agrees_now(world: World, acts: Iterable[Act]) -> dict[int, Picture]:
    """After every act the current tables are the reference's. Returns what was current, by number."""
    world.reset()
    shown: dict[int, Picture] = {}
    for act in acts:
        play(world, [act])
        known = world.known
        if known in shown:
            continue
        shown[known] = world.current()
        _same(shown[known], world.reference.picture(LAST_DAY, known), f"current after {act}")
    return shown


def agrees_with_reference(world: World, acts: Iterable[Act], moments: Sequence[tuple[int, int]] = ()) -> None:
    """As ``agrees_now``, and so is each moment (day, known); (now, now) is the current tables; and what is said now of every
    earlier number is what was current then."""
    shown = agrees_now(world, acts)
    if not shown:
        return
    last = max(shown)
    _same(world.as_of(LAST_DAY, last), shown[last], "as of (now, now)", rules=False)
    for day, place in moments:
        known = sorted(shown)[place % len(shown)]
        _same(world.as_of(day, known), world.reference.picture(day, known), f"as of {day}, {known}", rules=False)
        _same(world.as_of(day, last, from_now=True), world.reference.picture(day, last), f"as of {day}, from now", rules=False)
        if known != last:
            _same(world.as_of(LAST_DAY, known), shown[known], f"as of (now, {known}) against what was shown", rules=False)


def order_does_not_matter(world: World, one: Sequence[Sent], other: Sequence[Sent]) -> None:
    pictures = []
    for batches in (one, other):
        world.reset()
        play(world, batches)
        pictures.append(world.current())
    _same(pictures[0], pictures[1], "two orders of arrival")


def _same(one: Picture, other: Picture, what: str, *, rules: bool = True) -> None:
    differences = compare(one, other, rules=rules)
    assert not differences, f"{what}:\n{differences}"
