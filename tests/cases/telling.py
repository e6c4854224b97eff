"""What a message about bad input must tell (REP-03): where, which column, what was found, what was agreed, what to do; nothing private."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.checks.messages import COLUMN, explain, remedy
from hub.core.errors import YibiaoError
from hub.core.identifiers import read_citizen_id
from hub.registry.model import Contract

# Rules about a record as a whole, or about its absence in a cell: what was found cannot be shown, or is nothing.
WHOLE_RECORD = {"row_shape", "encoding"}
NOTHING_THERE = {"required", "uncached_formula", "quality"}


def well_told_finding(finding: Mapping[str, Any], contract: Contract) -> None:
    """One row of FINDINGS, in both languages."""
    columns = {field.name: field.physical for field in contract.fields}
    field, rule = finding["field"], finding["rule"]
    assert rule in WHOLE_RECORD or field in columns
    assert rule in WHOLE_RECORD | NOTHING_THERE or finding["found"], "what was found"
    assert rule in WHOLE_RECORD or rule.startswith("duplicate") or finding["agreed"], "what was agreed"
    for language in ("zh", "en"):
        text = explain(finding, language, columns)
        assert str(finding["record"]) in text, "the record"
        assert finding["line"] is None or str(finding["line"]) in text, "the line of the file, or the row of the sheet"
        assert field is None or COLUMN.text(language, {"column": columns[field]}) in text, "the column by the sender's own name"
        assert not finding["found"] or finding["found"] in text, "what was found"
        todo = remedy(finding, language)
        assert todo, "what to do"
        assert todo.lower() in text.lower()
        _nothing_private(text)


def well_told_refusal(error: YibiaoError, delivery: str) -> None:
    """A refused delivery: its place, or where there is none its name, and what to do."""
    for language in ("zh", "en"):
        text = error.text(language)
        assert "{" not in text, "every placeholder has its value"
        assert (str(error.values["place"]) or delivery) in text
        assert text.count("。" if language == "zh" else ". ") + text.endswith(".") >= 1
        _nothing_private(text)
    assert re.search("请|稍后", error.text("zh")), "what to do"


def _nothing_private(text: str) -> None:
    """No whole citizen id, and no name of the cases' people (their middle character is 样)."""
    assert not [found for found in re.findall(r"[0-9]{17}[0-9Xx]", text) if read_citizen_id(found).value]
    assert not re.search("[王李张刘陈杨赵黄周]样[甲-癸]", text)
