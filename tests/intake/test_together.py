"""Things that happen at the same time: publications, pulls and edits, a database that goes away and comes back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from hub import pipeline, worker
from hub.checks.batch import check_batch
from hub.core.errors import YibiaoError
from hub.core.log import configure
from hub.pipeline import pull
from hub.publish import publish
from hub.registry.definitions import definition_roots
from hub.store import acts, batches, claims, jobs
from hub.store.batches import State
from hub.store.definitions import Written
from hub.store.engine import writing
from hub.store.hub import Hub, open_hub
from hub.store.jobs import JobKind, JobState
from hub.store.tables import StoreTables
from tests.cases import looking
from tests.cases.hubs import sourced
from tests.intake.bad import PEOPLE, RESIDENT, deliver, person, text_of, write

FOLDER = {"folder": "in", "pattern": r"resident-(?P<as_of>\d{8})\.csv", "format": "csv", "encoding": "GB18030"}


def together(*acts_: Callable[[], Any]) -> list[Any]:
    """What each gives, or how it fails, when all begin at once."""
    gate, found = threading.Barrier(len(acts_)), [None] * len(acts_)

    def run(number: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            found[number] = act()
        except YibiaoError as error:
            found[number] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts_)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@contextmanager
def working(hub: Hub) -> Iterator[None]:
    """A worker with connections of its own, for as long as the block lasts."""
    configure("CRITICAL")
    own, stop = open_hub(hub.settings, hub.clock), threading.Event()
    thread = threading.Thread(target=worker.run, args=(own,), kwargs={"stop": stop})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        own.engine.dispose()


def await_somebody(hub: Hub) -> None:
    """Until a person has come in."""
    give_up = time.monotonic() + 60
    while looking.golden(hub, "person") == []:
        assert time.monotonic() < give_up
        time.sleep(0.1)


def shipped(name: str) -> str:
    kind, _, path = name.partition("/")
    root = next(root for root in definition_roots() if root.name == kind)
    return (root / path).read_text(encoding="utf-8")


def test_two_suppliers_published_at_once_are_judged_one_over_the_other(any_hub: Hub) -> None:
    """Neither has an authority over the other: the second is refused, and the hub goes on."""
    element = "  shoe_size: {title: {zh: 鞋码, en: shoe size}, type: integer}\n"
    person_elements = shipped("schemas/elements/person.yaml").rstrip("\n") + "\n" + element
    publish(any_hub, [Written("schemas/elements/person.yaml", person_elements)], "test")

    def contract(department: str) -> Written:
        return Written(f"contracts/{department}/shoes.yaml", SHOES.replace("DEPARTMENT", department))

    first, second = (any_hub.reopened() for _ in range(2))
    found = together(
        lambda: publish(first, [contract("education")], "education").published,
        lambda: publish(second, [contract("health")], "health").published,
    )
    assert sorted(str(one) == "True" for one in found) == [False, True], found
    (refused,) = [one for one in found if isinstance(one, YibiaoError)]
    assert "shoe_size" in refused.details[0].text("zh")
    assert any_hub.reopened().catalog.authority("person.shoe_size").order


SHOES = """
apiVersion: v3.1.0
kind: DataContract
id: DEPARTMENT.shoes
name: 鞋码
version: 1.0.0
status: active
domain: DEPARTMENT
schema:
  - name: shoes
    logicalType: object
    physicalType: table
    properties:
      - name: citizen_id
        physicalName: 身份证号
        logicalType: string
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        authoritativeDefinitions: [{type: dataElement, url: person.citizen_id}]
        customProperties:
          - {property: speaksOf, value: person}
      - name: shoe_size
        physicalName: 鞋码
        logicalType: integer
        authoritativeDefinitions: [{type: dataElement, url: person.shoe_size}]
        customProperties:
          - {property: speaksOf, value: person}
slaProperties:
  - {property: freshness, value: 35, unit: d}
customProperties:
  - {property: delivery, value: snapshot}
  - property: roles
    value:
      - {name: person, entity: person, key: citizen_id}
"""


def test_a_merge_takes_the_definitions_that_are_in_force_then(any_hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order of authority is turned round while a pull is on its way: what it merges is resolved by the new order."""
    order = "[public-security.resident, health.health-record, education.enrolment]"
    turned = "[health.health-record, public-security.resident, education.enrolment]"
    text = shipped("schemas/elements/person.yaml").replace(order, turned, 1)
    publish(any_hub.reopened(), [Written("schemas/elements/person.yaml", text)], "test")
    orders: list[Sequence[str]] = []

    def seen(connection: Connection, tables: StoreTables, *given: Any, **named: Any) -> Any:
        orders.append(tables.catalog.authority("person.sex").order)
        return acts.merge_batch(connection, tables, *given, **named)

    monkeypatch.setattr(pipeline, "merge_batch", seen)
    assert deliver(any_hub, write(tmp_path, "january.csv", text_of([person(0)])), date(2024, 1, 31)).state is State.CLOSED
    assert [next(iter(one)) for one in orders] == ["health.health-record"]


def test_a_batch_of_a_contract_that_changed_meanwhile_is_not_merged_by_the_old_one(any_hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path / "in", "resident-20240131.csv", text_of([person(0)]))
    hub = sourced(any_hub, RESIDENT, "files", FOLDER)

    def check(*_: Any, **__: Any) -> tuple[()]:
        text = shipped("contracts/public-security/resident.yaml").replace("version: 1.0.0", "version: 1.0.1")
        publish(any_hub.reopened(), [Written("contracts/public-security/resident.yaml", text)], "test")
        return ()

    with pytest.raises(YibiaoError) as told:
        list(pull(hub, RESIDENT, tmp_path, check))
    assert told.value.code == "contract_changed"
    assert looking.golden(any_hub, "person") == []
    again = list(pull(sourced(any_hub.reopened(), RESIDENT, "files", FOLDER), RESIDENT, tmp_path, check_batch))
    assert [one.state for one in again] == [State.CLOSED]
    with any_hub.engine.connect() as connection:
        states = {one.contract_version: one.state for one in batches.list_batches(connection)}
    assert states == {"1.0.0": State.REFUSED, "1.0.1": State.CLOSED}


def test_edits_and_a_load_do_not_wait_for_each_other(hub: Hub, tmp_path: Path) -> None:
    """On SQLite the store and the stage are two files: whoever takes both takes them in one order."""
    deliver(hub, write(tmp_path, "first.csv", text_of([person(0)])), date(2024, 1, 31))
    over, waits = threading.Event(), list[float]()

    def edit() -> None:
        while not over.is_set():
            begun = time.monotonic()
            with writing(hub.engine) as connection:
                jobs.ask(connection, JobKind.PULL, "a.b", {}, "li", hub.micros())
            waits.append(time.monotonic() - begun)

    thread = threading.Thread(target=edit)
    thread.start()
    try:
        for number in range(1, 13):
            day = date(2024, 1, 31) + timedelta(number)
            rows = [person(0, 实际居住地址=f"新新街道{number}号"), person(1, 姓名="")]
            assert deliver(hub, write(tmp_path, f"list{number}.csv", text_of(rows)), day).state is State.CLOSED
    finally:
        over.set()
        thread.join()
    assert len(waits) > 20
    assert max(waits) < 30, "nobody waited until the other gave up"


def test_a_database_that_goes_away_twice_sets_nothing_aside(any_hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker lives, and says so when the database is back."""
    monkeypatch.setattr(worker, "_AWAY_SECONDS", 0.01)
    monkeypatch.setattr(worker, "_BUSY_SECONDS", -1)  # their clock stands still
    place = tmp_path / "upload"
    place.mkdir()
    write(place, "list.csv", text_of([person(0)]))
    payload = {"path": str(place / "list.csv"), "as_of": "2024-01-31", "kind": "snapshot", "parent": None}
    with writing(any_hub.engine) as connection:
        job, _ = jobs.ask(connection, JobKind.UPLOAD, RESIDENT, payload, "li", any_hub.micros())
    away = iter(range(6))
    count_claim = claims.count_claim

    def gone(*given: Any) -> None:
        raise OperationalError("", {}, Exception("the server closed the connection"))

    def failing_merge(*given: Any, **named: Any) -> Any:
        if next(away, None) is None:
            return acts.merge_batch(*given, **named)
        monkeypatch.setattr(claims, "count_claim", gone)  # nor can the death be taken back
        return gone()

    def back(*given: Any) -> None:
        monkeypatch.setattr(claims, "count_claim", count_claim)
        forgive(*given)

    forgive = claims.forgive
    monkeypatch.setattr(pipeline, "merge_batch", failing_merge)
    monkeypatch.setattr(claims, "forgive", back)
    with working(any_hub):
        await_somebody(any_hub)
    with any_hub.engine.connect() as connection:
        done = jobs.find_job(connection, job.id)
        (batch,) = batches.list_batches(connection)
    assert (done.state, done.claims) == (JobState.DONE, 1)
    assert (batch.state, batch.claims) == (State.CLOSED, 1)


def test_a_job_that_meets_another_delivery_of_its_dataset_waits(any_hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_BUSY_SECONDS", -1)  # their clock stands still
    place = tmp_path / "upload"
    place.mkdir()
    write(place, "list.csv", text_of([person(0)]))
    payload = {"path": str(place / "list.csv"), "as_of": "2024-01-31", "kind": "snapshot", "parent": None}
    with writing(any_hub.engine) as connection:
        job, _ = jobs.ask(connection, JobKind.UPLOAD, RESIDENT, payload, "li", any_hub.micros())
    with working(any_hub):
        with claims.alone(any_hub.engine, any_hub.tables.datasets[RESIDENT].number) as free:
            assert free
            time.sleep(1)
        await_somebody(any_hub)
    with any_hub.engine.connect() as connection:
        assert jobs.find_job(connection, job.id).state is JobState.DONE
    assert looking.person(any_hub, PEOPLE[0][0])["name"] == PEOPLE[0][1]


def test_a_job_claimed_by_a_clock_that_was_ahead_is_claimed_again(any_hub: Hub) -> None:
    lease = 60_000_000
    with writing(any_hub.engine) as connection:
        job, _ = jobs.ask(connection, JobKind.PULL, RESIDENT, {}, "li", any_hub.micros())
    ahead = any_hub.micros() + 365 * 86_400 * 1_000_000
    assert jobs.claim(any_hub.engine, "wrong clock", ahead, lease, deaths=2) is not None
    again = jobs.claim(any_hub.engine, "right clock", any_hub.micros(), lease, deaths=2)
    assert again is not None
    assert (again.id, again.claims) == (job.id, 2)
