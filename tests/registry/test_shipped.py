"""The shipped definitions: they load without a mistake, editors' schemas accept them, and they say what the city agreed on."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest

from hub.registry.definitions import definition_roots
from hub.registry.documents import Document
from hub.registry.lint import lint
from hub.registry.model import Catalog, Delivery, EntityKind, ValueType
from hub.registry.shapes import SCHEMAS, schema

DATASETS = {
    "public-security.resident": 19, "public-security.deregistration": 7, "civil-affairs.minimum-living": 19,
    "civil-affairs.disability": 12, "civil-affairs.old-age-allowance": 9, "civil-affairs.extreme-difficulty": 11,
    "civil-affairs.marriage": 7, "human-resources.insurance": 13, "human-resources.employment": 12,
    "health.health-record": 15, "health.maternity": 12, "education.enrolment": 17, "education.school": 7,
}  # fmt: skip


def test_every_shipped_file_is_without_a_finding() -> None:
    assert lint(definition_roots()) == []


def test_json_schemas_accept_all_shipped_files(shipped: list[Document]) -> None:
    checked = 0
    for document in shipped:
        if document.kind in SCHEMAS:
            assert jsonschema_rs.is_valid(schema(document.kind), document.data), document.file
            checked += 1
    assert checked > 50


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_json_schemas_are_json_schemas(kind: str) -> None:
    jsonschema_rs.meta.validate(schema(kind))
    assert schema(kind)["$schema"].startswith("https://json-schema.org/")


def test_the_thirteen_datasets_have_every_column_of_the_export(catalog: Catalog) -> None:
    found = {name: len(contract.fields) for name, contract in catalog.contracts.items() if not name.startswith("township.")}
    assert found == DATASETS


def test_every_field_is_bound_or_ignored_with_a_reason(catalog: Catalog) -> None:
    for contract in catalog.contracts.values():
        for field in contract.fields:
            assert (field.element is None) != (field.ignored is None), (contract.id, field.name)


def test_every_contract_has_its_terms(catalog: Catalog) -> None:
    for contract in catalog.contracts.values():
        assert contract.key
        assert contract.roles
        assert contract.quality
        assert contract.source
        assert contract.legal_basis
        assert contract.contact
        if contract.department != "township":
            assert contract.schedule
            assert contract.freshness_days
        assert (contract.ending is not None) == (contract.delivery is Delivery.DELTA)


def test_every_element_that_several_supply_has_an_order(catalog: Catalog) -> None:
    several = [name for name in catalog.elements if len(catalog.suppliers(name)) > 1]
    assert {"person.name", "person.birth_date", "person.marital_status", "person.village", "person.phone"} <= set(several)
    for name in several:
        entity = catalog.entities[catalog.elements[name].entity]
        assert catalog.elements[name].authority is not None or (entity.kind is EntityKind.OWNED and entity.partition)


def test_townships_stand_first_where_they_keep_the_value(catalog: Catalog) -> None:
    assert catalog.authority("person.phone").order[0] == "township.contacts"
    assert catalog.authority("person.guardian_name").order[0] == "township.contacts"
    assert catalog.authority("person.visit_date").order == ("township.elderly-visits",)


def test_a_minimum_living_row_speaks_of_certificate_holder_and_member(catalog: Catalog) -> None:
    contract = catalog.contracts["civil-affairs.minimum-living"]
    assert {(r.name, r.entity, r.key) for r in contract.roles} == {
        ("allowance", "allowance", "certificate_no"), ("holder", "person", "holder_id"), ("member", "person", "citizen_id"),
    }  # fmt: skip
    assert contract.role("allowance").says["head"] == "role(holder)"
    assert {f.name for f in contract.fields if f.required} == {"certificate_no", "citizen_id", "name"}
    assert "kinship" not in contract.role("member").says, "kinship to the holder is not kinship to the household head"


def test_direct_identifiers_are_sealed(catalog: Catalog) -> None:
    sealed = {name for name, element in catalog.elements.items() if element.sealed}
    formats = {name for name, element in catalog.elements.items() if element.format not in (None, "credit_code")}
    assert sealed == formats


def test_code_lists_are_trees_where_the_standard_is_one(catalog: Catalog) -> None:
    assert catalog.code_lists["marital-status"].ancestors("21") == ("20",)
    assert catalog.code_lists["education"].ancestors("14") == ("10",)
    assert catalog.code_lists["division"].ancestors("330802005004") == ("330802005000", "330802000000", "330800000000", "330000000000")
    assert catalog.code_lists["industry"].ancestors("C13") == ("C",)
    assert catalog.code_lists["life-status"].working
    assert not catalog.code_lists["sex"].working


def test_division_codes_are_twelve_digits(catalog: Catalog) -> None:
    codes = catalog.code_lists["division"].codes
    assert len(codes) > 5000
    assert {len(code) for code in codes} == {12}


def test_every_code_element_can_be_filled_from_its_source(catalog: Catalog) -> None:
    """A field of words or foreign codes has a crosswalk; one without has the city's own codes."""
    for contract in catalog.contracts.values():
        for field in contract.bound:
            element = catalog.elements[str(field.element)]
            if element.type is ValueType.CODE and field.crosswalk:
                assert catalog.crosswalks[field.crosswalk].code_list == element.code_list


def test_places_point_into_the_files(catalog: Catalog) -> None:
    place = catalog.contracts["public-security.resident"].field("sex").place
    line = Path(place.file).read_text(encoding="utf-8").splitlines()[place.line - 1]
    assert line.strip() == "- name: sex"
