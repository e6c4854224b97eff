"""A new version of a contract: adding what may be empty is fine; removing, renaming and narrowing break, in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.registry.changes import ChangeKind
from hub.registry.compatibility import judge, judge_contract
from hub.registry.documents import Document, parse_csv
from hub.registry.explain import Area, effects
from hub.registry.model import Catalog
from tests.registry.conftest import Rewrite

Changed = Callable[..., Catalog]
SCHOOL = "contracts/education/school.yaml"
NEXT = ("version: 1.0.0", "version: 1.1.0")
TEACHERS = (
    "      - name: teachers\n        physicalName: jsrs\n        logicalType: integer\n"
    "        authoritativeDefinitions: [{type: dataElement, url: organization.teachers}]\n"
    "        customProperties:\n          - {property: speaksOf, value: school}\n"
)
RULE = (
    "      - name: teachers_range\n        description: 教师人数在合理范围\n        type: custom\n        engine: yibiao\n"
    "        dimension: accuracy\n        severity: warn\n        implementation: {rule: between, fields: [teachers], min: 0, max: 2000}\n"
)


def without_teachers(rewrite: Rewrite) -> Document:
    return rewrite(SCHOOL, NEXT, (TEACHERS, ""), (RULE, ""))


def test_the_same_version_changes_nothing(catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    new = changed(rewrite(SCHOOL))
    assert judge(catalog, new) == []
    assert effects(catalog, new) == []


def test_an_optional_field_may_be_added(catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    old = changed(without_teachers(rewrite))
    new = changed(rewrite(SCHOOL, ("version: 1.0.0", "version: 1.2.0")))
    changes = judge(old, new)
    assert ("adds", False) in [(c.kind, c.breaking) for c in changes]
    assert not any(c.breaking for c in changes)
    assert "teachers" in changes[0].text("zh")
    told = [(e.area, e.text("zh")) for e in effects(old, new)]
    assert (Area.TABLES, "“education.school”的三张表增加一列“teachers”") in told
    assert (Area.CHECKS, "每次交付多查一项:teachers 在 0 到 2000 之间(不符则提醒)") in told
    assert any(area is Area.DEPARTMENTS and "organization.teachers" in text for area, text in told)


def test_a_field_in_use_may_not_be_removed(catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    changes = judge(catalog, changed(without_teachers(rewrite)))
    assert [(c.kind, c.definition) for c in changes if c.breaking] == [(ChangeKind.REMOVES, "education.school")]
    assert "organization.teachers" in next(c for c in changes if c.breaking).text("en")


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (ChangeKind.RENAMES, ("- name: pupils", "- name: students")),
        (ChangeKind.NARROWS, ("        physicalName: bxlx\n        logicalType: string\n", "        physicalName: bxlx\n        logicalType: string\n        required: true\n")),
        (ChangeKind.REDEFINES, ("url: organization.pupils", "url: organization.teachers")),
        (ChangeKind.REDEFINES, ("        primaryKey: true\n        primaryKeyPosition: 1\n", "")),
    ],
    ids=["renamed", "required", "element", "key"],
)  # fmt: skip
def test_what_breaks(kind: ChangeKind, change: tuple[str, str], catalog: Catalog, rewrite: Rewrite) -> None:
    from hub.registry.load_contracts import read_contract

    new = read_contract(rewrite(SCHOOL, NEXT, change))
    breaking = [c for c in judge_contract(catalog.contracts["education.school"], new) if c.breaking]
    assert kind in [c.kind for c in breaking]
    for found in breaking:
        assert "{" not in found.text("zh")
        assert "{" not in found.text("en")


@pytest.mark.parametrize(
    "change",
    [
        ("value: unconditional", "value: conditional"),
        ("max: 20000}", "max: 30000}"),
        ("physicalName: xsrs", "physicalName: xss"),
        ("value: 190", "value: 100"),
    ],
    ids=["sharing", "rule", "column", "freshness"],
)
def test_what_does_not_break(change: tuple[str, str], catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    changes = judge(catalog, changed(rewrite(SCHOOL, NEXT, change)))
    assert [c for c in changes if not c.breaking and c.kind is not ChangeKind.ADDS]
    assert not [c for c in changes if c.breaking]


def test_changed_content_needs_a_new_version(catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    changes = judge(catalog, changed(rewrite(SCHOOL, ("value: unconditional", "value: conditional"))))
    assert [c.message.code for c in changes if c.breaking] == ["change_version_kept"]


def test_code_lists_may_grow_and_not_shrink(catalog: Catalog, changed: Changed) -> None:
    header = "code,name_zh,name_en,parent,valid_from,valid_until,note\n"
    grown = changed(parse_csv(header + "1,走读,day,,,,\n2,住校,boarding,,,,\n3,半寄宿,half,,,,\n", "attendance.csv", "attendance"))
    assert [(c.kind, c.breaking) for c in judge(catalog, grown)] == [(ChangeKind.WIDENS, False)]
    back = judge(grown, catalog)
    assert [(c.kind, c.breaking) for c in back] == [(ChangeKind.NARROWS, True)]
    assert "3" in back[0].text("zh")


def test_an_element_may_not_change_its_type_or_become_shorter(catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    shorter = changed(rewrite("schemas/elements/organization.yaml", ("max_length: 200", "max_length: 20")))
    assert [(c.kind, c.breaking) for c in judge(catalog, shorter)] == [(ChangeKind.NARROWS, True)]
    longer = changed(rewrite("schemas/elements/organization.yaml", ("max_length: 200", "max_length: 300")))
    assert [(c.kind, c.breaking) for c in judge(catalog, longer)] == [(ChangeKind.WIDENS, False)]


def test_a_new_contract_tells_who_decides_and_who_else_speaks(catalog: Catalog, changed: Changed, shipped: list[Document]) -> None:
    without = Catalog(
        catalog.elements, catalog.entities, catalog.code_lists, catalog.crosswalks,
        {name: contract for name, contract in catalog.contracts.items() if name != "health.health-record"},
        catalog.measures, catalog.rules, catalog.forms,
    )  # fmt: skip
    told = effects(without, catalog)
    texts = [effect.text("zh") for effect in told]
    assert "为“health.health-record”建现行表、历史表和暂存表" in texts
    assert "“person.village”的数源是“public-security.resident”,“health.health-record”排第 2" in texts
    assert {effect.area for effect in told} >= {Area.TABLES, Area.CHECKS, Area.DEPARTMENTS}
    assert judge(without, catalog)[0].breaking is False
    assert judge(catalog, without)[0].breaking is True


def test_what_forms_and_measures_use_is_told(catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    manual = (
        "    authority: {order: [public-security.resident, health.health-record], ",
        "    authority: {order: [health.health-record, public-security.resident], ",
    )
    new = changed(rewrite("schemas/elements/person.yaml", manual))
    texts = [effect.text("zh") for effect in effects(catalog, new) if effect.area is Area.FORMS]
    assert "表单“elderly-roster”用到“person.village”" in texts
    assert any(text.startswith("指标“") and text.endswith("用到“person.village”") for text in texts)
    assert [(c.kind, c.definition) for c in judge(catalog, new)] == [(ChangeKind.REDEFINES, "person.village")]


def test_a_changed_form_needs_a_new_version(catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    renamed = changed(rewrite("schemas/forms/low-income-roster.yaml", ("低保证号", "低保证编号")))
    assert [c.message.code for c in judge(catalog, renamed) if c.breaking] == ["change_version_kept"]


def test_which_value_is_carried_and_who_answers_are_parts_of_a_form(catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    new = changed(
        rewrite(
            "schemas/forms/elderly-roster.yaml",
            ("element: birth_date}", "element: birth_date, meanwhile: proposed}"),
            ("answers: civil-affairs", "answers: public-security"),
        )
    )
    texts = [change.text("zh") for change in judge(catalog, new)]
    assert any("roster.birth_date.meanwhile" in text and "source" in text and "proposed" in text for text in texts)
    assert any("roster.answers" in text and "public-security" in text for text in texts)


# Every change is told -------------------------------------------------------------------------------------------------


def told(old: Catalog, new: Catalog) -> list[tuple[ChangeKind, str, str]]:
    return [(change.kind, change.definition, change.text("zh")) for change in judge(old, new)]


def test_a_measure_counted_otherwise_names_the_forms_that_show_it(catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    new = changed(rewrite("schemas/measures/population.yaml", ("value: count(*)", "value: count(distinct household)")))
    ((kind, measure, text),) = told(catalog, new)
    assert kind is ChangeKind.REDEFINES
    assert "由“count(*)”改为“count(distinct household)”" in text
    forms = [effect.text("zh") for effect in effects(catalog, new) if effect.area is Area.FORMS]
    assert f"表单“village-basics”显示指标“{measure}”" in forms


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("schemas/elements/person.yaml", ("title: {zh: ", "title: {zh: 新")),
        ("schemas/entities/person.yaml", ("title: {zh: ", "title: {zh: 新")),
        ("schemas/codes/lists.yaml", ("title: {zh: ", "title: {zh: 新")),
        ("schemas/measures/population.yaml", ("title: {zh: ", "title: {zh: 新")),
        ("schemas/rules/consistency.yaml", ("title: {zh: ", "title: {zh: 新")),
    ],
)
def test_a_new_title_is_a_change_of_terms(file: str, change: tuple[str, str], catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    ((kind, _, text),) = told(catalog, changed(rewrite(file, change)))
    assert kind is ChangeKind.TERMS
    assert "title" in text
    assert "改为“新" in text


def test_a_form_tells_its_columns(catalog: Catalog, changed: Changed, rewrite: Rewrite) -> None:
    column = "      - {name: remark, title: {zh: 走访备注, en: remark}, keep: true}\n"
    text = "    fields:\n"
    new = changed(rewrite("schemas/forms/low-income-roster.yaml", NEXT, (text, text + column)))
    assert [words for _, _, words in told(catalog, new)] == [
        "表单“low-income-roster”的 version 由“1.0.0”改为“1.1.0”",
        "表单“low-income-roster”增加一栏“roster.remark”",
    ]


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        (("max: 2000}", "max: 3}"), "teachers 在 0 到 2000 之间(不符则提醒)", "teachers 在 0 到 3 之间(不符则提醒)"),
        ((RULE, RULE.replace("severity: warn", "severity: quarantine")), "不符则提醒", "不符的行隔离"),
        ((RULE, RULE.replace("max: 2000}", "max: 2000, limit: 0.05}")), "不符则提醒)", "不符则提醒，容许 5%)"),
    ],
    ids=["arguments", "severity", "limit"],
)
def test_a_changed_quality_rule_is_told_before_and_after(
    change: tuple[str, str], old: str, new: str, catalog: Catalog, changed: Changed, rewrite: Rewrite
) -> None:
    after = changed(rewrite(SCHOOL, NEXT, change))
    (text,) = [words for _, _, words in told(catalog, after) if "teachers_range" in words]
    before_text, _, after_text = text.partition("改为")
    assert (old in before_text, new in after_text) == (True, True)
    ((area, effect),) = [(effect.area, effect.text("zh")) for effect in effects(catalog, after)]
    assert area is Area.CHECKS
    assert effect.startswith("每次交付改查")
