"""The columns that the hub itself puts into a workbook of rows to mend: they come back with it, and are no surprise."""

from __future__ import annotations

from collections.abc import Iterable

from hub.core.messages import LANGUAGES, Message

RECORD = Message("mending_record", "记录号（勿改）", "record (do not change)")
ROW_FINDINGS = Message("mending_row", "本行问题", "about this row")
FINDING = Message("mending_finding", "问题：{column}", "about {column}")


def own_heads(columns: Iterable[str]) -> frozenset[str]:
    """The titles of the hub's columns beside those of the contract, in every language."""
    whole = {message.text(language) for message in (RECORD, ROW_FINDINGS) for language in LANGUAGES}
    return frozenset(whole | {FINDING.text(language, {"column": column}) for column in columns for language in LANGUAGES})
