"""A finding in words: where, what was found, what was agreed, what to do. Texts only; nothing here judges a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.checks.finding import Warned
from hub.core.messages import Message, messages
from hub.registry.model import QualityRule
from hub.registry.rule_words import asks

# What is wrong, by rule.
RULE_TEXTS = messages(
    "finding.",
    {
        "row_shape": ("这一行的列数或引号不对,分不成列", "the record cannot be split into its columns"),
        "encoding": ("这一行有无法按文件编码读出的字节", "the record has bytes that are not valid in the file's encoding"),
        "character": ("含有不该出现的字符", "it holds a character that should not be there"),
        "required": ("必填项为空", "it is required and empty"),
        "type": ("不是约定的类型", "it is not of the agreed type"),
        "length": ("长度不符", "its length is wrong"),
        "code": ("不在代码表中", "it is not in the code list"),
        "check_digit": ("校验码不符", "its check digit is wrong"),
        "masked": ("已脱敏,不能作为标识", "it is masked and identifies nobody"),
        "numeric_identifier": ("号码按数字传来,可能已丢失位数", "the number came as a figure and may have lost digits"),
        "date": ("没有这一天,或超出范围", "there is no such day, or it is out of range"),
        "ambiguous": ("有不止一种读法", "it can be read in more than one way"),
        "cross_field": ("与同一行的另一项矛盾", "it contradicts another field of the row"),
        "duplicate_key": (
            "同一主键有内容不同的多行,无法判断以哪行为准",
            "several different rows have this key; which is meant is not known",
        ),
        "duplicate_row": ("与前面一行完全相同,已采用第一行", "it repeats an earlier row, which was taken"),
        "cell_error": ("单元格是公式错误", "the cell holds a formula's error"),
        "uncached_formula": ("公式没有计算结果", "the formula was never computed"),
        "division": ("没有这个区划", "there is no such place"),
        "quality": ("不符合契约的质量规则", "it breaks a quality rule of the contract"),
    },
)

# What to do, by rule.
REMEDIES = messages(
    "remedy.",
    {
        "row_shape": ("请检查这一行的分隔符和引号,含分隔符的内容要加引号", "check the delimiters and quotes of this record"),
        "encoding": ("请用同一种编码(UTF-8 或 GB18030)重新导出", "export again in one encoding (UTF-8 or GB18030)"),
        "character": ("请按证件重新录入这一项", "type this field again from the document"),
        "required": ("请补填", "fill it in"),
        "type": ("请按约定的类型改写", "write it in the agreed type"),
        "length": ("请核对是否多字或少字", "look for missing or surplus characters"),
        "code": (
            "请改用代码表中的代码,或请数据局把新代码加入对照表",
            "use a code of the list, or have the new code added to the crosswalk",
        ),
        "check_digit": ("请对照证件核对号码", "compare the number with the document"),
        "masked": ("请申请未脱敏的接口,或改用核验服务", "ask for the unmasked service, or use verification"),
        "numeric_identifier": (
            "请把该列设为文本后重新录入号码,不要只改格式",
            "make the column text and type the numbers again; changing the format only does not bring digits back",
        ),
        "date": ("请写成完整的日期,如 2024-03-05", "write a full date such as 2024-03-05"),
        "ambiguous": ("请写明是哪一种", "say which one is meant"),
        "cross_field": ("请核对两项,更正错误的一项", "compare both fields and mend the wrong one"),
        "duplicate_key": ("请只保留正确的一行", "keep the right row only"),
        "duplicate_row": ("无需处理;请从源头去重", "nothing to do; remove the copy at its source"),
        "cell_error": ("请修正公式,或改填数值", "mend the formula, or type the value"),
        "uncached_formula": ("请用表格软件打开并保存一次,或改填数值", "open and save the workbook once, or type the value"),
        "division": ("请改用现行区划代码", "use a code of the division list in force"),
        "quality": ("请按规则更正", "mend it by the rule"),
    },
)

# A nearer remedy, by rule and hint.
HINTS = messages(
    "hint.",
    {
        "character-lost": (
            "姓名中有字符被旧系统写成了 ?,请按证件补上",
            "an older system wrote ? for a character of the name: put it back from the document",
        ),
        "character-formula": ("姓名以公式符号开头,请重新录入", "the name begins like a formula: type it again"),
        "type-date_cell": (
            "表格软件把内容变成了日期,原文已丢失:请把该列设为文本后重新录入",
            "the spreadsheet made a date of it and the text is lost: make the column text and type it again",
        ),
        "type-scale": ("小数位数多于约定,请不要四舍五入,核对单位", "it has more decimals than agreed: do not round, look at the unit"),
        "type-number": ("请只写数字,单位按契约", "write the figure only, in the contract's unit"),
        "type-too_large": ("数字过大,请核对", "the figure is too large: check it"),
        "type-boolean": ("请写 是/否、Y/N 或 1/0", "write 是/否, Y/N or 1/0"),
        "type-landline": ("这里要手机号码,不是座机", "a mobile number is asked for, not a landline"),
        "type-name": ("这里要姓名", "a person's name is asked for"),
        "code-lost_zero": ("可能丢了前面的 0,请把该列设为文本", "a leading zero may be lost: make the column text"),
        "code-crosswalk": ("对照表里没有这个写法,请更正或补充对照表", "the crosswalk does not know it: mend it, or add it there"),
        "code-citizen_id": ("这是公民身份号码,不是统一社会信用代码", "this is a citizen id, not a social credit code"),
        "code-region": ("号码开头的省份不存在", "the number begins with a province that does not exist"),
        "check_digit-zeros": (
            "末尾是 000:很可能被表格软件抹成了数字,请从原件重录",
            "it ends in 000: a spreadsheet probably rounded it; type it again from the document",
        ),
        "check_digit-letters": ("有不会出现的字母(如把 0 写成 O),请核对", "it has a letter that cannot occur (an O for a 0): check it"),
        "check_digit-organisation": ("其中的组织机构代码校验不符,请核对", "the organisation code inside does not close: check it"),
        "masked-name": ("姓名已脱敏,请提供全名", "the name is masked: give it in full"),
        "date-partial": ("只有年月或年,请补全日期;确实不知道的请留空", "only a part of the date is given: complete it, or leave it empty"),
        "date-inside": ("号码中的出生日期不存在,请核对号码", "the birth date inside the number does not exist: check the number"),
        "date-future": ("日期晚于今天,请核对", "it lies after today: check it"),
        "date-skipped_hour": ("夏令时开始,当天没有这个钟点,请核对", "the clock skipped this hour for summer time: check it"),
        "ambiguous-january_or_october": ("是 1 月还是 10 月?请写成 2023.01 或 2023年10月", "January or October? Write 2023.01 or 2023-10"),
        "ambiguous-places": ("同名的村不止一个,请写上乡镇", "several places have this name: write the township too"),
        "ambiguous-hour_twice": ("夏令时结束,这个钟点有两次,请写明时区", "the clock went through this hour twice: give the zone"),
        "cross_field-birth_date": (
            "出生日期与公民身份号码不一致,请对照证件",
            "the birth date differs from the citizen id: compare with the document",
        ),
        "cross_field-sex": ("性别与公民身份号码不一致,请对照证件", "the sex differs from the citizen id: compare with the document"),
        "cross_field-place": ("村不在所填的行政区划内,请核对", "the village does not lie in the division given: check both"),
        "cross_field-citizen_id": (
            "证号中的身份号码与本行的不一致,请核对",
            "the citizen id inside the number is not that of the row: check both",
        ),
        "division-nearest": ("请核对,相近的有所列各项", "check it; the nearest ones are listed"),
        "division-split": (
            "这个区划已拆分,请写明现在属于所列的哪一个",
            "this place was split: say to which of the listed ones it belongs now",
        ),
        "division-nine_digits": ("只有九位是乡镇,请写十二位", "nine digits name a township: write twelve"),
        "division-near": (
            "区划表里没有这个名称,请从所列的里面选定,按选定的名称或代码改写",
            "no place of this name: choose among the listed ones and write its name or code",
        ),
        "division-name": ("区划表里没有这个名称,请写全:县 乡镇 村", "no place of this name: write county, township and village"),
        "numeric_identifier-scientific": (
            "号码成了科学计数法,位数已丢失:请把该列设为文本后从原件重录",
            "it is in scientific notation and its digits are gone: make the column text and type it again",
        ),
    },
)

# What was agreed, by the machine word that a finding carries.
AGREED = messages(
    "agreed.",
    {
        "citizen_id": ("18 位公民身份号码(GB 11643)", "an 18-character citizen id (GB 11643)"),
        "credit_code": ("18 位统一社会信用代码(GB 32100)", "an 18-character social credit code (GB 32100)"),
        "bank_account": ("银行账号", "a bank account"),
        "mobile": ("11 位手机号码", "an 11-digit mobile number"),
        "phone": ("电话号码", "a telephone number"),
        "student_number": ("G/L/J 加公民身份号码的学籍号", "a student number: G, L or J and the citizen id"),
        "disability_certificate": ("20 位残疾人证号", "a 20-character disability certificate number"),
        "permit": ("居住证号", "a permit number"),
        "person_name": ("姓名全名", "a full name"),
        "address": ("地址", "an address"),
        "code": ("代码表 {detail}", "code list {detail}"),
        "division": ("12 位区划代码或其名称", "a 12-digit division code, or its names"),
        "date": ("日期", "a date"),
        "month": ("年月", "a month"),
        "datetime": ("日期和时间", "a date and time"),
        "integer": ("整数", "a whole number"),
        "decimal": ("至多 {detail} 位小数的数", "a number of at most {detail} decimals"),
        "money": ("金额(元,至多 {detail} 位小数)", "an amount in yuan of at most {detail} decimals"),
        "boolean": ("是或否", "yes or no"),
        "text": ("文字,至多 {detail} 字", "text of at most {detail} characters"),
    },
)

PERHAPS = Message("finding_perhaps", "可能是 {places}", "perhaps {places}")
# Why a place may be meant (``hub.intake.near_names.Why``).
WHY_NEAR = messages(
    "near.",
    {
        "ending": ("只有村、村委会、街道、办事处等字样不同", "only the kind of place is written otherwise"),
        "sound": ("一字不同,拼音首字母相同", "one character is another that may sound alike"),
        "order": ("字相同,次序不同", "the same characters in another order"),
        "sign": ("一字不同", "one character is another"),
    },
)

# What a person should know of, by the kind of a Warned; {place} is a column or a file, {count} the number of cells or rows.
WARNINGS = messages(
    "warning.",
    {
        "encoding_differs": ("{place}:文件编码与契约不同,已按实际编码读取", "{place}: the encoding is not the contract's; read as it is"),
        "header_normalised": ("{place}:表头经整理后才与契约对上", "{place}: the header was matched after tidying"),
        "extra_column": ("{place}:契约里没有这一列,未读取", "{place}: the contract has no such column; it was not read"),
        "missing_column": ("{place}:契约里可选的这一列没有来,按空处理", "{place}: this optional column did not come; it is read as empty"),
        "preamble": (
            "{place}:表头上方有 {count} 行说明,不作数据",
            "{place}: {count} lines above the header are not data",
        ),
        "footer": ("{place}:表尾有 {count} 行,不作数据", "{place}: {count} lines below the table are not data"),
        "hidden_rows": ("{place}:有 {count} 个隐藏行,已一并读取", "{place}: {count} hidden rows were read like any other"),
        "hidden_sheet": ("{place}:有隐藏的工作表", "{place}: a sheet is hidden"),
        "blank_rows": ("{place}:有 {count} 个空行,不作数据", "{place}: {count} blank rows are not data"),
        "private_use": (
            "{place}:{count} 项含自造字,换一台机器可能显示不出",
            "{place}: {count} values hold private characters that other machines cannot show",
        ),
        "numeric_code": (
            "{place}:{count} 个代码按数字传来,位数未丢,请改为文本",
            "{place}: {count} codes came as numbers, complete; send text",
        ),
        "placeholder_date": (
            "{place}:{count} 个日期是 1900-01-01,通常表示不详",
            "{place}: {count} dates are 1900-01-01, which usually stands for unknown",
        ),
        "division_level": ("{place}:{count} 项只到乡镇(或以上),没有到村", "{place}: {count} places are given at township level or above"),
        "division_superseded": (
            "{place}:{count} 个区划代码已由新代码代替",
            "{place}: {count} division codes were replaced by their successors",
        ),
        "former_county": (
            "{place}:{count} 个号码的县级代码不在现行区划中,可能是旧县",
            "{place}: {count} ids name a county of the past, or none",
        ),
        "short_name": ("{place}:{count} 个姓名只有一个字", "{place}: {count} names are of one character"),
    },
)

WHERE = Message("finding_where", "第 {record} 条", "record {record}")
WHERE_LINE = Message("finding_where_line", "第 {record} 条(第 {line} 行)", "record {record} (line {line})")
COLUMN = Message("finding_column", "「{column}」", "“{column}”")
FOUND = Message("finding_found", "收到 {found}", "found {found}")
EXPECTED = Message("finding_agreed", "约定 {agreed}", "agreed: {agreed}")
OTHER = Message("finding_other", "对照「{agreed}」", "against “{agreed}”")
COPIES = Message("finding_copies", "共 {found} 行", "{found} rows")


def explain(
    finding: Mapping[str, Any],
    language: str = "zh",
    columns: Mapping[str, str] | None = None,
    rules: Mapping[str, QualityRule] | None = None,
) -> str:
    """One line for people. ``finding``: a row of FINDINGS; ``columns``: field -> the column's name in the export; ``rules``: the
    contract's quality rules by name: a finding of one says what the rule asks, as it is now."""
    columns = columns or {}
    where = (WHERE if finding.get("line") is None else WHERE_LINE).text(language, finding)
    field = finding.get("field")
    column = COLUMN.text(language, {"column": columns.get(field, field)}) if field else ""
    rule = str(finding["rule"])
    wrong = RULE_TEXTS[rule].text(language) if rule in RULE_TEXTS else rule
    details = [part for part in (_found(finding, language), _agreed(finding, language, columns, rules or {})) if part]
    if language == "en":
        said = f" ({'; '.join(details)})" if details else ""
        return f"{where}{', ' + column if column else ''}: {wrong}{said}. {_capital(remedy(finding, language))}."
    said = f"({';'.join(details)})" if details else ""
    return f"{where}{column}:{wrong}{said}。{remedy(finding, language)}。"


def remedy(finding: Mapping[str, Any], language: str = "zh") -> str:
    """What the sender should do about a finding."""
    rule, hint = finding["rule"], finding.get("hint")
    message = HINTS.get(f"{rule}-{hint}") or REMEDIES.get(str(rule))
    return message.text(language) if message else ""


def explain_warning(warned: Warned, language: str = "zh") -> str:
    """One line for people about something that holds nothing back."""
    message = WARNINGS.get(warned.kind)
    return message.text(language, {"place": warned.place, "count": warned.count, **warned.values}) if message else warned.kind


def _found(finding: Mapping[str, Any], language: str) -> str:
    found = finding.get("found")
    if not found:
        return ""
    return (COPIES if str(finding["rule"]).startswith("duplicate") else FOUND).text(language, finding)


def _near(proposed: str, language: str) -> str:
    place, _, why = proposed.partition("~")
    return f"{place} ({WHY_NEAR[why].text(language)})"


def _agreed(finding: Mapping[str, Any], language: str, columns: Mapping[str, str], rules: Mapping[str, QualityRule]) -> str:
    agreed = finding.get("agreed")
    if not agreed:
        return ""
    if finding["rule"] == "duplicate_row":
        return WHERE.text(language, {"record": agreed})
    if finding["rule"] == "cross_field":
        return OTHER.text(language, {"agreed": columns.get(agreed, agreed)})
    if finding["rule"] == "quality" and agreed in rules:
        return EXPECTED.text(language, {"agreed": asks(rules[agreed], language, columns)})
    word, _, detail = str(agreed).partition(":")
    if word == "near":
        return PERHAPS.text(language, {"places": "; ".join(_near(one, language) for one in detail.split("; "))})
    if word in AGREED and not (word == "text" and not detail):
        agreed = AGREED[word].text(language, {"detail": detail})
    elif word == "text":
        return ""
    return EXPECTED.text(language, {"agreed": agreed})


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
