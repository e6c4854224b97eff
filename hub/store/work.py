"""The ledger of the clerk's work: open periods, where each report stands, its steps, and what people typed. No rule is judged here.

A unit that nobody touched has no row: it is a draft.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Engine,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    select,
    union_all,
    update,
)

from hub.core.errors import Kind, YibiaoError
from hub.core.vault import Vault, digest_of
from hub.store.jobs import KEY_REUSED
from hub.store.ledger_tables import comment, corrected, edit, frozen, objection, period, tick, work, work_step
from hub.store.parts import in_parts
from hub.store.prepared import Prepared
from hub.store.upserts import upsert

DRAFT = "draft"
_REASON, _EDIT = "work-reason", "work-edit"


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """Reports of ``form`` for ``period`` are asked for. ``closes``: the last day on which they may be filled in; None: no end."""

    form: str
    period: str
    due: date
    closes: date | None
    opened_at: int
    opened_by: str


@dataclass(frozen=True, slots=True)
class Work:
    """Where one report stands. ``known``: what was known when it was submitted, None while it is worked on. ``extended``: a later
    last day for this unit."""

    form: str
    period: str
    unit: str
    state: str
    revision: int
    known: int | None
    digest: str | None
    extended: date | None
    changed_at: int
    changed_by: str


@dataclass(frozen=True, slots=True)
class Step:
    """One act on a report. Instants are microseconds since 1970 in UTC; ``signature`` is of ``signed_content``, given by ``write_steps``."""

    form: str
    period: str
    unit: str
    revision: int
    act: str
    state_from: str
    state_to: str
    at: int
    by: str
    organisation: str
    role: str
    reason: str
    digest: str | None
    signature: str = ""

    @property
    def signed_content(self) -> bytes:
        names = [name for name in self.__slots__ if name != "signature"]
        return json.dumps([getattr(self, name) for name in names], ensure_ascii=False, separators=(",", ":")).encode()


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


# That a report still stands as it did when it was marked as corrected since.
AS_CORRECTED = and_(
    corrected.c.form == work.c.form, corrected.c.period == work.c.period, corrected.c.unit == work.c.unit,
    corrected.c.revision == work.c.revision, corrected.c.digest == work.c.digest,
)  # fmt: skip


def open_period(connection: Connection, opened: OpenPeriod) -> bool:
    """False where it was open already."""
    statement = upsert(connection, period).values(
        form=opened.form, period=opened.period, due=opened.due, closes=opened.closes, opened_at=opened.opened_at, opened_by=opened.opened_by
    )
    number = connection.execute(statement.on_conflict_do_nothing(index_elements=["form", "period"]).returning(period.c.form)).first()
    return number is not None


def find_period(connection: Connection, form: str, text: str) -> OpenPeriod | None:
    row = connection.execute(_PERIOD_OPEN, {"form": form, "period": text}).first()
    return None if row is None else OpenPeriod(*row)


def what_is_due(connection: Connection, since: date) -> list[tuple[OpenPeriod, Work | None, bool]]:
    """Every period that is due on ``since`` or later, with each report of it that somebody touched, and whether that was corrected
    after it was submitted: one statement, whatever the number of units. Of a period that nobody touched there is one with None."""
    joined = period.outerjoin(work, and_(work.c.form == period.c.form, work.c.period == period.c.period))
    late = select(corrected.c.objection).where(AS_CORRECTED).exists()
    chosen = select(*period.c, *work.c, case((late, 1), else_=0)).select_from(joined).where(period.c.due >= since)
    width = len(period.c)
    return [
        (OpenPeriod(*row[:width]), None if row[width] is None else Work(*row[width:-1]), bool(row[-1]))
        for row in connection.execute(chosen.order_by(period.c.due, period.c.form, work.c.unit))
    ]


def find_work(connection: Connection, form: str, text: str, units: Collection[str]) -> dict[str, Work]:
    """Where the reports of these units stand; those that nobody touched are left out."""
    return _works(connection, select(work), form, text, units)


def hold_together(connection: Connection, form: str, text: str, units: Collection[str]) -> dict[str, Work]:
    """The same, held to the end of the transaction as by ``hold``."""
    return _works(connection, select(work).order_by(work.c.unit).with_for_update(), form, text, units)


def _works(connection: Connection, chosen: Select[Any], form: str, text: str, units: Collection[str]) -> dict[str, Work]:
    parts = in_parts(sorted(units))
    rows = (connection.execute(chosen.where(work.c.form == form, work.c.period == text, work.c.unit.in_(part))) for part in parts)
    return {row.unit: Work(*row) for some in rows for row in some}


def touch(connection: Connection, form: str, text: str, unit: str, now: int, by: str) -> Work:
    """Where the report stands, its row made if there was none. Held to the end of the transaction against a change of where it
    stands; others may type into it meanwhile."""
    return _held(connection, form, text, unit, now, by, read=True)


def hold(connection: Connection, form: str, text: str, unit: str, now: int, by: str) -> Work:
    """The same for whoever takes the report on: those who were typing into it have ended, and nobody types until the end."""
    return _held(connection, form, text, unit, now, by, read=False)


def _held(connection: Connection, form: str, text: str, unit: str, now: int, by: str, *, read: bool) -> Work:
    chosen, which = _WORK.with_for_update(read=read), {"form": form, "period": text, "unit": unit}
    row = connection.execute(chosen, which).first()
    if row is None:
        values = which | {"state": DRAFT, "revision": 1, "changed_at": now, "changed_by": by}
        connection.execute(upsert(connection, work).values(**values).on_conflict_do_nothing(index_elements=["form", "period", "unit"]))
        row = connection.execute(chosen, which).one()
    return Work(*row)


def move(connection: Connection, found: Work, **values: Any) -> bool:
    """Change where a report stands. False, and nothing changed, where somebody else moved it meanwhile."""
    statement = (
        update(work)
        .where(
            work.c.form == found.form, work.c.period == found.period, work.c.unit == found.unit, work.c.state == found.state,
            work.c.revision == found.revision,
        )
        .values(**values)
        .returning(work.c.unit)
    )  # fmt: skip
    return connection.execute(statement).first() is not None


def move_together(connection: Connection, form: str, text: str, state: str, digests: Mapping[str, str], now: int, by: str) -> None:
    """Change where held reports stand; ``digests``: by unit. One statement."""
    each = [{"at_unit": unit, "its": digest} for unit, digest in digests.items()]
    if each:
        which = work.c.form == form, work.c.period == text, work.c.unit == bindparam("at_unit")
        values = {"state": state, "digest": bindparam("its"), "changed_at": now, "changed_by": by}
        connection.execute(update(work).where(*which).values(values), each)


def write_steps(connection: Connection, vault: Vault, steps: Sequence[Step], request_key: str | None = None) -> None:
    """Sign steps and keep them. ``request_key``: the sender's own of the request that asked for them, by which they are known again."""
    reasons = vault.seal(_REASON, [step.reason or None for step in steps])
    rows = [
        {name: getattr(step, name) for name in Step.__slots__}
        | {"reason": reason, "request_key": request_key, "signature": vault.sign(digest_of(step.signed_content))}
        for step, reason in zip(steps, reasons, strict=True)
    ]
    if rows:
        connection.execute(work_step.insert(), rows)


def done_before(connection: Connection, form: str, text: str, unit: str, act: str, request_key: str) -> str | None:
    """Where a request of this key took the report; None if there was none. Raises CONFLICT for the key of another act."""
    chosen = select(work_step.c.act, work_step.c.state_to).where(
        work_step.c.form == form, work_step.c.period == text, work_step.c.unit == unit, work_step.c.request_key == request_key
    )
    found = connection.execute(chosen).first()
    if found is not None and found.act != act:
        raise YibiaoError(Kind.CONFLICT, KEY_REUSED)
    return None if found is None else str(found.state_to)


def last_steps(connection: Connection, vault: Vault, form: str, text: str, units: Collection[str]) -> list[Step]:
    """The newest step of each of these units that has one, in the order of the units."""
    found: list[Step] = []
    for part in in_parts(sorted(units)):
        newest = select(func.max(work_step.c.id)).where(work_step.c.form == form, work_step.c.period == text, work_step.c.unit.in_(part))
        rows = connection.execute(select(work_step).where(work_step.c.id.in_(newest.group_by(work_step.c.unit))).order_by(work_step.c.unit))
        found += _opened_steps(vault, rows.mappings().all())
    return found


def steps_of(connection: Connection, vault: Vault, form: str, text: str, unit: str) -> list[Step]:
    """All that was done with a report, oldest first."""
    chosen = select(work_step).where(work_step.c.form == form, work_step.c.period == text, work_step.c.unit == unit)
    return _opened_steps(vault, connection.execute(chosen.order_by(work_step.c.id)).mappings().all())


def _opened_steps(vault: Vault, rows: Sequence[Any]) -> list[Step]:
    reasons = vault.open(_REASON, [row["reason"] for row in rows])
    return [
        Step(**{name: row[name] for name in Step.__slots__ if name != "reason"}, reason=reason or "")
        for row, reason in zip(rows, reasons, strict=True)
    ]


def submitted_by(connection: Connection, form: str, text: str, units: Collection[str]) -> dict[str, int]:
    """The step by which each of these reports was last submitted."""
    chosen = select(work_step.c.unit, func.max(work_step.c.id)).where(
        work_step.c.form == form, work_step.c.period == text, work_step.c.act == "submit", work_step.c.unit.in_(sorted(units))
    )
    return {row[0]: int(row[1]) for row in connection.execute(chosen.group_by(work_step.c.unit))}


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


def last_edits(connection: Connection, form: str, text: str, units: Collection[str]) -> dict[str, int]:
    """The number of each report's newest edit; one that has none is left out."""
    found: dict[str, int] = {}
    for part in in_parts(sorted(units)):
        chosen = select(work.c.unit, _NEWEST_EDIT).where(work.c.form == form, work.c.period == text, work.c.unit.in_(part))
        found |= {row[0]: row[1] for row in connection.execute(chosen) if row[1] is not None}
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
    statement = upsert(connection, edit).on_conflict_do_nothing().returning(edit.c.id)
    return connection.execute(statement, values).first() is not None


def _cell(form: str, text: str, unit: str, line: str, field: str) -> tuple[Any, ...]:
    return edit.c.form == form, edit.c.period == text, edit.c.unit == unit, edit.c.line == line, edit.c.field == field


def _opened(vault: Vault, rows: Sequence[Any]) -> list[Edit]:
    contents = vault.open(_EDIT, [row["content"] for row in rows])
    return [
        Edit(**{name: row[name] for name in Edit.__slots__ if name != "content"}, content=json.loads(content or "{}"))
        for row, content in zip(rows, contents, strict=True)
    ]


def stand(engine: Engine, form: str, text: str, units: Collection[str]) -> tuple[Any, ...]:
    """A mark of all that these reports hang on: while it is the same, so are they. One statement."""
    return _stand(len(units)).row(engine, stand_of(form, text, units))


def stand_of(form: str, text: str, units: Collection[str]) -> dict[str, Any]:
    """What ``stand_columns`` of as many units have to be told."""
    return {"form": form, "period": text} | {f"unit_{number}": unit for number, unit in enumerate(sorted(units))}


_FORM: BindParameter[str] = bindparam("form")
_PERIOD: BindParameter[str] = bindparam("period")
_UNIT: BindParameter[str] = bindparam("unit")
_LINES: BindParameter[str] = bindparam("lines", expanding=True)
_PERIOD_OPEN = select(period).where(period.c.form == _FORM, period.c.period == _PERIOD)
_WORK = select(work).where(work.c.form == _FORM, work.c.period == _PERIOD, work.c.unit == _UNIT)
_KEYS: BindParameter[str] = bindparam("keys", expanding=True)
_BY_KEYS = select(edit).where(edit.c.key.in_(_KEYS))


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
# Of a report that somebody touched, the end of an index: one search a unit, however much was typed.
_NEWEST_EDIT = (
    select(func.max(edit.c.id))
    .where(edit.c.form == work.c.form, edit.c.period == work.c.period, edit.c.unit == work.c.unit)
    .correlate(work)
    .scalar_subquery()
)


def stand_columns(units: int) -> tuple[ColumnElement[Any], ...]:
    """Of one row, for as many units."""
    some = [bindparam(f"unit_{number}", type_=Text) for number in range(units)]
    of_work = work.c.form == _FORM, work.c.period == _PERIOD, work.c.unit.in_(some)
    touched = select(func.count(), func.max(_NEWEST_EDIT)).where(*of_work).subquery("touched")
    of_steps = work_step.c.form == _FORM, work_step.c.period == _PERIOD, work_step.c.unit.in_(some)
    of_comments = comment.c.form == _FORM, comment.c.period == _PERIOD, comment.c.unit.in_(some)
    return (
        *touched.c,
        select(tick.c.known).scalar_subquery(),
        select(func.max(work_step.c.id)).where(*of_steps).scalar_subquery(),
        select(period.c.opened_at).where(period.c.form == _FORM, period.c.period == _PERIOD).scalar_subquery(),
        select(func.count()).select_from(frozen).where(frozen.c.form == _FORM, frozen.c.unit.in_(some)).scalar_subquery(),
        select(func.max(comment.c.id)).where(*of_comments).scalar_subquery(),
        # Of all objections, for they show wherever the value stands: a new one has a new number, an answer leaves one less open.
        select(func.max(objection.c.id)).scalar_subquery(),
        select(func.count(objection.c.id)).where(objection.c.answered_at.is_(None)).scalar_subquery(),
    )


@lru_cache(maxsize=64)
def _stand(units: int) -> Prepared:
    return Prepared(select(*stand_columns(units)))
