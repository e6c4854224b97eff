"""A list on demand: somebody outside the set of forms asks a township for names; the list is made from what is held, and recorded."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import expect

from hub.core.identifiers import mask
from hub.forms.demand_files import list_csv, list_workbook
from hub.forms.demands import IdStyle, Listed, written
from hub.registry.model import Title
from tests.moments import NOVEMBER
from tests.web.browsing import Open
from tests.web.conftest import Town

FORM = "elderly-roster"


def asked(town: Town, role: str = "township", expected: int = 201, **changed: Any) -> Any:
    body = {
        "form": FORM, "unit": town.township, "asker": "县红十字会", "purpose": "重阳节走访慰问",
        "columns": ["citizen_id", "name", "sex"], "order": ["citizen_id"],
    } | changed  # fmt: skip
    with town.client(role) as client:
        answer = client.post("/api/v1/demands", json=body)
    assert answer.status_code == expected, answer.text
    return answer.json()


def listed(town: Town, number: int, role: str = "township") -> list[list[str]]:
    answer = town.get(role, f"/api/v1/demands/{number}/list")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["lines"])


def test_f86_the_id_masked_split_and_as_text_in_the_askers_own_order(town: Town) -> None:
    whole = listed(town, asked(town)["number"])
    assert len(whole) > 3
    ids = [row[0] for row in whole]
    assert ids == sorted(ids)
    assert all(re.fullmatch(r"\d{17}[\dX]", one) for one in ids)
    split = listed(town, asked(town, id_style="split")["number"])
    assert [row[0].replace(" ", "") for row in split] == ids
    assert all(re.fullmatch(r"\d{6} \d{8} \d{3}[\dX]", row[0]) for row in split)
    masked = listed(town, asked(town, id_style="masked")["number"])
    assert [row[0] for row in masked] == [mask(one, "citizen_id") for one in ids]
    assert [row[1:] for row in masked] == [row[1:] for row in whole]

    kept = asked(town, id_style="text")
    assert (kept["asker"], kept["columns"], kept["id_style"]) == ("县红十字会", ["citizen_id", "name", "sex"], "text")
    book = openpyxl.load_workbook(io.BytesIO(town.get("township", f"/api/v1/demands/{kept['number']}/list.xlsx").content))
    assert book.active is not None
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert rows[0] == ["身份证号码", "姓名", "性别"]
    assert [row[0] for row in rows[1:]] == ids, "digits intact, and text"
    text = town.get("township", f"/api/v1/demands/{kept['number']}/list.csv").content.decode("utf-8-sig")
    assert [row[0] for row in csv.reader(io.StringIO(text))][1:] == [f"\t{one}" for one in ids]


def test_lines_are_chosen_by_what_stands_in_any_column(town: Town) -> None:
    whole = listed(town, asked(town, columns=["name", "age", "sex"])["number"])
    older = asked(town, columns=["name", "age", "sex"], order=["age"], filters=[
        {"column": "age", "test": "at_least", "text": "85"}, {"column": "sex", "test": "is", "text": "女性"},
    ])  # fmt: skip
    found = listed(town, older["number"])
    assert found
    assert sorted(found) == sorted(row for row in whole if int(row[1]) >= 85 and row[2] == "女性")
    assert [int(row[1]) for row in found] == sorted(int(row[1]) for row in found)
    woman = {"column": "sex", "test": "is", "text": "female"}
    english = asked(town, columns=["sex", "name"], filters=[woman])["number"]
    assert len(listed(town, english)) == sum(row[2] == "女性" for row in whole)
    with town.client("township", **{"Accept-Language": "en"}) as client:
        assert {row[0] for row in client.get(f"/api/v1/demands/{english}/list").json()["lines"]} == {"female"}
    born = asked(town, columns=["name", "birth_date"], filters=[{"column": "birth_date", "test": "at_most", "text": "1940-12-31"}])
    assert all(row[1] <= "1940-12-31" for row in listed(town, born["number"]))
    empty = listed(town, asked(town, columns=["name", "checkup_date"], filters=[{"column": "checkup_date", "test": "empty"}])["number"])
    filled = listed(town, asked(town, columns=["name", "checkup_date"], filters=[{"column": "checkup_date", "test": "filled"}])["number"])
    assert len(empty) + len(filled) == len(whole)
    assert {row[1] for row in empty} <= {""}


def test_a_column_of_another_form_about_the_same_people_can_be_listed(town: Town) -> None:
    items = town.get("township", f"/api/v1/forms/{FORM}/choices").json()["items"]
    names = [one["column"] for one in items]
    other = next(name for name in names if "." in name)
    rows = listed(town, asked(town, columns=["name", other])["number"])
    assert len(rows) == len(listed(town, asked(town)["number"]))
    assert "number" in names, "what the form computes can be listed too"
    numbered = listed(town, asked(town, columns=["number", "age"], order=["age"])["number"])
    assert [row[0] for row in numbered] == [str(number) for number in range(1, len(rows) + 1)]


def test_the_record_is_a_line_of_the_inventory_and_holds_nobody(town: Town) -> None:
    mine: dict[str, Any] = {"asker": "某街道办", "purpose": "冬季取暖排查", "columns": ["name", "address"], "filters": [
        {"column": "name", "test": "has", "text": "欧阳"},
    ]}  # fmt: skip
    for unit in (town.township, town.village):
        made = asked(town, unit=unit, **mine)
        listed(town, made["number"])
        listed(town, made["number"])
    found = town.get("bureau", "/api/v1/inventory").json()
    (line,) = [one for one in found["outside"] if one["asker"] == "某街道办"]
    assert (line["form"], line["columns"], line["units"], line["times"]) == (FORM, ["name", "address"], 2, 4)
    assert "欧阳" not in str(found)
    assert {one["form"] for one in found["forms"]} == set(town.hub.catalog.forms)
    assert [one["filters"] for one in town.get("township", "/api/v1/demands").json()["items"] if one["asker"] == "某街道办"] == [
        mine["filters"]
    ] * 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"columns": []}, "demand_no_columns"),
        ({"columns": ["nobody"]}, "demand_no_column"),
        ({"order": ["1; drop table"]}, "demand_no_column"),
        ({"asker": " "}, "demand_no_reason"),
        ({"purpose": ""}, "demand_no_reason"),
        ({"purpose": "找 330802199001011234"}, "demand_personal"),
        ({"filters": [{"column": "age", "test": "at_least", "text": "很老"}]}, "demand_bad_value"),
        ({"filters": [{"column": "age", "test": "at_least", "text": "NaN"}]}, "demand_bad_value"),
        ({"filters": [{"column": "age", "test": "is"}]}, "demand_no_value"),
    ],
)
def test_what_cannot_be_listed_is_refused_in_words_and_not_recorded(town: Town, changed: dict[str, Any], code: str) -> None:
    before = len(town.get("township", "/api/v1/demands").json()["items"])
    refusal = asked(town, expected=422, **changed)
    assert refusal["code"] == code
    assert "330802199001011234" not in str(refusal)
    assert len(town.get("township", "/api/v1/demands").json()["items"]) == before


def test_a_list_is_of_the_own_area_and_nobody_elses(town: Town) -> None:
    assert asked(town, unit=town.other, expected=403)["code"] == "forbidden_report"
    for role in ("approver", "county", "bureau", "village", "civil-affairs"):
        assert asked(town, role=role, expected=403)["code"] == "may_not_list"
    assert town.get("township", "/api/v1/inventory").status_code == 403
    assert town.get("township", "/api/v1/demands/999999/list").json()["code"] == "demand_not_found"
    assert asked(town, form="village-basics", expected=409)["code"] == "demand_no_roster"
    assert town.get("township", "/api/v1/forms/village-basics/choices").json()["code"] == "demand_no_roster"
    assert town.get("township", "/api/v1/forms/nothing/choices").status_code == 404


def test_a_name_that_begins_like_a_formula_is_text_everywhere() -> None:
    rare = "𠮷"  # of GB 18030-2022
    one = Listed((Title("姓名", "name"),), (("=cmd|'/c calc'!A1",), (f"王{rare}",)), frozenset(), NOVEMBER.date())
    book = openpyxl.load_workbook(io.BytesIO(list_workbook(one, "x", "zh")))
    assert book.active is not None
    assert [(cell.value, cell.data_type) for cell in book.active["A"][1:]] == [("=cmd|'/c calc'!A1", "s"), (f"王{rare}", "s")]
    assert list_csv(one, IdStyle.WHOLE, "zh").decode("utf-8-sig").splitlines() == ["姓名", "'=cmd|'/c calc'!A1", f"王{rare}"]
    assert written("6222021234567890123", "bank_account", IdStyle.SPLIT) == "6222 0212 3456 7890 123"


def test_a_clerk_makes_a_list_on_the_page_and_the_bureau_sees_that_it_was_asked_for(page_town: Town, opened: Open) -> None:
    page = opened("township", "/demands")
    page.get_by_label("取自花名册").select_option(label="高龄津贴发放及老年人基本情况花名册")
    page.get_by_role("button", name="选列").click()
    page.get_by_label("索要单位").fill("县老龄办")
    page.get_by_label("姓名", exact=True).fill("2")
    page.get_by_label("身份证号码", exact=True).fill("1")
    page.get_by_label("证件号码", exact=True).select_option("masked")
    page.get_by_label("用途").fill("核对 13800138000")
    page.get_by_role("button", name="登记并列出").click()
    expect(page.get_by_role("alert")).to_contain_text("不写个人信息")
    assert page.get_by_label("姓名", exact=True).input_value() == "2", "what was chosen is kept"
    page.get_by_label("用途").fill("敬老月活动")
    page.get_by_role("button", name="登记并列出").click()
    assert page.locator("h1").inner_text() == "敬老月活动"
    assert page.locator("th[scope=col]").all_inner_texts() == ["身份证号码", "姓名"]
    assert all("****" in text for text in page.locator("td:first-child").all_inner_texts())
    with page.expect_download() as waited:
        page.get_by_role("link", name="下载 Excel").click()
    assert waited.value.suggested_filename.endswith(".xlsx")
    bureau = opened("bureau", "/inventory")
    expect(bureau.locator("tr", has_text="县老龄办")).to_contain_text("敬老月活动")
