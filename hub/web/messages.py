"""What the web itself says to people: errors of requests. Texts of pages are in ``hub.web.pages.texts``."""

from __future__ import annotations

from hub.core.messages import Message

UNAUTHENTICATED = Message(
    "unauthenticated", "请先登录：请求没有带有效的访问令牌。", "Sign in first: the request carries no token that is in force."
)
WRONG_REQUEST = Message("request_invalid", "请求中有 {count} 处不可用。", "{count} parts of the request cannot be used.")
WRONG_FIELD = Message("request_field", "{field} 不可用。请按接口说明 /docs 填写。", "{field} cannot be used: see /docs for what it takes.")
FIELD_MISSING = Message("request_field_missing", "缺少 {field}。", "{field} is missing.")
FIELD_NUMBER = Message("request_field_number", "{field} 须为整数。", "{field} has to be a whole number.")
FIELD_TOO_LARGE = Message("request_field_large", "{field} 不能大于 {le}。", "{field} is at most {le}.")
FIELD_TOO_SMALL = Message("request_field_small", "{field} 不能小于 {ge}。", "{field} is at least {ge}.")
FIELD_TOO_LONG = Message("request_field_long", "{field} 不能超过 {max_length} 个字符。", "{field} has at most {max_length} characters.")
UNREADABLE_REQUEST = Message(
    "request_unreadable", "请求内容无法读取。请检查格式后重新发送。", "The request cannot be read. Check its form and send it again."
)
NUMBER_TOO_LARGE = Message(
    "request_number", "请求中的数字或文字超出范围。请检查编号。", "A number or a text of the request is out of range. Check it."
)
DATABASE_AWAY = Message(
    "database_away",
    "数据库暂时不可用。请稍后再试，没有任何改动。",
    "The database is not available now. Try again later: nothing was changed.",
)
SIGN_INS_WAIT = Message(
    "sign_ins_wait",
    "现在登录的人太多。请过半分钟再试；已登录的人不受影响。",
    "Too many people are signing in now. Try again in half a minute; who is signed in already notices nothing.",
)
NO_PATH = Message("path_not_found", "没有这个地址。", "There is nothing at this address.")
NO_METHOD = Message("method_not_allowed", "这个地址不支持该方法。", "This address does not take that method.")
INTERNAL = Message(
    "internal", "系统出错，已记录（编号 {reference}）。请联系数据管理部门。",
    "Something went wrong and was written down (reference {reference}). Tell the data bureau.",
)  # fmt: skip
NO_CONTRACT_ID = Message(
    "contract_id_differs",
    "地址中的契约编号 {path} 与内容中的 {body} 不一致。",
    "The address names the contract {path}, the document {body}.",
)
CONTRACT_EXISTS = Message(
    "contract_exists",
    "契约 {contract} 已存在。发布新版本请用 PUT。",
    "The contract {contract} is there already: publish a new version by PUT.",
)
NOT_A_CONTRACT = Message("not_a_contract", "这里只接受契约（kind: DataContract）。", "Only a contract (kind: DataContract) is taken here.")
PASSWORDS_DIFFER = Message(
    "passwords_differ", "两次输入的新密码不同，密码没有改。", "The two new passwords differ, and nothing was changed."
)
NO_CORRECTION_CHOSEN = Message("corrections_not_chosen", "请先选择要答复的更正。", "Choose the corrections to answer first.")
NO_FILE = Message("upload_without_file", "请求里没有文件。请选择要上传的文件。", "The request holds no file: choose the file to upload.")
JSON_TOO_LARGE = Message(
    "request_large", "请求超过 {limit} 字节。请分几次发送。", "The request is larger than {limit} bytes: send it in parts."
)
OTHER_CHARSET = Message("request_charset", "请求只能用 UTF-8 编码，不能用 {charset}。", "A request is in UTF-8, and not in {charset}.")
FIELD_UNSEEN = Message(
    "field_unseen_signs",
    "{field} 里有看不见的控制字符。请删去后重新发送。",
    "{field} has control characters, which cannot be seen: take them out and send it again.",
)
UNSEEN_SIGNS = Message("name_unseen_signs", "姓名里有看不见的字符。请重新输入。", "The name has signs that cannot be seen: type it again.")
TOO_LARGE = Message("upload_too_large", "文件超过 {limit} 字节。请分批报送。", "The file is larger than {limit} bytes: send it in parts.")
BAD_NAME = Message(
    "upload_name", "不认识“{name}”的文件类型。请上传 .csv、.ndjson、.parquet 或 .xlsx。",
    "The kind of the file {name} is not known: send .csv, .ndjson, .parquet or .xlsx.",
)  # fmt: skip
BAD_DATE = Message("upload_as_of", "请写明数据日期 as_of，如 2026-10-31。", "Say which day the data stands for: as_of, such as 2026-10-31.")
MAY_NOT_CONNECT = Message(
    "forbidden_source",
    "{principal} 不能改变契约 {contract} 的取数来源：来源地址、查询和密钥由数据局登记；部门自己可用本部门文件夹（source.folder: 部门名）。",
    "{principal} may not change where {contract} is fetched from: addresses, queries and secrets are the data bureau's to register; a "
    "department may use the folder of its own name (source.folder).",
)
FUTURE_DATE = Message(
    "upload_future", "数据日期 {day} 在今天之后：请写数据所代表的那一天。", "The date {day} lies ahead: say which day the data stands for."
)
BAD_KIND = Message(
    "upload_kind", "不能按“{asked}”报送：本契约约定为 {agreed}。", "It cannot be sent as {asked}: the contract agrees on {agreed}."
)
PARENT_MISSING = Message("mend_without_parent", "更正报送须写明原批次 parent。", "A mend needs the batch that it mends: parent.")
PARENT_OTHER = Message(
    "mend_other_contract", "批次 {parent} 不属于契约 {contract}。", "Batch {parent} is not one of the contract {contract}."
)
NOTHING_CHOSEN = Message("nothing_chosen", "没有选择任何村。请先勾选。", "Nothing was chosen: tick at least one unit.")
NOT_FOR_OTHERS = Message(
    "forbidden_bureau_page", "{principal} 不能布置报表：由数据管理部门布置。", "{principal} may not open periods: the data bureau does."
)
PINS_DIFFER = Message("pins_differ", "两次输入的 PIN 不一样，请再输一次。", "The two PINs differ: type them again.")
MAY_NOT_LINK = Message(
    "forbidden_links",
    "{principal} 不能发手机链接：由乡镇（街道）综合岗发给本辖区的村。",
    "{principal} may not make phone links: the township's clerk does, for villages of its area.",
)
BAD_CURSOR = Message("bad_cursor", "翻页标记不可用。请从第一页重新开始。", "The cursor cannot be used: start again from the first page.")
NO_ENTITY = Message("entity_not_found", "没有名为 {entity} 的主体。", "There is no subject entity {entity}.")
NO_SUBJECT = Message(
    "subject_unknown", "没有这个编号的{entity}，或不在您的管辖范围内。", "No {entity} of this key is known, or it lies outside your area."
)
NO_DEFINITION = Message("definition_not_found", "没有名为 {name} 的定义。", "There is no definition {name}.")
MAY_NOT_SEE_JOB = Message("forbidden_job", "{principal} 无权查看任务 {job}。", "{principal} may not see the job {job}.")
NO_JOB = Message("job_not_found", "没有编号为 {job} 的任务。", "There is no job {job}.")
BAD_CSRF = Message("csrf", "页面已过期，请刷新后再提交。", "The page is out of date: load it again and send once more.")
MAY_NOT_REPORT = Message(
    "forbidden_report",
    "{principal} 无权查看 {unit} 的报表：不在您的管辖范围内。",
    "{principal} may not see reports of {unit}: it lies outside your area.",
)
MAY_NOT_READ_PEOPLE = Message(
    "forbidden_people",
    "{principal} 不能查看报表 {form}：其中有个人信息，只供乡镇和县区履职使用。",
    "{principal} may not read the form {form}: it shows people, and is for townships and counties alone.",
)
NOT_FOR_TOWNSHIPS = Message(
    "forbidden_departments_page",
    "此页供部门和数据管理部门查看契约、批次和数据质量，不对乡镇（街道）开放。乡镇的报表在“待报表格”，有疑问的记录在“数据不一致”。",
    "This page shows contracts, batches and quality to departments and the data bureau; it is not for townships. A township's forms are "
    "under Reports due, records that differ under Disagreements.",
)
MAY_NOT_MEASURE = Message(
    "forbidden_metrics",
    "{principal} 不能查看运行指标：只供数据管理部门。请使用数据管理部门的令牌。",
    "{principal} may not read the measures of operation: they are for the data bureau alone. Use a token of the data bureau.",
)
MAY_NOT_READ_ROWS = Message(
    "forbidden_rows",
    "{principal} 不能下载契约 {contract} 的隔离行：原始数据只给报送部门。",
    "{principal} may not download held rows of {contract}: what came is shown to its sender alone.",
)
MAY_NOT_SEE = Message(
    "forbidden_contract", "{principal} 无权查看契约 {contract} 的批次。", "{principal} may not see the batches of the contract {contract}."
)
MAY_NOT_SEND = Message(
    "forbidden_send", "{principal} 无权发布契约 {contract}，也无权报送或更正其数据。",
    "{principal} may not publish the contract {contract}, nor send or mend its data.",
)  # fmt: skip
