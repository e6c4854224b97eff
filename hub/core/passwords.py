"""Passwords of people, as they are kept: Argon2id (RFC 9106) under a salt of their own, with the costs in the text.

The costs are those that OWASP's cheat sheet gives for sign-in (19 MiB, two passes): about 30 ms. Tokens and sessions are
random and need none of this (``hub.core.vault``).
"""

from __future__ import annotations

import secrets
import unicodedata

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from hub.core.errors import invalid
from hub.core.messages import Message

SHORTEST = 10
_LONGEST = 256  # a hash is slow: nobody sends it a book

PASSWORD_SHORT = Message(
    "password_short", "密码至少 {least} 个字符，至多 {most} 个。", "A password has at least {least} characters, and at most {most}."
)
PASSWORD_NAME = Message("password_name", "密码不能包含用户名。", "A password must not contain the user's name.")


def kept(name: str, password: str) -> str:
    """What is kept of a new password (PHC text). Raises INVALID ``password_short``, ``password_name``."""
    if not SHORTEST <= len(password) <= _LONGEST:
        raise invalid(PASSWORD_SHORT, least=SHORTEST, most=_LONGEST)
    if name.casefold() in password.casefold():
        raise invalid(PASSWORD_NAME)
    return _hash(secrets.token_bytes(16)).derive_phc_encoded(_bytes(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether it is the password that was kept. Of nobody (None) it never is, and that takes as long to find out."""
    if len(password) > _LONGEST:
        return False
    if stored is None:
        _hash(bytes(16)).derive(_bytes(password))
        return False
    try:
        Argon2id.verify_phc_encoded(_bytes(password), stored)
    except InvalidKey:
        return False
    return True


def _hash(salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=32, iterations=2, lanes=1, memory_cost=19 * 1024)


def _bytes(password: str) -> bytes:
    """Two keyboards may write one character in two ways (NIST SP 800-63B 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode()
