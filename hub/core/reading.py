"""What reading one value gives: the value, or the rule that it breaks. Not a Finding: it knows no row and no field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """``value`` is the canonical value (None: nothing was said, or ``rule`` is set).

    ``rule`` is one of the rules of ``hub.checks.finding.RULES``; ``hint`` a machine word that picks the remedy text;
    ``agreed`` overrides what the field says was agreed (candidate places, nearest codes); ``warning`` is the kind of
    something to tell that holds nothing back.
    """

    value: Any = None
    rule: str | None = None
    hint: str | None = None
    agreed: str | None = None
    warning: str | None = None


NOTHING = Reading()
