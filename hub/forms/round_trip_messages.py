"""What is said of a workbook that comes back."""

from __future__ import annotations

from hub.core.messages import Message

NO_WORKBOOK = Message(
    "workbook_none", "这是{found}，不是 .xlsx 工作簿。请上传从报表页下载、填好的那一份；如已另存为别的格式，请用 Excel 或 WPS 打开，另存为 .xlsx。",
    "This is {found}, not an .xlsx workbook: upload the one that you downloaded from the report's page and filled in; if it was saved "
    "as something else, open it in Excel or WPS and save it as .xlsx.",
)  # fmt: skip
ENCRYPTED = Message(
    "workbook_encrypted", "工作簿加了密码，读不了。请在 Excel 或 WPS 里去掉密码，保存后再上传。",
    "The workbook has a password and cannot be read: take it off in Excel or WPS, save and upload it again.",
)  # fmt: skip
TOO_LARGE = Message(
    "workbook_too_large", "工作簿太大（{found}，上限 {limit}），没有读取。请删去自己加的工作表和图片，或按村分开下载、上传。",
    "The workbook is too large ({found}; the limit is {limit}) and was not read: take out sheets and pictures of your own, "
    "or download and upload village by village.",
)  # fmt: skip
DAMAGED = Message(
    "workbook_damaged", "工作簿读不全（{place}：{found}），可能没有传完或已损坏；什么都没有改动。请用 Excel 或 WPS 打开并另存一次，再上传。",
    "The workbook cannot be read to its end ({place}: {found}): it may be cut off or damaged. Nothing was changed. Open it in Excel "
    "or WPS, save it again and upload that.",
)  # fmt: skip
FOREIGN = Message(
    "workbook_foreign", "这不是从一表下载的工作簿（缺少隐藏的清单）。请在报表页下载 Excel，填好后再上传那一份。",
    "This workbook was not downloaded here (its hidden list is missing): download the report as Excel, fill that in and upload it.",
)  # fmt: skip
MACROS = Message(
    "workbook_macros",
    "工作簿带宏，没有读取。请另存为 .xlsx（不带宏）再上传。",
    "The workbook has macros and was not read: save it as .xlsx without them.",
)
OTHER_REPORT = {
    "form": Message(
        "workbook_other_form",
        "工作簿是另一张表（{had}），这里要的是 {wanted}。",
        "The workbook is of another form ({had}); {wanted} is wanted here.",
    ),
    "unit": Message(
        "workbook_other_unit",
        "工作簿是另一个单位（{had}）的，这里是 {wanted}。",
        "The workbook is of another unit ({had}); this is {wanted}.",
    ),
    "period": Message(
        "workbook_other_period",
        "工作簿是另一期（{had}）的，这里是 {wanted}。",
        "The workbook is of another period ({had}); this is {wanted}.",
    ),
}
OTHER_VERSION = Message(
    "workbook_other_version", "工作簿是表的旧版本（{had}），现在是 {wanted}。请重新下载后再填。",
    "The workbook is of version {had} of the form, which is {wanted} now: download it again.",
)  # fmt: skip
NO_SHEET = Message(
    "workbook_no_sheet", "工作簿里没有工作表“{sheet}”。请不要删除或改名。", "The workbook has no sheet {sheet}: do not delete or rename it."
)
NO_HEADS = Message(
    "workbook_no_heads", "工作表“{sheet}”里找不到表头（须有“{title}”列和原来的列名）。请不要改表头。",
    "No heads were found on the sheet {sheet}: leave the column titles and the line code ({title}) as they are.",
)  # fmt: skip
UNKNOWN_LINE = Message(
    "workbook_unknown_line", "行码 {line} 不在报告里，可能已不在本期名单，或行码被改过。这一行没有采用。",
    "There is no line {line} in the report: it may have left the list, or its code was changed. The row was not taken.",
)  # fmt: skip
LINE_TWICE = Message("workbook_line_twice", "行码 {line} 出现了两次，只看第一行。", "The line {line} is there twice; the first is taken.")
NOT_CALCULATED = Message(
    "workbook_not_calculated", "这一格是公式，没有计算结果。请在 Excel 或 WPS 里打开并保存一次，或直接填数。",
    "The cell is a formula without a result: open the file in Excel or WPS and save it once, or type the value.",
)  # fmt: skip
CELL_ERROR = Message(
    "workbook_cell_error", "这一格是公式错误（{found}）。请填数。", "The cell holds a formula's error ({found}): type the value."
)
