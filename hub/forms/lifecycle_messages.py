"""What the life of a report says to people."""

from __future__ import annotations

from hub.core.messages import Message, messages

PERIOD_LONG_AGO = Message(
    "period_long_ago",
    "{period} 是 {years} 年多以前的，不能再开启。请核对年份。",
    "{period} was more than {years} years ago and cannot be opened: check the year.",
)
STANDINGS = messages(
    "standing_",
    {
        "draft": ("填报中", "draft"),
        "returned": ("已退回", "returned"),
        "submitted": ("已提交", "submitted"),
        "approved_township": ("乡镇已审核", "approved by the township"),
        "approved_county": ("区县已审核", "approved by the county"),
        "frozen": ("已封存", "frozen"),
    },
)
ACTS = messages(
    "act_",
    {
        "submit": ("提交", "submit"),
        "withdraw": ("撤回", "take back"),
        "return": ("退回", "send back"),
        "approve": ("审核通过", "approve"),
        "withdraw-approval": ("撤销审核", "withdraw the approval"),
        "reopen": ("重新开放", "reopen"),
        "freeze": ("封存", "freeze"),
        "revise": ("修订", "revise"),
        "extend": ("延期", "extend"),
        "scan": ("附签字扫描件", "attach the signed scan"),
    },
)
TURNS = messages(
    "turn_",
    {
        "village": ("村", "the village"),
        "township": ("村、乡镇填报", "village and township, to fill in"),
        "township-approver": ("乡镇审核", "the township's approver"),
        "county": ("区县审核", "the county's approver"),
        "department": ("部门", "the department"),
        "bureau": ("数据局", "the data bureau"),
    },
)
NOT_NOW = Message("act_not_now", "报告现在是“{state_zh}”，您不能{act_zh}。", "The report is {state_en}: you cannot {act_en} it now.")
COUNTY_FIRST = Message(
    "county_reopens_first", "区县已经审核通过，乡镇不能再撤销审核。请区县先重新开放。",
    "The county has approved it, so the township cannot withdraw its approval: ask the county to reopen it first.",
)  # fmt: skip
EXTENSION_OUT_OF_RANGE = Message(
    "extension_out_of_range", "延期须到 {first} 至 {last} 之间的某一天。", "An extension ends on a day from {first} to {last}."
)
REASON_NEEDED = Message("reason_needed", "{act_zh}须写明理由。", "Give a reason to {act_en} it.")
MAY_NOT_COMMENT = Message("may_not_comment", "批注由填报和审核的人写。", "Comments are for those who fill in and approve.")
COMMENT_EMPTY = Message("comment_empty", "批注没有内容。", "The comment is empty.")
COMMENT_LONG = Message("comment_long", "批注最多 {limit} 字。", "A comment has {limit} signs at most.")
COMMENT_FROZEN = Message("comment_frozen", "报告已封存，批注只能看。", "The report is frozen: its comments can be read, and none be added.")
SCAN_OF_DRAFT = Message(
    "scan_of_draft", "报告还在填报，签字的不是定稿。请先提交，再附签字扫描件。",
    "The report is still being filled in: what was signed is not what will stand. Submit it first.",
)  # fmt: skip
SCAN_MANY = Message("scan_many", "一份报告最多附 {limit} 个扫描件。", "A report takes {limit} scans at most.")
NO_SCAN = Message("scan_not_found", "没有这个扫描件。", "There is no such scan.")
LOCKED = messages(
    "locked_",
    {
        "draft": ("可以填报。", "It can be filled in."),
        "returned": ("可以填报。", "It can be filled in."),
        "submitted": (
            "报告已提交，不能再改。提交人可以撤回，乡镇审核人可以退回。",
            "It was submitted and cannot be changed: whoever submitted may take it back, the township's approver may send it back.",
        ),
        "approved_township": (
            "乡镇已审核，不能再改。请乡镇审核人撤销审核，或由区县退回。",
            "The township approved it: ask its approver to withdraw the approval, or the county to send it back.",
        ),
        "approved_county": ("区县已审核，不能再改。请区县重新开放。", "The county approved it: ask the county to reopen it."),
        "frozen": (
            "报告已封存，不会再变。数据已更正的，可以发起修订。",
            "It is frozen and stays as it is: where its data was corrected, a revised report can be begun.",
        ),
    },
)
NOT_OPENED = Message(
    "period_not_opened", "“{form_zh}” {period} 还没有布置，不能填报。由数据局布置。",
    "{form_en} for {period} has not been opened: the data bureau opens it.",
)  # fmt: skip
CLOSED_LATE = Message(
    "period_closed",
    "已过填报截止日 {closes}，不能再填。请区县延期。",
    "It closed on {closes} and can no longer be filled in: ask the county for an extension.",
)
OUTSIDE = Message(
    "outside_area", "{unit} {name} 不在您的辖区，由它所在的乡镇填报。", "{unit} {name} is outside your area: its own township fills it in."
)
UNAPPROVED = Message(
    "form_unapproved", "“{form_zh}”没有表号、制定机关或批准文号，不能布置。统计法第十七条：这样的表，被要求填报的单位有权拒绝。",
    "{form_en} has no form number, maker or approval number and cannot be opened. Whoever is asked for it may refuse (Statistics Law, art. 17).",
)  # fmt: skip
EXPIRED = Message(
    "form_expired", "“{form_zh}”已于 {expires} 超过有效期，不能布置。统计法第十七条：过期的表，被要求填报的单位有权拒绝。",
    "{form_en} expired on {expires} and cannot be opened. Whoever is asked for it may refuse (Statistics Law, art. 17).",
)  # fmt: skip
MAY_NOT_OPEN = Message(
    "may_not_open", "“{principal}”不能布置报表，由数据局布置。", "{principal} may not open a period: the data bureau does."
)
MAY_NOT_EXTEND = Message("may_not_extend", "“{principal}”不能延期，由区县延期。", "{principal} may not extend: the county does.")
MAY_NOT_FILL = Message(
    "may_not_fill", "“{principal}”不能改动数字：审核人只能通过或退回（统计法第七条），部门在更正中答复。",
    "{principal} may not change a figure: an approver approves or sends back (Statistics Law, art. 7), a department answers corrections.",
)  # fmt: skip
PERIOD_RUNNING = Message(
    "period_running", "报告期 {period} 到 {end} 才结束，结束后才能提交。", "The period {period} ends on {end}: submit it after that."
)
NOT_THIS_LEVEL = Message(
    "not_a_reporting_unit",
    "{unit} {name} 不单独填报这张表，它的数字由下级报告汇总。",
    "{unit} {name} does not report this form itself: its figures are the sum of its parts.",
)
NOT_CONFIRMED = Message("lines_not_confirmed", "还有 {count} 行没有核对。", "{count} lines are not confirmed yet.")
RULE_BROKEN = Message("report_rule_broken", "第 {line} 行不符合：{rule_zh}。", "Line {line} breaks: {rule_en}.")
HAS_ERRORS = Message(
    "report_has_errors", "报告有 {count} 处必须先处理，没有提交。", "{count} things must be dealt with first: nothing was submitted."
)
STATE_CHANGED = Message(
    "report_moved",
    "别人刚刚处理了这份报告，它现在是“{state_zh}”。请刷新后再看。",
    "Somebody was faster: the report is now {state_en}. Look again.",
)
TYPED_MEANWHILE = Message(
    "typed_meanwhile",
    "提交时别人又改了这份报告，没有提交。请看过再提交。",
    "Somebody typed into the report meanwhile: it was not submitted. Look again.",
)
EDIT_CONFLICT = Message(
    "edit_conflict",
    "{by} 在 {at} 改过这一格，现在是“{value}”。没有覆盖；请选择保留哪一个。",
    "{by} changed this cell at {at}; it is now “{value}”. Nothing was overwritten: choose which to keep.",
)
FILLED_CHANGED = Message(
    "filled_changed",
    "部门数据已更新，这一格现在是“{value}”。请看过再填。",
    "The department's data has changed: the cell is now “{value}”. Look again.",
)
LINES_CHANGED = Message(
    "lines_changed",
    "有 {count} 行在您看过之后变了，没有核对它们；其余已核对。请再看一遍。",
    "{count} lines changed after you looked and were not confirmed; the others were. Look again.",
)
NO_SUCH_LINE = Message(
    "line_not_found", "报告里没有行码 {line}，可能已不在本期名单。", "There is no line {line} in the report; it may have left the list."
)
NO_SUCH_FIELD = Message("field_not_found", "表里没有列 {field}。", "The form has no column {field}.")
NOT_TYPED = Message(
    "cell_is_filled",
    "“{field_zh}”由部门数据带出，不能改写。有误请提异议。",
    "“{field_en}” comes from a department and is not typed over: object to it if it is wrong.",
)
TOTAL_LINE = Message("total_is_summed", "合计由各部分相加，不能填写。", "The total is the sum of its parts and is not typed.")
BAD_EDIT = Message("bad_edit", "第 {number} 项修改的 {name} 不对：{found}。", "Edit {number}: {name} cannot be {found}.")
KEY_TAKEN = Message("edit_key_reused", "修改编号 {key} 已用于另一处修改。", "The edit key {key} was used for another edit.")
EMPTY_ENTRY = Message("entry_empty", "没有内容。要清空请用“清空”。", "There is nothing in it: use clear to empty a cell.")
ROLLED_UP = Message(
    "edit_of_a_sum", "{unit} 的数字由各村相加，请改各村的报告。", "The figures of {unit} are sums: change the reports of its parts."
)
CELLS_IN_STATE = messages(
    "cells_",
    {
        "conflicting": ("有 {count} 格各部门说法不一。", "{count} cells on which departments differ."),
        "missing": ("有 {count} 格尚无部门提供。", "{count} cells that nobody has supplied."),
        "stale": ("有 {count} 格的数据已过承诺时效。", "{count} cells older than their department promised."),
        "to_enter": ("有 {count} 格待填。", "{count} cells to be typed."),
    },
)
