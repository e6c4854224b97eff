"""The table, view or query that is read: its columns as the database spells them, and the statements over it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, TextClause, and_, func, or_, select, table, text, tuple_

from connectors.sql.dialects import Described, Dialect, name_of
from connectors.sql.settings import Settings
from hub.intake.port import Contract, Warned, YibiaoError, invalid, refusals


@dataclass(frozen=True, slots=True)
class Relation:
    """What is read. ``fields`` pairs each physical name of the contract with the column it is, None where there is none."""

    dialect: Dialect
    of: FromClause | TextClause
    fields: tuple[tuple[str, Described | None], ...]
    key: tuple[Described, ...]
    updated_at: Described | None
    extra: tuple[str, ...]
    absent: tuple[str, ...]
    since: Any = None  # read only what was updated at this moment or later

    @property
    def fetched(self) -> tuple[Described, ...]:
        """The columns of a fetched row, each once: those of the contract, then those of the key."""
        return tuple(dict.fromkeys([*(column for _, column in self.fields if column), *self.key]))

    @property
    def warnings(self) -> tuple[Warned, ...]:
        return (
            *(Warned("extra_column", name) for name in self.extra),
            *(Warned("missing_column", name) for name in self.absent),
        )

    def _select(self, *what: Any) -> Select[Any]:
        statement = select(*what).select_from(self.of)
        if self.since is not None and self.updated_at is not None:
            statement = statement.where(name_of(self.updated_at) >= self.dialect.compared(self.updated_at, self.since))
        return statement

    def _position(self, values: list[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """The key's columns and a key's values, as the two sides of a comparison."""
        sides = [(name_of(column), self.dialect.compared(column, value)) for column, value in zip(self.key, values, strict=True)]
        if len(sides) == 1:
            return sides[0]
        return tuple_(*(side[0] for side in sides)), tuple_(*(side[1] for side in sides))

    @property
    def _keyed(self) -> ColumnElement[bool]:
        return and_(*(name_of(column).is_not(None) for column in self.key))

    @property
    def _keyless(self) -> ColumnElement[bool]:
        return or_(*(name_of(column).is_(None) for column in self.key))

    def keyed(self, after: list[Any] | None) -> Select[Any]:
        """The rows behind a key, in key order, but for those whose key is not whole."""
        statement = self._select(*map(self.dialect.out, self.fetched)).where(self._keyed)
        if after is not None:
            columns, values = self._position(after)
            statement = statement.where(columns > values)
        return statement.order_by(*map(name_of, self.key))

    def keyless(self, rows: int, skip: int) -> Select[Any]:
        """Rows with an empty part of the key, in the order of everything they hold: findings for the hub, not for us."""
        columns = [self.dialect.out(column) for column in self.fetched]
        return self._select(*columns).where(self._keyless).order_by(*map(name_of, self.fetched)).limit(rows).offset(skip)

    def count(self, until: list[Any] | None = None) -> Select[Any]:
        """How many rows there are, or how many stand up to and with a key."""
        statement = self._select(func.count())
        if until is not None:
            columns, values = self._position(until)
            statement = statement.where(self._keyed, columns <= values)
        return statement

    def latest(self, before: str) -> Select[Any] | None:
        """The greatest moment of update before a date; a moment to come is somebody's slip and would hide all that follows."""
        if self.updated_at is None:
            return None
        column = name_of(self.updated_at)
        statement = self._select(self.dialect.out(self.updated_at)).where(column < self.dialect.compared(self.updated_at, before))
        return statement.order_by(column.desc()).limit(1)


def relation(connection: Connection, settings: Settings, dialect: Dialect, contract: Contract) -> Relation:
    """Looks at the columns. Raises INVALID ``refused_columns`` for a required name that is missing and for any name that
    two columns could mean; an optional one that is missing is warned and null throughout."""
    of = _source(settings)
    look = connection.execute(select(text("*")).select_from(of).limit(0))
    described = dialect.describe(connection, look.cursor.description if look.cursor is not None else ())
    look.close()
    place = settings.table or "query"
    names = _Names(described, place)
    fields = tuple((part.physical, names.find(part.physical)) for part in contract.fields)
    needed = {part.physical for part in contract.fields if part.required or part.key_position}
    missing = [physical for physical, column in fields if column is None and physical in needed]
    if missing:
        raise invalid(refusals.COLUMNS, place=", ".join(missing), found=place)
    key = tuple(names.need(name) for name in settings.key)
    updated_at = names.need(settings.updated_at) if settings.updated_at else None
    if updated_at is not None and not updated_at.dated:
        raise invalid(refusals.OPTIONS, place=place, found=f"updated_at: {updated_at.type_name}")
    known = {column for _, column in fields if column} | set(key) | ({updated_at} if updated_at else set())
    extra = tuple(column.name for column in described if column not in known)
    absent = tuple(physical for physical, column in fields if column is None)
    return Relation(dialect, of, fields, key, updated_at, extra, absent)


class _Names:
    """The columns by name, whatever the case, as long as one fits."""

    def __init__(self, described: list[Described], place: str) -> None:
        self._place = place
        self._known: dict[str, list[Described]] = {}
        for column in described:
            self._known.setdefault(column.name.casefold(), []).append(column)

    def find(self, name: str) -> Described | None:
        fitting = self._known.get(name.casefold(), [])
        if len(fitting) > 1:
            raise invalid(refusals.COLUMNS, place=", ".join(column.name for column in fitting), found=self._place)
        return fitting[0] if fitting else None

    def need(self, name: str) -> Described:
        found = self.find(name)
        if found is None:
            raise self._missing(name)
        return found

    def _missing(self, name: str) -> YibiaoError:
        return invalid(refusals.COLUMNS, place=name, found=self._place)


def _source(settings: Settings) -> FromClause | TextClause:
    if settings.table is not None:
        schema, _, name = settings.table.rpartition(".")
        return table(name, schema=schema or None)
    return text(f"({literal_text(str(settings.query).strip().rstrip(';'))}) AS source")


def literal_text(query: str) -> str:
    """A query as SQLAlchemy's text that holds no parameters: a lone colon is a colon."""
    return re.sub(r"(?<!:):(?!:)", r"\\:", query)
