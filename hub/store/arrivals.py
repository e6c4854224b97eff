"""Who stands behind a request, and whether the definitions are still those that the process knows: asked in one statement, for every
request asks it. A token or a session's clear text comes in; tokens are made in ``tokens``, sessions in ``accounts``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, Engine, bindparam, func, select

from hub.core.principals import Principal
from hub.core.vault import Vault
from hub.store.ledger_tables import account, definition, session
from hub.store.prepared import Prepared
from hub.store.tokens import BY_DIGEST, read_back
from hub.store.work import stand_columns, stand_of

_DIGEST: BindParameter[str] = bindparam("digest")
_NOW: BindParameter[int] = bindparam("now")
_SESSION = (  # one row, also where there is no session
    select(func.max(account.c.principal), func.max(session.c.expires_at))
    .join_from(session, account, account.c.id == session.c.account)
    .where(session.c.digest == _DIGEST, session.c.expires_at > _NOW)
    .subquery("by_session")
)
_ARRIVING = (  # columns of one row
    select(func.coalesce(func.max(definition.c.id), 0)).scalar_subquery(),
    BY_DIGEST.scalar_subquery(),
    *_SESSION.c,
)
_ARRIVAL = Prepared(select(*_ARRIVING))


@dataclass(frozen=True, slots=True)
class Arrival:
    """``mark``: of the definitions in force; ``principal``: who the token or session stands for, None for one that is unknown or past
    its time; ``expires_at``: of a session."""

    mark: int
    principal: Principal | None
    expires_at: int | None


def arrive(engine: Engine, vault: Vault, clear: str, now: int) -> Arrival:
    return _arrival(*_ARRIVAL.row(engine, {"digest": vault.token_digest(clear), "now": now}))


def arrive_at(
    engine: Engine, vault: Vault, clear: str, now: int, form: str, text: str, units: Collection[str]
) -> tuple[Arrival, tuple[Any, ...]]:
    """The same, with the mark of the reports that are asked for (``work.stand``): one statement."""
    which = {"digest": vault.token_digest(clear), "now": now} | stand_of(form, text, units)
    row = _arrival_at(len(units)).row(engine, which)
    return _arrival(*row[: len(_ARRIVING)]), row[len(_ARRIVING) :]


@lru_cache(maxsize=64)
def _arrival_at(units: int) -> Prepared:
    return Prepared(select(*_ARRIVING, *stand_columns(units)))


def _arrival(mark: int, by_token: str | None, by_session: str | None, expires_at: int | None) -> Arrival:
    found = by_token or by_session
    return Arrival(int(mark), None if found is None else _known(found), expires_at)


_known = lru_cache(maxsize=1024)(read_back)
