"""The sample health service is a real server: token, pages, changes since, limits and failures that pass when asked again."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from hub.sample.city import City, build
from hub.sample.deliver import health_records
from hub.sample.health_server import HealthServer

TOKEN = "sample-token"
SECOND = date(2026, 10, 31)


@pytest.fixture(scope="module")
def city() -> City:
    return build(600, 5, SECOND)


@pytest.fixture
def server(city: City) -> Iterator[HealthServer]:
    with HealthServer(TOKEN) as running:
        running.advance(health_records(city, 1), city.first)
        yield running


def once(
    server: HealthServer, path: str, query: dict[str, object] | None = None, token: str = TOKEN
) -> tuple[int, dict[str, Any], http.client.HTTPMessage]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    try:
        connection.request("GET", f"{path}?{urlencode(query or {})}", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.headers
    finally:
        connection.close()


def ask(server: HealthServer, path: str, **query: object) -> dict[str, Any]:
    """Asks again after a failure, as a client should."""
    for _ in range(4):
        try:
            status, body, _headers = once(server, path, query)
        except (http.client.HTTPException, ConnectionError):
            continue
        if status == 200:
            return body
    raise AssertionError("no answer in four attempts")


def pull(server: HealthServer, path: str, **query: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    page = 1
    while True:
        body = ask(server, path, page=page, pageSize=50, **query)
        rows += body["data"]
        if len(rows) >= body["total"]:
            return rows
        page += 1


def test_all_pages_together_are_the_register(city: City, server: HealthServer) -> None:
    assert pull(server, "/health-records") == health_records(city, 1)["/health-records"]
    assert pull(server, "/maternity") == health_records(city, 1)["/maternity"]
    body = ask(server, "/maternity")
    assert (body["code"], body["asOf"]) == (0, "2026-09-30")


def test_after_the_second_delivery_what_changed_since_is_enough(city: City, server: HealthServer) -> None:
    before = {row["id"]: row for row in pull(server, "/health-records")}
    last = max(row["updatedAt"] for row in before.values())
    server.advance(health_records(city, 2), city.second)
    changed = pull(server, "/health-records", updatedSince=last)
    after = {**before, **{row["id"]: row for row in changed}}
    assert after == {row["id"]: row for row in health_records(city, 2)["/health-records"]}
    assert any(row["updatedAt"] == last for row in changed)  # inclusive
    assert len(changed) < len(before) / 4
    assert ask(server, "/health-records")["asOf"] == "2026-10-31"


def test_the_newborn_have_no_id_yet(city: City) -> None:
    large = build(3000, 6, SECOND)
    missing = [row for row in health_records(large, 2)["/health-records"] if row["idCard"] is None]
    assert all(row["birthday"][:10] > "2026-10-10" for row in missing)
    assert missing


def test_a_wrong_token_is_refused(server: HealthServer) -> None:
    status, body, _ = once(server, "/health-records", token="another")
    assert (status, body["code"]) == (401, 401)


def test_limits_errors_and_dropped_connections_come_at_fixed_requests(server: HealthServer) -> None:
    outcomes = []
    for _ in range(9):
        try:
            status, _body, headers = once(server, "/maternity")
        except (http.client.HTTPException, ConnectionError):
            outcomes.append("dropped")
            continue
        outcomes.append(f"{status} {headers['Retry-After']}" if status == 429 else str(status))
    assert outcomes == ["200", "429 0", "200", "200", "500", "200", "200", "dropped", "429 0"]


def test_an_unknown_path_and_a_wrong_query_are_told_apart(server: HealthServer) -> None:
    assert once(server, "/nothing")[0] == 404
    server.next_trouble()
    assert once(server, "/maternity", {"page": "first"})[0] == 400
    assert once(server, "/maternity", {"page": 0})[0] == 400


def test_stopping_frees_the_port() -> None:
    running = HealthServer(TOKEN)
    url = running.start()
    running.stop()
    with pytest.raises(ConnectionError):
        http.client.HTTPConnection(urlsplit(url).netloc, timeout=2).request("GET", "/maternity")
    with pytest.raises(RuntimeError, match="not started"):
        _ = running.url
