"""Statements of every request: compiled once, and handed to the driver as they are; selects each for itself, others in a transaction.

What SQLAlchemy does around a statement takes longer than the database takes to answer these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ClauseElement, Connection, Dialect, Engine
from sqlalchemy.sql.compiler import SQLCompiler

from hub.store.engine import asking


class _Compiled(NamedTuple):
    """``own``: the values that stand in the statement; ``names``: of what it takes by position, None where it takes them by name."""

    text: str
    own: Mapping[str, Any]
    names: Sequence[str] | None


class Prepared:
    """The values must be such as the driver takes as they are: texts and whole numbers; what it gives is as it gives it."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}  # by dialect

    def row(self, engine: Engine, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """The only row there is."""
        (row,) = self.rows(engine, values)
        return row

    def rows(self, engine: Engine, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """What is committed now."""
        text, sent = self._with(engine.dialect, values)
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(text, sent)
            return list(cursor.fetchall())
        except engine.dialect.loaded_dbapi.Error:
            connection.invalidate()
        finally:
            connection.close()
        with asking(engine) as again:  # which knows what each error means, and has a new connection where the old one was lost
            return [tuple(row) for row in again.exec_driver_sql(text, sent)]

    def within(self, connection: Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """What it gives in the transaction that is under way."""
        text, sent = self._with(connection.dialect, values)
        return [tuple(row) for row in connection.exec_driver_sql(text, sent)]

    def _with(self, dialect: Dialect, values: Mapping[str, Any]) -> tuple[str, Any]:
        """The text for the driver, and the values as it takes them."""
        text, own, names = self._compiled.get(dialect.name) or self._compile(dialect)
        every = {**own, **values}
        return text, every if names is None else tuple(every[name] for name in names)

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled = self._statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        own = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
        made = _Compiled(str(compiled), own, compiled.positiontup)
        self._compiled[dialect.name] = made
        return made
