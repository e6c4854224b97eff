"""What can be wrong with an expression, a measure, a rule or a form, in words."""

from __future__ import annotations

from hub.core.errors import Kind
from hub.registry.messages import fault

_AT = ",位置 {at}:表达式“{expression}”"
_AT_EN = ", position {at} of {expression}"

SYNTAX = fault(
    "expression_syntax", "表达式写法有误" + _AT, "the expression cannot be read" + _AT_EN,
    "请检查括号、引号和运算符", "Check brackets, quotes and operators",
)  # fmt: skip
TOO_LONG = fault(
    "expression_too_long", "表达式有 {length} 个字符,最多 {limit} 个", "the expression has {length} characters, {limit} at most",
    "请把它拆成几个派生数据元", "Split it into derived elements",
)  # fmt: skip
UNSUPPORTED = fault(
    "expression_unsupported", "表达式中不能用“{what}”" + _AT, "{what} is not part of the language" + _AT_EN,
    "可用:比较、and/or/not、in、is null、between、case、coalesce、+ - * 和集合上的 count/sum/min/max/first/exists",
    "There are: comparison, and/or/not, in, is null, between, case, coalesce, + - *, and count/sum/min/max/first/exists over a collection",
)  # fmt: skip
UNKNOWN_NAME = fault(
    "expression_unknown_name", "{entity} 没有“{name}”" + _AT, "{entity} has no {name}" + _AT_EN,
    "相近的有:{near}", "Near it: {near}",
)  # fmt: skip
NOT_A_REFERENCE = fault(
    "expression_not_a_reference", "“{name}”不是引用,后面不能再跟“.”" + _AT, "{name} is not a reference, so nothing can follow it" + _AT_EN,
    "请在此结束路径", "End the path there",
)  # fmt: skip
COLLECTION = fault(
    "expression_collection", "集合“{name}”只能出现在聚合之内" + _AT, "the collection {name} stands only in an aggregate" + _AT_EN,
    "请写成 count({name})、exists({name}) 或 sum/min/max/first({name}.…)",
    "Write count({name}), exists({name}) or sum/min/max/first({name}.…)",
)  # fmt: skip
UNKNOWN_ANSWERS = fault(
    "form_unknown_answers", "分表 {section} 的答复部门“{name}”不在任何契约中", "{name}, which answers for section {section}, has no contract",
    "相近的有:{near}", "Near it: {near}",
)  # fmt: skip
NO_COLLECTION = fault(
    "expression_no_collection", "聚合 {function} 之内没有集合" + _AT, "{function} does not range over a collection" + _AT_EN,
    "请从集合写起:{near}", "Begin with a collection: {near}",
)  # fmt: skip
OUTSIDE = fault(
    "expression_outside_aggregate", "聚合条件里的“{name}”不在“{collection}”之内" + _AT,
    "{name}, in an aggregate's condition, does not begin with {collection}" + _AT_EN,
    "请写成 {collection}.…", "Write {collection}.…",
)  # fmt: skip
TYPES = fault(
    "expression_types", "{left} 与 {right} 不能这样运算" + _AT, "{left} and {right} do not go together here" + _AT_EN,
    "请核对两边的类型", "Check the types of both sides",
)  # fmt: skip
TEXT_ORDER = fault(
    "expression_text_order", "文本只能比较相等与否" + _AT, "text is compared for equality only" + _AT_EN,
    "请用 =、<> 或 in", "Use =, <> or in",
)  # fmt: skip
SEALED = fault(
    "expression_sealed", "“{name}”是加密项,不能这样用" + _AT, "{name} is sealed and cannot be used so" + _AT_EN,
    "加密项只能原样取出、计数或判断是否为空", "A sealed element can be passed on, counted, or tested for null",
)  # fmt: skip
CODE = fault(
    "expression_code", "“{code}”不在代码集“{code_list}”内" + _AT, "{code} is not in the code list {code_list}" + _AT_EN,
    "相近的有:{near}", "Near it: {near}",
)  # fmt: skip
PARAMETER = fault(
    "expression_parameter", "没有参数“:{name}”" + _AT, "there is no parameter :{name}" + _AT_EN,
    "可用的有:{near}", "There are: {near}",
)  # fmt: skip
FUNCTION = fault(
    "expression_function", "没有函数“{name}”,或参数不对" + _AT, "there is no function {name} with these arguments" + _AT_EN,
    "可用的有:{near}", "There are: {near}",
)  # fmt: skip
CYCLE = fault(
    "expression_cycle", "派生项“{name}”用到了它自己" + _AT, "the derived element {name} uses itself" + _AT_EN,
    "请拆开循环", "Break the circle",
)  # fmt: skip
NOT_BOOLEAN = fault(
    "expression_not_boolean", "条件的结果不是“是/否”而是{left}" + _AT, "a condition must be true or false, this is {left}" + _AT_EN,
    "请写成比较", "Write a comparison",
)  # fmt: skip

MEASURE_SHAPE = fault(
    "measure_shape", "指标的 value 应为一个聚合,如 count(*)、count(distinct household)、sum(amount)" + _AT,
    "the value of a measure is one aggregate: count(*), count(distinct household), sum(amount)" + _AT_EN,
    "条件请写在 where", "Put conditions into where",
)  # fmt: skip
MEASURE_PLACE = fault(
    "measure_place", "指标的 by“{name}”不是区划" + _AT, "the place {name} of the measure is not a division" + _AT_EN,
    "请写出哪个区划:户籍地、居住地", "Say which place: registered village, village lived in",
)  # fmt: skip

MEASURE_IN_ROSTER = fault(
    "measure_in_roster", "名册的一行不是一个地方,没有指标“{name}”的数", "a line of a roster is no place, so it has no figure of {name}",
    "请把指标放到指标段,或用集合上的 count/sum", "Put the measure into a section of indicators, or count a collection",
)  # fmt: skip
UNKNOWN_MEASURE = fault("form_unknown_measure", "没有指标“{name}”", "there is no measure {name}", "相近的有:{near}", "Near it: {near}")
UNKNOWN_FIELD = fault(
    "form_unknown_field", "公式用到的“{name}”不是本部分的栏目", "{name} in the formula is not a field of this section",
    "相近的有:{near}", "Near it: {near}",
)  # fmt: skip
UNKNOWN_SECTION = fault("form_unknown_section", "没有这一部分:“{name}”", "there is no section {name}", "相近的有:{near}", "Near it: {near}")
UNBOUND_ENTRY = fault(
    "form_unbound_entry", "填报项“{field}”没有绑定数据元", "the entry {field} is bound to no element",
    "请绑定数据元,或注明 keep: true(只留在本表)", "Bind it to an element, or mark it keep: true",
)  # fmt: skip
FORMULA_CYCLE = fault("form_formula_cycle", "公式“{name}”用到了它自己", "the formula {name} uses itself", "请拆开循环", "Break the circle")
ASKS_AGAIN = fault(
    "form_asks_again",
    "表“{form}”的填报项“{field}”({element})已由“{source}”提供,不能再要求基层填报",
    "the form {form} asks people for {field} ({element}), which {source} supplies",
    "请改为 element,由“{source}”自动带出", "Make it a field of kind element: it is filled from {source}",
    Kind.REFUSED,
)  # fmt: skip
ASKS_MEASURE = fault(
    "form_asks_measure",
    "表“{form}”的填报项“{field}”要基层填“{measure}”,它是已有的指标,由“{source}”的数据算出",
    "the form {form} asks people for {field} ({measure}), which is a measure counted from {source}",
    "请改为 measure: {measure};不是同一个数的,请换一个名字", "Make it measure: {measure}; if it is another figure, give it another name",
    Kind.REFUSED,
)  # fmt: skip
ASKS_TITLE = fault(
    "form_asks_title",
    "表“{form}”要基层填“{field}”,数据元“{element}”就叫这个,已由“{source}”提供",
    "the form {form} asks people for {field}, which is the title of {element}, supplied by {source}",
    "请改为 element,由“{source}”自动带出;不是同一项的,请换一个标题", "Make it a field of kind element: it is filled from {source}; if it is something else, give it another title",
    Kind.REFUSED,
)  # fmt: skip
SURVEY_DATA = fault(
    "form_survey_data",
    "表“{form}”的“{field}”({element})只来自统计调查“{source}”,其个体资料不得用于统计以外的目的(统计法第二十八条)",
    "{field} of the form {form} ({element}) comes only from the statistical survey {source}, whose individual data serves statistics alone",
    "请改用其他来源", "Use another source",
    Kind.REFUSED,
)  # fmt: skip
EXPIRY = fault("form_expiry", "有效期“{found}”不是日期", "the expiry {found} is not a date", "请写成 2027-12-31", "Write it as 2027-12-31")
SECTION_NEEDS = fault(
    "form_section_needs", "部分“{name}”缺少 {needed}", "the section {name} has no {needed}",
    "花名册要写 of(实体)和 by(归哪个村)", "A roster needs of (an entity) and by (the place of a line)",
)  # fmt: skip
FIELD_TWICE = fault("form_field_twice", "栏目“{name}”写了两次", "the field {name} is written twice", "请改名", "Rename one")
