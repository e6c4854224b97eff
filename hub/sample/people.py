"""Persons and registered households at one moment, assembled so that ages, sexes and kin fit together.

Nothing here knows a department: what each of them holds about these people is made in welfare, work, care and schools.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from hub.sample.identity import citizen_id
from hub.sample.names import Names, Shares, table
from hub.sample.places import OUTSIDE, Places

MAN, WOMAN = "1", "2"
ALIVE, DIED, MOVED_OUT = "1", "2", "3"
UNMARRIED, MARRIED, WIDOWED, DIVORCED = "10", "20", "30", "40"
HAN, UYGUR = "01", "05"
# Shares of households, of our own choosing: the She (22) are at home in the region.
_ETHNIC_GROUPS = Shares([(HAN, 96.5), ("22", 1.6), ("06", 0.6), ("15", 0.5), ("09", 0.3), ("03", 0.3), (UYGUR, 0.2)])


@dataclass(frozen=True, slots=True)
class Household:
    """A registered household (户). ``village`` is None for one registered outside the prefecture."""

    number: str
    division: str  # six-digit county of registration
    village: str | None  # 12-digit village of registration
    address: str
    home: str  # 12-digit village where it lives
    home_address: str
    floating: bool  # lives here, registered elsewhere


@dataclass(frozen=True, slots=True)
class Person:
    """One human being. Codes are the national ones; ``serial`` is the simulation's own number."""

    serial: int
    citizen_id: str
    name: str
    sex: str
    ethnic_group: str
    birth_date: date
    household: Household
    head: int  # serial of the household's head
    kinship: str  # to the head
    village: str  # where the person lives
    address: str
    floating: bool
    since: date | None  # came to the place of living
    marital_status: str
    education: str | None
    phone: str | None
    spouse: int | None = None
    mother: int | None = None
    life_status: str = ALIVE
    death_date: date | None = None
    left_on: date | None = None
    moved_to: str | None = None  # six-digit county
    updated_at: datetime = datetime(2020, 1, 1)

    @property
    def alive(self) -> bool:
        return self.life_status == ALIVE

    @property
    def settled(self) -> bool:
        """Lives where registered: the people whom the township's welfare lists are about."""
        return self.village == self.household.village

    def age(self, on: date) -> int:
        """Completed years."""
        return age(self.birth_date, on)


def age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


@dataclass(frozen=True, slots=True)
class _Place:
    """One place at a table that is still to get a name: age, sex, kinship to the head, who its mother and spouse are."""

    sex: str
    age: int
    kinship: str
    spouse: int | None = None  # index in the household
    mother: int | None = None


class _Pool:
    """How many people of each sex and age are still without a household."""

    def __init__(self, people: int, random: Random) -> None:
        self._random = random
        self._left: dict[tuple[str, int], int] = defaultdict(int)
        shares: list[tuple[tuple[str, int, int], float]] = []
        for row in table("age-sex"):
            low, _, high = row["age_band"].rstrip("+").partition("-")
            band = (int(low), int(high or 97))
            shares.append(((MAN, *band), float(row["male_percent"])))
            shares.append(((WOMAN, *band), float(row["female_percent"])))
        draws = Shares(shares)
        whole = sum(share for _, share in shares)
        bands = [band for band, share in shares for _ in range(int(people * share / whole))]  # the shares as they are, the rest by lot
        bands += [draws.draw(random) for _ in range(people - len(bands))]
        for sex, low_age, high_age in bands:
            self._left[sex, random.randint(low_age, high_age)] += 1
        self._adults = [key for key in sorted(self._left) if key[1] >= 20 for _ in range(self._left[key])]
        random.shuffle(self._adults)

    def head(self) -> tuple[str, int] | None:
        while self._adults:
            key = self._adults.pop()
            if self._left[key] > 0:
                self._left[key] -= 1
                return key
        return None

    def take(self, sexes: str, low: int, high: int, near: int) -> tuple[str, int] | None:
        """Somebody of one of the sexes, ``low`` to ``high`` years old, as near to an age as there is."""
        best: tuple[int, str, int] | None = None
        for years in range(max(0, low), high + 1):
            for sex in sexes:
                if self._left.get((sex, years), 0) > 0 and (best is None or abs(years - near) < best[0]):
                    best = (abs(years - near), sex, years)
        if best is None:
            return None
        self._left[best[1], best[2]] -= 1
        return best[1], best[2]

    def rest(self) -> Iterator[tuple[str, int]]:
        for key in sorted(self._left):
            for _ in range(self._left[key]):
                yield key


def _assemble(people: int, random: Random) -> list[list[_Place]]:
    """Households as lists of places; the head is the first."""
    pool = _Pool(people, random)
    sizes = Shares([(int(row["persons"]), float(row["share_percent"])) for row in table("household-size")])
    households: list[list[_Place]] = []
    while (head := pool.head()) is not None:
        households.append(_around(head, sizes.draw(random), pool, random))
    hosts = [index for index, places in enumerate(households) if len(places) > 1] or [0]
    for sex, years in pool.rest():  # children for whom no parent of a fitting age had room
        places = households[random.choice(hosts)]
        mother = next((i for i, p in enumerate(places[:2]) if p.sex == WOMAN and 20 <= p.age - years <= 42), None)
        kinship = ("20" if sex == MAN else "30") if mother is not None else "97"
        places.append(_Place(sex, years, kinship, mother=mother))
    return households


def _around(head: tuple[str, int], size: int, pool: _Pool, random: Random) -> list[_Place]:
    sex, years = head
    places = [_Place(sex, years, "02")]
    if size > 1 and years >= 23 and random.random() < 0.88:
        other = WOMAN if sex == MAN else MAN
        near = years - 2 if sex == MAN else years + 2
        spouse = pool.take(other, max(22, years - 7), years + 7, near)
        if spouse is not None:
            places[0] = replace(places[0], spouse=1)
            places.append(_Place(*spouse, "12" if other == WOMAN else "11", spouse=0))
    mother = next((i for i, place in enumerate(places) if place.sex == WOMAN), None)
    parent = places[mother] if mother is not None else places[0]
    for _ in range(random.choice((1, 1, 2, 2, 3))):
        if len(places) >= size:
            break
        child = pool.take(MAN + WOMAN, parent.age - 40, min(parent.age - 21, 30), max(2, parent.age - 27 - random.randint(0, 6)))
        if child is None:
            break
        places.append(_Place(*child, "20" if child[0] == MAN else "30", mother=mother))
    for parent_sex, kinship in ((WOMAN, "52"), (MAN, "51")):
        if len(places) < size and (found := pool.take(parent_sex, years + 20, years + 38, years + 26)) is not None:
            places.append(_Place(*found, kinship))
    if len(places) >= 2 and [p.kinship for p in places[-2:]] == ["52", "51"]:
        last = len(places) - 1
        places[last - 1] = replace(places[last - 1], spouse=last)
        places[last] = replace(places[last], spouse=last - 1)
    while len(places) < size and (found := pool.take(MAN + WOMAN, 22, max(years + 12, 40), years - 3)) is not None:
        places.append(_Place(*found, "70" if abs(found[1] - years) <= 15 else "97"))
    return places


class Population:
    """Turns places at a table into persons with numbers, names and addresses; also makes the newborn and the new wives' names."""

    def __init__(self, places: Places, first: date, random: Random) -> None:
        self.places = places
        self.first = first
        self.random = random
        self.names = Names(random)
        self._orders: dict[tuple[str, date, str], int] = defaultdict(int)
        self._education = Shares([(row["education_code"], float(row["share_percent"])) for row in table("education-15-and-over")])
        populated = set(places.villages)
        self._elsewhere = sorted(c for c, d in places.tree.items() if d.level == "village" and c not in populated)
        self._weights = Shares([(village, 0.7 + 0.6 * random.random()) for village in places.villages])
        self._serial = 0
        self._number = 0

    def build(self, people: int) -> dict[int, Person]:
        persons: dict[int, Person] = {}
        for places in _assemble(people, self.random):
            for person in self._family(places):
                persons[person.serial] = person
        return persons

    def household(self) -> Household:
        """A new household: 19 in 20 are registered in a village of the city's, the others came from elsewhere."""
        random, places = self.random, self.places
        self._number += 1
        number = f"{self._number * 37 % 999983:06d}{self._number % 1000:03d}"
        home = self._weights.draw(random)
        home_address = places.address(home, f"{random.randint(1, 220)}号")
        lot = random.random()
        if lot < 0.95:
            return Household(number, home[:6], home, home_address, home, home_address, False)
        door = f"{random.randint(1, 220)}号"
        if lot < 0.98:
            village = random.choice(self._elsewhere)
            return Household(number, village[:6], village, places.address(village, door), home, home_address, True)
        county = random.choice(sorted(OUTSIDE))
        return Household(number, county, None, f"{OUTSIDE[county]}{door}", home, home_address, True)

    def birthday(self, years: int) -> date:
        """A day that makes somebody so many completed years old on the day of the first delivery."""
        latest = _years_before(self.first, years)
        return latest - timedelta(days=self.random.randrange(365))

    def identity(self, region: str, born: date, sex: str) -> str:
        order = self._orders[region, born, sex] = self._orders[region, born, sex] + 1
        return citizen_id(region, born, order * 2 - (sex == MAN))

    def phone(self) -> str:
        return f"1{self.random.choice('3578')}{self.random.randrange(10**9):09d}"

    def education(self, years: int) -> str | None:
        if years < 15:
            return None
        if years < 18:
            return "70"
        code = self._education.draw(self.random)
        if (years > 65 and code < "40") or years < {"20": 22, "30": 21, "14": 25, "11": 28}.get(code, 0):
            return "80" if years > 65 else "60"
        return code

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def _family(self, places: list[_Place]) -> list[Person]:
        random, names = self.random, self.names
        household = self.household()
        ethnic = _ETHNIC_GROUPS.draw(random) if self._number % 500 != 60 else UYGUR  # so that every city has dotted names
        surname = names.surname()
        phone = self.phone()
        serials = [self.serial() for _ in places]
        family: list[Person] = []
        for index, place in enumerate(places):
            born = self.birthday(place.age)
            own = place.kinship in ("02", "20", "30", "51", "70")
            name = (surname if own else names.surname()) + names.given(place.sex, born.year)
            if ethnic == UYGUR:
                name = names.dotted(place.sex)
            region = household.division if place.kinship != "12" or random.random() < 0.6 else random.choice(sorted(OUTSIDE))
            family.append(
                Person(
                    serial=serials[index],
                    citizen_id=self.identity(region, born, place.sex),
                    name=name,
                    sex=place.sex,
                    ethnic_group=ethnic,
                    birth_date=born,
                    household=household,
                    head=serials[0],
                    kinship=place.kinship,
                    village=household.home,
                    address=household.home_address,
                    floating=household.floating,
                    since=self._since() if household.floating else None,
                    marital_status=self._marital(place),
                    education=self.education(place.age),
                    phone=phone if place.age < 16 or place.kinship == "02" else self.phone() if random.random() < 0.9 else None,
                    spouse=None if place.spouse is None else serials[place.spouse],
                    mother=None if place.mother is None else serials[place.mother],
                    updated_at=self._written(born),
                )
            )
        return [self._away(person, places[index].age) for index, person in enumerate(family)]

    def _marital(self, place: _Place) -> str:
        if place.spouse is not None:
            return MARRIED
        if place.age < 24:
            return UNMARRIED
        chances = ((UNMARRIED, 75 - place.age), (DIVORCED, 12.0), (WIDOWED, max(0, place.age - 45) * 2.5))
        return Shares([(status, float(max(weight, 2))) for status, weight in chances]).draw(self.random)

    def _away(self, person: Person, years: int) -> Person:
        """One in nine of working age, without a spouse in the household, lives in another village of the prefecture."""
        if not 18 <= years <= 45 or person.kinship == "02" or person.spouse or person.floating or self.random.random() > 0.25:
            return person
        chosen = self.places.villages if self.random.random() < 0.4 else self._elsewhere
        village = self.random.choice(chosen)
        if village == person.village:
            return person
        address = self.places.address(village, f"{self.random.randint(1, 220)}号")
        return replace(person, village=village, address=address, floating=True, since=self._since())

    def _since(self) -> date | None:
        return None if self.random.random() < 0.2 else self.first - timedelta(days=self.random.randint(60, 3000))

    def _written(self, born: date) -> datetime:
        day = max(born + timedelta(days=20), self.first - timedelta(days=self.random.randint(40, 2500)))
        return datetime(day.year, day.month, day.day, 8, 30) + timedelta(seconds=self.random.randrange(30000))


def _years_before(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29) and (day.year - years) % 4:
        return date(day.year - years, 2, 28)
    return day.replace(year=day.year - years)
