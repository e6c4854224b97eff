"""Local accounts: people who sign in by name and password, and their sessions.

A session is what a later single sign-on makes too, from its own proof instead of a password; everything behind it asks
``hub.store.arrivals`` alone. A name at whose password somebody guesses is locked for a while, whoever guesses: the right password
does not open it meanwhile. A name that nobody has takes as long to refuse, in the same words.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, delete, or_, select, update

from hub.core import passwords
from hub.core.clock import from_microseconds
from hub.core.errors import Kind, YibiaoError, refused
from hub.core.messages import Message
from hub.core.principals import Principal
from hub.core.vault import Vault, new_token
from hub.store.engine import writing
from hub.store.ledger_tables import account, session
from hub.store.tokens import written
from hub.store.upserts import upsert

FAILURES = 5  # wrong passwords before a name is locked (GB/T 22239-2019 8.1.4.1 asks for a limit and names none)
_MINUTE = 60 * 1_000_000
LOCKED_FOR = 15 * _MINUTE
LASTS = 12 * 60 * _MINUTE  # a working day

SIGN_IN_WRONG = Message(
    "sign_in_wrong", "用户名或密码不对。请核对后再试；忘记密码请联系管理员。",
    "The name or the password is wrong. Check both; if you have forgotten it, ask the administrator.",
)  # fmt: skip
SIGN_IN_LOCKED = Message(
    "sign_in_locked", "密码输错次数过多，请在 {until} 之后再试，或请管理员重设密码。",
    "Too many wrong passwords: try again after {until}, or ask the administrator for a new one.",
)  # fmt: skip
ACCOUNT_EXISTS = Message("account_exists", "已经有名为“{name}”的账号。", "There is an account named {name} already.")


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


def sign_in(engine: Engine, vault: Vault, name: str, password: str, now: int) -> str:
    """A new session, in clear for the only time. Raises UNAUTHENTICATED ``sign_in_wrong``, REFUSED ``sign_in_locked``.

    The slow hash is taken outside the transaction: guessing must not keep others from writing.
    """
    with engine.connect() as connection:
        row = connection.execute(select(account).where(account.c.name == name)).first()
    right = passwords.matches(password, None if row is None else row.password)
    if row is None:
        raise YibiaoError(Kind.UNAUTHENTICATED, SIGN_IN_WRONG)
    with writing(engine) as connection:
        locked = _let_in(connection, row.id, row.password, now) if right else _count_failure(connection, row.id, now)
        if right and not locked:
            return _open(connection, vault, row.id, now)
    if locked:
        raise refused(SIGN_IN_LOCKED, until=f"{from_microseconds(locked):%H:%M}")
    raise YibiaoError(Kind.UNAUTHENTICATED, SIGN_IN_WRONG)


def _let_in(connection: Connection, number: int, judged: str, now: int) -> int | None:
    """None, and the failures are forgotten; or until when the account is locked. Raises as ``sign_in`` where the password that was
    judged has been changed meanwhile."""
    free = or_(account.c.locked_until.is_(None), account.c.locked_until <= now)
    cleared = update(account).where(account.c.id == number, account.c.password == judged, free).values(failures=0, locked_until=None)
    if connection.execute(cleared).rowcount:
        return None
    until = _locked_until(connection, number)
    if until is None or until <= now:
        raise YibiaoError(Kind.UNAUTHENTICATED, SIGN_IN_WRONG)
    return until


def _count_failure(connection: Connection, number: int, now: int) -> int | None:
    """One more wrong password. Gives until when the account is locked; a guess at a locked one does not lengthen it."""
    until = _locked_until(connection, number)
    if until is not None and until > now:
        return until
    counted = update(account).where(account.c.id == number).values(failures=account.c.failures + 1).returning(account.c.failures)
    if connection.execute(counted).scalar_one() < FAILURES:
        return None
    connection.execute(update(account).where(account.c.id == number).values(failures=0, locked_until=now + LOCKED_FOR))
    return now + LOCKED_FOR


def _locked_until(connection: Connection, number: int) -> int | None:
    """Read under the row's lock, so that of guesses at once each sees what the one before did."""
    chosen = select(account.c.locked_until).where(account.c.id == number).with_for_update()
    found: int | None = connection.execute(chosen).scalar_one_or_none()
    return found


def _open(connection: Connection, vault: Vault, number: int, now: int) -> str:
    clear = new_token()
    connection.execute(delete(session).where(session.c.account == number, session.c.expires_at <= now))
    connection.execute(session.insert().values(digest=vault.token_digest(clear), account=number, created_at=now, expires_at=now + LASTS))
    return clear


def end_session(connection: Connection, vault: Vault, clear: str) -> None:
    """Signing out: what somebody copied of it is worth nothing any more."""
    connection.execute(delete(session).where(session.c.digest == vault.token_digest(clear)))
