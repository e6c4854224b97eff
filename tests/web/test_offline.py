"""An hour without the network, two tabs, two people, a session that ends: nothing typed is lost, nothing is overwritten, and what the
page says is what the server answered. The network is cut by the browser's own switch, or answered by something in between."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from hub.forms.appointments import principal_for
from hub.store.accounts import create_account
from hub.store.engine import writing
from tests.web.conftest import Town
from tests.web.grids import ROSTER, Grid, MakeGrid

EDITS = "**/api/v1/forms/*/periods/*/edits"
PORTAL = "<!doctype html><title>上网认证</title><p>请登录校园网</p>"


def cut(page: Page) -> None:
    """The cable is in and the browser says that it is online; nothing comes through."""
    page.route("**/*", lambda route: route.abort())


def mend(page: Page) -> None:
    page.unroute("**/*")


def state_is(sheet: Grid, state: str, unsent: int) -> None:
    expect(sheet.page.locator("#saving")).to_have_attribute("data-state", state)
    expect(sheet.page.locator("#saving")).to_have_attribute("data-unsent", str(unsent))


def note(sheet: Grid, text: str, line: int = 0) -> None:
    sheet.cell("visit_note", line).click()
    sheet.type(text)
    sheet.press("Enter")


def send_now(sheet: Grid) -> None:
    sheet.press("Alt+n")


class TestNetwork:
    def test_f34_the_state_follows_answers_and_the_queue_keeps(self, grid: MakeGrid) -> None:
        sheet = grid("2020Q4")
        cut(sheet.page)
        note(sheet, "一")
        note(sheet, "二", 1)
        state_is(sheet, "offline", 2)
        assert sheet.page.evaluate("navigator.onLine") is True
        assert "2 项未发送" in sheet.page.locator("#saving").inner_text()
        assert "待发送" in sheet.cell("visit_note").inner_text()
        note(sheet, "一改")
        state_is(sheet, "offline", 3)
        expect(sheet.page.get_by_role("button", name="立即发送")).to_be_visible()
        mend(sheet.page)
        send_now(sheet)
        sheet.settled()
        assert "已保存" in sheet.cell("visit_note").inner_text()
        assert (sheet.history("visit_note"), sheet.text("visit_note", 1)) == ([("enter", "一"), ("enter", "一改")], "二")

    def test_f34_a_proxys_page_with_status_200_is_no_save(self, grid: MakeGrid) -> None:
        sheet = grid("2020Q3")
        sheet.page.route(EDITS, lambda route: route.fulfill(status=200, content_type="text/html", body=PORTAL))
        note(sheet, "网页")
        state_is(sheet, "offline", 1)
        sheet.page.unroute(EDITS)
        sheet.page.route(EDITS, lambda route: route.fulfill(status=200, content_type="application/json", body='{"outcomes": []}'))
        send_now(sheet)
        sheet.page.wait_for_timeout(300)
        state_is(sheet, "offline", 1)
        assert sheet.text("visit_note") == ""
        sheet.page.unroute(EDITS)
        send_now(sheet)
        sheet.settled()
        assert sheet.text("visit_note") == "网页"

    def test_what_was_typed_outlives_the_page_and_is_sent_once_in_order(self, grid: MakeGrid) -> None:
        sheet = grid("2020Q2")
        bodies: list[str] = []

        def lose_the_answer(route: Route) -> None:
            """The edits arrive; the answer does not."""
            bodies.append(route.request.post_data or "")
            route.fetch()
            route.abort()

        sheet.page.route(EDITS, lose_the_answer)
        note(sheet, "甲")
        state_is(sheet, "offline", 1)
        note(sheet, "乙", 1)
        state_is(sheet, "offline", 2)
        sheet.page.unroute(EDITS)
        sheet.page.route(EDITS, lambda route: route.abort())
        sheet.page.reload()
        state_is(sheet, "offline", 2)
        assert sheet.shown("visit_note") == "甲"
        sheet.page.unroute(EDITS)
        send_now(sheet)
        sheet.settled()
        first = json.loads(bodies[0])["edits"][0]["key"]
        assert [one["key"] for one in sheet.stored("visit_note")["history"]] == [first]
        assert sheet.text("visit_note", 1) == "乙"

    def test_f32_a_refusal_for_good_is_listed_with_its_reason_until_handled(self, grid: MakeGrid) -> None:
        sheet = grid("2020Q1")
        cut(sheet.page)
        sheet.cell("visit_date").click()
        sheet.type("去年")
        sheet.press("Enter")
        note(sheet, "后面的照常", 1)
        state_is(sheet, "offline", 2)
        mend(sheet.page)
        send_now(sheet)
        sheet.settled()
        listed = sheet.page.locator("#attention li.refused")
        expect(listed).to_have_count(1)
        assert "去年" in listed.inner_text()
        assert "本季度走访日期" in listed.inner_text()
        assert sheet.state("visit_date") == "refused"
        assert "未接受" in sheet.cell("visit_date").inner_text()
        assert sheet.text("visit_note", 1) == "后面的照常"
        sheet.page.reload()
        expect(listed).to_have_count(1)  # it stays
        assert sheet.state("visit_date") == "refused"
        sheet.cell("visit_date").click()
        sheet.type("2020-01-15")
        sheet.press("Enter")
        sheet.settled()
        expect(listed).to_have_count(0)
        assert sheet.text("visit_date") == "2020-01-15"

    def test_unsent_edits_are_saved_to_a_file_and_loaded(self, grid: MakeGrid, tmp_path: Path) -> None:
        sheet = grid("2019Q4")
        cut(sheet.page)
        note(sheet, "带走")
        state_is(sheet, "offline", 1)
        with sheet.page.expect_download() as waited:
            sheet.page.locator("#bar").get_by_role("button", name="存为文件").click()
        file = tmp_path / "edits.json"
        waited.value.save_as(file)
        assert json.loads(file.read_text("utf-8"))["edits"][0]["text"] == "带走"
        elsewhere = grid("2019Q4")  # another machine
        elsewhere.page.locator("#edits-file").set_input_files(file)
        elsewhere.settled()
        assert elsewhere.text("visit_note") == "带走"
        mend(sheet.page)
        send_now(sheet)
        sheet.settled()
        assert len(sheet.history("visit_note")) == 1
        foreign = grid("2019Q4", role="village")
        foreign.page.locator("#edits-file").set_input_files(file)
        expect(foreign.page.locator("#said")).to_contain_text("请本人登录")
        file.write_text('{"format": "something"}')
        foreign.page.locator("#edits-file").set_input_files(file)
        expect(foreign.page.locator("#said")).to_contain_text("没有读入")


class TestTwo:
    def test_f35_two_tabs_offline_each_edit_once_and_the_same_cell_is_asked(self, grid: MakeGrid) -> None:
        first = grid("2024Q2")
        second = grid("2024Q2", beside=first.page)
        for sheet in (first, second):
            cut(sheet.page)
        note(first, "甲页")
        note(second, "乙页")
        note(second, "只有乙页", 1)
        state_is(first, "offline", 1)
        state_is(second, "offline", 2)
        for sheet in (first, second):
            mend(sheet.page)
            send_now(sheet)
            sheet.settled()
        assert first.history("visit_note") == [("enter", "甲页")]
        assert first.history("visit_note", 1) == [("enter", "只有乙页")]
        expect(first.cell("visit_note", 1)).to_contain_text("只有乙页")  # the tabs tell each other
        asked = second.page.locator("#attention li.conflict")
        expect(asked).to_have_count(1)
        assert "甲页" in asked.inner_text()
        assert "乙页" in asked.inner_text()
        asked.get_by_role("button", name="用我填的").click()
        second.settled()
        assert second.history("visit_note") == [("enter", "甲页"), ("enter", "乙页")]

    def test_f35_what_a_closed_tab_left_is_sent_by_the_next(self, grid: MakeGrid) -> None:
        first = grid("2019Q2")
        cut(first.page)
        note(first, "关掉的页")
        state_is(first, "offline", 1)
        first.page.close(run_before_unload=False)
        second = grid("2019Q2", beside=first.page)
        second.settled()
        assert second.text("visit_note") == "关掉的页"

    def test_f36_two_people_on_one_cell_the_later_is_asked_with_both_values(self, grid: MakeGrid) -> None:
        clerk = grid("2019Q1")
        cadre = grid("2019Q1", role="village")
        cut(clerk.page)
        cut(cadre.page)
        note(clerk, "乡镇写的")
        note(cadre, "村里写的")
        state_is(clerk, "offline", 1)
        state_is(cadre, "offline", 1)
        mend(cadre.page)
        send_now(cadre)
        cadre.settled()
        mend(clerk.page)
        send_now(clerk)
        clerk.settled()
        asked = clerk.page.locator("#attention li.conflict")
        text = asked.inner_text()
        assert all(part in text for part in ("乡镇写的", "村里写的", "village", "11-"))  # both values, who, when
        assert clerk.state("visit_note") == "conflict"
        assert clerk.text("visit_note") == "村里写的"
        asked.get_by_role("button", name="用我填的").click()
        clerk.settled()
        assert clerk.text("visit_note") == "乡镇写的"
        clerk.press("Control+z")  # either can be restored
        clerk.settled()
        assert clerk.text("visit_note") == "村里写的"

    def test_f36_theirs_is_taken_and_nothing_is_sent(self, grid: MakeGrid) -> None:
        clerk = grid("2018Q4")
        clerk.edit_elsewhere("visit_note", "先写的")
        note(clerk, "后写的")
        clerk.settled()
        clerk.page.locator("#attention").get_by_role("button", name="用对方的").click()
        expect(clerk.page.locator("#attention")).to_be_hidden()
        assert clerk.shown("visit_note") == "先写的"
        assert len(clerk.history("visit_note")) == 1

    def test_f41_somebody_elses_change_of_another_cell_is_no_conflict(self, grid: MakeGrid) -> None:
        clerk = grid("2023Q3")
        clerk.cell("visit_note").click()
        clerk.type("正在写")
        clerk.edit_elsewhere("visit_note", "别处", 1)
        clerk.press("Enter")
        clerk.settled()
        assert clerk.text("visit_note") == "正在写"
        expect(clerk.cell("visit_note", 1)).to_contain_text("别处", timeout=15_000)
        assert clerk.page.locator("#attention").is_hidden()


class TestSession:
    def test_f31_the_session_ends_and_she_signs_in_in_place(self, grid: MakeGrid, page_town: Town) -> None:
        with writing(page_town.hub.engine) as connection:
            for name, kind, code in (("li-mei", "township", page_town.township), ("zhao", "village", page_town.village)):
                create_account(
                    connection, name, "a long enough one", principal_for(page_town.hub.catalog, kind, code, name), page_town.hub.micros()
                )
        sheet = grid("2023Q1")
        sign_in(sheet.page, "li-mei", sheet.path)
        sheet.page.context.clear_cookies()  # as at lunch
        note(sheet, "午休后写的")
        state_is(sheet, "signed-out", 1)
        note(sheet, "接着写", 1)
        state_is(sheet, "signed-out", 2)
        assert sheet.text("visit_note") == ""

        other = grid("2022Q4", beside=sheet.page)  # another tab, another user: does not get them
        sign_in(other.page, "zhao", sheet.path)
        expect(other.page.locator("#saving")).to_have_attribute("data-unsent", "0")
        sheet.page.get_by_role("button", name="已登录，继续发送").click()
        state_is(sheet, "foreign", 2)
        assert "不是 li-mei" in sheet.page.locator("#saving").inner_text()
        other.page.close()

        sheet.page.locator("#bar").get_by_role("button", name="登录", exact=True).click()
        dialog = sheet.page.locator("dialog")
        dialog.get_by_label("密码").fill("wrong")
        sheet.press("Enter")
        expect(dialog.get_by_role("alert")).to_contain_text("不对")
        dialog.get_by_label("密码").fill("a long enough one")
        sheet.press("Enter")
        expect(dialog).to_have_count(0)
        sheet.settled()
        assert [sheet.text("visit_note", line) for line in (0, 1)] == ["午休后写的", "接着写"]
        assert sheet.stored("visit_note")["history"][0]["by"] == "li-mei"
        assert sheet.page.evaluate("document.activeElement !== document.body")

    def test_f38_the_report_is_locked_meanwhile_and_each_edit_is_listed(self, grid: MakeGrid, page_town: Town) -> None:
        sheet = grid("2023Q2")
        cut(sheet.page)
        note(sheet, "来不及")
        note(sheet, "也来不及", 1)
        state_is(sheet, "offline", 2)
        submit(page_town, sheet)
        mend(sheet.page)
        send_now(sheet)
        sheet.settled()
        listed = sheet.page.locator("#attention li.refused")
        expect(listed).to_have_count(2)
        assert "已提交" in listed.first.inner_text()
        with sheet.page.expect_download() as waited:
            listed.first.get_by_role("button", name="存为文件").click()
        assert json.loads(Path(waited.value.path()).read_text("utf-8"))["edits"][0]["text"] == "来不及"
        listed.first.get_by_role("button", name="放弃").click()
        expect(listed).to_have_count(1)
        assert sheet.shown("visit_note") == ""
        withdraw(page_town, sheet)
        listed.first.get_by_role("button", name="再发一次").click()
        sheet.settled()
        expect(sheet.page.locator("#attention")).to_be_hidden()
        assert sheet.text("visit_note", 1) == "也来不及"


def sign_in(page: Page, name: str, path: str) -> None:
    page.goto(f"/sign-in?next={path}")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill("a long enough one")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def submit(town: Town, sheet: Grid) -> None:
    (unit,) = town.get("township", f"/api/v1/forms/{ROSTER}/reports/{sheet.unit}/{sheet.period}/work").json()["units"]
    confirm = {"key": f"confirm-{sheet.period}", "unit": sheet.unit, "kind": "confirm", "lines": unit["marks"]}
    with town.client("village") as client:
        client.post(f"/api/v1/forms/{ROSTER}/periods/{sheet.period}/edits", json={"edits": [confirm]})
        done = client.post(f"/api/v1/forms/{ROSTER}/periods/{sheet.period}/acts", json={"act": "submit", "units": [sheet.unit]}).json()
    assert done["items"][0]["done"], done


def withdraw(town: Town, sheet: Grid) -> None:
    with town.client("village") as client:
        done = client.post(f"/api/v1/forms/{ROSTER}/periods/{sheet.period}/acts", json={"act": "withdraw", "units": [sheet.unit]}).json()
    assert done["items"][0]["done"], done
