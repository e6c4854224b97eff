"""Puts a delivery of the sample city into place, as the departments would: files in folders, a database, an HTTP service's state."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from hub.sample.city import City
from hub.sample.departments import civil_affairs, education, health, human_resources, public_security
from hub.sample.exports import KEYS, columns
from hub.sample.rows import CONTRACTS, DEREGISTRATION, ENROLMENT, HEALTH_RECORD, MATERNITY, RESIDENT, SCHOOL, Key, Row

Record = dict[str, Any]  # column of the export -> cell
_KINDS = {
    RESIDENT: "csv",
    DEREGISTRATION: "csv",
    **dict.fromkeys(civil_affairs.LAYOUTS, "xlsx"),
    ENROLMENT: "ndjson",
    SCHOOL: "parquet",
}


def records(city: City, contract: str, delivery: int) -> list[Record]:
    """What a delivery of a dataset holds, cell by cell, faults included, in the order in which it is read: of a database, that of the key."""
    return [record for _, record in placed(city, contract, delivery)]


def placed(city: City, contract: str, delivery: int) -> list[tuple[Key, Record]]:
    """The records with the true key of the row behind each: a duplicated row gives two, a spoilt key still names its row."""
    writers = columns(city.places)[contract]
    faults = city.faults_of(contract, delivery)

    def written(row: Row) -> Record:
        return {name: cell(row) for name, cell in writers.items()}

    found: list[tuple[Key, Record]] = []
    for row in city.rows[delivery][contract]:
        record = written(row)
        fault = faults.get(row.key)
        if fault is not None and fault.twin is None:
            record[fault.field] = fault.value
        found.append((row.key, record))
        if fault is not None and fault.twin is not None:
            found.append((row.key, written(fault.twin)))
    if contract in human_resources.COLUMNS:
        found.sort(key=lambda each: [each[1][name] for name in KEYS[contract]])
    return found


def place_of(city: City, contract: str, delivery: int) -> dict[Key, list[int]]:
    """The 1-based record numbers of each row in a delivery, by its true key; findings are compared with it."""
    places: dict[Key, list[int]] = {}
    for number, (key, _) in enumerate(placed(city, contract, delivery), 1):
        places.setdefault(key, []).append(number)
    return places


def deliver(city: City, delivery: int, folder: Path) -> list[Path]:
    """Puts one delivery (1 or 2) into place under ``folder``, human resources' system as SQLite; returns the files.

    ``human-resources/hr.db`` is a running system: a delivery replaces what it held. The health service has no files: give ``health_records`` to its server.
    """
    written = deliver_files(city, delivery, folder)
    database = folder / "human-resources" / "hr.db"
    database.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(database)
    try:
        load_database(city, delivery, connection, "qmark")
    finally:
        connection.close()
    return [*written, database]


def deliver_files(city: City, delivery: int, folder: Path) -> list[Path]:
    """Writes the files alone: ``<department>/<dataset>-YYYYMMDD.<kind>``; both deliveries can stand side by side."""
    day = city.days[delivery]
    written: list[Path] = []
    for contract in CONTRACTS:
        kind = _KINDS.get(contract)
        if kind is None:
            continue
        department, dataset = contract.split(".", 1)
        path = folder / department / f"{dataset}-{day:%Y%m%d}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        found, names = records(city, contract, delivery), list(columns(city.places)[contract])
        if kind == "csv":
            public_security.write(found, names, path)
        elif kind == "xlsx":
            civil_affairs.write(found, names, civil_affairs.LAYOUTS[contract], day, path)
        elif kind == "ndjson":
            education.write_lines(found, path)
        else:
            education.write_parquet(found, names, path)
        written.append(path)
    return written


def load_database(city: City, delivery: int, connection: human_resources.Connection, paramstyle: str) -> None:
    """Fills the human-resources system behind any DB-API connection; ``paramstyle``: qmark, format or pyformat."""
    wanted = {contract: records(city, contract, delivery) for contract in human_resources.COLUMNS}
    human_resources.load(connection, wanted, city.days[delivery], paramstyle)


def health_records(city: City, delivery: int) -> dict[str, list[Record]]:
    """What the health service answers after a delivery, by path, ordered as it gives it."""
    return {health.PATHS[contract]: records(city, contract, delivery) for contract in (HEALTH_RECORD, MATERNITY)}
