"""Reading a paged API: exact values, resuming, changes, waiting, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.http import source
from connectors.http.settings import settings
from connectors.http.source import HttpSource
from connectors.http.waiting import Patience, retry_after, seconds
from hub.intake.conformance import contract, failure, pull
from hub.intake.port import NUMBER, TEXT, Delivery, Kind, SourceContext, YibiaoError
from tests.http_source import Script, Token, played, serving

TODAY = date(2024, 3, 1)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def opened(stack: ExitStack, script: Script, columns: tuple[str, ...] = ("id", "v"), ending: str | None = None, **more: Any) -> HttpSource:
    options = {
        "base_url": stack.enter_context(played(script)), "path": "/rows", "page_size": script.script["page_size"],
        "total": "data.total", "success": {"code": 200}, **more,
    }  # fmt: skip
    agreed = replace(contract(columns, ("id",)), ending=ending)
    checked = settings(agreed, options, SourceContext(Path(), TODAY))
    return stack.enter_context(closing(HttpSource(agreed, checked, TODAY, Patience(sleep=lambda seconds: None))))


def faulty(*answers: dict[str, Any], times: int = 1) -> Script:
    faults = [{"on_request": number, "times": times, "answer": answer} for number, answer in enumerate(answers, 1)]
    return serving([{"id": "a", "v": "1"}], faults=faults)


class TestValues:
    def test_numbers_keep_their_text(self, stack: ExitStack) -> None:
        tokens = ["330802195106088035", "1.50", "1E3", "-0", "0.1"]
        rows = [{"id": f"{place}", "v": Token(token)} for place, token in enumerate(tokens)]
        pulled = pull(opened(stack, serving(rows)))
        assert [row["v"] for row in pulled.rows] == tokens
        assert pulled.kinds("v") == [NUMBER] * 5

    def test_other_values_are_text(self, stack: ExitStack) -> None:
        values = [True, False, None, [], ["E11", "I10"], {"a": Token("1.0"), "b": None}, ""]
        pulled = pull(opened(stack, serving([{"id": f"{place}", "v": value} for place, value in enumerate(values)], page_size=10)))
        assert pulled.frames[0].values["v"].to_list() == ["true", "false", None, "[]", '["E11","I10"]', '{"a":1.0,"b":null}', ""]
        assert pulled.kinds("v") == [TEXT] * 7

    def test_half_a_surrogate_pair(self, stack: ExitStack) -> None:
        script = serving([{"id": "a", "v": Token('"x\\ud800y"')}, {"id": "b", "v": Token('"\\ud87e\\udc00"')}])
        assert [row["v"] for row in pull(opened(stack, script)).rows] == ["x\ufffdy", "\U0002f800"]

    def test_a_name_twice_is_a_fault_of_its_record(self, stack: ExitStack) -> None:
        script = serving([{"id": "a", "v": "1"}])
        script.rows = [Token('{"id":"a","v":"1","v":"2"}'), Token('"text"')]  # type: ignore[list-item]
        (frame,) = pull(opened(stack, script)).frames
        assert frame.places["fault"].to_list() == ["row_shape", "row_shape"]
        assert frame.values["id"].to_list() == [None, None]

    def test_records_of_one_key_do_not_add_up(self, stack: ExitStack) -> None:
        error = failure(opened(stack, serving([{"id": "a", "v": "1"}, {"id": "b", "v": "1"}, {"id": "a", "v": "2"}])))
        assert (error.code, error.values["found"]) == ("refused_incomplete", "2 / 3")


class TestProof:
    def test_order_of_the_keys_does_not_matter(self, stack: ExitStack) -> None:
        pulled = pull(opened(stack, serving([{"id": key, "v": "1"} for key in "dacbe"], page_size=2)))
        assert pulled.end.complete

    def test_without_a_total_nobody_is_ended(self, stack: ExitStack) -> None:
        reading = opened(stack, serving([{"id": key, "v": "1"} for key in "abcd"], page_size=2, total=False), total=None)
        offer = reading.offers(None, None)[0]
        pulled = pull(reading, offer=offer)
        assert (offer.kind, pulled.end.records, pulled.end.complete) == (Delivery.DELTA, 4, False)

    @pytest.mark.parametrize("paging", ["page", "offset"])
    @pytest.mark.parametrize("page_size", [1, 2, 3, 5])
    def test_resumes_with_another_page_size(self, stack: ExitStack, paging: str, page_size: int) -> None:
        script = serving([{"id": f"{number:02d}", "v": "1"} for number in range(11)], page_size=3)
        reading = opened(stack, script, paging=paging, frame_rows=3)
        offer = reading.offers(None, None)[0]
        whole = pull(reading, offer=offer)
        seen = 0
        for frame in whole.frames:
            seen += frame.values.height
            rest = pull(opened(stack, script, paging=paging, page_size=page_size), frame.cursor, offer)
            assert rest.records == whole.records[seen:]
            assert rest.rows == whole.rows[seen:]
            assert rest.end.complete

    def test_resumed_after_the_rows_moved(self, stack: ExitStack) -> None:
        script = serving([{"id": f"{number:02d}", "v": "1"} for number in range(9)])
        reading = opened(stack, script, frame_rows=3)
        offer = reading.offers(None, None)[0]
        cursor = pull(reading, offer=offer).frames[0].cursor
        script.rows = [*script.rows[1:], {"id": "99", "v": "1"}]
        with pytest.raises(YibiaoError) as caught:
            pull(reading, cursor, offer)
        assert (caught.value.code, caught.value.values["found"]) == ("refused_incomplete", "moved")

    def test_a_cursor_holds_no_key(self, stack: ExitStack) -> None:
        script = serving([{"id": f"33080219510608803{number}", "v": "1"} for number in range(6)])
        for frame in pull(opened(stack, script, frame_rows=3)).frames:
            assert "330802" not in str(frame.cursor)

    def test_unordered_and_resumed_is_unproven(self, stack: ExitStack) -> None:
        reading = opened(stack, serving([{"id": key, "v": "1"} for key in "dacbe"], page_size=2), frame_rows=2)
        offer = reading.offers(None, None)[0]
        cursor = pull(reading, offer=offer).frames[0].cursor
        rest = pull(reading, cursor, offer)
        assert ([row["id"] for row in rest.rows], rest.end.complete) == (["c", "b", "e"], False)


class TestChanges:
    def rows(self, *moments: str) -> list[dict[str, str]]:
        return [{"id": f"{place}", "v": "1", "updatedAt": moment} for place, moment in enumerate(moments)]

    def test_position_is_the_greatest_moment_whatever_its_zone(self, stack: ExitStack) -> None:
        script = serving(self.rows("2024-02-01T08:00:00+08:00", "2024-02-01T01:00:00Z", "2204-02-01T00:00:00+08:00"))
        reading = opened(stack, script, ("id", "v", "updatedAt"), updated_since="updatedSince", updated_at="updatedAt", overlap=60)
        cursor = pull(reading).end.cursor
        assert json.loads(str(cursor))["since"] == "2024-02-01T01:00:00Z"
        pull(reading, offer=reading.offers(TODAY, cursor)[0])
        assert script.requests[-1]["updatedSince"] == "2024-02-01T00:59:00Z"

    def test_a_full_pull_when_its_interval_is_over(self, stack: ExitStack) -> None:
        reading = opened(
            stack, serving(self.rows("2024-02-01T08:00:00+08:00")), ending="full:30d", updated_since="updatedSince", updated_at="updatedAt"
        )
        kinds = [
            reading.offers(None, json.dumps({"since": "2024-02-01T08:00:00+08:00", "full": full}))[0].kind
            for full in ("2024-02-01", "2024-01-31")
        ]
        assert kinds == [Delivery.DELTA, Delivery.SNAPSHOT]

    def test_date_of_the_data_is_told(self, stack: ExitStack) -> None:
        script = serving(self.rows("2024-02-01T08:00:00+08:00"), as_of="2024-01-31")
        reading = opened(stack, script, as_of="data.asOf")
        (offer,) = reading.offers(None, None)
        assert (offer.as_of, offer.kind) == (date(2024, 1, 31), Delivery.SNAPSHOT)
        assert reading.offers(date(2024, 1, 31), None) == []
        script.script["as_of"] = "2024-02-29"
        with pytest.raises(YibiaoError) as caught:
            pull(reading, offer=offer)
        assert caught.value.code == "refused_incomplete"


class TestFailures:
    @pytest.mark.parametrize("status", [500, 502, 503, 429])
    def test_now_and_then_is_tried_again(self, stack: ExitStack, status: int) -> None:
        assert len(pull(opened(stack, faulty({"status": status}, {"status": status}))).rows) == 1

    @pytest.mark.parametrize(
        ("status", "kind", "code"),
        [
            (401, Kind.UNAUTHENTICATED, "source_credentials"),
            (403, Kind.UNAUTHENTICATED, "source_credentials"),
            (404, Kind.INVALID, "refused_source"),
            (413, Kind.INVALID, "refused_limits_answer"),
            (503, Kind.UNAVAILABLE, "source_unavailable"),
            (504, Kind.UNAVAILABLE, "refused_limits_time"),
        ],
    )
    def test_for_ever(self, stack: ExitStack, status: int, kind: Kind, code: str) -> None:
        error = failure(opened(stack, faulty({"status": status}, times=100)))
        assert (error.kind, error.code) == (kind, code)
        assert "page 1" in str(error.values["place"])

    def test_a_redirect_to_another_host_is_not_followed(self, stack: ExitStack) -> None:
        other = serving([{"id": "x", "v": "1"}])
        base = stack.enter_context(played(other))
        error = failure(opened(stack, faulty({"status": 302, "headers": {"Location": f"{base}/rows"}})))
        assert error.code == "refused_source"
        assert other.requests == [], "the token is not carried elsewhere"

    def test_a_redirect_on_the_same_host_is_followed(self, stack: ExitStack) -> None:
        script = faulty({"status": 307, "headers": {"Location": "/rows?page=1&pageSize=3"}})
        assert len(pull(opened(stack, script)).rows) == 1

    def test_the_environment_s_proxy_is_ignored(self, stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert len(pull(opened(stack, serving([{"id": "a", "v": "1"}]))).rows) == 1

    def test_an_answer_that_unpacks_beyond_the_limit(self, stack: ExitStack) -> None:
        script = serving([{"id": "a", "v": " " * 3_000_000}], gzip=True)
        error = failure(opened(stack, script, max_answer_bytes=100_000))
        assert error.code == "refused_limits_answer"

    def test_an_answer_that_is_no_json(self, stack: ExitStack) -> None:
        script = serving([])
        script.rows = [Token("NaN")]  # type: ignore[list-item]
        error = failure(opened(stack, script))
        assert (error.code, error.values["place"]) == ("refused_source", "page 1: no JSON")

    def test_rows_that_stand_elsewhere(self, stack: ExitStack) -> None:
        error = failure(opened(stack, serving([{"id": "a", "v": "1"}]), rows="data.list"))
        assert (error.code, error.values["place"]) == ("refused_source", "page 1: data.list")

    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"base_url": "ftp://h"},
            {"base_url": "http://"},
            {"base_url": "http://user:secret@h"},
            {"base_url": "http://h", "paging": "cursor"},
            {"base_url": "http://h", "page_size": 0},
            {"base_url": "http://h", "pagesize": 1},
            {"base_url": "http://h", "updated_since": "since"},
        ],
    )
    def test_options(self, options: dict[str, Any]) -> None:
        with pytest.raises(YibiaoError) as caught:
            source(contract(("id",)), options, SourceContext(Path(), TODAY))
        assert (caught.value.kind, caught.value.code) == (Kind.INVALID, "source_options")
        assert "secret@" not in caught.value.text("zh")


class TestWaiting:
    NOW = datetime(2024, 3, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("header", "told"),
        [
            (None, None), ("", None), ("0", 0.0), ("7", 7.0), ("-1", None), ("1.5", None), ("rand(30),add(30)", None), ("９", None),
            ("Fri, 01 Mar 2024 00:00:09 GMT", 9.0), ("Thu, 29 Feb 2024 00:00:00 GMT", None), ("9" * 400, 60.0),
        ],
    )  # fmt: skip
    def test_retry_after(self, header: str | None, told: float | None) -> None:
        assert retry_after(header, self.NOW) == told

    def test_backoff_doubles_up_to_its_end(self) -> None:
        assert [seconds(failures, None, self.NOW, 1.0) for failures in (1, 2, 3, 20)] == [0.5, 1.0, 2.0, 60.0]
        assert seconds(3, None, self.NOW, 0.0) == 1.0
        assert seconds(1, "3600", self.NOW, 0.0) == 60.0
