"""The manifest, and each of its files as a real source: a file that is uploaded, a database or a server that is pulled."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from connectors.files import open_file
from connectors.http.settings import settings as http_settings
from connectors.http.source import HttpSource
from connectors.http.waiting import Patience
from connectors.sql import source as sql_source
from hub.checks.batch import check_batch
from hub.intake.port import End, Frame, Offer, Source, SourceContext
from hub.pipeline import Travelled, travel
from hub.registry.model import Contract
from hub.store.claims import Mend
from hub.store.hub import Hub
from tests.cases.hubs import AS_OF, NOW
from tests.http_source import Script, played

CASES = Path(__file__).parent / "intake"
# What the manifest's description of its contracts says of the source, where the shipped contract's own source is another one.
HTTP = {
    "paging": "page", "rows": "data.rows", "total": "data.total", "success": {"code": 200}, "updated_since": "updatedSince",
    "updated_at": "updatedAt",
}  # fmt: skip


@cache
def manifest() -> dict[str, dict[str, Any]]:
    """Case id -> the case as written."""
    return {case["id"]: case for case in json.loads((CASES / "manifest.json").read_text("utf-8"))["cases"]}


def contract_id(case: Mapping[str, Any]) -> str:
    return str(case["dataset"]).replace("/", ".")


def uploaded(hub: Hub, case: Mapping[str, Any], name: Path | str, as_of: date = AS_OF, **options: object) -> Source:
    """A file of a case as somebody uploads it, with the contract's own options but for where and in what format it pulls."""
    contract = hub.catalog.contracts[contract_id(case)]
    agreed = dict(contract.source.options) if contract.source is not None and contract.source.kind == "files" else {}
    agreed = {key: value for key, value in agreed.items() if key not in ("folder", "pattern", "format")}
    if "contract_encoding" in case:
        agreed["encoding"] = case["contract_encoding"]
    return open_file(CASES / name, contract, {**agreed, **options}, as_of)


def database(hub: Hub, case: Mapping[str, Any], script: str, url: str, folder: Path) -> Source:
    """The database that an .sql file makes, under the case's contract."""
    contract = hub.catalog.contracts[contract_id(case)]
    options: dict[str, Any] = {"url": url, "table": "v_insurance"}
    if "page_size" in case:
        options |= {"page_size": case["page_size"]}
    text = (CASES / script).read_text("utf-8")
    if url.startswith("sqlite"):
        connection = sqlite3.connect(make_url(url).database or "")
        connection.executescript(text)
        connection.close()
    else:
        with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as session:
            session.execute(text.encode())
    return sql_source(contract, options, SourceContext(folder, hub.today()))


class Waits(list[float]):
    """The waits of a pull, which nobody waits for."""

    def patience(self) -> Patience:
        return Patience(self.append, lambda: NOW, lambda: 1.0)


@contextmanager
def served(hub: Hub, contract: Contract, script: Script, **options: Any) -> Iterator[HttpSource]:
    """A scripted server and the source that reads it."""
    with played(script) as base:
        agreed = HTTP | {"base_url": base, "path": script.script["base"], "page_size": script.script["page_size"], **options}
        source = HttpSource(contract, http_settings(contract, agreed, SourceContext(Path(), hub.today())), hub.today(), Waits().patience())
        try:
            yield source
        finally:
            source.close()


def the_offer(source: Source, after: date | None = None, cursor: str | None = None) -> Offer:
    (offer,) = source.offers(after, cursor)
    return offer


def send(hub: Hub, contract: str, source: Source, offer: Offer | None = None, parent: int | None = None) -> Travelled:
    """One delivery the whole way, with Great Expectations."""
    return travel(
        hub, hub.catalog.contracts[contract], source, offer or the_offer(source), check_batch, None if parent is None else Mend(parent)
    )


@dataclass
class Kept:
    """A source that keeps the frames that it gave."""

    source: Source
    frames: list[Frame]

    def offers(self, after: date | None, cursor: str | None) -> list[Offer]:
        return self.source.offers(after, cursor)

    def read(self, offer: Offer, cursor: str | None = None) -> Iterator[Frame | End]:
        for item in self.source.read(offer, cursor):
            if isinstance(item, Frame):
                self.frames.append(item)
            yield item

    def close(self) -> None:
        self.source.close()
