"""The naive reference: what the store must say, by replaying deliveries in the order of valid time, in plain dicts.

Nothing here is like the SQL: there are no versions, no endings, no restating. A state is got by playing every delivery known
by then, oldest first; a subject is a set of keys; who is right is decided value by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hub.registry.model import Delivery, Policy
from tests.store.small import AREAS, CATALOGS, MARRIAGE, POOR, PUPIL, RESIDENT, Row, Sent, fingerprint, row_key

Key = tuple[str, str]  # entity, key in clear
Subject = frozenset[Key]
Says = Mapping[str, Any]
Dispute = tuple[Subject, str, str | None]  # whom, element or rule, the contract that differs (None for a rule)

DECIDED = "a person"


@dataclass(frozen=True)
class Cell:
    value: Any
    source: str | None  # contract, DECIDED, or None where no source covers the subject


@dataclass(frozen=True)
class Picture:
    """What is known of everybody at one moment."""

    golden: Mapping[Subject, Mapping[str, Cell]]
    disputes: frozenset[Dispute]
    broken: frozenset[Dispute]
    benefits: tuple[tuple[Any, ...], ...]  # (owner, amount, account), sorted


@dataclass(frozen=True)
class _Known:
    known: int
    place: tuple[int, int]  # day, revision
    sent: Sent


@dataclass(frozen=True)
class _Decision:
    known: int
    key: Key
    element: str
    signature: Mapping[str, Any]
    value: Any


@dataclass
class _Utterance:
    says: Says
    dated: date | None
    stated: tuple[int, int]
    content: str


@dataclass
class Counts:
    accepted: int = 0
    unchanged: int = 0
    ended: int = 0


@dataclass
class Reference:
    deliveries: list[_Known] = field(default_factory=list)
    links: list[tuple[int, str, frozenset[Key]]] = field(default_factory=list)
    decisions: list[_Decision] = field(default_factory=list)
    settled: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])

    # Acts ---------------------------------------------------------------------------------------------------------

    def deliver(self, sent: Sent, known: int) -> Counts | None:
        """None: the same content as the last delivery of that day, so nothing happens."""
        same_day = [k for k in self.deliveries if k.sent.contract == sent.contract and k.sent.day == sent.day]
        last = max(same_day, key=lambda k: k.place, default=None)
        if last is not None and last.sent == sent and sent.kind is not Delivery.MEND:
            return None
        place = (sent.day, 1 if last is None else last.place[1] + 1)
        before = self._play(sent.contract, place, known, inclusive=False)
        self.deliveries.append(_Known(known, place, sent))
        counts = Counts()
        for row in sent.rows:
            old = before.get(row_key(sent.contract, row))
            if old is not None and old[0] == row:
                counts.unchanged += 1
            else:
                counts.accepted += 1
        if sent.kind is Delivery.SNAPSHOT:
            named = {row_key(sent.contract, row) for row in sent.rows} | set(sent.held)
            counts.ended = len(set(before) - named)
        return counts

    def link(self, act: str, one: Key, other: Key, known: int) -> None:
        self.links.append((known, act, frozenset((one, other))))

    def settle(self, settled: int, known: int) -> None:
        self.settled.append((known, settled))

    def decide(self, key: Key, element: str, value: Any, known: int) -> None:
        now = (10_000, 0)
        subject = next(s for s in [*self._subjects(known), frozenset((key,))] if key in s)
        said = self._said(subject, now, known)
        self.decisions.append(_Decision(known, key, element, self._signature(element, said, known), value))

    # State --------------------------------------------------------------------------------------------------------

    def _play(self, contract: str, place: tuple[int, int], known: int, *, inclusive: bool = True) -> dict[str, tuple[Row, tuple[int, int]]]:
        """row key -> (row, when it was last stated), by playing what was known in the order of its dates."""
        state: dict[str, tuple[Row, tuple[int, int]]] = {}
        for one in sorted((d for d in self.deliveries if d.sent.contract == contract and d.known <= known), key=lambda d: d.place):
            if one.place > place or (one.place == place and not inclusive):
                break
            if one.sent.kind is Delivery.SNAPSHOT:
                state = {key: old for key, old in state.items() if key in one.sent.held}
            state.update({row_key(contract, row): (row, one.place) for row in one.sent.rows})
        return state

    def _first(self, contract: str, known: int) -> tuple[int, int]:
        """The end of the dataset's first day: an earlier date is read as that."""
        days = [d.place[0] for d in self.deliveries if d.sent.contract == contract and d.known <= known]
        return (min(days, default=0), 10**6)

    def _rows(self, contract: str, valid: tuple[int, int], known: int) -> Iterator[tuple[Row, tuple[int, int]]]:
        yield from self._play(contract, max(valid, self._first(contract, known)), known).values()

    # Subjects -----------------------------------------------------------------------------------------------------

    def _subjects(self, known: int) -> list[Subject]:
        """The sets of keys that links in force make one."""
        force: dict[frozenset[Key], bool] = {}
        for when, act, pair in sorted(self.links, key=lambda one: one[0]):
            if when <= known:
                force[pair] = act == "link"
        groups: list[set[Key]] = []
        for pair in (pair for pair, linked in force.items() if linked):
            joined = set(pair).union(*(g for g in groups if g & pair))
            groups = [g for g in groups if not g & pair] + [joined]
        return [frozenset(g) for g in groups]

    def subject_of(self, key: Key, known: int) -> Subject:
        return next((s for s in self._subjects(known) if key in s), frozenset((key,)))

    # Golden -------------------------------------------------------------------------------------------------------

    def picture(self, valid_day: int, known: int) -> Picture:
        valid = (valid_day, 10**6)
        groups = self._subjects(known)
        golden: dict[Subject, dict[str, Cell]] = {}
        disputes: set[Dispute] = set()
        benefits: list[tuple[Any, ...]] = []
        everybody: set[Key] = set()
        for contract in (RESIDENT, PUPIL, POOR, MARRIAGE):
            for row, _ in self._rows(contract, valid, known):
                everybody.update((entity, key) for entity, key, _ in _speaks(contract, row))
                if contract == POOR and row.get("amount") is not None:
                    owner = self.subject_of(("person", row["citizen_id"]), known)
                    benefits.append((owner, row["amount"], row.get("account")))
        for subject in {next((g for g in groups if key in g), frozenset((key,))) for key in everybody}:
            golden[subject] = {}
            said = self._said(subject, valid, known)
            for element in CATALOGS[0].stored_elements(next(iter(subject))[0]):
                cell, differing = self._judge(subject, element.name, said, known)
                golden[subject][element.short] = cell
                disputes.update((subject, element.name, contract) for contract in differing)
        broken = {
            (subject, "rule:married_and_left_behind", None)
            for subject, cells in golden.items()
            if "left_behind" in cells and cells["left_behind"].value and cells["marital_status"].value == "20"
        }
        for subject, cells in golden.items():
            if "head" in cells and cells["head"].value is not None:
                head = golden.get(self.subject_of(("person", cells["head"].value), known))
                if head is not None and head["left_behind"].value:
                    broken.add((subject, "rule:head_left_behind", None))
        return Picture(golden, frozenset(disputes), frozenset(broken), tuple(sorted(benefits, key=repr)))

    def _said(self, subject: Subject, valid: tuple[int, int], known: int) -> dict[str, list[_Utterance]]:
        """contract -> what its rows say of this subject."""
        found: dict[str, list[_Utterance]] = {}
        for contract in (RESIDENT, PUPIL, POOR, MARRIAGE):
            for row, stated in self._rows(contract, valid, known):
                for entity, key, says in _speaks(contract, row):
                    if (entity, key) in subject:
                        dated = row.get("registered_on")
                        found.setdefault(contract, []).append(_Utterance(says, dated, stated, fingerprint(contract, row)))
        return found

    def _voices(self, element: str, said: Mapping[str, list[_Utterance]], known: int) -> dict[str, tuple[Any, bool, tuple[int, int]]]:
        """contract -> (value, do its own rows disagree, when stated), for those that cover the subject and supply the element."""
        short = element.split(".")[1]
        suppliers = CATALOGS[0].suppliers(element)
        return {c: _one_voice(short, utterances) for c, utterances in said.items() if c in suppliers}

    def _signature(self, element: str, said: Mapping[str, list[_Utterance]], known: int) -> dict[str, Any]:
        return {c: value for c, (value, _, _) in self._voices(element, said, known).items() if value is not None}

    def _judge(self, subject: Subject, element: str, said: Mapping[str, list[_Utterance]], known: int) -> tuple[Cell, list[str]]:
        voices = self._voices(element, said, known)
        authority = CATALOGS[self._settlement(known)].authority(element)
        signature = self._signature(element, said, known)
        taken = [d for d in self.decisions if d.known <= known and d.key in subject and d.element == element and d.signature == signature]
        if taken:
            return Cell(max(taken, key=lambda d: d.known).value, DECIDED), []
        covering = [c for c in authority.order if c in voices]
        speaking = [c for c in covering if voices[c][0] is not None]
        if not covering:
            return Cell(None, None), []
        winner = speaking[0] if speaking else covering[0]
        if authority.policy is Policy.LATEST:
            contested = [c for c in speaking if any(_differ(element, voices[c][0], voices[o][0]) for o in speaking)]
            if contested:
                winner = max(contested, key=lambda c: (voices[c][2], -covering.index(c)))
        value = voices[winner][0]
        differing = [c for c in covering if voices[c][1] or _differ(element, value, voices[c][0])]
        if authority.policy is Policy.MANUAL and differing:
            value = None
        return Cell(value, winner), differing

    def _settlement(self, known: int) -> int:
        return max((when, index) for when, index in self.settled if when <= known)[1]


def _speaks(contract: str, row: Row) -> Iterable[tuple[str, str, Says]]:
    """(entity, key, what the row says of it)."""
    if contract == RESIDENT:
        names = ("citizen_id", "name", "birth_date", "village", "household")
        yield "person", row["citizen_id"], {n: row.get(n) for n in names}
        if row.get("household") is not None:
            yield "household", row["household"], {"number": row["household"], "head": row.get("head")}
    elif contract == PUPIL:
        if row.get("citizen_id") is not None:
            yield "person", row["citizen_id"], {n: row.get(n) for n in ("citizen_id", "name", "birth_date", "village", "left_behind")}
    elif contract == POOR:
        yield "person", row["citizen_id"], {n: row.get(n) for n in ("birth_date", "village", "left_behind", "marital_status")}
    else:
        status = {"married": "20", "divorced": "40"}.get(row.get("event") or "")
        for one in ("husband", "wife"):
            if row.get(one) is not None:
                yield "person", row[one], {"marital_status": status}


def _one_voice(short: str, utterances: list[_Utterance]) -> tuple[Any, bool, tuple[int, int]]:
    """Of several rows the latest by their own date speak; among those the last stated that says something, ties by content."""
    latest = max((u.dated for u in utterances if u.dated is not None), default=None)
    speaking = [u for u in utterances if u.dated == latest]
    with_value = [u for u in speaking if u.says.get(short) is not None]
    value = max(with_value, key=lambda u: (u.stated, u.content)).says[short] if with_value else None
    return value, len({u.says[short] for u in with_value}) > 1, max(u.stated for u in speaking)


def _differ(element: str, one: Any, other: Any) -> bool:
    if one is None or other is None or one == other:
        return False
    if element == "person.village":
        return one not in _line(other) and other not in _line(one)
    return True


def _line(code: str | None) -> list[str]:
    found = []
    while code is not None:
        found.append(code)
        code = AREAS[code]
    return found
