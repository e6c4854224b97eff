"""Registering: the education bureau agrees with the city on what it delivers, in words, before anything is stored.

Every change is explained first, by ``yibiao lint``, by ``yibiao publish --dry-run`` and by ``?dry_run=true``. One that would
break what others use is refused, and the refusal names them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest

from hub import worker
from hub.core.clock import FixedClock
from hub.core.log import configure
from hub.core.settings import load
from hub.registry.definitions import definition_roots
from hub.sample.city import City, build
from hub.sample.deliver import records
from hub.sample.departments.education import write_parquet
from hub.sample.exports import columns
from hub.store.hub import Hub, make_hub
from tests.moments import NOVEMBER
from tests.stories.acting import Machine
from tests.stories.drafts import BOARDERS, BOARDERS_FIELD, BOARDERS_MEASURE, BOARDERS_RULE, CLINIC, CLINIC_BEDS, ROSTER
from tests.web.conftest import served

SCHOOL, ENROLMENT = "education.school", "education.enrolment"
FIRST, SECOND = date(2026, 9, 30), date(2026, 10, 31)


@dataclass(frozen=True)
class Registry:
    """A city with its definitions published; ``education`` and ``health`` are two departments at their desks."""

    machine: Machine
    hub: Hub
    education: httpx2.Client
    health: httpx2.Client

    def version(self, contract: str) -> str:
        return str(self.education.get(f"/contracts/{contract}").json()["version"])


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    machine = Machine(tmp_path_factory.mktemp("registry") / "var")
    machine.told("init")
    assert machine.told("publish")["published"]
    configure("WARNING")
    hub = make_hub(load(machine.home), FixedClock(NOVEMBER))
    with (
        served(hub) as url,
        machine.office(url, "department", "education") as education,
        machine.office(url, "department", "health") as health,
    ):
        yield Registry(machine, hub, education, health)
    hub.engine.dispose()


@pytest.fixture(scope="module")
def city() -> City:
    return build(300, 5, SECOND)


def rewritten(name: str, *changes: tuple[str, str]) -> str:
    """A shipped definition with some of its text replaced, as its author edits it."""
    schemas, contracts = definition_roots()
    folder, rest = name.split("/", 1)
    text = ((schemas if folder == "schemas" else contracts) / rest).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def contract(name: str, *changes: tuple[str, str]) -> str:
    """The next version of a shipped contract."""
    return rewritten(f"contracts/{name.replace('.', '/')}.yaml", ("version: 1.0.0", "version: 1.1.0"), *changes)


def with_boarders() -> str:
    return contract(SCHOOL, ("    quality:\n", f"{BOARDERS_FIELD}    quality:\n{BOARDERS_RULE}"))


def saved(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def words(found: Any) -> dict[str, list[str]]:
    """What would change, in words, by what it changes."""
    areas: dict[str, list[str]] = {}
    for effect in found["effects"]:
        areas.setdefault(effect["area"], []).append(effect["text"])
    return areas


def schools_arrive(registry: Registry, city: City, delivery: int, **more: Any) -> dict[str, Any]:
    """The bureau's system writes its file, with what it newly exports in ``more``; the hub pulls it."""
    names = [*columns(city.places)[SCHOOL], *more]
    rows = [{**record, **more} for record in records(city, SCHOOL, delivery)]
    folder = registry.machine.home / "sources" / "education"
    folder.mkdir(parents=True, exist_ok=True)
    write_parquet(rows, names, folder / f"school-{city.days[delivery]:%Y%m%d}.parquet")
    (batch,) = registry.machine.told("pull", SCHOOL)
    assert batch["state"] == "closed"
    return dict(batch)


# A new field ----------------------------------------------------------------------------------------------------------


def test_a_new_field_is_explained_then_published_and_the_next_delivery_carries_it(registry: Registry, city: City, tmp_path: Path) -> None:
    schools_arrive(registry, city, 1)
    address = f"/contracts/{SCHOOL}"

    # The bureau's next export has the number of boarders. Nobody in the city knows that word yet.
    refused = registry.education.put(address, params={"dry_run": True}, content=with_boarders())
    assert refused.status_code == 422
    (mistake,) = refused.json()["errors"]
    assert mistake["file"] == "contracts/education/school.yaml"
    assert with_boarders().splitlines()[mistake["line"] - 1].strip() == "- name: boarders"
    assert "organization.boarders" in mistake["detail"]

    # The data bureau writes it down, with a figure made of it. Three ways to ask give the same answer, in words.
    element, measure = saved(tmp_path, "boarders.yaml", BOARDERS), saved(tmp_path, "boarding.yaml", BOARDERS_MEASURE)
    school = saved(tmp_path, "school.yaml", with_boarders())
    linted = registry.machine.told("lint", element, measure, school)
    dry_run = registry.machine.told("publish", "--dry-run", element, measure, school)
    assert linted["mistakes"] == []
    assert linted["effects"] == dry_run["effects"]
    assert linted["changes"] == dry_run["changes"]
    assert words(dry_run) == {
        "tables": ["“education.school”的三张表增加一列“boarders”", "主记录“organization”增加“organization.boarders”"],
        "checks": ["每次交付多查一项:boarders <= pupils(不符则提醒)"],
        "forms": ["指标“boarding_places_used”用到“organization.boarders”"],
        "departments": ["“organization.boarders”以“education.school”为准"],
    }
    assert not dry_run["published"]
    assert "主记录“organization”增加“organization.boarders”" in registry.machine.command("lint", element, school).stdout

    assert registry.machine.told("publish", element, measure)["published"]
    explained = registry.education.put(address, params={"dry_run": True}, content=with_boarders()).json()
    assert explained["published"] is False
    assert "“education.school”的三张表增加一列“boarders”" in words(explained)["tables"]
    assert registry.version(SCHOOL) == "1.0.0"

    # Published by HTTP, it takes effect at once. The next delivery carries the field; what came before stays.
    assert registry.education.put(address, content=with_boarders()).json()["published"] is True
    assert registry.version(SCHOOL) == "1.1.0"
    schools_arrive(registry, city, 2, bzs="1")
    first, second = (registry.education.get(f"/batches/{number}").json() for number in (1, 2))
    assert (first["contract_version"], second["contract_version"]) == ("1.0.0", "1.1.0")
    assert {rule["rule"]: rule["outcome"] for rule in second["rules"]}["boarders_within_pupils"] == "passed"

    key = city.rows[1][SCHOOL][0].code  # type: ignore[attr-defined]
    elements = {e["element"]: e for e in registry.education.get(f"/entities/organization/{key}").json()["elements"]}
    assert (elements["organization.boarders"]["value"], elements["organization.boarders"]["as_of"]) == (1, str(SECOND))
    assert elements["organization.boarders"]["source"] == SCHOOL

    def since(element: str) -> list[tuple[str, Any]]:
        changes = registry.education.get(f"/entities/organization/{key}/history", params={"element": element}).json()["changes"]
        return [(change["valid"], change["value"]) for change in changes]

    assert since("boarders")[-1] == (str(SECOND), 1)
    assert since("name")[0][0] == str(FIRST)


def test_a_new_contract_is_posted_by_its_department_and_takes_its_first_batch(registry: Registry, city: City, tmp_path: Path) -> None:
    """Health counts the beds in the schools' clinics, by the key under which education speaks of the same schools."""
    assert registry.machine.told("publish", saved(tmp_path, "clinic.yaml", CLINIC_BEDS))["published"]
    explained = registry.health.post("/contracts", params={"dry_run": True}, content=CLINIC)
    assert explained.status_code == 200
    assert words(explained.json()) == {
        "tables": ["为“health.school-clinic”建现行表、历史表和暂存表"],
        "checks": ["每次交付多查一项:行数不少于 1(不符则整批拒收)"],
        "departments": ["“organization.clinic_beds”以“health.school-clinic”为准"],
    }
    posted = registry.health.post("/contracts", content=CLINIC)
    assert (posted.status_code, posted.json()["documents"]) == (201, ["contracts/health/school-clinic.yaml"])
    assert registry.health.post("/contracts", content=CLINIC).json()["code"] == "contract_exists"

    key = city.rows[1][SCHOOL][-1].code  # type: ignore[attr-defined]
    file = {"file": ("clinics.csv", f"统一社会信用代码,床位数\n{key},4\n".encode())}
    sent = registry.health.post("/contracts/health.school-clinic/batches", params={"as_of": "2026-11-20"}, files=file)
    assert worker.run(registry.hub, once=True) == 1
    (batch,) = registry.health.get(f"/jobs/{sent.json()['job']}").json()["outcome"]["batches"]
    assert (batch["state"], batch["accepted"]) == ("closed", 1)
    elements = {e["element"]: e for e in registry.education.get(f"/entities/organization/{key}").json()["elements"]}
    assert (elements["organization.clinic_beds"]["value"], elements["organization.clinic_beds"]["source"]) == (4, "health.school-clinic")


DEFINITION = (
    "  registered_households:\n    title: {zh: 户籍总户数, en: registered households}\n    value: count(distinct household)\n"
    "    where: life_status = '1'\n    definition: 有在世户籍人口的户,按户籍村统计。\n"
)

# What is refused ------------------------------------------------------------------------------------------------------

STAGE = "      - name: stage\n        physicalName: xd\n        logicalType: string\n"
STAGE_WHOLE = (
    STAGE + "        authoritativeDefinitions: [{type: dataElement, url: enrolment.stage}]\n        customProperties:\n"
    "          - {property: speaksOf, value: enrolment}\n          - {property: crosswalk, value: education.stage-words}\n"
)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ((STAGE_WHOLE, ""), "删去在用字段“stage”"),
        (("- name: stage", "- name: school_stage"), "字段“stage”改名为“school_stage”"),
        ((STAGE, f"{STAGE}        required: true\n"), "字段“stage”由可空改为必填"),
    ],
    ids=["removed", "renamed", "narrowed"],
)
def test_a_field_in_use_is_not_taken_away(change: tuple[str, str], word: str, registry: Registry, tmp_path: Path) -> None:
    """The refusal says what would break, and which forms and measures use it; lint says so before anybody sends it."""
    text = contract(ENROLMENT, change)
    refused = registry.education.put(f"/contracts/{ENROLMENT}", content=text)
    assert (refused.status_code, refused.json()["code"]) == (409, "publish_breaking")
    (reason,) = [error["detail"] for error in refused.json()["errors"]]
    assert word in reason
    assert "school-age-children-roster" in reason
    assert "pupils" in reason
    assert registry.version(ENROLMENT) == "1.0.0"

    linted = registry.machine.command("lint", saved(tmp_path, "enrolment.yaml", text))
    assert linted.exit_code == 1
    assert word in linted.stdout
    english = registry.education.put(f"/contracts/{ENROLMENT}", content=text, headers={"Accept-Language": "en"}).json()
    assert not [character for character in english["detail"] + english["errors"][0]["detail"] if "\u4e00" <= character <= "\u9fff"]


def test_on_the_command_line_a_refusal_is_plain_lines_with_the_reasons(registry: Registry, tmp_path: Path) -> None:
    file = saved(tmp_path, "enrolment.yaml", contract(ENROLMENT, (STAGE_WHOLE, "")))
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli", "publish", str(file), "--home", str(registry.machine.home)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("yibiao: education.enrolment：删去在用字段“stage”")
    assert "school-age-children-roster" in line


def test_a_second_authority_is_refused_with_the_first_ones_name(registry: Registry, tmp_path: Path) -> None:
    """The schools know where their pupils live, and may say so only if public security, whose word it is, agrees to the order."""
    field = (
        "      - name: village\n        physicalName: jzd\n        logicalType: string\n"
        "        authoritativeDefinitions: [{type: dataElement, url: person.village}]\n"
        "        customProperties:\n          - {property: speaksOf, value: person}\n    quality:\n"
    )
    text = contract(ENROLMENT, ("    quality:\n", field))
    refused = registry.education.put(f"/contracts/{ENROLMENT}", params={"dry_run": True}, content=text)
    assert refused.status_code == 409
    (reason,) = refused.json()["errors"]
    assert "public-security.resident" in reason["detail"]
    (mistake,) = lint(registry, saved(tmp_path, "enrolment.yaml", text))
    assert "public-security.resident" in mistake["what"]
    assert text.splitlines()[mistake["line"] - 1].strip() == "- name: village"
    assert "authority.order" in mistake["remedy"]


def test_of_two_suppliers_the_new_one_is_blamed_though_its_file_comes_first(registry: Registry, tmp_path: Path) -> None:
    shutil.copytree(definition_roots()[1], tmp_path / "contracts")
    (tmp_path / "contracts" / "agriculture").mkdir()
    resident = rewritten("contracts/public-security/resident.yaml", ("id: public-security.resident", "id: agriculture.resident"))
    saved(tmp_path / "contracts" / "agriculture", "resident.yaml", resident)
    found = [mistake for mistake in lint(registry, tmp_path / "contracts") if mistake["code"] == "registry_owned_twice"]
    assert found
    for mistake in found:
        assert mistake["file"].endswith("agriculture/resident.yaml")
        assert "已由“public-security.resident”提供" in mistake["what"]


def test_a_form_that_asks_for_what_a_department_supplies_is_refused_with_the_source(registry: Registry, tmp_path: Path) -> None:
    file = saved(tmp_path, "summer-camp.yaml", ROSTER)
    (mistake,) = lint(registry, file)
    assert ROSTER.splitlines()[mistake["line"] - 1].strip().startswith("- {name: nation")
    assert "public-security.resident" in mistake["what"]
    published = registry.machine.command("publish", file)
    assert published.exit_code == 1
    assert "public-security.resident" in str(published.exception.text("zh"))  # type: ignore[union-attr]
    assert "summer-camp" not in registry.education.get("/forms").text

    # Asked as an element, the same column comes filled: nobody needs to type it.
    assert lint(registry, saved(tmp_path, "summer-camp.yaml", ROSTER.replace("entry: ethnic_group", "element: ethnic_group"))) == []


@pytest.mark.parametrize(
    ("change", "at", "what"),
    [
        (("min: 1, max: 2000000", "min: 9, max: 1"), "some_rows", "max"),
        (("rule: in_set, fields: [sex], values: ['1', '2']", "rule: between, fields: [sex], min: 1, max: 2"), "sex_values", "sex"),
    ],
    ids=["nothing fits", "not for codes"],
)
def test_a_quality_rule_that_can_be_no_check_is_refused_before_a_batch_meets_it(
    change: tuple[str, str], at: str, what: str, registry: Registry, tmp_path: Path
) -> None:
    text = contract(ENROLMENT, change)
    (mistake,) = lint(registry, saved(tmp_path, "enrolment.yaml", text))
    assert text.splitlines()[mistake["line"] - 1].strip() == f"- name: {at}"
    assert what in mistake["what"]
    assert mistake["remedy"]
    refused = registry.education.put(f"/contracts/{ENROLMENT}", params={"dry_run": True}, content=text)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["file"], error["line"]) == ("contracts/education/enrolment.yaml", mistake["line"])


@pytest.mark.parametrize("cron", ["50 24 1 * *", "50 3 31-1 * *"])
def test_a_schedule_that_nobody_can_keep_is_refused(cron: str, registry: Registry, tmp_path: Path) -> None:
    text = contract(ENROLMENT, ("50 3 1 * *", cron))
    (mistake,) = lint(registry, saved(tmp_path, "enrolment.yaml", text))
    assert cron in text.splitlines()[mistake["line"] - 1]
    assert cron in mistake["what"]
    assert "0 2 1 * *" in mistake["remedy"]
    assert registry.education.put(f"/contracts/{ENROLMENT}", params={"dry_run": True}, content=text).status_code == 422


def test_a_schedule_may_name_days_as_cron_does(registry: Registry, tmp_path: Path) -> None:
    assert lint(registry, saved(tmp_path, "enrolment.yaml", contract(ENROLMENT, ("50 3 1 * *", "50 3 * * MON-FRI")))) == []


@pytest.mark.parametrize(
    "source",
    [
        "{kind: sql, url: 'sqlite:///human-resources/hr.db', query: select * from v_insurance}",
        "{kind: http, base_url: 'http://127.0.0.1:9', token_secret: health-url}",
        "{kind: files, folder: public-security, pattern: x, format: csv}",
        "{kind: files, folder: education/../public-security, pattern: x, format: csv}",
    ],
)
def test_a_department_does_not_send_the_hub_to_fetch_from_others(source: str, registry: Registry) -> None:
    text = contract(ENROLMENT)
    start = text.index("  - property: source\n")
    following = text.find("\n  - property:", start + 1)
    told = text[:start] + f"  - property: source\n    value: {source}" + (text[following:] if following > 0 else "\n")
    refused = registry.education.put(f"/contracts/{ENROLMENT}", params={"dry_run": True}, content=told)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden_source")


def test_nobody_publishes_for_another_department(registry: Registry) -> None:
    refused = registry.health.put(f"/contracts/{SCHOOL}", params={"dry_run": True}, content=with_boarders())
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden_send")


def test_a_file_published_from_another_folder_is_the_same_definition(registry: Registry, tmp_path: Path) -> None:
    """Unchanged it is nothing new; changed it replaces what is in force, and the hub still opens."""
    shipped = definition_roots()[1] / "health"
    assert not registry.machine.told("publish", shipped)["published"]
    file = saved(tmp_path, "renamed.yaml", contract("health.maternity", ("name: 孕产妇保健", "name: 孕产妇保健名录")))
    assert registry.machine.told("publish", file)["published"]
    assert registry.machine.told("doctor")
    assert not registry.machine.told("publish", file)["published"]


def test_the_command_line_tells_every_change_and_the_documents(registry: Registry, tmp_path: Path) -> None:
    measure = ("value: count(distinct household)", "value: count(*)")
    file = saved(tmp_path, "population.yaml", rewritten("schemas/measures/population.yaml", measure))
    said = registry.machine.command("publish", "--dry-run", file).stdout
    change = "[redefines] registered_households: 指标“registered_households”的 value 由“count(distinct household)”改为“count(*)”"
    assert change in said
    assert "[forms] 表单“village-basics”显示指标“registered_households”" in said
    assert said.endswith("试运行，未发布 dry run: 1\n  schemas/measures/population.yaml\n")
    assert change in registry.machine.command("lint", file).stdout


def test_what_a_file_leaves_out_is_refused_in_its_folder_and_told_elsewhere(registry: Registry, tmp_path: Path) -> None:
    """A definition is taken away by its own document alone: under another name the rest of it stays, and that is said."""
    text = rewritten("schemas/measures/population.yaml", (DEFINITION, ""))
    folder = tmp_path / "schemas" / "measures"
    folder.mkdir(parents=True)
    saved(folder, "population.yaml", text)
    refused = registry.machine.command("publish", "--dry-run", tmp_path / "schemas")
    assert refused.exit_code == 1
    assert registry.machine.command("lint", tmp_path / "schemas").exit_code == 1

    elsewhere = saved(tmp_path, "population.yaml", text)
    for said in (registry.machine.command("publish", "--dry-run", elsewhere), registry.machine.command("lint", elsewhere)):
        (line,) = [line for line in said.stdout.splitlines() if line.startswith("[documents]")]
        assert "“schemas/measures/population.yaml”的一部分,其余 1 项(registered_households)照旧有效" in line


def lint(registry: Registry, *files: Path) -> list[dict[str, Any]]:
    """The mistakes that ``yibiao lint`` tells; it ends with 1 where there are any."""
    done = registry.machine.command("lint", *files, "--json")
    found: list[dict[str, Any]] = json.loads(done.stdout)["mistakes"]
    assert done.exit_code == (1 if found else 0)
    return found
