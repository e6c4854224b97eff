"""Each mistake between definitions is refused, by name, at the line where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.core.errors import YibiaoError
from hub.registry.definitions import definition_roots
from hub.registry.documents import Document, parse_csv, parse_yaml
from tests.registry.conftest import Rewrite, codes
from tests.registry.test_compatibility import SCHOOL, TEACHERS

Mistakes = Callable[..., list[YibiaoError]]
MATERNITY = "contracts/health/maternity.yaml"
RESIDENT = "contracts/public-security/resident.yaml"
MARRIAGE = "contracts/civil-affairs/marriage.yaml"
DISABILITY = "contracts/civil-affairs/disability.yaml"
MARRIED = "marital_status: \"case when event in ('1', '3') then '20' when event = '2' then '40' end\""
OLD_AGE = "contracts/civil-affairs/old-age-allowance.yaml"

BOUND_KEY = (
    "        authoritativeDefinitions: [{type: dataElement, url: person.citizen_id}]\n"
    "        customProperties:\n          - {property: speaksOf, value: person}\n"
)
IGNORED_VILLAGE = (
    "        customProperties:\n"
    "          - {property: ignored, value: '只有村名,没有乡镇,不能确定是哪个村;居住地以常住人口登记(person.village)为准'}\n"
)
BOUND_VILLAGE = (
    "        authoritativeDefinitions: [{type: dataElement, url: person.village}]\n"
    "        customProperties:\n          - {property: speaksOf, value: person}\n"
)

SURVEY = ("  - {property: sharing, ", "  - {property: statisticalSurvey, value: true}\n  - {property: sharing, ")

CASES: list[tuple[str, str, tuple[str, str]]] = [
    ("unknown", MATERNITY, ("url: pregnancy.visits", "url: pregnancy.visit")),
    ("unknown", MATERNITY, ("value: health.sex-letters", "value: health.sex-leters")),
    ("unknown", RESIDENT, ("household: role(household)", "houshold: role(household)")),
    ("unknown", "contracts/public-security/deregistration.yaml", ("then death_date end", "then died_on end")),
    ("no_key", OLD_AGE, ("        primaryKey: true\n        primaryKeyPosition: 1\n", "")),
    ("no_speaker", RESIDENT, ("{property: speaksOf, value: residence}", "{property: speaksOf, value: person}")),
    ("bound_or_ignored", RESIDENT, ("        authoritativeDefinitions: [{type: dataElement, url: person.sex}]\n", "")),
    ("role_key", RESIDENT, ("key: head_id", "key: name")),
    ("role_subject", RESIDENT, ("{name: head, entity: person, key: head_id}", "{name: head, entity: residence, key: head_id}")),
    ("role_unknown", RESIDENT, ("role(household)", "role(house)")),
    ("record_owned", RESIDENT, ("entity: residence, owner: person", "entity: residence, owner: household")),
    ("reference_says", RESIDENT, ("head: role(head)", "head: head_id")),
    ("bad_expression", MARRIAGE, ("case when event in ('1', '3')", "cast(event as int")),
    ("saying_shape", MARRIAGE, ("case when event in ('1', '3')", "case when count(event) > 0")),
    ("saying_shape", MARRIAGE, (MARRIED, "marital_status: \"load_extension('x')\"")),
    ("saying_sealed", MARRIAGE, (MARRIED, "marital_status: husband_id")),
    ("saying_sealed", MARRIAGE, (MARRIED, "marital_status: \"case when husband_name = 'x' then '20' end\"")),
    ("saying_sealed", MARRIAGE, (MARRIED, "name: wife_name\n          phone: husband_name")),
    ("saying_unfit", MARRIAGE, (MARRIED, "marital_status: registered_on")),
    ("saying_unfit", MARRIAGE, (MARRIED, "marital_status: \"'99'\"")),
    ("saying_unfit", MARRIAGE, (MARRIED, "marital_status: event")),
    ("saying_unfit", MARRIAGE, ("when event = '2' then '40'", "when event = '9' then '40'")),
    ("saying_unfit", DISABILITY, ("when: 'care_subsidy > 0'", "when: care_subsidy")),
    ("saying_shape", DISABILITY, ("when: 'care_subsidy > 0'", "when: not care_subsidy")),
    ("saying_shape", DISABILITY, ("when: 'care_subsidy > 0'", "when: care_subsidy and care_subsidy > 1")),
    ("saying_shape", DISABILITY, ("when: 'care_subsidy > 0'", "when: 'coalesce(care_subsidy, 0) > 1'")),
    ("saying_shape", MARRIAGE, ("case when event in ('1', '3')", "case when event")),
    ("saying_shape", MARRIAGE, ("case when event in ('1', '3')", "case when '1' = '1'")),
    ("saying_unfit", DISABILITY, ("when: 'care_subsidy > 0'", "when: 'care_subsidy > 99999999999999999999999999'")),
    ("saying_unfit", RESIDENT, ("household: role(household)", "household: role(household), village: \"'nowhere'\"")),
    ("role_key", RESIDENT, ("household: role(household)", "household: role(household), citizen_id: head_id")),
    ("saying_unfit", DISABILITY, ("when: 'care_subsidy > 0'", "when: \"care_subsidy > '0'\"")),
    ("crosswalk_list", MATERNITY, ("value: health.sex-letters", "value: health.marital")),
    ("logical_type", RESIDENT, ("logicalType: date\n        required: true", "logicalType: string\n        required: true")),
    ("setting", RESIDENT, ("{property: words, value: {'1': 'true', '0': 'false'}}", "{property: names, value: true}")),
    ("no_ending", MATERNITY, ("  - {property: ending, value: 'full:90d'}\n", "")),
    ("bad_ending", MATERNITY, ("value: 'full:90d'", "value: someday")),
    ("bad_schedule", RESIDENT, ("0 2 1 * *", "monthly")),
    ("bad_schedule", RESIDENT, ("0 2 1 * *", "0 24 1 * *")),
    ("bad_schedule", RESIDENT, ("0 2 1 * *", "0 2 1 13 *")),
    ("bad_schedule", RESIDENT, ("0 2 1 * *", "*/0 2 1 * *")),
    ("bad_schedule", RESIDENT, ("0 2 1 * *", "30-5 2 1 * *")),
    ("dated_by", RESIDENT, ("{property: datedBy, value: updated_at}", "{property: datedBy, value: name}")),
    ("field_twice", RESIDENT, ("- name: kinship", "- name: sex")),
    ("key_ignored", OLD_AGE, (BOUND_KEY, "        customProperties:\n          - {property: ignored, value: 不要}\n")),
    ("shape", RESIDENT, ("version: 1.0.0", "version: one")),
    ("shape", RESIDENT, ("{property: delivery, value: snapshot}", "{property: delivry, value: snapshot}")),
    ("shape", RESIDENT, ("severity: refuse", "severity: perhaps")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "change"), CASES, ids=[f"{code}-{number}" for number, (code, _, _) in enumerate(CASES)])
def test_a_mistake_in_a_contract_is_refused(code: str, path: str, change: tuple[str, str], rewrite: Rewrite, mistakes: Mistakes) -> None:
    found = mistakes(rewrite(path, change))
    assert code in codes(found)
    error = next(e for e in found if e.code == f"registry_{code}")
    assert error.values["file"] == path
    assert error.values["line"] > 0
    assert "{" not in error.text("zh").replace("{n,m}", "")
    assert "{" not in error.text("en").replace("{n,m}", "")


def test_f83_what_a_survey_alone_knows_of_somebody_fills_no_other_form(rewrite: Rewrite, mistakes: Mistakes) -> None:
    """Statistics Law art. 28: refused where the form asks for it, with the article."""
    found = mistakes(rewrite("contracts/civil-affairs/minimum-living.yaml", SURVEY))
    error = next(e for e in found if e.code == "registry_form_survey_data")
    assert str(error.values["file"]).endswith("schemas/forms/low-income-roster.yaml")
    assert "统计法第二十八条" in error.text("zh")


@pytest.mark.parametrize(("old", "new"), [("0 2 1 * *", "0 2 1 *"), ("- name: kinship\n", "- name: sex\n")])
def test_a_mistake_is_told_where_it_stands(old: str, new: str, rewrite: Rewrite, mistakes: Mistakes) -> None:
    document = rewrite(RESIDENT, (old, new))
    text = (definition_roots()[1] / RESIDENT.partition("/")[2]).read_text(encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    assert line - mistakes(document)[0].values["line"] in range(8)  # of a rule, the line where the rule begins


def test_a_second_authority_is_refused_with_the_first_ones_name(rewrite: Rewrite, mistakes: Mistakes) -> None:
    found = mistakes(rewrite(OLD_AGE, (IGNORED_VILLAGE, BOUND_VILLAGE)))
    assert codes(found) == ["second_authority"]
    assert "public-security.resident" in found[0].text("zh")
    assert "public-security.resident" in found[0].text("en")
    assert found[0].kind == "refused"


def test_two_suppliers_without_an_order_are_refused(rewrite: Rewrite, mistakes: Mistakes) -> None:
    order = "    authority: {order: [public-security.resident, education.enrolment], approval: 人口基础信息一数一源清单(示例)}\n"
    found = mistakes(rewrite("schemas/elements/person.yaml", (order, "")))
    assert codes(found) == ["no_order"]
    assert "person.ethnic_group" in found[0].text("zh")
    assert "education.enrolment" in found[0].text("zh")


@pytest.mark.parametrize(
    ("code", "new"), [("authority_unknown", "health.nobody"), ("authority_silent", "health.maternity")], ids=["unknown", "silent"]
)
def test_an_authority_must_exist_and_speak(code: str, new: str, rewrite: Rewrite, mistakes: Mistakes) -> None:
    old = "{order: [public-security.resident, education.enrolment]"
    found = mistakes(rewrite("schemas/elements/person.yaml", (old, f"{{order: [public-security.resident, education.enrolment, {new}]")))
    assert codes(found) == [code]


def test_two_suppliers_of_one_category_of_benefits_are_refused(rewrite: Rewrite, mistakes: Mistakes) -> None:
    found = mistakes(rewrite(OLD_AGE, ("category: \"'7'\"", "category: \"'8'\"")))
    assert codes(found) == ["owned_twice"]
    assert "civil-affairs.disability" in found[0].text("zh")


def test_a_second_supplier_of_owned_records_is_refused(rewrite: Rewrite, mistakes: Mistakes) -> None:
    copy = rewrite(RESIDENT, ("id: public-security.resident", "id: public-security.residence-permit"))
    assert "owned_twice" in codes(mistakes(copy))


def test_the_contract_in_force_is_the_first_and_the_new_one_is_blamed(rewrite: Rewrite, mistakes: Mistakes) -> None:
    """Whatever their names are: in the alphabet the newcomer comes first."""
    copy = rewrite(RESIDENT, ("id: public-security.resident", "id: agriculture.resident"))
    found = [error for error in mistakes(replace(copy, file="new.yaml")) if error.code == "registry_owned_twice"]
    assert found
    for error in found:
        assert (error.values["first"], error.values["contract"]) == ("public-security.resident", "agriculture.resident")
        assert error.values["file"] == "new.yaml"

    beds = parse_yaml(
        "kind: Elements\nentity: organization\nelements:\n  beds: {title: {zh: 床位, en: beds}, type: integer}\n", "beds.yaml"
    )
    field = TEACHERS.replace("teachers", "beds").replace("jsrs", "cw")
    first = rewrite(SCHOOL, (TEACHERS, TEACHERS + field))
    second = rewrite(SCHOOL, (TEACHERS, TEACHERS + field), ("id: education.school", "id: agriculture.school"))
    (error,) = [e for e in mistakes(beds, first, replace(second, file="new.yaml")) if e.values.get("element") == "organization.beds"]
    assert error.code == "registry_no_order"
    assert (error.values["first"], error.values["contract"]) == ("education.school", "agriculture.school")
    assert error.values["file"] == "new.yaml"
    assert "beds.yaml:4" in error.text("zh")


@pytest.mark.parametrize(
    ("path", "change", "code", "named", "source"),
    [
        ("village-basics", ("observation: households_visited", "observation: residents"), "form_asks_measure", "residents", "public-security.resident"),
        ("disability-subsidy-roster", ("{zh: 备注, en: remark}", "{zh: 出生日期, en: remark}"), "form_asks_title", "person.birth_date", "public-security.resident"),
    ],
    ids=["a measure", "a title"],
)  # fmt: skip
def test_a_form_does_not_ask_under_another_name(
    path: str, change: tuple[str, str], code: str, named: str, source: str, rewrite: Rewrite, mistakes: Mistakes
) -> None:
    """An observation and a remark are for what no register holds."""
    (error,) = mistakes(rewrite(f"schemas/forms/{path}.yaml", change))
    assert error.code == f"registry_{code}"
    assert error.kind == "refused"
    for language in ("zh", "en"):
        assert named in error.text(language)
        assert source in error.text(language)


ELEMENT_CASES = [
    ("unknown", "type: code\n    code_list: sex", "type: code\n    code_list: sexes"),
    ("element_needs", "type: code\n    code_list: sex", "type: code"),
    ("element_needs", "    type: text\n    format: person_name\n    max_length: 100", "    type: text\n    format: person_name"),
    ("unknown", "refers_to: household", "refers_to: family"),
    ("reference_to_owned", "refers_to: household", "refers_to: benefit"),
    ("unknown", "entity: person", "entity: people"),
]


@pytest.mark.parametrize(("code", "old", "new"), ELEMENT_CASES)
def test_a_mistake_in_an_element_is_refused(code: str, old: str, new: str, rewrite: Rewrite, mistakes: Mistakes) -> None:
    assert code in codes(mistakes(rewrite("schemas/elements/person.yaml", (old, new))))


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("unknown", "key: citizen_id", "key: citizen_number"),
        ("entity_needs", "key: citizen_id\n", ""),
        ("collection", "benefits: {entity: benefit}", "benefits: {entity: allowance}"),
        ("collection", "via: person", "via: owner"),
    ],
)
def test_a_mistake_in_an_entity_is_refused(code: str, old: str, new: str, rewrite: Rewrite, mistakes: Mistakes) -> None:
    assert code in codes(mistakes(rewrite("schemas/entities/person.yaml", (old, new))))


@pytest.mark.parametrize(("code", "new"), [("unknown_name", "head.nam"), ("unknown", "size")], ids=["no such name", "not stored"])
def test_what_a_subject_is_called_by_exists(code: str, new: str, rewrite: Rewrite, mistakes: Mistakes) -> None:
    changed = rewrite("schemas/entities/household.yaml", ("display: head.name", f"display: {new}"))
    assert any(one.endswith(code) for one in codes(mistakes(changed)))


def test_who_answers_for_a_list_is_a_department_with_a_contract(rewrite: Rewrite, mistakes: Mistakes) -> None:
    (error,) = mistakes(rewrite("schemas/forms/elderly-roster.yaml", ("answers: civil-affairs", "answers: civil-affair")))
    assert error.code == "registry_form_unknown_answers"
    assert "civil-affairs" in error.text("zh")


def test_code_lists_and_crosswalks(mistakes: Mistakes) -> None:
    header = "code,name_zh,name_en,parent,valid_from,valid_until,note\n"
    assert "code_twice" in codes(mistakes(parse_csv(header + "1,男,male,,,,\n1,女,female,,,,\n", "sex.csv", "sex")))
    assert "code_empty" in codes(mistakes(parse_csv(header + "1,,male,,,,\n", "sex.csv", "sex")))
    assert "parent_unknown" in codes(mistakes(parse_csv(header + "1,男,male,9,,,\n", "sex.csv", "sex")))
    assert "bad_date" in codes(mistakes(parse_csv(header + "1,男,male,,2024-02-30,,\n", "sex.csv", "sex")))
    assert "list_not_described" in codes(mistakes(parse_csv(header + "1,男,male,,,,\n", "x.csv", "colours")))
    described = parse_yaml("kind: CodeLists\nlists:\n  colours: {title: {zh: 颜色, en: colours}}\n")
    assert "list_without_codes" in codes(mistakes(described))
    crosswalk = "department,list,local_code,local_name,code_list,code\nhealth,letters,M,male,sex,7\n"
    assert "crosswalk_target" in codes(mistakes(parse_csv(crosswalk, "health.csv", "health")))


def test_a_name_defined_twice_is_told_with_both_places(shipped: list[Document], rewrite: Rewrite) -> None:
    from hub.registry.build import assemble

    twice = assemble([*shipped, rewrite(MATERNITY)])[1]
    assert codes(twice) == ["twice"]
    assert "maternity.yaml" in twice[0].text("zh")
