"""A clerk's period in a real browser, from opening to frozen and beyond: the township's villages in one grid, changes first, a paste, a
composed name, objections that the steward answers, an hour without network, Excel there and back, a return and a revised report."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Page, expect

from hub import worker
from tests.web.browsing import Open
from tests.web.conftest import Town
from tests.web.grids import InputMethod, MakeGrid
from tests.web.test_work import post, through

FORM, BEFORE, PERIOD = "disability-subsidy-roster", "2026-09", "2026-10"


def test_a_period_from_opening_to_a_revised_report(page_town: Town, opened: Open, grid: MakeGrid, tmp_path: Path) -> None:
    town = page_town
    base = f"/api/v1/forms/{FORM}"
    for village in town.township_villages:
        through(town, FORM, BEFORE, village)

    # The period is opened; the clerk's list has it, and the report opens on what changed since September.
    sheet = grid(PERIOD, form=FORM, unit=town.township)
    page = sheet.page
    page.goto("/reports")
    page.locator(f'.due a[href="{sheet.path}"]').click()
    expect(page.get_by_role("heading", name="与上期相比的变化")).to_be_visible()
    page.get_by_role("button", name="确认其余").click()
    expect(page.get_by_text("已核对").first).to_be_visible()

    # A block of remarks from Excel goes into the two lines that it was copied for; a guardian's name is composed letter by letter.
    page.goto(sheet.path)
    sheet.cell("remark").click()
    sheet.paste("已上门\n电话核实\n")
    page.get_by_role("dialog").get_by_role("button").first.click()
    sheet.settled()
    assert (sheet.text("remark"), sheet.text("remark", 1)) == ("已上门", "电话核实")
    sheet.cell("guardian_name").click()
    method = InputMethod(page)
    method.letters("zhangsan")
    method.commit("张三")
    sheet.press("Enter")
    sheet.settled()
    assert sheet.history("guardian_name") == [("enter", "张三")]

    # An hour without network: what is typed waits, and is sent when the network is back.
    page.route("**/*", lambda route: route.abort())
    sheet.cell("remark", 2).click()
    sheet.type("断网时填")
    sheet.press("Enter")
    expect(page.locator("#saving")).to_have_attribute("data-unsent", "1")
    page.unroute("**/*")
    sheet.press("Alt+n")
    sheet.settled()
    assert sheet.text("remark", 2) == "断网时填"

    # Two objections to names: the steward answers the first at once, the second waits.
    object_to(page, sheet.path, 1, "李大明")
    object_to(page, sheet.path, 2, "王小明")
    steward = opened("public-security", "/corrections")
    steward.get_by_role("row", name="李大明").get_by_role("checkbox").check()
    steward.get_by_role("button", name="采纳所选", exact=True).click()
    page.goto(sheet.path)
    assert sheet.shown("name") == "李大明"
    assert "objected" in str(sheet.cell("name", 1).get_attribute("class"))

    # Excel there and back: sorted the other way round, one remark more.
    page.goto(f"{sheet.path}/workbook")
    page.get_by_label("工作簿").set_input_files(filled_workbook(town, tmp_path))
    page.get_by_role("button", name="比较").click()
    page.get_by_role("button", name="采用这 1 处修改").click()
    expect(page.get_by_text("已采用 1 处修改")).to_be_visible()

    # All villages are confirmed and submitted by two acts; one comes back with a reason, and is submitted again.
    page.goto(sheet.path)
    page.get_by_role("button", name="确认全部行").click()
    expect(page.get_by_role("checkbox", name="选择").first).to_be_checked()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("已办理")).to_be_visible()
    units = [unit["unit"] for unit in town.get("township", f"{base}/reports/{town.township}/{PERIOD}/work").json()["units"]]
    act(town, "approver", "return", [town.village], "请核对第一行")
    page.goto(f"/reports/{FORM}/{town.village}/{PERIOD}")
    expect(page.locator(".standing").first).to_have_text("已退回")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator(".standing").first).to_have_text("已提交")
    act(town, "approver", "approve", units)
    act(town, "county", "approve", units)
    act(town, "county", "freeze", units)
    worker.run(town.hub, once=True)
    page.reload()
    page.goto(f"/reports/{FORM}/{town.village}/{PERIOD}")
    expect(page.locator(".standing").first).to_have_text("已封存")
    frozen = town.get("township", f"{base}/reports/{town.village}/{PERIOD}").content

    # The name is answered after that: the frozen report stays, says that it was corrected since, and a revised one has the name.
    steward.goto("/corrections")
    steward.get_by_role("row", name="王小明").get_by_role("checkbox").check()
    steward.get_by_role("button", name="采纳所选", exact=True).click()
    holder = next(unit for unit in units if corrected(town, unit))
    assert "王小明" not in names(town, holder), "what was frozen stays"
    page.goto(f"/reports/{FORM}/{holder}/{PERIOD}")
    expect(page.get_by_text("封存的报告不变")).to_be_visible()
    assert town.get("township", f"{base}/reports/{town.village}/{PERIOD}").content == frozen
    page.get_by_label("理由").fill("按更正修订")
    page.get_by_role("button", name="修订", exact=True).click()
    expect(page.locator(".standing").first).to_have_text("填报中")
    assert "王小明" in names(town, holder)


def object_to(page: Page, path: str, line: int, name: str) -> None:
    page.goto(path)
    page.get_by_role("link", name=f"对第 {line} 行提异议").click()
    page.get_by_label("哪一列").select_option("name")
    page.get_by_label("应为").fill(name)
    page.get_by_label("理由").fill("与户口簿不符")
    page.get_by_role("button", name="提交异议").click()
    expect(page.get_by_role("status")).to_contain_text("公安局")


def filled_workbook(town: Town, folder: Path) -> Path:
    """The township's workbook with its lines upside down and a remark on the last of them."""
    content = town.get("township", f"/api/v1/forms/{FORM}/reports/{town.township}/{PERIOD}.xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows(max_row=20) if any(cell.value == "行码" for cell in row))
    columns = {str(cell.value): cell.column for cell in head if cell.value}
    lines = [row for row in range(head[0].row + 1, sheet.max_row + 1) if sheet.cell(row, columns["行码"]).value]
    sheet.cell(lines[-1], columns["备注"]).value = "来自 Excel"
    rows: list[list[Any]] = [[sheet.cell(row, column).value for column in range(1, sheet.max_column + 1)] for row in lines]
    for row, values in zip(lines, reversed(rows), strict=True):
        for column, value in enumerate(values, 1):
            sheet.cell(row, column).value = value
    book.save(folder / "填好.xlsx")
    return folder / "填好.xlsx"


def act(town: Town, role: str, name: str, units: list[str], reason: str = "") -> None:
    path = f"/api/v1/forms/{FORM}/periods/{PERIOD}/acts"
    for done in post(town, role, path, {"act": name, "units": units, "reason": reason})["items"]:
        assert done["done"], done


def corrected(town: Town, unit: str) -> bool:
    (found,) = town.get("township", f"/api/v1/forms/{FORM}/reports/{unit}/{PERIOD}/work").json()["units"]
    return bool(found["corrected"])


def names(town: Town, unit: str) -> list[str]:
    report = town.get("township", f"/api/v1/forms/{FORM}/reports/{unit}/{PERIOD}").json()
    return [line["cells"]["name"]["text"] for line in report["sections"][0]["lines"]]
