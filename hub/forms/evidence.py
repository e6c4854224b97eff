"""State, sources and date of a cell: what the numbers that came with a value say about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from hub.forms.model import State
from hub.registry import nodes as n
from hub.registry.model import Catalog
from hub.registry.suppliers import Behind, behind
from hub.store.rosters import Read, leading_references, passes_on


@dataclass(frozen=True)
class Deliveries:
    """When each dataset last delivered; None where it has not."""

    catalog: Catalog
    dates: Mapping[str, date | None]  # by contract id
    names: Mapping[int, str]  # contract id by dataset number
    at: date

    def delivered(self, contract: str) -> bool:
        return self.dates.get(contract) is not None

    def as_of(self, contracts: Iterable[str]) -> date | None:
        """The oldest date among them."""
        return min((day for contract in contracts if (day := self.dates.get(contract)) is not None), default=None)

    def stale(self, contracts: Iterable[str]) -> bool:
        """Whether one of them is older than it promised to be."""
        for contract in contracts:
            day, promise = self.dates.get(contract), self.catalog.contracts[contract].freshness_days
            if day is not None and promise is not None and day + timedelta(days=promise) < self.at:
                return True
        return False


@dataclass(frozen=True)
class Evidence:
    """How to judge the cells of one field: what is behind the aggregates of its expression."""

    deliveries: Deliveries
    aggregates: tuple[Behind, ...]
    picks_record: bool  # first(...): the record that was found is its own source
    references: int = 0  # how many of a read's sources are of references that lead to the aggregates

    def judge(self, read: Read, conflicting: bool) -> tuple[State, tuple[str, ...]]:
        """The state of a cell, and the contracts behind it.

        Blank: every path that the value needs was stated by somebody, and every collection's dataset has delivered.
        """
        spoken = {self.deliveries.names[number] for number in read.sources if number in self.deliveries.names}
        silent = 0 in read.sources
        if not (self.picks_record and len(read.sources) > self.references):
            for supposed in self.aggregates:
                contracts = supposed.contracts(self.deliveries.delivered)
                silent = silent or contracts is None
                spoken.update(contracts or ())
        sources = tuple(sorted(spoken))
        if conflicting:
            return State.CONFLICTING, sources
        if silent and (read.value is None or self.aggregates):
            return State.MISSING, sources
        if read.value is None:
            return State.BLANK, sources
        return (State.STALE if self.deliveries.stale(sources) else State.FILLED), sources


def evidence_for(deliveries: Deliveries, node: n.Node) -> Evidence:
    """The evidence for a bound expression."""
    overs = [part for part in n.walk(node) if isinstance(part, n.Over)]
    suppliers = tuple(behind(deliveries.catalog, over) for over in overs)
    return Evidence(deliveries, suppliers, bool(overs) and passes_on(node), len(leading_references(deliveries.catalog, node)))
