"""From rows to the records of an export: every department's columns together, and the columns by which a record is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.sample import rows as r
from hub.sample.departments import civil_affairs, education, health, human_resources, public_security
from hub.sample.places import Places

Columns = Mapping[str, Mapping[str, Callable[[Any], Any]]]
KEYS: Mapping[str, tuple[str, ...]] = {
    r.RESIDENT: ("公民身份号码",),
    r.DEREGISTRATION: ("公民身份号码", "注销类别"),
    r.MINIMUM_LIVING: ("低保证号", "成员身份证号"),
    r.DISABILITY: ("残疾证号",),
    r.OLD_AGE: ("身份证号",),
    r.EXTREME_DIFFICULTY: ("供养证号",),
    r.MARRIAGE: ("证件字号",),
    r.INSURANCE: ("个人编号", "险种类型"),
    r.EMPLOYMENT: ("社会保障号码",),
    r.HEALTH_RECORD: ("id",),
    r.MATERNITY: ("idCard", "lmp"),
    r.ENROLMENT: ("xjh",),
    r.SCHOOL: ("xxbsm",),
}


def columns(places: Places) -> Columns:
    """Per contract the columns of its export, in order, with the function from a row to the cell."""
    return {
        **public_security.COLUMNS,
        **civil_affairs.columns(places),
        **human_resources.COLUMNS,
        **health.COLUMNS,
        **education.columns(places),
    }


def text(cell: Any) -> str:
    """A key cell as text: a number without exponent or point."""
    return f"{cell:.0f}" if isinstance(cell, float) else str(cell)
