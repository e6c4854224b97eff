"""A roster and an indicator table over a city of five people: what each cell holds, where it comes from, and what it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection

from hub.core.clock import parse_period
from hub.core.errors import YibiaoError
from hub.core.vault import Vault
from hub.forms.canonical import report_data, report_json
from hub.forms.model import Cell, Report, State, counts
from hub.forms.prefill import report
from hub.registry.documents import parse_yaml
from hub.registry.form_checks import check_form
from hub.registry.load_forms import read_form
from hub.registry.model import Catalog, Form, Measure
from hub.store.engine import open_engine
from tests.store.small_city import CATALOG, VILLAGES, City, T, TableView, with_measures

PERIOD = parse_period("2026-10")
AT = date(2026, 11, 2)
HERE, THERE = VILLAGES
TOWN = "110000000000"

FORM = """
kind: Form
id: people
version: 1.0.0
title: {zh: 人员花名册, en: People}
asked_by: 民政
unit: village
frequency: monthly
sections:
  - name: roster
    title: {zh: 花名册, en: Roster}
    kind: roster
    of: person
    by: village
    where: sex is not null
    order: [village, citizen_id]
    fields:
      - {name: number, title: {zh: 序号, en: number}, formula: line()}
      - {name: village, title: {zh: 村, en: village}, formula: place()}
      - {name: citizen_id, title: {zh: 身份证号码, en: citizen id}, element: citizen_id}
      - {name: sex, title: {zh: 性别, en: sex}, element: sex}
      - {name: age, title: {zh: 年龄, en: age}, formula: "years_between(birth_date, :period_end)"}
      - {name: birth_date, title: {zh: 出生日期, en: birth date}, element: birth_date}
      - {name: head, title: {zh: 户主, en: head}, element: household.head.name}
      - {name: phone, title: {zh: 电话, en: phone}, element: "coalesce(household.head.phone, phone)"}
      - {name: poor, title: {zh: 低保, en: poor}, element: exists(benefits) filter (where benefits.category = '1'), group: {zh: 待遇, en: benefits}}
      - {name: amount, title: {zh: 金额, en: amount}, element: sum(benefits.amount), group: {zh: 待遇, en: benefits}}
      - {name: account, title: {zh: 账号, en: account}, element: first(benefits.account), group: {zh: 待遇, en: benefits}}
      - {name: twice, title: {zh: 两倍, en: twice}, formula: amount * 2}
      - {name: school, title: {zh: 上学, en: school}, keep: true, applies: age < 16}
rules:
  - {name: old, title: {zh: 不满百岁, en: under a hundred}, section: roster, holds: age < 100}
"""

FIGURES = """
kind: Form
id: figures
version: 1.0.0
title: {zh: 统计表, en: Figures}
asked_by: 统计局
unit: township
frequency: monthly
sections:
  - name: table
    title: {zh: 表, en: Table}
    kind: indicators
    of: place
    rows: villages
    fields:
      - {name: village, title: {zh: 村, en: village}, formula: place()}
      - {name: residents, title: {zh: 常住, en: residents}, measure: residents}
      - {name: poor, title: {zh: 低保, en: poor}, measure: poor}
      - {name: rate, title: {zh: 比率, en: rate}, formula: "rate(poor, residents)"}
      - {name: share, title: {zh: 女性比率, en: share of women}, formula: "rate(measure(women), residents)"}
      - {name: groups, title: {zh: 组数, en: groups}, entry: groups}
      - {name: note, title: {zh: 说明, en: note}, entry: note}
"""

MEASURES = with_measures(
    Measure("residents", T, "person", "count(*)", by="village"),
    Measure("women", T, "person", "count(*)", "sex = '2'", by="village"),
    Measure("poor", T, "benefit", "count(*)", "category = '1'", by="owner.village"),
)


def form_of(text: str, catalog: Catalog = MEASURES) -> Form:
    errors: list[YibiaoError] = []
    form = read_form(parse_yaml(text, "form.yaml"), errors)
    errors += check_form(catalog, form)
    assert not errors, [str(error) for error in errors]
    return form


def seal(vault: Vault, city: City) -> City:
    """Every sealed element of the rows: the text becomes a blob, and a stand-in of the same spelling its hash."""
    for entity, rows in city.rows.items():
        for element in CATALOG.stored_elements(entity):
            if element.sealed:
                for row in rows:
                    row[f"{element.short}_sealed"] = vault.seal(element.name, [row[element.short]])[0]
                    row[element.short] = None if row[element.short] is None else f"hash of {element.short} {row['key']}"
        for row in rows:
            row.pop("key", None)
    return city


def person(subject: int, **values: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "subject_id": subject, "key": subject, "citizen_id": f"ID{subject}", "name": f"人{subject}", "phone": None, "sex": "1",
        "birth_date": date(1980, 1, subject), "village": HERE, "left_behind": None, "household": 1,
    }  # fmt: skip
    row.update(values)
    for element in CATALOG.stored_elements("person"):
        row.setdefault(f"{element.short}_source", 0 if element.short == "phone" and row["phone"] is None else 4)
    return row


def the_city() -> City:
    numbers = CATALOG.dataset_numbers
    benefit = {"record": "a", "since": None, "key": 1}
    return City(
        {
            "person": [
                person(5, citizen_id="ID1", phone="13800000001", phone_source=numbers["township.contacts"]),
                person(2, sex="2", birth_date=date(2012, 2, 29)),
                person(3, birth_date=None, birth_date_source=0, household=None, household_source=0),
                person(4, village=THERE, birth_date=date(1920, 1, 1)),
                person(6, sex=None),
            ],
            "household": [{"subject_id": 1, "key": 1, "number": "H1", "number_source": 4, "head": 5, "head_source": 3}],
            "benefit": [
                {**benefit, "owner": 5, "dataset": numbers["civil.poor"], "category": "1", "amount": 12345, "account": "6222"},
                {**benefit, "owner": 5, "dataset": numbers["civil.old"], "category": "2", "amount": 5, "account": None},
            ],
            "membership": [],
            "place": [
                {"subject_id": 9, "key": 9, "code": HERE, "code_source": 6, "groups": 3, "groups_source": 6, "note": "甲", "note_source": 6},
                {"subject_id": 8, "key": 8, "code": THERE, "code_source": 6, "groups": 4, "groups_source": 6, "note": None, "note_source": 6},
            ],
        },
        {contract: date(2026, 10, 31) for contract in CATALOG.contracts},
        [("person", 2, "person.sex")],
    )  # fmt: skip


@pytest.fixture
def vault(tmp_path: Any) -> Vault:
    return Vault.create(tmp_path / "keys")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = open_engine(database_url)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def fill(connection: Connection, vault: Vault, city: City, form: Form, unit: str) -> Report:
    view = TableView(seal(vault, city))
    view.create(connection)
    return report(connection, view, MEASURES, form, unit, PERIOD, AT, vault)


def line(filled: Report, number: int) -> dict[str, Cell]:
    section = filled.sections[0]
    return dict(zip(section.names, section.lines[number - 1].cells, strict=True))


def test_each_cell_of_a_roster(connection: Connection, vault: Vault) -> None:
    filled = fill(connection, vault, the_city(), form_of(FORM), TOWN)
    first, second, third, fourth = (line(filled, number) for number in (1, 2, 3, 4))
    day = date(2026, 10, 31)
    assert filled.sections[0].total_lines == 4  # nobody of unknown sex
    assert first["citizen_id"] == Cell("ID1", "ID1", State.FILLED, ("police.resident",), day)
    assert first["sex"] == Cell("1", "sex1", State.FILLED, ("police.resident",), day)
    assert first["village"] == Cell(HERE, f"division{HERE}", State.FORMULA)
    assert first["phone"] == Cell("13800000001", "13800000001", State.FILLED, ("township.contacts",), day)
    assert first["amount"] == Cell(Decimal("123.50"), "123.50", State.FILLED, ("civil.old", "civil.poor"), day)
    assert first["account"].state is State.BLANK
    assert first["account"].sources == ("civil.old",)
    assert first["twice"] == Cell(Decimal("247.00"), "247.00", State.FORMULA, ("civil.old", "civil.poor"), day)
    assert first["poor"] == Cell(True, "是", State.FILLED, ("civil.poor",), day)
    assert second["sex"].state is State.CONFLICTING
    assert (second["age"].value, second["head"].value, second["phone"].value) == (14, "人5", "13800000001")
    assert second["amount"] == Cell(None, "", State.BLANK, ("civil.old", "civil.poor"), day)
    assert second["poor"] == Cell(False, "否", State.FILLED, ("civil.poor",), day)
    assert third["birth_date"] == Cell(None, "", State.MISSING)
    assert third["age"].state is State.MISSING
    assert third["head"].state is State.MISSING
    assert third["phone"].state is State.MISSING
    assert fourth["village"].value == THERE
    assert fourth["number"].value == 4


def test_of_two_empty_alternatives_the_one_that_was_stated_counts(connection: Connection, vault: Vault) -> None:
    city = the_city()
    city.rows["person"][0].update(phone=None, phone_source=0)
    city.rows["person"][1].update(phone_source=CATALOG.dataset_numbers["township.contacts"])
    filled = fill(connection, vault, city, form_of(FORM), HERE)
    assert line(filled, 1)["phone"].state is State.MISSING
    assert line(filled, 2)["phone"] == Cell(None, "", State.BLANK, ("township.contacts",), date(2026, 10, 31))


def test_a_cell_may_not_apply(connection: Connection, vault: Vault) -> None:
    filled = fill(connection, vault, the_city(), form_of(FORM), HERE)
    assert [line(filled, number)["school"].state for number in (1, 2, 3)] == [State.NOT_APPLICABLE, State.MISSING, State.MISSING]


def test_a_dataset_that_has_not_delivered_leaves_its_cells_missing(connection: Connection, vault: Vault) -> None:
    city = the_city()
    city.rows["benefit"] = []
    del city.delivered["civil.poor"]
    filled = line(fill(connection, vault, city, form_of(FORM), HERE), 1)
    assert filled["poor"].state is State.MISSING
    assert filled["poor"].value is None
    assert filled["amount"].state is State.MISSING
    assert filled["twice"].state is State.MISSING


def test_a_late_source_is_stale(connection: Connection, vault: Vault) -> None:
    city = the_city()
    city.delivered["civil.old"] = date(2026, 9, 1)  # promised every 40 days
    filled = line(fill(connection, vault, city, form_of(FORM), HERE), 1)
    assert (filled["amount"].state, filled["amount"].as_of) == (State.STALE, date(2026, 9, 1))
    assert filled["poor"].state is State.FILLED


def test_a_rule_names_the_line_that_breaks_it(connection: Connection, vault: Vault) -> None:
    filled = fill(connection, vault, the_city(), form_of(FORM), TOWN)
    assert [(broken.rule.name, broken.line) for broken in filled.broken] == [("old", 4)]


def test_figures_by_village_and_their_total(connection: Connection, vault: Vault) -> None:
    filled = fill(connection, vault, the_city(), form_of(FIGURES), TOWN)
    here, there, total = (line(filled, number) for number in (1, 2, 3))
    assert [cells["residents"].value for cells in (here, there, total)] == [4, 1, 5]
    assert [cells["poor"].value for cells in (here, there, total)] == [1, 0, 1]
    assert [cells["rate"].text for cells in (here, there, total)] == ["25.00", "0.00", "20.00"]  # of the sums, never summed
    assert [cells["share"].text for cells in (here, there, total)] == ["25.00", "0.00", "20.00"]
    assert [cells["groups"].value for cells in (here, there, total)] == [3, 4, 7]
    assert [cells["note"].state for cells in (here, there, total)] == [State.FILLED, State.BLANK, State.NOT_APPLICABLE]
    assert here["poor"].sources == ("civil.poor", "police.resident")
    assert (total["village"].value, total["village"].text) == (None, "合计")


def test_a_rate_of_nothing_does_not_apply(connection: Connection, vault: Vault) -> None:
    """The source says no such thing as that there is none; and it is no cell that somebody could fill."""
    text = FIGURES.replace("rate(poor, residents)", "rate(residents, poor)")
    there = line(made := fill(connection, vault, the_city(), form_of(text), TOWN), 2)
    assert there["poor"].value == 0
    assert there["rate"] == Cell(None, "", State.NOT_APPLICABLE, ("civil.poor", "police.resident"), date(2026, 10, 31))
    assert line(made, 3)["rate"].text == "500.00"
    assert counts(made).shareable == counts(fill(connection, vault, the_city(), form_of(FIGURES), TOWN)).shareable - 1


def test_a_rule_and_a_condition_may_name_a_measure_that_no_column_shows(connection: Connection, vault: Vault) -> None:
    condition = "{name: note, title: {zh: 说明, en: note}, entry: note"
    text = FIGURES.replace(condition, condition + ", applies: measure(women) > 0")
    text += "rules:\n  - {name: men, title: {zh: 有男性, en: men}, section: table, holds: residents > measure(women)}\n"
    made = fill(connection, vault, the_city(), form_of(text), TOWN)
    assert [line(made, number)["note"].state for number in (1, 2)] == [State.FILLED, State.NOT_APPLICABLE], "no women there"
    assert made.broken == ()


def test_a_line_of_a_roster_is_no_place_for_a_measure() -> None:
    for wrong in ("formula: measure(residents)", "measure: residents", "keep: true, applies: measure(residents) > 1"):
        with pytest.raises(AssertionError, match="no figure of residents"):
            form_of(FORM.replace("keep: true, applies: age < 16", wrong))
    with pytest.raises(AssertionError, match="no figure of residents"):
        form_of(FORM.replace("holds: age < 100", "holds: age < measure(residents)"))


def test_a_figure_is_missing_while_somebody_behind_it_has_not_delivered(connection: Connection, vault: Vault) -> None:
    city = the_city()
    del city.delivered["civil.poor"]
    filled = line(fill(connection, vault, city, form_of(FIGURES), TOWN), 3)
    assert filled["poor"].state is State.MISSING
    assert filled["rate"].state is State.MISSING
    assert filled["residents"].value == 5


def test_counts(connection: Connection, vault: Vault) -> None:
    counted = counts(fill(connection, vault, the_city(), form_of(FIGURES), TOWN))
    assert (counted.cells, counted.shareable, counted.filled, counted.missing) == (21, 15, 15, 0)


def test_json_is_always_the_same_bytes(connection: Connection, vault: Vault) -> None:
    once = fill(connection, vault, the_city(), form_of(FORM), TOWN)
    again = fill(connection, vault, the_city(), form_of(FORM), TOWN)
    assert report_json(once) == report_json(again)
    data = json.loads(report_json(once))
    assert data == report_data(once)
    cells = data["sections"][0]["lines"][0]["cells"]
    assert (cells["amount"]["value"], cells["sex"]["value"], cells["sex"]["text"]) == ("123.50", "1", "sex1")
    assert cells["birth_date"]["value"] == "1980-01-05"
    assert cells["amount"]["as_of"] == "2026-10-31"
    assert "subject" not in json.dumps(data)


def test_another_frequency_or_place_is_refused(connection: Connection, vault: Vault) -> None:
    view = TableView(the_city())
    form = form_of(FORM)
    with pytest.raises(YibiaoError) as wrong:
        report(connection, view, MEASURES, form, TOWN, parse_period("2026Q4"), AT, vault)
    assert wrong.value.code == "other_frequency"
    with pytest.raises(YibiaoError) as nowhere:
        report(connection, view, MEASURES, form, "999999999999", PERIOD, AT, vault)
    assert nowhere.value.code == "unknown_unit"
