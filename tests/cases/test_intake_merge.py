"""The cases MRG-* and DIV-07 that come without files: endings of deltas, rows without an id, divisions that were changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from hub.cli import app
from hub.core.errors import YibiaoError
from hub.publish import publish
from hub.registry.definitions import definition_roots
from hub.store.batches import State
from hub.store.conflicts import open_conflicts
from hub.store.current import known_now
from hub.store.definitions import Written
from hub.store.hub import Hub
from hub.store.measures import read_measures
from hub.store.positions import Moment
from hub.store.view import open_view
from tests.cases import looking
from tests.cases.hubs import AS_OF
from tests.cases.playing import CASES, send, served
from tests.http_source import case as scripted
from tests.intake.bad import PEOPLE, deliver, person, text_of, write

HEALTH = "health.health-record"
APRIL = date(2024, 4, 1)


# MRG-03: how endings arrive ------------------------------------------------------------------------------------------


def _health(ending: str | None) -> Written:
    """The contract of the health records, which come as changes only, with another word on endings."""
    text = (definition_roots()[1] / "health" / "health-record.yaml").read_text("utf-8")
    line = "  - {property: ending, value: 'full:90d'}\n"
    assert line in text
    text = text.replace(line, "" if ending is None else line.replace("full:90d", ending)).replace("version: 1.0.0", "version: 1.1.0")
    return Written("contracts/health/health-record.yaml", text)


@pytest.mark.parametrize("ending", [None, "sometime", "flag:no_such_field=1"])
def test_mrg_03_a_delta_must_say_how_an_ending_arrives(ending: str | None, hub: Hub, tmp_path: Path) -> None:
    """MRG-03: published or linted, a contract of changes without an ending is refused, with its file, its line and what to write."""
    document = _health(ending)
    with pytest.raises(YibiaoError) as caught:
        publish(hub, [document], "test")
    (detail,) = caught.value.details
    assert detail.values["file"] == document.name
    assert "full:" in detail.text("zh")
    file = write(tmp_path, "health-record.yaml", document.text.encode())
    linted = CliRunner().invoke(app, ["lint", str(file), "--home", str(tmp_path / "none")])
    assert linted.exit_code == 1
    assert "health-record.yaml" in linted.output
    assert "full:" in linted.output


@pytest.mark.parametrize("ending", ["full:30d", "list", "flag:care_level=3"])
def test_mrg_03_a_full_pull_a_list_or_a_flag_will_do(ending: str, hub: Hub) -> None:
    assert publish(hub, [_health(ending)], "test", dry_run=True).changes


def test_mrg_03_a_flagged_row_ends_and_without_the_flag_stands_again(any_hub: Hub, tmp_path: Path) -> None:
    """The register as changes: who is written off comes with status 2. The row's history keeps both days."""
    text = (definition_roots()[1] / "public-security" / "resident.yaml").read_text("utf-8")
    text = text.replace(
        "{property: delivery, value: snapshot}", "{property: delivery, value: delta}\n  - {property: ending, value: 'flag:life_status=2'}"
    )
    publish(any_hub, [Written("contracts/public-security/resident.yaml", text.replace("version: 1.0.0", "version: 2.0.0"))], "test")
    changed = any_hub.reopened()
    deliver(changed, write(tmp_path, "january.csv", text_of([person(0), person(1)])), date(2024, 1, 31))
    gone = deliver(changed, write(tmp_path, "february.csv", text_of([person(1, 人员状态="2")])), date(2024, 2, 29))
    assert (gone.state, gone.accepted, gone.ended) == (State.CLOSED, 1, 1)
    assert [looking.person(changed, key).get("name") for key, *_ in PEOPLE[:2]] == [PEOPLE[0][1], None]
    again = deliver(changed, write(tmp_path, "march.csv", text_of([person(1, 人员状态="2"), person(2, 人员状态="2")])), AS_OF)
    assert (again.accepted, again.unchanged, again.ended) == (0, 2, 0), "who was not there does not end"
    back = deliver(changed, write(tmp_path, "april.csv", text_of([person(1)])), APRIL)
    assert (back.accepted, back.ended) == (1, 0)
    assert looking.person(changed, PEOPLE[1][0])["name"] == PEOPLE[1][1]


# MRG-05: rows without an id ------------------------------------------------------------------------------------------


def test_mrg_05_a_row_without_an_id_speaks_of_nobody(any_hub: Hub, tmp_path: Path) -> None:
    """MRG-05: two people of one name and birth date; a health record with both and no id. Neither gets it: never the first hit.

    The row is kept, and belongs to whoever it is as soon as it comes with an id. A queue in which a person chooses between the two is
    not built: nothing is decided, and nothing guessed."""
    twins = [person(0), person(0, 公民身份号码="330802195106088051", 户号="3308020099", 户主公民身份号码="")]
    came = deliver(any_hub, write(tmp_path, "twins.csv", text_of(twins)))
    assert (came.state, came.accepted) == (State.CLOSED, 2), looking.findings(any_hub, came.batch)
    before = looking.golden(any_hub, "person")
    script = scripted("API-12", CASES)
    script.script.pop("visible_from")
    script.rows = [script.rows[0] | {"idCard": "", "bloodType": "3"}]
    assert script.rows[0]["name"] == PEOPLE[0][1]
    with served(any_hub, any_hub.catalog.contracts[HEALTH], script) as source:
        health = send(any_hub, HEALTH, source)
        assert (health.state, health.accepted, health.quarantined) == (State.CLOSED, 1, 0)
        assert looking.golden(any_hub, "person") == before
        assert _keys(any_hub) == [None]
        script.rows = [script.rows[0] | {"idCard": PEOPLE[0][0], "updatedAt": "2024-03-02T08:00:00+08:00"}]
        (offer,) = source.offers(None, None)
        assert send(any_hub, HEALTH, source, offer).state is State.CLOSED
    (key,) = _keys(any_hub)
    (hashed,) = any_hub.vault.hash("person.citizen_id", [PEOPLE[0][0]])
    assert [row["subject_id"] for row in looking.golden(any_hub, "person") if row["citizen_id"] == hashed] == [key]


def _keys(hub: Hub) -> list[int | None]:
    table = hub.tables.datasets[HEALTH].current
    with hub.engine.connect() as connection:
        return list(connection.execute(select(table.c.person_key)).scalars())


def test_mrg_05_where_the_id_is_the_key_the_row_is_held_and_listed(hub: Hub, tmp_path: Path) -> None:
    came = deliver(hub, write(tmp_path, "noid.csv", text_of([person(0), person(1, 公民身份号码="")])))
    (found,) = looking.findings(hub, came.batch)
    assert (found.record, found.rule, found.field) == (2, "required", "citizen_id")
    assert looking.person(hub, PEOPLE[1][0]) == {}


# DIV-07: divisions that were changed ---------------------------------------------------------------------------------

MERGED, RENAMED, SPLIT = "330802005205", "330802006001", "330802005001"
HOST, SUCCESSOR, PARTS = "330802005004", "330802007001", ("330802005004", "330802007001")
CHANGES = Written(
    "schemas/codes/division-successions.csv",
    "old,new,kind,from\n"
    f"{MERGED},{HOST},merged,2024-04-01\n{RENAMED},{SUCCESSOR},renamed,2024-04-01\n"
    f"{SPLIT},{PARTS[0]},split,2024-04-01\n{SPLIT},{PARTS[1]},split,2024-04-01\n",
)


def _registered(number: int, village: str) -> dict[str, str]:
    return person(number, **{"户籍村(居)委会代码": village, "实际居住地村(居)委会代码": village})


def _population(hub: Hub, day: date | None) -> dict[str, Any]:
    """Registered population by village, on a day as known now."""
    with hub.engine.connect() as connection:
        at = None if day is None else Moment(day, known_now(connection))
        with open_view(connection, hub.tables, at) as view:
            parameters = dict.fromkeys(("period_start", "period_end", "year_start", "year_end"), day or hub.today())
            found = read_measures(connection, view, hub.catalog, ["registered_population"], None, parameters)
    return {place: figure for (place, _), figure in found.items()}


def test_div_07_changed_divisions_go_to_their_successors(any_hub: Hub, tmp_path: Path) -> None:
    """DIV-07: one village merged, one renamed, one split on 1 April. From then on the old codes of the first two are read as their
    successors, with a warning; the third is a finding that lists the parts. What was reported for March stays as it was."""
    rows = [_registered(0, MERGED), _registered(1, RENAMED), _registered(2, SPLIT)]
    deliver(any_hub, write(tmp_path, "march.csv", text_of(rows)), AS_OF)
    march = _population(any_hub, AS_OF)
    assert march == {MERGED: 1, RENAMED: 1, SPLIT: 1}
    publish(any_hub, [CHANGES], "test")
    changed = any_hub.reopened()
    came = deliver(changed, write(tmp_path, "april.csv", text_of(rows)), APRIL)
    assert (came.state, came.accepted, came.quarantined, came.ended) == (State.CLOSED, 2, 1, 0)
    assert looking.warned(changed, came.batch) == {"division_superseded"}
    assert looking.rules(changed, came.batch) == {3: {"division"}}
    for found in looking.findings(changed, came.batch):
        assert all(part in found.zh for part in PARTS)
    assert [looking.person(changed, key)["registered_village"] for key, *_ in PEOPLE] == [HOST, SUCCESSOR, SPLIT]
    assert _population(changed, None) == {HOST: 1, SUCCESSOR: 1, SPLIT: 1}
    assert _population(changed, AS_OF) == march
    with changed.engine.connect() as connection:
        assert open_conflicts(connection, changed.tables, None, None) == []
    mended = deliver(changed, write(tmp_path, "mend.csv", text_of([_registered(2, PARTS[1])])), APRIL, parent=came.batch)
    assert (mended.state, mended.accepted) == (State.CLOSED, 1)
    assert _population(changed, None) == {HOST: 1, SUCCESSOR: 2}


def test_div_07_a_late_delivery_is_read_by_the_divisions_of_its_day(hub: Hub, tmp_path: Path) -> None:
    publish(hub, [CHANGES], "test")
    changed = hub.reopened()
    came = deliver(changed, write(tmp_path, "march.csv", text_of([_registered(0, MERGED), _registered(2, SPLIT)])), AS_OF)
    assert (came.accepted, came.quarantined) == (2, 0)
    assert looking.warned(changed, came.batch) == set()
    assert _population(changed, AS_OF) == {MERGED: 1, SPLIT: 1}


@pytest.mark.parametrize(
    "line", [f"{MERGED},330802999999,merged,2024-04-01", f"{MERGED},{HOST},sold,2024-04-01", f"{MERGED},{HOST},merged,April",
             f"{MERGED},{HOST},merged,2024-04-01\n{MERGED},{SUCCESSOR},merged,2024-04-01"],
)  # fmt: skip
def test_div_07_a_wrong_succession_is_refused_with_its_line(line: str, hub: Hub) -> None:
    with pytest.raises(YibiaoError) as caught:
        publish(hub, [Written(CHANGES.name, f"old,new,kind,from\n{line}\n")], "test")
    (detail,) = caught.value.details
    assert (detail.values["file"], detail.values["line"]) == (CHANGES.name, 1 + len(line.splitlines()))
