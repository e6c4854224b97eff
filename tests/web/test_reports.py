"""Reports by HTTP: stored once, the same bytes for ever, under their digest; and what a golden record and its history tell."""

from __future__ import annotations

import hashlib
import io

import openpyxl
import pytest

from hub.store.current import known_now
from hub.store.reports import ReportKey, find_reports
from tests.web.conftest import Town

API = "/api/v1"
FORM = "low-income-roster"


def path(town: Town, form: str = FORM, period: str = "2026-10", tail: str = "") -> str:
    return f"{API}/forms/{form}/reports/{town.village}/{period}{tail}"


def test_a_report_has_every_cell_with_state_source_and_date(town: Town) -> None:
    found = town.get("township", path(town)).json()
    lines = found["sections"][0]["lines"]
    assert lines
    cell = lines[0]["cells"]["head_name"]
    assert cell["state"] == "filled"
    assert cell["sources"]
    assert cell["as_of"] == "2026-10-31"


def test_it_is_stored_sealed_under_its_digest(town: Town) -> None:
    answer = town.get("township", path(town))
    digest = hashlib.sha256(answer.content).hexdigest()
    assert answer.headers["etag"] == f'"{digest}"'
    with town.hub.engine.connect() as connection:
        form = town.hub.catalog.forms[FORM]
        key = ReportKey(FORM, form.version, town.village, "2026-10", known_now(connection))
        stored = find_reports(connection, [key]).get(key)
    assert stored is not None
    assert stored.digest == digest
    name = answer.json()["sections"][0]["lines"][0]["cells"]["head_name"]["text"]
    assert name.encode() not in stored.content


def test_who_has_it_is_told_so(town: Town) -> None:
    tag = town.get("township", path(town)).headers["etag"]
    assert town.get("township", path(town), **{"If-None-Match": tag}).status_code == 304
    workbook = town.get("township", path(town, tail=".xlsx"))
    assert town.get("township", path(town, tail=".xlsx"), **{"If-None-Match": workbook.headers["etag"]}).status_code == 304


def test_the_workbook_holds_the_same_lines(town: Town) -> None:
    lines = town.get("township", path(town)).json()["sections"][0]["lines"]
    sheet = openpyxl.load_workbook(io.BytesIO(town.get("township", path(town, tail=".xlsx")).content)).worksheets[0]
    texts = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert {line["cells"]["head_id"]["text"] for line in lines} <= texts


@pytest.mark.parametrize(
    ("form", "period", "status", "code"),
    [
        (FORM, "2026-13", 422, "bad_period"),
        (FORM, "2026-12", 422, "period_ahead"),
        (FORM, "2026Q3", 404, "other_frequency"),
        ("no-form", "2026-10", 404, "form_not_found"),
    ],
)
def test_what_does_not_fit_is_told(town: Town, form: str, period: str, status: int, code: str) -> None:
    answer = town.get("township", path(town, form, period))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_problems_come_in_the_language_asked_for(town: Town) -> None:
    chinese, english = (
        town.get("township", path(town, "no-form"), **{"Accept-Language": asked}).json() for asked in ("zh-CN,en;q=0.5", "en-GB,zh;q=0.2")
    )
    assert chinese["code"] == english["code"]
    assert "没有" in chinese["detail"]
    assert english["detail"] == "There is no form no-form."
    assert chinese["type"] == "urn:yibiao:problem:form_not_found"


def test_a_wrong_parameter_is_a_problem_too(town: Town) -> None:
    answer = town.get("civil-affairs", f"{API}/batches?limit=many")
    assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")
    assert answer.json()["errors"]
    assert town.get("civil-affairs", f"{API}/batches?cursor=!!").json()["code"] == "bad_cursor"
    assert town.get("civil-affairs", f"{API}/nothing").json()["code"] == "path_not_found"


class TestRecords:
    def test_every_element_has_its_source_and_what_each_source_says(self, town: Town) -> None:
        person = town.person_in(town.village)
        found = town.get("township", f"{API}/entities/person/{person}").json()
        elements = {e["element"]: e for e in found["elements"]}
        assert elements["person.citizen_id"]["value"] == person
        assert elements["person.village"]["value"] == town.village
        assert elements["person.village"]["source"] == "public-security.resident"
        assert elements["person.village"]["as_of"] == "2026-10-31"
        assert elements["person.village"]["said"]
        household = elements["person.household"]
        head = town.get("township", f"{API}/entities/household/{household['value']}").json()["elements"]
        named = next(one for one in head if one["element"] == "household.head")
        assert household["text"] == named["text"] != household["value"], "a household is called by its head's name"

    def test_a_key_is_read_as_intake_reads_it(self, town: Town) -> None:
        person = town.person_in(town.village)
        wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in person)
        assert town.get("township", f"{API}/entities/person/{wide}").status_code == 200

    def test_a_conflict_names_the_source_that_differs(self, town: Town) -> None:
        item = next(i for i in town.get("township", f"{API}/conflicts").json()["items"] if i["element"] == "person.marital_status")
        found = town.get("township", f"{API}/entities/person/{item['key']}").json()
        element = next(e for e in found["elements"] if e["element"] == "person.marital_status")
        assert element["conflicts"] == [item["source"]]
        assert len({said["text"] for said in element["said"]}) == 2

    def test_records_that_say_nothing_of_people_are_open(self, town: Town) -> None:
        code = town.city.rows[2]["education.school"][0].code  # type: ignore[attr-defined]
        assert town.get("health", f"{API}/entities/organization/{code}").status_code == 200

    @pytest.mark.parametrize("clock", ["valid", "known"])
    def test_history_tells_how_an_element_came_to_be(self, town: Town, clock: str) -> None:
        person = town.person_in(town.village)
        found = town.get("township", f"{API}/entities/person/{person}/history?element=village&clock={clock}").json()
        assert found["changes"][-1]["value"] == town.village
        assert {change["element"] for change in found["changes"]} == {"person.village"}

    def test_an_unknown_entity_is_not_found(self, town: Town) -> None:
        assert town.get("township", f"{API}/entities/benefit/1").json()["code"] == "entity_not_found"


def test_quality_has_owner_next_step_and_explanation(town: Town) -> None:
    items = town.get("bureau", f"{API}/quality/datasets").json()["items"]
    assert len(items) == len(town.hub.catalog.contracts)
    for item in items:
        assert item["owner"]
        assert all(figure["how"] and figure["next_step"] for figure in item["figures"])
    departments = {item["department"]: item for item in town.get("bureau", f"{API}/quality/departments").json()["items"]}
    assert {"civil-affairs", "health"} <= set(departments)
    for item in departments.values():
        assert [figure["name"] for figure in item["figures"]] == ["freshness", "completeness", "rules", "quarantine", "conflicts"]
        assert all(figure["owner"] and figure["dataset"] and figure["next_step"] for figure in item["figures"])
    dimensions = {item["dimension"]: item for item in town.get("bureau", f"{API}/quality/dimensions").json()["items"]}
    assert {"completeness", "consistency"} <= set(dimensions)


def test_quality_counts_every_open_conflict(town: Town) -> None:
    """Those of consistency rules too: for each department that must look, with age and deadline, and in the dimension."""
    page = town.get("bureau", f"{API}/conflicts?limit=1000").json()
    queue = page["items"]
    assert queue
    assert page["next"] is None
    for item in town.get("bureau", f"{API}/quality/departments").json()["items"]:
        own = [conflict for conflict in queue if item["department"] in conflict["looks"]]
        figure = next(figure for figure in item["figures"] if figure["name"] == "conflicts")
        if own:
            assert figure["values"]["count"] == len(own)
            assert figure["values"]["deadline"] == min(conflict["deadline"] for conflict in own)
        rules = [conflict["rule"]["name"] for conflict in own if conflict["rule"]]
        assert {rule["rule"]: rule["conflicts"] for rule in item["rules"]} == {name: rules.count(name) for name in rules}
        assert all(rule["deadline"] and rule["age"] >= 0 for rule in item["rules"])
    consistency = next(one for one in town.get("bureau", f"{API}/quality/dimensions").json()["items"] if one["dimension"] == "consistency")
    assert (consistency["open"], consistency["score"] < 100) == (len(queue), True)
