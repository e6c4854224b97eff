"""Whose line it is stays in view, however far the table of a report is scrolled to the right."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.web.browsing import Open
from tests.web.conftest import Town

_SEEN = """() => {
    const sheet = document.querySelector('.sheet'), frame = sheet.getBoundingClientRect();
    const names = [...sheet.querySelectorAll('tbody td.named')];
    const boxes = names.map((name) => name.getBoundingClientRect());
    const uncovered = names.every((name, at) => {
        const box = boxes[at], y = box.top + box.height / 2;
        if (y > Math.min(frame.bottom, innerHeight) - 30 || y < frame.top + sheet.querySelector('thead').offsetHeight) return true;
        return [box.left + 3, box.right - 3].every((x) => name.contains(document.elementFromPoint(x, y)));
    });
    const inside = boxes.every((box) => box.left >= frame.left && box.right <= frame.right + 1);
    return {count: names.length, texts: names.every((name) => name.textContent.trim()), inside, uncovered, left: boxes[0].left};
}"""


def _scrolled(page: Page, left: int) -> dict[str, object]:
    page.locator(".sheet").evaluate("(sheet, left) => { sheet.scrollIntoView(); sheet.scrollLeft = left; }", left)
    return dict(page.evaluate(_SEEN))


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize(
    ("form", "period", "of_township"),
    [("elderly-roster", "2026Q3", False), ("low-income-roster", "2026-10", True), ("insurance-by-village", "2026-10", True)],
)
def test_the_name_of_each_line_is_in_view(page_town: Town, opened: Open, width: int, form: str, period: str, of_township: bool) -> None:
    """A person's name, the head's of a household, or a village's, at both ends of the table and between."""
    unit = page_town.township if of_township else page_town.village
    page = opened("township", f"/reports/{form}/{unit}/{period}", width=width)
    far = page.locator(".sheet").evaluate("sheet => sheet.scrollWidth - sheet.clientWidth")
    assert far > 0, "the table is wider than the window"
    for left in (0, 60, far // 2, far):
        seen = _scrolled(page, left)
        assert seen["count"], (form, left)
        assert seen["texts"], (form, left)
        assert seen["inside"], (form, left, seen)
        assert seen["uncovered"], (form, left, seen)


def test_the_active_cell_comes_out_from_under_the_name(page_town: Town, opened: Open) -> None:
    for width in (1280, 360):
        page = opened("township", f"/reports/elderly-roster/{page_town.village}/2026Q3", width=width)
        page.locator("td.cell[tabindex='0']").focus()
        page.keyboard.press("End")
        for _ in range(21):
            page.keyboard.press("ArrowLeft")
            clear = page.evaluate("""() => {
                const cell = document.activeElement.closest('td.cell'), box = cell && cell.getBoundingClientRect();
                return !cell || cell.contains(document.elementFromPoint(box.left + 4, box.top + 4));
            }""")
            assert clear, (width, page.evaluate("document.activeElement.closest('td').dataset.field"))
