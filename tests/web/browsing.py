"""A real browser for the tests of pages: one for the session, a context of its own for each page that is opened."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

if TYPE_CHECKING:
    from tests.web.conftest import Town
    from tests.web.grids import MakeGrid

SYSTEM = ("chromium", "chromium-browser", "google-chrome")

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or the one that Playwright has downloaded."""
    found = os.environ.get("YIBIAO_TEST_CHROMIUM") or next((path for name in SYSTEM if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Browser, page_town: Town) -> Iterator[Open]:
    """Opens a page as somebody; at the end nothing may have been asked of another host, and no script may have failed. ``beside``: a page
    in whose browser, and whose session, it is a further tab."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_page(role: str | None, path: str, width: int = 1280, locale: str = "zh-CN", beside: Page | None = None) -> Page:
        if beside is None:
            context = browser.new_context(viewport={"width": width, "height": 900}, locale=locale, base_url=page_town.url)
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            contexts.append(context)
        else:
            context = beside.context
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith((page_town.url, "data:", "blob:")) else wrong.append(asked.url))
        page.goto(path if role is None else f"/sign-in?token={page_town.tokens[role]}&next={quote(path)}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def grid(opened: Open, page_town: Town) -> MakeGrid:
    """Opens the grid of a report of a period that is open."""
    from tests.web.grids import grids

    return grids(opened, page_town)
