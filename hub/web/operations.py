"""For those who run the hub: is it alive, is it ready, how does it fare.

The first two take no token: what watches a process has none, and they tell nothing. How it fares tells who asks for what, and is
for the data bureau's token alone.
"""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.core.log import logger
from hub.core.principals import may_define
from hub.store.current import CurrentHub, known_now, reachable
from hub.store.jobs import queue_lengths
from hub.web import answers
from hub.web import messages as m
from hub.web.context import Ask, allow
from hub.web.problems import RESPONSES

router = APIRouter(tags=["operations"], include_in_schema=True)
_log = logger(__name__)

# What a page of ours may load: from here alone. Charts are pictures with a style of their own, and no script.
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("yibiao_requests", "Requests by route and status", ("route", "status"), registry=self.registry)
        self.seconds = Histogram("yibiao_request_seconds", "Time to answer", ("route",), registry=self.registry)
        self.known = Gauge("yibiao_known", "Number of the last committed act", registry=self.registry)
        self.jobs = Gauge("yibiao_jobs", "Asked work by state", ("state",), registry=self.registry)


class Watched:
    """Every answer measured, logged by its route (an address may hold a person's key) and given the headers of safety."""

    def __init__(self, app: ASGIApp, metrics: Metrics, prefix: str) -> None:
        """``prefix``: of the addresses of the API, which a route does not know of itself."""
        self._app, self._metrics, self._prefix = app, metrics, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(header for header in _HEADERS if header[0] not in present)]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - started
            route = str(getattr(scope.get("route"), "path", "none"))
            if scope["path"].startswith(f"{self._prefix}/") and route.startswith("/") and not route.startswith(self._prefix):
                route = self._prefix + route
            self._metrics.requests.labels(route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(seconds)
            _log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


@router.get("/healthz", summary="The process answers")
def alive() -> Response:
    return answers.plain({"status": "ok"})


@router.get("/readyz", summary="The database answers and definitions are in force")
def ready(request: Request) -> Response:
    current: CurrentHub = request.app.state.current
    if not reachable(current.engine):
        return answers.plain({"status": "unavailable", "database": False}, 503, {"Retry-After": "10"})
    hub = current.get()
    return answers.plain({"status": "ok", "database": True, "contracts": len(hub.catalog.contracts), "forms": len(hub.catalog.forms)})


_MEASURED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"example": 'yibiao_requests_total{route="/api/v1/due",status="200"} 3.0\n'}}},
    **{status: RESPONSES[status] for status in (401, 403)},
}


@router.get(
    "/metrics",
    summary="Counters for Prometheus, by a token of the data bureau",
    response_class=PlainTextResponse,
    responses=_MEASURED,
)
def metrics(request: Request, asked: Ask) -> Response:
    allow(may_define(asked.principal), asked, m.MAY_NOT_MEASURE)
    found: Metrics = request.app.state.metrics
    with asked.hub.engine.connect() as connection:
        found.known.set(known_now(connection))
        for state, number in queue_lengths(connection).items():
            found.jobs.labels(state).set(number)
    return Response(generate_latest(found.registry), media_type=CONTENT_TYPE_LATEST)
