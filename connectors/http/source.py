"""A paged JSON API as a source: offers what it holds, or what changed, and reads it page by page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

from connectors.http.client import Client
from connectors.http.frames import frame
from connectors.http.pages import Pages, as_of
from connectors.http.position import Keys, Position
from connectors.http.settings import Settings, settings
from connectors.http.waiting import Patience
from hub.intake.port import Contract, Delivery, End, Frame, Offer, SourceContext, YibiaoError, invalid, refusals

_FULL = re.compile(r"full:(\d+)d")


def source(contract: Contract, options: dict[str, Any], context: SourceContext) -> HttpSource:
    """The entry point. Options: see ``connectors.http.settings.Settings``."""
    return HttpSource(contract, settings(contract, options, context), context.today, Patience())


class HttpSource:
    """See ``hub.intake.port.Source``. A pull whose keys do not add up to the source's total raises ``refused_incomplete``:
    nothing of it may be taken, and pulling again is the remedy. Without a total nothing is proven and nobody is ended."""

    def __init__(self, contract: Contract, settings: Settings, today: date, patience: Patience) -> None:
        self._contract = contract
        self._settings = settings
        self._today = today
        self._client = Client(settings, patience)

    def offers(self, after: date | None, cursor: str | None) -> list[Offer]:
        """What the API holds now, as one delivery: changes where the last pull left a position, else all.

        Nothing is on offer when the date is not past ``after``, except changes, which may come several times a day.
        """
        as_of = self._as_of_now()
        progress = json.loads(cursor) if cursor and self._settings.updated_since else None
        changes = progress is not None and progress["since"] is not None and not self._full_due(progress["full"], as_of)
        if after is not None and (as_of < after or (as_of == after and not changes)):
            return []
        token = progress if changes else {"since": None, "full": as_of.isoformat()}
        provable = not changes and self._settings.total is not None
        return [Offer(self._settings.place, as_of, Delivery.SNAPSHOT if provable else Delivery.DELTA, token=json.dumps(token))]

    def read(self, offer: Offer, cursor: str | None = None) -> Iterator[Frame | End]:
        """The records from ``cursor`` on, in frames of whole pages."""
        token = json.loads(offer.token)
        start = Position(**json.loads(cursor)) if cursor else Position(since=token["since"])
        with closing(Keys(start.ascending)) as keys:
            pages = Pages(self._contract, self._settings, self._client, self._today, offer, token["since"], keys)
            position = start
            for records, position in self._gathered(pages, start):
                yield frame(self._contract, records, position.rows - len(records), position.text())
            proven = pages.proven(start, position)
        if position.rows == 0 and token["since"] is None:
            raise invalid(refusals.EMPTY, place=self._settings.place, found="0")
        progress = json.dumps({"since": position.since, "full": token["full"]}) if self._settings.updated_since else None
        complete = proven and offer.kind is Delivery.SNAPSHOT
        yield End(position.rows, complete=complete, warnings=pages.warnings(), cursor=progress)

    def _gathered(self, pages: Pages, start: Position) -> Iterator[tuple[list[Any], Position]]:
        """The records of several pages at a time, within ``frame_rows`` and the weight of one answer. When a page fails,
        those before it are handed on first: the pull goes on behind them."""
        pending: list[Any] = []
        weight, position = 0, start
        try:
            for records, size, reached in pages.walk(start):
                full = len(pending) + len(records) > self._settings.frame_rows or weight + size > self._settings.max_answer_bytes
                if pending and full:
                    yield pending, position
                    pending, weight = [], 0
                pending, weight, position = [*pending, *records], weight + size, reached
        except YibiaoError as error:
            if pending and error.code != refusals.INCOMPLETE.code:
                yield pending, position
            raise
        if pending:
            yield pending, position

    def close(self) -> None:
        self._client.close()

    def _as_of_now(self) -> date:
        if self._settings.as_of is None:
            return self._today
        first = {self._settings.parameters["size"]: "1"}
        name = self._settings.parameters["page" if self._settings.paging == "page" else "offset"]
        first[name] = str(self._settings.first_page if self._settings.paging == "page" else 0)
        answer, _ = self._client.page(first, "page 1")
        return as_of(answer, self._settings.as_of)

    def _full_due(self, last: str, now: date) -> bool:
        """Whether the contract's interval of full pulls ("full:30d") is over: only they tell which records are gone."""
        interval = _FULL.fullmatch(self._contract.ending or "")
        return interval is not None and (now - date.fromisoformat(last)).days >= int(interval.group(1))
