"""What forms say to people."""

from __future__ import annotations

from hub.core.messages import Message

UNKNOWN_UNIT = Message("unknown_unit", "没有区划代码 {unit}。请核对 12 位代码。", "There is no division {unit}. Check the 12-digit code.")
UNIT_SUCCEEDED = Message(
    "unit_succeeded",
    "{name}（{unit}）已于 {since} 并入 {now}（{code}），这一期由 {now} 填报。",
    "{name} ({unit}) became a part of {now} ({code}) on {since}: {now} reports for this period.",
)
UNIT_NOT_YET = Message(
    "unit_not_yet",
    "{name}（{unit}）自 {since} 起设立，这一期还没有它的报告。",
    "{name} ({unit}) is there from {since}: it does not report for this period.",
)
OTHER_FREQUENCY = Message(
    "other_frequency",
    "报告期 {period} 与表的频率({frequency})不符。月报写 2026-10，季报写 2026Q3，学期报写 2026S2。",
    "The period {period} does not fit the form ({frequency}). Write 2026-10 for a month, 2026Q3 for a quarter, 2026S2 for a term.",
)
YES = Message("yes", "是", "yes")
NO = Message("no", "否", "no")
STATES = {
    "filled": Message("state_filled", "已带出", "filled"),
    "blank": Message("state_blank", "无", "none"),
    "missing": Message("state_missing", "缺", "missing"),
    "to_enter": Message("state_to_enter", "待填", "to be entered"),
    "conflicting": Message("state_conflicting", "各部门不一致", "conflicting"),
    "stale": Message("state_stale", "已过期", "stale"),
    "formula": Message("state_formula", "计算", "computed"),
    "not_applicable": Message("state_not_applicable", "不适用", "not applicable"),
    "confirmed": Message("state_confirmed", "已确认", "confirmed"),
    "objected": Message("state_objected", "有异议", "objected"),
    "entered": Message("state_entered", "已填报", "entered"),
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
PERIODS = {
    "month": tuple(Message(f"period_month_{n}", f"{{year}}年{n}月", f"{name} {{year}}") for n, name in enumerate(_MONTHS, 1)),
    "quarter": tuple(Message(f"period_quarter_{n}", f"{{year}}年第{zh}季度", f"Q{n} {{year}}") for n, zh in enumerate("一二三四", 1)),
    "half": (
        Message("period_half_1", "{year}年上半年", "first half of {year}"), Message("period_half_2", "{year}年下半年", "second half of {year}"),
    ),
}  # fmt: skip
UNITS = {
    zh: Message(f"unit_{name}", zh, en)
    for name, zh, en in (
        ("persons", "人", "persons"), ("households", "户", "households"), ("yuan", "元", "yuan"), ("ten_thousand_yuan", "万元", "10,000 yuan"),
        ("years", "岁", "years"), ("mu", "亩", "mu"), ("cases", "件", "cases"), ("pieces", "个", "in number"),
    )
}  # fmt: skip
TOTAL = Message("total_line", "合计", "Total")
FORM_NUMBER = Message("form_number", "表号：{value}", "Form no.: {value}")
FORM_MAKER = Message("form_maker", "制定机关：{value}", "Maker: {value}")
FORM_APPROVAL = Message("form_approval", "文号：{value}", "Approval: {value}")
FORM_EXPIRES = Message("form_expires", "有效期至：{value}", "Valid until: {value}")
FORM_UNIT = Message("form_unit", "填报单位：{value}", "Unit: {value}")
FORM_PERIOD = Message("form_period", "报告期：{value}", "Period: {value}")
SOURCE_NOTE = Message(
    "source_note", "来源：{sources}\n数据日期：{as_of}\n状态：{state}", "Source: {sources}\nAs of: {as_of}\nState: {state}"
)
FOOTER = Message(
    "form_footer", "单位负责人：          填表人：          联系电话：          报出日期：",
    "Head of unit:          Filled in by:          Phone:          Date:",
)  # fmt: skip
LEGEND = Message(
    "form_legend", "图例：0 为零；“无”为来源部门确认没有；“缺”为尚无部门提供；“待填”为由乡镇填写、尚未填写；“不适用”为本行不需填，或比率的分母为 0。",
    "Legend: 0 is zero; “none”: the source says there is nothing; “missing”: nobody has spoken; “to be entered”: for the township to type; "
    "“not applicable”: not asked of this line, or a rate of nothing.",
)  # fmt: skip
BROKEN = Message("rule_broken", "第 {line} 行不符合：{rule}", "Line {line} breaks: {rule}")
ENTRY_WRONG = Message("entry_wrong", "“{field_zh}”不能填“{found}”：{wrong_zh}。", "“{field_en}” cannot be “{found}”: {wrong_en}.")
DIGITS_LOST = Message(
    "digits_lost", "号码已变成科学计数，后面的位数丢了。请把该列设为文本格式后重新录入",
    "the number has become a power of ten and its last digits are lost; format the column as text and type it again",
)  # fmt: skip
FULL_STOP = Message("full_stop", "小数点写成了句号。是不是 {agreed}？", "a full stop stands for the decimal point; is it {agreed}?")
WHY_BORN = Message("why_born", "出生（{day}）", "born ({day})")
WHY_NEW = Message("why_new", "新登记", "newly registered")
WHY_GONE = Message("why_gone", "不再登记", "no longer registered")
WHY_MOVED = Message("why_moved", "由 {before} 迁至 {now}", "moved from {before} to {now}")
WHY_AGE = Message("why_age", "满 {years} 周岁", "reached the age of {years}")
WHY_BEGAN = Message("why_began", "开始有{what}", "{what} began")
WHY_ENDED = Message("why_ended", "{what}终止", "{what} ended")
WHY_VALUE = Message("why_value", "{title}由“{before}”变为“{now}”", "{title}: {before}, now {now}")
WHY_MEETS = Message("why_meets", "开始符合条件", "meets the condition now")
WHY_NO_LONGER = Message("why_no_longer", "不再符合条件", "no longer meets the condition")
WHY_RECORDED = Message("why_recorded", "上期后补登或更正", "recorded or mended since")
