"""One's own account, asked for by the session in which one is signed in: when it was used, and a new password for the old one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, select, update

from hub.core import passwords
from hub.core.errors import invalid, refused
from hub.core.messages import Message
from hub.core.vault import Vault
from hub.store import accounts
from hub.store.engine import writing
from hub.store.ledger_tables import account, session

NO_PASSWORD = Message(
    "password_none",
    "您不是用用户名和密码登录的，没有可以修改的密码。",
    "You have not signed in by name and password: there is no password to change.",
)
OLD_PASSWORD_WRONG = Message(
    "password_old_wrong", "原密码不对，密码没有改。连续输错 {failures} 次，账号停用 {minutes} 分钟，其间不能登录，也不能改密码。",
    "The old password is wrong, and nothing was changed. After {failures} wrong ones the account is locked for {minutes} minutes, in which "
    "nobody signs in by it and its password stays.",
)  # fmt: skip
PASSWORD_SAME = Message("password_same", "新密码和原密码相同。请换一个。", "The new password is the old one: choose another.")


def own_account(connection: Connection, vault: Vault, clear: str, now: int) -> accounts.Account | None:
    """The account of a session that is in force. None for a token and for a link on the phone: nobody signs in to these by name."""
    row = _row(connection, vault, clear, now)
    return None if row is None else accounts.as_account(row)


def change_own_password(engine: Engine, vault: Vault, clear: str, old: str, new: str, now: int) -> None:
    """The account's other sessions end. Wrong old passwords count as wrong ones of a sign-in do, so that nobody who finds a session open
    guesses at it. Raises REFUSED ``password_none``, INVALID ``password_old_wrong``, ``password_same``, and for a new one that will not do
    (``hub.core.passwords``).
    """
    with engine.connect() as connection:
        row = _row(connection, vault, clear, now)
    if row is None:
        raise refused(NO_PASSWORD)
    kept = passwords.kept(row.name, new)
    right = passwords.matches(old, row.password)
    if right and passwords.matches(new, row.password):
        raise invalid(PASSWORD_SAME)
    with writing(engine) as connection:
        chosen = update(account).where(accounts.is_open(row.id, row.password, now)).values(password=kept, failures=0, locked_until=None)
        if right and connection.execute(chosen).rowcount:
            other = session.c.digest != vault.token_digest(clear)
            connection.execute(delete(session).where(session.c.account == row.id, other))
            return
        accounts.note_refused(connection, row.id, now, counted=not right)
    raise invalid(OLD_PASSWORD_WRONG, failures=accounts.FAILURES, minutes=accounts.LOCKED_FOR // accounts.MINUTE)


def _row(connection: Connection, vault: Vault, clear: str, now: int) -> Row[Any] | None:
    named = session.c.digest == vault.token_digest(clear), session.c.expires_at > now, ~account.c.name.startswith(accounts.LINK)
    return connection.execute(select(account).join_from(session, account, account.c.id == session.c.account).where(*named)).first()
