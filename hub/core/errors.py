"""One family of errors: kind, message, values. Only the web knows which HTTP status a kind is.

A bad input is never an exception of a library: the place that understands it raises one of these with the place, the
value (masked when personal), the rule and the remedy in its values.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from hub.core.messages import Message


class Kind(StrEnum):
    """What sort of failure it is, from the caller's point of view."""

    INVALID = "invalid"  # the input cannot be understood or breaks a rule: mend it and send again
    REFUSED = "refused"  # the input is understood and the answer is no, with reasons
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"  # somebody was faster, or the same key was used for other content
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    UNAVAILABLE = "unavailable"  # a source or the database does not answer: try again later


class YibiaoError(Exception):
    """Any failure that a person should read about.

    ``details`` are further errors of the same input (a file with several mistakes), each complete in itself.
    """

    def __init__(self, kind: Kind, message: Message, *, details: tuple[YibiaoError, ...] = (), **values: Any) -> None:
        self.kind = kind
        self.message = message
        self.values = values
        self.details = details
        super().__init__(message.text("en", values))

    @property
    def code(self) -> str:
        return self.message.code

    def text(self, language: str = "zh") -> str:
        return self.message.text(language, self.values)


def invalid(message: Message, **values: Any) -> YibiaoError:
    return YibiaoError(Kind.INVALID, message, **values)


def refused(message: Message, **values: Any) -> YibiaoError:
    return YibiaoError(Kind.REFUSED, message, **values)


def not_found(message: Message, **values: Any) -> YibiaoError:
    return YibiaoError(Kind.NOT_FOUND, message, **values)
