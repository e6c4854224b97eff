"""Every page by everybody: axe-core's rules and ours on a desk's and on a telephone's width, the grid's dialogs, the keyboard."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import hub.web.docs
import hub.web.pages
from tests.web.browsing import Open
from tests.web.conftest import Town
from tests.web.grids import MakeGrid
from tests.web.test_demands import asked as make_demand
from tests.web.test_phone import make_link

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
NO_PAGES = {"/", "/frozen/{digest}", "/quality/charts/departments.svg", "/quality/charts/freshness.svg"}  # lead elsewhere; pictures

# What axe does not judge: what our own rules and the policy of contents ask for.
OURS = """() => ({
  headings: document.querySelectorAll('h1').length === 1 ? [] : ['h1'],
  references: [...document.querySelectorAll('[aria-describedby],[aria-labelledby]')].filter((e) =>
    (e.getAttribute('aria-describedby') || e.getAttribute('aria-labelledby')).split(' ').some((id) => !document.getElementById(id)))
    .map((e) => e.outerHTML.slice(0, 120)),
  inline: [...document.querySelectorAll('[style],script:not([src]),style')].filter((e) => e.id !== 'note').map((e) => e.outerHTML.slice(0, 120)),
  keyless: [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')]
    .filter((e) => e.tabIndex < 0 && !e.closest('table.grid') && e.getClientRects().length && !e.matches('.out')).map((e) => e.outerHTML.slice(0, 120)),
})"""


STATUS = "performance.getEntriesByType('navigation')[0].responseStatus"  # of the page as it was answered


def pages_of(town: Town) -> list[tuple[str | None, str]]:
    """(who opens it, address) of every page, some of them in several states."""
    with town.client("civil-affairs") as client:
        held = next(item for item in client.get("/api/v1/batches").json()["items"] if item["quarantined"])
    line = town.get("township", f"/api/v1/forms/low-income-roster/reports/{town.village}/2026-10").json()["sections"][0]["lines"][0]
    return [
        (None, "/sign-in"),
        (None, "/docs"),
        ("township", "/home"),
        ("bureau", "/home"),
        ("township", "/account"),
        ("township", "/reports"),
        ("township", f"/reports/low-income-roster/{town.village}/2026-10"),
        ("township", f"/reports/village-basics/{town.village}/2026Q4"),
        ("township", f"/reports/insurance-by-village/{town.township}/2026-10"),
        ("township", f"/reports/low-income-roster/{town.township}/2026-10"),
        ("township", f"/reports/low-income-roster/{town.township}/2026-10/print"),
        ("township", f"/reports/village-basics/{town.village}/2026Q4/figures/population"),
        ("township", f"/reports/low-income-roster/{town.township}/2026-10/workbook"),
        ("township", f"/reports/low-income-roster/{town.village}/2026-10/object?line={line['code']}&field=name"),
        ("township", f"/reports/low-income-roster/{town.village}/2026-10/object"),
        ("township", f"/reports/low-income-roster/{town.village}/2026-10/steps"),
        (None, make_link(town, "赵会计")),
        ("county", "/late"),
        ("township", "/links"),
        ("bureau", "/periods"),
        ("township", "/demands"),
        ("township", "/demands?form=elderly-roster"),
        ("township", f"/demands/{make_demand(town)['number']}"),
        ("bureau", "/inventory"),
        ("civil-affairs", "/contracts"),
        ("civil-affairs", "/contracts/civil-affairs.minimum-living"),
        ("civil-affairs", f"/batches/{held['id']}"),
        ("health", "/conflicts"),
        ("public-security", "/corrections"),
        ("bureau", "/corrections"),
        ("bureau", "/quality"),
        ("health", "/contracts/civil-affairs.marriage"),  # the page of a refusal
    ]


def lacking(page: Page) -> dict[str, Any]:
    """What is wrong with a page as it stands, by rule."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")["violations"]
    judged = {one["id"]: [node["html"][:160] for node in one["nodes"]] for one in found}
    return judged | {name: wrong for name, wrong in page.evaluate(OURS).items() if wrong}


def test_every_route_that_gives_a_page_is_among_the_pages(page_town: Town) -> None:
    paths = [path.partition("?")[0] for _, path in pages_of(page_town)]
    modules = [import_module(one.name) for one in iter_modules(hub.web.pages.__path__, "hub.web.pages.")] + [hub.web.docs]
    routers = [module.router for module in modules if hasattr(module, "router")]
    routes = [route.path for router in routers for route in router.routes if "GET" in route.methods]
    patterns = {route: re.sub(r"{\w+}", "[^/]+", route) for route in routes if route not in NO_PAGES}
    assert len(patterns) > 15
    assert [route for route, pattern in patterns.items() if not any(re.fullmatch(pattern, path) for path in paths)] == []


@pytest.mark.parametrize(("width", "language"), [(1280, "zh"), (360, "zh"), (1280, "en")])
def test_every_page_can_be_used_by_everybody(page_town: Town, opened: Open, width: int, language: str) -> None:
    for role, path in pages_of(page_town):
        page = opened(role, path, width=width, locale={"zh": "zh-CN", "en": "en-GB"}[language])
        assert (page.get_attribute("html", "lang") or "").startswith(language), path
        assert page.evaluate(STATUS) < 500, path
        assert lacking(page) == {}, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip", path
        assert page.locator(":focus").evaluate("e => getComputedStyle(e).outlineStyle") != "none", path


@pytest.mark.parametrize("width", [1280, 360])
def test_the_grid_with_its_dialogs_can_be_used_by_everybody(grid: MakeGrid, width: int) -> None:
    sheet = grid("2017Q4")
    page = sheet.page
    page.set_viewport_size({"width": width, "height": 900})
    sheet.cell("visit_date").click()
    sheet.type("去年")
    sheet.press("Enter")
    sheet.settled()
    assert lacking(page) == {}, "a refused edit is listed"
    sheet.press("Alt+h")
    expect(page.locator("dialog")).to_be_visible()
    assert lacking(page) == {}, "about a cell"
    sheet.press("Escape")
    assert sheet.active().startswith("visit_date/")
    sheet.press("Alt+j")
    assert page.evaluate("document.activeElement !== document.body")
    assert lacking(page) == {}, "the list of what needs a person"
    sheet.cell("visit_note").click()
    sheet.paste("甲\t多\n乙\t多\n")
    expect(page.locator("dialog")).to_be_visible()
    assert lacking(page) == {}, "what a paste will do"
    sheet.press("Escape")
    assert sheet.active() == "visit_note/0"
    page.context.clear_cookies()
    sheet.type("登录过期")
    sheet.press("Enter")
    page.locator("#bar").get_by_role("button", name="登录", exact=True).click()
    expect(page.locator("dialog")).to_be_visible()
    assert lacking(page) == {}, "signing in in place"
    sheet.press("Escape")
    assert page.evaluate("document.activeElement !== document.body")
