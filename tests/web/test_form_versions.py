"""A form changes between two periods: what was frozen stays as it was signed, opens for ever, and the next period is compared with it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from hub.publish import publish
from hub.registry.definitions import definition_roots
from hub.sample.city import City
from hub.store.definitions import Written
from tests.web.conftest import Town, _copied
from tests.web.grids import ROSTER
from tests.web.test_work import Browser, through

BEFORE, NOW = "2026Q2", "2026Q3"
API = f"/api/v1/forms/{ROSTER}"


@pytest.fixture(scope="module")
def changing(city: City, filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town of its own: its form is about to change."""
    yield from _copied(city, filled_home, tmp_path_factory.mktemp("changing"))


def publish_the_next_version(town: Town) -> None:
    """Without the kind of pension, and with whether somebody lives alone under another name."""
    text = (definition_roots()[0] / "forms" / f"{ROSTER}.yaml").read_text("utf-8")
    start = text.index("      - name: pension_kind")
    end = text.index("      - name: pension\n")
    text = text[:start] + text[end:]
    text = text.replace("version: 1.0.0", "version: 1.1.0", 1)
    text = text.replace(
        "{name: alone, title: {zh: 是否独居, en: living alone}", "{name: lives_alone, title: {zh: 独居老人, en: lives alone}"
    )
    done = publish(town.hub, [Written(f"schemas/forms/{ROSTER}.yaml", text)], "test")
    assert done.published


def columns(town: Town, unit: str, period: str) -> list[str]:
    answer = town.get("township", f"{API}/reports/{unit}/{period}")
    assert answer.status_code == 200, answer.text
    return [column["name"] for column in answer.json()["sections"][0]["columns"]]


def test_what_was_frozen_outlives_its_version_of_the_form(changing: Town) -> None:
    town = changing
    village, neighbour = town.township_villages[:2]
    through(town, ROSTER, BEFORE, village)
    report = f"{API}/reports/{village}/{BEFORE}"
    frozen = town.get("township", report).content
    old = columns(town, village, BEFORE)
    publish_the_next_version(town)
    with town.client("bureau") as client:
        assert client.put(f"{API}/periods/{NOW}").status_code == 200

    # The very bytes that were signed, on the page, as a workbook and in print with the columns of then.
    assert town.get("township", report).content == frozen
    browser = Browser(town, "township")
    for address in (f"/reports/{ROSTER}/{village}/{BEFORE}", f"/reports/{ROSTER}/{village}/{BEFORE}/print"):
        page = browser.get(address)
        assert "养老金类别" in page
        assert "是否独居" in page
        assert "独居老人" not in page
    book = openpyxl.load_workbook(io.BytesIO(town.get("township", f"{report}.xlsx").content))
    heads = {str(cell.value) for row in book.worksheets[0].iter_rows(max_row=12) for cell in row if cell.value}
    assert {"养老金类别", "是否独居"} <= heads

    # A neighbour that was not frozen reports in the new columns, and the township sees both in these.
    assert columns(town, neighbour, BEFORE) != old
    page = browser.get(f"/reports/{ROSTER}/{town.township}/{BEFORE}")
    assert "独居老人" in page
    assert "养老金类别" not in page
    assert columns(town, town.township, BEFORE) == columns(town, neighbour, BEFORE)

    # The next period is compared with what was frozen, by the columns that both have.
    assert columns(town, village, NOW) == columns(town, neighbour, BEFORE)
    page = browser.get(f"/reports/{ROSTER}/{village}/{NOW}")
    assert BEFORE in page
