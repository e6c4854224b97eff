"""The clerk's work by HTTP: a report's page against a bare endpoint that returns the same bytes, and saving cells with 32 clerks
typing at once against the same endpoint's shape doing one bare indexed UPDATE.

Both are asked by the same clients over loopback, who are in a process of their own: the page and its limit in turn, saving and its
limit one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import httpx2
from fastapi import FastAPI, Request, Response
from sqlalchemy import Column, MetaData, Table, Text, update

from benchmarks.bench import Bench, Row
from benchmarks.clients import Post, in_turn, served, together
from benchmarks.resolving import reopen
from hub.forms import working
from hub.forms.appointments import principal_for
from hub.store.current import CurrentHub
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.tokens import create_token
from hub.web.application import create_app

FORM, PERIOD = "elderly-roster", "2026Q3"
CLERKS, EACH = 32, 40


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
    app, bare = create_app(CurrentHub(hub)), FastAPI()
    with served(app) as url, served(bare) as bare_url:
        content = httpx2.get(f"{url}{path}", headers=cookie, trust_env=False).content

        @bare.get("/bare")
        def answer() -> Response:
            return Response(content, media_type="text/html")

        page, limit = in_turn(f"{url}{path}", f"{bare_url}/bare", cookie)
    cells = content.count(b'class="cell ')
    yield Row(
        f"a report's page, {cells} cells", f"{page * 1000:.2f} ms", f"{len(content):,} bytes bare {limit * 1000:.2f} ms", page / limit
    )


def _saving(hub: Hub, unit: str, token: str) -> Iterator[Row]:
    principal = {"Authorization": f"Bearer {token}"}
    with served(create_app(CurrentHub(hub))) as url:
        work = httpx2.get(f"{url}/api/v1/forms/{FORM}/reports/{unit}/{PERIOD}/work", headers=principal, trust_env=False).json()
        codes = list(work["units"][0]["versions"])
        path = f"{url}/api/v1/forms/{FORM}/periods/{PERIOD}/edits"

        def edit(clerk: int, number: int) -> dict[str, str]:
            line = codes[clerk % len(codes)]
            return {"key": str(uuid4()), "unit": unit, "kind": "enter", "line": line, "field": "visit_note", "text": str(number)}

        saved = together([[Post(path, {"edits": [edit(one, turn)]}) for turn in range(EACH)] for one in range(CLERKS)], principal)
    with served(_updating(hub)) as url:
        bare = [[Post(f"{url}/bare/{one}", {"text": str(turn)}) for turn in range(EACH)] for one in range(CLERKS)]
        limit = together(bare, {})
    shown = f"{CLERKS} clerks, bare UPDATE p99 {limit * 1000:.0f} ms"
    yield Row("saving a cell, p99", f"{saved * 1000:.0f} ms", shown, saved / limit)


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
