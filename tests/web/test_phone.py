"""A village cadre on a phone: a link from the township, a PIN of one's own, the village's report at 360 px."""

from __future__ import annotations

import re

import httpx2

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
    number = re.search(r'action="/links/(\d+)/end"[^<]*(?:<[^>]+>)*?<button[^>]*aria-label="[^"]*李村长"', html)
    assert number is not None
    clerk.post(f"/links/{number[1]}/end", html)
    with httpx2.Client(base_url=town.url) as phone:
        assert phone.get(path).status_code == 404
    assert town.get("approver", "/links").status_code in (303, 401, 403)
