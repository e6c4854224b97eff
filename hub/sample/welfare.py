"""What civil affairs holds: the minimum living allowance, disability certificates, old-age allowance, extreme difficulty, marriages.

Who is on a list is settled once; the rows of a delivery then follow from the state of the people at that delivery. Only
people who live where they are registered are on these lists, so that every department means the same village.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from hub.sample.identity import bank_account
from hub.sample.life import Lives
from hub.sample.people import DIED, Person
from hub.sample.rows import Disability, ExtremeDifficulty, Marriage, MinimumLiving, OldAge

URBAN, RURAL = "1", "2"
STANDARD = {URBAN: 118_000, RURAL: 118_000}  # fen a month and head, of the order of Zhejiang's standard
BANKS = (("衢州农村商业银行", "622858"), ("中国农业银行衢州分行", "622848"), ("中国邮政储蓄银行", "621799"), ("中国建设银行", "621700"))
LIVING_SUBSIDY = 33_200
CARE_SUBSIDY = {"1": 50_000, "2": 25_000}
OLD_AGE_AMOUNTS = ((100, 60_000), (90, 20_000), (80, 8_000))  # from this age, fen a month
_RELATION = {"02": "本人", "11": "配偶", "12": "配偶", "20": "儿子", "30": "女儿", "51": "父亲", "52": "母亲"}


@dataclass(frozen=True, slots=True)
class Certificate:
    """A minimum living allowance: who is on it, and in which deliveries."""

    number: str
    holder: int
    members: tuple[int, ...]
    start_month: date
    supplement: int  # fen a head
    priority_aid: int  # fen a priority member
    bank: str
    account: str
    deliveries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Handicap:
    """A disability certificate."""

    holder: int
    category: str
    grade: str
    issued_on: date
    valid_until: date | None
    guardian: int | None
    deliveries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """Support for a person in extreme difficulty."""

    number: str
    person: int
    mode: str
    self_care: str
    care_standard: int
    guardian: str | None
    bank: str
    account: str
    deliveries: tuple[int, ...]


class Welfare:
    """Chooses the people once; gives each dataset's rows for a delivery."""

    def __init__(self, lives: Lives, days: Mapping[int, date], place_urban: Mapping[str, bool], random: Random) -> None:
        self.lives = lives
        self.days = days
        self.urban = place_urban
        self.random = random
        self._paid: dict[int, tuple[str, str]] = {}
        self._families: dict[str, list[Person]] = defaultdict(list)
        for person in lives.states[1].values():
            self._families[person.household.number].append(person)
        self.handicaps = self._choose_handicaps()
        self.certificates = self._choose_certificates()
        self.supports = self._choose_supports()
        self._skips = {serial for serial in lives.states[2] if random.random() < 0.06}  # never applied for the old-age allowance

    # Who -----------------------------------------------------------------------------------------------------------

    def _choose_handicaps(self) -> dict[int, Handicap]:
        random, first = self.random, self.days[1]
        chosen: dict[int, Handicap] = {}
        for person in self.lives.states[1].values():
            years = person.age(first)
            if (
                not person.alive
                or not person.settled
                or years < 4
                or random.random() > (0.015 if years < 40 else 0.04 if years < 70 else 0.07)
            ):
                continue
            issued = first - timedelta(days=random.randint(60, min(3000, 365 * (years - 1))))
            until = None if years > 50 or random.random() < 0.4 else issued.replace(day=min(issued.day, 28), year=issued.year + 10)
            if person.serial % 13 == 0 and years < 50:
                until = first - timedelta(days=random.randint(5, 90))  # run out, not renewed
            adults = [
                p for p in self._families[person.household.number] if p.alive and 20 <= p.age(first) < 85 and p.serial != person.serial
            ]
            guardian = adults[0].serial if adults and (years < 18 or random.random() < 0.6) else None
            lot = random.random()
            deliveries = (2,) if lot < 0.03 else (1,) if lot > 0.985 and person.serial not in self.lives.touched else (1, 2)
            grade = random.choice("1122333444")
            chosen[person.serial] = Handicap(person.serial, random.choice("1123444445567"), grade, issued, until, guardian, deliveries)
        return chosen

    def _choose_certificates(self) -> list[Certificate]:
        random = self.random
        chosen: list[Certificate] = []
        eligible = []
        for family in self._families.values():
            head = next((p for p in family if p.kinship == "02"), None)
            later = None if head is None else self.lives.states[2][head.serial]
            if head is not None and later is not None and head.alive and head.settled and later.alive and later.settled:
                eligible.append((head, family))
        quiet: list[tuple[Person, list[Person]]] = []
        lively: list[tuple[Person, list[Person]]] = []
        for pair in eligible:
            (lively if any(p.serial in self.lives.touched for p in pair[1]) else quiet).append(pair)
        wanted = max(10, len(eligible) // 24)  # one in twelve with a birth, a death, a move or a wedding in the family
        burdened = [pair for pair in quiet if any(p.serial in self.handicaps for p in pair[1])]
        poor = random.sample(burdened, min(len(burdened), wanted // 4))
        taken = {head.serial for head, _ in poor}
        others = [pair for pair in quiet if pair[0].serial not in taken]
        poor += random.sample(others, min(len(others), wanted - len(poor))) + random.sample(lively, min(len(lively), wanted // 12))
        for number, (head, family) in enumerate(poor, 1):
            members = tuple(p.serial for p in family if p.alive and p.settled and p.kinship in _RELATION and registered(p, self.days[1]))
            start = _month_before(self.days[1], random.randint(2, 90))
            bank, account = self._account(head.serial)
            chosen.append(
                Certificate(
                    f"{head.household.village or ''}"[:9] + f"{number:06d}", head.serial, members, start, random.randint(300, 900) * 100,
                    random.choice((10_000, 15_000, 20_000)), bank, account, (1, 2),
                )
            )  # fmt: skip
        return self._begun_and_ended(chosen)

    def _begun_and_ended(self, chosen: list[Certificate]) -> list[Certificate]:
        """One certificate in twenty begins, one in twenty ends between the deliveries; small families, so that few rows end."""

        def least(index: int) -> tuple[bool, int, str]:
            members = chosen[index].members
            return any(member in self.handicaps for member in members), len(members), chosen[index].number

        smallest = sorted(range(len(chosen)), key=least)
        turns = max(1, len(chosen) // 20)
        for index in smallest[:turns]:
            chosen[index] = replace(chosen[index], deliveries=(1,))
        for index in smallest[turns : 2 * turns]:
            chosen[index] = replace(chosen[index], deliveries=(2,), start_month=self.days[2].replace(day=1))
        return chosen

    def _choose_supports(self) -> list[Support]:
        random, first = self.random, self.days[1]
        on_allowance = {serial for certificate in self.certificates for serial in certificate.members}
        chosen: list[Support] = []
        alone = [family[0] for family in self._families.values() if len(family) == 1]
        alone = [
            p for p in alone if p.alive and p.settled and 58 <= p.age(first) < 95 and p.serial not in on_allowance | self.lives.touched
        ]
        for person in random.sample(alone, min(len(alone), max(6, len(alone) // 12))):
            mode = "集中" if random.random() < 0.3 else "分散"
            self_care = random.choice(("全自理", "全自理", "半自理", "全护理"))
            care = {"全自理": 0, "半自理": 40_000, "全护理": 120_000}[self_care]
            handicap = self.handicaps.get(person.serial)
            guardian = None if handicap else random.choice((None, "村委会专人", "敬老院护理员"))
            lot = random.random()
            deliveries = (1,) if lot < 0.06 and len(alone) > 60 else (2,) if lot > 0.9 else (1, 2)
            bank, account = self._account(person.serial)
            number = f"TK{person.household.village}{len(chosen) + 1:04d}"
            chosen.append(Support(number, person.serial, mode, self_care, care, guardian, bank, account, deliveries))
        return chosen

    def _account(self, serial: int) -> tuple[str, str]:
        if serial not in self._paid:
            bank, issuer = self.random.choice(BANKS)
            self._paid[serial] = (bank, bank_account(issuer, self.random, self.random.choice((16, 19, 19))))
        return self._paid[serial]

    # Rows ----------------------------------------------------------------------------------------------------------

    def minimum_living(self, delivery: int) -> list[MinimumLiving]:
        now = self.lives.states[delivery]
        sizes: dict[str, int] = defaultdict(int)
        for person in now.values():
            if person.alive and registered(person, self.days[delivery]):
                sizes[person.household.number] += 1
        rows: list[MinimumLiving] = []
        for certificate in self.certificates:
            if delivery not in certificate.deliveries:
                continue
            holder = now[certificate.holder]
            village = holder.household.village or ""
            category = URBAN if self.urban[village] else RURAL
            members = [p for p in (now[serial] for serial in certificate.members) if p.alive and p.settled and p.kinship in _RELATION]
            disabled = [m for m in members if m.serial in self.handicaps and delivery in self.handicaps[m.serial].deliveries]
            priority = {
                m.serial for m in members if m.age(self.days[1]) >= 75 or (m in disabled and self.handicaps[m.serial].grade in "12")
            }
            for member in members:
                rows.append(
                    MinimumLiving(
                        village=village, head_name=holder.name, head_id=holder.citizen_id, certificate_no=certificate.number,
                        category=category, size=sizes[holder.household.number], covered_persons=len(members),
                        name=member.name, citizen_id=member.citizen_id, kinship=_RELATION[member.kinship],
                        marital_status=member.marital_status, health=_health(member, disabled), priority=member.serial in priority,
                        family_supplement=min(certificate.supplement, STANDARD[category]) * len(members),
                        priority_aid=certificate.priority_aid * len(priority), disability_aid=6_000 * len(disabled),
                        start_month=certificate.start_month, bank=certificate.bank, account=certificate.account,
                    )
                )  # fmt: skip
        return rows

    def on_allowance(self, delivery: int) -> set[str]:
        return {row.citizen_id for row in self.minimum_living(delivery)}

    def disability(self, delivery: int) -> list[Disability]:
        now = self.lives.states[delivery]
        poor = self.on_allowance(delivery)
        rows = []
        for handicap in self.handicaps.values():
            person = now[handicap.holder]
            if delivery not in handicap.deliveries or not person.alive:
                continue
            live = handicap.valid_until is None or handicap.valid_until >= self.days[delivery]
            guardian = now[handicap.guardian].name if handicap.guardian is not None else None
            village = person.household.village or ""
            rows.append(
                Disability(
                    name=person.name, citizen_id=person.citizen_id,
                    certificate_no=person.citizen_id + handicap.category + handicap.grade,
                    category=handicap.category, grade=handicap.grade, issued_on=handicap.issued_on, valid_until=handicap.valid_until,
                    living_subsidy=LIVING_SUBSIDY if live and person.citizen_id in poor else None,
                    care_subsidy=CARE_SUBSIDY.get(handicap.grade) if live else None,
                    guardian_name=guardian, phone=person.phone, registered_village=village,
                )
            )  # fmt: skip
        return sorted(rows, key=lambda row: row.key)

    def old_age(self, delivery: int) -> list[OldAge]:
        """Everybody of 80 and over who applied; the dead and those who left stay on the list as stopped."""
        day = self.days[delivery]
        rows = []
        for person in self.lives.states[delivery].values():
            years = person.age(person.death_date or person.left_on or day)
            village = person.household.village
            if years < 80 or not person.settled or village is None or person.serial in self._skips:
                continue
            amount = next(amount for low, amount in OLD_AGE_AMOUNTS if years >= low)
            start = max(date(person.birth_date.year + 80, person.birth_date.month, 1), date(2012, 1, 1))
            reason = None if person.alive else "死亡" if person.life_status == DIED else "迁出"
            bank, account = self._account(person.serial)
            rows.append(OldAge(village, person.name, person.citizen_id, amount, start, person.alive, reason, bank, account))
        return rows

    def extreme_difficulty(self, delivery: int) -> list[ExtremeDifficulty]:
        now = self.lives.states[delivery]
        rows = []
        for support in self.supports:
            person = now[support.person]
            if delivery not in support.deliveries or not person.alive or not person.settled:
                continue
            handicap = self.handicaps.get(person.serial)
            guardian = support.guardian
            if handicap is not None and handicap.guardian is not None and delivery in handicap.deliveries:
                guardian = now[handicap.guardian].name
            rows.append(
                ExtremeDifficulty(
                    person.name, person.citizen_id, support.number, support.mode, support.self_care, 153_400, support.care_standard,
                    guardian, person.phone, support.bank, support.account,
                )
            )  # fmt: skip
        return rows

    def marriages(self, delivery: int) -> list[Marriage]:
        now = self.lives.states[delivery]
        return [
            Marriage(
                act.event, act.date, now[act.husband].citizen_id, now[act.husband].name, now[act.wife].citizen_id, now[act.wife].name,
                act.certificate_no,
            )
            for act in sorted(self.lives.marriages[delivery], key=lambda act: act.certificate_no)
        ]  # fmt: skip


def registered(person: Person, day: date) -> bool:
    """Whether the resident register has the person on that day: a birth is registered twenty days later."""
    return person.birth_date + timedelta(days=20) <= day


def _health(member: Person, disabled: list[Person]) -> str:
    if member in disabled:
        return "残疾"
    return ("健康", "健康", "一般", "重病")[member.serial % 4]


def _month_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
