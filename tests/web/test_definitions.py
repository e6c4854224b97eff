"""Definitions by HTTP: reading them, and publishing a contract with an explanation first."""

from __future__ import annotations

import re

import pytest

from hub.registry.definitions import definition_roots
from tests.web.conftest import Town

API = "/api/v1"
SCHOOL = "education.school"


def school(town: Town) -> str:
    """The text of the school contract as it was written."""
    _, contracts = definition_roots()
    return (contracts / "education" / "school.yaml").read_text("utf-8")


def with_field(text: str, version: str) -> str:
    """A new version of the contract with one more field, which is left out with a reason."""
    field = (
        "      - name: motto\n        physicalName: xx\n        logicalType: string\n"
        "        customProperties:\n          - {property: ignored, value: 没有表用到校训}\n"
    )
    return text.replace("version: 1.0.0", f"version: {version}").replace("    quality:\n", f"{field}    quality:\n", 1)


@pytest.mark.parametrize("kind", ["elements", "entities", "codelists", "contracts", "measures", "rules", "forms", "authorities"])
def test_lists_give_every_definition_under_an_entity_tag(town: Town, kind: str) -> None:
    answer = town.get("township", f"{API}/{kind}")
    assert answer.status_code == 200
    assert len(answer.json()["items"]) >= 4
    again = town.get("township", f"{API}/{kind}", **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_one_definition_in_full(town: Town) -> None:
    found = town.get("township", f"{API}/elements/person.education").json()
    assert found["code_list"] == "education"
    assert found["title"]["zh"] == "文化程度"
    assert town.get("township", f"{API}/elements/person.nothing").json()["code"] == "definition_not_found"


def test_authorities_name_the_source_department_first(town: Town) -> None:
    items = {item["element"]: item for item in town.get("township", f"{API}/authorities").json()["items"]}
    assert items["person.sex"]["order"][0] == "public-security.resident"
    assert items["person.phone"]["order"][0].startswith("township.")


class TestPublishing:
    def test_a_dry_run_explains_and_publishes_nothing(self, town: Town) -> None:
        with town.client("education") as client:
            answer = client.put(f"{API}/contracts/{SCHOOL}?dry_run=true", content=with_field(school(town), "1.1.0").encode())
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["published"] is False
        assert told["documents"] == ["contracts/education/school.yaml"]
        assert all(change["text"] for change in told["changes"])
        assert town.get("education", f"{API}/contracts/{SCHOOL}").json()["version"] == "1.0.0"

    def test_removing_a_field_in_use_is_refused_with_the_reasons(self, town: Town) -> None:
        text = re.sub(r"      - name: pupils(_range)?\n(?:        .*\n)+", "", school(town)).replace("version: 1.0.0", "version: 1.2.0")
        with town.client("education") as client:
            answer = client.put(f"{API}/contracts/{SCHOOL}", content=text.encode())
        assert answer.status_code == 409, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"]
        assert "pupils" in answer.text

    def test_mistakes_come_with_their_lines(self, town: Town) -> None:
        text = school(town).replace("organization.pupils", "organization.pupil")
        with town.client("education") as client:
            answer = client.put(f"{API}/contracts/{SCHOOL}?dry_run=true", content=text.encode())
        assert answer.status_code == 422
        assert any(error.get("line") for error in answer.json()["errors"])

    @pytest.mark.parametrize(
        ("role", "path", "status", "code"),
        [
            ("health", SCHOOL, 403, "forbidden_send"),
            ("education", "education.other", 422, "contract_id_differs"),
            ("township", SCHOOL, 403, "forbidden_send"),
        ],
    )
    def test_only_its_department_publishes_a_contract_under_its_own_name(
        self, town: Town, role: str, path: str, status: int, code: str
    ) -> None:
        with town.client(role) as client:
            answer = client.put(f"{API}/contracts/{path}?dry_run=true", content=school(town).encode())
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_posting_what_is_there_is_refused(self, town: Town) -> None:
        with town.client("education") as client:
            answer = client.post(f"{API}/contracts", content=school(town).encode())
        assert (answer.status_code, answer.json()["code"]) == (409, "contract_exists")

    def test_a_new_version_takes_effect_at_once_and_is_kept_beside_the_old(self, town: Town) -> None:
        with town.client("education") as client:
            answer = client.put(f"{API}/contracts/{SCHOOL}", content=with_field(school(town), "1.1.0").encode())
            assert answer.json()["published"] is True
            assert client.get(f"{API}/contracts/{SCHOOL}").json()["version"] == "1.1.0"
            versions = [item["version"] for item in client.get(f"{API}/contracts/{SCHOOL}/versions").json()["items"]]
            assert versions == ["1.0.0", "1.1.0"]
            back = client.put(f"{API}/contracts/{SCHOOL}", content=with_field(school(town), "1.1.0").encode()).json()
            assert back["published"] is False  # publishing is idempotent
