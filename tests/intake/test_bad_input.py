"""Bad inputs beside the cases: each is a finding or a refusal with place and remedy, and leaves every earlier batch as it was."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hub.checks.batch import check_batch
from hub.core.errors import Kind, YibiaoError
from hub.intake.refusals import kind_of
from hub.pipeline import Travelled, pull, travel
from hub.publish import publish
from hub.store.batches import State
from hub.store.definitions import Written
from hub.store.hub import Hub
from tests.cases import looking
from tests.cases.hubs import AS_OF, sourced
from tests.intake.bad import HEADER, PEOPLE, RESIDENT, deliver, person, text_of, upload, write

LATER = date(2024, 4, 1)


@pytest.fixture
def settled(hub: Hub, tmp_path: Path) -> Hub:
    """A hub with one good batch in it."""
    came = deliver(hub, write(tmp_path, "good.csv", text_of(person(number) for number in range(3))))
    assert (came.state, came.accepted) == (State.CLOSED, 3)
    return hub


@contextmanager
def nothing_changes(hub: Hub, *, waiting: bool = False) -> Iterator[None]:
    """``waiting``: a pull that broke off leaves its batch open for the next attempt, with what came so far staged."""
    before, merged = looking.everything(hub), looking.merged(hub)
    assert before["golden_person"]
    yield
    assert looking.everything(hub) == before
    assert looking.merged(hub) == merged
    assert waiting or looking.staged(hub) == set()


def refusal(came: Travelled) -> YibiaoError:
    assert came.state is State.REFUSED
    assert came.reason is not None
    for language in ("zh", "en"):
        text = came.reason.text(language)
        assert "{" not in text
        assert came.reason.values["place"] in text
        assert not any(key in text or name in text for key, name, _, _ in PEOPLE)
    return came.reason


def test_a_million_columns(settled: Hub, tmp_path: Path) -> None:
    header = ",".join([*HEADER, *(f"c{number}" for number in range(1_000_000))])
    path = write(tmp_path, "wide.csv", header + "\r\n" + ",".join(person(0).values()) + "," * 1_000_000 + "\r\n")
    with nothing_changes(settled):
        error = refusal(deliver(settled, path, LATER))
    assert kind_of(error.code) == "limits"
    assert error.values["place"].startswith("line 1")


def test_more_columns_than_the_limit_in_short_lines(settled: Hub, tmp_path: Path) -> None:
    header = ",".join([*HEADER, *(f"c{number}" for number in range(2_000))])
    path = write(tmp_path, "wide.csv", header + "\r\n" + ",".join(person(0).values()) + "," * 2_000 + "\r\n")
    with nothing_changes(settled):
        error = refusal(deliver(settled, path, LATER))
    assert (kind_of(error.code), error.values["limit"]) == ("limits", "2000 columns")


def test_a_line_of_two_mebibytes(settled: Hub, tmp_path: Path) -> None:
    rows = [person(0), person(1, 户籍地址="长" * 2**20)]
    with nothing_changes(settled):
        error = refusal(deliver(settled, write(tmp_path, "long.csv", text_of(rows)), LATER))
    assert kind_of(error.code) == "limits"
    assert error.values["place"].startswith("line 3")


def test_a_zip_bomb_in_a_workbook(settled: Hub, tmp_path: Path) -> None:
    """One and a half GiB of blanks behind a good sheet, in a workbook of some 1.5 MB."""
    book = openpyxl.Workbook()
    for row in ([*HEADER], [*person(0).values()]):
        book.active.append(row)
    good = io.BytesIO()
    book.save(good)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            with target.open(name, "w") as part:
                part.write(content)
                if name == "xl/worksheets/sheet1.xml":
                    for _ in range(1_536):
                        part.write(b" " * 2**20)
    assert path.stat().st_size < 2 * 2**20
    with nothing_changes(settled):
        error = refusal(deliver(settled, path, LATER))
    assert (kind_of(error.code), error.values["place"]) == ("limits", "xl/worksheets/sheet1.xml")


def test_a_batch_older_than_the_one_before_it(any_hub: Hub, tmp_path: Path) -> None:
    """A late snapshot goes where it belongs: what the later one said of everybody stays, and the past shows what was so then."""
    moved = person(0, **{"实际居住地村(居)委会代码": "330802005205"})
    newer = deliver(any_hub, write(tmp_path, "newer.csv", text_of([moved, person(1)])), LATER)
    assert newer.state is State.CLOSED
    before = looking.golden(any_hub, "person")
    older = deliver(any_hub, write(tmp_path, "older.csv", text_of([person(0), person(1), person(2)])), AS_OF)
    assert (older.state, older.read, older.accepted + older.unchanged) == (State.CLOSED, 3, 3)
    assert looking.person(any_hub, PEOPLE[0][0])["village"] == "330802005205"
    assert looking.person(any_hub, PEOPLE[2][0]).get("name") is None, "the later snapshot does not name her"
    kept = [{name: value for name, value in row.items() if not name.endswith("_sealed")} for row in looking.golden(any_hub, "person")]
    for row in before:
        assert {name: value for name, value in row.items() if not name.endswith("_sealed")} in kept


def test_a_batch_dated_ahead_of_today(any_hub: Hub, tmp_path: Path) -> None:
    """It would be the newest delivery for years, and nothing behind it would be pulled. Its next name is taken."""
    came = deliver(any_hub, write(tmp_path, "ahead.csv", text_of([person(0)])), date(2034, 3, 31))
    assert came.state is State.REFUSED
    assert came.reason is not None
    assert (came.reason.code, came.reason.values["day"]) == ("refused_ahead", date(2034, 3, 31))
    assert "ahead.csv" in came.reason.text("zh")
    assert deliver(any_hub, write(tmp_path, "today.csv", text_of([person(0)])), AS_OF).state is State.CLOSED


@pytest.mark.parametrize(
    ("contract", "kind", "options"),
    [
        (RESIDENT, "files", {"folder": "nowhere", "format": "csv"}),
        ("human-resources.insurance", "sql", {"url": "postgresql://nobody:geheim@127.0.0.1:1/none", "table": "v_insurance"}),
        ("health.health-record", "http", {"base_url": "http://127.0.0.1:1", "path": "/health-records"}),
    ],
)
def test_an_unreachable_source(
    contract: str, kind: str, options: dict[str, Any], settled: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.http.waiting.FIRST_WAIT", 0.001)
    away = sourced(settled, contract, kind, options)
    with nothing_changes(settled, waiting=kind == "http"), pytest.raises(YibiaoError) as caught:
        list(pull(away, contract, tmp_path, check_batch))
    error = caught.value
    assert error.kind is Kind.UNAVAILABLE
    for language in ("zh", "en"):
        text = error.text(language)
        assert error.values["place"] in text
        assert "geheim" not in text
        assert "{" not in text


UNKNOWN = """
apiVersion: v3.1.0
kind: DataContract
id: justice.sentences
name: 判决
version: 1.0.0
status: active
domain: justice
schema:
  - name: sentences
    physicalName: sentences
    physicalType: csv
    logicalType: object
    properties:
      - name: citizen_id
        physicalName: 身份证号
        logicalType: string
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        authoritativeDefinitions: [{type: dataElement, url: person.citizen_id}]
        customProperties: [{property: speaksOf, value: person}]
      - name: sentence
        physicalName: 刑期
        logicalType: string
        authoritativeDefinitions: [{type: dataElement, url: person.sentence}]
        customProperties: [{property: speaksOf, value: person}]
customProperties:
  - {property: delivery, value: snapshot}
  - {property: roles, value: [{name: person, entity: person, key: citizen_id}]}
"""


def test_a_contract_for_unknown_elements(settled: Hub) -> None:
    document = Written("contracts/justice/sentences.yaml", UNKNOWN)
    with nothing_changes(settled):
        with pytest.raises(YibiaoError) as caught:
            publish(settled, [document], "test")
        (detail,) = caught.value.details
        assert "person.sentence" in detail.text("zh")
        assert (detail.values["file"], detail.values["line"]) == (document.name, 1 + UNKNOWN.splitlines().index("      - name: sentence"))
        assert "justice.sentences" not in settled.reopened().catalog.contracts


class Paused:
    """A source that waits in its middle until it is told to go on."""

    def __init__(self, source: Any) -> None:
        self.source, self.reading, self.go_on = source, threading.Event(), threading.Event()

    def offers(self, after: Any, cursor: str | None) -> Any:
        return self.source.offers(after, cursor)

    def read(self, offer: Any, cursor: str | None = None) -> Iterator[Any]:
        self.reading.set()
        assert self.go_on.wait(60)
        yield from self.source.read(offer, cursor)

    def close(self) -> None:
        self.source.close()


def test_two_batches_of_one_dataset_at_once(any_hub: Hub, tmp_path: Path) -> None:
    """The second is told to wait; the first is not disturbed, also where both are the same file."""
    path = write(tmp_path, "first.csv", text_of(person(number) for number in range(3)))
    other = write(tmp_path, "second.csv", text_of([person(0)]))
    source, came = Paused(upload(any_hub, path)), list[Travelled]()
    (offer,) = source.offers(None, None)
    contract = any_hub.catalog.contracts[RESIDENT]
    thread = threading.Thread(target=lambda: came.append(travel(any_hub, contract, source, offer, check_batch)))
    thread.start()
    assert source.reading.wait(60)
    for second in (other, path):
        with pytest.raises(YibiaoError) as caught:
            deliver(any_hub, second)
        assert (caught.value.kind, caught.value.code) == (Kind.CONFLICT, "batch_busy")
        assert second.name in caught.value.text("zh")
        assert RESIDENT in caught.value.text("en")
    source.go_on.set()
    thread.join(120)
    assert [(one.state, one.read, one.accepted) for one in came] == [(State.CLOSED, 3, 3)]
    assert deliver(any_hub, other, LATER).state is State.CLOSED, "when the first has ended, the second goes its way"


HOLDS = """
import sys, time
from hub.store.claims import alone
from hub.store.engine import open_engine
with alone(open_engine(sys.argv[1]), int(sys.argv[2])) as free:
    print(free, flush=True)
    time.sleep(120)
"""


def test_two_processes_and_one_of_them_dies(any_hub: Hub, tmp_path: Path) -> None:
    """What a killed process held is free at once."""
    path = write(tmp_path, "first.csv", text_of([person(0)]))
    url = any_hub.engine.url.render_as_string(hide_password=False)
    number = any_hub.tables.datasets[RESIDENT].number
    with subprocess.Popen([sys.executable, "-c", HOLDS, url, str(number)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "True"
        with pytest.raises(YibiaoError, match="another delivery"):
            deliver(any_hub, path)
        process.kill()
        process.wait()
    for _ in range(100):  # PostgreSQL notices the death of a session in its own time
        try:
            came = deliver(any_hub, path)
            break
        except YibiaoError:
            threading.Event().wait(0.1)
    assert came.state is State.CLOSED
