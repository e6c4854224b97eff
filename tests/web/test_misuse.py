"""What an enemy, or a program with a mistake in it, sends: told in words, without a trace in what others see and without a 500."""

from __future__ import annotations

import io
import json
import re
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import openpyxl
import pytest

from hub.core.errors import YibiaoError
from hub.forms.manifest import SHEET
from hub.forms.round_trip import read_manifest
from tests.web.conftest import Town
from tests.web.grids import ROSTER
from tests.web.test_phone import make_link
from tests.web.test_round_trip import compare, download
from tests.web.test_work import Browser

PERIOD, OTHER_PERIOD = "2022Q2", "2022Q3"  # of these tests alone: the town is shared


def opened(town: Town, period: str) -> list[str]:
    """The codes of the village's lines in the period, which is open."""
    with town.client("bureau") as client:
        assert client.put(f"/api/v1/forms/{ROSTER}/periods/{period}").status_code == 200
    report = town.get("township", f"/api/v1/forms/{ROSTER}/reports/{town.village}/{period}").json()
    return [line["code"] for line in report["sections"][0]["lines"]]


def send(town: Town, period: str, *edits: dict[str, Any], role: str = "township") -> list[dict[str, Any]]:
    body = {"edits": [{"unit": town.village, **one} for one in edits]}
    with town.client(role) as client:
        answer = client.post(f"/api/v1/forms/{ROSTER}/periods/{period}/edits", json=body)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["outcomes"]
    return found


def act(town: Town, role: str, act: str, key: str, period: str, reason: str = "") -> dict[str, Any]:
    with town.client(role, **{"Idempotency-Key": key}) as client:
        answer = client.post(f"/api/v1/forms/{ROSTER}/periods/{period}/acts", json={"act": act, "units": [town.village], "reason": reason})
    found: dict[str, Any] = answer.json()["items"][0] if answer.status_code == 200 else answer.json()
    return found


class TestKeysOfEdits:
    def test_a_key_is_that_of_one_edit_in_one_report_with_one_content(self, town: Town) -> None:
        line = opened(town, PERIOD)[0]
        opened(town, OTHER_PERIOD)
        one = {"key": str(uuid4()), "kind": "enter", "line": line, "field": "visit_note", "text": "身体健康"}
        assert send(town, PERIOD, one)[0]["fate"] == "saved"
        assert send(town, PERIOD, one)[0]["fate"] == "saved", "sent again, it is answered again"
        for period, sent in ((PERIOD, one | {"text": "住院"}), (OTHER_PERIOD, one), (PERIOD, {**one, "kind": "clear", "text": ""})):
            (outcome,) = send(town, period, sent)
            assert (outcome["fate"], outcome["code"]) == ("refused", "edit_key_reused")
        cell = town.get("township", f"/api/v1/forms/{ROSTER}/reports/{town.village}/{OTHER_PERIOD}/cells/{line}/visit_note").json()
        assert cell["history"] == []

    def test_the_same_edit_twice_in_one_call_is_saved_once(self, town: Town) -> None:
        line = opened(town, PERIOD)[0]
        one = {"key": str(uuid4()), "kind": "enter", "line": line, "field": "visit_note", "text": "已回访"}
        assert [outcome["fate"] for outcome in send(town, PERIOD, one, one)] == ["saved", "saved"]

    def test_lines_that_a_key_did_not_confirm_are_not_told_as_confirmed(self, town: Town) -> None:
        opened(town, PERIOD)
        work = town.get("township", f"/api/v1/forms/{ROSTER}/reports/{town.village}/{PERIOD}/work").json()
        marks = work["units"][0]["marks"]
        first, *others = marks
        one = {"key": str(uuid4()), "kind": "confirm", "lines": {first: marks[first]}}
        assert send(town, PERIOD, one)[0]["fate"] == "saved"
        (outcome,) = send(town, PERIOD, one | {"lines": {code: marks[code] for code in others}})
        assert (outcome["fate"], outcome["code"]) == ("refused", "edit_key_reused")
        stale = {"key": str(uuid4()), "kind": "confirm", "lines": {first: marks[first], others[0]: "0" * 16}}
        for _ in range(2):
            assert send(town, PERIOD, stale)[0]["missed"] == [others[0]], "sent again, what was missed is missed still"

    def test_codes_of_no_line_are_not_kept(self, town: Town) -> None:
        opened(town, PERIOD)
        (outcome,) = send(town, PERIOD, {"key": str(uuid4()), "kind": "unconfirm", "lines": {"NOSUCHLINE": ""}})
        assert outcome["missed"] == ["NOSUCHLINE"]


def test_a_key_of_one_act_is_not_that_of_another(town: Town) -> None:
    opened(town, PERIOD)
    key = str(uuid4())
    with town.client("county") as client:
        until = {"until": town.hub.today().isoformat()}
        assert client.put(f"/api/v1/forms/{ROSTER}/reports/{town.village}/{PERIOD}/extension", json=until).status_code == 200
    work = town.get("township", f"/api/v1/forms/{ROSTER}/reports/{town.village}/{PERIOD}/work").json()["units"][0]
    send(town, PERIOD, {"key": str(uuid4()), "kind": "confirm", "lines": work["marks"]})
    first = act(town, "township", "submit", key, PERIOD)
    assert (first["done"], first["standing"]) == (True, "submitted"), first
    again = act(town, "township", "withdraw", key, PERIOD)
    assert (again["done"], again["code"]) == (False, "idempotency_key_reused")
    assert act(town, "township", "submit", key, PERIOD)["done"], "the same act under its key is told again"
    assert act(town, "township", "withdraw", str(uuid4()), PERIOD)["standing"] == "draft"


@pytest.mark.parametrize("until", ["0001-01-01", "9999-12-31"])
def test_an_extension_ends_within_a_year(town: Town, until: str) -> None:
    opened(town, PERIOD)
    with town.client("county") as client:
        answer = client.put(f"/api/v1/forms/{ROSTER}/reports/{town.village}/{PERIOD}/extension", json={"until": until})
    assert (answer.status_code, answer.json()["code"]) == (422, "extension_out_of_range")


class TestBodies:
    path = f"/api/v1/forms/{ROSTER}/periods/{PERIOD}/edits"
    large = b'{"edits":[' + b"[]," * 30_000 + b"[]]}"

    def test_nobodys_large_body_is_not_read(self, town: Town) -> None:
        with town.client(None, **{"Content-Type": "application/json"}) as client:
            assert client.post(self.path, content=self.large).status_code == 401
            assert client.post(self.path, content=iter([self.large])).status_code == 401

    def test_json_is_twelve_mebibytes_at_most(self, town: Town) -> None:
        for headers in ({"Content-Type": "application/json"}, {"Content-Type": "Application/JSON; charset=UTF-8"}, {}):
            with town.client("township", **headers) as client:
                answer = client.post(self.path, content=b" " * (12 << 20) + b"{}")
            assert (answer.status_code, answer.json()["code"]) == (422, "request_large")

    def test_other_charsets_are_refused(self, town: Town) -> None:
        with httpx2.Client(base_url=town.url) as client:
            kind = "multipart/form-data; boundary=b; charset=unicode_escape"
            body = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800\r\n--b--\r\n'
            answer = client.post("/sign-in", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 422
        assert "UTF-8" in answer.text

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("acts", '{"act":"submit","units":["\\ud800"]}'),
            ("edits", '{"edits":[{"key":"12345678","unit":"1","kind":"confirm","lines":{"\\ud800":"\\ud800"}}]}'),
            ("edits", '{"edits":[{"key":"12345678","unit":"1","kind":"unconfirm","lines":{"a":"\\ud800"}}]}'),
        ],
    )
    def test_half_a_sign_is_told(self, town: Town, path: str, body: str) -> None:
        with town.client("township", **{"Content-Type": "application/json"}) as client:
            answer = client.post(f"/api/v1/forms/{ROSTER}/periods/{PERIOD}/{path}", content=body)
        assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\u202e"], ids=["NUL", "vertical tab", "turned around"])
def test_control_characters_in_what_people_say_are_told_and_not_kept(town: Town, sign: str) -> None:
    """They would make a workbook that no program opens, or turn around what stands beside them."""
    line = opened(town, PERIOD)[0]
    report = f"/api/v1/forms/{ROSTER}/reports/{town.village}/{PERIOD}"
    said = f"年龄{sign}有误"
    with town.client("township") as client:
        answers = [
            client.post(
                f"{report}/objections",
                json={"kind": "value", "line": line, "field": "birth_date", "proposed": "1941-03-02", "reason": said},
            ),
            client.post(f"{report}/objections", json={"kind": "value", "line": line, "field": "name", "proposed": said}),
            client.post(f"{report}/cells/{line}/visit_note/comments", json={"text": said}, headers={"Idempotency-Key": str(uuid4())}),
            client.post(f"/api/v1/forms/{ROSTER}/periods/{PERIOD}/acts", json={"act": "submit", "units": [town.village], "reason": said}),
        ]
    for answer in answers:
        assert answer.status_code == 422, answer.text
        assert [one["code"] for one in answer.json()["errors"]] == ["field_unseen_signs"]


class TestNamesOfLinks:
    def test_the_name_says_of_which_village_it_is(self, town: Town) -> None:
        path = make_link(town, "柯城区审核人")
        village = town.hub.catalog.code_lists["division"].codes[town.village].title.zh
        with httpx2.Client(base_url=town.url) as phone:
            assert f"柯城区审核人（{village}）" in phone.get(path).text

    @pytest.mark.parametrize("name", ["a\x00b", "\u202eabc", "王\u200b村长"])
    def test_signs_that_cannot_be_seen_are_refused(self, town: Town, name: str) -> None:
        clerk = Browser(town, "township")
        assert "看不见的字符" in clerk.post("/links", clerk.get("/links"), (422,), village=town.village, name=name)

    @pytest.mark.parametrize("pin", ["²²²²²²", "١٢٣٤٥٧", "12345６"])
    def test_a_pin_is_of_ascii_digits(self, town: Town, pin: str) -> None:
        path = make_link(town, "赵村长")
        with httpx2.Client(base_url=town.url) as phone:
            assert phone.post(path, data={"pin": pin, "again": pin}).status_code == 401


@pytest.mark.parametrize("path", ["/links", f"/reports/{ROSTER}/{{village}}/{PERIOD}/steps"])
def test_a_page_told_an_unknown_word_says_nothing(town: Town, path: str) -> None:
    opened(town, PERIOD)
    assert 'class="told" role="status"' not in Browser(town, "township").get(path.format(village=town.village) + "?told=x")


WRONG_HEADS: list[tuple[str, Any]] = [
    ("units", []), ("units", "x"), ("units", None), ("units", {"\ud800": "x"}), ("version", "\ud800"), ("sheets", [[]]), ("period", 7),
]  # fmt: skip
WRONG_SHEETS: list[tuple[str, Any]] = [("section", [1]), ("sheet", 5), ("columns", [["name"]]), ("titles", [1]), ("titles", ["姓名"])]


class TestWorkbooks:
    def test_a_changed_hidden_sheet_is_none_of_ours(self, town: Town) -> None:
        opened(town, PERIOD)
        content = download(town, town.village, ROSTER, PERIOD)
        for name, value in WRONG_HEADS:
            assert self.sent(town, self.with_head(content, lambda head, n=name, v=value: head.update({n: v}))) == "workbook_foreign"
        for name, value in WRONG_SHEETS:
            assert (
                self.sent(town, self.with_head(content, lambda head, n=name, v=value: head["sheets"][0].update({n: v})))
                == "workbook_foreign"
            )

    def test_columns_that_are_not_there_are_passed_over(self, town: Town) -> None:
        opened(town, PERIOD)
        content = download(town, town.village, ROSTER, PERIOD)

        def rename(head: dict[str, Any]) -> None:
            head["sheets"][0]["columns"] = ["nope", *head["sheets"][0]["columns"][1:]]

        answer = compare(town, town.village, self.with_head(content, rename), form=ROSTER, period=PERIOD)
        assert answer.status_code == 200, answer.text

    @pytest.mark.parametrize(
        ("part", "old", "new"),
        [
            ("xl/worksheets/sheet1.xml", r' s="\d+"', ' s="99999x"'),
            ("xl/worksheets/sheet1.xml", "<\\?xml[^>]*>", '<?xml version="1.0" encoding="UTF-7"?>'),
            ("xl/worksheets/sheet1.xml", "<\\?xml[^>]*>", '<?xml version="1.0" encoding="undefined"?>'),
        ],
    )
    def test_parts_that_are_no_workbooks_are_told(self, town: Town, part: str, old: str, new: str) -> None:
        opened(town, PERIOD)
        broken = self.with_part(download(town, town.village, ROSTER, PERIOD), part, old, new)
        answer = compare(town, town.village, broken, form=ROSTER, period=PERIOD)
        assert (answer.status_code, answer.json()["code"]) == (422, "workbook_damaged"), answer.text

    def test_bytes_changed_anywhere_never_crash(self, town: Town, tmp_path: Path) -> None:
        opened(town, PERIOD)
        content = download(town, town.village, ROSTER, PERIOD)
        file = tmp_path / "changed.xlsx"
        for place in range(0, len(content), max(1, len(content) // 300)):
            file.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
            with suppress(YibiaoError):
                read_manifest(file)

    def sent(self, town: Town, content: bytes) -> str:
        answer = compare(town, town.village, content, form=ROSTER, period=PERIOD)
        assert answer.status_code == 422, answer.text
        return str(answer.json()["code"])

    def with_head(self, content: bytes, change: Any) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(content))
        sheet = book[SHEET]
        pieces = [cell for cell in sheet[1] if cell.value]
        head = json.loads("".join(str(cell.value) for cell in pieces))
        change(head)
        for cell in pieces:
            cell.value = None
        sheet.cell(1, 1).value = json.dumps(head)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def with_part(self, content: bytes, part: str, old: str, new: str) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as was, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as now:
            for name in was.namelist():
                text = was.read(name)
                if name == part:
                    text, count = re.subn(old.encode(), new.encode(), text, count=1)
                    assert count == 1
                now.writestr(name, text)
        return out.getvalue()
