"""A quality rule in words: what it asks of its columns, and what becomes of a delivery that breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.core.messages import LANGUAGES, Message, messages
from hub.registry.model import QualityRule, Severity

_SHOWN = 20  # of a set: it may have a thousand values

_ASKS = messages(
    "rule_asks.",
    {
        "not_null": ("{first} 不为空", "{first} is filled in"),
        "unique": ("{first} 不重复", "{first} does not repeat"),
        "unique_together": ("{fields} 合起来不重复", "{fields} together do not repeat"),
        "in_set": ("{first} 是 {values} 之一", "{first} is one of {values}"),
        "regex": ("{first} 符合格式 {pattern}", "{first} has the pattern {pattern}"),
        "between": ("{first} 在 {min} 到 {max} 之间", "{first} is between {min} and {max}"),
        "between_min": ("{first} 不小于 {min}", "{first} is at least {min}"),
        "between_max": ("{first} 不大于 {max}", "{first} is at most {max}"),
        "compare": ("{first} {operator} {second}", "{first} {operator} {second}"),
        "row_count": ("行数在 {min} 到 {max} 之间", "the number of rows is between {min} and {max}"),
        "row_count_min": ("行数不少于 {min}", "the number of rows is at least {min}"),
        "row_count_max": ("行数不多于 {max}", "the number of rows is at most {max}"),
        "null_share": ("{first} 为空的比例不大于 {max}", "the share of empty {first} is at most {max}"),
        "freshness": ("{first} 的最近日期距截至日期不超过 {days} 天", "the latest {first} is at most {days} days before the as-of date"),
    },
)
_UNKNOWN = Message("rule_asks.unknown", "{rule}({fields})", "{rule} ({fields})")
_BREAKS = {
    Severity.WARN: Message("rule_breaks.warn", "不符则提醒", "else a warning"),
    Severity.QUARANTINE: Message("rule_breaks.quarantine", "不符的行隔离", "else the rows are held"),
    Severity.REFUSE: Message("rule_breaks.refuse", "不符则整批拒收", "else the batch is refused"),
}
_LIMIT = Message("rule_limit", "，容许 {limit:.3g}%", ", {limit:.3g}% allowed")


def asks(rule: QualityRule, language: str = "zh", columns: Mapping[str, str] | None = None) -> str:
    """What the rule asks; ``columns``: field -> the column's name in the export, for the department that sends it."""
    names = [(columns or {}).get(name, name) for name in rule.fields]
    bounds = [bound for bound in ("min", "max") if bound in rule.arguments]
    variant = f"{rule.rule}_{bounds[0]}" if len(bounds) == 1 else rule.rule
    message = _ASKS.get(variant) or _ASKS.get(rule.rule) or _UNKNOWN
    comma = ", " if language == "en" else "、"
    values: dict[str, Any] = {**rule.arguments, "rule": rule.rule, "fields": comma.join(names) or "—"}
    values |= dict(zip(("first", "second"), names, strict=False))
    if isinstance(members := rule.arguments.get("values"), list | tuple):
        values["values"] = comma.join(str(member) for member in members[:_SHOWN]) + ("…" if len(members) > _SHOWN else "")
    return message.text(language, values)


def described(rule: QualityRule, language: str = "zh") -> str:
    """The whole rule: what it asks, what breaking it does, and the share of rows that may."""
    breaks = _BREAKS[rule.severity].text(language)
    limit = _LIMIT.text(language, {"limit": rule.limit * 100}) if rule.limit else ""
    return f"{asks(rule, language)} ({breaks}{limit})" if language == "en" else f"{asks(rule, language)}({breaks}{limit})"


def in_both(key: str, rule: QualityRule) -> dict[str, str]:
    """``key``_zh and ``key``_en: the whole rule, as a message takes it."""
    return {f"{key}_{language}": described(rule, language) for language in LANGUAGES}
