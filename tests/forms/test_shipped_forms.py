"""The six shipped forms: titles and order of the official columns, and a first report from a hub that has received nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection

from hub.core.clock import parse_period
from hub.core.vault import Vault
from hub.forms.display import unit_text
from hub.forms.model import State, counts
from hub.forms.prefill import report
from hub.forms.workbook import report_workbook
from hub.registry.definitions import definition_roots
from hub.registry.load import load
from hub.registry.model import Catalog, FieldKind, SectionKind
from hub.store.engine import open_engine
from hub.store.migrate import migrate_catalog, migrate_ledger
from hub.store.positions import Moment
from hub.store.tables import StoreTables
from hub.store.view import open_view

OFFICIAL = {
    "disability-subsidy-roster": (
        "序号", "村(社区)", "姓名", "性别", "身份证号码", "残疾证号", "残疾类别", "残疾等级", "是否低保",
        "困难残疾人生活补贴(元)", "重度残疾人护理补贴(元)", "合计(元)", "监护人姓名", "联系电话", "开户银行", "银行账号",
        "备注",
    ),
    "elderly-roster": (
        "序号", "村(社区)", "姓名", "性别", "身份证号码", "出生日期", "年龄", "家庭住址", "是否独居", "是否失能",
        "家庭医生签约", "慢性病种", "本年度体检日期", "养老金类别", "月养老金(元)", "高龄津贴标准(元)", "生存状态",
        "本季度走访日期", "走访情况",
    ),
    "insurance-by-village": (
        "村(社区)", "应参保人数(养老)", "实参保人数(养老)", "参保率(%)", "其中:困难群体代缴人数", "待遇领取人数",
        "本月新增领取", "本月死亡应停发人数", "应参保人数(医保)", "实参保人数(医保)", "低保、特困参保人数",
        "在校学生参保人数", "未参保原因说明",
    ),
    "low-income-roster": (
        "序号", "村(社区)", "户主姓名", "户主身份证号码", "低保证号", "居民类型(城保/农保)", "家庭人口", "保障人数",
        "其中:重点保障人数", "其中:残疾人数", "起始保障年月", "领取金额", "其中:家庭补差", "其中:重点救助",
        "其中:残疾人救助", "开户银行", "银行账号", "近期家庭变化",
    ),
    "school-age-children-roster": (
        "序号", "村(社区)", "姓名", "性别", "民族", "身份证号码", "出生日期", "监护人姓名", "联系电话", "学籍号", "就读学校",
        "学段", "年级", "是否寄宿", "是否残疾", "是否低保家庭", "是否留守儿童", "未入学原因", "劝返情况",
    ),
    "village-basics": (
        "户籍总户数", "户籍总人口", "其中:男", "其中:女", "常住人口", "流动人口(流入)", "流动人口(流出)", "0-6岁人数",
        "7-15岁人数", "16-59岁人数", "60岁及以上人数", "80岁及以上人数", "少数民族人口", "本期出生人数", "本期死亡人数",
        "低保户数", "低保人数", "特困供养人数", "持证残疾人数", "重度残疾人数", "就业人数", "登记失业人数", "外出务工人数",
        "城乡居民养老保险参保人数", "城乡居民医疗保险参保人数", "在校学生数", "学前教育在园人数", "孕产妇人数",
        "慢性病管理人数", "家庭医生签约率(%)", "村民小组数", "耕地面积(亩)", "村集体经济收入(万元)", "本期走访户数",
        "本期调解纠纷数",
    ),
}  # fmt: skip

PERIODS = {"monthly": "2026-10", "quarterly": "2026Q4", "term": "2026S2"}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load(definition_roots())


@pytest.fixture
def empty(database_url: str, catalog: Catalog) -> Iterator[tuple[Connection, StoreTables]]:
    engine = open_engine(database_url)
    migrate_ledger(engine)
    with engine.begin() as connection:
        yield connection, migrate_catalog(connection, catalog)
    engine.dispose()


def test_columns_are_the_official_ones_in_their_order(catalog: Catalog) -> None:
    found = {form.id: tuple(field.title.zh for section in form.sections for field in section.fields) for form in catalog.forms.values()}
    assert found == OFFICIAL


def test_every_form_says_what_the_law_wants_of_a_form(catalog: Catalog) -> None:
    """Statistics Law art. 17: number, maker, approval number, expiry; ours are working values and say so."""
    for form in catalog.forms.values():
        assert form.expires is not None
        assert form.asked_by
        assert form.legal_basis
        assert all("示例" in value for value in (form.number, form.maker, form.approval))


def test_every_unit_has_an_english_word(catalog: Catalog) -> None:
    units = {field.unit for form in catalog.forms.values() for section in form.sections for field in section.fields}
    assert {unit for unit in units if not unit_text(unit, "en").isascii()} == set()
    assert unit_text("人", "en") == "persons"
    assert unit_text("人", "zh") == "人"


def test_people_are_asked_only_for_what_nobody_holds(catalog: Catalog) -> None:
    asked = {
        form.id: [field.title.zh for section in form.sections for field in section.fields if field.kind is FieldKind.ENTRY]
        for form in catalog.forms.values()
    }
    assert asked == {
        "village-basics": ["村民小组数", "耕地面积(亩)", "村集体经济收入(万元)", "本期走访户数", "本期调解纠纷数"],
        "insurance-by-village": ["未参保原因说明"],
        "low-income-roster": ["近期家庭变化"],
        "elderly-roster": ["本季度走访日期", "走访情况"],
        "disability-subsidy-roster": ["备注"],
        "school-age-children-roster": ["未入学原因", "劝返情况"],
    }


def test_an_empty_hub_knows_nothing_and_says_so(empty: tuple[Connection, StoreTables], catalog: Catalog, tmp_path: Path) -> None:
    """Every statement of every form runs, now and as of a moment, on both engines; no figure is a false zero."""
    connection, tables = empty
    vault = Vault.create(tmp_path)
    village = next(code.code for code in catalog.code_lists["division"].codes.values() if code.note == "village")
    for moment in (None, Moment(date(2026, 10, 31), 0)):
        for form in catalog.forms.values():
            unit = village if form.unit_level == "village" else str(catalog.code_lists["division"].codes[village].parent)
            with open_view(connection, tables, moment) as view:
                filled = report(connection, view, catalog, form, unit, parse_period(PERIODS[form.frequency]), date(2026, 11, 2), vault)
            for section in filled.sections:
                assert (section.total_lines == 0) is (section.section.kind is SectionKind.ROSTER)
            shown = {cell.state for field, cell in filled.cells() if field.name != "village"}
            assert shown <= {State.MISSING, State.NOT_APPLICABLE}
            assert counts(filled).missing == counts(filled).shareable - sum(field.name == "village" for field, _ in filled.cells())
            assert report_workbook(filled, catalog).startswith(b"PK")
