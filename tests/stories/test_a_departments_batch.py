"""A department's batch: the health commission uploads its records, mends what was held back, and sees with whom it disagrees.

One afternoon from top to bottom: each test goes on where the one before it ended.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx2
import openpyxl
import pytest

from hub import worker
from hub.core.clock import FixedClock
from hub.core.log import configure
from hub.core.settings import load
from hub.sample.city import City, build
from hub.sample.deliver import deliver_files, placed, records
from hub.sample.exports import columns
from hub.sample.faults import Fault
from hub.store.hub import Hub, make_hub
from tests.moments import NOVEMBER
from tests.stories.acting import Machine
from tests.web.conftest import served

RESIDENT, HEALTH = "public-security.resident", "health.health-record"
BATCHES = f"/contracts/{HEALTH}/batches"
AS_OF = "2026-09-30"
NOWHERE = "330803999999"


@dataclass
class Commission:
    """The commission at its desk, and all that the hub answered or logged meanwhile."""

    machine: Machine
    hub: Hub
    city: City
    url: str
    desk: httpx2.Client
    log: io.StringIO
    answers: list[str] = field(default_factory=list)
    batch: int = 0

    def get(self, path: str, **query: Any) -> Any:
        """What the desk is answered, kept to be looked through at the end of the day."""
        answer = self.desk.get(path, params=query)
        assert answer.status_code == 200, answer.text
        self.answers.append(answer.text)
        return answer.json()

    def send(self, name: str, content: bytes, key: str, **query: Any) -> httpx2.Response:
        sent = self.desk.post(BATCHES, params={"as_of": AS_OF, **query}, files={"file": (name, content)}, headers={"Idempotency-Key": key})
        self.answers.append(sent.text)
        return sent

    def worked(self, sent: httpx2.Response) -> Any:
        """A worker takes what was sent; the batch that came of it."""
        assert sent.status_code == 202, sent.text
        assert worker.run(self.hub, once=True) == 1
        job = self.get(sent.headers["location"].removeprefix("/api/v1"))
        assert job["state"] == "done", job
        (taken,) = job["outcome"]["batches"]
        return self.get(f"/batches/{taken['batch']}")

    @property
    def planted(self) -> dict[int, Fault]:
        """The faulty rows of the file, by record number."""
        faults = self.city.faults_of(HEALTH, 1)
        return {number: faults[key] for number, (key, _) in enumerate(placed(self.city, HEALTH, 1), 1) if key in faults}


@pytest.fixture(scope="module")
def commission(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commission]:
    """Public security has delivered; the commission has sent its file, and a worker has taken it."""
    machine = Machine(tmp_path_factory.mktemp("batch") / "var")
    city = build(300, 5, date(2026, 10, 31))
    machine.told("init")
    assert machine.told("publish")["published"]
    deliver_files(city, 1, machine.home / "sources")
    assert machine.told("pull", RESIDENT)[0]["state"] == "closed"
    before, log = logging.getLogger().handlers[:], io.StringIO()
    configure("DEBUG", log)
    hub = make_hub(load(machine.home), FixedClock(NOVEMBER))
    with served(hub) as url, machine.office(url, "department", "health") as desk:
        found = Commission(machine, hub.reopened(), city, url, desk, log)
        found.batch = found.worked(found.send("档案.ndjson", the_file(found), "september"))["id"]
        yield found
    hub.engine.dispose()
    configure("WARNING")
    logging.getLogger().handlers[:] = before


def the_file(commission: Commission) -> bytes:
    """The commission's export. One of its faulty rows also names a village that does not exist; another has a list in a cell."""
    rows = records(commission.city, HEALTH, 1)
    first, second = sorted(commission.planted)
    rows[first - 1]["chronicDiseases"] = ["高血压", "糖尿病"]
    rows[second - 1]["villageCode"] = NOWHERE
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def test_the_batch_says_how_many_rows_went_in_and_how_many_are_held(commission: Commission) -> None:
    batch = commission.get(f"/batches/{commission.batch}")
    rows = len(records(commission.city, HEALTH, 1))
    assert (batch["state"], batch["kind"], batch["as_of"]) == ("closed", "delta", AS_OF)
    assert (batch["read"], batch["accepted"], batch["unchanged"], batch["quarantined"]) == (rows, rows - 2, 0, 2)
    assert batch["held"] == 2
    assert commission.get("/batches", contract=HEALTH)["items"][0]["id"] == commission.batch


def test_each_held_row_says_which_rule_and_what_to_do(commission: Commission) -> None:
    found = commission.get(f"/batches/{commission.batch}/findings")["items"]
    expected = {(number, fault.field, fault.rule) for number, fault in commission.planted.items()}
    assert {fault.rule for fault in commission.planted.values()} == {"check_digit", "code"}
    assert {(f["record"], f["column"], f["rule"]) for f in found} == expected | {(max(commission.planted), "villageCode", "division")}
    for finding in found:
        assert finding["severity"] == "quarantine"
        assert finding["remedy"]
        assert finding["remedy"] in finding["text"]
        assert f"第 {finding['record']} 条" in finding["text"]
    counted = commission.get(f"/batches/{commission.batch}")["findings"]
    assert {(item["rule"], item["count"]) for item in counted} == {("check_digit", 1), ("code", 1), ("division", 1)}


def test_each_quality_rule_of_the_contract_has_its_result_without_values(commission: Commission) -> None:
    rules = {rule["rule"]: rule for rule in commission.get(f"/batches/{commission.batch}")["rules"]}
    assert set(rules) == {rule.name for rule in commission.hub.catalog.contracts[HEALTH].quality}
    assert {rule["outcome"] for rule in rules.values()} == {"passed"}
    assert rules["one_row_per_key"]["checked"] == len(records(commission.city, HEALTH, 1)) - 2
    assert "citizen_id_share" in rules  # asked of a sealed column, answered by a count
    assert set(rules["citizen_id_share"]) == {
        "rule", "fields", "outcome", "checked", "broken", "severity", "limit_share", "dimension", "message",
    }  # fmt: skip


def test_held_rows_are_mended_in_their_workbook_and_sent_once_however_often(commission: Commission) -> None:
    content = commission.desk.get(f"/batches/{commission.batch}/quarantine.xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    mend(commission, book)
    buffer = io.BytesIO()
    book.save(buffer)

    # The line drops before the answer comes, so the clerk sends it again under the same key: one piece of work, one batch.
    sent, again = (commission.send("mended.xlsx", buffer.getvalue(), "mend-1", parent=commission.batch) for _ in range(2))
    assert again.json() == sent.json()
    mended = commission.worked(sent)
    assert (mended["kind"], mended["parent"], mended["state"]) == ("mend", commission.batch, "closed")
    assert (mended["read"], mended["accepted"], mended["quarantined"]) == (2, 2, 0)
    assert [warning for warning in mended["warnings"] if warning["kind"] == "extra_column"] == []  # the hub's own columns
    late = commission.send("mended.xlsx", buffer.getvalue(), "mend-1", parent=commission.batch)
    assert late.json()["job"] == sent.json()["job"]
    assert late.json()["state"] == "done"
    assert worker.run(commission.hub, once=True) == 0
    assert [item["id"] for item in commission.get("/batches", contract=HEALTH)["items"]] == [mended["id"], commission.batch]
    assert commission.get(f"/batches/{commission.batch}")["held"] == 0

    # What was held back is known now: the record of the person says so to the township where they live.
    fault = next(fault for fault in commission.planted.values() if fault.rule == "check_digit")
    person = next(row for row in commission.city.rows[1][RESIDENT] if row.citizen_id == fault.person)  # type: ignore[attr-defined]
    township = str(commission.city.places.tree[person.village].parent)  # type: ignore[attr-defined]
    with commission.machine.office(commission.url, "township", township) as desk:
        elements = {e["element"]: e for e in desk.get(f"/entities/person/{fault.person}").json()["elements"]}
    assert HEALTH in [said["contract"] for said in elements["person.village"]["said"]]


def mend(commission: Commission, book: openpyxl.Workbook) -> None:
    """The clerk writes the right value in place of each cell that has a finding to its right; all cells are text."""
    sheet = book.worksheets[0]
    heads = [str(cell.value) for cell in sheet[1]]
    keys = [key for key, _ in placed(commission.city, HEALTH, 1)]
    mended = 0
    for line in range(2, sheet.max_row + 1):
        key = keys[int(str(sheet.cell(line, 1).value)) - 1]
        row = next(row for row in commission.city.rows[1][HEALTH] if row.key == key)
        for column, head in enumerate(heads, 1):
            if head.startswith("问题：") and sheet.cell(line, column).value:
                physical = head.removeprefix("问题：")
                assert heads[column - 2] == physical
                sheet.cell(line, column - 1).value = columns(commission.city.places)[HEALTH][physical](row)
                mended += 1
    assert mended == 3


def test_conflicts_appear_with_who_must_look_and_until_when(commission: Commission) -> None:
    """The commission says another village than public security, whose word counts; it is the commission that must look."""
    planted = [f for f in commission.city.faults if (f.kind, f.element, f.delivery) == ("conflict", "person.village", 1)]
    items = commission.desk.get("/conflicts").json()["items"]
    assert {item["key"] for item in items if item["element"] == "person.village"} == {fault.person for fault in planted}
    item = next(item for item in items if item["element"] == "person.village")
    assert (item["source"], item["winner"], item["looks"]) == (HEALTH, RESIDENT, ["health"])
    assert [said["contract"] for said in item["said"]] == [RESIDENT, HEALTH]
    assert len({said["text"] for said in item["said"]}) == 2
    assert (item["opened_at"][:10], item["deadline"], item["late"]) == ("2026-11-25", "2026-12-09", False)
    with commission.machine.office(commission.url, "bureau", "data-bureau") as bureau:
        seen = bureau.get("/conflicts")
    commission.answers.append(seen.text)  # those who run the hub see the same, with nobody's number in it
    assert {one["id"] for one in seen.json()["items"]} >= {one["id"] for one in items}


def test_on_the_command_line_a_conflict_is_told_in_words(commission: Commission) -> None:
    """Whom it is about, what each source says, who looks by when: as on the page, and with nobody's number in it."""
    items = commission.machine.told("conflicts")
    item = next(item for item in items if item["element"] == "person.village")
    assert (item["source"], item["winner"], item["looks"]) == (HEALTH, RESIDENT, ["health"])
    assert item["title"] == commission.hub.catalog.elements["person.village"].title.zh
    assert "*" in item["key"]
    plain = commission.machine.command("conflicts").stdout
    commission.answers.append(plain)
    line = next(line for line in plain.splitlines() if line.startswith(f"{item['id']}  "))
    first, second = (said["text"] for said in item["said"])
    for part in (item["key"], item["name"], item["title"], f"{first}（2026-09-30，现用）", f"{second}（2026-09-30，不同）", "卫生健康"):
        assert part in line
    assert line.endswith((f"在 {item['deadline']} 前核对", "（已逾期）"))


def test_no_answer_and_no_line_of_the_log_names_anybody(commission: Commission) -> None:
    commission.get(f"/batches/{commission.batch}")
    commission.get(f"/batches/{commission.batch}/findings")
    people = commission.city.rows[1][RESIDENT]
    secrets = {text for row in people for text in (row.citizen_id, row.name, row.address)}  # type: ignore[attr-defined]
    secrets |= {str(record[name]) for record in records(commission.city, HEALTH, 1) for name in ("idCard", "mobile") if record[name]}
    assert len(secrets) > 800
    events = [json.loads(line) for line in commission.log.getvalue().splitlines()]
    assert {"job_started", "job_ended"} <= {event["event"] for event in events}
    told = "\n".join([*commission.answers, commission.log.getvalue()])
    assert not [secret for secret in secrets if secret in told]
