"""The health department's service: a small real HTTP server with a token, pages, rate limits and now and then a failure.

``GET /health-records`` and ``GET /maternity`` with ``page`` (from 1), ``pageSize`` and ``updatedSince`` (inclusive) answer
``{"code": 0, "data": [...], "total": n, "asOf": "YYYY-MM-DD"}``. Failures come at fixed request numbers, so that a run can
be repeated; asking again gets the answer. Loopback only: it is a sample, not a service to put on a network.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hub.sample.departments.health import PATHS

LARGEST_PAGE = 1000
_ZONE = "+08:00"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in between is no news; anything else is shown as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class HealthServer:
    """Start it, give it a delivery with ``advance``, stop it. A context manager, too. ``url`` is known once started."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._records: dict[str, Sequence[Mapping[str, Any]]] = dict.fromkeys(PATHS.values(), ())
        self._day = date(1970, 1, 1)
        self._requests = 0
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def advance(self, records: Mapping[str, Sequence[Mapping[str, Any]]], day: date) -> None:
        """The state from now on: all records by path, in the order of their keys (``hub.sample.deliver.health_records``)."""
        with self._lock:
            self._records = dict(records)
            self._day = day

    def start(self) -> str:
        """Listens on a free port of the loopback address; returns the base URL."""
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="sample-health", daemon=True
        )
        self._thread.start()
        return self.url

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> HealthServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the health server is not started")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def next_trouble(self) -> str | None:
        """Counts one authorised request and says how it is to fail: "limit", "error", "drop" or not at all."""
        with self._lock:
            self._requests += 1
            number = self._requests
        if number % 7 == 2:
            return "limit"
        if number % 11 == 5:
            return "error"
        return "drop" if number % 17 == 8 else None

    def authorised(self, header: str | None) -> bool:
        return header == f"Bearer {self._token}"

    def answer(self, path: str, query: Mapping[str, list[str]]) -> dict[str, Any] | None:
        """The body for a request; None for a path that is not served. Raises ValueError for a query that cannot be read."""
        with self._lock:
            records, day = self._records.get(path), self._day
        if records is None:
            return None
        page = _number(query, "page", 1)
        size = min(_number(query, "pageSize", 100), LARGEST_PAGE)
        since = query.get("updatedSince", [""])[0]
        if since:
            least = _moment(since)
            records = [record for record in records if datetime.fromisoformat(record["updatedAt"]) >= least]
        start = (page - 1) * size
        return {"code": 0, "data": list(records[start : start + size]), "total": len(records), "asOf": day.isoformat()}


def _number(query: Mapping[str, list[str]], name: str, default: int) -> int:
    number = int(query.get(name, [str(default)])[0])
    if number < 1:
        raise ValueError(f"{name} starts at 1")
    return number


def _moment(text: str) -> datetime:
    """ISO 8601; a plus sign that the client did not escape arrives as a blank; without a zone it is city time."""
    moment = datetime.fromisoformat(text.strip().replace(" ", "+") if text.count(":") >= 3 else text.strip())
    return moment if moment.tzinfo is not None else datetime.fromisoformat(moment.isoformat() + _ZONE)


def _handler(server: HealthServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "SampleHealth"

        def do_GET(self) -> None:  # the name is http.server's
            parts = urlsplit(self.path)
            if not server.authorised(self.headers.get("Authorization")):
                self._send(401, {"code": 401, "message": "token"}, {"WWW-Authenticate": "Bearer"})
                return
            trouble = server.next_trouble()
            if trouble == "limit":
                self._send(429, {"code": 429, "message": "too many requests"}, {"Retry-After": "0"})
            elif trouble == "error":
                self._send(500, {"code": 500, "message": "internal error"})
            elif trouble == "drop":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self._answer(parts.path, parse_qs(parts.query))

        def _answer(self, path: str, query: dict[str, list[str]]) -> None:
            try:
                body = server.answer(path, query)
            except ValueError:
                self._send(400, {"code": 400, "message": "page, pageSize and updatedSince"})
                return
            if body is None:
                self._send(404, {"code": 404, "message": "no such path"})
            else:
                self._send(200, body)

        def _send(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
            content = json.dumps(body, ensure_ascii=False).encode("utf-8")
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # the signature is http.server's
            """Says nothing: the demo's own lines are what people read."""

    return Handler
