"""Tokens: who stands behind a request. A token is shown once, when it is made; only its keyed digest is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import BindParameter, Connection, bindparam, or_, select, update

from hub.core.principals import Principal, PrincipalKind, Role
from hub.core.vault import Vault, new_token
from hub.store.ledger_tables import token as tokens

_DIGEST: BindParameter[str] = bindparam("digest")
_NOW: BindParameter[int] = bindparam("now")
_IN_FORCE = or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > _NOW)
BY_DIGEST = select(tokens.c.principal).where(tokens.c.digest == _DIGEST, tokens.c.revoked_at.is_(None), _IN_FORCE)


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is listed: never the token itself. Instants are microseconds since 1970 in UTC."""

    id: int
    name: str
    principal: Principal
    created_at: int
    expires_at: int | None
    revoked_at: int | None


def create_token(connection: Connection, vault: Vault, principal: Principal, name: str, now: int, expires_at: int | None = None) -> str:
    """Make a token for a principal and return it in clear, for the only time."""
    clear = new_token()
    values = {"digest": vault.token_digest(clear), "name": name, "principal": written(principal), "created_at": now}
    connection.execute(tokens.insert().values(**values, expires_at=expires_at))
    return clear


def find_principal(connection: Connection, vault: Vault, token: str, now: int) -> Principal | None:
    """Who a token stands for; None for one that is unknown, revoked or past its time."""
    found = connection.execute(BY_DIGEST, {"digest": vault.token_digest(token), "now": now}).scalar_one_or_none()
    return None if found is None else read_back(found)


def list_tokens(connection: Connection) -> list[Token]:
    """All tokens ever made, oldest first."""
    columns = (tokens.c.id, tokens.c.name, tokens.c.principal, tokens.c.created_at, tokens.c.expires_at, tokens.c.revoked_at)
    rows = connection.execute(select(*columns).order_by(tokens.c.id))
    return [Token(row.id, row.name, read_back(row.principal), row.created_at, row.expires_at, row.revoked_at) for row in rows]


def revoke(connection: Connection, number: int, now: int) -> bool:
    """Take a token back, for ever. False if there is none of that number, or it was taken back before."""
    statement = update(tokens).where(tokens.c.id == number, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    return connection.execute(statement).rowcount == 1


def written(principal: Principal) -> str:
    """A principal as it is stored: canonical JSON."""
    data = {
        "kind": principal.kind.value, "name": principal.name, "organisation": principal.organisation,
        "roles": sorted(role.value for role in principal.roles), "area": list(principal.area),
        "departments": list(principal.departments), "whole_city": principal.whole_city,
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_back(text: str) -> Principal:
    """The principal that was ``written``."""
    data = json.loads(text)
    return Principal(
        PrincipalKind(data["kind"]), data["name"], data["organisation"], frozenset(Role(role) for role in data["roles"]),
        tuple(data["area"]), tuple(data["departments"]), data["whole_city"],
    )  # fmt: skip
