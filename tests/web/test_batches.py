"""Intake by HTTP: batches, findings, the quarantined rows out and back, uploads and their idempotency, the breaker."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from hub import worker
from hub.sample.deliver import placed
from hub.sample.exports import columns
from hub.store.batches import State, write
from hub.store.engine import writing
from tests.web.conftest import Town

API = "/api/v1"
MINIMUM = "civil-affairs.minimum-living"
MARRIAGE = "civil-affairs.marriage"


@pytest.fixture
def work(town: Town) -> Callable[[], int]:
    """Lets a worker do what was asked for; what other tests of the town left waiting is done first."""
    worker.run(town.hub.reopened(), once=True)
    return lambda: worker.run(town.hub.reopened(), once=True)


def batches(town: Town, contract: str, role: str = "civil-affairs") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.get(role, f"{API}/batches?contract={contract}").json()["items"]
    return found


def test_pages_of_batches_join_up(town: Town) -> None:
    with town.client("civil-affairs") as client:
        whole = [item["id"] for item in client.get(f"{API}/batches?limit=1000").json()["items"]]
        seen: list[int] = []
        path = f"{API}/batches?limit=3"
        while path:
            page = client.get(path).json()
            seen += [item["id"] for item in page["items"]]
            path = f"{API}/batches?limit=3&cursor={page['next']}" if page["next"] else ""
    assert seen == whole
    assert len(seen) >= 10


def test_counts_of_every_batch_add_up(town: Town) -> None:
    items = batches(town, MINIMUM)
    assert items
    for item in items:
        assert item["read"] == item["accepted"] + item["unchanged"] + item["quarantined"]


def test_a_batch_shows_its_rules_without_raw_values(town: Town) -> None:
    number = next(item["id"] for item in batches(town, MINIMUM) if item["state"] == "closed")
    found = town.get("civil-affairs", f"{API}/batches/{number}").json()
    assert {rule["outcome"] for rule in found["rules"]} <= {"passed", "failed"}
    assert len(found["rules"]) >= 4


def test_a_finding_says_where_what_was_agreed_and_what_to_do(town: Town) -> None:
    number = next(item["id"] for item in batches(town, MINIMUM) if item["quarantined"])
    items = town.get("civil-affairs", f"{API}/batches/{number}/findings").json()["items"]
    assert items[0]["record"] >= 1
    assert items[0]["column"]
    assert items[0]["remedy"]
    english = town.get("civil-affairs", f"{API}/batches/{number}/findings", **{"Accept-Language": "en"}).json()["items"]
    assert english[0]["text"] != items[0]["text"]


class TestMending:
    def test_held_rows_go_out_as_text_and_come_back_by_the_same_door(self, town: Town, work: Callable[[], int]) -> None:
        parent = next(item for item in batches(town, MINIMUM) if item["quarantined"])
        with town.client("civil-affairs") as client:
            content = client.get(f"{API}/batches/{parent['id']}/quarantine.xlsx").content
            book = openpyxl.load_workbook(io.BytesIO(content))
            sheet = book.worksheets[0]
            cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
            assert {cell.data_type for cell in cells} == {"s"}
            assert {cell.number_format for cell in cells} == {"@"}
            heads = [cell.value for cell in sheet[1]]
            blamed = next(position for position, head in enumerate(heads) if str(head).startswith("问题："))
            assert str(sheet.cell(2, blamed + 1).value)  # the finding stands right of its cell
            mended = self._mended(town, 1 if parent["as_of"] == str(town.city.first) else 2, sheet, heads, blamed)
            sent = client.post(
                f"{API}/contracts/{MINIMUM}/batches?as_of={parent['as_of']}&parent={parent['id']}", files={"file": ("mended.xlsx", mended)}
            )
            assert sent.status_code == 202, sent.text
            assert work() == 1
            job = client.get(sent.headers["location"]).json()
            assert job["state"] == "done", job
            mend = client.get(f"{API}/batches/{job['outcome']['batches'][0]['batch']}").json()
            assert (mend["kind"], mend["state"], mend["read"], mend["quarantined"]) == ("mend", "closed", 1, 0)
            assert mend["accepted"] + mend["unchanged"] == 1
            assert client.get(f"{API}/batches/{parent['id']}").json()["held"] == parent["quarantined"] - 1
        assert list((town.hub.settings.home / "uploads").iterdir()) == []  # the file is gone with the batch's end

    def test_a_date_ahead_of_today_is_refused_and_no_file_is_left(self, town: Town) -> None:
        uploads = town.hub.settings.home / "uploads"
        before = set(uploads.glob("*")) if uploads.exists() else set()
        for query in ("as_of=9999-12-31", "as_of=2026-W01-1", "as_of=2026-10-31&parent=abc"):
            with town.client("civil-affairs") as client:
                answer = client.post(f"/api/v1/contracts/{MINIMUM}/batches?{query}&name=a.csv", content=b"x")
            assert answer.status_code == 422, query
        assert (set(uploads.glob("*")) if uploads.exists() else set()) == before

    def test_who_may_not_send_is_told_before_the_file_is_taken(self, town: Town) -> None:
        with town.client("township") as client:
            answer = client.post(f"/api/v1/contracts/{MINIMUM}/batches?as_of=2026-10-31&parent=abc&name=a.csv", content=b"x")
        assert answer.status_code == 403

    @staticmethod
    def _mended(town: Town, delivery: int, sheet: Any, heads: list[Any], blamed: int) -> bytes:
        """The first held row with the right identifier in place of the one that a spreadsheet had rounded."""
        physical = str(heads[blamed]).removeprefix("问题：")
        assert heads[blamed - 1] == physical
        key, _ = placed(town.city, MINIMUM, delivery)[int(sheet.cell(2, 1).value) - 1]
        row = next(row for row in town.city.rows[delivery][MINIMUM] if row.key == key)
        sheet.cell(2, blamed).value = columns(town.city.places)[MINIMUM][physical](row)
        for line in range(sheet.max_row, 2, -1):
            sheet.delete_rows(line)
        buffer = io.BytesIO()
        sheet.parent.save(buffer)
        return buffer.getvalue()


class TestUploading:
    ROWS = "登记字号,登记日期,婚姻登记类别,男方姓名,男方身份证件号\n"

    def test_the_same_key_and_content_is_one_request(self, town: Town, work: Callable[[], int]) -> None:
        path = f"{API}/contracts/education.school/batches?as_of=2026-11-20&name=s.ndjson&kind=delta"
        content = b'{"xxbsm": "1"}\n'
        with town.client("education", **{"Idempotency-Key": "k1"}) as client:
            first, second = (client.post(path, content=content) for _ in range(2))
            assert first.json()["job"] == second.json()["job"]
            other = client.post(path, content=b'{"xxbsm": "2"}\n')
            assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
        assert len(list((town.hub.settings.home / "uploads").iterdir())) == 1
        assert work() == 1

    def test_a_file_that_cannot_be_used_is_refused_with_its_reason(self, town: Town, work: Callable[[], int]) -> None:
        with town.client("civil-affairs") as client:
            sent = client.post(f"{API}/contracts/{MARRIAGE}/batches?as_of=2026-11-20", files={"file": ("m.xlsx", b"no workbook at all")})
            work()
            job = client.get(sent.headers["location"]).json()
            assert job["state"] == "failed"
            batch = client.get(f"{API}/batches/{job['outcome']['batches'][0]['batch']}").json()
        assert batch["state"] == "refused"
        assert batch["reason"]["detail"]

    @pytest.mark.parametrize(
        ("query", "name", "code"),
        [
            ("", "a.csv", "upload_as_of"),
            ("?as_of=2026-13-01", "a.csv", "upload_as_of"),
            ("?as_of=2026-11-20", "a.exe", "upload_name"),
            ("?as_of=2026-11-20&kind=everything", "a.csv", "upload_kind"),
            ("?as_of=2026-11-20&kind=mend", "a.csv", "mend_without_parent"),
            ("?as_of=2026-11-20&parent=999999", "a.csv", "batch_not_found"),
        ],
    )
    def test_a_request_that_cannot_be_understood_says_what_is_missing(self, town: Town, query: str, name: str, code: str) -> None:
        with town.client("civil-affairs") as client:
            answer = client.post(f"{API}/contracts/{MARRIAGE}/batches{query}", files={"file": (name, b"a\n1\n")})
        assert answer.json()["code"] == code
        assert answer.status_code in (404, 422)
        assert list((town.hub.settings.home / "uploads").iterdir()) == []

    @pytest.mark.parametrize("name", ["学" * 119 + ".ndjson", "a%00b.ndjson", "a%0Ab.ndjson"])
    def test_a_name_that_no_file_may_have_is_made_one(self, town: Town, work: Callable[[], int], name: str) -> None:
        with town.client("education") as client:
            answer = client.post(
                f"{API}/contracts/education.school/batches?as_of=2026-11-20&kind=delta&name={name}", content=b'{"xxbsm": "1"}\n'
            )
        assert answer.status_code == 202
        assert work() == 1

    def test_an_empty_body_is_no_file(self, town: Town) -> None:
        with town.client("civil-affairs") as client:
            answer = client.post(f"{API}/contracts/{MARRIAGE}/batches?as_of=2026-11-20&name=a.csv", content=b"")
        assert answer.json()["code"] == "upload_without_file"


class TestLettingPass:
    def test_only_a_waiting_batch_is_let_pass(self, town: Town) -> None:
        number = batches(town, MARRIAGE)[0]["id"]
        with town.client("civil-affairs") as client:
            answer = client.post(f"{API}/batches/{number}/actions/pass")
        assert (answer.status_code, answer.json()["code"]) == (409, "batch_state")

    def test_a_held_batch_goes_to_a_worker_with_the_name_of_who_said_yes(self, town: Town) -> None:
        number = batches(town, MARRIAGE)[0]["id"]
        with writing(town.hub.engine) as connection:
            before = State(batches(town, MARRIAGE)[0]["state"])
            write(connection, number, state=State.WAITING)
        try:
            with town.client("civil-affairs") as client:
                answer = client.post(f"{API}/batches/{number}/actions/pass")
                assert answer.status_code == 202
                assert answer.json()["requested_by"] == "civil-affairs"
                again = client.post(f"{API}/batches/{number}/actions/pass")
                assert again.json()["job"] == answer.json()["job"]
        finally:
            with writing(town.hub.engine) as connection:
                write(connection, number, state=before)
