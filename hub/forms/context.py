"""What the parts of one report share: the view, its deliveries, the villages, the parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from hub.core.clock import Period
from hub.forms.evidence import Deliveries
from hub.registry.model import Catalog
from hub.store.measures import Connection
from hub.store.rosters import Conflicting


class Sealing(Protocol):
    """What a report needs of the vault."""

    def open(self, element: str, blobs: Sequence[bytes | None], /) -> list[str | None]: ...

    def hash(self, space: str, texts: Sequence[str | None], /) -> list[str | None]: ...


class View(Conflicting, Protocol):
    """What the hub knows at some (valid, known): rows, conflicts, and when each dataset last spoke."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """The small number of each dataset, by contract id."""
        ...

    def as_of(self, number: int) -> date | None:
        """The date of the dataset's last delivery; None where there was none."""
        ...

    def stated(self, number: int, subjects: Collection[int]) -> dict[int, date]:
        """When the dataset last stated what it says of each of these subjects."""
        ...


@dataclass(frozen=True)
class Context:
    connection: Connection
    view: View
    catalog: Catalog
    places: Mapping[str, str]  # every place that is counted, with the village that stands for it
    parameters: Mapping[str, date]
    deliveries: Deliveries
    vault: Sealing

    @property
    def villages(self) -> tuple[str, ...]:
        """Those whose rows are read, the places of the past among them."""
        return tuple(sorted(self.places))


def make_context(
    connection: Connection,
    view: View,
    catalog: Catalog,
    places: Mapping[str, str],
    period: Period,
    at: date,
    vault: Sealing,
) -> Context:
    """Reads the date of every dataset once."""
    dates = {contract: view.as_of(number) for contract, number in view.numbers.items()}
    names = {number: contract for contract, number in view.numbers.items()}
    return Context(connection, view, catalog, places, period_parameters(period), Deliveries(catalog, dates, names, at), vault)


def period_parameters(period: Period) -> dict[str, date]:
    """The parameters of expressions for a period; the year is that of its last day."""
    year = period.end.year
    return {
        "period_start": period.start,
        "period_end": period.end,
        "year_start": date(year, 1, 1),
        "year_end": date(year, 12, 31),
    }
