"""The ledger of the clerk's work: open periods, where each report stands, and its steps; what people typed is in ``edits``. No rule is
judged here.

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
    cast,
    func,
    select,
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
_REASON = "work-reason"


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
    chosen, which = _TOUCHED if read else _HELD, {"form": form, "period": text, "unit": unit}
    rows = chosen.within(connection, which)
    if not rows:
        values = which | {"state": DRAFT, "revision": 1, "changed_at": now, "changed_by": by}
        connection.execute(upsert(connection, work).values(**values).on_conflict_do_nothing(index_elements=["form", "period", "unit"]))
        rows = chosen.within(connection, which)
    ((extended, *row),) = rows
    found = dict(zip(_WITHOUT_DAY, row, strict=True))
    return Work(**found, extended=None if extended is None else date.fromisoformat(extended))


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


def last_edits(connection: Connection, form: str, text: str, units: Collection[str]) -> dict[str, int]:
    """The number of each report's newest edit; one that has none is left out."""
    found: dict[str, int] = {}
    for part in in_parts(sorted(units)):
        chosen = select(work.c.unit, _NEWEST_EDIT).where(work.c.form == form, work.c.period == text, work.c.unit.in_(part))
        found |= {row[0]: row[1] for row in connection.execute(chosen) if row[1] is not None}
    return found


def stand(engine: Engine, form: str, text: str, units: Collection[str]) -> tuple[Any, ...]:
    """A mark of all that these reports hang on: while it is the same, so are they. One statement."""
    return _stand(len(units)).row(engine, stand_of(form, text, units))


def stand_of(form: str, text: str, units: Collection[str]) -> dict[str, Any]:
    """What ``stand_columns`` of as many units have to be told."""
    return {"form": form, "period": text} | {f"unit_{number}": unit for number, unit in enumerate(sorted(units))}


_FORM: BindParameter[str] = bindparam("form")
_PERIOD: BindParameter[str] = bindparam("period")
_UNIT: BindParameter[str] = bindparam("unit")
_PERIOD_OPEN = select(period).where(period.c.form == _FORM, period.c.period == _PERIOD)
_WITHOUT_DAY = [column.name for column in work.c if column is not work.c.extended]  # which SQLite's driver knows as a text
_WORK = select(cast(work.c.extended, Text), *(work.c[name] for name in _WITHOUT_DAY)).where(
    work.c.form == _FORM, work.c.period == _PERIOD, work.c.unit == _UNIT
)
_TOUCHED, _HELD = Prepared(_WORK.with_for_update(read=True)), Prepared(_WORK.with_for_update())


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
