"""A period by the keyboard alone: every act is reached by Tab and done by Enter or Space, and its answer has the focus.

The keys inside the grid are in test_grid.py.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.web.browsing import Open
from tests.web.conftest import Town

FORM, PERIOD = "elderly-roster", "2017Q3"
FOCUS = "document.activeElement"


def go_to(page: Page, selector: str) -> None:
    """By Tab, in the order of the page; on the way the focus is never nowhere. Fails where Tab does not come by."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(f"selector => {FOCUS}.matches(selector)", selector):
            return
        assert page.evaluate(f"{FOCUS} !== document.body"), "the focus left the page before it came there"
    raise AssertionError(f"Tab does not come to {selector}")


def answered(page: Page) -> str:
    """What the page says after an act; it has the focus, so that Tab goes on from there."""
    assert page.evaluate(f"{FOCUS}.getAttribute('role')") == "status"
    return page.locator(":focus").inner_text()


def enter(page: Page, key: str = "Enter") -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def test_confirm_submit_return_and_submit_again(page_town: Town, opened: Open) -> None:
    with page_town.client("bureau") as client:
        assert client.put(f"/api/v1/forms/{FORM}/periods/{PERIOD}").status_code == 200
    path = f"/reports/{FORM}/{page_town.township}/{PERIOD}"
    clerk = opened("township", path)
    village, *others = clerk.locator("input[type=checkbox][name=units]").evaluate_all("boxes => boxes.map((box) => box.value)")
    for other in others:
        go_to(clerk, f"input[type=checkbox][value='{other}']")
        clerk.keyboard.press("Space")
    go_to(clerk, "button[formaction$='/confirm']")
    enter(clerk)
    assert re.search(r"已核对 \d+ 行", answered(clerk))
    assert clerk.locator("input[name=units]:checked").evaluate_all("boxes => boxes.map((box) => box.value)") == [village]
    go_to(clerk, "button[name=act][value=submit]")
    enter(clerk, "Space")
    assert "已办理 1 份报告" in answered(clerk)

    approver = opened("approver", f"/reports/{FORM}/{village}/{PERIOD}")
    go_to(approver, "button[name=act][value=return]")
    enter(approver)
    assert "须写明理由" in answered(approver)  # refused in words, with the focus there
    go_to(approver, "#reason")
    approver.keyboard.type("请核对第一行")
    approver.keyboard.press("Shift+Tab")
    while not approver.evaluate(f"{FOCUS}.matches('button[value=return]')"):
        approver.keyboard.press("Shift+Tab")
    enter(approver)
    assert "已办理 1 份报告" in answered(approver)
    work = page_town.get("township", f"/api/v1/forms/{FORM}/reports/{village}/{PERIOD}/work").json()
    assert [one["standing"] for one in work["units"]] == ["returned"]


def test_filter_search_and_object(page_town: Town, opened: Open) -> None:
    with page_town.client("bureau") as client:
        assert client.put(f"/api/v1/forms/{FORM}/periods/2017Q2").status_code == 200
    page = opened("township", f"/reports/{FORM}/{page_town.township}/2017Q2")
    go_to(page, "#village")
    page.keyboard.press("ArrowDown")
    go_to(page, "input[name=show]")
    page.keyboard.press("Space")
    go_to(page, "form.inline button.quiet")
    enter(page)
    assert "village=" in page.url
    assert "show=open" in page.url
    name = page.locator("td[data-field=name]").first.evaluate("cell => cell.lastChild.data")
    go_to(page, "#find-text")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_function(f"{FOCUS}.closest('tr.found') !== null")
    assert page.locator("tr.found td[data-field=name]").inner_text().endswith(name)
    while not page.evaluate(f"{FOCUS}.dataset.field === 'name'"):
        page.keyboard.press("ArrowRight")
    enter(page, "Alt+o")
    assert "/object?" in page.url
    go_to(page, "#proposed")
    page.keyboard.type("同名不同字")
    go_to(page, "form.stack button")
    enter(page)
    assert page.evaluate(f"{FOCUS}.value") == "同名不同字"  # a reason is asked for; what was typed is kept and has the focus
    assert "理由" in page.locator("#wrong").inner_text()
    go_to(page, "#reason")
    page.keyboard.type("与户口簿不符")
    go_to(page, "form.stack button")
    enter(page)
    assert "异议" in answered(page)


def test_a_wrong_password_leaves_the_focus_where_it_is_typed_anew(page_town: Town, opened: Open) -> None:
    page = opened(None, "/sign-in")
    go_to(page, "#name")
    page.keyboard.type("nobody")
    page.keyboard.press("Tab")
    page.keyboard.type("a wrong one")
    enter(page)
    assert page.evaluate(f"{FOCUS}.id") == "password"
    assert "用户名或密码不对" in page.locator(f"#{page.locator(':focus').get_attribute('aria-describedby')}").inner_text()
