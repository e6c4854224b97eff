"""Small contracts for the connector's tests: the columns of five departments' exports, nothing bound.

The names are those of the intake cases' datasets; the required ones as the cases' manifest says.
"""

from __future__ import annotations

from hub.registry.model import Contract, Delivery, Field, SourceSpec, Title

COLUMNS = {
    "public-security/resident": (
        "公民身份号码,姓名,性别,民族,出生日期,户号,与户主关系,户主公民身份号码,户别,户籍地行政区划,户籍村(居)委会代码,户籍地址,"
        "实际居住地村(居)委会代码,实际居住地址,是否流动人口,来本地日期,居住证号,人员状态,更新时间"
    ),
    "civil-affairs/minimum-living": (
        "地区,户主姓名,户主身份证号,低保证号,保障类别,家庭人口,保障人数,成员姓名,成员身份证号,与户主关系,婚姻状况,健康状况,"
        "是否重点保障,月保障金额(元),重点救助(元),残疾人救助(元),起始保障年月,开户银行,银行账号"
    ),
    "civil-affairs/disability": (
        "姓名,身份证号,残疾证号,残疾类别,残疾等级,发证日期,有效期至,困难残疾人生活补贴,重度残疾人护理补贴,监护人,联系电话,户籍地"
    ),
    "education/enrolment": "xjh,sfzjh,xm,xbm,csrq,mzm,xxbsm,xxmc,xd,nj,bjmc,rxny,jdfs,sflset,zzqk,xszt,hkszd",
    "health/health-record": (
        "id,idCard,name,gender,birthday,maritalStatus,education,bloodType,familyDoctor,chronicDiseases,careLevel,lastCheckup,"
        "villageCode,mobile,updatedAt"
    ),
    "human-resources/employment": (
        "社会保障号码,姓名,文化程度,就业状态,就业单位统一社会信用代码,就业单位名称,行业,合同起始日期,失业登记日期,失业原因,就业困难人员,户籍性质"
    ),
}
REQUIRED = {
    "public-security/resident": ("公民身份号码", "姓名", "性别", "出生日期", "人员状态", "更新时间"),
    "civil-affairs/minimum-living": ("低保证号", "成员身份证号", "成员姓名"),
    "civil-affairs/disability": ("残疾证号", "身份证号"),
    "education/enrolment": ("xjh", "xm"),
    "health/health-record": ("id",),
    "human-resources/employment": ("社会保障号码",),
}


def contract(dataset: str) -> Contract:
    """The contract of "department/dataset"."""
    return contract_of(dataset.replace("/", "."), COLUMNS[dataset].split(","), REQUIRED[dataset])


def contract_of(identity: str, columns: list[str], required: tuple[str, ...]) -> Contract:
    fields = tuple(
        Field(f"c{number}", physical, ignored="frames only", required=physical in required) for number, physical in enumerate(columns)
    )
    title = Title(identity, identity)
    return Contract(identity, "1.0.0", title, Delivery.SNAPSHOT, fields, (), source=SourceSpec("files"))
