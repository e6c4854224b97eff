"""A database brought to the tables it needs: the fixed ones by Alembic, the generated ones by what the Catalog says.

A new contract version adds columns; nothing here drops or narrows: what would is refused before it gets here
(``hub.registry.compatibility``).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, bindparam, inspect, select, text
from sqlalchemy.schema import CreateColumn, CreateIndex

from hub.registry.model import Catalog
from hub.store.engine import STAGE, is_sqlite, open_engine, sqlite_file, writing
from hub.store.ledger_tables import code, code_ancestor, dataset, tick
from hub.store.ledger_tables import metadata as ledger
from hub.store.tables import StoreTables, store_tables

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate_ledger(engine: Engine) -> None:
    """Create or upgrade the fixed tables, and the schema where batches wait. Safe to run at every start."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with writing(engine) as connection:
        if not is_sqlite(connection):
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {STAGE}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.execute(select(tick.c.known)).first() is None:
            connection.execute(tick.insert().values(id=1, known=0))


def migrate_catalog(connection: Connection, catalog: Catalog) -> StoreTables:
    """Bring the generated tables and the code lists to the Catalog, inside the caller's transaction; adds only."""
    tables = store_tables(catalog, _dataset_numbers(connection, catalog))
    present = set(inspect(connection).get_table_names())
    for table in tables.metadata.sorted_tables:
        if table.name in present:
            _add_columns(connection, table)
        else:
            table.create(connection)
    _load_codes(connection, catalog)
    return tables


def open_tables(connection: Connection, catalog: Catalog) -> StoreTables:
    """The generated tables of an already migrated database."""
    return store_tables(catalog, _known_numbers(connection))


def _known_numbers(connection: Connection) -> dict[str, int]:
    return {contract: number for number, contract in connection.execute(select(dataset.c.number, dataset.c.contract))}


def _dataset_numbers(connection: Connection, catalog: Catalog) -> dict[str, int]:
    numbers = _known_numbers(connection)
    for contract in sorted(set(catalog.contracts) - set(numbers)):
        numbers[contract] = max(numbers.values(), default=0) + 1
        connection.execute(dataset.insert().values(number=numbers[contract], contract=contract))
    return numbers


def _add_columns(connection: Connection, table: Table) -> None:
    inspector = inspect(connection)
    known = {column["name"] for column in inspector.get_columns(table.name)}
    preparer = connection.dialect.identifier_preparer
    for column in table.columns:
        if column.name not in known:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.execute(text(f"ALTER TABLE {preparer.quote(table.name)} ADD COLUMN {definition}"))
    indexes = {index["name"] for index in inspector.get_indexes(table.name)}
    for index in table.indexes:
        if index.name not in indexes:
            connection.execute(CreateIndex(index))


def _load_codes(connection: Connection, catalog: Catalog) -> None:
    """Code lists and their trees as rows, so that the store's statements can join them."""
    wanted: dict[tuple[str, str], dict[str, object]] = {}
    ancestors: set[tuple[str, str, str]] = set()
    for name, code_list in catalog.code_lists.items():
        for entry in code_list.codes.values():
            wanted[(name, entry.code)] = {
                "list": name, "code": entry.code, "title_zh": entry.title.zh, "title_en": entry.title.en, "parent": entry.parent,
            }  # fmt: skip
            ancestors.update((name, entry.code, ancestor) for ancestor in code_list.ancestors(entry.code))
    # A place agrees with what it became: departments write the new code from different days on, and nobody is to settle that.
    ancestors.update(("division", old, new) for old in catalog.successions for new in _became(catalog, old))
    known = {(row.list, row.code): (row.title_zh, row.title_en, row.parent) for row in connection.execute(select(code))}
    changed = [v for k, v in wanted.items() if known.get(k) != (v["title_zh"], v["title_en"], v["parent"])]
    _replace(connection, changed)
    have = {(row.list, row.code, row.ancestor) for row in connection.execute(select(code_ancestor))}
    gone = sorted(path for path in have - ancestors if path[0] in catalog.code_lists)  # a code that was put under another parent
    new = sorted(ancestors - have)
    if gone:
        same = (code_ancestor.c.list == bindparam("a"), code_ancestor.c.code == bindparam("b"), code_ancestor.c.ancestor == bindparam("c"))
        connection.execute(code_ancestor.delete().where(*same), [{"a": a, "b": b, "c": c} for a, b, c in gone])
    if new:
        connection.execute(code_ancestor.insert(), [{"list": a, "code": b, "ancestor": c} for a, b, c in new])


def _became(catalog: Catalog, code: str) -> set[str]:
    """The places that one was merged into, renamed to or split into, however often."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        succession = catalog.successions.get(waiting.pop())
        new = set() if succession is None else set(succession.new) - found - {code}
        found |= new
        waiting.extend(new)
    return found


def _replace(connection: Connection, rows: Iterable[dict[str, object]]) -> None:
    rows = list(rows)
    if rows:
        by_key = [{"b_list": row["list"], "b_code": row["code"]} for row in rows]
        connection.execute(code.delete().where(code.c.list == bindparam("b_list"), code.c.code == bindparam("b_code")), by_key)
        connection.execute(code.insert(), rows)


def holds_hub(url: str) -> bool:
    """Whether a hub has made its tables in a database. Makes nothing."""
    if (file := sqlite_file(url)) is not None and not file.exists():
        return False
    engine = open_engine(url)
    with engine.connect() as connection:
        found = inspect(connection).has_table("definition")
    engine.dispose()
    return found


def clear(url: str) -> None:
    """Drop everything that a hub made in a database: for the demonstration, which starts from nothing."""
    engine = open_engine(url)
    with writing(engine) as connection:
        names = inspect(connection).get_table_names()
        ours = {table.name for table in ledger.sorted_tables} | {"alembic_version"}
        preparer = connection.dialect.identifier_preparer
        for name in names:
            if name in ours or name.startswith(("source_", "golden_")):
                connection.execute(text(f"DROP TABLE {preparer.quote(name)}"))
        if not is_sqlite(connection):
            connection.execute(text(f"DROP SCHEMA IF EXISTS {STAGE} CASCADE"))
    engine.dispose()
