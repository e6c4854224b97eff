"""Walking over the pages of one pull: what to ask for next, and when what comes cannot be the whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from connectors.http.answers import at, plain
from connectors.http.client import Client
from connectors.http.moments import earlier, later
from connectors.http.position import Keys, Position, key_of, mark_of
from connectors.http.settings import Settings
from hub.intake.port import FRAME_ROWS, Contract, Offer, Warned, YibiaoError, invalid, refusals

_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_WARNED_NAMES = 100


def as_of(answer: Any, path: str) -> date:
    """The date of the data that an answer tells. Raises INVALID ``refused_source`` where it tells none."""
    text = plain(at(answer, path))
    found = _DAY.match(text)
    try:
        return date(*map(int, found.groups())) if found else date.fromisoformat(text)
    except ValueError:
        raise invalid(refusals.SOURCE, place=path, found=text[:40]) from None


class Pages:
    """One run over the pages."""

    def __init__(
        self, contract: Contract, settings: Settings, client: Client, today: date, offer: Offer, since: str | None, keys: Keys
    ) -> None:
        self._contract = contract
        self._settings = settings
        self._client = client
        self._today = today
        self._offer = offer
        self._since = since
        self._keys = keys
        self._first_keys: dict[str, int] = {}  # of each page
        self._extra: Counter[str] = Counter()
        self._known = {part.physical for part in contract.fields}

    def walk(self, start: Position) -> Iterator[tuple[list[Any], int, Position]]:
        """The new records of each page, the answer's bytes, and the position behind it."""
        position, resuming = start, start.rows > 0
        while position.total is None or position.rows < position.total:
            place = f"page {position.pages + (0 if resuming else 1)}"
            parameters, known = self._request(position, resuming)
            answer, size = self._client.page(parameters, place)
            records = at(answer, self._settings.rows)
            self._steady(answer, position, place)
            if known is not None:
                records = self._behind(records, known, position, place)
            if not records and not resuming:
                if (total := self._total(answer, place)) not in {None, position.rows}:
                    raise self._incomplete(place, f"{position.rows} / {total}")
                return
            position = self._counted(position, records, answer, place, resuming)
            resuming = False
            if records:
                yield records, size, position

    def proven(self, start: Position, position: Position) -> bool:
        """Whether as many different keys came as the source has. Raises ``refused_incomplete`` when they did not."""
        if position.total is None:
            return False
        fresh = start.rows == 0
        distinct = self._keys.distinct() if fresh else position.rows if position.ascending else None
        if distinct is not None and distinct != position.total:
            raise self._incomplete(self._settings.place, f"{distinct} / {position.total}")
        return distinct is not None

    def warnings(self) -> tuple[Warned, ...]:
        return tuple(Warned("extra_column", name, count) for name, count in self._extra.items())

    def _request(self, position: Position, resuming: bool) -> tuple[dict[str, str], int | None]:
        """The query, and the place in the answer where the last row read must stand again (None: not asked for).

        Counting by rows, every page begins with the last row of the one before it, so that a shift shows at once;
        a page of one row has no room for that. Counting by pages, only a resumed pull reads a page again.
        """
        names, size = self._settings.parameters, self._settings.page_size
        parameters = {names["size"]: str(size)}
        if self._since is not None and self._settings.updated_since is not None:
            parameters[self._settings.updated_since] = earlier(self._since, self._settings.overlap)
        if self._settings.paging == "offset":
            again = position.rows > 0 and (resuming or position.last_rows > 1) and size > 1
            parameters[names["offset"]] = str(position.rows - (1 if again else 0))
            return parameters, 0 if again else None
        page, known = position.pages, None
        if resuming:
            same = position.asked == size
            page = position.pages - 1 if same else (position.rows - 1) // size
            known = position.last_rows - 1 if same else position.rows - 1 - page * size
        parameters[names["page"]] = str(self._settings.first_page + page)
        return parameters, known

    def _steady(self, answer: Any, position: Position, place: str) -> None:
        """The date and the total must be the same on every page: what changes while it is read cannot be proven whole."""
        if self._settings.as_of is not None and (now := as_of(answer, self._settings.as_of)) != self._offer.as_of:
            raise self._incomplete(place, f"{self._offer.as_of} → {now}")
        total = self._total(answer, place)
        if position.total is not None and total != position.total:
            raise self._incomplete(place, f"{position.total} → {total}")

    def _total(self, answer: Any, place: str) -> int | None:
        if self._settings.total is None:
            return None
        text = plain(at(answer, self._settings.total))
        if not text.isascii() or not text.isdigit():
            raise invalid(refusals.SOURCE, place=f"{place}: {self._settings.total}", found=text[:40])
        return int(text)

    def _behind(self, records: list[Any], known: int, position: Position, place: str) -> list[Any]:
        """The records behind the last one already read, which must stand where it stood."""
        if len(records) <= known or mark_of(key := key_of(records[known], self._settings.key)) != position.mark:
            raise self._incomplete(place, "moved")
        self._keys.follow(key)
        return records[known + 1 :]

    def _counted(self, position: Position, records: list[Any], answer: Any, place: str, resumed: bool) -> Position:
        if len(records) > FRAME_ROWS:
            raise invalid(refusals.LIMITS, place=place, found=len(records), limit=FRAME_ROWS)
        keys = [key_of(record, self._settings.key) for record in records]
        page = position.pages + 1
        total = position.total if position.total is not None else self._total(answer, place)
        if keys:
            before = self._first_keys.setdefault(keys[0], page)
            if before != page:
                raise self._incomplete(f"page {page} repeats page {before}", f"{position.rows} / {total}")
        if position.rows == 0:
            self._columns(records)
        self._keys.add(keys)
        self._notice(records)
        return replace(
            position,
            rows=position.rows + len(records),
            pages=self._pages_read(position, resumed),
            last_rows=len(at(answer, self._settings.rows)),
            asked=self._settings.page_size,
            mark=mark_of(keys[-1]) if keys else position.mark,
            total=total,
            ascending=self._keys.ascending,
            since=self._latest(records, position.since),
        )

    def _pages_read(self, position: Position, resumed: bool) -> int:
        if not resumed:
            return position.pages + 1
        if self._settings.paging == "page" and position.asked != self._settings.page_size:
            return (position.rows - 1) // self._settings.page_size + 1
        return position.pages

    def _columns(self, records: list[Any]) -> None:
        """A required name that no record of the first page has is missing, not empty."""
        present = {name for record in records if isinstance(record, dict) for name in record}
        needed = [part.physical for part in self._contract.fields if part.required or part.key_position]
        missing = [physical for physical in needed if physical not in present]
        if records and missing:
            raise invalid(refusals.COLUMNS, place=", ".join(missing), found=self._settings.place)

    def _notice(self, records: list[Any]) -> None:
        for record in records:
            if isinstance(record, dict):
                for name in record.keys() - self._known:
                    if name in self._extra or len(self._extra) < _WARNED_NAMES:
                        self._extra[name] += 1

    def _latest(self, records: list[Any], since: str | None) -> str | None:
        if self._settings.updated_at is None:
            return since
        for record in records:
            value = record.get(self._settings.updated_at) if isinstance(record, dict) else None
            if isinstance(value, str):
                since = later(since, value, self._today)
        return since

    def _incomplete(self, place: str, found: str) -> YibiaoError:
        return invalid(refusals.INCOMPLETE, place=place, found=found)
