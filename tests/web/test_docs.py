"""The document of the API tells errors as they are, and its page is one of ours."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import jsonschema_rs
import pytest

from tests.web.conftest import Town

API = "/api/v1"
ERRORS = {"401", "403", "404", "409", "422", "503"}


@pytest.fixture
def document(town: Town) -> dict[str, Any]:
    found: dict[str, Any] = town.get(None, f"{API}/openapi.json").json()
    return found


def test_every_route_of_the_api_answers_errors_with_problem_details(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            told = {status: answer for status, answer in operation["responses"].items() if status in ERRORS}
            assert set(told) == (ERRORS if path.startswith(API) else {"401", "403"} if path == "/metrics" else set()), (method, path)
            for answer in told.values():
                assert list(answer["content"]) == ["application/problem+json"]
                assert answer["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert "ValidationError" not in json.dumps(document)


def test_problems_are_what_the_document_says(town: Town, document: dict[str, Any]) -> None:
    validator = jsonschema_rs.validator_for(document["components"]["schemas"]["Problem"])
    wrong = b"kind: DataContract\nid: education.school\nfields: [{element: organization.nothing}]\n"
    with town.client("education") as client:
        answers: list[httpx2.Response] = [
            town.get(None, f"{API}/forms"),
            client.get("/metrics"),
            client.get(f"{API}/contracts/education.none"),
            client.get(f"{API}/batches?limit=many&cursor=!"),
            client.put(f"{API}/contracts/education.school?dry_run=true", content=wrong),
            client.post(f"{API}/contracts/education.school/batches", files={"file": ("held.exe", b"x")}),
        ]
    assert [answer.status_code for answer in answers] == [401, 403, 404, 422, 422, 422]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        assert [error.message for error in validator.iter_errors(answer.json())] == []
    assert any(answer.json().get("errors") for answer in answers)


def test_the_page_is_open_and_keeps_the_navigation_of_whoever_is_signed_in(town: Town) -> None:
    with town.client(None) as client:
        nobody = client.get("/docs")
        client.get(f"/sign-in?token={town.tokens['civil-affairs']}")
        somebody = client.get("/docs")
    assert nobody.status_code == somebody.status_code == 200
    assert 'href="/contracts"' not in nobody.text
    assert 'href="/contracts"' in somebody.text
    assert town.get(None, "/docs", Cookie="yibiao_session=yb_wrong").status_code == 200
