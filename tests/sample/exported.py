"""What the departments' exports say, brought to national codes by the crosswalks of the schemas: for comparing them in plain Python."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.core.identifiers import read_citizen_id, read_phone
from hub.sample import rows as r
from hub.sample.city import City
from hub.sample.deliver import placed

CODES = Path(__file__).parents[2] / "schemas" / "codes"
# contract -> element -> (column of the citizen id, column of the value, crosswalk)
SAID: dict[str, list[tuple[str, str, str, str | None]]] = {
    r.RESIDENT: [
        ("公民身份号码", "person.name", "姓名", None), ("公民身份号码", "person.sex", "性别", None),
        ("公民身份号码", "person.birth_date", "出生日期", None), ("公民身份号码", "person.ethnic_group", "民族", None),
        ("公民身份号码", "person.village", "实际居住地村(居)委会代码", None),
    ],
    r.DEREGISTRATION: [("公民身份号码", "person.name", "姓名", None)],
    r.MINIMUM_LIVING: [
        ("成员身份证号", "person.name", "成员姓名", None), ("户主身份证号", "person.name", "户主姓名", None),
        ("成员身份证号", "person.marital_status", "婚姻状况", "civil-affairs.marital-words"),
    ],
    r.DISABILITY: [
        ("身份证号", "person.name", "姓名", None), ("身份证号", "person.guardian_name", "监护人", None), ("身份证号", "person.phone", "联系电话", None),
    ],
    r.OLD_AGE: [("身份证号", "person.name", "姓名", None)],
    r.EXTREME_DIFFICULTY: [
        ("身份证号码", "person.name", "供养对象姓名", None), ("身份证号码", "person.guardian_name", "监护人(照料人)", None),
        ("身份证号码", "person.phone", "联系电话", None),
    ],
    r.MARRIAGE: [("男方身份证号", "person.name", "男方姓名", None), ("女方身份证号", "person.name", "女方姓名", None)],
    r.INSURANCE: [("社会保障号码", "person.name", "姓名", None)],
    r.EMPLOYMENT: [
        ("社会保障号码", "person.name", "姓名", None), ("社会保障号码", "person.education", "文化程度", "human-resources.education"),
    ],
    r.HEALTH_RECORD: [
        ("idCard", "person.name", "name", None), ("idCard", "person.sex", "gender", "health.sex-letters"),
        ("idCard", "person.birth_date", "birthday", None), ("idCard", "person.marital_status", "maritalStatus", "health.marital"),
        ("idCard", "person.education", "education", "health.education"), ("idCard", "person.village", "villageCode", None),
        ("idCard", "person.phone", "mobile", None),
    ],
    r.MATERNITY: [("idCard", "person.name", "name", None)],
    r.ENROLMENT: [
        ("sfzjh", "person.name", "xm", None), ("sfzjh", "person.sex", "xbm", None), ("sfzjh", "person.birth_date", "csrq", None),
        ("sfzjh", "person.ethnic_group", "mzm", None),
    ],
}  # fmt: skip
Statements = dict[tuple[str, str], dict[str, set[str]]]  # (citizen id, element) -> contract -> what it says


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def crosswalks() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted((CODES / "crosswalks").glob("*.csv")):
        for row in read_csv(path):
            found[f"{row['department']}.{row['list']}"][row["local_code"]] = row["code"]
    return found


def known_records(city: City, contract: str) -> list[dict[str, Any]]:
    """The exported records in force after the second delivery: held rows leave the version before them."""
    known: dict[Any, dict[str, Any]] = {}
    for delivery in (1, 2):
        held = city.faults_of(contract, delivery)
        named = {key: record for key, record in placed(city, contract, delivery) if key not in held}
        kept = known if contract in r.DELTAS else {key: record for key, record in known.items() if key in held}
        known = {**kept, **named}
    return list(known.values())


def sound_records(city: City, contract: str) -> Iterator[dict[str, Any]]:
    """Every record of both deliveries in which no fault was planted."""
    for delivery in (1, 2):
        held = city.faults_of(contract, delivery)
        yield from (record for key, record in placed(city, contract, delivery) if key not in held)


def read_id(cell: Any) -> str:
    """The canonical citizen id of a cell, as intake reads it; a cell that does not close fails the test."""
    reading = read_citizen_id(str(cell).strip().lstrip("'"))
    assert isinstance(reading.value, str), reading.rule
    return reading.value


def statements(city: City) -> Statements:
    """What each department says of each person at the end."""
    maps = crosswalks()
    said: Statements = defaultdict(lambda: defaultdict(set))
    for contract, columns in SAID.items():
        for record in known_records(city, contract):
            for id_column, element, column, crosswalk in columns:
                if record[id_column] is None or record[column] in (None, ""):
                    continue
                value = _canonical(element, str(record[column]), maps[crosswalk] if crosswalk else None)
                said[read_id(record[id_column]), element][contract].add(value)
    acts: dict[str, tuple[str, str]] = {}
    for record in known_records(city, r.MARRIAGE):
        for column in ("男方身份证号", "女方身份证号"):
            act = (record["登记日期"], "40" if record["登记类别"] == "2" else "20")
            acts[record[column]] = max(acts.get(record[column], act), act)
    for person, (_, status) in acts.items():
        said[person, "person.marital_status"][r.MARRIAGE].add(status)
    return said


def _canonical(element: str, text: str, crosswalk: dict[str, str] | None) -> str:
    if crosswalk is not None:
        return crosswalk[text]
    if element.endswith("name"):
        return text.replace(" ", "").replace("•", "·")
    if element == "person.birth_date":
        return text[:10].replace("-", "")
    if element == "person.ethnic_group":
        return text.zfill(2)
    if element == "person.phone":
        reading = read_phone(text)
        assert isinstance(reading.value, str), reading.rule
        return reading.value
    return text


def agree(element: str, one: str, other: str, parents: dict[str, str]) -> bool:
    """A value agrees with its ancestor: in code trees, and a village with its township."""
    if element == "person.village":
        return one == other or (other.endswith("000") and one[:9] == other[:9]) or (one.endswith("000") and one[:9] == other[:9])
    return one == other or parents.get(one) == other or parents.get(other) == one
