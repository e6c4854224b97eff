"""Our scripts run in the browsers that offices have: Chromium 81 is the floor. And all that a page loads of ours stays small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.web.pages.grid_texts import grid_words
from hub.web.pages.rendering import STATIC
from tests.web.browsing import Open
from tests.web.conftest import Town

SCRIPTS = sorted(STATIC.rglob("*.js"))

# What Chromium 81 lacks, by the version that brought it: in the language, in the browser, in style sheets.
YOUNGER = {
    r"\?\?=|\|\|=|&&=": "logical assignment, 85",
    r"\.at\(": "Array.at, 92",
    r"\.replaceAll\(": "replaceAll, 85",
    r"\.replaceChildren\(": "replaceChildren, 86",
    r"structuredClone": "structuredClone, 98",
    r"randomUUID": "crypto.randomUUID, 92",
    r"Object\.hasOwn\b": "Object.hasOwn, 93",
    r"\.findLast(Index)?\(": "findLast, 97",
    r"\.(toSorted|toReversed|toSpliced|with)\(": "change by copy, 110",
    r"Object\.groupBy|Map\.groupBy": "groupBy, 117",
    r"Promise\.(any|withResolvers)|AggregateError": "Promise.any, 85",
    r"WeakRef|FinalizationRegistry": "WeakRef, 84",
    r"\bstatic\s*\{": "static blocks, 94",
    r"^\s+(static\s+)?(async\s+)?#\w+\s*\(": "private methods, 84",
    r"#\w+ in \b": "private brand checks, 91",
    r"\b\d+_\d": "numeric separators",
    r"^(await|(const|let) \w+ = await)\b": "await at the top of a module, 89",
    r"^import .* (with|assert) \{": "import attributes, 91",
    r"AbortSignal\.(timeout|any)": "AbortSignal.timeout, 103",
    r"navigator\.locks|scheduler\.": "only where the page is secure",
    r"\.(showPopover|togglePopover|checkVisibility)\(": "popover, 114",
    r"Intl\.(ListFormat|Segmenter)": "Intl.Segmenter, 87",
}
YOUNGER_STYLES = {
    r":is\(|:where\(|:has\(": ":is 88, :has 105",
    r"(?<![\w-])inset:": "inset, 87",
    r"aspect-ratio": "aspect-ratio, 88",
    r"@container|@layer|@property": "container queries and layers",
    r"color-mix|oklch|light-dark": "younger colours",
}


def code_of(path: Path) -> str:
    """The script without its comments and texts in quotes."""
    text = re.sub(r"^\s*//.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
    return re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_f71_a_script_asks_for_nothing_younger_than_chromium_81(path: Path) -> None:
    code = code_of(path)
    assert {why for pattern, why in YOUNGER.items() if re.search(pattern, code, re.MULTILINE)} == set()


@pytest.mark.parametrize("path", sorted(STATIC.rglob("*.css")), ids=lambda path: path.name)
def test_f71_a_style_sheet_does_not_depend_on_younger_rules(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert {why for pattern, why in YOUNGER_STYLES.items() if re.search(pattern, text)} == set()


def test_the_word_of_a_script_is_a_word_of_the_page() -> None:
    known = {name for name, _ in grid_words("zh")}
    asked = {name for path in SCRIPTS for name in re.findall(r'say\((?:\w+ \? )?"(\w+)"', path.read_text("utf-8"))}
    assert asked - known == set()
    assert [name for name, text in grid_words("zh") if not re.search("[\u4e00-\u9fff\uff01-\uff5e]", text) and name != "history_line"] == []


def test_a_report_loads_less_than_100_kilobytes_of_ours(page_town: Town, opened: Open) -> None:
    page = opened(None, "/sign-in")
    loaded: set[str] = set()
    page.on("request", lambda asked: loaded.add(asked.url) if "/static/" in asked.url else None)
    page.goto(f"/sign-in?token={page_town.tokens['township']}&next=/reports/elderly-roster/{page_town.village}/2026Q3")
    page.wait_for_load_state("networkidle")
    assert len(loaded) > 20
    with page_town.client(None, **{"Accept-Encoding": "gzip"}) as client:
        answers = [client.get(url) for url in loaded]
    sent = sum(int(answer.headers["content-length"]) for answer in answers)
    written = sum(len(answer.content) for answer in answers)
    assert (sent < 50 * 1024, written < 115 * 1024) == (True, True), (sent, written)


def test_every_key_of_the_grid_is_in_its_manual() -> None:
    manual = (STATIC.parents[2] / "docs" / "grid.md").read_text("utf-8")
    keys = set(re.findall(r"Key([A-Z]): ", (STATIC / "grid" / "main.js").read_text("utf-8")))
    assert {f"Alt+{key}" for key in keys} <= set(re.findall(r"Alt\+[A-Z]\b", manual))
    pressed = set(re.findall(r'key === "(\w+)"', (STATIC / "grid" / "keys.js").read_text("utf-8")))
    words = {
        "ArrowDown": "arrows",
        "ArrowUp": "arrows",
        "ArrowLeft": "arrows",
        "ArrowRight": "arrows",
        "PageUp": "Page Up",
        "PageDown": "Page Up",
    }
    assert {words.get(key, key) for key in pressed if len(key) > 1} - set(re.findall(r"arrows|Page Up|\w+", manual)) == set()
