"""Examines a running hub: can it work, and what would stop it? Reads only; every finding says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

from sqlalchemy import func, select, text

from hub.checks.suite import suite_of
from hub.core.clock import CITY
from hub.core.errors import YibiaoError
from hub.core.messages import Message
from hub.core.plan import parse
from hub.core.settings import without_password
from hub.pipeline import CONNECTORS, pulled_contracts
from hub.store.hub import Hub
from hub.store.ledger_tables import batch, quarantine

DATABASE = Message("doctor_database", "{url}，已知 {known} 次变更", "{url}, {known} acts known")
KEYS = Message("doctor_keys", "密钥可用：封存后能原样打开", "the keys work: what is sealed opens again")
KEYS_WRONG = Message("doctor_keys_wrong", "密钥打不开库中的密文：{reason}", "the keys do not open what the database holds: {reason}")
CONNECTOR = Message("doctor_connector", "来源类型 {kind} 的连接器已安装", "the connector for {kind} is installed")
CONNECTOR_MISSING = Message(
    "doctor_connector_missing",
    "没有来源类型 {kind} 的连接器；契约 {contracts} 无法接收",
    "no connector for {kind}: {contracts} cannot be pulled",
)
ZONE = Message("doctor_zone", "计划按 {zone} 的时间执行", "plans run in the time zone {zone}")
CONTRACT_RULES = Message("doctor_rules", "{count} 个契约的规则和计划都能执行", "rules and plans of {count} contracts can run")
CONTRACT_WRONG = Message("doctor_rules_wrong", "契约 {contract}：{reason}", "contract {contract}: {reason}")
WAITING = Message("doctor_waiting", "没有等待人工处理的批次", "no batch waits for a person")
WAITING_SOME = Message(
    "doctor_waiting_some",
    "{count} 个批次在等待人工处理：yibiao batch show {first}",
    "{count} batches wait for a person: yibiao batch show {first}",
)


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing looked at. ``what`` is a word; ``well`` is whether it is in order."""

    what: str
    well: bool
    text: Message
    values: dict[str, Any] = field(default_factory=dict)


def examine(hub: Hub) -> list[Examined]:
    """Everything, in the order in which it matters."""
    parts: tuple[Callable[[Hub], Iterator[Examined]], ...] = (_database, _keys, _connectors, _contracts, _zone, _waiting)
    return [found for part in parts for found in part(hub)]


def _database(hub: Hub) -> Iterator[Examined]:
    with hub.engine.connect() as connection:
        known = connection.execute(text("SELECT known FROM tick")).scalar()
    yield Examined("database", True, DATABASE, {"url": without_password(hub.settings.database_url), "known": known})


def _keys(hub: Hub) -> Iterator[Examined]:
    """A sealed row of the quarantine is opened, if there is one: the key file may be another hub's."""
    with hub.engine.connect() as connection:
        row = connection.execute(select(quarantine.c.raw, batch.c.dataset).join(batch, batch.c.id == quarantine.c.batch).limit(1)).first()
    try:
        if row is not None:
            hub.vault.open(f"raw:{hub.tables.by_number(row.dataset).contract.id}", [row.raw])
        (blob,) = hub.vault.seal("doctor", ["一表"])
        hub.vault.open("doctor", [blob])
    except YibiaoError as error:
        yield Examined("keys", False, KEYS_WRONG, {"reason": error.text(hub.settings.language)})
        return
    yield Examined("keys", True, KEYS)


def _connectors(hub: Hub) -> Iterator[Examined]:
    kinds: dict[str, list[str]] = {}
    for name in pulled_contracts(hub.catalog):
        source = hub.catalog.contracts[name].source
        assert source is not None
        kinds.setdefault(source.kind, []).append(name)
    installed = {entry.name for entry in entry_points(group=CONNECTORS)}
    for kind, contracts in sorted(kinds.items()):
        there = kind in installed
        yield Examined("connector", there, CONNECTOR if there else CONNECTOR_MISSING, {"kind": kind, "contracts": "、".join(contracts)})


def _contracts(hub: Hub) -> Iterator[Examined]:
    well = 0
    for contract in hub.catalog.contracts.values():
        try:
            suite_of(contract, hub.catalog.elements, CITY)
            if contract.schedule:
                parse(contract.schedule, CITY)
            well += 1
        except YibiaoError as error:
            yield Examined("contract", False, CONTRACT_WRONG, {"contract": contract.id, "reason": error.text(hub.settings.language)})
    yield Examined("contracts", True, CONTRACT_RULES, {"count": well})


def _zone(hub: Hub) -> Iterator[Examined]:
    yield Examined("zone", True, ZONE, {"zone": CITY.key})


def _waiting(hub: Hub) -> Iterator[Examined]:
    with hub.engine.connect() as connection:
        count, first = connection.execute(select(func.count(), func.min(batch.c.id)).where(batch.c.state.in_(["waiting", "aside"]))).one()
    yield Examined("batches", not count, WAITING_SOME if count else WAITING, {"count": count, "first": first})
