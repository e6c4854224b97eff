"""Rows whose key cannot be read: they end nobody, and speak of nobody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hub.core.vault import Vault
from hub.intake.checked import Context
from hub.intake.held import held_keys, name_field, prepare_held
from hub.store.batches import State
from hub.store.hub import Hub
from tests.cases import looking
from tests.cases.hubs import TODAY
from tests.intake.bad import PEOPLE, RESIDENT, deliver, person, text_of, write
from tests.intake.frames import catalog, frame_of

NEXT = date(2024, 4, 1)
TYPO = "330802195106088036"  # the first person's id, its last digit mistyped
assert TYPO[:-1] == PEOPLE[0][0][:-1]


def test_a_mistyped_check_digit_does_not_end_the_person(any_hub: Hub, tmp_path: Path) -> None:
    """The row is held; the person whose name it has is not named by the snapshot, but is not ended either. Others are."""
    deliver(any_hub, write(tmp_path, "march.csv", text_of(person(number) for number in range(3))))
    before = looking.person(any_hub, PEOPLE[0][0])
    came = deliver(any_hub, write(tmp_path, "april.csv", text_of([person(0, 公民身份号码=TYPO), person(1)])), NEXT)
    assert (came.state, came.read, came.unchanged, came.quarantined, came.ended) == (State.CLOSED, 2, 1, 1, 1)
    assert looking.rules(any_hub, came.batch) == {1: {"check_digit"}}
    assert looking.person(any_hub, PEOPLE[0][0]) == before
    assert looking.person(any_hub, PEOPLE[2][0]).get("name") is None, "she is in the list no more"


def test_the_next_snapshot_says_whether_the_person_is_there(hub: Hub, tmp_path: Path) -> None:
    deliver(hub, write(tmp_path, "february.csv", text_of([person(0), person(1)])), date(2024, 2, 29))
    deliver(hub, write(tmp_path, "march.csv", text_of([person(0, 公民身份号码=TYPO), person(1)])))
    came = deliver(hub, write(tmp_path, "april.csv", text_of([person(1)])), NEXT)
    assert (came.state, came.ended) == (State.CLOSED, 1)
    assert looking.person(hub, PEOPLE[0][0]).get("name") is None


def test_a_name_without_a_readable_key_spares_in_a_late_snapshot_too(hub: Hub, tmp_path: Path) -> None:
    deliver(hub, write(tmp_path, "march.csv", text_of([person(0), person(1)])))
    deliver(hub, write(tmp_path, "may.csv", text_of([person(0), person(1)])), date(2024, 5, 1))
    late = deliver(hub, write(tmp_path, "april.csv", text_of([person(0, 公民身份号码=TYPO), person(1)])), NEXT)
    assert (late.state, late.ended) == (State.CLOSED, 0)
    assert looking.person(hub, PEOPLE[0][0])["name"] == PEOPLE[0][1]


def test_only_rows_without_a_readable_key_are_known_by_name(tmp_path: Path) -> None:
    contract = catalog().contracts[RESIDENT]
    rows = [person(0, 公民身份号码=TYPO), person(1, 性别="9x"), person(2, 公民身份号码="", 姓名="")]
    frame = frame_of(contract, rows)
    vault = Vault.create(tmp_path)
    found = held_keys(frame, frame.places["record"], prepare_held(contract, catalog(), Context(TODAY)), vault)
    assert sorted(zip(found["record"], found["row_hash"].is_not_null(), found["name_hash"].is_not_null(), strict=True)) == [
        (1, False, True), (2, True, False),
    ]  # fmt: skip
    (hashed,) = vault.hash("person.name", [PEOPLE[0][1]])
    assert found.filter(found["record"] == 1)["name_hash"].item() == hashed


@pytest.mark.parametrize(
    ("contract", "field"),
    [
        (RESIDENT, "name"), ("civil-affairs.minimum-living", "name"), ("health.health-record", "name"),
        ("human-resources.insurance", "name"), ("education.school", None),
    ],
)  # fmt: skip
def test_whose_name_it_is(contract: str, field: str | None) -> None:
    """Of a minimum living row the member's, whose id is in the key, and not the holder's."""
    assert name_field(catalog().contracts[contract], catalog()) == field
