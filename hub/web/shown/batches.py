"""Batches, their findings and their quarantined rows, within the departments of who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.checks.batch_messages import told
from hub.checks.finding import Warned
from hub.checks.messages import RULE_TEXTS, explain, explain_warning, remedy
from hub.core.principals import department_limit, may_read_rows, may_see_contract
from hub.intake.mending import HeldRow, mending_workbook
from hub.intake.seal import open_raw
from hub.pipeline import contract_of
from hub.registry.model import Contract
from hub.store import batch_reading, batches, jobs
from hub.store.batches import Batch
from hub.store.jobs import Job, JobKind
from hub.web import messages as m
from hub.web.context import Asked, allow
from hub.web.shown.values import moment, plain


def contract_seen(asked: Asked, name: str) -> Contract:
    """The contract, for somebody who may see its batches; raises NOT_FOUND or FORBIDDEN."""
    contract = contract_of(asked.hub, name)
    allow(may_see_contract(asked.principal, name), asked, m.MAY_NOT_SEE, contract=name)
    return contract


def job_seen(asked: Asked, job: Job) -> None:
    """Raises FORBIDDEN for somebody who may not know of the job: one about reports is its asker's, one about a contract is seen by
    whoever sees the contract's batches."""
    if job.kind is JobKind.FREEZE:
        allow(job.requested_by == asked.principal.name, asked, m.MAY_NOT_SEE_JOB, job=job.id)
    else:
        contract_seen(asked, job.contract)


def list_batches(asked: Asked, contract: str | None, before: int | None, limit: int) -> list[Batch]:
    """Newest first."""
    limits = department_limit(asked.principal)
    with asked.hub.engine.connect() as connection:
        return batch_reading.visible_batches(connection, asked.hub.tables, limits, contract, before, limit)


def find_batch(asked: Asked, number: int) -> tuple[Batch, Contract]:
    """Raises NOT_FOUND, also for a batch of another department."""
    with asked.hub.engine.connect() as connection:
        batch = batch_reading.visible_batch(connection, asked.hub.tables, department_limit(asked.principal), number)
    return batch, asked.hub.tables.by_number(batch.dataset).contract


def batch_data(batch: Batch, contract: Contract, language: str) -> dict[str, Any]:
    """A batch as JSON."""
    return {
        "id": batch.id, "contract": contract.id, "contract_version": batch.contract_version, "kind": batch.kind.value,
        "as_of": plain(batch.as_of), "revision": batch.revision, "state": batch.state.value, "name": batch.name,
        "parent": batch.parent, "read": batch.read, "accepted": batch.accepted, "unchanged": batch.unchanged,
        "quarantined": batch.quarantined, "ended": batch.ended, "reason": reason(batch.reason, language), "forced_by": batch.forced_by,
        "started_at": plain(moment(batch.started_at)), "closed_at": plain(moment(batch.closed_at)),
    }  # fmt: skip


def reason(stored: Mapping[str, Any] | None, language: str) -> dict[str, Any] | None:
    """Why a batch waits or was refused, in a language."""
    if stored is None:
        return None
    return {"code": stored.get("code"), "detail": stored.get("en" if language == "en" else "zh")}


def last_of_each(asked: Asked) -> dict[str, Batch]:
    """The newest batch of each contract that has one."""
    with asked.hub.engine.connect() as connection:
        newest = batches.newest_of_each(connection)
    return {asked.hub.tables.by_number(batch.dataset).contract.id: batch for batch in newest}


def details(asked: Asked, batch: Batch) -> dict[str, Any]:
    """What goes with one batch: rule results, warnings, and the findings counted."""
    with asked.hub.engine.connect() as connection:
        rules = batches.rule_results_of(connection, batch.id)
        warnings = [Warned(one["kind"], one["place"], one["count"]) for one in batches.warnings_of(connection, batch.id)]
        counts = batch_reading.finding_counts(connection, batch.id)
        held = batches.count_held(connection, batch.id)
    return {
        "rules": [{name: rule[name] for name in _RULE} | {"message": told(rule["message"], asked.language)} for rule in rules],
        "warnings": [{"kind": w.kind, "place": w.place, "count": w.count, "text": explain_warning(w, asked.language)} for w in warnings],
        "findings": [{"rule": rule, "field": field, "severity": severity, "count": many} for rule, field, severity, many in counts],
        "held": held,
    }


_RULE = ("rule", "fields", "outcome", "checked", "broken", "severity", "limit_share", "dimension", "message")


def findings(asked: Asked, batch: Batch, contract: Contract, after: int, limit: int) -> list[dict[str, Any]]:
    """The findings with their text: place, what was found (masked), what was agreed, what to do."""
    columns = {field.name: field.physical for field in contract.fields}
    rules = {rule.name: rule for rule in contract.quality}
    with asked.hub.engine.connect() as connection:
        found = batches.findings_of(connection, batch.id, after, limit)
    return [
        {
            "id": item["id"], "record": item["record"], "line": item["line"], "field": item["field"],
            "column": columns.get(item["field"] or "", item["field"]), "rule": item["rule"], "severity": item["severity"],
            "found": item["found"], "agreed": item["agreed"], "text": explain(item, asked.language, columns, rules),
            "wrong": RULE_TEXTS[item["rule"]].text(asked.language) if item["rule"] in RULE_TEXTS else item["rule"],
            "remedy": remedy(item, asked.language),
        }
        for item in found
    ]  # fmt: skip


def quarantine_workbook(asked: Asked, batch: Batch, contract: Contract) -> bytes:
    """The rows still held, for their sender alone: what came is shown as it came."""
    allow(may_read_rows(asked.principal, contract.id), asked, m.MAY_NOT_READ_ROWS, contract=contract.id)
    by_record: dict[int, list[dict[str, Any]]] = {}
    with asked.hub.engine.connect() as connection:
        held = batches.quarantine_of(connection, batch.id)
        for item in batches.findings_of(connection, batch.id, limit=1_000_000):
            by_record.setdefault(item["record"], []).append(item)
    cells = open_raw([raw for _, _, raw in held], contract, asked.hub.vault)
    rows = [HeldRow(record, row, by_record.get(record, ())) for (record, _, _), row in zip(held, cells, strict=True)]
    return mending_workbook(contract, rows, asked.language)


def job_data(job: Job) -> dict[str, Any]:
    """A piece of asked work as JSON."""
    return {
        "job": job.id, "kind": job.kind.value, "contract": job.contract, "state": job.state.value, "requested_by": job.requested_by,
        "created_at": plain(moment(job.created_at)), "ended_at": plain(moment(job.ended_at)), "outcome": job.outcome,
    }  # fmt: skip


def jobs_of(asked: Asked, contract: str) -> list[Job]:
    with asked.hub.engine.connect() as connection:
        return jobs.waiting_for(connection, contract)
