"""The web application over one hub: routes, errors, measures, and a thread pool no larger than the connection pool."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles

import hub
from hub.store.bounded import bounded
from hub.store.current import CurrentHub
from hub.web import docs, examples, operations, problems
from hub.web.api import batches, corrections, definitions, demands, records, reports, work
from hub.web.gate import BodyGate
from hub.web.heads import Heads
from hub.web.pages import (
    account,
    bureau,
    charts,
    department,
    due,
    figure,
    home,
    late,
    objecting,
    own_account,
    periods,
    phone,
    printing,
    report,
    round_trip,
    steps,
)
from hub.web.pages import corrections as corrections_page
from hub.web.pages import demands as demands_page
from hub.web.pages.rendering import STATIC, Pages
from hub.web.password_gate import PasswordGate
from hub.web.remembered import Remembered, memory

API = "/api/v1"


class Application(FastAPI):
    """FastAPI whose document has an example of every answer, and says what errors are: the framework knows its own validation error
    alone, which we never answer."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = problems.SCHEMA
            examples.add_examples(document)
        return super().openapi()


def create_app(current: CurrentHub) -> FastAPI:
    """An ASGI application; nothing is kept in it that another process would need."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        limits = current.settings.limits
        gc.collect()
        gc.freeze()  # the definitions are hundreds of thousands of objects that stay: looking through them again held requests up by 0.3 s
        current_default_thread_limiter().total_tokens = limits.connections
        with bounded(current.engine, limits.statement_seconds):
            yield

    app = Application(
        title="Yibiao 一表", version=hub.__version__, docs_url=None, redoc_url=None, openapi_url=f"{API}/openapi.json", lifespan=lifespan,
        generate_unique_id_function=examples.operation_name,
        description="One set of forms for a city's townships, filled from what the departments already hold.",
    )  # fmt: skip
    app.state.current = current
    app.state.metrics = operations.Metrics()
    app.state.pages = Pages()
    app.state.passwords = PasswordGate()
    app.state.kept_pages = memory()
    app.add_middleware(BodyGate)
    app.add_middleware(Remembered, kept=app.state.kept_pages)
    app.add_middleware(operations.Watched, metrics=app.state.metrics, prefix=API)
    app.add_middleware(Heads)
    problems.install(app)
    # Routes are tried in this order: first what is asked for most.
    app.include_router(work.router, prefix=API, responses=problems.RESPONSES)
    app.include_router(report.router, include_in_schema=False)
    for part in (corrections.router, demands.router, reports.router, records.router, batches.router, definitions.router):
        app.include_router(part, prefix=API, responses=problems.RESPONSES)
    app.include_router(operations.router)
    for page in (
        account,
        own_account,
        home,
        due,
        figure,
        printing,
        round_trip,
        steps,
        late,
        periods,
        demands_page,
        phone,
        objecting,
        department,
        corrections_page,
        bureau,
        charts,
        docs,
    ):
        app.include_router(page.router, include_in_schema=False)
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC), minimum_size=500), name="static")
    return app
