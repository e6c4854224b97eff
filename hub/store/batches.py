"""The batch ledger: who sent what, under which contract version, and how it fared. Rows and counts, no judgement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select, update

from hub.checks.finding import RuleResult, Warned
from hub.core.errors import YibiaoError, not_found
from hub.core.messages import in_language
from hub.registry.model import Delivery
from hub.store.ledger_tables import batch, finding, mended, quarantine, rule_result, warning
from hub.store.messages import BATCH_NOT_FOUND


class State(StrEnum):
    """Where a batch is on its way (design §5)."""

    OPEN = "open"  # being pulled and staged
    STAGED = "staged"  # wholly staged, to be checked and merged
    WAITING = "waiting"  # for a person (the breaker) or for a rule that could not run
    CLOSED = "closed"  # merged
    REPEATED = "repeated"  # the same content was already there: nothing to do
    REFUSED = "refused"  # nothing of it took effect
    ASIDE = "aside"  # it killed two workers


@dataclass(frozen=True, slots=True)
class Batch:
    id: int
    dataset: int
    contract_version: str
    kind: Delivery
    as_of: date
    revision: int | None
    pos: int | None
    parent: int | None
    known: int | None
    state: State
    digest: str | None
    name: str
    read: int
    accepted: int
    unchanged: int
    quarantined: int
    ended: int
    cursor: str | None
    reason: Mapping[str, Any] | None
    claims: int
    forced_by: str | None
    started_at: int
    closed_at: int | None


def open_batch(
    connection: Connection, dataset: int, version: str, kind: Delivery, as_of: date, name: str, now: int, parent: int | None = None
) -> int:
    """Write down that a batch has begun; returns its id."""
    statement = batch.insert().values(
        dataset=dataset, contract_version=version, kind=kind.value, as_of=as_of, name=name, parent=parent, state=State.OPEN.value,
        started_at=now, read=0, accepted=0, unchanged=0, quarantined=0, ended=0, claims=0,
    )  # fmt: skip
    return int(connection.execute(statement.returning(batch.c.id)).scalar_one())


def find_batch(connection: Connection, number: int) -> Batch:
    """Raises NOT_FOUND ``batch_not_found``."""
    row = connection.execute(select(batch).where(batch.c.id == number)).mappings().first()
    if row is None:
        raise not_found(BATCH_NOT_FOUND, batch=number)
    return _batch(row)


def list_batches(connection: Connection, dataset: int | None = None, limit: int = 100, before: int | None = None) -> list[Batch]:
    """Newest first."""
    chosen = select(batch).order_by(batch.c.id.desc()).limit(limit)
    if dataset is not None:
        chosen = chosen.where(batch.c.dataset == dataset)
    if before is not None:
        chosen = chosen.where(batch.c.id < before)
    return [_batch(row) for row in connection.execute(chosen).mappings()]


def last_merged(connection: Connection, dataset: int) -> Batch | None:
    """The merged batch with the greatest place in valid time."""
    chosen = select(batch).where(batch.c.dataset == dataset, batch.c.known.is_not(None)).order_by(batch.c.pos.desc()).limit(1)
    row = connection.execute(chosen).mappings().first()
    return None if row is None else _batch(row)


def merged_at(connection: Connection, dataset: int, as_of: date) -> list[Batch]:
    """The merged batches of one as-of date, by revision."""
    chosen = select(batch).where(batch.c.dataset == dataset, batch.c.as_of == as_of, batch.c.known.is_not(None)).order_by(batch.c.revision)
    return [_batch(row) for row in connection.execute(chosen).mappings()]


def newest_of_each(connection: Connection) -> list[Batch]:
    """The newest batch of each dataset that has one."""
    newest = select(func.max(batch.c.id)).group_by(batch.c.dataset)
    return [_batch(row) for row in connection.execute(select(batch).where(batch.c.id.in_(newest))).mappings()]


def write(connection: Connection, number: int, **values: Any) -> None:
    """Change ledger columns of one batch; ``reason`` is a mapping, ``state`` a State."""
    if "reason" in values and values["reason"] is not None:
        values["reason"] = json.dumps(values["reason"], ensure_ascii=False, sort_keys=True, default=str)
    if "state" in values:
        values["state"] = State(values["state"]).value
    connection.execute(update(batch).where(batch.c.id == number).values(**values))


def as_reason(error: YibiaoError) -> dict[str, Any]:
    """Why a batch waits or was refused, as the ledger keeps it: code, both texts, and the values as JSON has them."""
    values = json.loads(json.dumps(error.values, default=lambda value: str(in_language(value, "zh")), ensure_ascii=False))
    return {"code": error.code, "zh": error.text("zh"), "en": error.text("en"), "values": values}


def add_findings(connection: Connection, number: int, findings: pl.DataFrame) -> None:
    """Write a frame of findings (``hub.checks.finding.FINDINGS``) to the ledger."""
    if findings.is_empty():
        return
    rows = findings.with_columns(pl.lit(number, pl.Int64).alias("batch")).to_dicts()
    connection.execute(finding.insert(), rows)


def add_quarantine(connection: Connection, number: int, held: Sequence[tuple[int, int | None, bytes]]) -> None:
    """Keep the rows held back: (record, line, sealed raw row)."""
    if held:
        rows = [{"batch": number, "record": record, "line": line, "raw": raw} for record, line, raw in held]
        connection.execute(quarantine.insert(), rows)


def add_warnings(connection: Connection, number: int, warnings: Iterable[Warned]) -> None:
    rows = [{"batch": number, "kind": w.kind, "place": w.place, "count": w.count} for w in warnings]
    if rows:
        connection.execute(warning.insert(), rows)


def add_rule_results(connection: Connection, number: int, results: Iterable[RuleResult]) -> None:
    connection.execute(rule_result.delete().where(rule_result.c.batch == number))
    rows = [
        {
            "batch": number, "rule": r.rule, "fields": ",".join(r.fields), "outcome": r.outcome, "checked": r.checked, "broken": r.broken,
            "severity": r.severity.value, "limit_share": str(r.limit), "dimension": r.dimension, "message": r.message,
        }
        for r in results
    ]  # fmt: skip
    if rows:
        connection.execute(rule_result.insert(), rows)


def forget_pull(connection: Connection, number: int) -> None:
    """Take back what an interrupted pull wrote, before it is pulled from the start."""
    for table in (finding, quarantine, mended, warning, rule_result):
        connection.execute(table.delete().where(table.c.batch == number))


def findings_of(connection: Connection, number: int, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
    chosen = select(finding).where(finding.c.batch == number, finding.c.id > after).order_by(finding.c.id).limit(limit)
    return [dict(row) for row in connection.execute(chosen).mappings()]


def warnings_of(connection: Connection, number: int) -> list[dict[str, Any]]:
    """Warnings of a batch, summed by kind and place."""
    chosen = (
        select(warning.c.kind, warning.c.place, func.sum(warning.c.count).label("total"))
        .where(warning.c.batch == number)
        .group_by(warning.c.kind, warning.c.place)
        .order_by(warning.c.kind, warning.c.place)
    )
    return [{"kind": row.kind, "place": row.place, "count": int(row.total)} for row in connection.execute(chosen)]


def rule_results_of(connection: Connection, number: int) -> list[dict[str, Any]]:
    chosen = select(rule_result).where(rule_result.c.batch == number).order_by(rule_result.c.rule)
    return [dict(row) for row in connection.execute(chosen).mappings()]


def quarantine_of(connection: Connection, number: int) -> list[tuple[int, int | None, bytes]]:
    """(record, line, sealed raw row) of the rows still held."""
    chosen = (
        select(quarantine.c.record, quarantine.c.line, quarantine.c.raw)
        .where(quarantine.c.batch == number, quarantine.c.released_by.is_(None))
        .order_by(quarantine.c.record)
    )
    return [(row.record, row.line, row.raw) for row in connection.execute(chosen)]


def count_held(connection: Connection, number: int) -> int:
    """How many rows of a batch are still held."""
    chosen = select(func.count()).where(quarantine.c.batch == number, quarantine.c.released_by.is_(None))
    return int(connection.execute(chosen).scalar_one())


def note_mended(connection: Connection, number: int, parent: int, records: Sequence[int | None]) -> None:
    """Write down which held record of its parent each record of a mend is (None, or a number that is not held there: it is none)."""
    held = {record for record, _, _ in quarantine_of(connection, parent)}
    rows = [{"batch": number, "record": record, "mends": mends} for record, mends in enumerate(records, 1) if mends in held]
    if rows:
        connection.execute(mended.insert(), rows)


def release_mended(connection: Connection, mend: Batch) -> None:
    """The held rows that a mend brought in are held no longer: those of its records that were not held again. Of a mend of a mend
    this goes up to the batch where the row was held first."""
    again = select(quarantine.c.record).where(quarantine.c.batch == mend.id)
    came = select(mended.c.mends).where(mended.c.batch == mend.id, mended.c.record.not_in(again))
    parent = mend.parent
    while parent is not None:
        held = (quarantine.c.batch == parent, quarantine.c.released_by.is_(None), quarantine.c.record.in_(came))
        connection.execute(update(quarantine).where(*held).values(released_by=mend.id))
        came = select(mended.c.mends).where(mended.c.batch == parent, mended.c.record.in_(came))
        parent = find_batch(connection, parent).parent


def _batch(row: Mapping[Any, Any]) -> Batch:
    values = dict(row)
    values["kind"] = Delivery(values["kind"])
    values["state"] = State(values["state"])
    values["reason"] = json.loads(values["reason"]) if values["reason"] else None
    return Batch(**values)
