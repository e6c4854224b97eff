"""The number of statements per batch is written down in docs/store.md, and does not grow with the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.registry.model import Delivery
from hub.store import acts, batches
from hub.store.engine import writing
from tests.store.counting import statements
from tests.store.small import MARRIAGE, PUPIL, RESIDENT, Row, Sent
from tests.store.world import TODAY, World

# contract -> entities its rows speak of, groups of rules that look at them
SHAPES = {PUPIL: (1, 2), RESIDENT: (2, 2), MARRIAGE: (1, 2)}
KINDS = {
    "snapshot": (5, Delivery.SNAPSHOT), "delta or mend": (6, Delivery.DELTA), "late snapshot": (2, Delivery.SNAPSHOT),
    "late delta or mend": (3, Delivery.DELTA), "repeated": (6, Delivery.DELTA),
}  # fmt: skip


def written_down() -> dict[tuple[str, str], tuple[int, int, int]]:
    """(batch, engine) -> the formula's three numbers."""
    text = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
    found = {}
    for line in text.split("## Statements per batch")[1].splitlines():
        if line.startswith("| ") and line.split("|")[1].strip() in KINDS:
            name, *engines = (cell.strip() for cell in line.strip("|").split("|"))
            for engine, formula in zip(("sqlite", "postgresql"), engines, strict=True):
                parts = re.fullmatch(r"(\d+)(?: \+ (\d+) E \+ (\d+) R)?", formula)
                assert parts is not None, formula
                found[name, engine] = (int(parts[1]), int(parts[2] or 0), int(parts[3] or 0))
    return found


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World(database_url)
    yield made
    made.close()


@pytest.mark.parametrize("contract", SHAPES)
def test_statements_per_batch(world: World, contract: str) -> None:
    formulas = written_down()
    entities, rules = SHAPES[contract]
    for count in (100, 10_000):
        world.reset()
        for name, (day, kind) in KINDS.items():
            base, per_entity, per_rule = formulas[name, world.engine.dialect.name]
            found = _count(world, Sent(contract, day, kind, _rows(contract, count, day)))
            assert found == base + per_entity * entities + per_rule * rules, (name, count)


def _count(world: World, sent: Sent) -> int:
    with writing(world.engine) as connection:
        number, stage, held = world.stage(connection, sent)
        batch = batches.find_batch(connection, number)
        with statements(world.engine) as found:
            acts.merge_batch(connection, world.tables, batch, stage, held, 2, TODAY)
        for table in (stage, held):
            table.drop(connection)
    return len(found)


def _rows(contract: str, count: int, day: int) -> tuple[Row, ...]:
    village = "A1" if day % 2 else "A2"
    if contract == MARRIAGE:
        return tuple({"certificate": str(i), "husband": f"m{i}", "wife": f"w{i}", "event": "married"} for i in range(count))
    if contract == PUPIL:
        return tuple({"number": str(i), "citizen_id": f"p{i}", "name": f"n{i}", "village": village} for i in range(count))
    return tuple(
        {"citizen_id": f"p{i}", "name": f"n{i}", "village": village, "household": f"h{i // 3}", "head": f"p{i // 3 * 3}"}
        for i in range(count)
    )
