"""Chinese first, English complete: every text for people is in both languages, and a page shows one of them and data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from string import Formatter

import pytest

import hub
from hub.core.messages import declared
from hub.registry.model import Catalog, Title
from hub.web.pages.rendering import STATIC
from tests.web.browsing import Open
from tests.web.conftest import Town
from tests.web.test_accessibility import pages_of

HAN = re.compile(r"[\u3400-\u9fff]")
SIGNS = re.compile(r"[\u3400-\u9fff\u3001\u3002\uff01-\uff5e]")  # and the punctuation of Chinese

# Every text that a page shows or reads out, each once.
TEXTS = """() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest('[lang=zh-CN], script')) found.add(walker.currentNode.data.trim());
  for (const name of ['aria-label', 'title', 'alt', 'placeholder', 'data-label'])
    for (const element of document.querySelectorAll(`[${name}]`)) found.add(element.getAttribute(name).trim());
  return [...found];
}"""


def every_message() -> list[tuple[str, str, str]]:
    """(code, Chinese, English) of every message of the product."""
    for module in walk_packages(hub.__path__, "hub."):
        if not re.search(r"__main__|migrations", module.name):
            import_module(module.name)
    return [(message.code, message.zh, message.en) for message in declared()]


def values_in(template: str) -> set[str]:
    """The placeholders; a value that comes in both languages ends in one of them."""
    return {re.sub("_(zh|en)$", "", name) for _, name, _, _ in Formatter().parse(template) if name}


def test_every_message_is_in_both_languages_with_the_same_values() -> None:
    messages = every_message()
    assert len(messages) > 500
    assert [code for code, zh, en in messages if not zh.strip() or not en.strip()] == []
    foreign = {code for code, _, en in messages if SIGNS.search(en)}
    assert foreign == {"page_other_language", "hint.type-boolean"}  # the other language's own name; signs that a file may hold
    assert [
        code for code, zh, en in messages if not HAN.search(zh) and re.search("[A-Za-z]{5}", re.sub(r"{\w+}", "", zh)) and en == zh
    ] == []
    differing = {code for code, zh, en in messages if values_in(zh) != values_in(en)}
    assert differing == {"quality_pattern_unsafe"}  # the engine gives its reason in English alone


@pytest.mark.parametrize(
    "file", sorted((STATIC.parent / "templates").glob("*.html")) + sorted(STATIC.rglob("*.js")), ids=lambda file: file.name
)
def test_no_template_and_no_script_has_a_text_of_its_own(file: Path) -> None:
    assert set(SIGNS.findall(file.read_text("utf-8"))) <= {"表"}  # the mark


def titles(catalog: Catalog) -> Iterator[Title]:
    """Every name that a definition gives in both languages, but for those of places: they are data."""
    for form in catalog.forms.values():
        yield form.title
        for section in form.sections:
            yield section.title
            yield from (field.title for field in section.fields)
            yield from (field.group for field in section.fields if field.group is not None)
    for named in (catalog.elements, catalog.entities, catalog.contracts, catalog.rules, catalog.measures):
        yield from (one.title for one in named.values())
    for name, listed in catalog.code_lists.items():
        if name != "division":
            yield from (code.title for code in listed.codes.values())


def test_a_page_in_english_shows_no_chinese_but_data(page_town: Town, opened: Open) -> None:
    """Neither a text of ours nor a name that has an English one; names of people, places and offices, and of a file's columns, stay."""
    catalog = page_town.hub.catalog
    messages = [zh for _, zh, _ in every_message() if HAN.search(zh)]
    ours = {zh for zh in messages if not values_in(zh)} | {title.zh for title in titles(catalog) if title.zh != title.en}
    inside = re.compile("|".join(re.escape(zh) for zh in ours if len(zh) > 3))
    composed = re.compile("|".join(re.sub(r"\\{\w+\\}", ".+", re.escape(zh)) for zh in messages if values_in(zh)))
    data = {contract.contact for contract in catalog.contracts.values()} | {form.asked_by for form in catalog.forms.values()}
    data |= {field.physical for contract in catalog.contracts.values() for field in contract.fields}
    for role, path in pages_of(page_town):
        page = opened(role, path, locale="en", width=360)
        texts = [text for text in page.evaluate(TEXTS) if SIGNS.search(text) and text not in data]
        wrong = [text for text in texts if not HAN.search(text) and text not in "＋－"]
        wrong += [text for text in texts if text in ours or inside.search(text) or composed.fullmatch(text)]
        assert wrong == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
