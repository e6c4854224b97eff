"""The main job on the sample city: publish the definitions, let the departments deliver twice, pull every contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from hub.demo.departments import Departments
from hub.pipeline import Checker, Travelled, pull, pulled_contracts
from hub.store.hub import Hub


@dataclass(slots=True)
class Journey:
    """All batches, in the order in which they travelled."""

    batches: list[Travelled] = field(default_factory=list)


def travel_all(hub: Hub, systems: Departments, check: Checker, told: Callable[[Travelled], None]) -> Journey:
    """Both deliveries of every contract; ``told`` hears of each batch as it closes."""
    journey = Journey()
    for delivery in (1, 2):
        systems.deliver(delivery)
        for travelled in _pull_all(hub, systems, check):
            journey.batches.append(travelled)
            told(travelled)
    return journey


def _pull_all(hub: Hub, systems: Departments, check: Checker) -> Iterator[Travelled]:
    for contract in pulled_contracts(hub.catalog):
        for travelled in pull(hub, contract, systems.folder, check):
            yield replace(travelled, seconds=round(travelled.seconds, 3))
