"""The date of a cell is that of the batch that last stated its row, not of the dataset's latest delivery."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hub.forms.filling import filled
from hub.publish import publish
from hub.store.definitions import Written
from hub.store.hub import Hub
from tests.cases.conftest import any_hub, copies
from tests.intake.bad import PEOPLE, deliver, person, text_of, write

__all__ = ["any_hub", "copies"]

VILLAGE = "330802005004"
FORM = """
kind: Form
id: names
version: 1.0.0
title: {zh: 姓名表, en: Names}
asked_by: 公安局
unit: village
frequency: monthly
sections:
  - name: roster
    title: {zh: 花名册, en: Roster}
    kind: roster
    of: person
    by: village
    order: [citizen_id]
    fields:
      - {name: name, title: {zh: 姓名, en: name}, element: name}
      - {name: head, title: {zh: 户主, en: head}, element: household.head.name}
      - {name: short, title: {zh: 是否女性, en: woman}, element: sex = '2'}
"""


def dates(hub: Hub, period: str) -> dict[str, list[str | None]]:
    """Per name the dates of the line's cells."""
    (section,) = filled(hub, "names", VILLAGE, period).report.sections
    return {str(line.cells[0].value): [f"{cell.as_of:%m-%d}" if cell.as_of else None for cell in line.cells] for line in section.lines}


def test_a_row_that_was_held_keeps_its_earlier_date(any_hub: Hub, tmp_path: Path) -> None:
    publish(any_hub, [Written("schemas/forms/names.yaml", FORM)], "test")
    hub = any_hub.reopened()
    one, other = PEOPLE[0][1], PEOPLE[1][1]
    deliver(hub, write(tmp_path, "january.csv", text_of([person(0), person(1)])), date(2024, 1, 31))
    deliver(hub, write(tmp_path, "february.csv", text_of([person(0, 出生日期="19510699"), person(1)])), date(2024, 2, 29))
    # A figure over the line is as old as the list that it was counted from.
    assert dates(hub, "2024-02") == {one: ["01-31", "01-31", "02-29"], other: ["02-29", "02-29", "02-29"]}
    deliver(hub, write(tmp_path, "march.csv", text_of([person(0), person(1)])), date(2024, 3, 31))
    assert dates(hub, "2024-03") == {one: ["03-31"] * 3, other: ["03-31"] * 3}
    assert dates(hub, "2024-02") == {one: ["01-31", "01-31", "02-29"], other: ["02-29", "02-29", "02-29"]}, "as it was then"


def test_a_period_before_the_first_delivery_is_read_as_that_delivery_throughout(any_hub: Hub, tmp_path: Path) -> None:
    publish(any_hub, [Written("schemas/forms/names.yaml", FORM)], "test")
    hub = any_hub.reopened()
    deliver(hub, write(tmp_path, "january.csv", text_of([person(0)])), date(2024, 1, 31))
    deliver(hub, write(tmp_path, "february.csv", text_of([person(0)])), date(2024, 2, 29))
    assert dates(hub, "2023-12") == {PEOPLE[0][1]: ["01-31"] * 3}
