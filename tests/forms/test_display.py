"""How people read what stands in a report."""

from __future__ import annotations

import pytest

from hub.forms.display import period_text


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("2026-10", "2026年10月", "October 2026"), ("2026Q3", "2026年第三季度", "Q3 2026"),
        ("2026S1", "2026年上半年", "first half of 2026"), ("2026S2", "2026年下半年", "second half of 2026"),
    ],
)  # fmt: skip
def test_a_period_is_told_in_words(text: str, zh: str, en: str) -> None:
    assert (period_text(text, "zh"), period_text(text, "en")) == (zh, en)
