"""The main job, judged: five departments in, one set of forms out, and every answer held against the truth ledger.

Three cities, each with its own planted faults: every fault is found and nothing else is, every shareable cell that is filled
is right, and the few that are missing have a reason.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from hub.checks.batch import check_batch
from hub.core.clock import FixedClock, parse_period
from hub.core.settings import load
from hub.demo.comparison import Compared, compare_report
from hub.demo.story import Told, as_data, show, tell
from hub.forms.prefill import report
from hub.store.hub import make_hub
from hub.store.view import open_view
from tests.moments import NOVEMBER

SECOND = date(2026, 10, 31)
PERIODS = {"monthly": "2026-10", "quarterly": "2026Q4", "term": "2026S2"}


@pytest.fixture(scope="module", params=[1, 2, 3], ids=lambda seed: f"seed {seed}")
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    home = tmp_path_factory.mktemp("city")
    hub = make_hub(load(home), FixedClock(NOVEMBER))
    return tell(hub, 1_500, request.param, SECOND, check_batch, Console(file=io.StringIO()))


def every_report(told: Told) -> Iterator[tuple[str, Compared]]:
    """All six forms for every village and township of the city."""
    villages = sorted({row.village for row in told.city.rows[2]["public-security.resident"] if row.village})  # type: ignore[attr-defined]
    townships = sorted({village[:9] + "000" for village in villages})
    with told.hub.engine.connect() as connection, open_view(connection, told.hub.tables) as view:
        for form in told.hub.catalog.forms.values():
            period = parse_period(PERIODS[form.frequency])
            for unit in villages if form.unit_level == "village" else townships:
                filled = report(connection, view, told.hub.catalog, form, unit, period, told.hub.today(), told.hub.vault)
                yield f"{form.id} {unit}", compare_report(told.city, filled)


def test_every_planted_fault_is_found_and_nothing_else(told: Told) -> None:
    assert told.faults.planted > 20
    assert told.faults.missed == ()
    assert told.faults.false == ()


def test_every_filled_cell_is_right_and_none_is_missing(told: Told) -> None:
    compared = list(every_report(told))
    wrong = {name: [(w.line, w.column) for w in c.wrong] for name, c in compared if c.wrong}
    assert wrong == {}
    missing = {name: [(w.line, w.column) for w in c.missing] for name, c in compared if c.missing}
    assert missing == {}
    assert sum(c.right for _, c in compared) == sum(c.shareable for _, c in compared) > 10_000


def test_counts_add_up(told: Told) -> None:
    for batch in told.journey.batches:
        assert batch.read == batch.accepted + batch.unchanged + batch.quarantined, batch.contract


def test_it_is_told_on_a_terminal_and_as_one_object(told: Told) -> None:
    output = io.StringIO()
    show(told, Console(file=output, width=200))
    assert "低保对象花名册" in output.getvalue()
    data = as_data(told)
    assert {"contract", "as_of", "read", "accepted", "unchanged", "quarantined", "seconds"} <= data["batches"][0].keys()
    assert {"form", "unit", "period", "cells", "shareable", "filled", "right", "sections"} <= data["report"].keys()
    assert data["faults"] == {"planted": told.faults.planted, "found": told.faults.planted, "missed": 0, "false": 0}
    assert data["seconds"] > 0


def test_no_identifier_lies_in_the_database(told: Told, tmp_path: Path) -> None:
    """Names, ids, phones and addresses of the whole city: none of them stands in any file of the store."""
    person = next(row for row in told.city.rows[2]["public-security.resident"])
    secrets = [person.citizen_id.encode(), person.name.encode(), person.registered_address.encode()]  # type: ignore[attr-defined]
    for file in sorted(told.hub.settings.home.glob("yibiao*")):
        content = file.read_bytes()
        assert not [secret for secret in secrets if secret in content], file.name
