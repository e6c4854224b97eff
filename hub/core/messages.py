"""Texts for people, Chinese first: every message is declared once, beside the code that gives it.

A message has a stable code (part of the interface: clients branch on it), a Chinese and an English text with
``{placeholders}``. This module is not a list of messages: each package declares its own as constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

LANGUAGES = ("zh", "en")

_declared: dict[str, Message] = {}


class Bilingual(Protocol):
    """What has a name in both languages: a message's value that is one is put in by the name of the message's language."""

    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Message:
    """A text with a stable code. Declaring two different texts under one code raises ``ValueError``."""

    code: str
    zh: str
    en: str

    def __post_init__(self) -> None:
        known = _declared.setdefault(self.code, self)
        if known != self:
            raise ValueError(f"message code {self.code} is declared twice")

    def text(self, language: str, values: Mapping[str, object] | None = None) -> str:
        """The text in ``language`` ("zh" or "en"; any other falls back to Chinese) with the values put in."""
        template = self.en if language == "en" else self.zh
        return template.format_map(_Lenient({name: in_language(value, language) for name, value in (values or {}).items()}))


def word(name: Bilingual, language: str) -> str:
    """A name in a language, in Chinese where it has no other."""
    return (name.en if language == "en" else name.zh) or name.zh or name.en


def in_language(value: object, language: str) -> object:
    """What is ``Bilingual`` by its name in a language; anything else as it is."""
    return word(cast("Bilingual", value), language) if hasattr(value, "zh") and hasattr(value, "en") else value


def messages(prefix: str, texts: Mapping[str, tuple[str, str]]) -> dict[str, Message]:
    """A family of messages by name, each of (Chinese, English); the code is prefix and name."""
    return {name: Message(f"{prefix}{name}", zh, en) for name, (zh, en) in texts.items()}


def declared() -> tuple[Message, ...]:
    """Every message of the modules that were imported so far."""
    return tuple(_declared.values())


class _Lenient(dict[str, object]):
    """A value that a caller forgot shows as its name: a message must never fail while reporting a failure."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
