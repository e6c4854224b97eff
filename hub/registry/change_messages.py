"""Texts about changes to definitions, and about what a change does."""

from __future__ import annotations

from hub.core.messages import Message

# Changes --------------------------------------------------------------------------------------------------------------
FIELD_ADDED = Message("change_field_added", "增加可选字段“{field}”({element})", "adds the optional field {field} ({element})")
REQUIRED_ADDED = Message(
    "change_required_added",
    "增加必填字段“{field}”:已收的行都没有它",
    "adds the required field {field}: the rows already here do not have it",
)
FIELD_REMOVED = Message(
    "change_field_removed", "删去在用字段“{field}”({element})", "removes the field {field} ({element}), which is in use"
)
IGNORED_REMOVED = Message("change_ignored_removed", "删去本就忽略的字段“{field}”", "removes the field {field}, which was ignored")
FIELD_RENAMED = Message("change_field_renamed", "字段“{field}”改名为“{new}”", "renames the field {field} to {new}")
COLUMN_RENAMED = Message(
    "change_column_renamed",
    "字段“{field}”在导出中的列名由“{old}”改为“{new}”",
    "the column of {field} in the export is now {new}, was {old}",
)
ELEMENT_CHANGED = Message(
    "change_element", "字段“{field}”由“{old}”改为“{new}”:意思变了", "the field {field} meant {old} and now means {new}"
)
NOW_REQUIRED = Message("change_now_required", "字段“{field}”由可空改为必填", "the field {field} may no longer be empty")
NOW_OPTIONAL = Message("change_now_optional", "字段“{field}”由必填改为可空", "the field {field} may now be empty")
NOW_IGNORED = Message(
    "change_now_ignored", "字段“{field}”({element})不再收:{reason}", "the field {field} ({element}) is no longer kept: {reason}"
)
NOW_BOUND = Message(
    "change_now_bound", "原来忽略的字段“{field}”开始收({element})", "the ignored field {field} is kept from now on ({element})"
)
KEY_CHANGED = Message("change_key", "主键由({old})改为({new})", "the key was ({old}) and is now ({new})")
READING_CHANGED = Message("change_reading", "字段“{field}”的读法变了:{settings}", "the field {field} is read differently: {settings}")
CODES_NARROWED = Message("change_codes_narrowed", "“{name}”不再有代码:{codes}", "{name} no longer has the codes {codes}")
CODES_WIDENED = Message("change_codes_widened", "“{name}”增加代码:{codes}", "{name} has the further codes {codes}")
CODES_MOVED = Message("change_codes_moved", "“{name}”的代码改了上级:{codes}", "{name} has these codes under other parents: {codes}")
CODES_REDATED = Message(
    "change_codes_redated", "“{name}”的代码改了有效期或说明:{codes}", "{name} has other dates or notes for these codes: {codes}"
)
CODES_RENAMED = Message("change_codes_renamed", "“{name}”的代码改了名称:{codes}", "{name} calls these codes otherwise: {codes}")
CODE_REMAPPED = Message("change_code_remapped", "“{name}”的代码改了对应:{codes}", "{name} maps these codes elsewhere: {codes}")
SPEAKER_REMOVED = Message("change_speaker_removed", "不再说“{speaker}”({entity})", "no longer speaks of {speaker} ({entity})")
SPEAKER_ADDED = Message("change_speaker_added", "开始说“{speaker}”({entity})", "speaks of {speaker} ({entity}) too")
SAYS_REMOVED = Message("change_says_removed", "“{speaker}”不再说“{element}”", "{speaker} no longer says {element}")
SAYS_CHANGED = Message("change_says", "“{speaker}”对“{element}”的说法由 {old} 改为 {new}", "{speaker} says {element} as {new}, was {old}")
RULE_ADDED = Message("change_rule_added", "增加质量规则“{rule}”:{new_zh}", "adds the quality rule {rule}: {new_en}")
RULE_REMOVED = Message("change_rule_removed", "删去质量规则“{rule}”", "removes the quality rule {rule}")
RULE_CHANGED = Message(
    "change_rule", "质量规则“{rule}”由“{old_zh}”改为“{new_zh}”", "the quality rule {rule} was “{old_en}” and is now “{new_en}”"
)
RULE_FILED = Message("change_rule_filed", "质量规则“{rule}”改归另一质量维度", "the quality rule {rule} belongs to another dimension")
TERM_CHANGED = Message("change_term", "约定“{term}”由“{old}”改为“{new}”", "the term {term} was {old} and is now {new}")
COLUMN_ADDED = Message("change_form_column_added", "表单“{form}”增加一栏“{column}”", "the form {form} has the further column {column}")
COLUMN_REMOVED = Message(
    "change_form_column_removed", "表单“{form}”不再有“{column}”一栏", "the form {form} no longer has the column {column}"
)
VERSION_KEPT = Message("change_version_kept", "内容变了,版本号仍是 {version}", "the content changed and the version is still {version}")
CONTRACT_ADDED = Message("change_contract_added", "新契约“{contract}”", "the new contract {contract}")
CONTRACT_REMOVED = Message("change_contract_removed", "删去契约“{contract}”", "removes the contract {contract}")
DEFINITION_ADDED = Message("change_added", "增加{kind_zh}“{name}”", "adds the {kind_en} {name}")
DEFINITION_REMOVED = Message("change_removed", "删去{kind_zh}“{name}”", "removes the {kind_en} {name}")
DEFINITION_CHANGED = Message(
    "change_changed", "{kind_zh}“{name}”的 {aspect} 由“{old}”改为“{new}”", "{aspect} of the {kind_en} {name} was {old} and is now {new}"
)

# Effects --------------------------------------------------------------------------------------------------------------
NEW_TABLES = Message(
    "effect_new_tables", "为“{contract}”建现行表、历史表和暂存表", "makes the current, history and staging tables of {contract}"
)
TABLE_COLUMN = Message(
    "effect_table_column", "“{contract}”的三张表增加一列“{column}”", "adds the column {column} to the three tables of {contract}"
)
GOLDEN_COLUMN = Message("effect_golden_column", "主记录“{entity}”增加“{element}”", "adds {element} to the golden record of {entity}")
CHECK = Message("effect_check", "每次交付多查一项:{new_zh}", "one more check of each delivery: {new_en}")
CHECK_CHANGED = Message(
    "effect_check_changed",
    "每次交付改查:原为“{old_zh}”,现为“{new_zh}”",
    "each delivery is checked otherwise: it was “{old_en}” and is now “{new_en}”",
)
CHECK_GONE = Message("effect_check_gone", "不再查:{rule}", "no longer checked: {rule}")
FORM_USES = Message("effect_form", "表单“{form}”用到“{element}”", "the form {form} uses {element}")
FORM_SHOWS = Message("effect_form_shows", "表单“{form}”显示指标“{measure}”", "the form {form} shows the measure {measure}")
MEASURE_USES = Message("effect_measure", "指标“{measure}”用到“{element}”", "the measure {measure} uses {element}")
RULE_USES = Message("effect_rule", "一致性规则“{rule}”用到“{element}”", "the consistency rule {rule} uses {element}")
DECIDES = Message("effect_decides", "“{element}”以“{contract}”为准", "{contract} decides {element}")
FALLS_BACK = Message(
    "effect_falls_back",
    "“{element}”的数源是“{first}”,“{contract}”排第 {position}",
    "{first} decides {element}; {contract} is number {position}",
)
ALSO_SPEAKS = Message(
    "effect_also_speaks", "“{other}”也提供“{element}”,两家不一致时要核对", "{other} supplies {element} too and must look where they differ"
)
KEPT_BESIDE = Message(
    "effect_kept_beside",
    "“{file}”只重新定义“{other}”的一部分,其余 {count} 项({names})照旧有效。要删去,请按原来的目录发布“{other}”",
    "{file} defines a part of {other} anew; its other {count} ({names}) stay in force. To remove them publish {other} from its folder",
)
