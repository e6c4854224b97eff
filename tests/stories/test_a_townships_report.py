"""A township's day: what is due, the roster that came filled, where each cell is from, and what a correction does to it."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import openpyxl
import pytest

from hub.core.clock import FixedClock
from hub.core.log import configure
from hub.core.settings import load
from hub.registry.model import FieldKind, Form
from hub.sample.city import City, build
from hub.sample.deliver import deliver_files, records
from hub.sample.departments import civil_affairs
from hub.sample.exports import columns
from hub.store.hub import Hub, make_hub
from tests.moments import NOVEMBER
from tests.postgres import fresh_database
from tests.stories.acting import Machine
from tests.web.conftest import served

FORM, MINIMUM = "low-income-roster", "civil-affairs.minimum-living"
BEHIND_THE_FORM = ("public-security.resident", MINIMUM, "civil-affairs.disability")
SEPTEMBER, OCTOBER = "2026-09", "2026-10"
NOTHING_TO_SHOW = {"blank": "无", "missing": "缺", "not_applicable": "不适用"}


@dataclass(frozen=True)
class Township:
    """A township at its desk, with a village of its own and the family whose roster line it looks at."""

    machine: Machine
    hub: Hub
    city: City
    url: str
    desk: httpx2.Client
    neighbour: httpx2.Client
    village: str
    certificate: str

    @property
    def code(self) -> str:
        return str(self.city.places.tree[self.village].parent)

    @property
    def form(self) -> Form:
        return self.hub.catalog.forms[FORM]

    def path(self, period: str, tail: str = "") -> str:
        return f"/forms/{FORM}/reports/{self.village}/{period}{tail}"

    def lines(self, period: str) -> list[Mapping[str, Any]]:
        answer = self.desk.get(self.path(period))
        assert answer.status_code == 200, answer.text
        found: list[Mapping[str, Any]] = answer.json()["sections"][0]["lines"]
        return found

    def our_line(self, period: str) -> Mapping[str, Any]:
        cells = (line["cells"] for line in self.lines(period))
        return next(found for found in cells if found["certificate_no"]["value"] == self.certificate)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def township(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Township]:
    """The departments have delivered September; each command and each request goes the way that it goes in a city."""
    home = tmp_path_factory.mktemp(f"township-{request.param}") / "var"
    if request.param == "sqlite":
        with _opened(Machine(home)) as found:
            yield found
    else:
        with fresh_database(request.getfixturevalue("postgres_url")) as database, _opened(Machine(home, database)) as found:
            yield found


@contextmanager
def _opened(machine: Machine) -> Iterator[Township]:
    city = build(400, 7, date(2026, 10, 31))
    machine.told("init")
    assert machine.told("publish")["published"]
    deliver_files(city, 1, machine.home / "sources")
    assert {batch["state"] for batch in machine.told("pull", *BEHIND_THE_FORM)} == {"closed"}
    heads = {row.citizen_id: row.village for row in city.rows[1]["public-security.resident"]}  # type: ignore[attr-defined]
    faulty = {fault.row[0] for fault in city.faults if fault.contract == MINIMUM}
    families = {row.certificate_no: heads[row.head_id] for row in city.rows[1][MINIMUM] if row.certificate_no not in faulty}  # type: ignore[attr-defined]
    village = Counter(families.values()).most_common(1)[0][0]
    certificate = next(number for number, place in families.items() if place == village)
    code = city.places.tree[village].parent
    other = next(d.code for d in city.places.tree.values() if d.level == "township" and d.code != code)
    configure("WARNING")
    hub = make_hub(load(machine.home, machine.database), FixedClock(NOVEMBER))
    with (
        served(hub) as url,
        machine.office(url, "township", str(code)) as desk,
        machine.office(url, "township", other) as neighbour,
    ):
        yield Township(machine, hub, city, url, desk, neighbour, village, certificate)
    hub.engine.dispose()


def test_what_is_due_stands_on_the_first_page(township: Township) -> None:
    """The link in the letter signs in once. The page lists each form for each village, the month that is over first."""
    with httpx2.Client(base_url=township.url, follow_redirects=True) as browser:
        signed_in = browser.get("/sign-in", params={"token": township.machine.token("township", township.code), "next": "/reports"})
    assert signed_in.url.path == "/reports"
    for period in (OCTOBER, "2026-11"):
        assert f'href="/reports/{FORM}/{township.village}/{period}"' in signed_in.text
    assert "低保对象花名册" in signed_in.text
    villages = [place for place in township.city.places.tree.values() if place.level == "village"]
    listed = {place.parent for place in villages if f"/{place.code}/" in signed_in.text}
    assert listed == {township.code}


def test_the_roster_comes_filled_and_every_cell_says_from_where(township: Township) -> None:
    lines = township.lines(SEPTEMBER)
    assert lines
    for line in lines:
        for name, cell in line["cells"].items():
            if cell["state"] == "filled":
                assert set(cell["sources"]) <= set(BEHIND_THE_FORM), name
                assert cell["sources"], name
                assert cell["as_of"] == "2026-09-30", name
    ours = township.our_line(SEPTEMBER)
    row = next(row for row in township.city.rows[1][MINIMUM] if row.certificate_no == township.certificate)  # type: ignore[attr-defined]
    assert (ours["head_id"]["value"], ours["head_id"]["sources"]) == (row.head_id, ["public-security.resident"])  # type: ignore[attr-defined]
    assert (ours["family_supplement"]["value"], ours["family_supplement"]["sources"]) == (f"{row.family_supplement / 100:.2f}", [MINIMUM])  # type: ignore[attr-defined]
    assert ours["recent_change"]["state"] == "missing"  # nobody holds this: the township types it


def test_a_report_that_one_has_is_not_sent_again(township: Township) -> None:
    first = township.desk.get(township.path(SEPTEMBER))
    again = township.desk.get(township.path(SEPTEMBER), headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = township.desk.get(township.path(OCTOBER), headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_the_workbook_is_the_official_form_with_the_same_cells(township: Township) -> None:
    answer = township.desk.get(township.path(SEPTEMBER, ".xlsx"))
    assert "attachment" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [list(row) for row in sheet.iter_rows()]
    (fields,) = (section.fields for section in township.form.sections)
    head = next(number for number, row in enumerate(rows) if row[0].value == "序号")
    heads = [cell.value for cell in rows[head]]
    assert heads == [*(field.title.zh for field in fields), "行码", "单位代码"]  # the official order, then what lines are known by
    assert "民政基301表" in str(rows[1][0].value)
    lines = township.lines(SEPTEMBER)
    for line, row in zip(lines, rows[head + 1 :], strict=False):
        assert [row[-2].value, row[-1].value] == [line["code"], line["place"]]
        for field, cell in zip(fields, row, strict=False):
            said = line["cells"][field.name]
            expected = NOTHING_TO_SHOW.get(said["state"], said["text"])
            if field.kind is FieldKind.ENTRY and said["state"] in ("missing", "blank"):
                expected = "待填"  # it waits for the township: no department owes it
            assert cell.value == expected or float(cell.value) == float(said["value"]), field.name
            note = "" if cell.comment is None else cell.comment.text
            assert bool(said["sources"]) == bool(note), field.name
            assert said["as_of"] is None or said["as_of"] in note
    assert rows[head + 1 + len(lines)][0].value is None  # and no line more


def test_another_townships_report_and_people_are_not_ours_to_see(township: Township) -> None:
    for tail in ("", ".xlsx"):
        refused = township.neighbour.get(township.path(SEPTEMBER, tail))
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden_report")
    head = township.our_line(SEPTEMBER)["head_id"]["value"]
    for path in (f"/entities/person/{head}", f"/entities/person/{head}/history"):
        assert township.desk.get(path).status_code == 200
        hidden = township.neighbour.get(path)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "subject_unknown")
    nobody = township.neighbour.get("/entities/person/330802199003070134")
    assert nobody.json()["detail"] == hidden.json()["detail"]  # somebody elsewhere and nobody at all look the same


def test_a_correction_changes_the_next_report_and_no_earlier_one(township: Township) -> None:
    """Civil affairs delivers October with another amount for our family. September's report stays what it was, to the byte."""
    september, october = (township.desk.get(township.path(period)) for period in (SEPTEMBER, OCTOBER))
    before = township.our_line(SEPTEMBER)["family_supplement"]["value"]
    assert township.our_line(OCTOBER)["family_supplement"]["value"] == before  # the last that anybody said
    assert civil_affairs_corrects(township)["state"] == "closed"

    assert township.desk.get(township.path(SEPTEMBER)).content == september.content
    kept = township.desk.get(township.path(SEPTEMBER), headers={"If-None-Match": september.headers["etag"]})
    assert kept.status_code == 304
    assert township.desk.get(township.path(OCTOBER)).headers["etag"] != october.headers["etag"]
    ours = township.our_line(OCTOBER)
    assert (ours["family_supplement"]["value"], ours["family_supplement"]["as_of"]) == ("1234.50", "2026-10-31")

    # The record of the family tells the same, on both clocks: since when it is so, and since when the hub knows it.
    record = township.desk.get(f"/entities/allowance/{township.certificate}").json()
    supplement = next(e for e in record["elements"] if e["element"] == "allowance.family_supplement")
    assert (supplement["value"], supplement["source"], supplement["as_of"]) == ("1234.50", MINIMUM, "2026-10-31")
    assert before_and_after(township, "valid", "valid") == [("2026-09-30", before), ("2026-10-31", "1234.50")]
    known = before_and_after(township, "known", "known")
    assert [value for _, value in known] == [before, "1234.50"]
    assert known[0][0] < known[1][0]


def before_and_after(township: Township, clock: str, at: str) -> list[tuple[Any, Any]]:
    """How our family's supplement came to be, on one clock."""
    path = f"/entities/allowance/{township.certificate}/history"
    found = township.desk.get(path, params={"element": "family_supplement", "clock": clock}).json()
    return [(change[at], change["value"]) for change in found["changes"]]


def civil_affairs_corrects(township: Township) -> dict[str, Any]:
    """The October workbook of civil affairs, where our family gets another amount; the hub pulls it."""
    city, names = township.city, list(columns(township.city.places)[MINIMUM])
    rows = records(city, MINIMUM, 2)
    ours = [row for row in rows if row["低保证号"] == township.certificate]
    assert ours, "the family is on the allowance in October too"
    for row in ours:
        row["月保障金额(元)"] = 1234.5
    folder: Path = township.machine.home / "sources" / "civil-affairs"
    file = folder / f"minimum-living-{city.second:%Y%m%d}.xlsx"
    civil_affairs.write(rows, names, civil_affairs.LAYOUTS[MINIMUM], city.second, file)
    (batch,) = township.machine.told("pull", MINIMUM)
    return dict(batch)
