"""A village cadre on a phone: a link from the township, a PIN of one's own, the village's report at 360 px."""

from __future__ import annotations

import re

import httpx2
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.web.conftest import Town
from tests.web.test_work import Browser


def make_link(town: Town, name: str) -> str:
    clerk = Browser(town, "township")
    html = clerk.post("/links", clerk.get("/links"), village=town.village, name=name)
    link = re.search(r"<textarea[^>]*>https?://[^/]+(/v/[^<]+)</textarea>", html)
    assert link is not None
    return link[1]


def test_who_opens_the_link_first_chooses_the_pin_and_sees_one_village(town: Town) -> None:
    path = make_link(town, "王村长")
    with httpx2.Client(base_url=town.url) as phone:
        assert "王村长" in phone.get(path).text
        for weak in ("123456", "000000", "65432", "abcdef"):
            assert phone.post(path, data={"pin": weak, "again": weak}).status_code == 401
        assert "不一样" in phone.post(path, data={"pin": "482913", "again": "482914"}).text
        assert phone.post(path, data={"pin": "482913", "again": "482913"}).headers["location"] == "/reports"
        page = phone.get("/reports").text
        names = town.hub.catalog.code_lists["division"].codes
        assert names[town.village].title.zh in page
        assert phone.get(f"/reports/elderly-roster/{town.village}/2026Q3").status_code == 200
        assert phone.get(f"/reports/elderly-roster/{town.township}/2026Q3").status_code == 403
    with httpx2.Client(base_url=town.url) as another:
        assert "设一个" not in another.get(path).text, "the PIN is chosen once"
        assert another.post(path, data={"pin": "999999", "again": "999999"}).status_code == 401
        assert another.post(path, data={"pin": "482913"}).status_code == 303


def test_wrong_pins_lock_the_link_and_the_clerk_takes_it_back(town: Town) -> None:
    path = make_link(town, "李村长")
    with httpx2.Client(base_url=town.url) as phone:
        phone.post(path, data={"pin": "482913", "again": "482913"})
    with httpx2.Client(base_url=town.url) as thief:
        for _ in range(5):
            assert thief.post(path, data={"pin": "111222"}).status_code == 401
        assert "PIN 不对" in thief.post(path, data={"pin": "482913"}).text, "the right PIN does not open it meanwhile"
    clerk = Browser(town, "township")
    html = clerk.get("/links")
    number = re.search(r'action="/links/(\d+)/end"[^<]*(?:<[^>]+>)*?<button[^>]*aria-label="[^"]*李村长[^"]*"', html)
    assert number is not None
    clerk.post(f"/links/{number[1]}/end", html)
    with httpx2.Client(base_url=town.url) as phone:
        assert phone.get(path).status_code == 404
    assert town.get("approver", "/links").status_code in (303, 401, 403)


WECHAT = "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/86.0.4240.99 XWEB/4317 MMWEBSDK/20220903 Mobile Safari/537.36 MicroMessenger/8.0.28"


def test_inside_wechat_pages_say_what_needs_a_browser_and_the_rest_works(page_town: Town, browser: Chromium) -> None:
    with page_town.client("bureau") as client:
        client.put("/api/v1/forms/elderly-roster/periods/2017Q3")
    path = f"/reports/elderly-roster/{page_town.village}/2017Q3"
    context = browser.new_context(viewport={"width": 360, "height": 740}, user_agent=WECHAT, locale="zh-CN", base_url=page_town.url)
    page = context.new_page()
    page.goto(f"/sign-in?token={page_town.tokens['village']}&next={path}")
    for with_files in (path, f"{path}/workbook", f"{path}/object", "/reports"):
        page.goto(with_files)
        expect(page.get_by_role("note")).to_contain_text("在浏览器打开")
    page.goto("/conflicts")
    expect(page.get_by_role("note")).to_have_count(0)
    page.goto(path)
    page.locator('td[data-field="visit_note"]').first.click()
    page.keyboard.type("微信里填的")
    page.keyboard.press("Enter")
    expect(page.locator("#saving")).to_have_attribute("data-unsent", "0")
    page.reload()
    expect(page.locator('td[data-field="visit_note"]').first).to_contain_text("微信里填的")
    page.goto(f"/sign-in?token={page_town.tokens['village']}&next={path}")
    context.close()
    assert "在浏览器打开" not in page_town.get("village", path).text
