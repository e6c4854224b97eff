"""The intake cases of databases and of paged services, each a test by its id, from a real source to the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.intake.refusals import kind_of
from hub.pipeline import Travelled
from hub.store import batches
from hub.store.batches import State
from hub.store.cursors import read_cursor
from hub.store.definitions import Written
from hub.store.hub import Hub
from tests.cases import looking
from tests.cases.hubs import Copies, published
from tests.cases.playing import CASES, Kept, database, manifest, send, served, the_offer
from tests.cases.test_intake import expect, expect_refusal
from tests.http_source import case as scripted
from tests.postgres import fresh_database

HEALTH = "health.health-record"
INSURANCE = "human-resources.insurance"


# Databases -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def beside(postgres_url: str) -> Iterator[str]:
    """The department's own database on PostgreSQL."""
    with fresh_database(postgres_url) as url:
        yield url


def _pulled(hub: Hub, name: str, file: dict[str, Any], url: str, folder: Path) -> None:
    case = manifest()[name]
    before = looking.everything(hub)
    source = Kept(database(hub, case, file["file"], url, folder), [])
    try:
        expect(hub, case, file, source, send(hub, INSURANCE, source), before)
    finally:
        source.close()


@pytest.mark.parametrize("name", ["SQL-01", "SQL-03"])
def test_case(name: str, hub: Hub, tmp_path: Path) -> None:
    (file,) = manifest()[name]["files"]
    _pulled(hub, name, file, f"sqlite:///{tmp_path / 'department.db'}", tmp_path)


@pytest.mark.parametrize("name", ["SQL-03", "SQL-07"])
def test_case_on_postgresql(name: str, copies: Copies, beside: str, tmp_path: Path) -> None:
    """SQL-07 needs PostgreSQL for the dates that it holds; the hub is there too."""
    (file,) = manifest()[name]["files"]
    with copies.one("postgresql") as hub:
        _pulled(hub, name, file, beside, tmp_path)


NAMES_ONLY = """
apiVersion: v3.1.0
kind: DataContract
id: human-resources.insurance
name: 参保人员名单
version: 1.0.0
status: active
domain: human-resources
schema:
  - name: insurance
    physicalName: v_insurance
    physicalType: view
    logicalType: object
    properties:
      - name: personal_no
        physicalName: personal_no
        logicalType: string
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        authoritativeDefinitions: [{type: dataElement, url: insurance.personal_no}]
        customProperties: [{property: speaksOf, value: insurance}]
      - name: citizen_id
        physicalName: citizen_id
        logicalType: string
        authoritativeDefinitions: [{type: dataElement, url: person.citizen_id}]
        customProperties: [{property: speaksOf, value: person}]
      - name: name
        physicalName: name
        logicalType: string
        authoritativeDefinitions: [{type: dataElement, url: person.name}]
        customProperties: [{property: speaksOf, value: person}]
customProperties:
  - {property: delivery, value: snapshot}
  - {property: roles, value: [{name: person, entity: person, key: citizen_id}]}
  - {property: records, value: [{name: insurance, entity: insurance, owner: person}]}
"""


@pytest.fixture(scope="module")
def latin_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub whose insurance contract has the three columns of SQL-05 (``contract_columns``) and none besides."""
    document = Written("contracts/human-resources/insurance.yaml", NAMES_ONLY)
    hub = published(tmp_path_factory.mktemp("latin"), replaced=(document,))
    yield hub
    hub.engine.dispose()


def test_case_sql_05_names_in_the_case_of_the_database(latin_hub: Hub, tmp_path: Path) -> None:
    """SQL-05, first file: PERSONAL_NO is personal_no."""
    assert [field.physical for field in latin_hub.catalog.contracts[INSURANCE].fields] == manifest()["SQL-05"]["contract_columns"]
    _pulled(latin_hub, "SQL-05", manifest()["SQL-05"]["files"][0], f"sqlite:///{tmp_path / 'department.db'}", tmp_path)


def test_case_sql_05_two_names_that_differ_in_case_only(latin_hub: Hub, beside: str, tmp_path: Path) -> None:
    """SQL-05, second file, on an engine that keeps case: which one is meant is not clear."""
    _pulled(latin_hub, "SQL-05", manifest()["SQL-05"]["files"][1], beside, tmp_path)


# Services ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["API-03", "API-05", "API-06", "API-08", "API-10"])
def test_case_of_a_service(name: str, hub: Hub) -> None:
    case = manifest()[name]
    before = looking.everything(hub)
    with served(hub, hub.catalog.contracts[HEALTH], scripted(name, CASES)) as serving:
        source = Kept(serving, [])
        expect(hub, case, case["files"][0], source, send(hub, HEALTH, source), before)


def test_case_api_01_a_row_deleted_between_two_pages(hub: Hub) -> None:
    """API-01: refused, for the pages do not add up; pulled again, when nothing moves, it loads what is there (``or_load``)."""
    (file,) = manifest()["API-01"]["files"]
    before = looking.everything(hub)
    with served(hub, hub.catalog.contracts[HEALTH], scripted("API-01", CASES)) as serving:
        expect_refusal(hub, file["expected"]["refusal"], send(hub, HEALTH, serving), before)
        source = Kept(serving, [])
        again = send(hub, HEALTH, source)
    assert again.state is State.CLOSED
    rows = looking.stored(hub, HEALTH, source.frames)
    assert [rows[record]["id"] for record in sorted(rows)] == file["expected"]["or_load"]


def test_case_api_12_a_row_stored_late_with_the_same_moment(hub: Hub) -> None:
    """API-12: the second pull reaches back behind the first one's position; three records in all, one of them known already."""
    expected = manifest()["API-12"]["files"][0]["expected"]
    script = scripted("API-12", CASES)
    number = hub.tables.datasets[HEALTH].number
    came: list[Travelled] = []
    with served(hub, hub.catalog.contracts[HEALTH], script) as source:
        for pulled in script.script["pulls"]:
            script.now = pulled["server_now"]
            with hub.engine.connect() as connection:
                last, cursor = batches.last_merged(connection, number), read_cursor(connection, number)
            came.append(send(hub, HEALTH, source, the_offer(source, last.as_of if last else None, cursor)))
    assert [one.state for one in came] == [State.CLOSED, State.CLOSED]
    told = [sum(getattr(one, name) for one in came) for name in ("read", "accepted", "unchanged", "quarantined", "ended")]
    assert told == [expected["records"], expected["accepted"], expected["unchanged"], 0, 0]
    assert looking.person(hub, "33080219521115804X")["name"] == "张样丙"


def test_case_api_14_an_answer_beyond_the_limit_and_the_rest_in_smaller_pages(hub: Hub) -> None:
    """API-14: the refusal names the limit and the remedy; with a smaller page the pull goes on at the same key.

    The gateway is 2,200 bytes wide here; the third row weighs more than its share of a page of two."""
    contract = hub.catalog.contracts[HEALTH]
    script = scripted("API-03", CASES)
    script.script |= {"server_cap": 99, "page_size": 2}
    for row in script.rows[2:4]:
        row["name"] = "阿" * 40
        row["chronicDiseases"] = [f"{number:04d}" for number in range(120)]
    before = looking.everything(hub)
    with served(hub, contract, script, frame_rows=2, max_answer_bytes=2_200) as source:
        came = send(hub, HEALTH, source)
    assert came.state is State.REFUSED
    assert came.reason is not None
    assert (kind_of(came.reason.code), came.reason.values["place"], came.reason.values["limit"]) == ("limits", "page 2", "2200 bytes")
    assert "page_size" in came.reason.text("zh")
    assert looking.everything(hub) == before
    with served(hub, contract, script, page_size=1, frame_rows=2, max_answer_bytes=2_200) as source:
        again = send(hub, HEALTH, source)
    assert (again.state, again.read, again.accepted + again.quarantined) == (State.CLOSED, 7, 7)


class Cut:
    """A source whose connection drops after its first frame, once."""

    def __init__(self, source: Any) -> None:
        self.source, self.drops = source, True
        self.started: list[Any] = []

    def offers(self, after: Any, cursor: str | None) -> Any:
        return self.source.offers(after, cursor)

    def read(self, offer: Any, cursor: str | None = None) -> Iterator[Any]:
        self.started.append(cursor)
        for number, item in enumerate(self.source.read(offer, cursor)):
            if number == 1 and self.drops:
                self.drops = False
                raise ConnectionResetError("the line went dead")
            yield item

    def close(self) -> None:
        self.source.close()


def test_a_cut_pull_goes_on_where_it_was_cut(any_hub: Hub) -> None:
    """Nothing is read twice, nothing is lost, and what came is one batch."""
    with served(any_hub, any_hub.catalog.contracts[HEALTH], scripted("API-03", CASES), frame_rows=2) as serving:
        source = Cut(serving)
        with pytest.raises(ConnectionResetError):
            send(any_hub, HEALTH, source)
        assert looking.merged(any_hub) == []
        came = send(any_hub, HEALTH, source)
    assert source.started[0] is None
    assert source.started[1] is not None
    assert (came.state, came.read, came.accepted) == (State.CLOSED, 7, 7)
    assert len(looking.golden(any_hub, "person")) == 7
