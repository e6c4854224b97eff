"""Voices: what one dataset says of each subject, one line a subject, as a step of the one definition (``hub.store.golden``).

``rows_<dataset>`` is what each present row says, ``many_<dataset>`` the subjects with several rows, ``said_<dataset>`` the
one voice of the dataset: of several rows the latest by their own date speak (``dated_by``); among those, element by element,
the last stated that says something; ties go by content, never by a surrogate. Pure: nothing here executes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, LargeBinary, Select, case, cast, func, literal, null, select, union_all
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.selectable import CTE, FromClause

from hub.registry.model import Catalog, Contract, Element, Role, ValueType
from hub.store.positions import Moment
from hub.store.sayings import said
from hub.store.state import rows
from hub.store.tables import DatasetTables, StoreTables
from hub.store.types import column_type

Column = ColumnElement[Any]


def voice(
    tables: StoreTables, dataset: DatasetTables, entity: str, keys: FromClause, at: Moment | None, few: Select[tuple[int]] | None = None
) -> CTE:
    """Columns subject_id, stated (pos of the batch that last stated a speaking row), per element its value (``_sealed``
    too) and ``<element>_differs``: speaking rows of this dataset disagree about it. ``few``: see ``golden``."""
    catalog, stem = tables.catalog, dataset.contract.table
    speaking = speakers(catalog, dataset, entity)
    shorts = tuple(dict.fromkeys(short for role in speaking for short in role.says))
    elements = [catalog.elements[f"{entity}.{short}"] for short in shorts]
    source = rows(dataset, at, few).subquery()
    parts = [
        _row_by_row(catalog, dataset, role, source, keys, elements).add_columns(literal(number).label("role"))
        for number, role in enumerate(speaking)
    ]
    spoken = (parts[0] if len(parts) == 1 else union_all(*parts)).cte(f"rows_{stem}")
    many = select(spoken.c.subject_id).group_by(spoken.c.subject_id).having(func.count() > 1).cte(f"many_{stem}")
    alone = select(
        spoken.c.subject_id,
        spoken.c.stated,
        *(spoken.c[name] for element in elements for name in _names(element)),
        *(literal(False, Boolean).label(f"{short}_differs") for short in shorts),
    ).where(~spoken.c.subject_id.in_(select(many.c.subject_id)))
    return union_all(alone, _together(elements, spoken, many)).cte(f"said_{stem}")


def speakers(catalog: Catalog, dataset: DatasetTables, entity: str) -> list[Role]:
    """The roles that say something of an entity. One that gives the key alone (the household head in a member's row) only
    names the subject, and is no voice beside one that says more."""
    saying = [role for role in dataset.contract.roles if role.entity == entity and role.says]
    more = [role for role in saying if set(role.says) - {catalog.entities[entity].key}]
    return more or saying


def comparable(element: Element, value: Column) -> Column:
    """The value as something that has an order and a text: booleans have none that all engines share."""
    return case((value, 1), (~value, 0)) if element.type is ValueType.BOOLEAN else value


def _names(element: Element) -> tuple[str, ...]:
    return (element.short, f"{element.short}_sealed") if element.sealed else (element.short,)


def _row_by_row(
    catalog: Catalog, dataset: DatasetTables, role: Role, source: FromClause, keys: FromClause, elements: Sequence[Element]
) -> Select[Any]:
    """One line a row of which this role is one of the subjects asked for."""
    contract = dataset.contract
    columns: dict[str, Column] = {str(column.name): column for column in said(catalog, contract, role, source)}
    for element in elements:  # another role of this entity says it, this one does not
        columns.setdefault(element.short, cast(null(), column_type(element.type)).label(element.short))
        if element.sealed:
            columns.setdefault(f"{element.short}_sealed", cast(null(), LargeBinary()).label(f"{element.short}_sealed"))
    dated = _own_date(contract, source)
    ordered = [columns[name] for element in elements for name in _names(element)]
    return select(keys.c.subject_id, source.c.fingerprint, source.c.stated, dated.label("dated"), *ordered).join_from(
        keys, source, source.c[f"{role.name}_key"] == keys.c.key_id
    )


def _own_date(contract: Contract, source: FromClause) -> Column:
    """The date that a row itself gives, if its contract names one: of several rows the latest by it speak."""
    return source.c[contract.dated_by] if contract.dated_by else literal(0)


def _last_stated_first(columns: ReadOnlyColumnCollection[str, Any]) -> list[Column]:
    """Among rows of one date the last stated comes first; ties go by content, never by a surrogate. One row may speak of one
    subject in two roles (the same key as husband and as wife): then the first role of the contract does."""
    return [columns.stated.desc(), columns.fingerprint.desc(), columns.role]


def _silent_last(value: Column) -> Column:
    """A row that says nothing of an element speaks behind those that do."""
    return case((value.is_(None), 1), else_=0)


def _together(elements: Sequence[Element], spoken: CTE, many: CTE) -> Select[Any]:
    """One line for each subject with several rows."""
    columns = spoken.c
    same_date: dict[str, Any] = {"partition_by": [columns.subject_id, columns.dated]}
    content = _last_stated_first(columns)
    place = func.row_number().over(partition_by=columns.subject_id, order_by=[columns.dated.desc().nulls_last(), *content])
    values: list[Column] = []
    for element in elements:
        first: dict[str, Any] = {**same_date, "order_by": [_silent_last(columns[element.short]), *content]}
        values += [func.first_value(columns[name], type_=columns[name].type).over(**first).label(name) for name in _names(element)]
    for element in elements:
        value = comparable(element, columns[element.short])
        apart = func.min(value).over(**same_date) != func.max(value).over(**same_date)
        values.append(func.coalesce(apart, literal(False, Boolean)).label(f"{element.short}_differs"))
    chosen = columns.subject_id.in_(select(many.c.subject_id))
    ranked = select(columns.subject_id, columns.stated, *values, place.label("place")).where(chosen).subquery()
    return select(*(column for column in ranked.c if column.name != "place")).where(ranked.c.place == 1)
