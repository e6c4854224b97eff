"""Random small cities for hypothesis, and the in-memory engine that they are tried on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine

from tests.store.small_city import CATALOG, VILLAGES, City, TableView

_DATES = st.dates(date(1940, 1, 1), date(2026, 12, 31)) | st.sampled_from([date(1966, 10, 31), date(1966, 11, 1), date(2012, 2, 29)])
_DATASETS = CATALOG.dataset_numbers


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def cities(draw: st.DrawFn) -> City:
    """Up to six people in up to three households, with benefits and memberships; any value may be empty."""
    people = draw(st.integers(1, 6))
    households = draw(st.integers(1, 3))
    numbers = st.integers(1, people)
    rows: dict[str, list[dict[str, Any]]] = {"person": [], "household": [], "benefit": [], "membership": [], "place": []}
    for subject in range(1, people + 1):
        rows["person"].append(
            _with_sources(draw, subject, "person", {
                "citizen_id": f"hash-{subject}", "name": draw(_maybe(st.sampled_from(["hash-a", "hash-b"]))),
                "phone": draw(_maybe(st.just(f"hash-phone-{subject}"))), "sex": draw(_maybe(st.sampled_from(["1", "2"]))),
                "birth_date": draw(_maybe(_DATES)), "village": draw(_maybe(st.sampled_from(VILLAGES))),
                "left_behind": draw(_maybe(st.booleans())), "household": draw(_maybe(st.integers(1, households))),
            })
        )  # fmt: skip
    for subject in range(1, households + 1):
        values = {"number": f"H{subject}", "head": draw(_maybe(numbers))}
        rows["household"].append(_with_sources(draw, subject, "household", values))
    for record in range(draw(st.integers(0, 8))):
        since = draw(_maybe(_DATES.map(lambda day: day.replace(day=1))))
        rows["benefit"].append({
            "owner": draw(numbers), "record": f"b{record}", "dataset": draw(st.sampled_from([1, 2])),
            "category": draw(_maybe(st.sampled_from("123"))), "amount": draw(_maybe(st.integers(-5, 500))), "since": since,
            "account": draw(_maybe(st.just(f"hash-account-{record}"))), "account_sealed": None,
        })  # fmt: skip
    for record in range(draw(st.integers(0, 6))):
        rows["membership"].append({
            "owner": draw(st.integers(1, households)), "record": f"m{record}", "dataset": _DATASETS["police.household"],
            "person": draw(_maybe(numbers)), "priority": draw(_maybe(st.booleans())),
        })  # fmt: skip
    return City(rows, {contract: date(2026, 10, 31) for contract in CATALOG.contracts})


def _with_sources(draw: st.DrawFn, subject: int, entity: str, values: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"subject_id": subject, **values}
    for element in CATALOG.stored_elements(entity):
        row[f"{element.short}_source"] = 5 if values[element.short] is not None else draw(st.sampled_from([0, 5]))
        if element.sealed:
            value = values[element.short]
            row[f"{element.short}_sealed"] = None if value is None else json.dumps([element.name, value]).encode()
    return row


def days_around(day: date) -> list[date]:
    return [day - timedelta(days=1), day, day + timedelta(days=1)]


@contextmanager
def loaded(city: City) -> Iterator[tuple[Connection, TableView]]:
    """The city in an SQLite database in memory."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        view = TableView(city)
        view.create(connection)
        yield connection, view
    engine.dispose()
