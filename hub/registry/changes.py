"""A difference between two versions of the definitions, as data. Who finds them: ``compatibility``, ``dictionary_changes``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hub.core.messages import Message


class ChangeKind(StrEnum):
    ADDS = "adds"
    REMOVES = "removes"
    RENAMES = "renames"
    NARROWS = "narrows"
    WIDENS = "widens"
    REDEFINES = "redefines"  # the same name with another meaning
    TERMS = "terms"  # schedule, freshness, sharing, limits


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``definition`` is what it belongs to (a contract's id, an element's name)."""

    kind: ChangeKind
    breaking: bool
    definition: str
    message: Message
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str = "zh") -> str:
        return self.message.text(language, self.values)
