"""Texts of quality rules and batch checks."""

from __future__ import annotations

from hub.core.messages import Message
from hub.registry.messages import FAULTS, Fault
from hub.registry.model import Title

_AT = "契约 {contract} 的质量规则“{rule}”："
_AT_EN = "Quality rule {rule} of contract {contract}: "


def _rule(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> Message:
    """A mistake in a rule: what is wrong and what to do, told by lint in two columns like every mistake in a definition."""
    what = Title(_AT + zh, _AT_EN + en)
    message = Message(f"quality_{code}", f"{what.zh}。{remedy_zh}。", f"{what.en}. {remedy_en}.")
    FAULTS[message.code] = Fault(message, what, Title(remedy_zh, remedy_en))
    return message


# A rule that can be no rule: shown by lint, refused at publishing.
SUITE_WRONG = Message(
    "quality_suite_wrong", "契约 {contract} 有 {count} 条质量规则不可用。", "{count} quality rules of contract {contract} cannot be used."
)
UNKNOWN_RULE = _rule("unknown_rule", "没有“{what}”这种规则", "there is no rule {what}", "可用：{known}", "There are: {known}")
NAME_TWICE = _rule("name_twice", "名称出现两次", "the name is used twice", "请改名", "Rename one")
FIELD_COUNT = _rule(
    "field_count", "“{what}”需要 {agreed} 个字段，写了 {found} 个", "{what} takes {agreed} field(s), {found} given",
    "请核对 fields", "Check fields",
)  # fmt: skip
UNKNOWN_FIELD = _rule(
    "unknown_field", "契约没有可用的字段“{field}”（未登记或已忽略）", "the contract keeps no field {field} (unknown or ignored)",
    "请核对字段名", "Check the name of the field",
)  # fmt: skip
WRONG_TYPE = _rule(
    "wrong_type", "“{what}”不能用于{type}类型的字段“{field}”", "{what} does not apply to field {field} of type {type}",
    "请换一种规则，或换一个字段", "Use another rule, or another field",
)  # fmt: skip
SEALED_ORDER = _rule(
    "sealed_order", "“{what}”要比较大小，“{field}”加密保存，不能比较", "{what} asks for an order, and {field} is sealed and has none",
    "请换一种规则，如 regex 或 in_set", "Use another rule, such as regex or in_set",
)  # fmt: skip
ARGUMENT_MISSING = _rule("argument_missing", "缺少参数 {argument}", "the argument {argument} is missing", "请补写", "Add it")
ARGUMENT_UNKNOWN = _rule(
    "argument_unknown", "“{what}”没有参数 {argument}", "{what} has no argument {argument}", "请删去或改正", "Remove it or correct it"
)
ARGUMENT_WRONG = _rule(
    "argument_wrong", "参数 {argument} 的值不可用：{reason_zh}", "the value of {argument} cannot be used: {reason_en}",
    "请按字段的类型改写", "Write it as the field's type wants it",
)  # fmt: skip
TOO_MANY_VALUES = _rule(
    "too_many_values", "取值有 {found} 个，超过 {agreed} 个", "{found} values, more than {agreed}",
    "请登记为代码表，由代码检查判断", "Register a code list: codes are checked by join, not by a set in a rule",
)  # fmt: skip
NO_ROWS_TO_HOLD = _rule(
    "no_rows_to_hold", "“{what}”判断整批数据，没有可隔离的行", "{what} judges the whole batch and names no rows to hold back",
    "请改为 warn 或 refuse", "Use warn or refuse",
)  # fmt: skip
LIMIT_WRONG = _rule("limit_wrong", "limit 不是份额", "limit is no share", "应在 0 到 1 之间", "It is between 0 and 1")
PATTERN_UNSAFE = _rule(
    "pattern_unsafe", "正则表达式第 {position} 个字符处超出各数据库通用的写法",
    "the pattern cannot be used at character {position}: {reason}",
    "请只用字面字符、[…]、次数、|、()、^ 和 $", "Use literals, [...], repetition, |, (), ^ and $ only",
)  # fmt: skip

# How one rule fared on a batch; stored with the result. Never a value, never the text of a library's exception.
RULE_RAISED = Message(
    "batch_rule_raised", "规则没有执行成功（{reason}），本批等待处理。", "The rule itself failed ({reason}); the batch waits."
)
RULE_UNSURE = Message(
    "batch_rule_unsure", "规则判为不通过，但没有找到不合格的行；本批等待处理。",
    "The rule says failed but no row breaks it; the batch waits.",
)  # fmt: skip
EMPTY_BATCH = Message(
    "batch_is_empty",
    "批次没有任何行，不能检查；空批不算通过。",
    "The batch has no rows and cannot be checked; an empty batch is never a pass.",
)


def told(message: str, language: str) -> str:
    """The stored message of a rule's result, in words."""
    code, _, reason = message.partition(" ")
    return {one.code: one.text(language, {"reason": reason}) for one in (RULE_RAISED, RULE_UNSURE)}.get(code, message)
