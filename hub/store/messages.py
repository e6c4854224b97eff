"""What the store says to people."""

from __future__ import annotations

from hub.core.messages import Message

DATABASE_UNREACHABLE = Message(
    "database_unreachable",
    "数据库 {place} 连接不上。请检查地址、账号和数据库是否已启动。",
    "The database {place} cannot be reached. Check the address, the account, and that the server is running.",
)
DATABASE_FILE = Message(
    "database_file",
    "数据库文件 {place} 打不开（{reason}）。请检查路径、权限和磁盘空间。",
    "The database file {place} cannot be opened ({reason}). Check the path, its permissions and the space on the disk.",
)
NO_HUB = Message(
    "no_hub",
    "{home} 和 {database} 中没有已建立的一表。请检查 --home 和 --database（或 YIBIAO_HOME、YIBIAO_DATABASE）；新建请运行 yibiao init。",
    "There is no hub at {home} with the database {database}. Check --home and --database (or YIBIAO_HOME, YIBIAO_DATABASE); "
    "yibiao init makes a new one.",
)
KEYS_LOST = Message(
    "keys_lost",
    "数据库 {database} 已有数据，但没有它的密钥 {place}。请把密钥备份放回原处：新密钥打不开已封存的数据。",
    "The database {database} holds a hub, but its keys are not at {place}. Put their backup back: new keys open nothing of it.",
)
STATEMENT_ENDED = Message(
    "statement_ended",
    "数据库用时过长，或系统正在停止，这次操作已中止，数据未变。请稍后再试，或缩小范围。",
    "The database took too long, or the system is stopping: this was ended and nothing changed. Try again later, or ask for less.",
)
BATCH_NOT_FOUND = Message("batch_not_found", "没有编号为 {batch} 的批次。", "There is no batch {batch}.")
BATCH_STATE = Message(
    "batch_state",
    "批次 {batch} 处于“{state}”状态，不能进行此操作。",
    "Batch {batch} is {state}: this cannot be done with it.",
)
BATCH_BREAKER = Message(
    "refused_breaker",
    "{place}：本批次将终止 {ended} 行、变更 {changed} 行，占现有 {current} 行的 {share}，超过约定的 {limit}。批次已暂停：核对后请人工放行，或重新报送。",
    "{place}: this batch would end {ended} and change {changed} of {current} rows ({share}); the contract allows {limit}. It is held: "
    "check it and let it pass, or send a better one.",
)
BATCH_BUSY = Message(
    "batch_busy",
    "{place}：契约 {contract} 的另一批数据正在处理，这一批没有开始，已有数据不变。请等那一批结束后再报送。",
    "{place}: another delivery of {contract} is being taken, so this one was not begun and nothing changed. Send it again when that one has ended.",
)
BATCH_ASIDE = Message(
    "batch_aside",
    "{place}：处理本批次的进程已中断 {deaths} 次，批次已搁置，不再自动重试；原有数据未受影响。请检查文件，更正后换一个文件名重新报送。",
    "{place}: the processes on this batch died {deaths} times, so it was set aside and is not tried again; nothing else was touched. "
    "Look at the file, mend it and send it under another name.",
)
BATCH_AHEAD = Message(
    "refused_ahead",
    "{place}：数据日期 {day} 在今天之后。未生效；请把文件名或来源中的日期改为数据所代表的那一天。",
    "{place}: its date {day} lies ahead. Nothing of it took effect: give it the day that the data stands for.",
)
BATCH_OVERTAKEN = Message(
    "contract_changed",
    "{place}：处理期间契约 {contract} 发布了新版本。本批次未生效；请按新版本重新取数或报送。",
    "{place}: a new version of {contract} was published meanwhile. Nothing of the batch took effect: pull or send it again.",
)
BATCH_REPLACED = Message(
    "batch_replaced",
    "{place}：等待人工处理期间又收到这一批数据，由后来的批次代替。请处理后来的批次。",
    "{place}: the same delivery came again while this one waited for a person. See to the later one.",
)
BATCH_INTERRUPTED = Message(
    "batch_interrupted",
    "{place}：处理中断后没有继续，已由后来的批次代替。未生效；如仍需要，请重新报送。",
    "{place}: this batch was interrupted and not taken up again before another one came. Nothing of it took effect: send it again if it is still wanted.",
)
LINK_SELF = Message("link_self", "同一个编号不能与自身关联。", "A key cannot be linked with itself.")
NOT_FROZEN = Message(
    "frozen_not_found", "没有 {unit} {period} 的封存报告（{form}）。", "There is no frozen report of {form} for {unit} and {period}."
)
