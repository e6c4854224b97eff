"""Texts of the registry. Each mistake in a definition has a code, what is wrong, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hub.core.errors import Kind, YibiaoError
from hub.core.messages import Message
from hub.registry.model import Place, Title


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake that a definition can have: the full message, and its two parts for tables of findings."""

    message: Message
    what: Title
    remedy: Title
    kind: Kind = Kind.INVALID

    def error(self, place: Place, **values: Any) -> YibiaoError:
        return YibiaoError(self.kind, self.message, file=place.file, line=place.line, **values)


FAULTS: dict[str, Fault] = {}


def fault(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str, kind: Kind = Kind.INVALID) -> Fault:
    """Declares a mistake; its message is place, what and remedy in one text."""
    message = Message(
        f"registry_{code}", "{file} 第 {line} 行:" + zh + "。" + remedy_zh + "。", "{file} line {line}: " + en + ". " + remedy_en + "."
    )
    declared = Fault(message, Title(zh, en), Title(remedy_zh, remedy_en), kind)
    FAULTS[message.code] = declared
    return declared


DEFINITIONS = Message(
    "registry_definitions", "定义有 {count} 处不对,第一处:{first_zh}", "{count} mistakes in the definitions, the first: {first_en}"
)

# Reading --------------------------------------------------------------------------------------------------------------
NO_FILE = fault("no_file", "没有这个文件或目录", "no such file or folder", "请核对路径", "Check the path")
NOT_UTF8 = fault("not_utf8", "不是 UTF-8 编码", "not UTF-8", "请另存为 UTF-8", "Save the file as UTF-8")
TOO_LARGE = fault("too_large", "文件超过 {limit} 字节", "the file is larger than {limit} bytes", "请拆成几个文件", "Split it")
TOO_MANY = fault("too_many", "超过 {limit} 个值", "more than {limit} values", "请拆成几个文件", "Split it")
TOO_DEEP = fault("too_deep", "嵌套超过 {limit} 层", "nested deeper than {limit} levels", "请减少层次", "Flatten it")
BAD_YAML = fault(
    "bad_yaml", "YAML 写法有误:{problem}", "bad YAML: {problem}", "请检查缩进、冒号和引号", "Check indentation, colons and quotes"
)
ALIAS = fault("alias", "用了锚点和别名", "an anchor is used", "请把内容写出来", "Write the content out")
KEY_TWICE = fault("key_twice", "“{key}”写了两次", "{key} is written twice", "请只留一处", "Keep one of them")
NOT_A_DEFINITION = fault(
    "not_a_definition", "不是定义文件:没有 kind", "not a definition: there is no kind",
    "请写明 kind:Elements、Entity、CodeLists、DataContract、Measures、Rules 或 Form",
    "Say which kind it is: Elements, Entity, CodeLists, DataContract, Measures, Rules or Form",
)  # fmt: skip
CSV_HEADER = fault("csv_header", "表头是“{found}”", "the header is {found}", "应为“{agreed}”", "It should be {agreed}")
CSV_ROW = fault(
    "csv_row",
    "这一行有 {found} 列,表头有 {agreed} 列",
    "{found} cells, the header has {agreed}",
    "请补齐或加引号",
    "Fill up or quote the cells",
)
SHAPE = fault("shape", "“{path}”{problem_zh}", "{path}: {problem_en}", "请照同类文件改写", "Write it as in the other files of its kind")

# The dictionary -------------------------------------------------------------------------------------------------------
TWICE = fault(
    "twice",
    "{what_zh}“{name}”已在 {other} 定义过",
    "the {what_en} {name} is already defined at {other}",
    "请改名或删去一处",
    "Rename it or remove one",
)
LIST_NOT_DESCRIBED = fault(
    "list_not_described", "代码集“{name}”没有说明", "the code list {name} is not described",
    "请在 codes/lists.yaml 写明名称和标准", "Give its title and standard in codes/lists.yaml",
)  # fmt: skip
LIST_WITHOUT_CODES = fault(
    "list_without_codes", "代码集“{name}”没有代码", "the code list {name} has no codes", "请补 {name}.csv", "Add {name}.csv"
)
CODE_EMPTY = fault("code_empty", "代码或中文名称为空", "a code or its Chinese name is empty", "请补齐", "Fill it in")
CODE_TWICE = fault("code_twice", "代码“{code}”写了两次,意思不同", "the code {code} stands twice", "请只留一行", "Keep one row")
PARENT_UNKNOWN = fault(
    "parent_unknown",
    "代码“{code}”的上级“{parent}”不在表中",
    "{parent}, the parent of {code}, is not in the list",
    "请补上级或改正",
    "Add the parent or correct it",
)
BAD_DATE = fault(
    "bad_date", "{column} 的“{found}”不是日期", "{found} in {column} is not a date", "请写成 2024-01-31", "Write it like 2024-01-31"
)
SUCCESSION_WRONG = fault(
    "succession_wrong", "区划沿革“{old} → {new}”({how})不成立", "the succession {old} to {new} ({how}) is none",
    "两个代码都要在区划表中(旧代码写上截止日期),类别是 {known} 之一", "Both codes must be in the division list (the old one with its last day); the kinds are {known}",
)  # fmt: skip
CROSSWALK_TARGET = fault(
    "crosswalk_target", "对照表“{name}”的“{code}”不是代码集“{code_list}”的代码", "the crosswalk {name} leads to {code}, which is not a code of {code_list}",
    "请改成该代码集的代码,一张对照表只对一个代码集", "Use a code of that list; one crosswalk leads to one list",
)  # fmt: skip

# References -----------------------------------------------------------------------------------------------------------
UNKNOWN = fault("unknown", "“{name}”不是已登记的{what_zh}", "{name} is not a known {what_en}", "相近的有:{near}", "Near it: {near}")
ELEMENT_NEEDS = fault("element_needs", "数据元“{name}”缺少 {needed}", "the element {name} needs {needed}", "请补写", "Add it")
ENTITY_NEEDS = fault("entity_needs", "实体“{name}”缺少 {needed}", "the entity {name} needs {needed}", "请补写", "Add it")
REFERENCE_TO_OWNED = fault(
    "reference_to_owned", "“{name}”指向“{entity}”,它不是主体", "{name} refers to {entity}, which is not a subject",
    "引用只能指向有主键的主体", "A reference leads to a subject, which has a key",
)  # fmt: skip
COLLECTION = fault(
    "collection", "实体“{name}”的集合“{collection}”对不上:“{entity}”没有这样的归属或引用", "the collection {collection} of {name} does not fit: {entity} has no such owner or reference",
    "请核对 entity 和 via", "Check entity and via",
)  # fmt: skip

# Contracts ------------------------------------------------------------------------------------------------------------
BOUND_OR_IGNORED = fault(
    "bound_or_ignored", "字段“{field}”既没有对应数据元,也没有说明为什么不要", "the field {field} is neither bound to an element nor ignored with a reason",
    "请写 authoritativeDefinitions(dataElement),或写 ignored 和理由", "Bind it by authoritativeDefinitions (dataElement), or write ignored with the reason",
)  # fmt: skip
FIELD_TWICE = fault("field_twice", "列名“{field}”写了两次", "the column {field} stands twice", "请改名", "Rename it")
NO_KEY = fault(
    "no_key",
    "契约“{contract}”没有主键",
    "the contract {contract} has no key",
    "请给标识一行的字段写 primaryKey: true",
    "Mark the fields that identify a row with primaryKey: true",
)
KEY_IGNORED = fault(
    "key_ignored", "主键字段“{field}”不能忽略", "the key field {field} cannot be ignored", "请对应数据元", "Bind it to an element"
)
NO_SPEAKER = fault(
    "no_speaker", "字段“{field}”说的是哪个主体或记录不清楚:“{speaker}”", "whom the field {field} speaks of is not clear: {speaker}",
    "speaksOf 要写本契约的一个 role 或 record,实体要与数据元一致", "speaksOf names a role or record of this contract whose entity is the element's",
)  # fmt: skip
UNUSED_FIELD = fault(
    "unused_field", "字段“{field}”没有用处:没有 speaksOf,也没有表达式用到它", "the field {field} is of no use: no speaksOf, and no expression uses it",
    "请写 speaksOf,或写 ignored 和理由", "Write speaksOf, or ignore it with the reason",
)  # fmt: skip
BAD_EXPRESSION = fault(
    "bad_expression", "表达式“{expression}”有误:{problem_zh}", "the expression {expression} is wrong: {problem_en}", "请改正", "Correct it"
)
ROLE_UNKNOWN = fault(
    "role_unknown", "“{name}”不是本契约的角色", "{name} is not a role of this contract", "本契约的角色有:{near}", "Its roles are: {near}"
)
ROLE_KEY = fault(
    "role_key", "角色“{role}”的主键字段“{field}”不是“{element}”", "the key {field} of the role {role} is not {element}",
    "主键字段要对应该实体的主键数据元", "The key field must be bound to the entity's key element",
)  # fmt: skip
ROLE_SUBJECT = fault(
    "role_subject",
    "角色“{role}”的实体“{entity}”不是主体",
    "the entity {entity} of the role {role} is not a subject",
    "归属记录请写成 record",
    "Write an owned entity as a record",
)
RECORD_OWNED = fault(
    "record_owned",
    "记录“{record}”的实体“{entity}”不归“{owner}”所有",
    "{entity} of the record {record} is not owned by {owner}",
    "请核对 entity 和 owner",
    "Check entity and owner",
)
REFERENCE_SAYS = fault(
    "reference_says", "“{element}”是引用,要写 role(名称)", "{element} is a reference: it is said by role(NAME)",
    "请写 role(名称)", "Write role(NAME)",
)  # fmt: skip
SAYING_SHAPE = fault(
    "saying_shape", "表达式“{expression}”不能逐行计算:“{what}”", "the expression {expression} cannot be computed row by row: {what}",
    "只能用本行的字段、常量、case、coalesce、比较和 role(角色名)", "Use fields of the row, constants, case, coalesce, comparisons and role(NAME)",
)  # fmt: skip
SAYING_SEALED = fault(
    "saying_sealed", "表达式“{expression}”用到保密项“{element}”", "the expression {expression} uses the sealed element {element}",
    "保密项只能由同一数据元的字段原样给出,或判断是否为空", "A sealed element is passed on by its own field alone, or asked whether it is empty",
)  # fmt: skip
SAYING_UNFIT = fault(
    "saying_unfit", "表达式“{expression}”给出的“{part}”不合“{element}”({type})",
    "the expression {expression} gives {part}, which is nothing for {element} ({type})",
    "请给出该数据元类型和代码集内的值", "Give a value of its type and of its code list",
)  # fmt: skip
CROSSWALK_LIST = fault(
    "crosswalk_list", "字段“{field}”的对照表“{crosswalk}”对的是“{found}”,数据元用的是“{agreed}”", "the crosswalk {crosswalk} of {field} leads to {found}, the element uses {agreed}",
    "请换对照表", "Use another crosswalk",
)  # fmt: skip
LOGICAL_TYPE = fault(
    "logical_type",
    "字段“{field}”的 logicalType 是 {found},数据元的类型要求 {agreed}",
    "the logicalType of {field} is {found}, its element wants {agreed}",
    "请改成 {agreed}",
    "Write {agreed}",
)
SETTING = fault(
    "setting",
    "字段“{field}”写了 {setting},只适用于{applies_zh}",
    "{field} has {setting}, which is for {applies_en} only",
    "请删去",
    "Remove it",
)
NO_ENDING = fault(
    "no_ending", "增量契约“{contract}”没有说明记录怎样终止", "the delta contract {contract} does not say how an ending arrives",
    "请写 ending:标志 flag:字段=值、定期全量 full:30d,或终止名单 list", "Write ending: flag:FIELD=VALUE, full:30d, or list",
)  # fmt: skip
BAD_ENDING = fault(
    "bad_ending",
    "ending“{ending}”看不懂",
    "the ending {ending} is not understood",
    "请写 flag:字段=值、full:30d 或 list",
    "Write flag:FIELD=VALUE, full:30d or list",
)
BAD_SCHEDULE = fault(
    "bad_schedule",
    "计划“{schedule}”看不懂:{reason_zh}",
    "the schedule {schedule} cannot be read: {reason_en}",
    "请写五段 cron,例如 0 2 1 * *(每月1日2时)",
    "Write a five-field cron, for example 0 2 1 * * (at 2 on the first of the month)",
)
DATED_BY = fault(
    "dated_by",
    "datedBy 的“{field}”不是日期字段",
    "{field} of datedBy is not a date field",
    "请写一个日期、年月或时间字段",
    "Name a date, month or datetime field",
)

# One source per item --------------------------------------------------------------------------------------------------
AUTHORITY_UNKNOWN = fault(
    "authority_unknown", "数据元“{element}”的数源“{contract}”不是已登记的契约", "the authority {contract} of {element} is not a known contract",
    "请登记该契约,或从 order 删去", "Publish that contract, or take it out of the order", Kind.REFUSED,
)  # fmt: skip
AUTHORITY_SILENT = fault(
    "authority_silent", "数据元“{element}”的数源“{contract}”并不提供它", "the authority {contract} of {element} does not supply it",
    "请在该契约里对应字段,或从 order 删去", "Bind a field of that contract, or take it out of the order", Kind.REFUSED,
)  # fmt: skip
NO_ORDER = fault(
    "no_order", "数据元“{element}”已由“{first}”提供,“{contract}”也要提供,没有写先后", "{element} is supplied by {first}; {contract} would supply it too, and there is no order",
    "请不要采集这一项(写 ignored),或在数据元({at})的 authority.order 写明数源和先后", "Ignore that field, or write the order in the element's authority.order ({at})", Kind.REFUSED,
)  # fmt: skip
SECOND_AUTHORITY = fault(
    "second_authority", "契约“{contract}”要提供“{element}”,它的数源是“{first}”", "{contract} would supply {element}, whose source is {first}",
    "请不要采集这一项(写 ignored),或经 {first} 的部门同意排进 authority.order", "Ignore that field, or have it placed in authority.order with the agreement of {first}", Kind.REFUSED,
)  # fmt: skip
OWNED_TWICE = fault(
    "owned_twice", "“{entity}”已由“{first}”提供,“{contract}”不能再提供", "{entity} is supplied by {first}; {contract} cannot supply it too",
    "请写 ignored,或让两个契约的类别(partition)各不相同", "Ignore it, or give each contract other values of the partition", Kind.REFUSED,
)  # fmt: skip


def twice(what_zh: str, what_en: str, name: str, first: Place, second: Place) -> YibiaoError:
    """One name defined at two places."""
    return TWICE.error(second, what_zh=what_zh, what_en=what_en, name=name, other=f"{first.file}:{first.line}")


def unknown(place: Place, what_zh: str, what_en: str, name: str, known: Iterable[str]) -> YibiaoError:
    """A name that nobody defined, with the nearest ones."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return UNKNOWN.error(place, what_zh=what_zh, what_en=what_en, name=name, near="、".join(near) or "—")
