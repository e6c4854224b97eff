"""What a township typed, as a delivery of the township's own contract: taken the one way, by a worker, once its reports are submitted.

A row says all that the contract has of its subject: what was typed, and for its other fields what the township said before. What
stays in its report (remarks, observations) is no delivery.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl
from sqlalchemy import Connection, select

from hub.core.clock import parse_period
from hub.forms.canonical import plain
from hub.forms.edits import EditKind
from hub.forms.entries import Entry, entries
from hub.forms.indicators import PLACE_ENTITY
from hub.forms.lifecycle import OPEN
from hub.forms.model import Cell, Value
from hub.forms.working import Worked, look
from hub.intake.port import End, Frame, Offer
from hub.registry import nodes as n
from hub.registry.kinds import kind_of
from hub.registry.model import Contract, Delivery, Element
from hub.store.edits import Edit
from hub.store.hub import Hub
from hub.store.parts import in_parts
from hub.store.rosters import decode


@dataclass(frozen=True, slots=True)
class Said:
    """One typed value: of which subject (its number in the store; a place is known by its ``place`` code), for which element."""

    element: Element
    subject: int | None
    place: str
    text: str | None  # None: there is nothing


def contracts_typed(hub: Hub, part: Worked) -> set[str]:
    """The township's contracts that a submitted report says something for."""
    return {entry.contract for entry, _, _, _ in _typed(hub, part) if entry.contract is not None}


def submitted(hub: Hub, contract: Contract, form: str, period: str, units: Sequence[str], name: str) -> SubmittedSource:
    """The rows of these units' reports for one contract. ``name`` tells this delivery from others."""
    parts = [part for part in look(hub, form, period, units).values() if part.standing not in OPEN]  # taken back meanwhile: no word
    said = [one for part in parts for one in _said(hub, part, contract.id)]
    as_of = parse_period(period).end
    with hub.engine.connect() as connection:
        rows = _rows(hub, connection, contract, said)
    return SubmittedSource(contract, rows, Offer(name, as_of, Delivery.DELTA))


class SubmittedSource:
    """A source with one delivery."""

    def __init__(self, contract: Contract, rows: Sequence[Mapping[str, str | None]], offer: Offer) -> None:
        self._contract, self._rows, self.offer = contract, rows, offer

    def offers(self, after: date | None, cursor: str | None) -> list[Offer]:
        return [self.offer] if self._rows else []

    def read(self, offer: Offer, cursor: str | None = None) -> Iterator[Frame | End]:
        names = [field.physical for field in self._contract.fields]
        count = len(self._rows)
        yield Frame(
            values=pl.DataFrame([{name: row.get(name) for name in names} for row in self._rows], schema=dict.fromkeys(names, pl.String)),
            kinds=pl.DataFrame(),
            places=pl.DataFrame(
                {"record": range(1, count + 1), "line": [None] * count, "fault": [None] * count, "raw": [None] * count},
                schema={"record": pl.Int64, "line": pl.Int64, "fault": pl.String, "raw": pl.String},
            ),
        )
        yield End(count, complete=True)

    def close(self) -> None:
        """Nothing is open."""


def _typed(hub: Hub, part: Worked) -> Iterator[tuple[Entry, Edit, Cell, str]]:
    """Each typed cell that the report still has: how it is read, its edit, what was filled in, and the line's place."""
    for section in part.base.sections:
        found = entries(hub.catalog, section.section, hub.today())
        for line in section.lines:
            for name, entry in found.items():
                edit = part.typed.cells.get((line.code, name))
                if edit is not None and edit.kind in (EditKind.ENTER, EditKind.CLEAR):
                    yield entry, edit, section.cell(line, name), line.place


def _said(hub: Hub, part: Worked, contract: str) -> Iterator[Said]:
    for entry, edit, cell, place in _typed(hub, part):
        if entry.contract == contract:
            value = edit.content.get("value") if edit.kind == EditKind.ENTER else None
            yield Said(entry.element, cell.subject, place, None if value is None else _text(value))


def _rows(hub: Hub, connection: Connection, contract: Contract, said: Iterable[Said]) -> list[dict[str, str | None]]:
    physical = {field.element: field.physical for field in contract.fields if field.element is not None}
    rows: dict[tuple[str, object], dict[str, str | None]] = {}
    for role in contract.roles:
        of_role = [one for one in said if one.element.entity == role.entity]
        subjects = sorted({one.subject for one in of_role if one.subject is not None})
        before = _before(hub, connection, contract, role.entity, subjects)
        for one in of_role:
            who: object = one.place if role.entity == PLACE_ENTITY else one.subject
            if who is None:
                continue  # the line has nobody whom it could be said of: it stays in its report
            row = rows.setdefault((role.entity, who), dict(before.get(one.subject or 0, {})))
            if role.entity == PLACE_ENTITY:
                row[contract.field(role.key).physical] = one.place
            row[physical[one.element.name]] = one.text
    return [row for row in rows.values() if all(row.get(field.physical) for field in contract.key)]


def _before(
    hub: Hub, connection: Connection, contract: Contract, entity: str, subjects: Sequence[int]
) -> dict[int, dict[str, str | None]]:  # fmt: skip
    """Of each subject its key, and what stands as said by this contract, by physical column."""
    golden, number = hub.tables.golden[entity], hub.tables.datasets[contract.id].number
    kept = [(field.physical, hub.catalog.held(field), hub.catalog.elements[field.element]) for field in contract.fields if field.element]
    kept = [one for one in kept if one[2].entity == entity]
    found: dict[int, dict[str, str | None]] = {}
    for part in in_parts(subjects):
        chosen = select(golden).where(golden.c.subject_id.in_(part))
        for row in connection.execute(chosen).mappings():
            texts: dict[str, str | None] = {}
            for physical, held, element in kept:
                if hub.catalog.is_key(element.name) or row[f"{element.short}_source"] == number:
                    blob = row.get(f"{element.short}_sealed")
                    stored = hub.vault.open(element.name, [blob])[0] if element.sealed else row[element.short]
                    texts[physical] = None if stored is None else _text(plain(decode(kind_of(n.Path(0, (), held)), stored)))
            found[row["subject_id"]] = texts
    return found


def _text(value: Value | list[str]) -> str:
    """A value as a department would write it: read back, it is the same."""
    match value:
        case bool():
            return "是" if value else "否"
        case Decimal():
            return f"{value:f}"
        case list():
            return ",".join(value)
    return str(value)
