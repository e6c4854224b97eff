"""Who stands behind a request, and whether the definitions are still those that the process knows: asked in one statement, for every
request asks it. A token or a session's clear text comes in; tokens are made in ``tokens``, sessions in ``accounts``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from hub.core.principals import Principal
from hub.core.vault import Vault
from hub.store.ledger_tables import account, definition, session
from hub.store.tokens import BY_DIGEST, read_back

_DIGEST: BindParameter[str] = bindparam("digest")
_NOW: BindParameter[int] = bindparam("now")
_SESSION = session.c.digest == _DIGEST, session.c.expires_at > _NOW
_ARRIVAL = select(
    select(func.coalesce(func.max(definition.c.id), 0)).scalar_subquery(),
    BY_DIGEST.scalar_subquery(),
    select(account.c.principal).join_from(session, account, account.c.id == session.c.account).where(*_SESSION).scalar_subquery(),
    select(session.c.expires_at).where(*_SESSION).scalar_subquery(),
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """``mark``: of the definitions in force; ``principal``: who the token or session stands for, None for one that is unknown or past
    its time; ``expires_at``: of a session."""

    mark: int
    principal: Principal | None
    expires_at: int | None


def arrive(connection: Connection, vault: Vault, clear: str, now: int) -> Arrival:
    mark, by_token, by_session, expires_at = connection.execute(_ARRIVAL, {"digest": vault.token_digest(clear), "now": now}).one()
    found = by_token or by_session
    return Arrival(int(mark), None if found is None else _known(found), expires_at)


_known = lru_cache(maxsize=1024)(read_back)
