"""A clerk's first day, with what fresh users stumbled over: ticks, words after an act, reasons, addresses opened again, lists too long."""

from __future__ import annotations

import re
from uuid import uuid4

import httpx2

from tests.web.conftest import Town
from tests.web.test_work import Browser

FORM, PERIOD = "low-income-roster", "2025-09"  # of these tests alone: the town is shared


def opened(town: Town, period: str = PERIOD) -> str:
    with town.client("bureau") as client:
        assert client.put(f"/api/v1/forms/{FORM}/periods/{period}").status_code == 200
    with town.client("county") as client:
        for unit in (*town.township_villages, *others(town)):
            until = {"until": town.hub.today().isoformat()}
            client.put(f"/api/v1/forms/{FORM}/reports/{unit}/{period}/extension", json=until)
    return f"/reports/{FORM}/{town.township}/{period}"


def others(town: Town) -> list[str]:
    """The villages of the township in which nobody lives."""
    below = town.hub.catalog.divisions_below[town.township]
    return [code for code in below if code not in town.township_villages]


def ticked(html: str) -> list[str]:
    return re.findall(r'<input type="checkbox" name="units" value="(\d{12})"[^>]*checked', html)


def test_confirm_submit_send_back_each_with_ticks_words_and_reason(town: Town) -> None:
    path = opened(town)
    clerk, approver = Browser(town, "township"), Browser(town, "approver")
    html = clerk.get(path)
    every = ticked(html)
    assert set(every) >= set(town.township_villages), "what is the clerk's turn is ticked"
    html = clerk.post(f"{path}/confirm", html, what="all")
    assert re.search(r"已核对 \d+ 行。", html)
    assert "已办理" not in html, "no report was taken on"
    assert ticked(html) == every, "the next act needs no new ticks"
    html = clerk.post(f"{path}/acts", html, act="submit")
    assert f"已办理 {len(every)} 份报告" in html
    assert ticked(html) == [], "what was submitted is not the clerk's turn"
    html = approver.get(path)
    assert ticked(html) == every
    with town.client("approver") as client:
        village = town.village
        sent = {"act": "return", "units": [village], "reason": "第 1 行残疾人数有误"}
        assert client.post(f"/api/v1/forms/{FORM}/periods/{PERIOD}/acts", json=sent).json()["items"][0]["done"]
    for page in (path, f"/reports/{FORM}/{village}/{PERIOD}"):
        html = clerk.get(page)
        assert re.search(r"退回（approver，[^）]+）：第 1 行残疾人数有误", html), "why it is back stands at the top"
    assert ticked(clerk.get(path)) == [village]


def test_with_nothing_ticked_the_report_says_so(town: Town) -> None:
    path = opened(town, "2025-10")
    clerk = Browser(town, "township")
    token = re.search(r'name="form_token" value="([^"]+)"', clerk.get(path))
    assert token is not None
    for act in ("acts", "confirm"):
        with httpx2.Client(**clerk._settings) as client:
            answer = client.post(f"{path}/{act}", data={"form_token": token[1], "act": "submit"})
        assert answer.status_code == 422
        assert "请先勾选" in answer.text
        assert 'name="units"' in answer.text, "the report stays"


def test_what_a_form_was_sent_to_opens_the_page_it_belongs_to(town: Town) -> None:
    path = opened(town)
    clerk = Browser(town, "township")
    for act in ("confirm", "acts"):
        with httpx2.Client(**clerk._settings) as client:
            answer = client.get(f"{path}/{act}?lang=en")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?lang=en")
    with town.client("township") as client:
        assert client.get(f"/api/v1/forms/{FORM}/periods/{PERIOD}/acts").status_code == 405, "a program is told"


def test_the_bureaus_late_list_is_the_citys_with_counties(town: Town) -> None:
    with town.client("bureau") as client:
        client.put(f"/api/v1/forms/{FORM}/periods/2025-11")
    html = Browser(town, "bureau").get("/late")
    names = town.hub.catalog.code_lists["division"].codes
    township = names[town.township]
    assert f"{names[str(township.parent)].title.zh}{township.title.zh}" in html
    assert "东城区" not in html, "districts of other provinces report nothing here"


def test_a_unit_that_the_title_says_is_not_said_twice(town: Town) -> None:
    html = Browser(town, "township").get(f"/reports/village-basics/{town.village}/2026Q2")
    assert "耕地面积(亩)" in html.replace("（", "(").replace("）", ")")
    assert not re.search(r"[（(](\S+)[)）] <span class=\"unit\">\1</span>", html)


def test_what_is_put_together_from_records_is_objected_to_in_words(town: Town) -> None:
    """A number of persons has no one value to propose: the page says which kind to choose, and that kind is there."""
    opened(town)
    api = f"/api/v1/forms/{FORM}/reports/{town.village}/{PERIOD}"
    line = town.get("township", api).json()["sections"][0]["lines"][0]["code"]
    with town.client("township", **{"Idempotency-Key": str(uuid4())}) as client:
        claim = {"kind": "value", "line": line, "field": "disabled", "proposed": "1", "reason": "残疾证未过期"}
        refused = client.post(f"{api}/objections", json=claim)
        assert (refused.status_code, refused.json()["code"]) == (409, "objection_composed")
        assert "行内其他数据有误" in refused.json()["detail"]
        taken = client.post(f"{api}/objections", json=claim | {"kind": "content"})
        assert taken.status_code == 201, taken.text
        other = client.post(f"{api}/objections", json=claim | {"kind": "content", "field": "size"})
        assert other.status_code in (201, 404)
    page = Browser(town, "township").get(f"/reports/{FORM}/{town.village}/{PERIOD}/object?line={line}&field=disabled")
    assert "行内其他数据有误" in page
