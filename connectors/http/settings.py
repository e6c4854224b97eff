"""The options of an ``http`` source, checked once; nothing is requested here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from hub.intake.port import FRAME_ROWS, Contract, Kind, SourceContext, YibiaoError, invalid, refusals

_DEFAULTS: dict[str, Any] = {
    "base_url": None, "base_url_secret": None, "path": "", "token_secret": None, "paging": "page", "page_size": 500,
    "first_page": 1, "parameters": {}, "rows": "data.rows", "total": None, "success": {}, "as_of": None, "key": None,
    "updated_since": None, "updated_at": None, "overlap": 300, "timeout": 30, "max_answer_bytes": 10_000_000, "frame_rows": 5_000,
}  # fmt: skip
_PARAMETERS = {"page": "page", "size": "pageSize", "offset": "offset"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How the API is asked and what its answers look like. Paths into an answer are dotted: ``data.rows``.

    ``paging``: "page" counts pages from ``first_page``, "offset" counts rows. ``parameters``: the API's own names of the
    query parameters page, size and offset. ``rows``: where the records stand; ``total``: where their number stands;
    ``success``: path -> value that every good answer shows. ``as_of``: where the date of the data stands; the city's
    date unless said. ``updated_since``: the query parameter that asks for changes; ``updated_at``: the record's field
    that goes with it; ``overlap``: seconds that a pull of changes reaches back behind the last one. ``timeout``: seconds
    an answer may take; ``max_answer_bytes``: what it may weigh, on the wire and unpacked; ``frame_rows``: records that
    are gathered, page by page, before they are handed on.
    """

    url: str = field(repr=False)
    token: str | None = field(repr=False)
    place: str  # what messages call the API
    paging: str
    page_size: int
    first_page: int
    parameters: Mapping[str, str]
    rows: str
    total: str | None
    success: Mapping[str, str]
    as_of: str | None
    key: tuple[str, ...]
    updated_since: str | None
    updated_at: str | None
    overlap: int
    timeout: int
    max_answer_bytes: int
    frame_rows: int


def settings(contract: Contract, options: Mapping[str, Any], context: SourceContext) -> Settings:
    """The options in force. Raises INVALID ``source_options``; UNAUTHENTICATED where a named secret is not there."""
    unknown = sorted(set(options) - set(_DEFAULTS))
    if unknown:
        raise _wrong(contract, f"unknown: {', '.join(unknown)}")
    given = _DEFAULTS | dict(options)
    if given["paging"] not in {"page", "offset"}:
        raise _wrong(contract, "paging: page, offset")
    if bool(given["updated_since"]) != bool(given["updated_at"]):
        raise _wrong(contract, "updated_since needs updated_at, and the other way round")
    if set(given["parameters"]) - set(_PARAMETERS):
        raise _wrong(contract, f"parameters: {', '.join(_PARAMETERS)}")
    key = tuple(given["key"] or (part.physical for part in contract.key))
    if not key:
        raise _wrong(contract, "key")
    return Settings(
        url=_url(contract, given, context),
        token=_secret(contract, str(given["token_secret"]), context) if given["token_secret"] else None,
        place=given["path"] or contract.id,
        key=key,
        parameters=_PARAMETERS | given["parameters"],
        success={path: _shown(value) for path, value in given["success"].items()},
        page_size=_whole(contract, given, "page_size", 1, FRAME_ROWS),
        first_page=_whole(contract, given, "first_page", 0, 1),
        overlap=_whole(contract, given, "overlap", 0, 7 * 86_400),
        timeout=_whole(contract, given, "timeout", 1, 3_600),
        max_answer_bytes=_whole(contract, given, "max_answer_bytes", 1_000, 1_000_000_000),
        frame_rows=_whole(contract, given, "frame_rows", 1, FRAME_ROWS),
        **{name: given[name] for name in ("paging", "rows", "total", "as_of", "updated_since", "updated_at")},
    )


def _url(contract: Contract, given: Mapping[str, Any], context: SourceContext) -> str:
    if bool(given["base_url"]) == bool(given["base_url_secret"]):
        raise _wrong(contract, "one of base_url, base_url_secret")
    base = given["base_url"] or _secret(contract, str(given["base_url_secret"]), context)
    url = str(base).rstrip("/") + str(given["path"])
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise _wrong(contract, "base_url: http://…, https://…")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _wrong(contract, "base_url: no user, query or fragment; token_secret")
    return url


def _secret(contract: Contract, name: str, context: SourceContext) -> str:
    value = context.secrets.get(name)
    if value is None:
        raise YibiaoError(Kind.UNAUTHENTICATED, refusals.CREDENTIALS, place=contract.id, found=f"secret {name}")
    return value


def _shown(value: object) -> str:
    """A YAML value as JSON shows it."""
    return str(value).lower() if isinstance(value, bool) else "null" if value is None else str(value)


def _whole(contract: Contract, given: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = given[name]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _wrong(contract, f"{name}: {least} … {most}")
    return value


def _wrong(contract: Contract, found: str) -> YibiaoError:
    return invalid(refusals.OPTIONS, place=contract.id, found=found)
