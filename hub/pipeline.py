"""The one way a batch travels (design §5): pull, normalise, check rows, seal, stage, check batch, merge, resolve, conflicts, close.

Killed at any instant, a batch is wholly in or wholly out, and the next run carries on. Great Expectations comes in as
``Checker``, because only worker processes may import it. Which deliveries there are is the source's answer; when to ask is
the schedule's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import URL, make_url

from hub.checks.duplicates import duplicates
from hub.checks.finding import FINDINGS, RuleResult
from hub.checks.judge import Verdict, judge
from hub.checks.suite import Check, suite_of
from hub.core.errors import Kind, YibiaoError, not_found, refused
from hub.core.messages import Message
from hub.intake.checked import Context
from hub.intake.normalise import normalise_frame, prepare
from hub.intake.plan import Plan
from hub.intake.port import End, Frame, Offer, Source, SourceContext
from hub.intake.seal import row_hashes, seal, seal_raw
from hub.registry.model import Catalog, Contract, Delivery, Severity
from hub.store import batches, staging
from hub.store.acts import Outcome, merge_batch
from hub.store.batches import Batch, State
from hub.store.broken_rows import broken_count, broken_rows
from hub.store.cursors import read_cursor, write_cursor
from hub.store.engine import STAGE, writing
from hub.store.hub import Hub
from hub.store.messages import BATCH_STATE
from hub.store.staging import Staging

CONNECTORS = "yibiao.sources"

NO_CONTRACT = Message("contract_not_found", "没有名为 {contract} 的契约。", "There is no contract {contract}.")
NO_CONNECTOR = Message(
    "connector_missing",
    "契约 {contract} 的来源类型“{kind}”没有对应的连接器。请安装提供入口点 yibiao.sources:{kind} 的软件包。",
    "No connector for the source kind {kind} of {contract} is installed: install a package with the entry point yibiao.sources:{kind}.",
)
NO_SOURCE = Message(
    "contract_without_source", "契约 {contract} 没有写明从哪里取数。", "The contract {contract} does not say where it is pulled from."
)
RULES_REFUSE = Message(
    "refused_quality",
    "本批次不符合契约的质量规则：{rules}。未生效；请更正后重新报送。",
    "The batch breaks the contract's quality rules: {rules}. Nothing of it took effect: mend it and send it again.",
)
RULES_WAIT = Message(
    "waiting_quality",
    "质量规则无法判定：{rules}。批次等待人工处理。",
    "These quality rules could not be judged: {rules}. The batch waits for a person.",
)
NO_ROWS_LEFT = Message(
    "refused_nothing_left",
    "本批次没有一行可用（读入 {read} 行，全部隔离）。未生效；请先按提示更正。",
    "No row of this batch can be used ({read} read, all quarantined). Nothing of it took effect: mend the rows first.",
)

# (url, table, schema, checks, rows, as of, count of broken rows) -> results: hub.checks.batch.check_batch in a worker.
Checker = Callable[..., tuple[RuleResult, ...]]


@dataclass(frozen=True, slots=True)
class Travelled:
    """How one batch fared, for people and for ``--json``."""

    batch: int
    contract: str
    as_of: date
    state: State
    read: int
    accepted: int
    unchanged: int
    quarantined: int
    ended: int
    seconds: float
    reason: YibiaoError | None = None

    @property
    def rows_per_second(self) -> float:
        return self.read / self.seconds if self.seconds else 0.0


def connect(hub: Hub, contract: Contract, folder: Path) -> Source:
    """The contract's source. Raises NOT_FOUND where it has none or its connector is not installed."""
    if contract.source is None:
        raise not_found(NO_SOURCE, contract=contract.id)
    found = entry_points(group=CONNECTORS, name=contract.source.kind)
    if not found:
        raise not_found(NO_CONNECTOR, contract=contract.id, kind=contract.source.kind)
    factory = next(iter(found)).load()
    context = SourceContext(folder=folder, today=hub.today(), secrets=hub.secrets)
    source: Source = factory(contract, dict(contract.source.options), context)
    return source


def contract_of(hub: Hub, name: str) -> Contract:
    if name not in hub.catalog.contracts:
        raise not_found(NO_CONTRACT, contract=name)
    return hub.catalog.contracts[name]


def pulled_contracts(catalog: Catalog) -> list[str]:
    """The contracts that are pulled from a department; the township's own come in by forms."""
    return [c.id for c in catalog.contracts.values() if c.source is not None and c.source.kind != "forms"]


def pull(hub: Hub, name: str, folder: Path, check: Checker) -> Iterator[Travelled]:
    """Every delivery of a contract that is ready and not yet in, oldest first. Stops at one that does not get in."""
    contract = contract_of(hub, name)
    number = hub.tables.datasets[name].number
    with hub.engine.connect() as connection:
        last = batches.last_merged(connection, number)
        cursor = read_cursor(connection, number)
    source = connect(hub, contract, folder)
    try:
        for offer in source.offers(last.as_of if last else None, cursor):
            travelled = travel(hub, contract, source, offer, check)
            yield travelled
            if travelled.state not in (State.CLOSED, State.REPEATED):
                return
    finally:
        source.close()


def travel(hub: Hub, contract: Contract, source: Source, offer: Offer, check: Checker, parent: int | None = None) -> Travelled:
    """One delivery through all steps. A refusal is an outcome, not an exception; a source that fails raises."""
    started = time.perf_counter()
    dataset = hub.tables.datasets[contract.id]
    with writing(hub.engine) as connection:
        batch = _resumed(connection, dataset.number, offer)
        if batch is None:
            kind = Delivery.MEND if parent is not None else offer.kind
            number = batches.open_batch(connection, dataset.number, contract.version, kind, offer.as_of, offer.name, hub.micros(), parent)
            batch = batches.find_batch(connection, number)
            staging.create(connection, staging.staging(dataset, number))
    stage = staging.staging(dataset, batch.id)
    try:
        if batch.state is State.OPEN:
            _stage_frames(hub, contract, source, offer, batch, stage)
        return replace(finish(hub, batch.id, check), seconds=time.perf_counter() - started)
    except YibiaoError as error:
        if error.kind is Kind.UNAVAILABLE:
            raise
        return _give_up(hub, batch.id, stage, error, time.perf_counter() - started)


def _resumed(connection: Any, number: int, offer: Offer) -> Batch | None:
    """The batch of the same delivery that a killed process left, if any."""
    left = batches.unfinished(connection, number)
    return left if left is not None and (left.name, left.as_of) == (offer.name, offer.as_of) else None


def _stage_frames(hub: Hub, contract: Contract, source: Source, offer: Offer, batch: Batch, stage: Staging) -> None:
    context = Context(hub.today())
    plan = prepare(contract, hub.catalog, context)
    keys = prepare(_keys_only(contract), hub.catalog, context)
    read, quarantined = batch.read, batch.quarantined
    digest, again = batch.digest or "", batch.cursor is not None
    for item in source.read(offer, _opened(hub, batch.cursor)):
        if isinstance(item, End):
            _note_end(hub, batch, item)
            return
        checked = normalise_frame(item, plan)
        sealed = seal(checked.rows, contract, hub.catalog, hub.vault)
        digest = hashlib.sha256((digest + "".join(sealed["fingerprint"].to_list())).encode()).hexdigest()
        read, quarantined = read + item.values.height, quarantined + checked.held.height
        raw = pl.concat([item.places.select("record"), item.values], how="horizontal")
        held = _held_keys(item, checked.held, keys, hub)
        with hub.engine.begin() as connection:
            staging.add_frame(connection, stage, hub.vault, sealed, held, raw, again=again)
            batches.add_findings(connection, batch.id, checked.findings)
            batches.add_quarantine(connection, batch.id, _sealed_held(checked.held, contract, hub))
            batches.add_warnings(connection, batch.id, checked.warnings)
            batches.write(connection, batch.id, read=read, quarantined=quarantined, cursor=_sealed(hub, item.cursor), digest=digest)
        again = False


def _note_end(hub: Hub, batch: Batch, end: End) -> None:
    """What the pull closed with. Only one proven complete may end what it does not name."""
    kind = Delivery.DELTA if batch.kind is Delivery.SNAPSHOT and not end.complete else batch.kind
    with hub.engine.begin() as connection:
        batches.add_warnings(connection, batch.id, end.warnings)
        batches.write(connection, batch.id, state=State.STAGED, kind=kind.value, cursor=end.cursor)


def _sealed(hub: Hub, cursor: str | None) -> str | None:
    """Where a pull resumes may be the key of a person."""
    (blob,) = hub.vault.seal("cursor", [cursor])
    return None if blob is None else base64.b64encode(blob).decode()


def _opened(hub: Hub, sealed: str | None) -> str | None:
    (cursor,) = hub.vault.open("cursor", [None if sealed is None else base64.b64decode(sealed)])
    return cursor


def _keys_only(contract: Contract) -> Contract:
    """The contract with its row key alone: by it the keys of held rows are read, whatever else is wrong with them."""
    fields = tuple(f if f.key_position else replace(f, ignored="key only") for f in contract.fields)
    names = {f.name for f in contract.key}
    return replace(contract, fields=fields, roles=tuple(replace(r, says={}) for r in contract.roles if r.key in names), records=())


def _held_keys(frame: Frame, held: pl.DataFrame, keys: Plan, hub: Hub) -> pl.DataFrame:
    """record, row_hash of the held rows whose key can be read."""
    if held.is_empty():
        return pl.DataFrame(schema={"record": pl.Int64, "row_hash": pl.String})
    chosen = frame.places["record"].is_in(held["record"].implode())
    part = replace(
        frame, values=frame.values.filter(chosen), kinds=frame.kinds.filter(chosen) if frame.kinds.width else frame.kinds, places=frame.places.filter(chosen)
    )  # fmt: skip
    rows = normalise_frame(part, keys).rows
    hashes = pl.Series("row_hash", row_hashes(rows, keys.contract, hub.vault), pl.String)
    return pl.DataFrame([rows["record"], hashes]).drop_nulls()


def _sealed_held(held: pl.DataFrame, contract: Contract, hub: Hub) -> list[tuple[int, int | None, bytes]]:
    blobs = seal_raw(held["raw"].to_list(), contract, hub.vault)
    return list(zip(held["record"].to_list(), held["line"].to_list(), blobs, strict=True))


def finish(hub: Hub, number: int, check: Checker) -> Travelled:
    """From the staged batch to its close: duplicates, quality rules, merge. Also lets a waiting batch go on."""
    started = time.perf_counter()
    with hub.engine.connect() as connection:
        batch = batches.find_batch(connection, number)
    dataset = hub.tables.by_number(batch.dataset)
    stage = staging.staging(dataset, number)
    _hold_duplicates(hub, batch, stage)
    _check_rules(hub, dataset.contract, batch, stage, check)
    with writing(hub.engine) as connection:
        batch = batches.find_batch(connection, number)
        outcome = merge_batch(connection, hub.tables, batch, stage.rows, stage.held, hub.micros(), hub.today())
        if outcome.state is State.WAITING:
            connection.rollback()
    return _closed(hub, batch, stage, outcome, time.perf_counter() - started)


def _closed(hub: Hub, batch: Batch, stage: Staging, outcome: Outcome, seconds: float) -> Travelled:
    with writing(hub.engine) as connection:
        if outcome.state is State.WAITING and outcome.reason is not None:
            batches.write(connection, batch.id, state=State.WAITING, reason=_as_data(outcome.reason))
        else:
            staging.drop(connection, stage)
            if batch.cursor is not None and batch.kind is not Delivery.MEND:
                write_cursor(connection, batch.dataset, batch.cursor)  # only now: a refused delta is pulled again
    contract = stage.dataset.contract.id
    return Travelled(
        batch.id, contract, batch.as_of, outcome.state, batch.read, outcome.accepted, outcome.unchanged, batch.quarantined, outcome.ended,
        seconds, outcome.reason,
    )  # fmt: skip


def _hold_duplicates(hub: Hub, batch: Batch, stage: Staging) -> None:
    with hub.engine.connect() as connection:
        twice = staging.repeated(connection, stage)
    if twice.is_empty():
        return
    keys = stage.dataset.contract.key
    found = duplicates(twice, keys[0].name if keys else None)
    equal = found.filter(pl.col("rule") == "duplicate_row")["record"].to_list()
    unlike = found.filter(pl.col("rule") != "duplicate_row")["record"].to_list()
    _quarantine_staged(hub, batch, stage, found, ((equal, False), (unlike, True)))


def _quarantine_staged(hub: Hub, batch: Batch, stage: Staging, found: pl.DataFrame, groups: tuple[tuple[list[int], bool], ...]) -> None:
    """Hold rows that turned out bad after staging. Each group: record numbers, and whether their keys count as held."""
    lines = dict(zip(found["record"].to_list(), found["line"].to_list(), strict=True))
    with hub.engine.begin() as connection:
        came = staging.as_they_came(connection, stage, hub.vault, lines)
        records = sorted(lines)
        blobs = seal_raw([came[record] for record in records], stage.dataset.contract, hub.vault)
        for part, held in groups:
            staging.take_out(connection, stage, part, held=held)
        batches.add_quarantine(connection, batch.id, [(r, lines[r], b) for r, b in zip(records, blobs, strict=True)])
        batches.add_findings(connection, batch.id, found)
        current = batches.find_batch(connection, batch.id)
        batches.write(connection, batch.id, quarantined=current.quarantined + len(records))


def _check_rules(hub: Hub, contract: Contract, batch: Batch, stage: Staging, check: Checker) -> None:
    """Great Expectations on the staged rows, judged by the hub's limits. Raises REFUSED when the batch may not go on."""
    with hub.engine.connect() as connection:
        rows = staging.count(connection, stage)
    if rows == 0 and batch.kind is Delivery.SNAPSHOT:
        raise refused(NO_ROWS_LEFT, read=batch.read, place=batch.name)
    if rows == 0:
        return  # a delta may have nothing new
    checks = suite_of(contract, hub.catalog.elements, hub.settings.time_zone).of(batch.kind)
    by_name = {one.name: one for one in checks}

    def broken(one: Check) -> int:
        with hub.engine.connect() as connection:
            return int(connection.execute(broken_count(one, stage.rows, batch.as_of)).scalar_one())

    url, schema = _stage_url(hub)
    results = check(url, stage.rows.name, schema, checks, rows=rows, as_of=batch.as_of, count_broken=broken)
    with hub.engine.begin() as connection:
        batches.add_rule_results(connection, batch.id, results)
    decision = judge(results)
    if decision.verdict is Verdict.REFUSE:
        raise refused(RULES_REFUSE, rules="、".join(decision.refused_by), place=batch.name)
    if decision.verdict is Verdict.WAIT:
        raise YibiaoError(Kind.CONFLICT, RULES_WAIT, rules="、".join(decision.waits_for), place=batch.name)
    for name in decision.quarantine:
        _hold_broken(hub, batch, stage, by_name[name])


def _stage_url(hub: Hub) -> tuple[URL | str, str | None]:
    url = make_url(hub.settings.database_url)
    if url.get_backend_name() == "sqlite":
        return url.set(database=str(Path(url.database or "").with_suffix(".stage.db"))), None
    return url, STAGE


def _hold_broken(hub: Hub, batch: Batch, stage: Staging, one: Check) -> None:
    with hub.engine.connect() as connection:
        places = staging.lines_of(connection, stage, broken_rows(one, stage.rows))
    found = pl.DataFrame(
        [(record, line, one.columns[0], "quality", Severity.QUARANTINE.value, None, one.name, None) for record, line in places],
        schema=FINDINGS, orient="row",
    )  # fmt: skip
    _quarantine_staged(hub, batch, stage, found, (([record for record, _ in places], True),))


def _give_up(hub: Hub, number: int, stage: Staging, error: YibiaoError, seconds: float) -> Travelled:
    """Nothing of the batch takes effect; why is written down. A batch that only waits keeps its staged rows."""
    state = State.WAITING if error.kind is Kind.CONFLICT else State.REFUSED
    with writing(hub.engine) as connection:
        batches.write(connection, number, state=state, reason=_as_data(error), closed_at=None if state is State.WAITING else hub.micros())
        if state is State.REFUSED:
            staging.drop(connection, stage)
        batch = batches.find_batch(connection, number)
    contract = stage.dataset.contract.id
    return Travelled(number, contract, batch.as_of, state, batch.read, 0, 0, batch.quarantined, 0, seconds, error)


def _as_data(error: YibiaoError) -> dict[str, Any]:
    """A refusal as the ledger keeps it: code, both texts and the values that can be written as JSON."""
    values = json.loads(json.dumps(error.values, default=str, ensure_ascii=False))
    return {"code": error.code, "zh": error.text("zh"), "en": error.text("en"), "values": values}


def let_pass(hub: Hub, number: int, by: str, check: Checker) -> Travelled:
    """A person says yes to a batch that the breaker held."""
    with writing(hub.engine) as connection:
        batch = batches.find_batch(connection, number)
        if batch.state is not State.WAITING:
            raise refused(BATCH_STATE, batch=number, state=batch.state.value)
        batches.write(connection, number, forced_by=by, state=State.STAGED)
    return finish(hub, number, check)
