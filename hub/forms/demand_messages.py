"""What lists on demand say to people."""

from __future__ import annotations

from hub.core.messages import Message, messages

ID_STYLES = messages(
    "id_style_",
    {
        "whole": ("完整", "whole"),
        "masked": ("打码", "masked"),
        "split": ("分段", "in groups"),
        "text": ("完整，CSV 中也保持文本", "whole, and text in CSV too"),
    },
)
TESTS = messages(
    "demand_test_",
    {
        "is": ("等于", "is"),
        "has": ("包含", "contains"),
        "at_least": ("不小于", "is at least"),
        "at_most": ("不大于", "is at most"),
        "filled": ("有内容", "has a value"),
        "empty": ("为空", "is empty"),
    },
)
NO_ROSTER = Message("demand_no_roster", "“{form_zh}”不是花名册，不能按人列名单。", "{form_en} has no roster to make a list of.")
NO_COLUMN = Message(
    "demand_no_column", "名单里没有“{column}”这一列。可选的列见 {choices}。", "There is no column {column} to choose; there are {choices}."
)
NO_COLUMNS = Message("demand_no_columns", "至少选一列。", "Choose a column at least.")
NO_VALUE = Message("demand_no_value", "“{column}”{test_zh}什么？请填写。", "{column} {test_en} what? Give a value.")
BAD_VALUE = Message(
    "demand_bad_value", "“{column}”不能与“{value}”比较大小：这里要数字、日期（2026-10-31）或年月（2026-10）。",
    "{column} cannot be compared with {value}: a number, a date (2026-10-31) or a month (2026-10) goes here.",
)  # fmt: skip
NO_REASON = Message(
    "demand_no_reason", "请写明哪个单位要、做什么用：名单以外的要数要登记，才能看出哪张表该并进来。",
    "State who asks and for what: demands outside the set of forms are recorded, so that the city sees which form hides there.",
)  # fmt: skip
PERSONAL = Message(
    "demand_personal", "“{field}”里有一串像证件号码的数字。登记里不写个人信息，请改成用途。",
    "{field} holds digits like an identifier. The record holds nothing personal: state the purpose instead.",
)  # fmt: skip
NO_DEMAND = Message("demand_not_found", "没有编号为 {number} 的名单，或不在您的辖区。", "There is no list {number} in your area.")
MAY_NOT_LIST = Message("may_not_list", "名单由乡镇在本辖区内制作。", "Lists are made by a township, of its own area.")
