"""What human resources and social security hold: employments and insurances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from hub.sample.identity import credit_code
from hub.sample.life import Lives
from hub.sample.people import MOVED_OUT, Person
from hub.sample.places import Places
from hub.sample.rows import Employment, Insurance
from hub.sample.welfare import registered

WORKERS_PENSION, RESIDENTS_PENSION, WORKERS_MEDICAL, RESIDENTS_MEDICAL = "110", "170", "310", "390"
PAYING, PAUSED, ENDED = "1", "2", "4"
EMPLOYED, UNEMPLOYED, RETIRED, OTHER = "1", "2", "3", "9"
_TRADES = (
    ("C13", "食品"),
    ("C17", "纺织"),
    ("C26", "化工"),
    ("C33", "金属制品"),
    ("E48", "建设"),
    ("F52", "商贸"),
    ("G54", "运输"),
    ("H62", "餐饮"),
    ("O80", "家政"),
)
_NAMES = ("金瑞", "恒达", "华兴", "三衢", "信安", "江源", "烂柯", "宏远", "东方", "立信", "天马", "龙游")


@dataclass(frozen=True, slots=True)
class Employer:
    code: str
    name: str
    industry: str


@dataclass(frozen=True, slots=True)
class Career:
    """What one person does for a living; the same at both deliveries unless ``ends``."""

    status: str
    employer: Employer | None
    since: date | None
    unemployed_since: date | None
    reason: str | None
    hard_to_place: bool
    ends: bool  # loses the work between the deliveries


@dataclass(frozen=True, slots=True)
class Cover:
    """One insurance of one person."""

    kind: str
    first_month: date
    grade: int | None
    paid_by_state: bool
    pension: int | None  # fen a month once received
    written: datetime


class Work:
    """Settles careers and insurances once; gives the rows of a delivery."""

    def __init__(self, lives: Lives, days: Mapping[int, date], places: Places, pupils: set[int], poor: set[str], random: Random) -> None:
        self.lives = lives
        self.days = days
        self.random = random
        self.places = places
        self._pupils = pupils
        self._poor = poor
        counties = sorted({village[:6] for village in places.villages})
        self.employers = [self._employer(random.choice(counties)) for _ in range(max(5, len(lives.states[1]) // 80))]
        self.careers: dict[int, Career] = {}
        self.covers: dict[int, tuple[Cover, ...]] = {}
        for person in lives.states[2].values():
            career = self._career(person)
            if career is not None:
                self.careers[person.serial] = career
            self.covers[person.serial] = self._covers(person, career)

    def _employer(self, county: str) -> Employer:
        industry, trade = self.random.choice(_TRADES)
        name = f"{self.places.name(county + '000000')}{self.random.choice(_NAMES)}{trade}有限公司"
        return Employer(credit_code("91", county, self.random), name, industry)

    def _career(self, person: Person) -> Career | None:
        random, first = self.random, self.days[1]
        years = person.age(first)
        if years < 16 or years > 70 or person.serial in self._pupils or random.random() < 0.25:
            return None
        lot = random.random()
        hard = random.random() < 0.04
        if years >= 60:
            return Career(RETIRED if lot < 0.4 else OTHER, None, None, None, None, False, False)
        since = first - timedelta(days=random.randint(40, min(4000, (years - 15) * 365)))
        if lot < 0.68:
            employer = random.choice(self.employers) if random.random() < 0.8 else None
            return Career(EMPLOYED, employer, since, None, None, hard, random.random() < 0.01)
        if lot < 0.72:
            return Career(UNEMPLOYED, None, None, first - timedelta(days=random.randint(10, 500)), random.choice("123"), hard, False)
        return Career(OTHER, None, None, None, None, hard, False)

    def _covers(self, person: Person, career: Career | None) -> tuple[Cover, ...]:
        random, first = self.random, self.days[1]
        years = person.age(self.days[2])
        written = datetime(first.year, first.month, first.day, 18) - timedelta(minutes=random.randrange(600_000))
        start = _month(first - timedelta(days=random.randint(40, 4500)))
        worker = career is not None and (career.employer is not None or career.status == RETIRED)
        covers: list[Cover] = []
        if worker:
            pension = random.randint(1800, 5200) * 100 if years >= 60 else None
            covers.append(Cover(WORKERS_PENSION, start, None, False, pension, written))
            covers.append(Cover(WORKERS_MEDICAL, start, None, False, None, written))
            return tuple(covers)
        poor = person.citizen_id in self._poor
        if years >= 16 and person.serial not in self._pupils and random.random() < 0.9:
            grade = random.choice((100, 300, 500, 800, 1000, 2000))
            pension = random.randint(280, 620) * 100
            covers.append(Cover(RESIDENTS_PENSION, max(start, date(2010, 1, 1)), grade, poor, pension, written))
        if random.random() < 0.95:
            born = _month(person.birth_date)
            covers.append(Cover(RESIDENTS_MEDICAL, max(start, born), None, poor, None, written))
        return tuple(covers)

    def employment(self, delivery: int) -> list[Employment]:
        rows = []
        for serial, career in self.careers.items():
            person = self.lives.states[delivery].get(serial)
            if person is None or person.education is None:
                continue
            status = career.status
            lost = delivery == 2 and career.ends and person.alive and status == EMPLOYED
            if not person.alive:
                status = OTHER
            elif lost:
                status = UNEMPLOYED
            working = status == EMPLOYED
            employer = career.employer if working else None
            jobless = status == UNEMPLOYED
            rows.append(
                Employment(
                    citizen_id=person.citizen_id, name=person.name, education=person.education, status=status,
                    employer_code=employer.code if employer else None, employer_name=employer.name if employer else None,
                    industry=employer.industry if employer else None, since=career.since if working else None,
                    unemployed_since=(self.days[2] - timedelta(days=3) if lost else career.unemployed_since) if jobless else None,
                    reason=("1" if lost else career.reason) if jobless else None, hard_to_place=career.hard_to_place,
                    registration_kind=self._kind(person),
                )
            )  # fmt: skip
        return sorted(rows, key=lambda row: row.key)

    def _kind(self, person: Person) -> str:
        village = person.household.village
        return "10" if village is not None and self.places.urban(village) else "20"

    def insurance(self, delivery: int) -> list[Insurance]:
        day = self.days[delivery]
        rows = []
        for serial, covers in self.covers.items():
            person = self.lives.states[delivery].get(serial)
            if person is None or not registered(person, day):
                continue
            for cover in covers:
                rows.append(self._insured(person, cover, delivery))
        return sorted(rows, key=lambda row: row.key)

    def _insured(self, person: Person, cover: Cover, delivery: int) -> Insurance:
        day = self.days[delivery]
        gone = person.death_date or (person.left_on if person.life_status == MOVED_OUT else None)
        receiving = person.alive and cover.pension is not None and person.age(day) >= 60
        status = ENDED if gone is not None else PAUSED if receiving else PAYING
        written = cover.written
        if delivery == 2 and (person.serial not in self.lives.states[1] or not registered(person, self.days[1])):
            written = datetime(day.year, day.month, day.day, 9, 15)
        changed = gone or (_birthday(person.birth_date, 60) if receiving else None)
        if changed is not None and self.days[1] < changed <= self.days[2]:
            written = datetime(changed.year, changed.month, changed.day, 9, 15)
        paid = None if person.age(day) >= 60 and cover.pension is not None else _paid_month(cover, self.days[1])
        pension = cover.pension if receiving else None
        return Insurance(
            personal_no=f"33{person.serial:08d}", citizen_id=person.citizen_id, name=person.name, kind=cover.kind, status=status,
            first_month=cover.first_month, last_paid_month=paid, grade=cover.grade, paid_by_state=cover.paid_by_state,
            receiving=receiving, pension_amount=pension, division=person.household.division, updated_at=written,
        )  # fmt: skip


def _paid_month(cover: Cover, first: date) -> date:
    """Workers pay by the month, residents once a year in spring."""
    if cover.kind in (WORKERS_PENSION, WORKERS_MEDICAL):
        return max(_month(first), cover.first_month)
    spring = date(first.year if first.month >= 3 else first.year - 1, 3, 1)
    return max(spring, cover.first_month)


def _month(day: date) -> date:
    return day.replace(day=1)


def _birthday(born: date, years: int) -> date:
    day = 28 if (born.month, born.day) == (2, 29) else born.day
    return date(born.year + years, born.month, day)
