"""Words that people send: reasons, comments, proposals. A control character in them would end up in a workbook that cannot be opened,
or turn what stands beside them around."""

from __future__ import annotations

from typing import Annotated
from unicodedata import category

from pydantic import AfterValidator

_LINES = frozenset("\n\r\t")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # UAX 9: explicit formatting of directions


def seen(text: str) -> str:
    if any((category(sign) == "Cc" and sign not in _LINES) or sign in _TURNING for sign in text):
        raise ValueError("a control character")
    return text


Words = Annotated[str, AfterValidator(seen)]
