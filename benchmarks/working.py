"""The clerk's work by HTTP: a report's page against a bare endpoint that returns the same bytes, and saving cells with 32 clerks
typing at once against the same endpoint's shape doing one bare indexed UPDATE.

Both servers run in processes of their own, one after the other, and are asked by the same clients over loopback.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from statistics import quantiles
from uuid import uuid4

import httpx2
from fastapi import FastAPI, Request, Response
from sqlalchemy import Column, MetaData, Table, Text, update

from benchmarks.bench import Bench, Row, median, timed
from benchmarks.reports import served
from benchmarks.resolving import reopen
from hub.forms import working
from hub.forms.appointments import principal_for
from hub.store.current import CurrentHub
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.tokens import create_token
from hub.web.application import create_app

FORM, PERIOD = "elderly-roster", "2026Q3"
CLERKS, EACH, ASKED = 32, 20, 200


def run(bench: Bench) -> Iterator[Row]:
    hub = reopen(bench)
    villages = Counter(row.village for row in bench.city.rows[2]["public-security.resident"])  # type: ignore[attr-defined]
    unit = villages.most_common(1)[0][0]
    working.open_period(hub, principal_for(hub.catalog, "bureau", "data-bureau", "bench"), FORM, PERIOD)
    with writing(hub.engine) as connection:
        token = create_token(
            connection, hub.vault, principal_for(hub.catalog, "township", f"{unit[:9]}000", "bench"), "bench", hub.micros()
        )
    yield from _page(hub, unit, token)
    yield from _saving(hub, unit, token)


def _page(hub: Hub, unit: str, token: str) -> Iterator[Row]:
    path = f"/reports/{FORM}/{unit}/{PERIOD}"
    cookie = {"Cookie": f"yibiao_session={token}"}
    with served(create_app(CurrentHub(hub))) as url:
        content = httpx2.get(f"{url}{path}", headers=cookie, trust_env=False).content
        page = _asked(f"{url}{path}", cookie)
    app = FastAPI()

    @app.get("/bare")
    def bare() -> Response:
        return Response(content, media_type="text/html")

    with served(app) as url:
        limit = _asked(f"{url}/bare", {})
    cells = content.count(b'class="cell ')
    yield Row(
        f"a report's page, {cells} cells", f"{page * 1000:.2f} ms", f"{len(content):,} bytes bare {limit * 1000:.2f} ms", page / limit
    )


def _asked(url: str, headers: dict[str, str]) -> float:
    with httpx2.Client(headers=headers, trust_env=False) as client:
        client.get(url).raise_for_status()
        return median(ASKED, lambda: timed(lambda: client.get(url).raise_for_status()))


def _saving(hub: Hub, unit: str, token: str) -> Iterator[Row]:
    principal = {"Authorization": f"Bearer {token}"}
    with served(create_app(CurrentHub(hub))) as url:
        work = httpx2.get(f"{url}/api/v1/forms/{FORM}/reports/{unit}/{PERIOD}/work", headers=principal, trust_env=False).json()
        codes = list(work["units"][0]["versions"])
        path = f"{url}/api/v1/forms/{FORM}/periods/{PERIOD}/edits"

        def save(client: httpx2.Client, clerk: int, number: int) -> None:
            edit = {
                "key": str(uuid4()),
                "unit": unit,
                "kind": "enter",
                "line": codes[clerk % len(codes)],
                "field": "visit_note",
                "text": f"{number}",
            }
            client.post(path, json={"edits": [edit]}).raise_for_status()

        saved = _together(save, principal)
    with served(_updating(hub)) as url:
        limit = _together(
            lambda client, clerk, number: client.post(f"{url}/bare/{clerk}", json={"text": str(number)}).raise_for_status(), {}
        )
    shown = f"{CLERKS} clerks, bare UPDATE p99 {limit * 1000:.0f} ms"
    yield Row("saving a cell, p99", f"{saved * 1000:.0f} ms", shown, saved / limit)


def _together(act: Callable[[httpx2.Client, int, int], object], headers: dict[str, str]) -> float:
    """The 99th percentile in seconds of all acts of all clerks, each on a connection of its own."""
    took: list[float] = []
    lock = threading.Lock()
    ready = threading.Barrier(CLERKS)

    def clerk(number: int) -> None:
        with httpx2.Client(headers=headers, trust_env=False, timeout=60) as client:
            act(client, number, 0)
            ready.wait()
            for turn in range(1, EACH + 1):
                seconds = timed(lambda turn=turn: act(client, number, turn))  # type: ignore[misc]
                with lock:
                    took.append(seconds)
                time.sleep(0.05)

    threads = [threading.Thread(target=clerk, args=(number,)) for number in range(CLERKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return quantiles(took, n=100)[98]


def _updating(hub: Hub) -> FastAPI:
    """The limit: no token, no rule, no sealing, no history."""
    table = Table("bare_cells", MetaData(), Column("name", Text, primary_key=True), Column("text", Text))
    with writing(hub.engine) as connection:
        table.drop(connection, checkfirst=True)
        table.create(connection)
        connection.execute(table.insert(), [{"name": str(number), "text": ""} for number in range(CLERKS)])
    app = FastAPI()

    @app.post("/bare/{name}")
    def bare(request: Request, name: str, sent: dict[str, str]) -> Response:
        with writing(hub.engine) as connection:
            connection.execute(update(table).where(table.c.name == name).values(text=sent["text"]))
        return Response(b"{}", media_type="application/json")

    return app
