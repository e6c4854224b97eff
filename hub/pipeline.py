"""The one way a batch travels (design §5): pull, normalise, check rows, seal, stage, check batch, merge, resolve, conflicts, close.

Killed at any instant, a batch is wholly in or wholly out, and the next run carries on. Great Expectations comes in as
``Checker``, because only worker processes may import it. Which deliveries there are is the source's answer; when to ask is
the schedule's.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path

import polars as pl
from sqlalchemy import URL, Connection, make_url

from hub.checks.duplicates import duplicates
from hub.checks.finding import FINDINGS, RuleResult
from hub.checks.judge import Verdict, judge
from hub.checks.suite import Check, suite_of
from hub.core.clock import CITY
from hub.core.errors import Kind, YibiaoError, not_found, refused
from hub.core.log import masked
from hub.core.messages import Message
from hub.intake.checked import Context
from hub.intake.held import held_keys, prepare_held
from hub.intake.normalise import normalise_frame, prepare
from hub.intake.port import End, Offer, Source, SourceContext
from hub.intake.seal import seal, seal_raw
from hub.registry.model import Catalog, Contract, Delivery, Severity
from hub.store import batches, claims, staging
from hub.store.acts import merge_batch
from hub.store.batches import Batch, State
from hub.store.broken_rows import broken_count, broken_rows
from hub.store.claims import Mend, Sent
from hub.store.cursors import read_cursor, write_cursor
from hub.store.engine import STAGE, lock_merge, writing
from hub.store.hub import Hub
from hub.store.messages import BATCH_AHEAD, BATCH_ASIDE, BATCH_BREAKER, BATCH_BUSY, BATCH_OVERTAKEN, BATCH_STATE
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
    "{place}：本批次不符合契约的质量规则：{rules}。未生效；请更正后重新报送。",
    "{place}: the batch breaks the contract's quality rules: {rules}. Nothing of it took effect: mend it and send it again.",
)
RULES_WAIT = Message(
    "waiting_quality",
    "{place}：质量规则无法判定：{rules}。批次等待人工处理。",
    "{place}: these quality rules could not be judged: {rules}. The batch waits for a person.",
)
NO_ROWS_LEFT = Message(
    "refused_nothing_left",
    "{place}：本批次没有一行可用（读入 {read} 行，全部隔离）。未生效；请先按提示更正。",
    "{place}: no row of this batch can be used ({read} read, all quarantined). Nothing of it took effect: mend the rows first.",
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
    """Every delivery of a contract that is ready and not yet in, oldest first.

    Stops at one that waits for a person. One that is refused stops changes, which have to come in their order, and no whole lists:
    the next one says everything again.
    """
    contract = contract_of(hub, name)
    number = hub.tables.datasets[name].number
    with hub.engine.connect() as connection:
        last = batches.last_merged(connection, number)
        cursor = read_cursor(connection, number)
    source = connect(hub, contract, folder)
    try:
        for offer in source.offers(last.as_of if last else None, cursor):
            with hub.engine.connect() as connection:
                aside = claims.find_aside(connection, number, masked(offer.name), offer.as_of)
            travelled = travel(hub, contract, source, offer, check) if aside is None else _aside(hub, aside)
            yield travelled
            came_in = travelled.state in (State.CLOSED, State.REPEATED)
            if travelled.state is State.WAITING or not (came_in or contract.delivery is Delivery.SNAPSHOT):
                return
    finally:
        source.close()


def travel(hub: Hub, contract: Contract, source: Source, offer: Offer, check: Checker, mend: Mend | None = None) -> Travelled:
    """One delivery through all steps. A refusal is an outcome, not an exception; a source that fails raises.

    Raises CONFLICT ``batch_busy`` while another delivery of the dataset is being taken.
    """
    started = time.perf_counter()
    offer = replace(offer, name=masked(offer.name))  # a file may be called by somebody's number, and its name is shown
    with _alone(hub, contract, offer.name):
        travelled = _travel(hub, contract, source, offer, check, mend)
    return replace(travelled, seconds=time.perf_counter() - started)


@contextmanager
def _alone(hub: Hub, contract: Contract, place: str) -> Iterator[None]:
    with claims.alone(hub.engine, hub.tables.datasets[contract.id].number) as free:
        if not free:
            raise YibiaoError(Kind.CONFLICT, BATCH_BUSY, contract=contract.id, place=place)
        yield


def _travel(hub: Hub, contract: Contract, source: Source, offer: Offer, check: Checker, mend: Mend | None) -> Travelled:
    dataset = hub.tables.datasets[contract.id]
    sent = Sent(offer.name, offer.as_of, offer.kind) if mend is None else Sent(offer.name, offer.as_of, Delivery.MEND, mend.parent)
    with writing(hub.engine) as connection:
        batch = claims.begin(connection, dataset, sent, hub.micros(), hub.settings.limits.deaths)
        stage = staging.staging(dataset, batch.id)
        if batch.state is State.ASIDE:
            return _aside(hub, batch)
        claims.count_claim(connection, batch.id, 1)
    try:
        if batch.state is State.OPEN:
            _stage_frames(hub, contract, source, offer, batch, stage, mend)
        with writing(hub.engine) as connection:
            again = None if claims.adds_up(connection, batch.id, stage) else claims.start_over(connection, batch.id, stage)
        if again is not None:
            _stage_frames(hub, contract, source, offer, again, stage, mend)
        return finish(hub, batch.id, check)
    except BaseException as error:
        with writing(hub.engine) as connection:
            claims.count_claim(connection, batch.id, -1)
        if not isinstance(error, YibiaoError) or error.kind is Kind.UNAVAILABLE:
            raise
        return _give_up(hub, batch.id, stage, error)


def _stage_frames(hub: Hub, contract: Contract, source: Source, offer: Offer, batch: Batch, stage: Staging, mend: Mend | None) -> None:
    if batch.as_of > hub.today():  # it would be the last delivery until then: nothing behind it would be pulled
        raise refused(BATCH_AHEAD, place=batch.name, day=batch.as_of)
    context = Context(hub.today(), batch.as_of)
    plan = prepare(contract, hub.catalog, context)
    unread = prepare_held(contract, hub.catalog, context)
    read, quarantined = batch.read, batch.quarantined
    digest, again = batch.digest or "", True  # a process that died may have staged the first frame without a word in the ledger
    for item in source.read(offer, _opened(hub, batch.cursor)):
        if isinstance(item, End):
            _note_end(hub, batch, item, mend)
            return
        checked = normalise_frame(item, plan)
        sealed = seal(checked.rows, contract, hub.catalog, hub.vault)
        read, quarantined = read + item.values.height, quarantined + checked.held.height
        raw = pl.concat([item.places.select("record"), item.values], how="horizontal")
        held = held_keys(item, checked.held["record"], unread, hub.vault)
        digest = _digest(digest, sealed["fingerprint"], held)
        # Two transactions: nobody waits for the ledger with the stage in hand, or the other way round (SQLite's are two files).
        with hub.engine.begin() as connection:
            staging.add_frame(connection, stage, hub.vault, sealed, held, raw, again=again)
        with writing(hub.engine) as connection:
            batches.add_findings(connection, batch.id, checked.findings)
            batches.add_quarantine(connection, batch.id, _sealed_held(checked.held, contract, hub))
            batches.add_warnings(connection, batch.id, checked.warnings)
            batches.write(connection, batch.id, read=read, quarantined=quarantined, cursor=_sealed(hub, item.cursor), digest=digest)
        again = False


def _digest(before: str, fingerprints: pl.Series, held: pl.DataFrame) -> str:
    """Tells a batch's content from another's: what it says, and of whom it says nothing because their rows are held."""
    silent = held.select(pl.coalesce("row_hash", "name_hash")).to_series()
    return hashlib.sha256("\n".join([before, *fingerprints, "held", *silent]).encode()).hexdigest()


def _note_end(hub: Hub, batch: Batch, end: End, mend: Mend | None) -> None:
    """What the pull closed with. Only one proven complete may end what it does not name."""
    kind = Delivery.DELTA if batch.kind is Delivery.SNAPSHOT and not end.complete else batch.kind
    with hub.engine.begin() as connection:
        batches.add_warnings(connection, batch.id, end.warnings)
        if mend is not None:
            batches.note_mended(connection, batch.id, mend.parent, mend.records())
        batches.write(connection, batch.id, state=State.STAGED, kind=kind.value, cursor=end.cursor)


def _sealed(hub: Hub, cursor: str | None) -> str | None:
    """Where a pull resumes may be the key of a person."""
    (blob,) = hub.vault.seal("cursor", [cursor])
    return None if blob is None else base64.b64encode(blob).decode()


def _opened(hub: Hub, sealed: str | None) -> str | None:
    (cursor,) = hub.vault.open("cursor", [None if sealed is None else base64.b64decode(sealed)])
    return cursor


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
        lock_merge(connection)
        batch = batches.find_batch(connection, number)
        if (hub := hub.in_force(connection)).catalog.contracts[dataset.contract.id].version != batch.contract_version:
            raise YibiaoError(Kind.UNAVAILABLE, BATCH_OVERTAKEN, contract=dataset.contract.id, place=batch.name)
        outcome = merge_batch(connection, hub.tables, batch, stage.rows, stage.held, hub.micros(), hub.today(), names=stage.names)
        if outcome.reason is not None:
            connection.rollback()
        else:  # in the same transaction: a process that dies behind it leaves nothing to do
            _clear_up(connection, batch, stage)
    if outcome.reason is not None:
        with writing(hub.engine) as connection:
            batches.write(connection, number, state=State.WAITING, reason=batches.as_reason(outcome.reason))
    return replace(
        _outcome(hub, batch, outcome.state, outcome.reason),
        accepted=outcome.accepted, unchanged=outcome.unchanged, ended=outcome.ended, seconds=time.perf_counter() - started,
    )  # fmt: skip


def _clear_up(connection: Connection, batch: Batch, stage: Staging) -> None:
    """What is to be done once a batch is in."""
    staging.drop(connection, stage)
    if batch.kind is Delivery.MEND:
        batches.release_mended(connection, batch)
    elif batch.cursor is not None:
        write_cursor(connection, batch.dataset, batch.cursor)  # only now: a refused delta is pulled again


def _outcome(hub: Hub, batch: Batch, state: State, reason: YibiaoError | None) -> Travelled:
    contract = hub.tables.by_number(batch.dataset).contract
    return Travelled(batch.id, contract.id, batch.as_of, state, batch.read, 0, 0, batch.quarantined, 0, 0.0, reason)


def _aside(hub: Hub, batch: Batch) -> Travelled:
    return _outcome(hub, batch, State.ASIDE, refused(BATCH_ASIDE, deaths=batch.claims, place=batch.name))


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
    with writing(hub.engine) as connection:
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
    rows = _rows_left(hub, batch, stage)
    if rows == 0:
        return  # a delta may have nothing new
    checks = suite_of(contract, hub.catalog.elements, CITY).of(batch.kind)
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
    if decision.quarantine:
        _hold_broken(hub, batch, stage, [by_name[name] for name in decision.quarantine])
    _rows_left(hub, batch, stage)


def _rows_left(hub: Hub, batch: Batch, stage: Staging) -> int:
    """How many rows may go on. Raises REFUSED for a snapshot without any: it would end everybody."""
    with hub.engine.connect() as connection:
        rows = staging.count(connection, stage)
    if rows == 0 and batch.kind is Delivery.SNAPSHOT:
        raise refused(NO_ROWS_LEFT, read=batch.read, place=batch.name)
    return rows


def _stage_url(hub: Hub) -> tuple[URL | str, str | None]:
    url = make_url(hub.settings.database_url)
    if url.get_backend_name() == "sqlite":
        return url.set(database=str(Path(url.database or "").with_suffix(".stage.db"))), None
    return url, STAGE


def _hold_broken(hub: Hub, batch: Batch, stage: Staging, broken: Sequence[Check]) -> None:
    """Hold the rows that break these rules, each with every rule that it breaks."""
    with hub.engine.connect() as connection:
        found = pl.DataFrame(
            [
                (record, line, one.columns[0], "quality", Severity.QUARANTINE.value, None, one.name, None)
                for one in broken
                for record, line in staging.lines_of(connection, stage, broken_rows(one, stage.rows))
            ],
            schema=FINDINGS,
            orient="row",
        )
    _quarantine_staged(hub, batch, stage, found, ((found["record"].unique().to_list(), True),))


def _give_up(hub: Hub, number: int, stage: Staging, error: YibiaoError) -> Travelled:
    """Nothing of the batch takes effect; why is written down. A batch that only waits keeps its staged rows."""
    state = State.WAITING if error.kind is Kind.CONFLICT else State.REFUSED
    closed = None if state is State.WAITING else hub.micros()
    with writing(hub.engine) as connection:
        batches.write(connection, number, state=state, reason=batches.as_reason(error), closed_at=closed)
        if state is State.REFUSED:
            staging.drop(connection, stage)
        return _outcome(hub, batches.find_batch(connection, number), state, error)


def let_pass(hub: Hub, number: int, by: str, check: Checker) -> Travelled:
    """A person says yes to a batch that the breaker held, or asks that rules which could not be judged are judged again."""
    with hub.engine.connect() as connection:
        batch = batches.find_batch(connection, number)
    dataset = hub.tables.by_number(batch.dataset)
    with _alone(hub, dataset.contract, batch.name):
        with writing(hub.engine) as connection:
            batch = batches.find_batch(connection, number)
            if batch.state not in (State.WAITING, State.STAGED):  # staged: a process died after the yes
                raise refused(BATCH_STATE, batch=number, state=batch.state.value)
            reason = (batch.reason or {}).get("code")
            batches.write(connection, number, state=State.STAGED, **({"forced_by": by} if reason == BATCH_BREAKER.code else {}))
        try:
            return finish(hub, number, check)
        except YibiaoError as error:
            if error.kind is Kind.UNAVAILABLE:
                raise
            return _give_up(hub, number, staging.staging(dataset, number), error)
