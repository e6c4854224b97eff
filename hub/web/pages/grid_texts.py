"""The words of the grid's scripts, Chinese first: they come with the page, with their {placeholders}, and are filled in there."""

from __future__ import annotations

from hub.core.messages import messages
from hub.forms.messages import NO, STATES, YES
from hub.web.pages.texts import TEXTS

_TEXTS: dict[str, tuple[str, str]] = {
    # Save states of a cell
    "save_saving": ("保存中", "saving"),
    "save_saved": ("已保存", "saved"),
    "save_waiting": ("待发送", "waiting"),
    "save_refused": ("未接受", "refused"),
    "save_conflict": ("待选定", "to decide"),
    # The bar
    "bar_saved": ("全部已保存", "All saved"),
    "bar_open": ("{count} 项没有保存，等您处理；其余已保存", "{count} not saved: for you to decide; all else is saved"),
    "bar_sending": ("正在保存 {count} 项", "Saving {count}"),
    "bar_offline": ("连不上服务器：{count} 项未发送，已存在本机，{seconds} 秒后重试", "No answer from the server: {count} unsent, kept on this machine, next try in {seconds} s"),
    "bar_signed_out": ("登录已过期：{count} 项未发送，已存在本机。登录后继续发送。", "The session has ended: {count} unsent, kept on this machine. Sign in to go on."),
    "bar_foreign": ("现在登录的不是 {who}：{who} 的未发送内容留在本机，等本人登录。", "Somebody other than {who} is signed in: what {who} typed stays on this machine until {who} signs in."),
    "choose_all": ("选中全部村（再点一次全部取消）", "Choose all villages, or none"),
    "bar_not_kept": ("（本浏览器不能留存，请勿关闭此页）", "(this browser keeps nothing: do not close the page)"),
    "send_now": ("立即发送", "Send now"),
    "sign_in_elsewhere": ("在新窗口登录", "Sign in in a new window"),
    "signed_in_go_on": ("已登录，继续发送", "Signed in: go on"),
    "sign_in_kept": ("未发送的 {count} 项留在本机，登录后继续发送。", "{count} unsent edits are kept on this machine and are sent when you have signed in."),
    "sign_in_wrong": ("用户名或密码不对。", "Name or password is not right."),
    "sign_in_no_network": ("现在连不上服务器，请稍后再试。", "The server does not answer now: try again later."),
    "told_signed_in": ("已登录。", "Signed in."),
    "about_cell": ("本格详情", "About this cell"),
    "file_save": ("存为文件", "Save as a file"),
    "file_load": ("读入文件", "Load a file"),
    "file_wrong": ("这不是本系统存的未发送文件，没有读入。", "This is no file of unsent edits: nothing was loaded."),
    "file_of_other": ("这是 {who} 的未发送内容，请本人登录后读入。", "These edits are {who}'s: {who} has to sign in to load them."),
    "told_file_saved": ("已把 {count} 项存为文件。", "{count} edits were saved as a file."),
    "told_file_loaded": ("已读入 {count} 项。", "{count} edits were loaded."),
    # What waits for a person
    "attention_title": ("需要您处理", "For you to decide"),
    "attention_open": ("{count} 项需要您处理", "{count} for you to decide"),
    "attention_mine": ("您填的：{value}", "Yours: {value}"),
    "attention_theirs": ("现在是：{value}", "There now: {value}"),
    "attention_cleared": ("（空）", "(empty)"),
    "told_attention": ("有 {count} 项需要您处理，见右下方列表（Alt+J）。", "{count} edits need you: see the list (Alt+J)."),
    "take_mine": ("用我填的", "Take mine"),
    "take_theirs": ("用对方的", "Take theirs"),
    "try_again": ("再发一次", "Send again"),
    "discard": ("放弃", "Discard"),
    # Pasting
    "paste_title": ("粘贴预览", "What would be pasted"),
    "paste_typed": ("录入 {count} 格（其中清空 {cleared} 格）", "{count} cells entered ({cleared} of them cleared)"),
    "paste_filled": ("{count} 格由部门带出，不会改动；不同的可以提出异议", "{count} cells are filled by departments and stay; you can object to them"),
    "paste_refused": ("{count} 格不能粘贴", "{count} cells cannot be pasted into"),
    "paste_same": ("{count} 格与现在相同", "{count} cells are as they were"),
    "paste_typed_list": ("录入的格", "Cells entered"),
    "paste_filled_list": ("与部门数据不同的格", "Cells that differ from a department's"),
    "paste_refused_list": ("不能粘贴的格", "Cells refused"),
    "paste_outside": ("超出表格", "outside the table"),
    "paste_total": ("合计自动计算", "totals are computed"),
    "paste_computed": ("自动计算", "computed"),
    "paste_more": ("另有 {count} 格", "and {count} more"),
    "paste_do": ("录入 {count} 格", "Enter {count} cells"),
    "cancel": ("取消", "Cancel"),
    "close": ("关闭", "Close"),
    # About a cell
    "comments": ("批注", "Comments"),
    "comment_write": ("写批注", "Comment"),
    "comment_add": ("添加批注", "Add the comment"),
    "comment_failed": ("没有存上，文字还在框里，请再试一次。", "It was not kept: the text is still here, try again."),
    "history": ("填报记录", "History"),
    "history_coming": ("正在读取…", "Reading…"),
    "history_unknown": ("现在读不到，请稍后再试。", "It cannot be read now: try again later."),
    "history_none": ("本格没有人填过。", "Nobody has typed into it."),
    "history_line": ("{at} {by}", "{at} {by}"),
    "history_enter": ("填报", "entered"),
    "history_clear": ("清空", "cleared"),
    "history_not_applicable": ("标为不适用", "marked as not applicable"),
    "history_restore": ("撤回所填", "took back what was typed"),
    "mark_not_applicable": ("标为不适用", "Mark as not applicable"),
    "clear_cell": ("清空", "Clear"),
    "restore_cell": ("恢复为带出的值", "Back to what was filled in"),
    "object_cell": ("提出异议", "Object"),
    # What was done, for the bar and for screen readers
    "told_pasted": ("已粘贴 {count} 格，Ctrl+Z 可一次撤销。", "{count} cells pasted; Ctrl+Z takes it back in one step."),
    "told_not_pasted": ("没有粘贴。", "Nothing was pasted."),
    "told_same": ("内容相同，没有改动。", "It is the same: nothing changed."),
    "told_copied": ("已复制 {count} 格。", "{count} cells copied."),
    "told_cleared": ("已清空 {count} 格；{left} 格不是填写的格，没有改动。", "{count} cells cleared; {left} are not for typing and stay."),
    "told_undone": ("已撤销 {count} 处。", "{count} taken back."),
    "told_redone": ("已重做 {count} 处。", "{count} done again."),
    "told_nothing_to_undo": ("没有可撤销的。", "There is nothing to take back."),
    "told_nothing_to_redo": ("没有可重做的。", "There is nothing to do again."),
    "told_confirmed": ("已核对 {count} 行。", "{count} lines confirmed."),
    "told_unconfirmed": ("已取消核对 {count} 行。", "The confirmation of {count} lines was taken back."),
    "told_filled": ("这一格由部门带出，不能直接改；认为有误可以提出异议（Alt+O）。", "A department fills this cell: it cannot be typed over. If it is wrong, object to it (Alt+O)."),
    "told_computed": ("这一格自动计算，不能填写。", "This cell is computed and cannot be typed into."),
    "told_typed": ("报告现在不能填写。", "The report cannot be filled in now."),
    "told_found": ("已跳到{line}。", "At {line}."),
    "lines_many": ("{count} 行", "{count} lines"),
    # Hints while typing
    "doubt_digits": ("号码变成了科学计数，后面的位数会丢。", "This is a power of ten: the last digits are lost."),
    "doubt_stop": ("小数点写成了句号？", "A full stop for the decimal point?"),
    "doubt_number": ("这里填数字。", "A number goes here."),
    "doubt_date": ("这里填日期，例如 2026-10-31。", "A date goes here, such as 2026-10-31."),
    "doubt_month": ("这里填年月，例如 2026-10。", "A month goes here, such as 2026-10."),
}  # fmt: skip

_GRID = messages("grid_", _TEXTS)
_GRID |= {
    name: TEXTS[name] for name in ("colon", "bracketed", "cell_state", "line_confirmed", "line_open", "user_name", "password", "sign_in")
}
_GRID |= {f"state_{name}": message for name, message in STATES.items()} | {"yes": YES, "no": NO}


def grid_words(language: str) -> list[tuple[str, str]]:
    """(name, text with its placeholders) of each word that the scripts use."""
    return [(name, message.en if language == "en" else message.zh) for name, message in _GRID.items()]
