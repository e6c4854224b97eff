"""A database as a source: offers what stands there now and reads it in key order, inside one snapshot."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from connectors.sql.dialects import dialect_of
from connectors.sql.failures import reported
from connectors.sql.frames import frame
from connectors.sql.pages import whole_groups
from connectors.sql.relation import Relation, literal_text, relation
from connectors.sql.settings import Settings, settings
from hub.intake.port import FRAME_ROWS, Contract, Delivery, End, Frame, Offer, SourceContext, invalid, refusals

_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_FULL = re.compile(r"full:(\d+)d")


def source(contract: Contract, options: dict[str, Any], context: SourceContext) -> SqlSource:
    """The entry point. Options: see ``connectors.sql.settings.Settings``. Connects only when asked for something."""
    return SqlSource(contract, settings(contract, options, context), context.today)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Where a pull stands: the last whole key read and all rows read so far; then how many rows without a whole key.

    The key is the database's own value, with the blanks behind it; it may be personal, so the hub must keep cursors sealed.
    """

    records: int = 0
    key: list[Any] | None = None
    keyless: int | None = None  # None: not there yet

    def text(self) -> str:
        return json.dumps({"records": self.records, "key": self.key, "keyless": self.keyless})


class SqlSource:
    """See ``hub.intake.port.Source``. A full pull in one snapshot is complete; a resumed one is, if as many rows still
    stand before the place where it was cut. Rows are given in key order, page by page; rows with one key stay together."""

    def __init__(self, contract: Contract, settings: Settings, today: date) -> None:
        self._contract = contract
        self._settings = settings
        self._today = today
        self._dialect = dialect_of(settings)
        self._engine: Engine | None = None

    def offers(self, after: date | None, cursor: str | None) -> list[Offer]:
        """What stands in the database now, as one delivery: changes where the last pull left a position, else all.

        Nothing is on offer when the date is not past ``after``, except changes, which may come several times a day.
        """
        with self._snapshot() as connection:
            as_of = self._as_of(connection)
        progress = json.loads(cursor) if cursor and self._settings.updated_at else None
        changes = progress is not None and progress["since"] is not None and not self._full_due(progress["full"], as_of)
        if after is not None and (as_of < after or (as_of == after and not changes)):
            return []
        token = progress if changes else {"since": None, "full": as_of.isoformat()}
        kind = Delivery.DELTA if changes else Delivery.SNAPSHOT
        return [Offer(self._name, as_of, kind, token=json.dumps(token))]

    def read(self, offer: Offer, cursor: str | None = None) -> Iterator[Frame | End]:
        """The rows from ``cursor`` on. Raises INVALID ``refused_incomplete`` when what was read is not what is there."""
        token = json.loads(offer.token)
        start = _Cursor(**json.loads(cursor)) if cursor else _Cursor()
        with self._snapshot() as connection:
            if (now := self._as_of(connection)) != offer.as_of:
                raise invalid(refusals.INCOMPLETE, place=self._name, found=f"{offer.as_of} → {now}")
            with reported(self._name):
                what = replace(relation(connection, self._settings, self._dialect, self._contract), since=token["since"])
                proven = cursor is None or self._unmoved(connection, what, start)
            position = start
            with closing(self._pages(connection, what, start)) as pages:
                for position, rows in pages:
                    yield frame(what, rows, position.records - len(rows), position.text())
            yield self._end(connection, what, position, token, proven and offer.kind is Delivery.SNAPSHOT)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()

    @property
    def _name(self) -> str:
        return self._settings.table or "query"

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """A read-only transaction; nothing is ever written, so it ends by rolling back."""
        if self._engine is None:
            self._engine = self._dialect.engine(self._settings)
        with reported(self._settings.place):
            connection = self._engine.connect()
        try:
            yield connection
        finally:
            connection.close()

    def _as_of(self, connection: Connection) -> date:
        if self._settings.as_of_query is None:
            return self._today
        with reported("as_of_query"):
            value = connection.execute(text(literal_text(self._settings.as_of_query))).scalar()
        found = _DAY.match(str(value))
        try:
            return date(*map(int, found.groups())) if found else date.fromisoformat(str(value))
        except ValueError:
            raise invalid(refusals.SOURCE, place="as_of_query", found=str(value)[:40]) from None

    def _full_due(self, last: str, as_of: date) -> bool:
        """Whether the contract's interval of full pulls ("full:30d") is over: only they tell which rows are gone."""
        interval = _FULL.fullmatch(self._contract.ending or "")
        return interval is not None and (as_of - date.fromisoformat(last)).days >= int(interval.group(1))

    def _unmoved(self, connection: Connection, what: Relation, start: _Cursor) -> bool:
        """Whether as many rows stand up to the position of a resumed pull as were read by then."""
        if start.key is None:
            return start.records == (start.keyless or 0)
        before = connection.execute(what.count(until=start.key)).scalar_one()
        return bool(before == start.records - (start.keyless or 0))

    def _pages(self, connection: Connection, what: Relation, start: _Cursor) -> Generator[tuple[_Cursor, list[Any]], None, None]:
        """Pages of rows, each with the position behind it."""
        position = start
        if start.keyless is None:
            with closing(self._keyed(connection, what, start.key)) as pages:
                for rows, key in pages:
                    position = _Cursor(position.records + len(rows), key)
                    yield position, rows
        while True:
            skip = position.keyless or 0
            with reported(self._name):
                rows = list(connection.execute(what.keyless(self._settings.page_size, skip)))
            if not rows:
                return
            position = _Cursor(position.records + len(rows), position.key, skip + len(rows))
            yield position, rows

    def _keyed(self, connection: Connection, what: Relation, after: list[Any] | None) -> Generator[tuple[list[Any], list[Any]], None, None]:
        """Pages in key order, each with its last key. One query, streamed: a view without an index is sorted once, not
        once a page."""
        places = [what.fetched.index(column) for column in what.key]
        with reported(self._name):
            result = connection.execute(what.keyed(after), execution_options={"stream_results": True})

        def key_of(row: Any) -> list[Any]:
            return [row[place] for place in places]

        with closing(result):
            parts = self._reported(result.partitions(self._settings.page_size))
            for rows in whole_groups(parts, self._settings.page_size, FRAME_ROWS, key_of):
                key = key_of(rows[-1])
                if any(isinstance(part, bytes) for part in key):
                    raise invalid(refusals.FORMAT, place=", ".join(column.name for column in what.key), found="blob")
                if len(rows) > FRAME_ROWS:
                    raise invalid(refusals.LIMITS, place=self._name, found=f"{len(rows)} rows with one key", limit=FRAME_ROWS)
                yield rows, key

    def _reported(self, parts: Iterator[Any]) -> Iterator[Any]:
        while True:
            with reported(self._name):
                part = next(parts, None)
            if part is None:
                return
            yield part

    def _end(self, connection: Connection, what: Relation, position: _Cursor, token: dict[str, Any], proven: bool) -> End:
        with reported(self._name):
            there = connection.execute(what.count()).scalar_one()
            tomorrow = (self._today + timedelta(days=1)).isoformat()
            latest = what.latest(tomorrow)
            since = connection.execute(latest).scalar() if latest is not None else None
        if proven and there != position.records:
            raise invalid(refusals.INCOMPLETE, place=self._name, found=f"{position.records} / {there}")
        if there == 0 and token["since"] is None:
            raise invalid(refusals.EMPTY, place=self._name, found="0")
        progress = json.dumps({"since": since or token["since"], "full": token["full"]}) if what.updated_at else None
        return End(position.records, complete=proven, warnings=what.warnings, cursor=progress)
