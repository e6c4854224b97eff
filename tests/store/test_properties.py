"""The store's properties: against the naive reference, whatever departments send and people do, in any order."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.registry.model import Delivery
from tests.store import properties
from tests.store.small import Sent
from tests.store.stories import BATCHES, DAYS, PEOPLE, STORIES, Act, Linked, Settled, orders, play
from tests.store.world import LAST_DAY, World, compare

MANY = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
FEW = settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MOMENTS = st.lists(st.tuples(st.integers(0, DAYS), st.integers(0, 9)), max_size=2)


@MANY
@given(story=STORIES, moments=MOMENTS)
def test_sqlite_says_what_the_reference_says(sqlite_world: World, story: list[Act], moments: list[tuple[int, int]]) -> None:
    properties.agrees_with_reference(sqlite_world, story, moments)


@FEW
@given(story=STORIES, moments=MOMENTS)
def test_postgresql_says_what_the_reference_says(postgres_world: World, story: list[Act], moments: list[tuple[int, int]]) -> None:
    properties.agrees_with_reference(postgres_world, story, moments)


@MANY
@given(batches=orders())
def test_the_order_of_arrival_changes_nothing(sqlite_world: World, batches: tuple[list[Sent], list[Sent]]) -> None:
    properties.order_does_not_matter(sqlite_world, *batches)


@FEW
@given(batches=orders())
def test_the_order_of_arrival_changes_nothing_on_postgresql(postgres_world: World, batches: tuple[list[Sent], list[Sent]]) -> None:
    properties.order_does_not_matter(postgres_world, *batches)


@FEW
@given(story=STORIES, day=st.integers(0, DAYS), place=st.integers(0, 9))
def test_both_engines_agree_cell_by_cell(sqlite_world: World, postgres_world: World, story: list[Act], day: int, place: int) -> None:
    pictures = []
    for world in (sqlite_world, postgres_world):
        world.reset()
        play(world, story)
        known = 1 + place % max(1, world.known)
        pictures.append((world.known, world.current(), world.as_of(day, known)))
    (first, now, then), (second, now_too, then_too) = pictures
    assert first == second
    assert not compare(now, now_too)
    assert not compare(then, then_too)


@MANY
@given(batches=BATCHES)
def test_a_batch_sent_again_changes_nothing(sqlite_world: World, batches: list[Sent]) -> None:
    world = sqlite_world
    world.reset()
    play(world, batches)
    last = {(sent.contract, sent.day): sent for sent in batches}
    before = _every_row(world)
    for sent in last.values():
        if sent.kind is not Delivery.MEND:
            outcome = world.deliver(sent)
            assert (outcome.state, outcome.accepted, outcome.known) == ("repeated", 0, None)
    assert _every_row(world) == before


def _every_row(world: World) -> dict[str, list[Any]]:
    with world.engine.connect() as connection:
        return {name: sorted(map(repr, connection.execute(select(t)))) for name, t in world.tables.metadata.tables.items()}


@FEW
@given(story=STORIES)
def test_unlinking_restores_what_linking_joined(sqlite_world: World, story: list[Act]) -> None:
    world = sqlite_world
    world.reset()
    # Links of the story would stay in force or not by what they say; here one pair is to be linked and unlinked.
    play(world, [act for act in story if not isinstance(act, Linked)])
    before = world.current()
    one, other = ("person", PEOPLE[0]), ("person", PEOPLE[1])
    if world.link("link", one, other):
        assert not compare(world.current(), world.reference.picture(LAST_DAY, world.known))
        assert world.link("unlink", one, other)
    assert not compare(world.current(), before)


@FEW
@given(story=STORIES)
def test_resolving_everybody_again_changes_nothing(sqlite_world: World, story: list[Act]) -> None:
    world = sqlite_world
    world.reset()
    play(world, story)
    before = world.current()
    play(world, [Settled(world.settled)])
    assert not compare(world.current(), before)
