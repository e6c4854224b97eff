"""The store beside its reference: every act is done to both, and what the database says is read back in clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Table, Text, select

from hub.registry.model import Delivery, ValueType
from hub.store import acts, batches
from hub.store.acts import Outcome
from hub.store.batches import State
from hub.store.engine import STAGE, open_engine, writing
from hub.store.golden import suppliers
from hub.store.ledger_tables import batch, conflict, decision, held, link, member, row_key, subject_key, tick
from hub.store.migrate import migrate_catalog, migrate_ledger
from hub.store.positions import Moment
from hub.store.tables import StoreTables, store_tables
from hub.store.view import View, open_view
from tests.store.reference import DECIDED, Cell, Dispute, Key, Picture, Reference, Subject
from tests.store.small import CATALOGS, Sent, blob, day, digest, staged, subject_hash

TODAY = day(400)
LAST_DAY = 399  # of every story
_WORDS: dict[str, str] = {}  # digest -> what it stands for


class World:
    """One database, emptied by ``reset``. ``differences`` is what the properties assert to be empty."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = open_engine(url)
        migrate_ledger(self.engine)
        with writing(self.engine) as connection:
            first = migrate_catalog(connection, CATALOGS[0])
        self._tables = [store_tables(c, {name: t.number for name, t in first.datasets.items()}) for c in CATALOGS]
        self.reset()

    def reset(self) -> None:
        self.reference = Reference()
        self.settled = 0
        self.shown: dict[int, Picture] = {}  # known -> what was current then
        with writing(self.engine) as connection:
            for table in (batch, conflict, decision, held, link, member, row_key, subject_key, *self.tables.metadata.tables.values()):
                connection.execute(table.delete())
            connection.execute(tick.update().values(known=0))

    def close(self) -> None:
        self.engine.dispose()

    @property
    def tables(self) -> StoreTables:
        return self._tables[self.settled]

    @property
    def known(self) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(select(tick.c.known)).scalar_one())

    # Acts ---------------------------------------------------------------------------------------------------------

    def deliver(self, sent: Sent) -> Outcome:
        """Stage and merge one delivery; its counts must be the reference's."""
        _remember(sent)
        with writing(self.engine) as connection:
            outcome = self.merge(connection, sent)
        counts = self.reference.deliver(sent, self.known)
        if counts is None:
            assert outcome.state is State.REPEATED
        else:
            assert (outcome.accepted, outcome.unchanged, outcome.ended) == (counts.accepted, counts.unchanged, counts.ended), sent
            assert outcome.accepted + outcome.unchanged == len(sent.rows)
        return outcome

    def merge(self, connection: Connection, sent: Sent) -> Outcome:
        number, stage, kept_back = self.stage(connection, sent)
        outcome = acts.merge_batch(connection, self.tables, batches.find_batch(connection, number), stage, kept_back, 2, TODAY)
        for table in (stage, kept_back):
            table.drop(connection)
        return outcome

    def stage(self, connection: Connection, sent: Sent) -> tuple[int, Table, Table]:
        """A batch ready to be merged: its number, its staged rows and the hashes of the held ones."""
        dataset = self.tables.datasets[sent.contract]
        number = batches.open_batch(connection, dataset.number, "1.0.0", sent.kind, day(sent.day), "test", 1)
        stage = dataset.stage(number)
        kept_back = Table(f"batch_{number}_held", MetaData(), Column("row_hash", Text), schema=STAGE)
        for table in (stage, kept_back):
            table.create(connection)
        if sent.rows:
            connection.execute(stage.insert(), staged(sent))
        if sent.held:
            connection.execute(kept_back.insert(), [{"row_hash": digest("key", key)} for key in sent.held])
        content = digest(sent.kind, sorted(map(repr, staged(sent))), sorted(sent.held))
        batches.write(
            connection, number, read=len(sent.rows) + len(sent.held), quarantined=len(sent.held), digest=content, state=State.STAGED
        )
        return number, stage, kept_back

    def link(self, act: str, one: Key, other: Key) -> bool:
        """False where one of the keys is not known yet: then there is nothing to link."""
        with writing(self.engine) as connection:
            numbers = [_key_id(connection, key) for key in (one, other)]
            if None in numbers or one == other:
                return False
            do = acts.link_keys if act == "link" else acts.unlink_keys
            do(connection, self.tables, one[0], int(numbers[0] or 0), int(numbers[1] or 0), "test", "test", 3, TODAY)
        self.reference.link(act, one, other, self.known)
        return True

    def decide(self, key: Key, short: str, value: Any) -> bool:
        """A person settles an element; False where nobody has heard of the key."""
        element = CATALOGS[0].elements[f"{key[0]}.{short}"]
        with writing(self.engine) as connection:
            number = _key_id(connection, key)
            if number is None:
                return False
            subject = next((s for k, s in self._members(connection).items() if k == number), number)
            key = _keys(connection)[subject]
            given: dict[str, Any] = {_VALUE_COLUMNS.get(element.type, "value_text"): value}
            if element.sealed and value is not None:
                _WORDS[digest(element.name, value)] = value
                given = {"value_text": digest(element.name, value), "value_sealed": blob(element.name, value)}
            acts.decide(connection, self.tables, key[0], subject, short, given, "test", "test", 4, TODAY)
        self.reference.decide(key, element.name, value, self.known)
        return True

    def settle(self, settled: int) -> None:
        """The city changes who is right."""
        self.settled = settled
        with writing(self.engine) as connection:
            acts.resolve_all(connection, self.tables, 5, TODAY)
        self.reference.settle(settled, self.known)

    # What the database says ---------------------------------------------------------------------------------------

    def current(self) -> Picture:
        with self.engine.connect() as connection, open_view(connection, self.tables) as view:
            golden = {e: self.tables.golden[e] for e in self.tables.golden}
            found = connection.execute(select(conflict).where(conflict.c.closed.is_(None))).all()
            names = self._subjects(connection, None)
            numbers = {t.number: name for name, t in self.tables.datasets.items()}
            disputes = {(names[r.subject_id], r.what, numbers.get(r.source)) for r in found}
            assert len(disputes) == len(found)
            return Picture(
                self._golden(connection, golden, None),
                frozenset(d for d in disputes if d[2] is not None),
                frozenset(d for d in disputes if d[2] is None),
                self._benefits(connection, view, None),
            )

    def as_of(self, valid_day: int, known: int, *, from_now: bool = False) -> Picture:
        """By the same definition as of a moment, under the settlement that held then. Rules are about the present only.
        ``from_now``: as a view does it where nothing was recorded later, from the current tables and what changed since."""
        tables = self._tables[self.reference._settlement(known)]
        with self.engine.connect() as connection, open_view(connection, tables, Moment(day(valid_day), known)) as view:
            # Never the short cut to the current tables but where it is on trial itself.
            view.at, view.nothing_later = Moment(day(valid_day), known), from_now
            golden = {entity: view._as_of(entity) for entity in tables.golden}
            names = self._subjects(connection, known)
            disputes: set[Dispute] = set()
            numbers = {t.number: name for name, t in tables.datasets.items()}
            for entity, table in golden.items():
                for row in connection.execute(select(table)).mappings():
                    for element in CATALOGS[0].stored_elements(entity):
                        for source in differing(tables, element.name, row[f"{element.short}_differing"]):
                            disputes.add((names[row["subject_id"]], element.name, numbers[source]))
            return Picture(
                self._golden(connection, golden, known), frozenset(disputes), frozenset(), self._benefits(connection, view, known)
            )

    def _golden(self, connection: Connection, golden: Mapping[str, Any], known: int | None) -> dict[Subject, dict[str, Cell]]:
        names, keys = self._subjects(connection, known), _keys(connection)
        numbers: dict[int, str | None] = {t.number: name for name, t in self.tables.datasets.items()}
        numbers |= {0: None, -1: DECIDED}
        found: dict[Subject, dict[str, Cell]] = {}
        for entity, table in golden.items():
            for row in connection.execute(select(table)).mappings():
                cells = found.setdefault(names[row["subject_id"]], {})
                assert not cells
                for element in CATALOGS[0].stored_elements(entity):
                    value = row[element.short]
                    if element.sealed:
                        sealed = row[f"{element.short}_sealed"]
                        assert (value is None) == (sealed is None), element.name
                        value = None if value is None else _WORDS[value]
                        assert value is None or bytes(sealed) == blob(element.name, value)
                    elif element.type is ValueType.REFERENCE and value is not None:
                        value = keys[value][1]
                    cells[element.short] = Cell(value, numbers[row[f"{element.short}_source"]])
        return found

    def _benefits(self, connection: Connection, view: View, known: int | None) -> tuple[tuple[Any, ...], ...]:
        names = self._subjects(connection, known)
        rows = connection.execute(select(view.records("benefit"))).mappings()
        found = [(names[r["owner"]], r["amount"], None if r["account"] is None else _WORDS[r["account"]]) for r in rows]
        return tuple(sorted(found, key=repr))

    def _members(self, connection: Connection, known: int | None = None) -> dict[int, int]:
        chosen = select(member).order_by(member.c.known)
        if known is not None:
            chosen = chosen.where(member.c.known <= known)
        return {row.key_id: row.subject_id for row in connection.execute(chosen)}

    def _subjects(self, connection: Connection, known: int | None) -> dict[int, Subject]:
        keys = _keys(connection)
        groups: dict[int, set[Key]] = {}
        linked = self._members(connection, known)
        for number, key in keys.items():
            groups.setdefault(linked.get(number, number), set()).add(key)
        return {subject: frozenset(group) for subject, group in groups.items()}


_VALUE_COLUMNS = {
    ValueType.DATE: "value_date", ValueType.BOOLEAN: "value_boolean", ValueType.REFERENCE: "value_integer", ValueType.MONEY: "value_integer",
}  # fmt: skip


def differing(tables: StoreTables, element: str, bits: int) -> list[int]:
    """The dataset numbers in a ``_differing`` column."""
    return [number for place, number in enumerate(suppliers(tables, element)) if bits >> place & 1]


def compare(one: Picture, other: Picture, *, rules: bool = True) -> str:
    """Empty where both pictures are the same; else the first differences, for a person to read."""
    found: list[str] = []
    for subject in sorted(set(one.golden) | set(other.golden), key=sorted):
        left, right = one.golden.get(subject), other.golden.get(subject)
        if left is None or right is None:
            found.append(f"{sorted(subject)}: only {'right' if left is None else 'left'}")
            continue
        found += [f"{sorted(subject)} {name}: {left[name]} / {right[name]}" for name in left if left[name] != right[name]]
    for name in ("disputes", "broken") if rules else ("disputes",):
        only = getattr(one, name) ^ getattr(other, name)
        found += [f"{name}: {sorted(d[0])} {d[1]} {d[2]} only {'left' if d in getattr(one, name) else 'right'}" for d in only]
    if one.benefits != other.benefits:
        found.append(f"benefits: {one.benefits} / {other.benefits}")
    return "\n".join(found)


def _remember(sent: Sent) -> None:
    for row in sent.rows:
        for field in CATALOGS[0].contracts[sent.contract].bound:
            element, value = CATALOGS[0].held(field), row.get(field.name)
            if element.sealed and value is not None:
                _WORDS[digest(element.name, value)] = value
            for name in _names_of(element.name):
                if value is not None:
                    _HASHES[subject_hash(name, str(value))] = (name, str(value))


_HASHES: dict[str, Key] = {}


def _names_of(element: str) -> Sequence[str]:
    return {"person.citizen_id": ("person",), "household.number": ("household",)}.get(element, ())


def _keys(connection: Connection) -> dict[int, Key]:
    return {row.key_id: _HASHES[row.hash] for row in connection.execute(select(subject_key))}


def _key_id(connection: Connection, key: Key) -> int | None:
    return connection.execute(
        select(subject_key.c.key_id).where(subject_key.c.entity == key[0], subject_key.c.hash == subject_hash(*key))
    ).scalar()


__all__ = ["LAST_DAY", "Delivery", "World", "compare"]
