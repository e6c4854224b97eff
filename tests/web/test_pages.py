"""The pages in a real browser: with a keyboard, on a telephone's width, in both languages, with nothing loaded from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
from playwright.sync_api import Browser, Page, expect

from hub import worker
from hub.forms.appointments import principal_for
from hub.store.accounts import create_account
from hub.store.engine import writing
from hub.web.pages.cells import LEGEND
from tests.web.browsing import Open
from tests.web.conftest import Town
from tests.web.test_accessibility import pages_of

REPORT = "/reports/low-income-roster/{village}/2026-10"


def test_every_page_comes_in_both_languages(page_town: Town, opened: Open) -> None:
    for role, path in pages_of(page_town):
        page = opened(role, path)
        assert page.locator("html").get_attribute("lang") == "zh-CN", path
        chinese = page.locator("h1").inner_text()
        page.locator(".self a[lang=en]").click()
        assert page.locator("html").get_attribute("lang") == "en", path
        assert page.locator("h1").inner_text() != chinese or role == "township", path
        page.goto("/sign-in")  # the choice is kept
        assert page.locator("h1").inner_text() == "Sign in"


class TestReport:
    def test_a_cell_tells_its_source_and_date_on_focus_and_on_hover(self, page_town: Town, opened: Open) -> None:
        page = opened("township", REPORT.format(village=page_town.village))
        note = page.locator("#note")
        assert note.is_hidden()
        page.locator("td.cell").nth(2).hover()
        assert "来源：常住人口登记（公安局" in note.inner_text()
        page.mouse.move(0, 0)
        assert note.is_hidden()
        page.locator("td.cell[tabindex='0']").focus()
        for _ in range(2):
            page.keyboard.press("ArrowRight")
        assert "2026-10-31" in note.inner_text()
        described = page.locator(":focus").get_attribute("aria-describedby")
        assert page.locator(f"#{described}").text_content() == note.text_content()  # what a screen reader reads is the same
        page.keyboard.press("Escape")
        assert note.is_hidden()

    def test_every_cell_that_is_not_waiting_for_a_person_tells_source_and_date(self, page_town: Town, opened: Open) -> None:
        waiting = {"to_enter", "missing", "not_applicable"}
        for form, unit, period in (
            ("low-income-roster", page_town.village, "2026-10"),
            ("insurance-by-village", page_town.township, "2026-10"),
            ("village-basics", page_town.village, "2026Q4"),
        ):
            page = opened("township", f"/reports/{form}/{unit}/{period}")
            cells = page.locator("td.cell").evaluate_all(
                "cells => cells.map((e) => [e.classList[1], document.getElementById(e.dataset.note).textContent])"
            )
            told = [(state, note) for state, note in cells if state not in waiting]
            assert {"filled", "formula"} <= {state for state, _ in told}, form
            assert [note for _, note in told if "来源：" not in note or "数据日期：2026-" not in note] == [], form

    def test_what_becomes_of_an_entry_is_told_as_it_is(self, page_town: Town, opened: Open) -> None:
        """Filled from then on; or asked anew each period; or kept in its report."""
        kinds: dict[str, str] = {}
        for form, period in (("village-basics", "2026Q4"), ("disability-subsidy-roster", "2026-10")):
            page = opened("township", f"/reports/{form}/{page_town.village}/{period}")
            kinds |= dict(
                page.locator("td.cell.to_enter").evaluate_all(
                    """cells => cells.map((e) => [
                        (e.closest('table').tHead?.rows[0].cells[e.cellIndex] ?? e.closest('tr').querySelector('th')).firstChild.textContent.trim(),
                        document.getElementById(e.dataset.note).textContent])"""
                )
            )
        assert "以后自动带出" in kinds["村民小组数"]
        assert "每期各填一次" in kinds["本期走访户数"]
        assert "只留在本表" in kinds["备注"]

    def test_in_english_codes_units_and_totals_are_english_too(self, page_town: Town, opened: Open) -> None:
        roster = opened("township", REPORT.format(village=page_town.village) + "?lang=en").locator("table.cells").inner_text()
        assert "rural minimum living allowance" in roster
        assert "农村最低生活保障" not in roster
        figures = opened("township", f"/reports/village-basics/{page_town.village}/2026Q4?lang=en").locator("table.cells")
        assert "persons" in figures.inner_text()
        assert figures.locator(".unit", has_text="人").count() == 0
        total = opened("township", f"/reports/insurance-by-village/{page_town.township}/2026-10?lang=en").locator("tr.total")
        assert total.inner_text().lstrip("ƒ").strip().startswith("Total")

    def test_the_arrow_keys_walk_the_table_which_is_one_tab_stop(self, page_town: Town, opened: Open) -> None:
        page = opened("township", REPORT.format(village=page_town.village))
        page.locator("td.cell[tabindex='0']").focus()
        page.keyboard.press("End")
        assert page.locator(":focus").evaluate("e => e.cellIndex") == len(
            page_town.hub.catalog.forms["low-income-roster"].sections[0].fields
        )
        page.keyboard.press("ArrowDown")
        assert page.locator(":focus").evaluate("e => e.parentElement.rowIndex") == 2
        assert page.locator("table.cells td[tabindex='0']").count() == 1
        page.keyboard.press("Tab")
        assert page.locator(":focus").evaluate("e => e.tagName") == "SUMMARY"

    def test_a_state_is_told_by_word_and_shape_not_by_colour_alone(self, page_town: Town, opened: Open) -> None:
        page = opened("township", REPORT.format(village=page_town.village))
        cell = page.locator("td.cell.to_enter").first
        assert cell.inner_text().strip() == "✎待填"
        legend = page.locator(".legend li").all_inner_texts()
        assert len(legend) == len(LEGEND)
        assert all(any("\u4e00" <= character <= "\u9fff" for character in entry) for entry in legend)

    def test_without_a_script_the_sources_are_on_the_page(self, browser: Browser, page_town: Town) -> None:
        context = browser.new_context(java_script_enabled=False, base_url=page_town.url)
        page = context.new_page()
        page.goto(f"/sign-in?token={page_town.tokens['township']}&next={REPORT.format(village=page_town.village)}")
        page.locator("details.sources summary").first.click()
        assert "民政局" in page.locator("details.sources").first.inner_text() or "civil" in page.content()
        context.close()

    def test_it_is_downloaded_as_a_workbook(self, page_town: Town, opened: Open, tmp_path: Path) -> None:
        page = opened("township", REPORT.format(village=page_town.village))
        with page.expect_download() as waited:
            page.get_by_role("link", name="下载 Excel").click()
        file = tmp_path / "report.xlsx"
        waited.value.save_as(file)
        assert [sheet.title for sheet in openpyxl.load_workbook(file) if sheet.sheet_state == "visible"] == ["花名册"]

    def test_another_township_is_refused_with_a_page(self, page_town: Town, opened: Open) -> None:
        page = opened("other", REPORT.format(village=page_town.village))
        assert "不在您的管辖范围内" in page.locator("[role=alert]").inner_text()


class TestDepartment:
    def test_held_rows_are_downloaded_mended_and_uploaded_on_one_page(self, page_town: Town, opened: Open, tmp_path: Path) -> None:
        with page_town.client("education") as client:
            items = client.get("/api/v1/batches?contract=education.enrolment").json()["items"]
        held = next(item for item in items if item["quarantined"])
        page = opened("education", f"/batches/{held['id']}")
        assert page.locator("#mend").inner_text() == f"有 {held['quarantined']} 行需要更正"
        with page.expect_download() as waited:
            page.get_by_role("link", name="下载待更正的行").click()
        file = tmp_path / "mended.xlsx"
        waited.value.save_as(file)
        page.get_by_label("上传更正后的文件").set_input_files(file)
        page.locator("section.mend").get_by_role("button", name="上传", exact=True).click()
        assert "已收到文件" in page.get_by_role("status").inner_text()
        assert worker.run(page_town.hub, once=True) == 1
        page.reload()
        assert "更正" in page.content()
        with page_town.client("education") as client:
            mend = client.get("/api/v1/batches?contract=education.enrolment").json()["items"][0]
        assert (mend["parent"], mend["quarantined"]) == (held["id"], held["quarantined"])  # not mended yet: held again

    def test_a_pull_is_asked_for_by_a_button(self, page_town: Town, opened: Open) -> None:
        page = opened("education", "/contracts/education.school")
        page.get_by_role("button", name="立即取数").click()
        assert "已安排取数" in page.get_by_role("status").inner_text()
        assert worker.run(page_town.hub, once=True) == 1

    def test_a_contract_that_no_schedule_pulled_shows_when_its_newest_batch_came(self, page_town: Town, opened: Open) -> None:
        page = opened("bureau", "/contracts")  # of the sample city nothing was pulled by the schedule
        rows = {row.locator("th .code").inner_text(): row.inner_text() for row in page.locator("tbody tr").all()}
        assert "从未" in rows["township.contacts"]  # it has no batch
        assert [text for name, text in rows.items() if not name.startswith("township.") and "从未" in text] == []
        page = opened("civil-affairs", "/contracts/civil-affairs.marriage")
        facts = page.locator("dl.facts").inner_text()
        assert "从未" not in facts
        assert "已生效 2026-11-25" in facts

    def test_a_conflict_shows_both_values_and_the_deadline(self, page_town: Town, opened: Open) -> None:
        page = opened("health", "/conflicts")
        row = page.locator("tbody tr").first
        assert row.locator(".says li").count() == 2
        assert "采用" in row.inner_text()
        assert "不一致" in row.inner_text()
        assert page.locator("tbody tr td").last.inner_text().startswith("2026-")


class TestBureau:
    def test_quality_shows_charts_owners_next_steps_and_how(self, page_town: Town, opened: Open) -> None:
        page = opened("bureau", "/quality")
        for picture in page.locator("img.chart").all():
            assert picture.evaluate("e => e.complete && e.naturalWidth > 0")
        act = page.locator("section", has=page.locator("#act")).inner_text()
        assert "民政局" in act
        assert "请下载隔离行" in act
        page.get_by_text("怎样计算").nth(1).click()
        assert "逾期一天扣 10 分" in page.locator("dl.how").inner_text()
        assert page.locator("#runs").is_visible()

    def test_consistency_rules_are_to_act_on_and_departments_have_every_figure(self, page_town: Town, opened: Open) -> None:
        page = opened("bureau", "/quality")
        act = page.locator("section", has=page.locator("#act")).locator("tr", has_text="已死亡人员仍在享受待遇").inner_text()
        assert "民政局、公安局" in act
        assert "请在 2026-" in act
        rule = page.locator("section", has=page.locator("#consistency")).locator("tbody tr").first
        assert rule.locator("[data-label=时限]").inner_text().startswith("2026-")
        department = page.locator("section", has=page.locator("#departments")).locator("tr", has_text="civil-affairs")
        assert department.locator("td").count() == 7
        assert "民政局" in department.locator(".says").inner_text()


class TestAnswersToForms:
    def test_to_load_an_answer_again_does_nothing_twice(self, page_town: Town, opened: Open) -> None:
        page = opened("township", "/links")
        links = page.get_by_role("button", name="收回")
        before = links.count()
        page.get_by_label("姓名").fill("重载的人")
        page.get_by_role("button", name="生成链接").click()
        assert links.count() == before + 1
        sent: list[str] = []
        page.on("request", lambda asked: sent.append(asked.method))
        page.reload()
        assert "POST" not in sent
        assert links.count() == before + 1

    def test_an_act_is_answered_at_the_address_of_the_report(self, page_town: Town, opened: Open) -> None:
        """So that its link to the other language, and what the page asks by itself, lead to the report."""
        path = f"/reports/elderly-roster/{page_town.village}/2018Q2"
        with page_town.client("bureau") as client:
            assert client.put("/api/v1/forms/elderly-roster/periods/2018Q2").status_code == 200
        page = opened("township", path)
        page.locator("form.work button[name=act]").first.click()
        page.wait_for_load_state()
        assert page.url.endswith(path)
        page.get_by_role("link", name="English").click()
        assert page.url.endswith(f"{path}?lang=en")
        assert page.locator("h1").count() == 1


class TestSigningIn:
    def test_with_a_token_typed_in_and_out_again(self, page_town: Town, opened: Open) -> None:
        page = opened(None, "/reports")
        page.get_by_text("用访问令牌登录").click()
        page.get_by_label("访问令牌").fill("yb_wrong")
        page.keyboard.press("Enter")
        assert "无效" in page.get_by_role("alert").inner_text()
        page.get_by_label("访问令牌").fill(page_town.tokens["township"])
        page.keyboard.press("Enter")
        page.wait_for_url("**/reports")
        page.get_by_role("button", name="退出").click()
        page.goto("/reports")
        assert "/sign-in" in page.url

    def test_with_name_and_password(self, page_town: Town, opened: Open) -> None:
        hub, township = page_town.hub, page_town.city.places.tree[page_town.village].parent or ""
        with writing(hub.engine) as connection:
            whom = principal_for(hub.catalog, "township", township, "wang")
            create_account(connection, "wang", "a long enough one", whom, hub.micros())
        page = opened(None, "/reports")
        page.get_by_label("用户名").fill("wang")
        page.get_by_label("密码").fill("a wrong one")
        page.keyboard.press("Enter")
        assert "用户名或密码不对" in page.get_by_role("alert").inner_text()
        page.get_by_label("密码").fill("a long enough one")  # the name is still there
        page.keyboard.press("Enter")
        page.wait_for_url("**/reports")
        assert "wang" in page.locator(".who").inner_text()

    def test_ones_own_password_is_changed_and_who_signed_in_is_told(self, page_town: Town, opened: Open) -> None:
        hub, township = page_town.hub, page_town.township
        with writing(hub.engine) as connection:
            create_account(connection, "zhou", "a long enough one", principal_for(hub.catalog, "township", township, "zhou"), hub.micros())

        def enter(password: str) -> Page:
            page = opened(None, "/sign-in")
            page.get_by_label("用户名").fill("zhou")
            page.get_by_label("密码").fill(password)
            page.keyboard.press("Enter")
            page.wait_for_url("**/reports")
            return page

        elsewhere, page = enter("a long enough one"), enter("a long enough one")
        page.get_by_role("link", name="zhou").click()
        facts = page.locator("dl.facts").inner_text()
        assert "上次登录\n2026-11-" in facts
        assert "最近一次登录失败\n从未" in facts
        for old, new, again, said, label in (
            ("a wrong one", "another good one", "another good one", "原密码不对", "原密码"),
            ("a long enough one", "another good one", "another bad one", "两次输入的新密码不同", "新密码"),
            ("a long enough one", "zhou another one", "zhou another one", "不能包含用户名", "新密码"),
        ):
            for name, typed in (("原密码", old), ("新密码", new), ("再输一次新密码", again)):
                page.get_by_label(name, exact=True).fill(typed)
            page.keyboard.press("Enter")
            expect(page.get_by_role("alert")).to_contain_text(said)
            expect(page.get_by_label(label, exact=True)).to_be_focused()
        for name, typed in (("原密码", "a long enough one"), ("新密码", "another good one"), ("再输一次新密码", "another good one")):
            page.get_by_label(name, exact=True).fill(typed)
        page.get_by_role("button", name="修改密码").click()
        assert "其他地方的登录已结束" in page.get_by_role("status").inner_text()
        elsewhere.goto("/reports")
        assert "/sign-in" in elsewhere.url
        enter("another good one")

    def test_a_printed_page_has_the_figures_and_no_controls(self, page_town: Town, opened: Open) -> None:
        page = opened("township", REPORT.format(village=page_town.village))
        page.emulate_media(media="print")
        assert page.locator("table.cells").is_visible()
        assert not page.get_by_role("link", name="下载 Excel").is_visible()
        assert not page.locator(".self").is_visible()


class TestPrint:
    def test_sheets_hold_what_they_say_and_are_numbered(self, page_town: Town, opened: Open) -> None:
        """The official layout on A4: every page with number, maker, approval and expiry, and page n of m; nothing runs over."""
        for form, unit, period in (
            ("school-age-children-roster", page_town.township, "2026S2"),
            ("village-basics", page_town.village, "2026Q3"),
            ("insurance-by-village", page_town.township, "2026-10"),
        ):
            page = opened("township", f"/reports/{form}/{unit}/{period}/print")
            sheets = page.locator("article.a4")
            assert sheets.evaluate_all("all => all.every((e) => e.scrollHeight <= e.clientHeight + 1)"), form
            texts = sheets.all_inner_texts()
            for number, text in enumerate(texts, 1):
                assert f"第 {number} 页 共 {len(texts)} 页" in text
                for said in (
                    "表号：",
                    "制定机关：",
                    "文号：",
                    "有效期至：",
                    "填报单位：",
                    "报告期：",
                    "填表人：",
                    "审核人：",
                    "单位负责人：",
                    "摘要 SHA-256：",
                ):
                    assert said in text, said
                assert "草稿" in text, "what is not frozen says so"
            assert "数据来源与日期：" in texts[-1]
            pages = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page[^s]", pages)) == len(texts)

    def test_what_is_one_word_stands_on_one_line_and_pages_are_full(self, page_town: Town, opened: Open) -> None:
        """Amounts, dates and identifiers are not broken; a page ends where the next line would not fit."""
        for form, unit, period in (
            ("elderly-roster", page_town.township, "2026Q3"),
            ("low-income-roster", page_town.township, "2026-10"),
            ("school-age-children-roster", page_town.township, "2026S2"),
            ("disability-subsidy-roster", page_town.township, "2026-10"),
        ):
            page = opened("township", f"/reports/{form}/{unit}/{period}/print")
            page.emulate_media(media="print")
            broken = page.locator(".a4 td").evaluate_all("""cells => cells.filter((cell) => {
                if (!/^[0-9A-Za-z.,%*\\/-]+$/.test(cell.textContent)) return false;
                const range = document.createRange();
                range.selectNodeContents(cell);
                return new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size > 1
                    || cell.scrollWidth > cell.clientWidth + 1;
            }).map((cell) => cell.textContent)""")
            assert broken == [], form
            sheets = page.locator("article.a4").evaluate_all("""sheets => sheets.map((sheet) => {
                const table = sheet.querySelector('table').getBoundingClientRect(), foot = sheet.querySelector('footer').getBoundingClientRect();
                const rows = [...sheet.querySelectorAll('tbody tr')].map((row) => row.getBoundingClientRect().height);
                return {over: sheet.scrollHeight - sheet.clientHeight, left: foot.top - table.bottom, row: Math.max(...rows), tall: sheet.clientHeight};
            })""")
            assert [one for one in sheets if one["over"] > 1] == [], form
            assert [one for one in sheets[:-1] if one["left"] > one["row"] + 0.1 * one["tall"]] == [], form
