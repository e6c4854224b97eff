"""What people typed and confirmed in reports: each edit once, under its sender's key, none replaced by two. No rule is judged here."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Engine, Select, bindparam, func, select, union_all

from hub.core.vault import Vault
from hub.store.ledger_tables import edit
from hub.store.parts import in_parts
from hub.store.prepared import Prepared
from hub.store.upserts import INSERTS

_EDIT = "work-edit"


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody typed into a cell, or confirmed. ``key`` is the client's own; ``replaced``: the key of the cell's edit before."""

    key: str
    unit: str
    line: str
    field: str
    kind: str
    content: Mapping[str, Any]
    replaced: str
    at: int
    by: str


def edits_of(connection: Connection, vault: Vault, form: str, text: str, units: Collection[str]) -> dict[str, list[Edit]]:
    """What people typed into the reports of these units, oldest first."""
    found: dict[str, list[Edit]] = {unit: [] for unit in units}
    for part in in_parts(sorted(found)):
        chosen = select(edit).where(edit.c.form == form, edit.c.period == text, edit.c.unit.in_(part)).order_by(edit.c.id)
        for one in _opened(vault, connection.execute(chosen).mappings().all()):
            found[one.unit].append(one)
    return found


def edit_before(
    engine: Engine, vault: Vault, form: str, text: str, unit: str, line: str, key: str
) -> tuple[list[Edit], dict[str, tuple[str, str, Edit]]]:
    """What stands before one edit under this key to a line of a report: the newest edit of each cell of the line, and the one that came
    under the key before (as ``find_edits``). One statement."""
    found = _BEFORE_ONE.rows(engine, {"form": form, "period": text, "unit": unit, "line": line, "key": key})
    rows = [dict(zip(edit.c.keys(), row, strict=True)) for row in found]
    edits = list(zip(rows, _opened(vault, rows), strict=True))
    place = (form, text, unit, line)
    last = [one for row, one in edits if (row["form"], row["period"], row["unit"], row["line"]) == place]
    return last, {one.key: (row["form"], row["period"], one) for row, one in edits if one.key == key}


def last_of_lines(connection: Connection, vault: Vault, form: str, text: str, unit: str, lines: Collection[str]) -> list[Edit]:
    """The newest edit of each cell of some lines of one report."""
    found = []
    for part in in_parts(sorted(lines)):
        values = {"form": form, "period": text, "unit": unit, "lines": part}
        found += _opened(vault, connection.execute(_LAST_OF_LINES, values).mappings().all())
    return found


def history_of(connection: Connection, vault: Vault, form: str, text: str, unit: str, line: str, field: str) -> list[Edit]:
    """What people typed into one cell, oldest first."""
    chosen = select(edit).where(*_cell(form, text, unit, line, field)).order_by(edit.c.id)
    return _opened(vault, connection.execute(chosen).mappings().all())


def find_edits(connection: Connection, vault: Vault, keys: Sequence[str]) -> dict[str, tuple[str, str, Edit]]:
    """The edits that came under these keys before, each with its form and period."""
    found: dict[str, tuple[str, str, Edit]] = {}
    for part in in_parts(keys):
        rows = connection.execute(_BY_KEYS, {"keys": part}).mappings().all()
        found |= {one.key: (row["form"], row["period"], one) for row, one in zip(rows, _opened(vault, rows), strict=True)}
    return found


def write_edit(connection: Connection, vault: Vault, form: str, text: str, one: Edit) -> bool:
    """Keep an edit. False, and nothing written, where somebody else replaced the same one or the key is taken."""
    (content,) = vault.seal(_EDIT, [json.dumps(one.content, ensure_ascii=False, separators=(",", ":"))])
    values = {name: getattr(one, name) for name in Edit.__slots__} | {"form": form, "period": text, "content": content}
    return bool(_WRITE_EDIT[connection.dialect.name].within(connection, values))


def _cell(form: str, text: str, unit: str, line: str, field: str) -> tuple[Any, ...]:
    return edit.c.form == form, edit.c.period == text, edit.c.unit == unit, edit.c.line == line, edit.c.field == field


def _opened(vault: Vault, rows: Sequence[Any]) -> list[Edit]:
    contents = vault.open(_EDIT, [row["content"] for row in rows])
    return [
        Edit(**{name: row[name] for name in Edit.__slots__ if name != "content"}, content=json.loads(content or "{}"))
        for row, content in zip(rows, contents, strict=True)
    ]


_FORM: BindParameter[str] = bindparam("form")
_PERIOD: BindParameter[str] = bindparam("period")
_UNIT: BindParameter[str] = bindparam("unit")
_LINES: BindParameter[str] = bindparam("lines", expanding=True)
_KEYS: BindParameter[str] = bindparam("keys", expanding=True)
_BY_KEYS = select(edit).where(edit.c.key.in_(_KEYS))
_WRITE_EDIT = {
    dialect: Prepared(
        insert(edit)
        .values({column.name: bindparam(column.name) for column in edit.c if column is not edit.c.id})
        .on_conflict_do_nothing()
        .returning(edit.c.id)
    )
    for dialect, insert in INSERTS.items()
}


def _newest(of_lines: ColumnElement[bool]) -> Select[int]:
    """The numbers of the newest edit of each cell of some lines of one report."""
    which = edit.c.form == _FORM, edit.c.period == _PERIOD, edit.c.unit == _UNIT, of_lines
    return select(func.max(edit.c.id)).where(*which).group_by(edit.c.line, edit.c.field)


_LAST_OF_LINES = select(edit).where(edit.c.id.in_(_newest(edit.c.line.in_(_LINES))))
_BEFORE_ONE = Prepared(  # found by numbers alone: PostgreSQL reads the whole table for "this or that"
    select(edit)
    .where(edit.c.id.in_(union_all(_newest(edit.c.line == bindparam("line")), select(edit.c.id).where(edit.c.key == bindparam("key")))))
    .order_by(edit.c.id)
)
