"""The date of a row is that of the batch that last stated it: a batch that held the row back says nothing of it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from hub.registry.model import Delivery
from hub.store.positions import Moment, day_of
from hub.store.state import rows
from tests.store.small import POOR, Sent, day
from tests.store.world import LAST_DAY, World

PEOPLE = ("p1", "p2", "p3")


def delivered(on: int, held: str | None) -> Sent:
    """An unchanged list in which one row is spoilt."""
    spoken = tuple({"citizen_id": person, "village": "A1"} for person in PEOPLE if person != held)
    return Sent(POOR, on, Delivery.SNAPSHOT, spoken, () if held is None else (held,))


@pytest.mark.parametrize("engine", ["sqlite_world", "postgres_world"])
def test_a_row_held_back_keeps_the_date_of_the_last_list_that_stated_it(engine: str, request: pytest.FixtureRequest) -> None:
    """Each list spoils another row: what was held in the list before says nothing about the date of the one held now."""
    world: World = request.getfixturevalue(engine)
    world.reset()
    for on, held in ((1, None), (2, "p1"), (3, "p2"), (4, "p3")):
        world.deliver(delivered(on, held))
    assert dates(world, None) == [day(3), day(4), day(4)]
    assert dates(world, Moment(day(LAST_DAY), world.known)) == [day(3), day(4), day(4)]
    assert dates(world, Moment(day(3), world.known)) == [day(2), day(3), day(3)]


def dates(world: World, at: Moment | None) -> list[date]:
    state = rows(world.tables.datasets[POOR], at, None).subquery()
    with world.engine.connect() as connection:
        return sorted(day_of(pos) for pos in connection.execute(select(state.c.stated)).scalars())
