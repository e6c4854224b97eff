"""The options of a ``sql`` source, checked once; no connection is made here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from hub.intake.port import FRAME_ROWS, Contract, Kind, SourceContext, YibiaoError, invalid, refusals

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_KNOWN = frozenset({"url", "url_secret", "table", "query", "key", "as_of_query", "updated_at", "page_size", "timeout"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What to read and how.

    ``url``: a database URL, or the name of the secret that holds one. ``table`` (``schema.table``) or ``query``: what a
    record is. ``key``: the columns whose order is the paging order; the contract's key unless said. ``as_of_query``: a
    query for one date, the business date of what stands there now; the city's date unless said. ``updated_at``: the
    column by which a later pull asks for changes only. ``page_size``: rows a query. ``timeout``: seconds a query.
    """

    url: URL = field(repr=False)  # carries the password
    place: str  # what messages call the database: never with credentials
    table: str | None
    query: str | None
    key: tuple[str, ...]
    as_of_query: str | None
    updated_at: str | None
    page_size: int
    timeout: int


def settings(contract: Contract, options: Mapping[str, Any], context: SourceContext) -> Settings:
    """The options in force. Raises INVALID ``source_options``; UNAUTHENTICATED where a named secret is not there."""
    unknown = sorted(set(options) - _KNOWN)
    if unknown:
        raise _wrong(contract, f"unknown: {', '.join(unknown)}")
    if bool(options.get("table")) == bool(options.get("query")):
        raise _wrong(contract, "one of table, query")
    key = tuple(options.get("key") or (part.physical for part in contract.key))
    if not key:
        raise _wrong(contract, "key")
    url = _url(contract, options, context)
    return Settings(
        url=url,
        place=f"{url.get_backend_name()} {Path(url.database or '').name if url.host is None else f'{url.host}/{url.database}'}",
        table=options.get("table"),
        query=options.get("query"),
        key=key,
        as_of_query=options.get("as_of_query"),
        updated_at=options.get("updated_at"),
        page_size=_whole(contract, options, "page_size", FRAME_ROWS, FRAME_ROWS),
        timeout=_whole(contract, options, "timeout", 600, 86_400),
    )


def _url(contract: Contract, options: Mapping[str, Any], context: SourceContext) -> URL:
    if bool(options.get("url")) == bool(options.get("url_secret")):
        raise _wrong(contract, "one of url, url_secret")
    text = options.get("url")
    if text is None:
        text = context.secrets.get(str(options["url_secret"]))
        if text is None:
            raise YibiaoError(Kind.UNAUTHENTICATED, refusals.CREDENTIALS, place=contract.id, found=f"secret {options['url_secret']}")
    try:
        url = make_url(str(text))
    except (ArgumentError, ValueError):
        raise _wrong(contract, "url") from None  # the library's message would show the URL
    if url.get_backend_name() not in _DRIVERS:
        raise _wrong(contract, f"url: {url.get_backend_name()}; {', '.join(_DRIVERS)}")
    if not url.database:
        raise _wrong(contract, "url: database")
    url = url.set(drivername=_DRIVERS[url.get_backend_name()])
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str((context.folder / str(url.database)).resolve()))
    return url


def _whole(contract: Contract, options: Mapping[str, Any], name: str, default: int, most: int) -> int:
    value = options.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise _wrong(contract, f"{name}: 1 … {most}")
    return value


def _wrong(contract: Contract, found: str) -> YibiaoError:
    return invalid(refusals.OPTIONS, place=contract.id, found=found)
