"""What the hub should know after a delivery: a plain reference of merge and of who is right, over the rows of the sample.

Written apart from the store, in dictionaries, so that the two can be compared. A row held back leaves the version before
it, or nothing; a list that names everybody ends what it does not name; the health service's rows stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from hub.sample import rows as r
from hub.sample.city import City
from hub.sample.people import age
from hub.sample.rows import Key, Row

R = TypeVar("R")
INSURED = ("1", "2")  # paying or paused: in the insurance


def rows_known(city: City, contract: str, delivery: int) -> dict[Key, Row]:
    """The rows in force after a delivery, by their true key."""
    known: dict[Key, Row] = {}
    for number in range(1, delivery + 1):
        held = city.faults_of(contract, number)
        named = {row.key: row for row in city.rows[number][contract] if row.key not in held}
        kept = known if contract in r.DELTAS else {key: row for key, row in known.items() if key in held}
        known = {**kept, **named}
    return known


@dataclass(frozen=True)
class Known:
    """All datasets after a delivery, and the questions that forms ask of them. People are named by citizen id."""

    city: City
    delivery: int

    def of(self, contract: str, kind: type[R]) -> list[R]:
        return [row for row in rows_known(self.city, contract, self.delivery).values() if isinstance(row, kind)]

    # Persons ---------------------------------------------------------------------------------------------------------

    @cached_property
    def residents(self) -> dict[str, r.Resident]:
        return {row.citizen_id: row for row in self.of(r.RESIDENT, r.Resident)}

    @cached_property
    def deregistered(self) -> dict[str, r.Deregistration]:
        return {row.citizen_id: row for row in self.of(r.DEREGISTRATION, r.Deregistration)}

    @cached_property
    def living(self) -> set[str]:
        return {person for person in self.residents if self.life_status(person) == "1"}

    def life_status(self, person: str) -> str:
        gone = self.deregistered.get(person)
        if gone is not None:
            return "2" if gone.kind == "1" else "3"
        return self.residents[person].life_status

    def death_date(self, person: str) -> date | None:
        gone = self.deregistered.get(person)
        return gone.death_date if gone is not None and gone.kind == "1" else None

    def age(self, person: str, on: date) -> int:
        return age(self.residents[person].birth_date, on)

    def registered(self, village: str) -> list[r.Resident]:
        """Living people registered in the village."""
        return [row for row in self._by_registered.get(village, []) if row.citizen_id in self.living]

    def living_in(self, village: str) -> list[r.Resident]:
        """Living people whose place of living is the village."""
        return [row for row in self._by_village.get(village, []) if row.citizen_id in self.living]

    def dead_of(self, village: str) -> list[tuple[str, date]]:
        """People registered in the village of whom a date of death is known, with the date."""
        people = ((row.citizen_id, self.death_date(row.citizen_id)) for row in self._by_registered.get(village, []))
        return [(person, day) for person, day in people if day is not None]

    @cached_property
    def _by_registered(self) -> dict[str | None, list[r.Resident]]:
        return _group(self.residents.values(), lambda row: row.registered_village)

    @cached_property
    def _by_village(self) -> dict[str, list[r.Resident]]:
        return _group(self.residents.values(), lambda row: row.village)

    @cached_property
    def household_size(self) -> dict[str, int]:
        sizes: dict[str, int] = defaultdict(int)
        for person in self.living:
            sizes[self.residents[person].household] += 1
        return sizes

    def head(self, person: str) -> str:
        return self.residents[person].head_id

    def phone(self, person: str) -> str | None:
        """Of the departments, in order, the first that has a number; the township has said nothing yet."""
        record, handicap, support = self.health.get(person), self.disabilities.get(person), self.supports.get(person)
        said = (record.phone if record else None, handicap.phone if handicap else None, support.phone if support else None)
        return next((number for number in said if number), None)

    def guardian(self, person: str) -> str | None:
        handicap, support = self.disabilities.get(person), self.supports.get(person)
        said = (handicap.guardian_name if handicap else None, support.guardian_name if support else None)
        return next((name for name in said if name), None)

    def marital_status(self, person: str) -> str | None:
        """The register of marriages (the latest act), then the allowance's list, then the health record."""
        acts = [act for act in self.marriages if person in (act.husband_id, act.wife_id)]
        if acts:
            return "40" if max(acts, key=lambda act: act.date).event == "2" else "20"
        member = self.allowance_members.get(person)
        if member is not None:
            return member.marital_status
        record = self.health.get(person)
        return record.marital_status if record is not None else None

    def education(self, person: str) -> str | None:
        work = self.employments.get(person)
        if work is not None:
            return work.education
        record = self.health.get(person)
        return record.education if record is not None else None

    # Records of persons ----------------------------------------------------------------------------------------------

    @cached_property
    def allowances(self) -> dict[str, list[r.MinimumLiving]]:
        """Certificate number -> rows of its members."""
        return _group(self.of(r.MINIMUM_LIVING, r.MinimumLiving), lambda row: row.certificate_no)

    @cached_property
    def allowance_members(self) -> dict[str, r.MinimumLiving]:
        return {row.citizen_id: row for row in self.of(r.MINIMUM_LIVING, r.MinimumLiving)}

    @cached_property
    def disabilities(self) -> dict[str, r.Disability]:
        return {row.citizen_id: row for row in self.of(r.DISABILITY, r.Disability)}

    def disabled(self, person: str, on: date) -> bool:
        """Whether a certificate is in force on the day."""
        row = self.disabilities.get(person)
        return row is not None and (row.valid_until is None or row.valid_until >= on)

    @cached_property
    def old_age(self) -> dict[str, r.OldAge]:
        return {row.citizen_id: row for row in self.of(r.OLD_AGE, r.OldAge)}

    @cached_property
    def supports(self) -> dict[str, r.ExtremeDifficulty]:
        return {row.citizen_id: row for row in self.of(r.EXTREME_DIFFICULTY, r.ExtremeDifficulty)}

    @cached_property
    def marriages(self) -> list[r.Marriage]:
        return self.of(r.MARRIAGE, r.Marriage)

    @cached_property
    def insurances(self) -> dict[str, list[r.Insurance]]:
        return _group(self.of(r.INSURANCE, r.Insurance), lambda row: row.citizen_id)

    def insured(self, person: str, kind: str) -> r.Insurance | None:
        """The person's insurance of the kind, if it is in force (paying or paused)."""
        return next((row for row in self.insurances.get(person, []) if row.kind == kind and row.status in INSURED), None)

    def pension(self, person: str) -> r.Insurance | None:
        """The pension being received."""
        return next((row for row in self.insurances.get(person, []) if row.kind in ("110", "170") and row.receiving), None)

    @cached_property
    def employments(self) -> dict[str, r.Employment]:
        return {row.citizen_id: row for row in self.of(r.EMPLOYMENT, r.Employment)}

    @cached_property
    def health(self) -> dict[str, r.HealthRecord]:
        return {row.citizen_id: row for row in self.of(r.HEALTH_RECORD, r.HealthRecord) if row.citizen_id is not None}

    @cached_property
    def pregnancies(self) -> list[r.Maternity]:
        return self.of(r.MATERNITY, r.Maternity)

    @cached_property
    def enrolments(self) -> dict[str, r.Enrolment]:
        return {row.citizen_id: row for row in self.of(r.ENROLMENT, r.Enrolment)}

    def studying(self, person: str) -> r.Enrolment | None:
        row = self.enrolments.get(person)
        return row if row is not None and row.status == "1" else None


def _group(rows: Iterable[R], by: Callable[[R], Any]) -> dict[Any, list[R]]:
    found: dict[Any, list[R]] = defaultdict(list)
    for row in rows:
        found[by(row)].append(row)
    return found
