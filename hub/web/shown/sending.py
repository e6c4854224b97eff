"""Asking for work: an uploaded file, a pull, a held batch that may go on. A worker does it; here it is judged whether it may."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePath

from hub.core.errors import invalid, refused
from hub.core.principals import may_send
from hub.pipeline import NO_SOURCE, contract_of
from hub.registry.model import Contract, Delivery
from hub.store.batches import State
from hub.store.engine import writing
from hub.store.jobs import UPLOADS, Job, JobKind, ask, waiting_for
from hub.store.messages import BATCH_STATE
from hub.web import messages as m
from hub.web.context import Asked, allow
from hub.web.shown.batches import find_batch

ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".ndjson", ".jsonl", ".json", ".parquet", ".csv.gz", ".ndjson.gz")


@dataclass(slots=True)
class Upload:
    """A file that came: where it is kept, what its sender called it, SHA-256 of its content in hex; ``taken``: a job reads it."""

    path: Path
    name: str
    digest: str
    taken: bool = False


def place_for(home: Path, name: str) -> Path:
    """A new place under the hub's home for a file of this name. Raises INVALID ``upload_name``."""
    bare = PurePath(name.replace("\\", "/")).name
    if not bare.lower().endswith(ENDINGS) or bare.startswith("."):
        raise invalid(m.BAD_NAME, name=bare[:80])
    folder = home / UPLOADS / secrets.token_hex(8)
    folder.mkdir(parents=True, mode=0o700)
    return folder / _short(bare)


def _short(name: str) -> str:
    """A name that every file system takes: no control characters, at most 200 bytes, its ending kept."""
    clean = "".join(sign if sign.isprintable() else "_" for sign in name)
    return clean.encode()[-200:].decode(errors="ignore")


def send(asked: Asked, contract_id: str, upload: Upload, as_of: str | None, kind: str | None, parent: int | None, key: str | None) -> Job:
    """Hand a file to the workers; gives the job: a new one, or the earlier one that an Idempotency-Key names."""
    contract = may_send_to(asked, contract_id)
    delivery = _kind(contract, kind, parent)
    day = _day(as_of, asked.hub.today())
    if parent is not None:
        _, of = find_batch(asked, parent)
        if of.id != contract.id:
            raise invalid(m.PARENT_OTHER, parent=parent, contract=contract.id)
    payload = {"path": str(upload.path), "name": upload.name, "as_of": day.isoformat(), "kind": delivery.value, "parent": parent}
    digest = f"{upload.digest}:{day}:{delivery.value}:{parent}"
    request_key = None if key is None else f"{asked.principal.name}/{contract.id}/{key}"
    with writing(asked.hub.engine) as connection:
        job, new = ask(
            connection, JobKind.UPLOAD, contract.id, payload, asked.principal.name, asked.hub.micros(),
            request_key=request_key, request_digest=digest,
        )  # fmt: skip
    upload.taken = new
    return job


def ask_pull(asked: Asked, contract_id: str) -> Job:
    """Ask for a pull of a contract now."""
    contract = may_send_to(asked, contract_id)
    if contract.source is None or contract.source.kind == "forms":
        raise refused(NO_SOURCE, contract=contract.id)
    with writing(asked.hub.engine) as connection:
        return ask(connection, JobKind.PULL, contract.id, {}, asked.principal.name, asked.hub.micros())[0]


def let_pass(asked: Asked, number: int) -> Job:
    """Say yes to a batch that waits. Raises REFUSED ``batch_state`` for one that does not."""
    batch, contract = find_batch(asked, number)
    allow(may_send(asked.principal, contract.id), asked, m.MAY_NOT_SEND, contract=contract.id)
    if batch.state is not State.WAITING:
        raise refused(BATCH_STATE, batch=number, state=batch.state.value)
    payload = {"batch": number}
    with writing(asked.hub.engine) as connection:
        for job in waiting_for(connection, contract.id):
            if job.kind is JobKind.FINISH and job.payload == payload and job.ended_at is None:
                return job  # said twice
        return ask(connection, JobKind.FINISH, contract.id, payload, asked.principal.name, asked.hub.micros())[0]


def may_send_to(asked: Asked, contract_id: str) -> Contract:
    """Raises NOT_FOUND or FORBIDDEN."""
    contract = contract_of(asked.hub, contract_id)
    allow(may_send(asked.principal, contract.id), asked, m.MAY_NOT_SEND, contract=contract.id)
    return contract


def _kind(contract: Contract, kind: str | None, parent: int | None) -> Delivery:
    """The contract's own kind, a delta instead of a snapshot (it ends nobody), or a mend, which needs its parent."""
    delivery = Delivery.MEND if kind is None and parent is not None else contract.delivery if not kind else _known(contract, kind)
    if delivery is Delivery.MEND and parent is None:
        raise invalid(m.PARENT_MISSING)
    if delivery is Delivery.SNAPSHOT and contract.delivery is not Delivery.SNAPSHOT:
        raise invalid(m.BAD_KIND, asked=kind, agreed=contract.delivery.value)
    return delivery


def _known(contract: Contract, kind: str) -> Delivery:
    if kind not in set(Delivery):
        raise invalid(m.BAD_KIND, asked=kind[:40], agreed=contract.delivery.value)
    return Delivery(kind)


def _day(text: str | None, today: date) -> date:
    try:
        day = datetime.strptime(text or "", "%Y-%m-%d").date()  # other ISO dates, such as weeks, nobody means
    except ValueError as error:
        raise invalid(m.BAD_DATE) from error
    if day > today:  # it would be the last delivery for years: nothing behind it would be pulled
        raise invalid(m.FUTURE_DATE, day=day)
    return day
