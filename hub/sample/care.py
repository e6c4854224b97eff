"""What the health service holds: a record of most people who live here, of everybody of 65 and over, and pregnancies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from hub.sample.life import Lives
from hub.sample.people import WOMAN, Person
from hub.sample.places import Places
from hub.sample.rows import HealthRecord, Maternity
from hub.sample.welfare import registered

TERM = timedelta(days=280)  # from the last period to the due date
_CHRONIC = (("I10", 0.42), ("E11", 0.16), ("I25", 0.09), ("J44", 0.06), ("I63", 0.05), ("M81", 0.04))


@dataclass(frozen=True, slots=True)
class Chart:
    """What a person's health record holds that is no one else's business; the same at both deliveries but for ``checked_again``."""

    number: str
    blood_type: str
    family_doctor: bool
    chronic: tuple[str, ...]
    care_level: str
    checkup: date | None
    checked_again: date | None  # a check-up between the deliveries
    township_only: bool  # the record knows the township, not the village
    written: datetime


@dataclass(frozen=True, slots=True)
class Term:
    """A pregnancy. ``delivered`` is the day and time of birth, whenever it comes."""

    mother: int
    lmp: date
    booked: date
    risk: str
    delivered: datetime | None
    mode: str
    child_sex: str | None


class Care:
    """Settles charts and pregnancies once; gives the rows of a delivery."""

    def __init__(self, lives: Lives, days: Mapping[int, date], places: Places, random: Random) -> None:
        self.lives = lives
        self.days = days
        self.random = random
        self.places = places
        here = set(places.villages)
        self.charts: dict[int, Chart] = {}
        for person in lives.states[2].values():
            before = lives.states[1].get(person.serial)
            if (before is None or before.alive) and person.village in here and (self._must(person) or random.random() < 0.75):
                self.charts[person.serial] = self._chart(person)
        for serial, person in lives.states[1].items():  # those of 65 and over who went away in between keep their record
            if person.alive and person.age(days[1]) >= 65 and serial not in self.charts:
                self.charts[serial] = self._chart(person)
        self.terms = self._terms()

    def _must(self, person: Person) -> bool:
        """The old, the newborn and those of school age have a record in any case."""
        years = person.age(self.days[2])
        return years >= 65 or 5 <= years <= 16 or person.birth_date > self.days[1]

    def _chart(self, person: Person) -> Chart:
        random, first, second = self.random, self.days[1], self.days[2]
        years = person.age(first)
        weight = 0.0 if years < 35 else (years - 30) / 45
        chronic = tuple(sorted(code for code, share in _CHRONIC if random.random() < share * weight))
        level = "0" if years < 60 or random.random() < 0.8 - (years - 60) * 0.012 else random.choice("1123")
        checkup = first - timedelta(days=random.randint(5, 600)) if years >= 35 and random.random() < 0.85 else None
        again = None
        if years >= 65 and random.random() < 0.08:
            again = second - timedelta(days=random.randrange((second - first).days))
        written = datetime(first.year, first.month, first.day, 17) - timedelta(minutes=random.randrange(500_000))
        township_only = person.serial % 41 == 0 and person.serial not in self.lives.touched
        return Chart(
            f"33080{person.serial:012d}", random.choice("1123345"), random.random() < (0.8 if years >= 65 else 0.5), chronic, level,
            checkup, again, township_only, written,
        )  # fmt: skip

    def health_records(self, delivery: int) -> list[HealthRecord]:
        """All records there are at a delivery, by number."""
        rows = []
        for serial, chart in self.charts.items():
            person = self.lives.states[delivery].get(serial)
            if person is not None and person.birth_date <= self.days[delivery]:
                rows.append(self._record(person, chart, delivery))
        return sorted(rows, key=lambda row: row.key)

    def _record(self, person: Person, chart: Chart, delivery: int) -> HealthRecord:
        known = registered(person, self.days[delivery])
        before = self.lives.states[1].get(person.serial)
        checkup, written = chart.checkup, chart.written
        if delivery == 2:
            newly = known and not registered(person, self.days[1])
            if chart.checked_again is not None and person.alive:
                checkup = chart.checked_again
                written = max(written, _evening(chart.checked_again))
            if before is not None and (before.village, before.marital_status) != (person.village, person.marital_status):
                written = max(written, _evening(self.days[2]))
            if newly or before is None:
                written = max(written, _evening(self.days[2]))
        years = person.age(self.days[1])
        village = person.village[:9] + "000" if chart.township_only else person.village
        return HealthRecord(
            number=chart.number, citizen_id=person.citizen_id if known else None, name=person.name, sex=person.sex,
            birth_date=person.birth_date, marital_status=person.marital_status, education=person.education if years >= 15 else None,
            blood_type=chart.blood_type, family_doctor=chart.family_doctor, chronic_diseases=chart.chronic, care_level=chart.care_level,
            checkup_date=checkup, village=village, phone=person.phone, updated_at=written,
        )  # fmt: skip

    # Pregnancies ---------------------------------------------------------------------------------------------------

    def _terms(self) -> list[Term]:
        random, first, second = self.random, self.days[1], self.days[2]
        now = self.lives.states[2]
        terms: dict[int, Term] = {}
        for child in now.values():
            if child.mother is not None and child.birth_date > first - timedelta(days=200) and child.mother not in terms:
                moment = datetime(child.birth_date.year, child.birth_date.month, child.birth_date.day) + timedelta(
                    minutes=random.randrange(1440)
                )
                lmp = child.birth_date - TERM + timedelta(days=random.randint(-6, 14))
                terms[child.mother] = self._term(child.mother, lmp, moment, child.sex)
        women = [
            p for p in now.values()
            if p.sex == WOMAN and p.alive and p.spouse and 20 <= p.age(first) <= 42 and p.serial not in terms and p.village in self.places.villages
        ]  # fmt: skip
        women = [p for p in women if p.serial in self.lives.states[1]]
        for woman in random.sample(women, min(len(women), max(12, len(now) // 250))):
            lmp = second - timedelta(days=random.randint(90, 250))
            terms[woman.serial] = self._term(woman.serial, lmp, None, None)
        return list(terms.values())

    def _term(self, mother: int, lmp: date, delivered: datetime | None, child_sex: str | None) -> Term:
        random = self.random
        risk = random.choice(("green", "green", "green", "yellow", "yellow", "orange", "red", "purple"))
        mode = random.choice(("1", "1", "2", "9") if random.random() < 0.1 else ("1", "2"))
        return Term(mother, lmp, lmp + timedelta(days=random.randint(50, 90)), risk, delivered, mode, child_sex)

    def maternity(self, delivery: int) -> list[Maternity]:
        """Pregnancies booked by the day of a delivery, as they stood on it."""
        day = self.days[delivery]
        rows = []
        for term in self.terms:
            if term.booked > day:
                continue
            mother = self.lives.states[delivery][term.mother]
            born = term.delivered if term.delivered is not None and term.delivered.date() <= day else None
            visits = max(1, ((self.days[1] if born is None else born.date()) - term.booked).days // 28)
            written = _evening(born.date()) if born is not None else _evening(term.booked)
            rows.append(
                Maternity(
                    citizen_id=mother.citizen_id, name=mother.name, lmp=term.lmp, due_date=term.lmp + TERM, booked_on=term.booked,
                    visits=visits, risk=term.risk, delivered_on=born.date() if born else None, mode=term.mode if born else None,
                    child_sex=term.child_sex if born else None, child_born_at=born, updated_at=written,
                )
            )  # fmt: skip
        return sorted(rows, key=lambda row: row.key)


def _evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 30)
