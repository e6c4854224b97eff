"""What objections and corrections say to people."""

from __future__ import annotations

from hub.core.messages import Message, messages

KINDS = messages(
    "objection_",
    {
        "value": ("数值有误", "the value is wrong"),
        "died": ("人已死亡", "has died"),
        "moved": ("人已迁出", "has moved away"),
        "not_eligible": ("不符合条件", "is not eligible"),
        "other_village": ("属于别的村", "belongs to another village"),
        "content": ("行内其他数据有误", "something else in the line is wrong"),
        "missing": ("应有未列", "is missing from the list"),
    },
)
STATES = messages(
    "objection_state_",
    {
        "open": ("待部门答复", "waits for the department"),
        "accepted": ("已采纳", "accepted"),
        "agreed": ("已采纳，部门数据已一致", "accepted, and the department's data says so"),
        "rejected": ("未采纳", "rejected"),
        "reopened": ("部门数据又不一致，已重新提出", "asked again: the department's data says otherwise"),
    },
)
# The note of a cell or line, and the footnote in print and Excel.
NOTE_OPEN = Message(
    "objection_note_open",
    "异议 {id}：部门为“{source}”，填报人认为应为“{proposed}”，请部门于 {deadline} 前答复。",
    "Objection {id}: the department has “{source}”, who fills it in says “{proposed}”; the department answers by {deadline}.",
)
NOTE_LINE = Message(
    "objection_note_line",
    "异议 {id}：{kind_zh}，请部门于 {deadline} 前答复；答复前仍计入。",
    "Objection {id}: {kind_en}; the department answers by {deadline} and the line counts until then.",
)
NOTE_ACCEPTED = Message("objection_note_accepted", "异议 {id} 已采纳。{answer}", "Objection {id} was accepted. {answer}")
NOTE_REJECTED = Message("objection_note_rejected", "异议 {id} 未采纳：{answer}", "Objection {id} was rejected: {answer}")
FOOTNOTE = Message("objection_footnote", "第 {line} 行“{column_zh}”：{note}", "Line {line}, {column_en}: {note}")
FOOTNOTE_LINE = Message("objection_footnote_line", "第 {line} 行：{note}", "Line {line}: {note}")

# Raising one.
TYPE_IT = Message(
    "objection_type_it", "“{field_zh}”由乡镇填写，直接改写即可，不需要提异议。", "“{field_en}” is the township's to type: type over it."
)
COUNTED = Message(
    "objection_counted",
    "“{field_zh}”是汇总或计算得出的，不能直接提异议。请对名单中的那一行或那一格提异议。",
    "“{field_en}” is counted or computed: object to the line or the value that it is made of.",
)
COMPOSED = Message(
    "objection_composed",
    "“{field_zh}”由多条记录得出，不能直接提出新值。请选“行内其他数据有误”，并在理由中写明哪里不对。",
    "“{field_en}” is put together from records: choose “something else in the line is wrong”, and say in the reason what.",
)
KEY_FIELD = Message(
    "objection_key", "“{field_zh}”是登记的号码，不能在这里更改。请选“行内其他数据有误”，并在理由中写明正确的号码。",
    "“{field_en}” is what the record is known by: choose “something else in the line is wrong”, and give the right one in the reason.",
)  # fmt: skip
NO_REASON = Message("objection_reason", "请写明理由。", "Say why.")
NO_PROPOSAL = Message("objection_proposal", "请写明应是什么。", "Say what it should be.")
NO_NAME = Message("objection_who", "请写明漏列的是谁（姓名、身份证号码或地址）。", "Say who is missing (name, citizen id or address).")
SAME_VALUE = Message(
    "objection_same", "“{field_zh}”已经是“{value}”，没有异议可提。", "“{field_en}” is “{value}” already: there is nothing to object to."
)
NO_SUBJECT = Message(
    "objection_no_subject",
    "这一行是汇总数字，没有登记对象。请在花名册中提异议。",
    "This line is a figure and stands for nobody: object in the roster.",
)
NO_ROSTER = Message("objection_no_roster", "这张表没有花名册，不能提漏列。", "The form has no roster from which somebody could be missing.")
JOINED = Message(
    "objection_joined",
    "这个值已有异议 {id}，您的意见已并入，部门只需答复一次。",
    "Objection {id} is about the same already: yours has joined it, and the department answers once.",
)
OPENED = Message(
    "objection_opened",
    "异议 {id} 已送 {department}，{deadline} 前答复。",
    "Objection {id} was sent to {department}, which answers by {deadline}.",
)
NO_DEPARTMENT = Message(
    "objection_no_department", "没有可以答复的部门，请联系数据局。", "There is no department that could answer: ask the data bureau."
)

# Answering.
UNKNOWN = Message("correction_not_found", "没有编号为 {id} 的更正。", "There is no correction {id}.")
ANSWERED = Message("correction_answered", "更正 {id} 已经答复过：{state_zh}。", "Correction {id} has been answered: {state_en}.")
REJECT_WHY = Message("correction_reject_reason", "不采纳须写明理由。", "Give a reason to reject.")
MAY_NOT_ANSWER = Message(
    "may_not_answer", "“{principal}”不能答复更正，由数据来源部门答复。", "{principal} may not answer: the department whose data it is does."
)

# Evidence.
BAD_EVIDENCE = Message(
    "evidence_type", "“{name}”不是 PDF、JPG 或 PNG 文件（按内容判断）。", "{name} is no PDF, JPEG or PNG, whatever it is called."
)
EVIDENCE_TOO_LARGE = Message(
    "evidence_too_large", "文件最大 {limit} MB。请缩小后再传。", "A file may have {limit} MB at most: make it smaller."
)
EVIDENCE_EMPTY = Message("evidence_empty", "文件是空的。", "The file is empty.")
EVIDENCE_MANY = Message("evidence_many", "一项异议最多附 {limit} 个文件。", "An objection takes {limit} files at most.")
NO_EVIDENCE = Message("evidence_not_found", "没有这个证据文件。", "There is no such evidence.")
