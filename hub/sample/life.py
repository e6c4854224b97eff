"""What happens between two deliveries: people are born, die, move, marry and divorce. Gives the next state of everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from hub.sample.people import DIED, DIVORCED, MAN, MARRIED, MOVED_OUT, UNMARRIED, WIDOWED, WOMAN, Household, Person, Population
from hub.sample.places import OUTSIDE

REGISTERED_AFTER = timedelta(days=20)  # a birth is in the register so long after it


@dataclass(frozen=True, slots=True)
class Registered:
    """An act of the marriage register between two persons (serials)."""

    event: str
    date: date
    husband: int
    wife: int
    certificate_no: str


@dataclass(frozen=True)
class Lives:
    """Everybody at both deliveries, and the register of marriages. ``touched`` are those to whom something happened."""

    states: dict[int, dict[int, Person]]
    marriages: dict[int, tuple[Registered, ...]]
    touched: frozenset[int]


class History:
    """Plays the years before the first delivery (acts that are still on file) and the month after it."""

    def __init__(self, population: Population, people: int, second: date, random: Random) -> None:
        self.population = population
        self.people = people
        self.first = population.first
        self.second = second
        self.random = random
        self.touched: set[int] = set()
        self._parties: set[int] = set()
        self._certificates = 0

    def live(self, persons: dict[int, Person]) -> Lives:
        now = dict(persons)
        acts = self._past_acts(now)
        self._past_departures(now)
        before = dict(now)
        earlier = tuple(acts)
        acts += self._weddings(now) + self._divorces(now)
        self._deaths(now)
        self._moves(now)
        self._departures(now)
        self._births(now)
        self._arrivals(now)
        return Lives({1: before, 2: now}, {1: earlier, 2: tuple(acts)}, frozenset(self.touched))

    # Before the first delivery -------------------------------------------------------------------------------------

    def _past_acts(self, now: dict[int, Person]) -> list[Registered]:
        couples = [
            p for p in now.values() if p.sex == MAN and p.spouse and 23 <= p.age(self.first) <= 45 and p.head in (p.serial, p.spouse)
        ]
        acts = []
        for man in self._sample(couples, max(3, self.people // 100)):
            assert man.spouse is not None
            acts.append(self._act("3" if self.random.random() < 0.1 else "1", self._day(self.first, 700), man.serial, man.spouse))
        women = [p for p in now.values() if p.sex == WOMAN and p.marital_status == DIVORCED and p.age(self.first) < 60]
        men = {p.serial: p for p in now.values() if p.sex == MAN and p.marital_status == DIVORCED and p.age(self.first) < 60}
        for woman in self._sample(women, max(1, self.people // 400)):
            man_found = next((m for m in men.values() if abs(m.age(self.first) - woman.age(self.first)) < 8), None)
            if man_found is not None:
                del men[man_found.serial]
                acts.append(self._act("2", self._day(self.first, 700), man_found.serial, woman.serial))
        return acts

    def _past_departures(self, now: dict[int, Person]) -> None:
        for person in self._sample(self._leavers(now, 65, 100), max(1, self.people // 700)):
            self._die(now, person, self._day(self.first, 120))
        for person in self._sample(self._leavers(now, 18, 40), max(1, self.people // 1500)):
            self._leave(now, person, self._day(self.first, 120))

    # Between the deliveries ----------------------------------------------------------------------------------------

    def _weddings(self, now: dict[int, Person]) -> list[Registered]:
        single = [p for p in now.values() if p.alive and p.marital_status in (UNMARRIED, DIVORCED) and 23 <= p.age(self.first) <= 40]
        women = [p for p in single if p.sex == WOMAN and p.serial not in self._parties]
        men = {p.serial: p for p in single if p.sex == MAN and p.serial not in self._parties}
        acts = []
        for woman in self._sample(women, max(1, self.people // 2000)):
            man = next(
                (m for m in men.values() if abs(m.age(self.first) - woman.age(self.first)) < 10 and m.household != woman.household), None
            )
            if man is not None:
                del men[man.serial]
                act = self._act("1", self._day(self.second, self._days), man.serial, woman.serial)
                self._alter(now, man, act.date, marital_status=MARRIED, spouse=woman.serial, row=False)
                self._alter(now, woman, act.date, marital_status=MARRIED, spouse=man.serial, row=False)
                acts.append(act)
        return acts

    def _divorces(self, now: dict[int, Person]) -> list[Registered]:
        couples = [
            p for p in now.values()
            if p.sex == MAN and p.alive and p.spouse and p.kinship == "02" and 25 <= p.age(self.first) <= 55 and p.serial not in self.touched
        ]  # fmt: skip
        acts = []
        for man in self._sample(couples, max(1, self.people // 3000)):
            assert man.spouse is not None
            wife = now[man.spouse]
            act = self._act("2", self._day(self.second, self._days), man.serial, wife.serial)
            self._alter(now, man, act.date, marital_status=DIVORCED, spouse=None, row=False)
            self._alter(now, wife, act.date, marital_status=DIVORCED, spouse=None, kinship="99")
            acts.append(act)
        return acts

    def _deaths(self, now: dict[int, Person]) -> None:
        very_old = [p for p in self._leavers(now, 81, 105) if p.settled]
        chosen = self._sample(very_old, 1 + max(1, self.people // 1000))
        chosen += self._sample([p for p in self._leavers(now, 60, 80) if p not in chosen], 2 + self.people // 2000)
        for person in chosen:
            self._die(now, person, self._day(self.second, self._days))

    def _moves(self, now: dict[int, Person]) -> None:
        """Single people move to another village; a whole household moves its registration."""
        villages = self.population.places.villages
        movers = [p for p in self._leavers(now, 18, 50) if p.settled]
        for person in self._sample(movers, max(1, self.people // 1000)):
            village = self.random.choice([v for v in villages if v != person.village])
            day = self._day(self.second, self._days)
            address = self.population.places.address(village, f"{self.random.randint(1, 220)}号")
            self._alter(now, person, day, village=village, address=address, floating=True, since=day)
        sizes = Counter(p.household.number for p in now.values())
        heads = [p for p in now.values() if p.alive and p.settled and p.kinship == "02" and sizes[p.household.number] > 1]
        heads = [p for p in heads if p.serial not in self.touched and p.age(self.first) < 60]
        for head in self._sample(heads, max(1, self.people // 3000)):
            self._reregister(now, head, self.random.choice([v for v in villages if v != head.village]))

    def _reregister(self, now: dict[int, Person], head: Person, village: str) -> None:
        day = self._day(self.second, self._days)
        address = self.population.places.address(village, f"{self.random.randint(1, 220)}号")
        moved = Household(head.household.number, village[:6], village, address, village, address, False)
        for member in [p for p in now.values() if p.household.number == moved.number]:
            if member.alive and member.village == head.village:
                self._alter(now, member, day, household=moved, village=village, address=address)
            else:
                self._alter(now, member, day, household=moved)

    def _departures(self, now: dict[int, Person]) -> None:
        chosen = self._sample(self._leavers(now, 18, 40), max(1, self.people // 2500))
        very_old = [p for p in self._leavers(now, 81, 105) if p.settled and p.spouse is None]  # to a child's in another city
        for person in chosen + self._sample(very_old, self.people // 1000):
            self._leave(now, person, self._day(self.second, self._days))

    def _births(self, now: dict[int, Person]) -> None:
        mothers = [
            p for p in now.values()
            if p.sex == WOMAN and p.alive and p.spouse and p.settled and 21 <= p.age(self.first) <= 42 and p.kinship in ("02", "12")
        ]  # fmt: skip
        babies = {p.mother for p in now.values() if p.age(self.first) < 2}
        mothers = [p for p in mothers if p.serial not in babies and p.serial not in self.touched]
        for number, mother in enumerate(self._sample(mothers, max(1, self.people // 1300))):
            born = self._day(self.second, self._days if number else 10)  # one too young to be registered
            sex = self.random.choice((MAN, WOMAN))
            father = now[mother.spouse or mother.serial]
            surname = father.name[:-2] if len(father.name) > 2 and "·" not in father.name else father.name[:1]
            given = self.population.names.given(sex, born.year)
            name = self.population.names.dotted(sex) if "·" in father.name else surname[:2] + given
            baby = replace(
                mother,
                serial=self.population.serial(), name=name, sex=sex, birth_date=born,
                citizen_id=self.population.identity(mother.household.division, born, sex),
                kinship="20" if sex == MAN else "30", marital_status=UNMARRIED, education=None,
                spouse=None, mother=mother.serial, updated_at=self._moment(born + REGISTERED_AFTER),
            )  # fmt: skip
            now[baby.serial] = baby
            self.touched.update((mother.serial, baby.serial))

    def _arrivals(self, now: dict[int, Person]) -> None:
        """People come to live here whose registration is elsewhere."""
        for _ in range(max(1, self.people // 1500)):
            population = self.population
            home = self.random.choice(population.places.villages)
            county = self.random.choice(sorted(OUTSIDE))
            born = population.birthday(self.random.randint(20, 45))
            sex = self.random.choice((MAN, WOMAN))
            day = self._day(self.second, self._days)
            serial = population.serial()
            family = replace(
                population.household(), division=county, village=None, address=f"{OUTSIDE[county]}{self.random.randint(1, 220)}号",
                home=home, home_address=population.places.address(home, f"{self.random.randint(1, 220)}号"), floating=True,
            )  # fmt: skip
            now[serial] = Person(
                serial=serial, citizen_id=population.identity(county, born, sex),
                name=population.names.surname() + population.names.given(sex, born.year), sex=sex, ethnic_group="01", birth_date=born,
                household=family, head=serial, kinship="02", village=home, address=family.home_address, floating=True, since=day,
                marital_status=UNMARRIED, education=population.education(30), phone=population.phone(), updated_at=self._moment(day),
            )  # fmt: skip
            self.touched.add(serial)

    # One person ----------------------------------------------------------------------------------------------------

    def _leavers(self, now: dict[int, Person], low: int, high: int) -> list[Person]:
        """Living people whose going leaves no household without its head and no row of the marriage register untrue."""
        sizes = Counter(p.household.number for p in now.values() if p.alive)
        return [
            p for p in now.values()
            if p.alive and low <= p.age(self.first) <= high and p.serial not in self._parties and p.serial not in self.touched
            and (p.kinship not in ("02", "11", "12") or sizes[p.household.number] == 1 or (p.kinship != "02" and low >= 60))
            and (p.spouse is None or (low >= 60 and p.spouse not in self._parties))
        ]  # fmt: skip

    def _die(self, now: dict[int, Person], person: Person, day: date) -> None:
        self._alter(now, person, day, life_status=DIED, death_date=day, left_on=min(day + timedelta(days=3), self._end(day)))
        if person.spouse is not None and person.spouse in now:
            self._alter(now, now[person.spouse], day, marital_status=WIDOWED, spouse=None, row=False)

    def _leave(self, now: dict[int, Person], person: Person, day: date) -> None:
        self._alter(now, person, day, life_status=MOVED_OUT, left_on=day, moved_to=self.random.choice(sorted(OUTSIDE)))

    def _alter(self, now: dict[int, Person], person: Person, day: date, *, row: bool = True, **changes: object) -> None:
        """``row``: whether the resident register's row changes too (it does not hold marital status)."""
        if row:
            changes["updated_at"] = self._moment(min(day + timedelta(days=1), self._end(day)))
        now[person.serial] = replace(now[person.serial], **changes)  # type: ignore[arg-type]
        self.touched.add(person.serial)

    def _act(self, event: str, day: date, husband: int, wife: int) -> Registered:
        self._certificates += 1
        self._parties.update((husband, wife))
        kind = {"1": "J", "2": "L", "3": "BJ"}[event]
        return Registered(event, day, husband, wife, f"{kind}330800-{day.year}-{self._certificates:06d}")

    @property
    def _days(self) -> int:
        return (self.second - self.first).days

    def _end(self, day: date) -> date:
        return self.first if day <= self.first else self.second

    def _day(self, until: date, days: int) -> date:
        """One of the ``days`` days that end with ``until``."""
        return until - timedelta(days=self.random.randrange(days))

    def _moment(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 8, 30) + timedelta(seconds=self.random.randrange(30000))

    def _sample(self, people: Iterable[Person], count: int) -> list[Person]:
        ordered = list(people)
        return self.random.sample(ordered, min(count, len(ordered)))
