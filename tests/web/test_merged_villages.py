"""F67: villages A and B become C on 1 July. What they reported stays, what comes is C's, and nobody is lost or counted twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from hub.forms.changes import ChangeKind
from hub.forms.comparing import compare
from hub.forms.freezing import freeze_set
from hub.forms.working import look
from hub.publish import publish
from hub.registry.definitions import definition_roots
from hub.sample.city import City
from hub.store.definitions import Written
from hub.store.ledger_tables import code_ancestor
from tests.web.conftest import Town, _copied
from tests.web.test_freezing import FORM, PERIOD, approve
from tests.web.test_work import Browser

NOW = "2026-10"
API = "/api/v1"
FIGURES = "village-basics"
BY_VILLAGE = "insurance-by-village"


@pytest.fixture(scope="module")
def merging(city: City, filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town of its own: its divisions are about to change."""
    yield from _copied(city, filled_home, tmp_path_factory.mktemp("merging"))


def lines(town: Town, unit: str, period: str = NOW) -> list[dict[str, Any]]:
    answer = town.get("township", f"{API}/forms/{FORM}/reports/{unit}/{period}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["sections"][0]["lines"])


def village_lines(town: Town) -> list[dict[str, Any]]:
    (table,) = town.get("township", f"{API}/forms/{BY_VILLAGE}/reports/{town.township}/{NOW}").json()["sections"]
    return list(table["lines"])


def figures(town: Town, unit: str) -> dict[str, Any]:
    (line,) = town.get("township", f"{API}/forms/{FIGURES}/reports/{unit}/2026Q3").json()["sections"][0]["lines"]
    return {name: cell["value"] for name, cell in line["cells"].items()}


def merge(town: Town, old: list[str], new: str) -> None:
    root = definition_roots()[0]
    divisions = (root / "codes" / "division.csv").read_text(
        "utf-8"
    ) + f"{new},合并村村委会,Merged village,{town.township},2026-07-01,,village\n"
    successions = "old,new,kind,from\n" + "".join(f"{one},{new},merged,2026-07-01\n" for one in old)
    documents = [
        Written("schemas/codes/division.csv", divisions), Written("schemas/codes/division-successions.csv", successions),
    ]  # fmt: skip
    assert publish(town.hub, documents, "test").published


def test_f67_two_villages_become_one_on_the_first_of_july(merging: Town) -> None:
    town, hub = merging, merging.hub
    first, second = old = town.township_villages[:2]
    new = f"{town.township[:9]}299"
    approve(town, old)
    assert freeze_set(hub, FORM, PERIOD, old, "county", "330800000000")["frozen"] == 2
    approve(town, [town.township], BY_VILLAGE)
    assert freeze_set(hub, BY_VILLAGE, PERIOD, [town.township], "county", "330800000000")["frozen"] == 1
    with town.client("bureau") as client:
        for form, period in ((FORM, NOW), (FIGURES, "2026Q3"), (BY_VILLAGE, NOW)):
            assert client.put(f"{API}/forms/{form}/periods/{period}").status_code == 200
    was = {unit: lines(town, unit) for unit in old}
    frozen = {unit: lines(town, unit, PERIOD) for unit in old}
    counted = {unit: figures(town, unit) for unit in (*old, town.township)}
    roster = hub.catalog.forms[FORM]
    moved = {change.line.code for one in compare(hub, roster, tuple(look(hub, FORM, NOW, old).values())).values() for change in one.changes}

    merge(town, old, new)
    merged = hub.reopened()

    # A department that writes the old code yet does not contradict one that writes the new.
    with hub.engine.connect() as connection:
        agrees = select(code_ancestor.c.code).where(code_ancestor.c.list == "division", code_ancestor.c.ancestor == new)
        assert set(connection.execute(agrees).scalars()) == set(old)

    # What was frozen opens under the old names, with what stood there.
    for unit in old:
        assert lines(town, unit, PERIOD) == frozen[unit]
        work = town.get("township", f"{API}/forms/{FORM}/reports/{unit}/{PERIOD}/work").json()["units"][0]
        assert work["standing"] == "frozen"

    # The new village has everybody of both, once; the township's figures are what they were.
    now = lines(town, new)
    assert sorted(line["code"] for line in now) == sorted(line["code"] for unit in old for line in was[unit])
    assert {line["place"] for line in now} == {new}
    after = figures(town, new)
    assert after["population"] == counted[first]["population"] + counted[second]["population"]
    assert figures(town, town.township)["population"] == counted[town.township]["population"]
    assert sorted(line["code"] for line in lines(town, town.township)) == sorted(line["code"] for line in now)

    # It is compared with both together: nobody joined or left by the merge.
    (made,) = compare(merged, merged.catalog.forms[FORM], tuple(look(merged, FORM, NOW, [new]).values())).values()
    assert made.period == PERIOD
    assert {change.line.code for change in made.changes} == moved
    assert f"与 {PERIOD} 封存报告相比" in Browser(town, "township").get(f"/reports/{FORM}/{new}/{NOW}")

    # So is the township's form with a line for each village: the new one's figures beside the sum of both.
    (table,) = town.get("township", f"{API}/forms/{BY_VILLAGE}/reports/{town.township}/{PERIOD}").json()["sections"]
    before = {line["code"]: line["cells"]["pension_in"]["value"] for line in table["lines"]}
    (told,) = compare(merged, merged.catalog.forms[BY_VILLAGE], tuple(look(merged, BY_VILLAGE, NOW, [town.township]).values())).values()
    assert {change.kind for change in told.changes} <= {ChangeKind.CHANGED}, "no village joined or left"
    changed = {cell.field.name: cell for change in told.changes if change.line.code == new for cell in change.cells}
    after_merge = next(line["cells"]["pension_in"]["value"] for line in village_lines(town) if line["code"] == new)
    assert ("pension_in" in changed) == (before[first] + before[second] != after_merge)

    # The open reports of both are closed in words that say who reports now, on every way.
    for unit in old:
        refused = town.get("township", f"{API}/forms/{FORM}/reports/{unit}/{NOW}")
        assert (refused.status_code, refused.json()["code"]) == (409, "unit_succeeded")
        assert "2026-07-01" in refused.json()["detail"]
        assert new in refused.json()["detail"]
        edit = {"key": str(uuid4()), "unit": unit, "kind": "enter", "line": was[unit][0]["code"], "field": "change_note", "text": "x"}
        with town.client("township") as client:
            (outcome,) = client.post(f"{API}/forms/{FORM}/periods/{NOW}/edits", json={"edits": [edit]}).json()["outcomes"]
            (done,) = client.post(f"{API}/forms/{FORM}/periods/{NOW}/acts", json={"act": "submit", "units": [unit]}).json()["items"]
        assert (outcome["code"], done["code"]) == ("unit_succeeded", "unit_succeeded")

    # The clerk's list asks the new one, and the old ones for what came before.
    items = town.get("township", f"{API}/due").json()["items"]
    asked = {(item["form"], item["period"]): {unit["unit"] for unit in item["units"]} for item in items}
    assert new in asked[FORM, NOW]
    assert not set(old) & asked[FORM, NOW]
    assert (FORM, PERIOD) not in asked or set(old) <= asked[FORM, PERIOD]
    early = town.get("township", f"{API}/forms/{FORM}/reports/{new}/{PERIOD}")
    assert (early.status_code, early.json()["code"]) == (409, "unit_not_yet")
