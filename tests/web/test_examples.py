"""Every operation of the API has a summary, examples of what is sent and answered, and its errors; and an example is what comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2
import jsonschema_rs
import pytest

from hub.sample.city import City
from hub.store.batches import State, write
from hub.store.engine import writing
from hub.web.examples import example_of
from tests.web.conftest import Town, _copied
from tests.web.test_definitions import school
from tests.web.test_round_trip import changed, download
from tests.web.test_round_trip import typed as typed_into

API = "/api/v1"
LIST, MONTH, SCHOOL = "low-income-roster", "2026-10", "education.school"
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture(scope="module")
def desk(city: City, filled_home: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from _copied(city, filled_home, tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="module")
def document(desk: Town) -> dict[str, Any]:
    return dict(desk.get(None, f"{API}/openapi.json").json())


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


@dataclass
class Portal:
    """Plays a period and notes what came, by operation."""

    town: Town
    came: dict[str, Any] = field(default_factory=dict)

    def ask(self, operation: str, role: str, method: str, path: str, **sent: Any) -> Any:
        with self.town.client(role, **{"Accept-Language": "en"}) as client:
            answer: httpx2.Response = client.request(method, f"{API}{path}", **sent)
        assert answer.status_code < 300, (operation, answer.text)
        self.came[operation] = answer.json()
        return answer.json()


@pytest.fixture(scope="module")
def came(desk: Town) -> dict[str, Any]:
    """What a hub answers, by the name of the operation."""
    portal = Portal(desk)
    a_period(portal, desk)
    objections(portal, desk)
    what_is_known(portal, desk)
    lists(portal, desk)
    deliveries(portal, desk)
    definitions(portal)
    for name, path in (("operations-alive", "/healthz"), ("operations-ready", "/readyz")):
        portal.came[name] = desk.get(None, path).json()
    return portal.came


def a_period(portal: Portal, town: Town) -> None:
    village, period, report = town.village, f"/forms/{LIST}/periods/{MONTH}", f"/forms/{LIST}/reports/{town.village}/{MONTH}"
    portal.ask("work-open_period", "bureau", "PUT", period)
    portal.ask("work-extend", "county", "PUT", f"{report}/extension", json={"until": "2026-12-31"})
    portal.ask("work-due", "township", "GET", "/due")
    portal.ask("forms-report", "township", "GET", report)
    (unit,) = portal.ask("work-work", "township", "GET", f"{report}/work")["units"]
    code, versions = next(iter(unit["versions"].items()))
    typed = {"key": str(uuid4()), "unit": village, "kind": "enter", "line": code, "field": "recent_change", "text": "长子外出务工"}
    typed["version"] = versions["recent_change"]
    confirmed = {"key": str(uuid4()), "unit": village, "kind": "confirm", "lines": unit["marks"]}
    portal.ask("work-edit", "township", "POST", f"{period}/edits", json={"edits": [typed, confirmed]})
    cell = f"{report}/cells/{code}/recent_change"
    portal.ask("work-comment", "township", "POST", f"{cell}/comments", json={"text": "10 月已与本人电话核实"})
    version = portal.ask("work-cell", "township", "GET", cell)["version"]
    portal.ask("work-edit_cell", "township", "PUT", cell, json={"text": "次子外出务工"}, headers={"If-Match": f'"{version}"'})
    workbook = changed(download(town, village, LIST, MONTH), typed_into("近期家庭变化", "三子外出务工"))
    portal.ask("work-compare_workbook", "township", "POST", f"{report}/workbook", files={"file": ("report.xlsx", workbook)})
    portal.ask("work-act", "township", "POST", f"{period}/acts", json={"act": "submit", "units": [village]})
    portal.ask("work-steps", "township", "GET", f"{report}/steps")
    portal.ask("work-attach_scan", "township", "POST", f"{report}/scans", files={"file": ("签字页.pdf", PDF)})
    portal.ask("work-scans", "township", "GET", f"{report}/scans")


def objections(portal: Portal, town: Town) -> None:
    path = f"/forms/elderly-roster/reports/{town.village}/2026Q3"
    with town.client("bureau") as client:
        client.put(f"{API}/forms/elderly-roster/periods/2026Q3")
    line = town.get("township", API + path).json()["sections"][0]["lines"][0]["code"]
    claim = {"kind": "value", "line": line, "field": "birth_date", "proposed": "1941-03-02", "reason": "与户口簿不符"}
    number = portal.ask("corrections-object_to", "township", "POST", f"{path}/objections", json=claim)["id"]
    evidence = f"/objections/{number}/evidence"
    portal.ask("corrections-add_evidence", "township", "POST", evidence, files={"file": ("户口簿.pdf", PDF)})
    portal.ask("corrections-queue", "public-security", "GET", "/corrections")
    answer = {"ids": [number], "accept": False, "reason": "档案与户口簿一致，无误"}
    portal.ask("corrections-answer", "public-security", "POST", "/corrections/answers", json=answer)


def what_is_known(portal: Portal, town: Town) -> None:
    person = f"/entities/person/{town.person_in(town.village)}"
    portal.ask("records-record", "bureau", "GET", person)
    portal.ask("records-history", "bureau", "GET", f"{person}/history?element=education")
    portal.ask("records-queue", "bureau", "GET", "/conflicts?limit=1")
    for name in ("datasets", "departments", "dimensions"):
        portal.ask(f"quality-{name}", "bureau", "GET", f"/quality/{name}")


def lists(portal: Portal, town: Town) -> None:
    demand = {"form": "elderly-roster", "unit": town.township, "asker": "县红十字会", "purpose": "重阳节走访慰问", "id_style": "masked"}
    made = {"columns": ["name", "citizen_id", "sex"], "filters": [{"column": "age", "test": "at_least", "text": "70"}]}
    portal.ask("lists-choices", "township", "GET", "/forms/elderly-roster/choices")
    number = portal.ask("lists-ask", "township", "POST", "/demands", json=demand | made)["number"]
    portal.ask("lists-own", "township", "GET", "/demands")
    portal.ask("lists-demand", "township", "GET", f"/demands/{number}")
    portal.ask("lists-listed", "township", "GET", f"/demands/{number}/list")
    portal.ask("lists-inventory", "bureau", "GET", "/inventory")


def deliveries(portal: Portal, town: Town) -> None:
    sent = {"content": b"xxbsm,xxmc\n1,\n", "headers": {"Content-Type": "text/csv"}}
    job = portal.ask("intake-send", "education", "POST", f"/contracts/{SCHOOL}/batches?as_of=2026-11-20", **sent)["job"]
    portal.ask("intake-pull", "education", "POST", f"/contracts/{SCHOOL}/pull")
    portal.ask("intake-read_job", "education", "GET", f"/jobs/{job}")
    items = portal.ask("intake-list_batches", "civil-affairs", "GET", "/batches")["items"]
    held = next(item["id"] for item in items if item["quarantined"])
    portal.ask("intake-read_batch", "civil-affairs", "GET", f"/batches/{held}")
    portal.ask("intake-findings", "civil-affairs", "GET", f"/batches/{held}/findings")
    with writing(town.hub.engine) as connection:
        write(connection, held, state=State.WAITING)
    portal.ask("intake-let_pass", "civil-affairs", "POST", f"/batches/{held}/actions/pass")


def definitions(portal: Portal) -> None:
    named = {"elements": ("element", "person.education"), "entities": ("entity", "person"), "codelists": ("code-list", "sex")}
    named |= {"contracts": ("contract", SCHOOL), "forms": ("form", LIST)}
    named |= {"measures": ("measure", "registered_households"), "rules": ("rule", "dead_with_live_benefit")}
    for kind, (word, name) in named.items():
        portal.ask(f"definitions-list-{kind}", "education", "GET", f"/{kind}")
        portal.ask(f"definitions-read-{word}", "education", "GET", f"/{kind}/{name}")
    text = (
        school(portal.town)
        .replace("version: 1.0.0", "version: 1.1.0")
        .replace("        required: true\n        authoritative", "        authoritative")
    )
    portal.ask("definitions-replace", "education", "PUT", f"/contracts/{SCHOOL}?dry_run=true", content=text.encode())
    portal.came["definitions-create"] = portal.came["definitions-replace"]  # said by one function
    portal.ask("definitions-authorities", "education", "GET", "/authorities")
    portal.ask("definitions-versions", "education", "GET", f"/contracts/{SCHOOL}/versions")


def lacking(example: Any, answer: Any, place: str = "") -> list[str]:
    """Where an example has not the shape of an answer: names of an object, kinds of values; a list by its first item. Where both
    are keyed by data (codes of lines, elements), one entry stands for all."""
    if isinstance(example, dict) and isinstance(answer, dict):
        if place.rpartition(".")[2] in BY_DATA:
            pairs = [(next(iter(example.values())), next(iter(answer.values())))] if example and answer else []
            return [found for inner, came in pairs for found in lacking(inner, came, f"{place}.*")]
        wrong = [f"{place}.{name}" for name in example.keys() ^ answer.keys()]
        return wrong + [
            found for name in example.keys() & answer.keys() for found in lacking(example[name], answer[name], f"{place}.{name}")
        ]
    if isinstance(example, list) and isinstance(answer, list):
        return lacking(example[0], answer[0], f"{place}.0") if example and answer else []
    return [] if example is None or answer is None or type(example) is type(answer) else [place]


BY_DATA = {"marks", "versions"}


def test_every_operation_is_told_in_full(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names)) > 40
    for path, operation in operations(document):
        assert operation["summary"], path
        problems = {status: told for status, told in operation["responses"].items() if status >= "4"}
        assert problems or path.endswith(("/healthz", "/readyz")), path
        for told in problems.values():
            assert errors_of(document, told["content"]["application/problem+json"]) == [], path


def test_every_body_has_an_example_that_fits(document: dict[str, Any]) -> None:
    bodies = [(path, operation["requestBody"]) for path, operation in operations(document) if "requestBody" in operation]
    assert len(bodies) >= 10
    for path, body in bodies:
        readable = [content for content in body["content"].values() if content["schema"].get("format") != "binary"]
        assert readable, path
        for content in readable:
            assert errors_of(document, content) == [], path


def test_what_a_change_needs_is_told_with_an_example(document: dict[str, Any]) -> None:
    """ETag and If-Match of cells, Idempotency-Key of acts and deliveries."""
    cell = document["paths"][f"{API}/forms/{{form}}/reports/{{unit}}/{{period}}/cells/{{line}}/{{field}}"]
    assert all(cell[method]["responses"]["200"]["headers"]["ETag"]["example"] for method in ("get", "put"))
    assert "412" in cell["put"]["responses"]
    acts = document["paths"][f"{API}/forms/{{form}}/periods/{{period}}/acts"]["post"]
    sending = document["paths"][f"{API}/contracts/{{contract}}/batches"]["post"]
    for operation, name in ((cell["put"], "if-match"), (acts, "idempotency-key"), (sending, "idempotency-key")):
        (header,) = (one for one in operation["parameters"] if one["in"] == "header" and one["name"] == name)
        assert header["description"]
        assert header["schema"]["examples"]


def test_an_example_of_an_answer_is_what_comes(document: dict[str, Any], came: dict[str, Any]) -> None:
    answered = {
        operation["operationId"]
        for _, operation in operations(document)
        if any("application/json" in answer.get("content", {}) for status, answer in operation["responses"].items() if status < "3")
    }
    assert answered == came.keys()
    for name, answer in came.items():
        assert lacking(example_of(name), answer) == [], name


def errors_of(document: Mapping[str, Any], content: Mapping[str, Any]) -> list[str]:
    """Why an example does not fit its schema; it stands beside the schema, or in the model that the schema refers to."""
    schema = content["schema"]
    model = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    example = content.get("example", model.get("example"))
    if example is None:
        return ["no example"]
    validator = jsonschema_rs.validator_for({**schema, "components": document["components"]})
    return [error.message for error in validator.iter_errors(example)]
