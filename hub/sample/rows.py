"""What each department says, row by row, in national codes and Python values; the exports write it in the department's own way.

A row carries its own copy of everything it says about a person, so that two departments can disagree. ``key`` is the
row's identity within its dataset. Money is fen. Nothing here knows how a row is written into a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

RESIDENT = "public-security.resident"
DEREGISTRATION = "public-security.deregistration"
MINIMUM_LIVING = "civil-affairs.minimum-living"
DISABILITY = "civil-affairs.disability"
OLD_AGE = "civil-affairs.old-age-allowance"
EXTREME_DIFFICULTY = "civil-affairs.extreme-difficulty"
MARRIAGE = "civil-affairs.marriage"
INSURANCE = "human-resources.insurance"
EMPLOYMENT = "human-resources.employment"
HEALTH_RECORD = "health.health-record"
MATERNITY = "health.maternity"
ENROLMENT = "education.enrolment"
SCHOOL = "education.school"
CONTRACTS = (
    RESIDENT, DEREGISTRATION, MINIMUM_LIVING, DISABILITY, OLD_AGE, EXTREME_DIFFICULTY, MARRIAGE,
    INSURANCE, EMPLOYMENT, HEALTH_RECORD, MATERNITY, ENROLMENT, SCHOOL,
)  # fmt: skip
# The health service is asked for what changed since; every other delivery names all that is there.
DELTAS = (HEALTH_RECORD, MATERNITY)

Key = tuple[str, ...]


class Row(Protocol):
    @property
    def key(self) -> Key: ...


@dataclass(frozen=True, slots=True)
class Resident:
    citizen_id: str
    name: str
    sex: str
    ethnic_group: str
    birth_date: date
    household: str
    kinship: str
    head_id: str
    registration_type: str
    registered_division: str
    registered_village: str | None
    registered_address: str
    village: str
    address: str
    is_floating: bool
    since: date | None
    permit_no: str | None
    life_status: str
    updated_at: datetime

    @property
    def key(self) -> Key:
        return (self.citizen_id,)


@dataclass(frozen=True, slots=True)
class Deregistration:
    citizen_id: str
    name: str
    kind: str  # 1 death, 2 moved out
    death_date: date | None
    date: date
    moved_to: str | None
    office: str

    @property
    def key(self) -> Key:
        return (self.citizen_id, self.kind)


@dataclass(frozen=True, slots=True)
class MinimumLiving:
    village: str
    head_name: str
    head_id: str
    certificate_no: str
    category: str  # 1 urban, 2 rural
    size: int
    covered_persons: int
    name: str
    citizen_id: str
    kinship: str  # to the holder: the word itself
    marital_status: str
    health: str  # the word itself
    priority: bool
    family_supplement: int
    priority_aid: int
    disability_aid: int
    start_month: date
    bank: str
    account: str

    @property
    def key(self) -> Key:
        return (self.certificate_no, self.citizen_id)


@dataclass(frozen=True, slots=True)
class Disability:
    name: str
    citizen_id: str
    certificate_no: str
    category: str
    grade: str
    issued_on: date
    valid_until: date | None  # None: for good
    living_subsidy: int | None
    care_subsidy: int | None
    guardian_name: str | None
    phone: str | None
    registered_village: str

    @property
    def key(self) -> Key:
        return (self.certificate_no,)


@dataclass(frozen=True, slots=True)
class OldAge:
    village: str
    name: str
    citizen_id: str
    amount: int
    start_month: date
    live: bool
    end_reason: str | None  # the word itself
    bank: str
    account: str

    @property
    def key(self) -> Key:
        return (self.citizen_id,)


@dataclass(frozen=True, slots=True)
class ExtremeDifficulty:
    name: str
    citizen_id: str
    certificate_no: str
    support_mode: str
    self_care: str
    living_standard: int
    care_standard: int
    guardian_name: str | None
    phone: str | None
    bank: str
    account: str

    @property
    def key(self) -> Key:
        return (self.certificate_no,)


@dataclass(frozen=True, slots=True)
class Marriage:
    event: str  # 1 marriage, 2 divorce, 3 reissue
    date: date
    husband_id: str
    husband_name: str
    wife_id: str
    wife_name: str
    certificate_no: str

    @property
    def key(self) -> Key:
        return (self.certificate_no,)


@dataclass(frozen=True, slots=True)
class Insurance:
    personal_no: str
    citizen_id: str
    name: str
    kind: str
    status: str
    first_month: date
    last_paid_month: date | None
    grade: int | None
    paid_by_state: bool
    receiving: bool
    pension_amount: int | None
    division: str
    updated_at: datetime

    @property
    def key(self) -> Key:
        return (self.personal_no, self.kind)


@dataclass(frozen=True, slots=True)
class Employment:
    citizen_id: str
    name: str
    education: str
    status: str
    employer_code: str | None
    employer_name: str | None
    industry: str | None
    since: date | None
    unemployed_since: date | None
    reason: str | None
    hard_to_place: bool
    registration_kind: str

    @property
    def key(self) -> Key:
        return (self.citizen_id,)


@dataclass(frozen=True, slots=True)
class HealthRecord:
    number: str
    citizen_id: str | None  # None for the newborn
    name: str
    sex: str
    birth_date: date
    marital_status: str | None
    education: str | None
    blood_type: str
    family_doctor: bool
    chronic_diseases: tuple[str, ...]
    care_level: str
    checkup_date: date | None
    village: str  # a township's code where no more is known
    phone: str | None
    updated_at: datetime

    @property
    def key(self) -> Key:
        return (self.number,)


@dataclass(frozen=True, slots=True)
class Maternity:
    citizen_id: str
    name: str
    lmp: date
    due_date: date
    booked_on: date
    visits: int
    risk: str
    delivered_on: date | None
    mode: str | None
    child_sex: str | None
    child_born_at: datetime | None  # city time
    updated_at: datetime

    @property
    def key(self) -> Key:
        return (self.citizen_id, self.lmp.isoformat())


@dataclass(frozen=True, slots=True)
class Enrolment:
    student_number: str
    citizen_id: str
    name: str
    sex: str
    birth_date: date
    ethnic_group: str
    school_code: str
    school_name: str
    stage: str
    grade: str
    class_name: str
    entered: date  # first of the month
    attendance: str  # 1 day, 2 boarding
    left_behind: bool
    aid: tuple[str, ...]
    status: str  # 1 studying, 2 suspended, 3 transferred out, 4 graduated, 5 dropped out
    registered_village: str | None

    @property
    def key(self) -> Key:
        return (self.student_number,)


@dataclass(frozen=True, slots=True)
class School:
    school_code: str
    name: str
    code: str
    kind: str
    division: str
    pupils: int
    teachers: int

    @property
    def key(self) -> Key:
        return (self.school_code,)
