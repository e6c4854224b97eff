"""A database is brought to the tables it needs: the fixed ones by Alembic, those of the datasets by what is published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, select

from hub.core.errors import YibiaoError
from hub.forms.filling import filled
from hub.forms.model import Cell
from hub.publish import publish, written_at
from hub.registry.definitions import definition_roots
from hub.registry.explain import Area
from hub.store.current import known_now
from hub.store.definitions import Written
from hub.store.engine import open_engine, writing
from hub.store.hub import Hub, open_hub
from hub.store.ledger_tables import code_ancestor, dataset, metadata, tick
from hub.store.migrate import migrate_catalog, migrate_ledger
from tests.cases.hubs import AS_OF, published
from tests.intake.bad import HEADER, RESIDENT, deliver, person, text_of, write

VILLAGE = "330802005004"
FEBRUARY = date(2024, 2, 29)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def shipped(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub with the shipped definitions in force."""
    made = published(tmp_path / "home", database_url)
    yield made
    made.engine.dispose()


# The fixed tables -----------------------------------------------------------------------------------------------------


def differences(connection: Connection) -> list[Any]:
    """What Alembic would still have to do to come from this database to the ledger, types and defaults included."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


def test_the_migrations_make_the_ledger(engine: Engine) -> None:
    """From an empty database to ``hub.store.ledger_tables``: tables, columns, types, NULL, indexes, unique constraints, keys."""
    migrate_ledger(engine)
    with engine.connect() as connection:
        assert differences(connection) == []
        found = inspect(connection)
        assert set(found.get_table_names()) == {*metadata.tables, "alembic_version"}
        for table in metadata.sorted_tables:
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key], table.name


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE batch ADD COLUMN extra TEXT", "DROP INDEX conflict_by_subject", "DROP TABLE lease",
        "ALTER TABLE token RENAME COLUMN name TO label", "CREATE INDEX another ON held (known)",
    ],
)  # fmt: skip
def test_a_difference_would_be_seen(engine: Engine, change: str) -> None:
    """The comparison above is not blind."""
    migrate_ledger(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql(change)
        assert differences(connection)


def test_opening_again_changes_nothing(shipped: Hub) -> None:
    before = shape(shipped.engine), contents(shipped.engine)
    for _ in range(2):
        again = open_hub(shipped.settings, shipped.clock)
        with writing(again.engine) as connection:
            migrate_catalog(connection, again.catalog)
        assert again.tables.metadata.tables.keys() == shipped.tables.metadata.tables.keys()
        again.engine.dispose()
    assert not publish(shipped, written_at(definition_roots()), "test").published
    assert (shape(shipped.engine), contents(shipped.engine)) == before


def shape(engine: Engine) -> dict[str, Any]:
    """Tables with their columns and indexes, as the database tells them."""
    with engine.connect() as connection:
        found = inspect(connection)
        return {
            name: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)],
                sorted((str(i["name"]), tuple(i["column_names"])) for i in found.get_indexes(name)),
            )
            for name in found.get_table_names()
        }


def contents(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return [list(connection.execute(select(table))) for table in (tick, dataset)]


# The tables of a dataset ------------------------------------------------------------------------------------------------


def with_blood_type() -> list[Written]:
    """The register will also tell the blood type, if it knows it: a new data element, the next version of its contract, a form."""
    shipped = {document.name: document.text for document in written_at(definition_roots())}
    element = "  blood_type:\n    title: {zh: 血型, en: blood type}\n    type: text\n    max_length: 4\n"
    field = (
        "      - name: blood_type\n        physicalName: 血型\n        logicalType: string\n"
        "        authoritativeDefinitions: [{type: dataElement, url: person.blood_type}]\n"
        "        customProperties:\n          - {property: speaksOf, value: person}\n"
    )
    first = "      - name: sex\n        physicalName: 性别\n"
    register = shipped["contracts/public-security/resident.yaml"].replace("version: 1.0.0", "version: 1.1.0", 1)
    assert first in register
    form = """
kind: Form
id: blood-types
version: 1.0.0
title: {zh: 血型花名册, en: Blood types}
asked_by: 卫健
unit: village
frequency: monthly
number: 卫健基901表(示例)
maker: 某市卫生健康委员会(示例)
approval: 某卫表〔2024〕第1号(示例)
expires: 2028-12-31
legal_basis: 献血法
sections:
  - name: roster
    title: {zh: 花名册, en: Roster}
    kind: roster
    of: person
    where: life_status = '1'
    by: village
    order: [citizen_id]
    fields:
      - {name: citizen_id, title: {zh: 公民身份号码, en: citizen id}, element: citizen_id}
      - {name: blood_type, title: {zh: 血型, en: blood type}, element: blood_type}
"""
    return [
        Written("schemas/elements/person.yaml", shipped["schemas/elements/person.yaml"].rstrip("\n") + "\n" + element),
        Written("contracts/public-security/resident.yaml", register.replace(first, field + first, 1)),
        Written("schemas/forms/blood-types.yaml", form),
    ]


def rows(hub: Hub) -> dict[str, list[dict[str, Any]]]:
    """What stands in the tables of the register and of persons."""
    register = hub.tables.datasets[RESIDENT]
    with hub.engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table).order_by(table.c[0])).mappings()]
            for table in (register.current, register.past, hub.tables.golden["person"])
        }


def cells(hub: Hub, period: str) -> dict[str, Cell]:
    """Blood type by citizen id, from the report of the village."""
    (section,) = filled(hub, "blood-types", VILLAGE, period).report.sections
    return {str(line.cells[0].value): line.cells[1] for line in section.lines}


def test_an_optional_field_more_keeps_every_row(shipped: Hub, tmp_path: Path) -> None:
    """Published between two deliveries: what was there reads as empty, what comes is filled, down to the report."""
    one, other = person(0), person(1)
    assert deliver(shipped, write(tmp_path, "first.csv", text_of([one, other])), FEBRUARY).accepted == 2
    before = rows(shipped)
    assert [len(found) for found in before.values()] == [2, 0, 2]

    effects = publish(shipped, with_blood_type(), "test").effects
    assert any("增加一列" in e.text("zh") and "blood_type" in e.text("zh") for e in effects if e.area is Area.TABLES)
    hub = shipped.reopened()
    after = rows(hub)
    for name, found in before.items():
        assert [{key: value for key, value in row.items() if key in old} for row, old in zip(after[name], found, strict=True)] == found
        assert all(row["blood_type"] is None for row in after[name])
    keys = [one["公民身份号码"], other["公民身份号码"]]
    february = cells(hub, "2024-02")
    assert {key: (cell.value, cell.state) for key, cell in february.items()} == dict.fromkeys(keys, (None, "blank"))

    # The next list has the column. Who is told nothing new about is unchanged: a wider contract is no change of everybody.
    path = write(tmp_path, "second.csv", text_of([one | {"血型": "AB"}, other | {"血型": ""}], [*HEADER, "血型"]))
    second = deliver(hub, path)
    assert (second.read, second.accepted, second.unchanged, second.ended) == (2, 1, 1, 0)
    march = cells(hub, "2024-03")
    assert [march[key].value for key in keys] == ["AB", None]
    assert (march[keys[0]].state, march[keys[0]].sources, march[keys[0]].as_of) == ("filled", (RESIDENT,), AS_OF)
    assert march[keys[1]].state == "blank"
    assert cells(hub, "2024-02") == february, "of February it still says what it said"


def test_what_would_lose_a_column_is_refused(shipped: Hub) -> None:
    """Tables only grow: a version without a field in use does not get as far as the database."""
    publish(shipped, with_blood_type(), "test")
    hub = shipped.reopened()
    before = shape(hub.engine)
    with hub.engine.connect() as connection:
        known = known_now(connection)
    text = next(document.text for document in written_at(definition_roots()) if document.name.endswith("public-security/resident.yaml"))
    narrower = Written("contracts/public-security/resident.yaml", text.replace("version: 1.0.0", "version: 1.2.0", 1))
    with pytest.raises(YibiaoError) as told:
        publish(hub, [narrower], "test")
    assert told.value.code == "publish_breaking"
    assert shape(hub.engine) == before
    with hub.engine.connect() as connection:
        assert known_now(connection) == known


def test_a_code_under_another_parent_is_in_the_old_one_no_more(shipped: Hub) -> None:
    """Golden takes a code and what it lies in for one thing: so the old parent must be forgotten, and the publication says so."""
    header = "code,name_zh,name_en,parent,valid_from,valid_until,note\n"
    lists = 'kind: CodeLists\nlists:\n  fruit: {title: {zh: 水果, en: fruit}, standard: "", working: true}\n'
    described = Written("schemas/codes/fruits.yaml", lists)

    def written(parent: str) -> Written:
        return Written("schemas/codes/fruit.csv", f"{header}1,核果,stone,,,,\n2,仁果,pome,,,,\n11,苹果,apple,{parent},,,\n")

    publish(shipped, [described, written("1")], "test")
    done = publish(shipped.reopened(), [written("2")], "test")
    assert [change.text("zh") for change in done.changes] == ["“fruit”的代码改了上级:11"]
    with shipped.engine.connect() as connection:
        found = connection.execute(select(code_ancestor.c.code, code_ancestor.c.ancestor).where(code_ancestor.c.list == "fruit")).all()
    assert [tuple(row) for row in found] == [("11", "2")]
