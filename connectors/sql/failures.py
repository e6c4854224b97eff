"""What a database's failure means to the hub. Nothing of the driver's own text is passed on but names and codes: it
holds statements, values and, on a failed connection, the password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from hub.intake.port import Kind, YibiaoError, invalid, refusals

# A refused connection has no SQLSTATE, only the server's text, in the server's language.
_REFUSED_LOGIN = re.compile(r"authentication|认证|pg_hba|role \"|角色 ?\"|no password supplied", re.IGNORECASE)
_SQLITE_NAMES = re.compile(r"^(no such (?:table|column|function): [\w.]+|file is not a database|near \".{0,20}\")")
# SQLSTATE classes: 08 connection, 53 resources, 57 operator intervention (also a timeout), 40 rollback, 55 in use
_TRY_AGAIN = ("08", "53", "57", "40", "55")


@contextmanager
def reported(place: str) -> Iterator[None]:
    """Turns a driver's error into the hub's: UNAVAILABLE, UNAUTHENTICATED, or INVALID ``refused_source``/``_encoding``."""
    try:
        yield
    except DBAPIError as error:
        raise _meaning(error, place) from None  # the chain would show the password to whoever prints it
    except UnicodeDecodeError as error:
        raise invalid(refusals.ENCODING, place=place, found=error.encoding) from None


def _meaning(error: DBAPIError, place: str) -> YibiaoError:
    state = getattr(error.orig, "sqlstate", None)
    text = str(error.orig)
    if state is None:
        return _without_state(error, text, place)
    if state.startswith("28"):
        return YibiaoError(Kind.UNAUTHENTICATED, refusals.CREDENTIALS, place=place, found=state)
    if state.startswith(_TRY_AGAIN):
        return YibiaoError(Kind.UNAVAILABLE, refusals.UNAVAILABLE, place=place, found=state)
    return invalid(refusals.SOURCE, place=place, found=f"{state} {type(error.orig).__name__}")


def _without_state(error: DBAPIError, text: str, place: str) -> YibiaoError:
    sqlite = getattr(error.orig, "sqlite_errorname", None)
    if sqlite is None:
        if _REFUSED_LOGIN.search(text):
            return YibiaoError(Kind.UNAUTHENTICATED, refusals.CREDENTIALS, place=place, found="login")
        return YibiaoError(Kind.UNAVAILABLE, refusals.UNAVAILABLE, place=place, found="connection")
    if sqlite.startswith(("SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_INTERRUPT")):
        return YibiaoError(Kind.UNAVAILABLE, refusals.UNAVAILABLE, place=place, found=sqlite)
    named = _SQLITE_NAMES.match(text)
    if sqlite == "SQLITE_NOTADB":
        return invalid(refusals.FORMAT, place=place, found="not SQLite")
    return invalid(refusals.SOURCE, place=place, found=named.group(1) if named else sqlite)
