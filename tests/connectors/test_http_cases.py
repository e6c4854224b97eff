"""The cases API-* of ``tests/cases/intake``, each played by a real server, as far as the connector decides them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.http.settings import settings
from connectors.http.source import HttpSource
from connectors.http.waiting import ATTEMPTS, LONGEST_WAIT, Patience
from hub.intake.conformance import Pulled, contract, failure, pull
from hub.intake.port import Delivery, Kind, SourceContext, YibiaoError
from tests.http_source import Script, case, played

CASES = Path(__file__).parents[1] / "cases" / "intake"
TODAY = date(2024, 3, 1)
COLUMNS = ("id", "idCard", "name", "familyDoctor", "chronicDiseases", "updatedAt")
IDS = [f"3308020000000000{number}" for number in range(1, 8)]


class Waits(list[float]):
    """The waits of a pull, which nobody waits for."""

    def patience(self) -> Patience:
        return Patience(self.append, lambda: datetime(2024, 3, 1, tzinfo=UTC), lambda: 1.0)


Opened = Callable[..., HttpSource]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens a source on a script served at a base; all are closed with the test."""
    with ExitStack() as stack:
        yield lambda *arguments, **more: stack.enter_context(closing(_opened(*arguments, **more)))


def _opened(script: Script, base: str, waits: Waits | None = None, **more: Any) -> HttpSource:
    options = {
        "base_url": base, "path": script.script["base"], "paging": script.script["paging"], "page_size": script.script["page_size"],
        "total": "data.total", "success": {"code": 200}, "updated_since": "updatedSince", "updated_at": "updatedAt", **more,
    }  # fmt: skip
    agreed = contract(COLUMNS, ("id",))
    return HttpSource(
        agreed, settings(agreed, options, SourceContext(Path(), TODAY)), TODAY, (Waits() if waits is None else waits).patience()
    )


def ids(pulled: Pulled) -> list[str | None]:
    return [row["id"] for row in pulled.rows]


def test_api_01_a_row_deleted_between_two_pages(opened: Opened) -> None:
    script = case("API-01", CASES)
    with played(script) as base:
        error = failure(opened(script, base))
        again = pull(opened(script, base))
    assert (error.kind, error.code) == (Kind.INVALID, "refused_incomplete")
    assert ids(again) == IDS[1:], "pulled again, when nothing moves, it is whole"
    assert again.end.complete


def test_api_01_counted_by_rows_even_if_another_row_takes_the_place(opened: Opened) -> None:
    """The total stays seven and seven different keys come: only the row read twice shows the shift."""
    script = case("API-01", CASES)
    script.script |= {"paging": "offset"}
    with played(script) as base:
        script.script["total"] = False
        error = failure(opened(script, base, total=None))
    assert (error.code, error.values["found"]) == ("refused_incomplete", "moved")


def test_api_03_fewer_rows_a_page_than_asked_for(opened: Opened) -> None:
    script = case("API-03", CASES)
    with played(script) as base:
        pulled = pull(opened(script, base))
    assert ids(pulled) == IDS
    assert pulled.end.complete


def test_api_03_one_row_a_page(opened: Opened) -> None:
    script = case("API-03", CASES)
    script.script["server_cap"] = 1
    with played(script) as base:
        pulled = pull(opened(script, base))
    assert ids(pulled) == IDS
    assert len(script.requests) == 7


def test_api_05_the_same_page_for_ever(opened: Opened) -> None:
    script = case("API-05", CASES)
    with played(script) as base:
        error = failure(opened(script, base))
    assert (error.code, error.values["place"]) == ("refused_incomplete", "page 2 repeats page 1")
    assert len(script.requests) == 2


def test_api_06_waits_by_the_header_or_with_jitter_then_the_same_page_again(opened: Opened) -> None:
    script = case("API-06", CASES)
    waits = Waits()
    with played(script) as base:
        pulled = pull(opened(script, base, waits))
    assert ids(pulled) == IDS
    assert pulled.end.complete
    assert waits == [0.5, 2.0, 2.0, LONGEST_WAIT], "none: backoff; a date two seconds ahead; nonsense: backoff; huge: capped"
    assert [query["page"] for query in script.requests] == ["1", "2", "2", "2", "2", "2", "3"]


def test_api_08_an_error_inside_a_good_status(opened: Opened) -> None:
    script = case("API-08", CASES)
    waits = Waits()
    with played(script) as base:
        error = failure(opened(script, base, waits))
    assert (error.kind, error.code, error.values["place"]) == (Kind.INVALID, "refused_source", "page 2: code 500")
    assert len(waits) == ATTEMPTS - 1


def test_api_10_an_answer_cut_on_the_wire(opened: Opened) -> None:
    script = case("API-10", CASES)
    with played(script) as base:
        pulled = pull(opened(script, base))
    assert ids(pulled) == IDS
    assert pulled.end.complete


def test_api_10_cut_for_ever_and_packed(opened: Opened) -> None:
    script = case("API-10", CASES)
    script.script["gzip"] = True
    script.script["faults"][0] |= {"times": 100}
    script.script["faults"][0]["answer"]["cut_bytes"] = 60
    with played(script) as base:
        error = failure(opened(script, base))
    assert (error.code, error.values["place"]) == ("refused_truncated", "page 2")


def test_api_12_a_row_stored_late_with_the_same_moment(opened: Opened) -> None:
    script = case("API-12", CASES)
    first_pull, second_pull = script.script["pulls"]
    with played(script) as base:
        script.now = first_pull["server_now"]
        first = pull(opened(script, base))
        script.now = second_pull["server_now"]
        reading = opened(script, base)
        (offer,) = reading.offers(TODAY, first.end.cursor)
        second = pull(reading, offer=offer)
    assert offer.kind is Delivery.DELTA
    assert [ids(first), ids(second)] == [IDS[:1], IDS[:2]], "three records in all, one of them known already"
    assert not second.end.complete, "changes end nobody"


def test_api_14_an_answer_beyond_the_limit_and_the_rest_in_smaller_pages(opened: Opened) -> None:
    script = case("API-01", CASES)
    script.script["events"] = []
    with played(script) as base:
        whole = pull(opened(script, base, page_size=2, frame_rows=2))
        script.rows[2]["name"] = "长" * 500  # 1,500 bytes
        reading = opened(script, base, page_size=2, frame_rows=2, max_answer_bytes=2200)
        offer = reading.offers(None, None)[0]
        parts = reading.read(offer)
        frame = next(parts)
        with pytest.raises(YibiaoError) as caught:
            next(parts)
        error = caught.value
        assert (error.code, error.values["place"], error.values["limit"]) == ("refused_limits_answer", "page 2", "2200 bytes")
        assert "page_size" in error.text("zh")
        assert "2200" in error.text("en")
        smaller = opened(script, base, page_size=1, max_answer_bytes=2200)
        rest = pull(smaller, frame.cursor, offer)
    assert rest.records == whole.records[2:]
    assert ids(rest) == IDS[2:]
    assert rest.end.complete
