"""A small real HTTP server on loopback that plays a script: a source with pages, events and faults.

The scripts are the ``*.http.json`` files of ``tests/cases/intake``. A script has ``base`` (path), ``paging`` ("page",
"offset"), ``page_size``, ``total`` (whether it is told), ``rows`` (in the order served; the key is ``id``), ``events``
(``{"after_answer": n, "delete": id}``: after the n-th page answered), ``faults`` (``{"on_request": n, "times": k,
"answer": {status, headers, json?, cut_bytes?}}``: instead of the n-th request and the k-1 behind it), and optionally
``server_cap`` (rows a page at most), ``ignore_page``, ``visible_from`` (id -> moment), ``pulls`` (``{"server_now"}``
each), ``token``, ``as_of``, ``gzip``.

An answer reads ``{"code": 200, "msg": "ok", "data": {"total": 7, "rows": [...]}}``.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Script:
    """The state of a scripted source. ``rows`` may be set anew; ``requests`` are the queries so far."""

    def __init__(self, script: Mapping[str, Any]) -> None:
        self.script = dict(script)
        self.rows: list[dict[str, Any]] = list(script["rows"])
        self.requests: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.now: str | None = None  # what the server takes for the time
        self._answered = 0
        self._lock = threading.Lock()

    def answer(self, query: dict[str, str], headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes, int | None]:
        """Status, headers, body, and how many bytes of the body to send (None: all)."""
        with self._lock:
            self.requests.append(query)
            self.headers.append(dict(headers))
            if "token" in self.script and headers.get("Authorization") != f"Bearer {self.script['token']}":
                return 401, {}, b"{}", None
            fault = self._fault(len(self.requests))
            if fault is not None and "cut_bytes" not in fault:
                return fault["status"], dict(fault.get("headers", {})), json.dumps(fault.get("json")).encode(), None
            body = self._page(query)
            packed = {"Content-Encoding": "gzip"} if self.script.get("gzip") else {}
            body = gzip.compress(body, 1) if packed else body
            return 200, {"Content-Type": "application/json", **packed}, body, fault["cut_bytes"] if fault else None

    def _fault(self, number: int) -> dict[str, Any] | None:
        for fault in self.script.get("faults", ()):
            if fault["on_request"] <= number < fault["on_request"] + fault["times"]:
                answer: dict[str, Any] = fault["answer"]
                return answer
        return None

    def _page(self, query: Mapping[str, str]) -> bytes:
        rows, since = self.rows, query.get("updatedSince")
        if since or "visible_from" in self.script:
            rows = [row for row in rows if self._visible(row, since)]
        asked = int(query.get("pageSize", self.script["page_size"]))
        size = min(asked, self.script.get("server_cap", asked))
        start = int(query["offset"]) if "offset" in query else (int(query.get("page", "1")) - 1) * size
        start = 0 if self.script.get("ignore_page") else start
        data: dict[str, Any] = {"rows": rows[start : start + size]}
        if self.script.get("total", True):
            data["total"] = len(rows)
        if "as_of" in self.script:
            data["asOf"] = self.script["as_of"]
        self._answered += 1
        for event in self.script.get("events", ()):
            if event["after_answer"] == self._answered:
                self.rows = [row for row in self.rows if row["id"] != event["delete"]]
        return _encode({"code": 200, "msg": "ok", "data": data})

    def _visible(self, row: Mapping[str, Any], since: str | None) -> bool:
        stored = self.script.get("visible_from", {}).get(row.get("id"))
        if stored and self.now and datetime.fromisoformat(self.now) < datetime.fromisoformat(stored):
            return False
        return since is None or datetime.fromisoformat(row["updatedAt"]) >= datetime.fromisoformat(since)


class Token(str):
    """A number's JSON text, written as it is: floats of Python would round it."""

    __slots__ = ()


def _encode(value: Any) -> bytes:
    def text(part: Any) -> str:
        if isinstance(part, Token):
            return str(part)
        if isinstance(part, dict):
            return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{text(inner)}" for name, inner in part.items()) + "}"
        if isinstance(part, list):
            return "[" + ",".join(map(text, part)) + "]"
        return json.dumps(part, ensure_ascii=False)

    return text(value).encode("utf-8", "surrogatepass")


@contextmanager
def played(script: Script) -> Iterator[str]:
    """Serves the script; gives the server's address, ``http://127.0.0.1:PORT``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else every small answer waits 40 ms for the client's acknowledgement

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path != script.script["base"]:
                self._send(404, {}, b"{}", None)
                return
            query = {name: found[0] for name, found in parse_qs(parts.query).items()}
            self._send(*script.answer(query, dict(self.headers)))

        def _send(self, status: int, headers: dict[str, str], body: bytes, cut: int | None) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if cut is None else body[:cut])
            self.close_connection = self.close_connection or cut is not None

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def case(name: str, folder: Path) -> Script:
    """The script of a case: ``API-01`` is ``API-01.http.json`` in ``folder``."""
    return Script(json.loads((folder / f"{name}.http.json").read_text("utf-8")))


def serving(rows: Iterable[Mapping[str, Any]], page_size: int = 3, **more: Any) -> Script:
    """A script that serves rows and does nothing else."""
    return Script({"base": "/rows", "page_size": page_size, "rows": [dict(row) for row in rows], **more})
