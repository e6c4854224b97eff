"""Faults planted on purpose: rows that must be held back, departments that disagree, records that cannot both be true.

A quarantine fault spoils what is written out and leaves the row as the department meant it; it is mended in the second
delivery, or the row stood unchanged in the first, so that what the hub should know stays computable. A conflict or a
rule fault changes what a department says. Every fault has a person of its own, to whom nothing else happens.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from hub.sample import rows as r
from hub.sample.exports import KEYS, columns, text
from hub.sample.identity import spoiled_id
from hub.sample.people import DIED
from hub.sample.places import Places
from hub.sample.rows import Key, Row

# Names of the consistency rules that the planted records break (schemas/rules).
DEAD_WITH_BENEFIT = "dead_with_live_benefit"
DEAD_WITH_PENSION = "dead_receiving_pension"


@dataclass(frozen=True, slots=True)
class Fault:
    """One planted fault.

    ``kind``: "quarantine" (``rule`` is one of the rules of row checks), "conflict" (``element`` differs between sources),
    "rule" (``rule`` is a consistency rule's name). ``row`` is the true key of the row in its dataset, ``key`` the key as
    exported; ``person`` the citizen id that it is about ("" for a school). ``value`` stands in the export's ``field``;
    ``twin`` is a second, different row exported under the same key. Values are made up, but treated as personal: not in repr.
    """

    id: str
    kind: str
    contract: str
    delivery: int
    field: str
    element: str
    rule: str
    row: Key
    key: Key
    person: str
    value: Any = None
    twin: Row | None = None

    def __repr__(self) -> str:
        return f"Fault({self.id}, {self.kind}, {self.contract}, delivery {self.delivery}, {self.field}, {self.rule or self.element})"


Rows = dict[int, dict[str, dict[Key, Row]]]


class Plan:
    """Plants faults into the rows of both deliveries."""

    def __init__(
        self, rows: Mapping[int, Mapping[str, Iterable[Row]]], days: Mapping[int, date], places: Places, touched: set[str], random: Random
    ) -> None:
        self.rows: Rows = {d: {c: {row.key: row for row in listed} for c, listed in sets.items()} for d, sets in rows.items()}
        self.days = days
        self.places = places
        self._columns = columns(places)
        self.random = random
        self._touched = touched  # citizen ids to whom something happens between the deliveries
        self._used: set[str] = set()
        self._faults: list[Fault] = []
        self._times = 1
        self._covered: dict[str, set[str]] = defaultdict(set)
        for row in self.rows[1][r.MINIMUM_LIVING].values():
            assert isinstance(row, r.MinimumLiving)
            self._covered[row.certificate_no].add(row.citizen_id)

    def plant(self, times: int) -> tuple[Mapping[int, Mapping[str, tuple[Row, ...]]], tuple[Fault, ...]]:
        """``times`` faults of each kind, as far as there are people for them."""
        self._times = times
        self._conflicts()
        self._rules()
        self._held_of_the_few()
        self._held_residents()
        self._held_welfare()
        self._held_work()
        self._held_health()
        self._held_schools()
        made = {d: {c: tuple(kept.values()) for c, kept in sets.items()} for d, sets in self.rows.items()}
        return made, tuple(self._faults)

    # Conflicts and broken rules ------------------------------------------------------------------------------------

    def _conflicts(self) -> None:
        employed = self.rows[2][r.EMPLOYMENT]
        poor = {row.citizen_id: row for row in self.rows[2][r.MINIMUM_LIVING].values() if isinstance(row, r.MinimumLiving)}
        parties = {
            person for row in self.rows[2][r.MARRIAGE].values() if isinstance(row, r.Marriage) for person in (row.husband_id, row.wife_id)
        }  # fmt: skip
        self._differ("person.marital_status", "maritalStatus", lambda h: h.citizen_id in poor and h.marital_status == poor[h.citizen_id].marital_status,
                     lambda h: replace(h, marital_status="40" if h.marital_status == "10" else "10"))  # fmt: skip
        self._differ("person.marital_status", "maritalStatus", lambda h: h.citizen_id in parties, lambda h: replace(h, marital_status="10"))
        self._differ("person.education", "education", lambda h: (h.citizen_id,) in employed,
                     lambda h: replace(h, education="80" if h.education != "80" else "60"))  # fmt: skip
        self._differ("person.village", "villageCode", lambda h: not h.village.endswith("000") and h.village in self.places.villages,
                     lambda h: replace(h, village=self._another_village(h.village)))  # fmt: skip
        self._moved()

    def _differ(
        self, element: str, field: str, test: Callable[[r.HealthRecord], bool], change: Callable[[r.HealthRecord], r.HealthRecord]
    ) -> None:
        """The health record says another thing than the source department, from the first delivery on."""
        for row in self._candidates(r.HEALTH_RECORD, lambda h: h.citizen_id is not None and h.education is not None and test(h)):
            said = change(row)
            for delivery in (1, 2):
                self.rows[delivery][r.HEALTH_RECORD][row.key] = said
            self._note("conflict", r.HEALTH_RECORD, 1, row, field, element, "")

    def _moved(self) -> None:
        """Somebody moved; public security knows, the health service does not yet."""
        before, after = self.rows[1], self.rows[2]
        found = 0
        for key, row in list(after[r.HEALTH_RECORD].items()):
            assert isinstance(row, r.HealthRecord)
            stale = before[r.HEALTH_RECORD].get(key)
            if not isinstance(stale, r.HealthRecord) or not stale.citizen_id or stale.citizen_id in self._used:
                continue
            if stale.village != row.village and (stale.marital_status, stale.phone) == (row.marital_status, row.phone):
                after[r.HEALTH_RECORD][key] = stale
                self._note("conflict", r.HEALTH_RECORD, 2, stale, "villageCode", "person.village", "")
                found += 1
            if found == self._times:
                return

    def _rules(self) -> None:
        """Dead in public security's register, and paid on in another: the allowance of some, the pension of others."""
        dead = {p.citizen_id for p in self.rows[2][r.RESIDENT].values() if isinstance(p, r.Resident) and p.life_status == DIED}
        self._paid_on(r.OLD_AGE, "发放状态", "benefit.status", DEAD_WITH_BENEFIT, lambda row: row.citizen_id in dead and row.live)
        self._paid_on(r.INSURANCE, "待遇领取标识", "insurance.receiving", DEAD_WITH_PENSION,
                      lambda row: row.citizen_id in dead and row.receiving and row.kind == "170")  # fmt: skip

    def _paid_on(self, contract: str, field: str, element: str, rule: str, test: Callable[[Any], bool]) -> None:
        paid = [row for key, row in self.rows[1][contract].items() if key in self.rows[2][contract] and test(row)]
        self.random.shuffle(paid)
        others = (row for row in paid if not self._people(row) & self._used)
        for row in islice(others, self._times):
            self.rows[2][contract][row.key] = row
            self._note("rule", contract, 2, row, field, element, rule)

    # Rows to be held back ------------------------------------------------------------------------------------------

    def _held_of_the_few(self) -> None:
        """Datasets with few rows choose their people first."""
        self._spoil(r.EXTREME_DIFFICULTY, 1, "身份证号码", "person.citizen_id", "check_digit", lambda row: spoiled_id(row.citizen_id))
        self._spoil(r.MINIMUM_LIVING, 1, "成员身份证号", "person.citizen_id", "numeric_identifier", lambda row: _as_excel_keeps(row.citizen_id),
                    lambda row: row.kinship != "本人" and row.citizen_id.isdigit())  # fmt: skip
        self._spoil(r.MINIMUM_LIVING, 2, "婚姻状况", "person.marital_status", "code", lambda row: "同居", lambda row: row.kinship == "本人")
        self._spoil(r.MATERNITY, 1, "dueDate", "pregnancy.due_date", "date", lambda row: f"{row.due_date.year}-02-30")
        self._spoil(r.DEREGISTRATION, 1, "注销类别", "deregistration.kind", "code", lambda row: "9")
        self._spoil(r.MARRIAGE, 1, "登记日期", "marriage.date", "date", lambda row: f"{row.date.year}-02-30")
        self._spoil(
            r.SCHOOL, 1, "tyshxydm", "organization.code", "check_digit", lambda row: row.code[:17] + ("0" if row.code[17] != "0" else "1")
        )

    def _held_residents(self) -> None:
        def member(row: Any) -> bool:
            return bool(row.kinship != "02" and row.life_status == "1")

        self._spoil(r.RESIDENT, 1, "公民身份号码", "person.citizen_id", "check_digit", lambda row: spoiled_id(row.citizen_id), member)  # fmt: skip
        self._spoil(r.RESIDENT, 2, "户主公民身份号码", "person.citizen_id", "check_digit", lambda row: spoiled_id(row.head_id), member)
        self._spoil(r.RESIDENT, 2, "出生日期", "person.birth_date", "date", lambda row: f"{row.birth_date.year}0230", member)
        self._spoil(r.RESIDENT, 1, "民族", "person.ethnic_group", "code", lambda row: "60", member)
        self._twice(r.RESIDENT, 2, "公民身份号码", "person.citizen_id", lambda row: replace(row, address=row.address + "附1号"), member)

    def _held_welfare(self) -> None:
        self._spoil(r.DISABILITY, 2, "发证日期", "disability.issued_on", "date", lambda row: f"{row.issued_on.year}-02-30")
        self._spoil(r.DISABILITY, 1, "残疾等级", "disability.grade", "code", lambda row: "五级")
        self._spoil(r.OLD_AGE, 2, "银行账号", "benefit.account", "numeric_identifier", lambda row: _as_excel_keeps(row.account))
        self._twice(r.OLD_AGE, 1, "身份证号", "person.citizen_id", lambda row: replace(row, amount=row.amount + 2_000))

    def _held_work(self) -> None:
        self._spoil(r.INSURANCE, 2, "首次参保年月", "insurance.first_month", "date", lambda row: row.first_month.year * 100 + 13)
        self._spoil(r.INSURANCE, 1, "险种类型", "insurance.kind", "code", lambda row: "999")
        self._spoil(r.EMPLOYMENT, 1, "社会保障号码", "person.citizen_id", "check_digit", lambda row: spoiled_id(row.citizen_id))  # fmt: skip
        self._spoil(r.EMPLOYMENT, 2, "就业单位统一社会信用代码", "employment.employer_code", "check_digit",
                    lambda row: row.employer_code[:17] + ("0" if row.employer_code[17] != "0" else "1"), lambda row: row.employer_code)  # fmt: skip

    def _held_health(self) -> None:
        def known(row: Any) -> bool:
            return row.citizen_id is not None

        self._spoil(r.HEALTH_RECORD, 1, "idCard", "person.citizen_id", "check_digit", lambda row: spoiled_id(row.citizen_id), known)
        self._spoil(
            r.HEALTH_RECORD, 2, "birthday", "person.birth_date", "date", lambda row: f"{row.birth_date.year}-02-30T00:00:00+08:00", known
        )
        self._spoil(r.HEALTH_RECORD, 1, "gender", "person.sex", "code", lambda row: "X", known)
        # A birth date that differs from public security's also differs from the citizen id beside it: the row itself is refused.
        self._spoil(r.HEALTH_RECORD, 2, "birthday", "person.birth_date", "cross_field",
                    lambda row: f"{row.birth_date + timedelta(days=365):%Y-%m-%d}T00:00:00+08:00", lambda row: known(row) and row.birth_date.year < 2000)  # fmt: skip

    def _held_schools(self) -> None:
        self._spoil(r.ENROLMENT, 1, "xszt", "enrolment.status", "code", lambda row: "在籍")
        self._spoil(r.ENROLMENT, 2, "csrq", "person.birth_date", "date", lambda row: f"{row.birth_date.year}1301")

    # Choosing and noting -------------------------------------------------------------------------------------------

    def _candidates(self, contract: str, test: Callable[[Any], Any]) -> Iterator[Any]:
        """Rows that are the same in both deliveries, of people to whom nothing else happens, in random order; enough of them."""
        before, after = self.rows[1][contract], self.rows[2][contract]
        steady = [row for key, row in before.items() if after.get(key) == row and test(row)]
        self.random.shuffle(steady)
        # Those of an act of the registers are touched by nature.
        touched: set[str] = set() if contract in (r.MARRIAGE, r.DEREGISTRATION, r.MATERNITY) else self._touched
        taken = 0
        for row in steady:
            if not self._people(row) & self._used and not self._people(row) & touched:
                yield row
                taken += 1
            if taken == self._times:
                return

    def _spoil(
        self, contract: str, delivery: int, field: str, element: str, rule: str, value: Callable[[Any], Any],
        test: Callable[[Any], Any] = lambda row: True,
    ) -> None:  # fmt: skip
        for row in self._candidates(contract, test):
            self._restate(contract, row)
            self._note("quarantine", contract, delivery, row, field, element, rule, value(row))

    def _twice(
        self,
        contract: str,
        delivery: int,
        field: str,
        element: str,
        other: Callable[[Any], Row],
        test: Callable[[Any], Any] = lambda row: True,
    ) -> None:
        for row in self._candidates(contract, test):
            self._note("quarantine", contract, delivery, row, field, element, "duplicate_key", twin=other(row))

    def _restate(self, contract: str, row: Any) -> None:
        """A service that is asked for changes states the row again: to mend it, or to spoil it."""
        if contract in r.DELTAS:
            day = self.days[2]
            self.rows[2][contract][row.key] = replace(row, updated_at=datetime(day.year, day.month, day.day, 12, 0))

    def _another_village(self, village: str) -> str:
        return self.random.choice([v for v in self.places.villages if v != village])

    def _people(self, row: Any) -> set[str]:
        if isinstance(row, r.Marriage):
            return {row.husband_id, row.wife_id}
        if isinstance(row, r.School):
            return {row.school_code}
        if isinstance(row, r.MinimumLiving):
            return self._covered[row.certificate_no] | {row.citizen_id}
        return {row.citizen_id}

    def _note(
        self, kind: str, contract: str, delivery: int, row: Any, field: str, element: str, rule: str,
        value: Any = None, twin: Row | None = None,
    ) -> None:  # fmt: skip
        person = "" if isinstance(row, r.School) else row.husband_id if isinstance(row, r.Marriage) else row.citizen_id
        self._used |= self._people(row)
        writers = self._columns[contract]
        key = tuple(text(value if name == field and value is not None else writers[name](row)) for name in KEYS[contract])
        number = f"F{len(self._faults) + 1:03d}"
        self._faults.append(Fault(number, kind, contract, delivery, field, element, rule, row.key, key, person, value, twin))


def _as_excel_keeps(digits: str) -> float:
    """A long number typed into a cell that is not text: Excel keeps fifteen digits."""
    return float(digits[:15] + "0" * (len(digits) - 15))
