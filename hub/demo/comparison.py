"""What the hub found and filled, held against the truth ledger of the sample city. Pure once things are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select

from hub.demo.journey import Journey
from hub.forms.model import Cell, Report, State, Value
from hub.intake.seal import open_raw
from hub.pipeline import Travelled, pulled_contracts
from hub.registry.model import FieldKind, FormField
from hub.sample import truth
from hub.sample.city import City
from hub.store import batches
from hub.store.hub import Hub
from hub.store.ledger_tables import conflict, subject_key


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that differs from the truth."""

    line: int
    column: str
    expected: Any
    found: Value
    state: State


@dataclass(frozen=True, slots=True)
class Compared:
    """Of one report: cells that a department could fill, those filled, those equal to the truth."""

    cells: int
    shareable: int
    filled: int
    right: int
    wrong: tuple[Wrong, ...]
    missing: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Faults:
    """Planted faults against findings, conflicts and broken rules."""

    planted: int
    found: int
    missed: tuple[str, ...]
    false: tuple[str, ...]


def compare_report(city: City, report: Report) -> Compared:
    """Cell by cell; lines are matched in order of their own content, because a report is sorted for people."""
    expected = truth.report(city, report.form.id, report.unit, report.period.start, report.period.end)
    cells = shareable = filled = right = 0
    wrong: list[Wrong] = []
    missing: list[Wrong] = []
    for section, lines in zip(report.sections, expected.values(), strict=True):
        fields = section.section.fields
        pairs = _paired(fields, [line.cells for line in section.lines], [line["cells"] for line in lines])
        for number, (found_cells, truth_cells) in enumerate(pairs, 1):
            for field, cell in zip(fields, found_cells, strict=True):
                cells += 1
                if field.kind is FieldKind.ENTRY:
                    continue
                shareable += 1
                what = Wrong(number, field.title.zh, truth_cells.get(field.title.zh), cell.value, cell.state)
                if cell.state is State.MISSING:
                    missing.append(what)
                    continue
                filled += 1
                if _same(truth_cells.get(field.title.zh), cell.value):
                    right += 1
                else:
                    wrong.append(what)
        for extra in range(abs(len(section.lines) - len(lines))):
            wrong.append(Wrong(-extra, "", len(lines), len(section.lines), State.MISSING))
    return Compared(cells, shareable, filled, right, tuple(wrong), tuple(missing))


def _paired(
    fields: Sequence[FormField], found: Sequence[Sequence[Cell]], expected: Sequence[Mapping[str, Any]]
) -> Iterable[tuple[Sequence[Cell], Mapping[str, Any]]]:
    """Lines that speak of the same: by the first identifying column that both have, else in order."""
    by = next((i for i, field in enumerate(fields) if field.title.zh in _KEYS), None)
    if by is None:
        return list(zip(found, expected, strict=False))
    title = fields[by].title.zh
    wanted = {str(line[title]): line for line in expected}
    return [(line, wanted.get(str(line[by].value), {})) for line in found]


_KEYS = ("低保证号", "身份证号码")


def _same(expected: Any, found: Value) -> bool:
    """The truth gives money in fen; a cell gives yuan."""
    if isinstance(found, Decimal) and isinstance(expected, int) and not isinstance(expected, bool):
        return expected == found * 100
    if isinstance(found, tuple) and isinstance(expected, list | tuple):
        return sorted(found) == sorted(expected)
    return bool(expected == found)


def compare_faults(hub: Hub, city: City, journey: Journey) -> Faults:
    """Every planted fault must be found, and nothing else: rows held back, value conflicts, broken rules."""
    planted = _expected(hub, city)
    found = _held(hub, journey) | _open_conflicts(hub)
    return Faults(len(planted), len(planted & found), tuple(sorted(planted - found)), tuple(sorted(found - planted)))


def _expected(hub: Hub, city: City) -> set[str]:
    held = {
        _held_row(fault.contract, city.days[delivery], who, fault.rule)
        for contract in pulled_contracts(hub.catalog)
        for delivery in (1, 2)
        for record, fault in truth.held(city, contract, delivery).items()
        for who in [str(record) if _in_files(hub, contract) else "|".join(str(part) for part in fault.key)]
    }
    persons = _subjects(hub, [person for person, _ in (*truth.conflicts(city), *truth.broken_rules(city))])
    conflicts = {f"conflict {persons.get(person, 'unknown')} {element}" for person, element in truth.conflicts(city)}
    rules = {f"conflict {persons.get(person, 'unknown')} rule:{rule}" for person, rule in truth.broken_rules(city)}
    return held | conflicts | rules


def _in_files(hub: Hub, contract: str) -> bool:
    """A file's records have numbers; a database and a paged service give rows in their own order, known by their keys."""
    source = hub.catalog.contracts[contract].source
    return source is not None and source.kind == "files"


def _held_row(contract: str, as_of: date, who: str, rule: str) -> str:
    """A held row; a key is hashed, because this is printed."""
    shown = who if who.isdigit() and len(who) < 10 else sha256(who.encode()).hexdigest()[:8]
    return f"held {contract} {as_of} {shown} {rule}"


def _subjects(hub: Hub, citizen_ids: Sequence[str]) -> dict[str, int]:
    hashes = dict(zip(hub.vault.hash("key:person", citizen_ids), citizen_ids, strict=True))
    with hub.engine.connect() as connection:
        rows = connection.execute(select(subject_key.c.hash, subject_key.c.key_id).where(subject_key.c.hash.in_(list(hashes)))).all()
    return {hashes[row.hash]: row.key_id for row in rows}


def _held(hub: Hub, journey: Journey) -> set[str]:
    found: set[str] = set()
    with hub.engine.connect() as connection:
        for travelled in journey.batches:
            keys = {} if _in_files(hub, travelled.contract) else _held_keys(hub, connection, travelled)
            for finding in batches.findings_of(connection, travelled.batch, limit=100_000):
                if finding["severity"] == "quarantine":
                    who = keys.get(finding["record"], str(finding["record"]))
                    found.add(_held_row(travelled.contract, travelled.as_of, who, finding["rule"]))
    return found


def _held_keys(hub: Hub, connection: Connection, travelled: Travelled) -> dict[int, str]:
    """record -> the key of a held row as it came."""
    contract = hub.catalog.contracts[travelled.contract]
    rows = batches.quarantine_of(connection, travelled.batch)
    raw = open_raw([blob for _, _, blob in rows], contract, hub.vault)
    return {row[0]: "|".join(came.get(f.physical) or "" for f in contract.key) for row, came in zip(rows, raw, strict=True)}


def _open_conflicts(hub: Hub) -> set[str]:
    with hub.engine.connect() as connection:
        rows = connection.execute(select(conflict.c.subject_id, conflict.c.what).where(conflict.c.closed.is_(None))).all()
    return {f"conflict {row.subject_id} {row.what}" for row in rows}
