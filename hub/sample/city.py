"""The sample city: everything that the five departments hold at two deliveries, deterministic from a seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from hub.sample import rows as r
from hub.sample.care import Care
from hub.sample.faults import Fault, Plan
from hub.sample.life import History
from hub.sample.people import Person, Population
from hub.sample.places import Division, Places, choose, division_rows
from hub.sample.rows import Key, Row
from hub.sample.schools import Schools
from hub.sample.welfare import Welfare, registered
from hub.sample.work import Work


@dataclass(frozen=True)
class City:
    """``rows[delivery][contract]`` are the rows as the department means them, conflicts planted; ``faults`` say what is
    spoilt on the way out. ``days`` are the two business dates, ends of consecutive months."""

    people: int
    seed: int
    days: Mapping[int, date]
    places: Places
    rows: Mapping[int, Mapping[str, tuple[Row, ...]]]
    faults: tuple[Fault, ...]

    @property
    def first(self) -> date:
        return self.days[1]

    @property
    def second(self) -> date:
        return self.days[2]

    def faults_of(self, contract: str, delivery: int) -> dict[Key, Fault]:
        """The faults planted in one delivery of one dataset, by the true key of the row; conflicts and rules are not among them."""
        return {f.row: f for f in self.faults if f.kind == "quarantine" and f.contract == contract and f.delivery == delivery}


def build(people: int, seed: int, second: date, divisions: Iterable[Division] | None = None) -> City:
    """A city of so many people at the delivery before ``second``.

    ``second`` is the business date of the second delivery, the end of a month; the first is the end of the month before.
    ``divisions`` is the division tree (the packaged one by default). At least 300 people are needed for one fault of each kind.
    """
    if (second + timedelta(days=1)).day != 1:
        raise ValueError(f"{second} is not the end of a month")
    if people < 300:
        raise ValueError("a sample city needs at least 300 people")
    days = {1: second.replace(day=1) - timedelta(days=1), 2: second}

    def chance(part: str) -> Random:  # a stream of its own for each part: changing one leaves the others as they were
        return Random(f"{seed}:{part}")

    places = choose(division_rows() if divisions is None else divisions, people, chance("places"))
    population = Population(places, days[1], chance("people"))
    persons = population.build(people)
    lives = History(population, people, second, chance("life")).live(persons)
    welfare = Welfare(lives, days, {village: places.urban(village) for village in places.villages}, chance("welfare"))
    poor = welfare.on_allowance(1)
    schools = Schools(lives, days, places, poor, chance("schools"))
    work = Work(lives, days, places, schools.pupils, poor, chance("work"))
    care = Care(lives, days, places, chance("care"))
    made: dict[int, dict[str, tuple[Row, ...]]] = {}
    for delivery in (1, 2):
        now = lives.states[delivery]
        made[delivery] = {
            r.RESIDENT: tuple(_residents(now, days[delivery])),
            r.DEREGISTRATION: tuple(_deregistrations(now, places)),
            r.MINIMUM_LIVING: tuple(welfare.minimum_living(delivery)),
            r.DISABILITY: tuple(welfare.disability(delivery)),
            r.OLD_AGE: tuple(welfare.old_age(delivery)),
            r.EXTREME_DIFFICULTY: tuple(welfare.extreme_difficulty(delivery)),
            r.MARRIAGE: tuple(welfare.marriages(delivery)),
            r.INSURANCE: tuple(work.insurance(delivery)),
            r.EMPLOYMENT: tuple(work.employment(delivery)),
            r.HEALTH_RECORD: tuple(care.health_records(delivery)),
            r.MATERNITY: tuple(care.maternity(delivery)),
            r.ENROLMENT: tuple(schools.enrolment(delivery)),
            r.SCHOOL: tuple(schools.school()),
        }
    touched = {lives.states[2][serial].citizen_id for serial in lives.touched}
    plan = Plan(made, days, places, touched, chance("faults"))
    rows, faults = plan.plant(max(1, round(people / 2500)))
    return City(people, seed, days, places, rows, faults)


def _residents(now: Mapping[int, Person], day: date) -> list[r.Resident]:
    """The resident register: everybody who is registered or lives here, the dead and those who left with their status."""
    found = []
    for person in now.values():
        if not registered(person, day):
            continue
        household = person.household
        found.append(
            r.Resident(
                citizen_id=person.citizen_id, name=person.name, sex=person.sex, ethnic_group=person.ethnic_group,
                birth_date=person.birth_date, household=household.number, kinship=person.kinship, head_id=now[person.head].citizen_id,
                registration_type="1", registered_division=household.division, registered_village=household.village,
                registered_address=household.address, village=person.village, address=person.address, is_floating=person.floating,
                since=person.since, permit_no=person.citizen_id if person.floating and person.serial % 3 else None,
                life_status=person.life_status, updated_at=person.updated_at,
            )
        )  # fmt: skip
    return sorted(found, key=lambda row: (row.household, row.kinship, row.citizen_id))


def _deregistrations(now: Mapping[int, Person], places: Places) -> list[r.Deregistration]:
    found = []
    for person in now.values():
        if person.alive or person.left_on is None:
            continue
        office = f"{places.name(person.village[:9] + '000')}派出所"
        kind = "1" if person.death_date else "2"
        found.append(r.Deregistration(person.citizen_id, person.name, kind, person.death_date, person.left_on, person.moved_to, office))
    return sorted(found, key=lambda row: row.key)
