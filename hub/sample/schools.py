"""What education holds: schools and the enrolments of the children who live here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from hub.sample.identity import credit_code
from hub.sample.life import Lives
from hub.sample.people import Person, age
from hub.sample.places import Places
from hub.sample.rows import Enrolment, School
from hub.sample.welfare import registered

KINDERGARTEN, PRIMARY, JUNIOR, SENIOR, VOCATIONAL = "1", "2", "3", "4", "5"
STUDYING, SUSPENDED, TRANSFERRED, DROPPED_OUT = "1", "2", "3", "5"
MEALS, BOARDING_SUBSIDY, STATE_GRANT, OTHER_AID = "1", "2", "3", "9"
# JY/T 1001 codes of the kinds of school: kindergarten, primary, junior, senior, secondary vocational.
_KINDS = {KINDERGARTEN: ("111", "中心幼儿园"), PRIMARY: ("211", "中心小学"), JUNIOR: ("311", "初级中学")}
_COUNTY_KINDS = {SENIOR: ("342", "第一中学"), VOCATIONAL: ("361", "职业技术学校")}


@dataclass(frozen=True, slots=True)
class Place:
    """A pupil's place at a school."""

    pupil: int
    stage: str
    school: str  # school_code
    entry: int  # the year in which the stage began
    class_no: int
    attendance: str
    left_behind: bool
    aid: tuple[str, ...]
    status: str
    transfers: bool  # leaves for another city's school between the deliveries


class Schools:
    """Founds schools and gives places once; gives the rows of a delivery. A child's age on 1 September settles its stage."""

    def __init__(self, lives: Lives, days: Mapping[int, date], places: Places, poor: set[str], random: Random) -> None:
        self.lives = lives
        self.days = days
        self.places = places
        self.random = random
        self.start = date(days[1].year if days[1].month >= 9 else days[1].year - 1, 9, 1)
        self.schools: dict[tuple[str, str], School] = {}
        for township in places.townships:
            for stage, (kind, word) in _KINDS.items():
                self._found(
                    (township, stage), kind, places.name(township).removesuffix("街道").removesuffix("镇").removesuffix("乡") + word
                )
            county = township[:6]
            for stage, (kind, word) in _COUNTY_KINDS.items():
                if (county, stage) not in self.schools:
                    self._found((county, stage), kind, places.name(county + "000000") + word, township)
        self.seats: dict[int, Place] = {}
        here = set(places.villages)
        for person in lives.states[1].values():
            if person.alive and person.village in here and (seat := self._seat(person, poor)) is not None:
                self.seats[person.serial] = seat

    def _found(self, where: tuple[str, str], kind: str, name: str, township: str | None = None) -> None:
        random = self.random
        village = random.choice([v for v in self.places.villages if v.startswith((township or where[0])[:9])])
        code = f"3133{len(self.schools) + 1:06d}"
        self.schools[where] = School(code, name, credit_code("12", village[:6], random), kind, village, 0, random.randint(12, 90))

    def _seat(self, person: Person, poor: set[str]) -> Place | None:
        random = self.random
        years = age(person.birth_date, self.start)
        if not 3 <= years <= 17 or (years < 5 and random.random() < 0.15) or (years >= 16 and random.random() < 0.1):
            return None
        stage = (
            KINDERGARTEN if years < 6 else PRIMARY if years < 12 else JUNIOR if years < 15 else random.choice((SENIOR, SENIOR, VOCATIONAL))
        )
        first_age = {KINDERGARTEN: 3, PRIMARY: 6, JUNIOR: 12, SENIOR: 15, VOCATIONAL: 15}[stage]
        area = person.village[:6] if stage in _COUNTY_KINDS else person.village[:9] + "000"
        boarding = stage in _COUNTY_KINDS or (stage == JUNIOR and random.random() < 0.3)
        status = STUDYING
        if years >= 13 and random.random() < 0.02:
            status = random.choice((SUSPENDED, DROPPED_OUT))
        aid: tuple[str, ...] = ()
        if stage in (PRIMARY, JUNIOR) and random.random() < 0.2:
            aid += (MEALS,)
        if person.citizen_id in poor:
            aid += (BOARDING_SUBSIDY,) if boarding else (OTHER_AID,)
        mother = self.lives.states[1].get(person.mother or 0)
        left_behind = (mother is not None and mother.village != person.village) or (years >= 6 and random.random() < 0.04)
        if stage in _COUNTY_KINDS and random.random() < 0.15:
            aid += (STATE_GRANT,)
        return Place(
            person.serial, stage, self.schools[area, stage].school_code, self.start.year - (years - first_age), random.randint(1, 4),
            "2" if boarding else "1", left_behind, tuple(sorted(aid)), status, random.random() < 0.01,
        )  # fmt: skip

    @property
    def pupils(self) -> set[int]:
        return set(self.seats)

    def enrolment(self, delivery: int) -> list[Enrolment]:
        schools = {school.school_code: school for school in self.schools.values()}
        rows = []
        for seat in self.seats.values():
            person = self.lives.states[delivery][seat.pupil]
            if not person.alive or not registered(person, self.days[delivery]):
                continue
            status = TRANSFERRED if delivery == 2 and seat.transfers and seat.status == STUDYING else seat.status
            rows.append(
                Enrolment(
                    student_number="G" + person.citizen_id, citizen_id=person.citizen_id, name=person.name, sex=person.sex,
                    birth_date=person.birth_date, ethnic_group=person.ethnic_group, school_code=seat.school,
                    school_name=schools[seat.school].name, stage=seat.stage, grade=f"{seat.entry}级", class_name=f"{seat.class_no}班",
                    entered=date(seat.entry, 9, 1), attendance=seat.attendance, left_behind=seat.left_behind, aid=seat.aid,
                    status=status, registered_village=person.household.village,
                )
            )  # fmt: skip
        return sorted(rows, key=lambda row: row.key)

    def school(self) -> list[School]:
        """The schools, the same in both deliveries: their pupils are counted once a school year."""
        counts = Counter(row.school_code for row in self.enrolment(1) if row.status == STUDYING)
        found = []
        for school in self.schools.values():
            found.append(
                School(
                    school.school_code, school.name, school.code, school.kind, school.division, counts[school.school_code], school.teachers
                )
            )
        return sorted(found, key=lambda row: row.key)
