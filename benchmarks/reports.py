"""A prefilled township report by HTTP, first computed and stored, against a bare endpoint that selects the same bytes by an index.

Both are asked in turn by one client over loopback; the report is the one of the township with most people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fastapi import FastAPI, Response
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text, select

from benchmarks.bench import Bench, Row, median, timed
from benchmarks.clients import in_turn, served
from benchmarks.resolving import reopen
from hub.forms.appointments import principal_for
from hub.forms.filling import filled
from hub.store.current import CurrentHub
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.ledger_tables import report
from hub.store.tokens import create_token
from hub.web.application import create_app

FORM, PERIOD = "insurance-by-village", "2026-10"


def run(bench: Bench) -> Iterator[Row]:
    hub = reopen(bench)
    villages = Counter(row.village for row in bench.city.rows[2]["public-security.resident"])  # type: ignore[attr-defined]
    unit = villages.most_common(1)[0][0][:9] + "000"
    first = median(bench.rounds, lambda: timed(lambda: _first(hub, unit)))
    content = filled(hub, FORM, unit, PERIOD).json
    with writing(hub.engine) as connection:
        token = create_token(connection, hub.vault, principal_for(hub.catalog, "township", unit, "bench"), "bench", hub.micros())
    with served(create_app(CurrentHub(hub))) as url, served(_bare(hub, content)) as limit:
        path = f"{url}/api/v1/forms/{FORM}/reports/{unit}/{PERIOD}"
        stored, bare = in_turn(path, f"{limit}/bare", {"Authorization": f"Bearer {token}"})
    shown = f"{len(content):,} bytes, bare endpoint {bare * 1000:.1f} ms"
    yield Row("a stored township report by HTTP", f"{stored * 1000:.1f} ms", shown, stored / bare)
    yield Row("the same report computed for the first time", f"{first * 1000:.0f} ms", shown, first / bare)


def _first(hub: Hub, unit: str) -> None:
    with writing(hub.engine) as connection:
        connection.execute(report.delete())
    filled(hub, FORM, unit, PERIOD)


def _bare(hub: Hub, content: bytes) -> FastAPI:
    """The limit: one indexed row, no token, no limits, no sealing."""
    table = Table("bare_bytes", MetaData(), Column("name", Text, primary_key=True), Column("content", LargeBinary))
    with writing(hub.engine) as connection:
        table.drop(connection, checkfirst=True)
        table.create(connection)
        connection.execute(table.insert().values(name="report", content=content))
    app = FastAPI()

    @app.get("/bare")
    def bare() -> Response:
        with hub.engine.connect() as connection:
            found = connection.execute(select(table.c.content).where(table.c.name == "report")).scalar_one()
        return Response(found, media_type="application/json")

    return app
