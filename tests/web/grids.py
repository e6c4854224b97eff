"""A report's grid in a browser, as a clerk uses it: real keys, real compositions of an input method, and what the server then holds.

Each test opens a period of its own, so that none sees what another typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from playwright.sync_api import CDPSession, Locator, Page, expect

from hub.publish import publish
from hub.store.definitions import Written
from tests.web.browsing import Open
from tests.web.conftest import Town

ROSTER = "elderly-roster"  # two columns are typed: a date and a note
FIGURES = "village-basics"  # five figures are typed


@dataclass
class Grid:
    town: Town
    page: Page
    form: str
    period: str
    unit: str

    @property
    def path(self) -> str:
        return f"/reports/{self.form}/{self.unit}/{self.period}"

    def cell(self, field: str, line: int = 0) -> Locator:
        """A cell by its column and the place of its line."""
        return self.page.locator(f'tr:not(.total) td[data-field="{field}"]').nth(line)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def paste(self, text: str) -> None:
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.press("Control+v")

    def shown(self, field: str, line: int = 0) -> str:
        """What stands in the cell, without shape and save state."""
        return str(self.cell(field, line).evaluate("e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join('')"))

    def active(self) -> str:
        """ "field/place of the line" of the cell that has the focus."""
        return str(
            self.page.evaluate("""() => {
                const cell = document.activeElement.closest('td.cell');
                if (!cell) return document.activeElement.outerHTML.slice(0, 200);
                return cell.dataset.field + '/' + [...cell.closest('tbody').rows].indexOf(cell.parentElement);
            }""")
        )

    def settled(self) -> None:
        """Wait until nothing is unsent."""
        expect(self.page.locator("#saving")).to_have_attribute("data-unsent", "0")
        expect(self.page.locator("#saving")).to_have_attribute("data-state", "idle")

    def state(self, field: str, line: int = 0) -> str | None:
        return self.cell(field, line).get_attribute("data-save")

    def stored(self, field: str, line: int = 0) -> dict[str, Any]:
        """The cell as the server has it, with its history."""
        code = self.cell(field, line).evaluate("e => e.closest('[data-line]').dataset.line")
        unit = self.cell(field, line).evaluate("e => e.closest('[data-line]').dataset.unit")
        answer = self.town.get("township", f"/api/v1/forms/{self.form}/reports/{unit}/{self.period}/cells/{code}/{field}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def text(self, field: str, line: int = 0) -> str:
        return str(self.stored(field, line)["cell"]["text"])

    def history(self, field: str, line: int = 0) -> list[tuple[str, str]]:
        return [(one["kind"], one["text"]) for one in self.stored(field, line)["history"]]

    def edit_elsewhere(self, field: str, text: str, line: int = 0, role: str = "village") -> None:
        """Somebody else types into the cell."""
        found = self.stored(field, line)
        edit = {
            "key": str(uuid4()),
            "unit": found["unit"],
            "kind": "enter",
            "line": found["line"],
            "field": field,
            "text": text,
        }
        with self.town.client(role) as client:
            answer = client.post(f"/api/v1/forms/{self.form}/periods/{self.period}/edits", json={"edits": [edit]})
        assert answer.json()["outcomes"][0]["fate"] == "saved", answer.text


class InputMethod:
    """An input method, as the browser meets one: keys that it takes are 229, text comes by composition."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)

    def key(self, key: str, code: str = "") -> None:
        """A key that the input method takes for itself."""
        for kind in ("rawKeyDown", "keyUp"):
            self._session.send(
                "Input.dispatchKeyEvent",
                {"type": kind, "windowsVirtualKeyCode": 229, "key": key if code == "" else "Process", "code": code or key},
            )

    def compose(self, text: str) -> None:
        self._session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})

    def letters(self, pinyin: str) -> None:
        """Typed letter by letter, each shown in the composition."""
        for place, letter in enumerate(pinyin, 1):
            self.key(letter, f"Key{letter.upper()}")
            self.compose(pinyin[:place])

    def commit(self, text: str) -> None:
        self._session.send("Input.insertText", {"text": text})

    def close(self) -> None:
        """The list of candidates is closed, nothing is taken."""
        self.key("Escape")
        self.compose("")


MakeGrid = Callable[..., Grid]


def grids(opened: Open, town: Town) -> MakeGrid:
    def make(
        period: str, form: str = ROSTER, unit: str | None = None, role: str = "township", beside: Page | None = None, query: str = ""
    ) -> Grid:  # fmt: skip
        with town.client("bureau") as client:
            answer = client.put(f"/api/v1/forms/{form}/periods/{period}")
        assert answer.status_code == 200, answer.text
        where = unit or town.village
        grid = Grid(town, opened(role, f"/reports/{form}/{where}/{period}{query}", beside=beside), form, period, where)
        expect(grid.page.locator("#saving")).to_be_visible()
        return grid

    return make


WIDE = "wide-roster"
WIDE_COLUMNS = tuple(f"note_{number}" for number in range(1, 9))


def publish_wide(town: Town) -> None:
    """A form of eight columns that people type for every person: more lines than a page has."""
    fields = [
        "{name: number, title: {zh: 序号, en: line number}, formula: line()}",
        "{name: name, title: {zh: 姓名, en: name}, element: name}",
        "{name: citizen_id, title: {zh: 身份证号码, en: citizen id}, element: citizen_id}",
        *(f"{{name: {name}, title: {{zh: 备注{name[-1]}, en: remark {name[-1]}}}, keep: true}}" for name in WIDE_COLUMNS),
    ]
    text = f"""kind: Form
id: {WIDE}
version: 1.0.0
title: {{zh: 走访登记表, en: Visits}}
asked_by: 民政
unit: village
frequency: monthly
number: 民政基399表(示例)
maker: 某市民政局(示例)
approval: 某民表〔2026〕第99号(示例)
expires: 2028-12-31
legal_basis: 示例
sections:
  - name: roster
    title: {{zh: 花名册, en: Roster}}
    kind: roster
    of: person
    where: life_status = '1'
    by: village
    order: [village, citizen_id]
    fields:
{"".join(f"      - {field}{chr(10)}" for field in fields)}"""
    publish(town.hub, [Written(f"forms/{WIDE}.yaml", text)], "test")
