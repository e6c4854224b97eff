"""Local accounts: people who sign in by name and password, and their sessions.

A session is what a later single sign-on makes too, from its own proof instead of a password; everything behind it asks
``hub.store.arrivals`` alone. It ends at the end of the working day, or when nothing was asked in it for long. A name at whose password
somebody guesses is locked for a while, whoever guesses: the right password does not open it meanwhile. A name that is locked or disabled,
one that nobody has and a wrong password are refused after as long a time and in the same words, so that nobody learns which names there
are. What people do with an account of their own is in ``own_account``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, case, delete, or_, select, update

from hub.core import passwords
from hub.core.errors import Kind, YibiaoError, refused
from hub.core.messages import Message
from hub.core.principals import Principal
from hub.core.vault import Vault, new_token
from hub.store.engine import writing
from hub.store.ledger_tables import account, session
from hub.store.tokens import read_back, written
from hub.store.upserts import upsert

FAILURES = 5  # wrong passwords before a name is locked (GB/T 22239-2019 8.1.4.1 asks for a limit and names none)
MINUTE = 60 * 1_000_000
LOCKED_FOR = 15 * MINUTE
LASTS = 12 * 60 * MINUTE  # a working day
IDLE = 2 * 60 * MINUTE  # without a request
_NOTED = 15 * MINUTE  # how long after the last note of a request the next one is noted: not each of them is a writer

SIGN_IN_WRONG = Message(
    "sign_in_wrong", "用户名或密码不对。连续输错 {failures} 次就停用 {minutes} 分钟，其间正确的密码也不能登录；忘记密码请联系管理员。",
    "The name or the password is wrong. After {failures} wrong passwords a name is locked for {minutes} minutes, for the right one too; "
    "if you have forgotten it, ask the administrator.",
)  # fmt: skip
ACCOUNT_EXISTS = Message("account_exists", "已经有名为“{name}”的账号。", "There is an account named {name} already.")


LINK = "link:"  # before the name of what is a link to a phone (``hub.store.phone_links``)


@dataclass(frozen=True, slots=True)
class Account:
    """Instants are microseconds since 1970 in UTC; ``locked_until`` may be past. ``signed_in_before``: the sign-in before the last one;
    ``failed_at``: the last one that was refused."""

    name: str
    principal: Principal
    created_at: int
    locked_until: int | None
    signed_in_at: int | None
    signed_in_before: int | None
    failed_at: int | None
    disabled_at: int | None


def create_account(connection: Connection, name: str, password: str, principal: Principal, now: int) -> None:
    """A new account. Raises REFUSED ``account_exists``, INVALID for a password that will not do (``hub.core.passwords``)."""
    values = {"name": name, "password": passwords.kept(name, password), "principal": written(principal), "created_at": now, "failures": 0}
    made = upsert(connection, account).values(values).on_conflict_do_nothing().returning(account.c.id)
    if connection.execute(made).scalar_one_or_none() is None:
        raise refused(ACCOUNT_EXISTS, name=name)


def change_password(connection: Connection, name: str, password: str) -> bool:
    """A new password ends every session of the account and its lock. False if there is no such account."""
    values = {"password": passwords.kept(name, password), "failures": 0, "locked_until": None}
    number = connection.execute(update(account).where(account.c.name == name).values(values).returning(account.c.id)).scalar()
    connection.execute(delete(session).where(session.c.account == number))
    return number is not None


def disable(connection: Connection, name: str, now: int) -> bool:
    """Nobody signs in by the name any more, and its sessions end. False if there is no such account."""
    number = connection.execute(update(account).where(account.c.name == name).values(disabled_at=now).returning(account.c.id)).scalar()
    connection.execute(delete(session).where(session.c.account == number))
    return number is not None


def enable(connection: Connection, name: str) -> bool:
    """The name can be signed in by again, by the password that it had. False if there is no such account."""
    return connection.execute(update(account).where(account.c.name == name).values(disabled_at=None)).rowcount > 0


def sign_in(engine: Engine, vault: Vault, name: str, password: str, now: int) -> str:
    """A new session, in clear for the only time. Raises UNAUTHENTICATED ``sign_in_wrong``.

    The slow hash is taken outside the transaction: guessing must not keep others from writing.
    """
    with engine.connect() as connection:
        row = connection.execute(select(account).where(account.c.name == name)).first()
    right = passwords.matches(password, None if row is None else row.password)
    if row is not None:  # else nothing is written: a flood of names that nobody has is no flood of writers
        with writing(engine) as connection:
            if right and _let_in(connection, row.id, row.password, now):
                return _open(connection, vault, row.id, now)
            note_refused(connection, row.id, now, counted=not right)
    raise YibiaoError(Kind.UNAUTHENTICATED, SIGN_IN_WRONG, failures=FAILURES, minutes=LOCKED_FOR // MINUTE)


def is_open(number: int, judged: str, now: int) -> ColumnElement[bool]:
    """Of an account that may be signed in to, and whose password is still the one that was judged."""
    free = or_(account.c.locked_until.is_(None), account.c.locked_until <= now)
    return and_(account.c.id == number, account.c.password == judged, free, account.c.disabled_at.is_(None))


def _let_in(connection: Connection, number: int, judged: str, now: int) -> bool:
    """Whether the account is open; the failures are forgotten then."""
    values = {"failures": 0, "locked_until": None, "signed_in_before": account.c.signed_in_at, "signed_in_at": now}
    return connection.execute(update(account).where(is_open(number, judged, now)).values(values)).rowcount > 0


def note_refused(connection: Connection, number: int, now: int, *, counted: bool) -> None:
    """A sign-in was refused; ``counted``: by one more wrong password. A guess at a locked account does not lengthen the lock."""
    until = _locked_until(connection, number)
    values: dict[str, Any] = {"failed_at": now}
    if counted and (until is None or until <= now):
        values["failures"] = account.c.failures + 1
    noted = update(account).where(account.c.id == number).values(values).returning(account.c.failures)
    if connection.execute(noted).scalar_one() >= FAILURES:
        connection.execute(update(account).where(account.c.id == number).values(failures=0, locked_until=now + LOCKED_FOR))


def _locked_until(connection: Connection, number: int) -> int | None:
    """Read under the row's lock, so that of guesses at once each sees what the one before did."""
    chosen = select(account.c.locked_until).where(account.c.id == number).with_for_update()
    found: int | None = connection.execute(chosen).scalar_one_or_none()
    return found


def _open(connection: Connection, vault: Vault, number: int, now: int) -> str:
    clear = new_token()
    connection.execute(delete(session).where(session.c.account == number, session.c.expires_at <= now))
    connection.execute(session.insert().values(digest=vault.token_digest(clear), account=number, created_at=now, expires_at=now + IDLE))
    return clear


def note_request(engine: Engine, vault: Vault, clear: str, expires_at: int, now: int) -> None:
    """Something was asked in a session that is in force until ``expires_at``: it lasts for as long again, up to its last end."""
    if expires_at - now > IDLE - _NOTED:
        return
    last = session.c.created_at + LASTS
    with writing(engine) as connection:
        longer = case((last < now + IDLE, last), else_=now + IDLE)
        connection.execute(update(session).where(session.c.digest == vault.token_digest(clear)).values(expires_at=longer))


def list_accounts(connection: Connection) -> list[Account]:
    """All that people sign in to by name, by name; links of phones are none of them."""
    rows = connection.execute(select(account).where(~account.c.name.startswith(LINK)).order_by(account.c.name))
    return [as_account(row) for row in rows]


def as_account(row: Row[Any]) -> Account:
    return Account(
        row.name, read_back(row.principal), row.created_at, row.locked_until, row.signed_in_at, row.signed_in_before, row.failed_at,
        row.disabled_at,
    )  # fmt: skip


def end_session(connection: Connection, vault: Vault, clear: str) -> None:
    """Signing out: what somebody copied of it is worth nothing any more."""
    connection.execute(delete(session).where(session.c.digest == vault.token_digest(clear)))
