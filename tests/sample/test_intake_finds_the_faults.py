"""The connectors and row checks, run over both deliveries, hold back the rows in which a fault was planted, and no other.

Keys that come twice are not judged row by row, so those faults are looked for where batches are staged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from hub.intake.normalise import Context, normalise_frame, prepare
from hub.intake.port import End, SourceContext
from hub.registry.load import load
from hub.registry.model import Catalog
from hub.sample import rows as r
from hub.sample import truth
from hub.sample.city import City, build
from hub.sample.deliver import deliver, health_records
from hub.sample.health_server import HealthServer

ROOT = Path(__file__).parents[2]
SECOND = date(2026, 10, 31)
TODAY = SECOND + timedelta(days=5)


@dataclass(frozen=True)
class Systems:
    """The sample's source systems, running, and what it takes to pull from them."""

    city: City
    folder: Path
    server: HealthServer
    catalog: Catalog

    def deliver(self, delivery: int) -> None:
        deliver(self.city, delivery, self.folder)
        self.server.advance(health_records(self.city, delivery), self.city.days[delivery])

    def held(self, contract: str, delivery: int) -> tuple[dict[int, set[str]], End]:
        """Record number -> rules broken, and the end of the pull."""
        agreed = self.catalog.contracts[contract]
        assert agreed.source is not None
        secrets = {
            "health-url": self.server.url,
            "health-token": "sample",
            "human-resources-url": f"sqlite:///{self.folder / 'human-resources' / 'hr.db'}",
        }
        (entry,) = entry_points(group="yibiao.sources", name=agreed.source.kind)
        source = entry.load()(agreed, dict(agreed.source.options), SourceContext(self.folder, TODAY, secrets))
        plan = prepare(agreed, self.catalog, Context(today=TODAY))
        found: dict[int, set[str]] = {}
        end: End | None = None
        try:
            (offer,) = [offer for offer in source.offers(None, None) if offer.as_of == self.city.days[delivery]]
            for part in source.read(offer):
                if isinstance(part, End):
                    end = part
                    continue
                for finding in normalise_frame(part, plan).findings.iter_rows(named=True):
                    found.setdefault(finding["record"], set()).add(finding["rule"])
        finally:
            source.close()
        assert end is not None
        return found, end


@pytest.fixture(scope="module", params=[(500, 1), (1500, 2)], ids=str)
def systems(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systems]:
    people, seed = request.param
    with HealthServer("sample") as server:
        yield Systems(build(people, seed, SECOND), tmp_path_factory.mktemp("systems"), server, load([ROOT / "schemas", ROOT / "contracts"]))


def test_exactly_the_planted_rows_are_held_back(systems: Systems) -> None:
    for delivery in (1, 2):
        systems.deliver(delivery)
        for contract in r.CONTRACTS:
            found, end = systems.held(contract, delivery)
            planted = {number: fault.rule for number, fault in truth.held(systems.city, contract, delivery).items() if fault.twin is None}
            assert found.keys() == planted.keys(), (contract, delivery)
            assert all(planted[number] in rules for number, rules in found.items()), (contract, delivery, found)
            assert end.complete
