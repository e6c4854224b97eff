"""Why a whole delivery is refused: one message per kind, shared by all connectors (re-exported by ``hub.intake.port``).

Every one of them takes ``place`` (file, sheet, line, page, address: as near as it is known) and ``found`` (what stood
there: a number, a name, an encoding; never a personal value). Where a kind needs a text of its own for one special
case, a connector declares it under ``refused_<kind>_<case>``; ``kind_of`` gives the kind of both.
"""

from __future__ import annotations

from hub.core.messages import Message

ENCODING = Message(
    "refused_encoding",
    "{place}：文件的编码无法确认（{found}）。请统一存为 UTF-8 或 GB18030 后重新报送，不要把不同编码的文件拼在一起。",
    "{place}: the encoding cannot be settled ({found}). Save the whole file as UTF-8 or GB18030 and send it "
    "again; do not join files of different encodings.",
)
FORMAT = Message(
    "refused_format",
    "{place}：内容与约定的格式不符，实际是 {found}。请按契约约定的格式另存后重新报送。",
    "{place}: this is not the agreed format but {found}. Save it in the format of the contract and send it again.",
)
ENCRYPTED = Message(
    "refused_encrypted",
    "{place}：文件已加密（{found}），无法读取。请去掉密码后重新报送。",
    "{place}: the file is encrypted ({found}) and cannot be read. Remove the password and send it again.",
)
COLUMNS = Message(
    "refused_columns",
    "{place}：列与契约不符（{found}）。请核对列名是否缺失、改名或重复，或先登记契约的新版本。",
    "{place}: the columns are not those of the contract ({found}). Look for missing, renamed or repeated names, "
    "or register a new version of the contract first.",
)
SHEET = Message(
    "refused_sheet",
    "{place}：不清楚应读取哪个工作表（{found}）。请只保留一个，或在契约中写明工作表名。",
    "{place}: it is not clear which sheet is meant ({found}). Keep one only, or name the sheet in the contract.",
)
EMPTY = Message(
    "refused_empty",
    "{place}：没有任何记录（{found}）。空批次不会被采用，以免把所有人都视为已注销；请确认后重新报送。",
    "{place}: there is no record ({found}). An empty batch is never taken, since it would end everybody; please check and send again.",
)
QUOTING = Message(
    "refused_quoting",
    "{place}：引号没有成对，其后的记录被吞入同一个字段（{found}）。请检查该处的引号后重新报送。",
    "{place}: a quote is not closed and swallows the records behind it ({found}). Mend the quotes there and send it again.",
)
TRUNCATED = Message(
    "refused_truncated",
    "{place}：数据被截断（{found}），缺多少条无从得知。请重新导出并完整传送。",
    "{place}: the data is cut off ({found}) and nobody knows how much is missing. Export it again and send all of it.",
)
LIMITS = Message(
    "refused_limits",
    "{place}：超出上限（实际 {found}，上限 {limit}）。请拆分后报送，或调小每页条数。",
    "{place}: beyond the limit ({found}; the limit is {limit}). Send it in parts, or set a smaller page size.",
)
INCOMPLETE = Message(
    "refused_incomplete",
    "{place}：各页对不上总数（{found}），这一批不采用，已有数据不变。请稍后重新拉取；若反复出现，请来源方按主键排序分页。",
    "{place}: the pages do not add up ({found}); nothing of this batch is taken and earlier data stays. Pull "
    "again later; if it keeps happening, the source must page in key order.",
)
SOURCE = Message(
    "refused_source",
    "{place}：来源有应答，但不是数据（{found}）。请联系来源系统的管理员。",
    "{place}: the source answers, but not with data ({found}). Ask the administrator of the source system.",
)
UNAVAILABLE = Message(
    "source_unavailable",
    "{place}：来源没有应答（{found}）。请稍后再取；有计划的契约到时会再取。若持续如此，请检查网络、地址和来源系统。",
    "{place}: the source does not answer ({found}). Pull again later; a contract with a schedule is pulled again when due. "
    "If it goes on, check the network, the address and the source system.",
)
CREDENTIALS = Message(
    "source_credentials",
    "{place}：来源不接受凭据（{found}）。请更新该来源的口令或令牌。",
    "{place}: the source does not accept the credentials ({found}). Renew the password or token of this source.",
)
OPTIONS = Message(
    "source_options",
    "{place}：数据来源的设置有误（{found}）。请修改契约中的来源选项。",
    "{place}: the settings of the source are wrong ({found}). Mend the source options in the contract.",
)


def kind_of(code: str) -> str | None:
    """The kind of refusal that a message code stands for: "columns" for ``refused_columns``; None for any other code."""
    prefix, _, rest = code.partition("_")
    return rest.partition("_")[0] if prefix == "refused" and rest else None
