"""Links by which village cadres sign in on their phones: a link that nobody can guess, and a PIN of their own on top of it.

A link is an account whose name is the link's digest and whose password is the link with the PIN behind it: a PIN alone is worth
nothing, and wrong ones lock the link as they lock any account. Whoever opens it first chooses the PIN.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Connection, Engine, delete, select, update

from hub.core import passwords
from hub.core.errors import Kind, YibiaoError, invalid, not_found, refused
from hub.core.messages import Message
from hub.core.principals import Principal
from hub.core.vault import Vault, new_token
from hub.store import accounts
from hub.store.ledger_tables import account, session
from hub.store.tokens import read_back, written

DIGITS = 6

BAD_PIN = Message(
    "pin_weak", "PIN 是 {digits} 位数字，不能全部相同，也不能是连号。", "A PIN is {digits} digits, not all the same and not in a row."
)
PIN_SET = Message(
    "pin_set",
    "这个链接已经设过 PIN。忘记了请乡镇重新发一个链接。",
    "The link has a PIN already. If it is forgotten, ask the township for a new link.",
)
PIN_WRONG = Message(
    "pin_wrong", "PIN 不对。连续输错 {failures} 次就停用 {minutes} 分钟，其间正确的 PIN 也打不开；忘记了请乡镇重新发一个链接。",
    "The PIN is wrong. After {failures} wrong ones the link is locked for {minutes} minutes, for the right one too; if it is forgotten, "
    "ask the township for a new link.",
)  # fmt: skip
NO_LINK = Message(
    "link_not_found", "链接无效或已被收回。请向乡镇要新的链接。", "The link is unknown or was taken back: ask the township for a new one."
)


@dataclass(frozen=True, slots=True)
class PhoneLink:
    """``number``: of its account; ``has_pin``: whether somebody has opened it and chosen one."""

    number: int
    principal: Principal
    has_pin: bool
    created_at: int


def make_link(connection: Connection, vault: Vault, principal: Principal, now: int) -> str:
    """A new link for a principal: its secret part, in clear for the only time."""
    clear = new_token()
    values = {"name": _name(vault, clear), "password": "", "principal": written(principal), "created_at": now, "failures": 0}
    connection.execute(account.insert().values(**values))
    return clear


def find_link(connection: Connection, vault: Vault, clear: str) -> PhoneLink:
    """Raises NOT_FOUND ``link_not_found``."""
    row = connection.execute(select(account).where(account.c.name == _name(vault, clear))).first()
    if row is None:
        raise not_found(NO_LINK)
    return PhoneLink(row.id, read_back(row.principal), row.password != "", row.created_at)


def choose_pin(connection: Connection, vault: Vault, clear: str, pin: str) -> None:
    """The first opening. Raises INVALID ``pin_weak``, REFUSED ``pin_set`` where there is one already."""
    digits = re.fullmatch(f"[0-9]{{{DIGITS}}}", pin) is not None
    steps = {int(after) - int(before) for before, after in pairwise(pin)} if digits else set()
    if not digits or (len(steps) == 1 and steps <= {-1, 0, 1}):
        raise invalid(BAD_PIN, digits=DIGITS)
    kept = passwords.kept(_name(vault, clear), clear + pin)
    chosen = update(account).where(account.c.name == _name(vault, clear), account.c.password == "").values(password=kept)
    if connection.execute(chosen.returning(account.c.id)).first() is None:
        raise refused(PIN_SET)


def sign_in(engine: Engine, vault: Vault, clear: str, pin: str, now: int) -> str:
    """A new session. Raises UNAUTHENTICATED ``pin_wrong``, also for the right PIN of a link that is locked."""
    try:
        return accounts.sign_in(engine, vault, _name(vault, clear), clear + pin, now)
    except YibiaoError as error:
        raise YibiaoError(Kind.UNAUTHENTICATED, PIN_WRONG, **error.values) from error


def list_links(connection: Connection) -> list[PhoneLink]:
    """All links, newest first, without the links themselves."""
    rows = connection.execute(select(account).where(account.c.name.startswith(accounts.LINK)).order_by(account.c.id.desc()))
    return [PhoneLink(row.id, read_back(row.principal), row.password != "", row.created_at) for row in rows]


def take_back(connection: Connection, number: int) -> None:
    """The link and its sessions end."""
    connection.execute(delete(session).where(session.c.account == number))
    connection.execute(delete(account).where(account.c.id == number, account.c.name.startswith(accounts.LINK)))


def _name(vault: Vault, clear: str) -> str:
    return accounts.LINK + vault.token_digest(clear)
