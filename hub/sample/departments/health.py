"""Health: records as JSON objects, own codes, moments with the zone, telephones with +86."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from hub.sample.rows import HEALTH_RECORD, MATERNITY

_SEX = {"1": "M", "2": "F"}
_MARITAL = {"10": "1", "20": "2", "30": "3", "40": "4"}
_EDUCATION = {"11": "1", "14": "1", "20": "2", "30": "3", "40": "4", "60": "6", "70": "7", "80": "8", "90": "9"}
PATHS = {HEALTH_RECORD: "/health-records", MATERNITY: "/maternity"}


def moment(value: datetime) -> str:
    """City time, ISO 8601 with its zone."""
    return f"{value:%Y-%m-%dT%H:%M:%S}+08:00"


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _mobile(value: str | None) -> str | None:
    return None if value is None else f"+86 {value[:3]} {value[3:7]} {value[7:]}"


COLUMNS: Mapping[str, Mapping[str, Callable[[Any], Any]]] = {
    HEALTH_RECORD: {
        "id": lambda row: row.number,
        "idCard": lambda row: row.citizen_id,
        "name": lambda row: row.name,
        "gender": lambda row: _SEX[row.sex],
        "birthday": lambda row: f"{row.birth_date.isoformat()}T00:00:00+08:00",
        "maritalStatus": lambda row: _MARITAL[row.marital_status],
        "education": lambda row: None if row.education is None else _EDUCATION[row.education],
        "bloodType": lambda row: row.blood_type,
        "familyDoctor": lambda row: row.family_doctor,
        "chronicDiseases": lambda row: list(row.chronic_diseases),
        "careLevel": lambda row: row.care_level,
        "lastCheckup": lambda row: _day(row.checkup_date) or "",
        "villageCode": lambda row: row.village,
        "mobile": lambda row: _mobile(row.phone),
        "updatedAt": lambda row: moment(row.updated_at),
    },
    MATERNITY: {
        "idCard": lambda row: row.citizen_id,
        "name": lambda row: row.name,
        "lmp": lambda row: _day(row.lmp),
        "dueDate": lambda row: _day(row.due_date),
        "bookedOn": lambda row: _day(row.booked_on),
        "visits": lambda row: row.visits,
        "risk": lambda row: row.risk,
        "deliveredOn": lambda row: _day(row.delivered_on),
        "mode": lambda row: row.mode,
        "childSex": lambda row: None if row.child_sex is None else _SEX[row.child_sex],
        "childBirthTime": lambda row: None if row.child_born_at is None else moment(row.child_born_at),
        "updatedAt": lambda row: moment(row.updated_at),
    },
}
