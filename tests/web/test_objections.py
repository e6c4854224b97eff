"""Objections and corrections by HTTP: a township says that something is wrong, the department answers once, every cell knows.

These hubs are changed for good (decisions, forms, batches), so they are their own."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from hub import worker
from hub.core.clock import WorkingDays, parse_period
from hub.forms.filling import report_at
from hub.forms.raised import raised_in
from hub.publish import publish
from hub.sample.city import City
from hub.sample.exports import columns, text
from hub.store.current import known_now
from hub.store.definitions import Written
from hub.store.engine import writing
from hub.store.ledger_tables import decision, evidence, objection, objector
from hub.store.objections import State, write_answer
from tests.postgres import fresh_database
from tests.store.counting import statements
from tests.web.conftest import Town, _copied, _filled, _town
from tests.web.test_accessibility import lacking
from tests.web.test_work import Browser as Session
from tests.web.test_work import through

API = "/api/v1"
FORM, PERIOD = "elderly-roster", "2026Q3"
RESIDENT = "public-security.resident"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture(scope="module")
def own_sqlite(city: City, filled_home: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from _copied(city, filled_home, tmp_path_factory.mktemp("objections"))


@pytest.fixture(scope="module")
def own_postgres(city: City, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with fresh_database(postgres_url) as database:
        yield from _town(city, _filled(city, tmp_path_factory.mktemp("objections-postgresql"), database))


@pytest.fixture(params=["own_sqlite", "own_postgres"], ids=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest) -> Town:
    made: Town = request.getfixturevalue(request.param)
    with made.client("bureau") as client:
        assert client.put(f"{API}/forms/{FORM}/periods/{PERIOD}").status_code == 200
    return made


def post(town: Town, role: str, path: str, body: Any, status: int = 200) -> Any:
    with town.client(role) as client:
        answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def object_to(
    town: Town, status: int = 201, role: str = "village", form: str = FORM, period: str = PERIOD, unit: str = "", **claim: str
) -> Any:
    return post(town, role, f"{API}/forms/{form}/reports/{unit or town.village}/{period}/objections", claim, status)


def value(town: Town, line: str, field: str, proposed: str, status: int = 201, **more: str) -> Any:
    return object_to(town, status, kind="value", line=line, field=field, proposed=proposed, reason="与户口簿不符", **more)


def answer(town: Town, ids: list[int], accept: bool, reason: str = "", role: str = "public-security") -> list[dict[str, Any]]:
    return list(post(town, role, f"{API}/corrections/answers", {"ids": ids, "accept": accept, "reason": reason})["items"])


def queue(town: Town, role: str, state: str = "open") -> dict[int, dict[str, Any]]:
    return {item["id"]: item for item in town.get(role, f"{API}/corrections?state={state}").json()["items"]}


def lines(town: Town, form: str = FORM, period: str = PERIOD, unit: str = "", role: str = "township") -> list[dict[str, Any]]:
    found = town.get(role, f"{API}/forms/{form}/reports/{unit or town.village}/{period}")
    assert found.status_code == 200, found.text
    return list(found.json()["sections"][0]["lines"])


def line(town: Town, code: str, **where: str) -> dict[str, Any]:
    return next(one for one in lines(town, **where) if one["code"] == code)


def work(town: Town, unit: str = "") -> dict[str, Any]:
    (found,) = town.get("township", f"{API}/forms/{FORM}/reports/{unit or town.village}/{PERIOD}/work").json()["units"]
    return dict(found)


def due(town: Town, unit: str) -> dict[str, Any]:
    items = town.get("township", f"{API}/due").json()["items"]
    found = next(item for item in items if (item["form"], item["period"]) == (FORM, PERIOD))
    return dict(next(one for one in found["units"] if one["unit"] == unit))


def act(town: Town, role: str, name: str, unit: str, reason: str = "") -> dict[str, Any]:
    (done,) = post(town, role, f"{API}/forms/{FORM}/periods/{PERIOD}/acts", {"act": name, "units": [unit], "reason": reason})["items"]
    return dict(done)


def confirm_all(town: Town, unit: str) -> None:
    edit = {"key": f"confirm-{unit}-{work(town, unit)['digest'][:8]}", "unit": unit, "kind": "confirm", "lines": work(town, unit)["marks"]}
    (done,) = post(town, "township", f"{API}/forms/{FORM}/periods/{PERIOD}/edits", {"edits": [edit]})["outcomes"]
    assert done["fate"] == "saved"


def residents(town: Town) -> list[Any]:
    """The register as public security delivered it last."""
    return list(town.city.rows[2][RESIDENT])


def neighbour(town: Town) -> str:
    """The other village of the township in which people live."""
    found = sorted({row.village for row in residents(town) if town.city.places.tree[row.village].parent == town.township})
    return str(next(village for village in found if village != town.village))


# F73: a line that should not be there -----------------------------------------------------------------------------------


def test_f73_a_dead_person_still_paid_is_said_once_and_goes_to_civil_affairs(desk: Town) -> None:
    town = desk
    before = lines(town)[0]
    assert before["cells"]["allowance"]["value"] == "80.00"
    made = object_to(town, kind="died", line=before["code"], reason="七月去世，仍在发放")
    assert (made["department"], made["joined"], made["entity"]) == ("civil-affairs", False, "person")
    assert made["name"] == before["cells"]["name"]["text"]
    assert "民政" in made["told"]

    now = line(town, before["code"])
    assert (now["objection"]["kind"], now["objection"]["state"]) == ("died", "open")
    assert now["cells"] == before["cells"], "the amount is counted as the department says, and the line is flagged"
    assert made["id"] in queue(town, "civil-affairs")
    assert made["id"] not in queue(town, "public-security")
    again = object_to(town, 200, role="township", kind="died", line=before["code"])
    assert (again["id"], again["joined"]) == (made["id"], True)
    assert str(made["id"]) in again["told"]

    book = openpyxl.load_workbook(io.BytesIO(town.get("township", f"{API}/forms/{FORM}/reports/{town.village}/{PERIOD}.xlsx").content))
    texts = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert any(f"异议 {made['id']}" in one and "人已死亡" in one and "仍计入" in one for one in texts), "footnote"
    (waiting,) = [one for one in work(town)["problems"] if one["code"] == "lines_not_confirmed"]
    assert waiting["detail"].count(str(len(lines(town)) - 1)), "a line that is objected to waits for no confirmation"

    done = answer(town, [made["id"]], True, "已停发", role="civil-affairs")
    assert done == [{"id": made["id"], "state": "accepted", "done": True}]
    assert (line(town, before["code"])["objection"]["state"], line(town, before["code"])["objection"]["answer"]) == ("accepted", "已停发")


def test_a_line_goes_to_the_department_of_the_column_that_is_named(desk: Town) -> None:
    code = lines(desk)[1]["code"]
    made = object_to(desk, kind="not_eligible", line=code, field="pension", reason="养老金已停")
    assert made["department"] == "human-resources"
    assert made["list"] == f"{FORM}.roster"


def test_somebody_missing_is_asked_of_who_answers_for_the_list(desk: Town) -> None:
    assert object_to(desk, 422, kind="missing", reason="八十岁了")["code"] == "objection_who"
    made = object_to(desk, kind="missing", proposed="王大山 1944年生", reason="已满八十周岁")
    assert (made["department"], made["kind"], made["proposed"]) == ("civil-affairs", "missing", "王大山 1944年生")
    assert object_to(desk, 200, role="township", kind="missing", proposed="王大山1944年生", reason="漏了")["id"] == made["id"]
    answer(desk, [made["id"]], False, "不满八十周岁", role="civil-affairs")


# F74: one value in many forms -------------------------------------------------------------------------------------------

LISTS = {
    "f74-one": "village",
    "f74-two": "registered_village",
    "f74-three": "village",
    "f74-four": "registered_village",
    "f74-five": "village",
}
YOUNG = """
kind: Form
id: {id}
version: 1.0.0
title: {{zh: 名单 {id}, en: List {id}}}
asked_by: 民政
unit: village
frequency: quarterly
number: 示例{id}
maker: 某市民政局(示例)
approval: 某民表〔2026〕第9号(示例)
expires: 2028-12-31
legal_basis: 示例
sections:
  - name: roster
    title: {{zh: 名单, en: List}}
    kind: roster
    of: person
    where: life_status = '1'
    by: {by}
    order: [citizen_id]
    fields:
      - {{name: name, title: {{zh: 姓名, en: name}}, element: name}}
      - {{name: birth_date, title: {{zh: 出生日期, en: birth date}}, element: birth_date{meanwhile}}}
      - {{name: age, title: {{zh: 年龄, en: age}}, formula: "years_between(birth_date, :period_end)"}}
rules:
  - {{name: grown, title: {{zh: 年满十六, en: sixteen or over}}, section: roster, holds: "age >= 16", severity: warn}}
"""


def published(town: Town) -> None:
    written = [
        Written(f"schemas/forms/{name}.yaml", YOUNG.format(id=name, by=by, meanwhile=", meanwhile: proposed" if name == "f74-five" else ""))
        for name, by in LISTS.items()
    ]
    publish(town.hub.reopened(), written, "test")


def test_f74_one_wrong_birth_date_in_five_forms_and_two_villages_is_answered_once(desk: Town) -> None:
    town, other = desk, neighbour(desk)
    published(town)
    row: Any = next(r for r in residents(town) if r.village == town.village and r.registered_village == other and r.life_status == "1")
    units = {form: town.village if by == "village" else other for form, by in LISTS.items()}

    def cells(form: str) -> dict[str, Any]:
        (found,) = [one for one in lines(town, form, PERIOD, units[form]) if one["cells"]["name"]["text"] == row.name]
        return dict(found["cells"], code=found["code"])

    first = cells("f74-one")
    assert first["birth_date"]["value"] == row.birth_date.isoformat()
    wanted = row.birth_date.replace(year=row.birth_date.year + 12)
    made = value(town, first["code"], "birth_date", wanted.isoformat(), form="f74-one")
    assert (made["element"], made["department"], made["contract"]) == ("person.birth_date", "public-security", RESIDENT)
    assert (made["stands"], made["proposed"]) == (row.birth_date.isoformat(), wanted.isoformat())
    assert made["deadline"] == WorkingDays().after(town.hub.today(), 10).isoformat()

    for form in LISTS:
        shown = cells(form)["birth_date"]
        told = {"proposed": wanted.isoformat(), "source": row.birth_date.isoformat(), "state": "open", "deadline": made["deadline"]}
        assert (shown["state"], {name: shown["objection"][name] for name in told}) == ("objected", told), form
        assert shown["value"] == (wanted if form == "f74-five" else row.birth_date).isoformat(), "which value it carries, its form says"
    assert cells("f74-five")["age"]["value"] == cells("f74-one")["age"]["value"] - 12, "formulas use the value that is carried"
    broken = town.get("township", f"{API}/forms/f74-five/reports/{units['f74-five']}/{PERIOD}").json()["broken_rules"]
    assert len(broken) == 1 + len(town.get("township", f"{API}/forms/f74-one/reports/{town.village}/{PERIOD}").json()["broken_rules"])

    second = value(town, cells("f74-two")["code"], "birth_date", wanted.isoformat(), 200, role="township", form="f74-two", unit=other)
    assert (second["id"], second["joined"]) == (made["id"], True)
    assert list(queue(town, "public-security")[made["id"]]["places"]) == [town.city.places.tree[v].name for v in (town.village, other)]

    assert answer(town, [made["id"]], True, "已更正")[0]["done"]
    for form in LISTS:
        shown = cells(form)["birth_date"]
        assert (shown["value"], shown["state"], shown["objection"]["state"]) == (wanted.isoformat(), "filled", "accepted"), form
    assert made["id"] not in queue(town, "public-security")
    assert queue(town, "public-security", "answered")[made["id"]]["answer"]["reason"] == "已更正"


# F75: the answer comes when the report has gone -------------------------------------------------------------------------


def test_f75_an_open_objection_blocks_nothing_and_a_late_answer_marks_the_frozen_report(desk: Town) -> None:
    town, unit = desk, neighbour(desk)
    code = lines(town, unit=unit)[0]["code"]
    made = value(town, code, "sex", "1" if line(town, code, unit=unit)["cells"]["sex"]["value"] == "2" else "2", unit=unit, role="township")
    confirm_all(town, unit)
    for role, name in (("township", "submit"), ("approver", "approve"), ("county", "approve")):
        assert act(town, role, name, unit)["done"], name
    submitted = line(town, code, unit=unit)
    assert submitted["cells"]["sex"]["objection"]["state"] == "open"
    value(town, lines(town, unit=unit)[1]["code"], "address", "灰坪村1号", unit=unit, role="township")
    assert "objection" not in lines(town, unit=unit)[1]["cells"]["address"], "what is said afterwards is not in what was submitted"

    assert act(town, "county", "freeze", unit)["done"]
    worker.run(town.hub.reopened(), once=True)
    assert work(town, unit)["standing"] == "frozen"
    frozen = town.get("township", f"{API}/forms/{FORM}/reports/{unit}/{PERIOD}").content
    assert (work(town, unit)["corrected"], due(town, unit)["corrected"]) == (False, False)
    with town.client(None, **{"Accept-Language": "zh"}) as client:
        client.get(f"/sign-in?token={town.tokens['township']}")
        told = f"异议 {made['id']}：部门为“{made['stands']}”，填报人认为应为“{made['proposed']}”"
        for page in (f"/reports/{FORM}/{unit}/{PERIOD}", f"/reports/{FORM}/{unit}/{PERIOD}/print"):
            assert told in client.get(page).text, page
    book = openpyxl.load_workbook(io.BytesIO(town.get("township", f"{API}/forms/{FORM}/reports/{unit}/{PERIOD}.xlsx").content))
    assert any(told in str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row), "footnote on page, Excel and print"

    assert answer(town, [made["id"]], True, "已更正")[0]["state"] == "accepted"
    assert town.get("township", f"{API}/forms/{FORM}/reports/{unit}/{PERIOD}").content == frozen, "the frozen one is unchanged"
    assert (work(town, unit)["corrected"], due(town, unit)["corrected"]) == (True, True)
    assert due(town, town.village)["corrected"] is False
    assert "revise" in work(town, unit)["acts"]

    assert act(town, "township", "revise", unit, "性别已更正")["standing"] == "draft"
    again = line(town, code, unit=unit)["cells"]["sex"]
    assert (again["text"], again["objection"]["state"]) == (made["proposed"], "accepted")
    assert (work(town, unit)["corrected"], due(town, unit)["corrected"]) == (False, False)


# The department's data after a yes --------------------------------------------------------------------------------------


def deliver(town: Town, row: Any, **changes: Any) -> None:
    """The department sends one row of its register, as it writes it."""
    changed = replace(row, **changes, updated_at=row.updated_at + timedelta(days=30))
    written = {name: text(read(changed)) for name, read in columns(town.city.places)[RESIDENT].items()}
    content = ",".join(written) + "\r\n" + ",".join(f'"{cell}"' for cell in written.values()) + "\r\n"
    with town.client("public-security") as client:
        path = f"{API}/contracts/{RESIDENT}/batches?as_of=2026-11-20&kind=delta&name=r.csv"
        sent = client.post(path, content=content.encode("gb18030"))
        assert sent.status_code == 202, sent.text
        worker.run(town.hub.reopened(), once=True)
        job = client.get(sent.headers["location"]).json()
        batch = client.get(f"{API}/batches/{job['outcome']['batches'][0]['batch']}").json()
    assert (batch["state"], batch["accepted"]) == ("closed", 1), batch


def test_an_accepted_correction_is_done_when_the_next_delivery_agrees_and_reopens_when_it_does_not(desk: Town) -> None:
    town = desk
    still = {one["code"] for one in lines(town, period="2026Q4")}
    chosen = [one for one in lines(town)[2:] if one["code"] in still][:2]
    people: dict[str, Any] = {row.citizen_id: row for row in residents(town)}
    ids = [value(town, one["code"], "address", f"灰坪村{place}号", role="township")["id"] for place, one in enumerate(chosen, 900)]
    with town.client("township") as client:
        kept = client.post(f"{API}/objections/{ids[1]}/evidence?name=户口簿.png", content=PNG)
    assert kept.status_code == 201, kept.text
    assert [one["done"] for one in answer(town, ids, True)] == [True, True]
    assert [line(town, one["code"])["cells"]["address"]["text"] for one in chosen] == ["灰坪村900号", "灰坪村901号"]

    agreeing, differing = (people[one["cells"]["citizen_id"]["value"]] for one in chosen)
    deliver(town, agreeing, address="灰坪村900号")
    deliver(town, differing, address="灰坪村77号")
    answered = queue(town, "public-security", "answered")
    assert (answered[ids[0]]["state"], answered[ids[1]]["state"]) == ("agreed", "reopened")
    (again,) = [one for one in queue(town, "public-security").values() if one["reopens"] == ids[1]]
    assert (again["proposed"], again["deadline"]) == ("灰坪村901号", WorkingDays().after(town.hub.today(), 10).isoformat())
    assert [one["unit"] for one in again["raised"]] == [town.village]
    (file,) = again["evidence"]
    assert town.get("public-security", file["href"]).content == PNG
    shown = line(town, chosen[1]["code"], period="2026Q4")["cells"]["address"]
    assert (shown["state"], shown["text"], shown["objection"]["id"]) == ("objected", "灰坪村77号", again["id"])
    assert line(town, chosen[0]["code"], period="2026Q4")["cells"]["address"]["state"] == "filled"
    answer(town, [again["id"]], False, "现址为77号")


def test_where_nothing_is_objected_to_a_report_asks_one_question_more(desk: Town) -> None:
    """And one alone, whatever the number of villages and lines: of a period that began after the last answer, here."""
    hub = desk.hub.reopened()
    form = hub.catalog.forms[FORM]
    with hub.engine.connect() as connection:
        reports = {desk.village: report_at(hub, FORM, desk.village, PERIOD, known_now(connection))}
    with writing(hub.engine) as connection:
        for number in connection.execute(select(objection.c.id).where(objection.c.state == State.OPEN.value)).scalars().all():
            assert write_answer(connection, hub.vault, number, State.REJECTED, "与档案一致", "test", hub.micros())
    with hub.engine.connect() as connection, statements(hub.engine) as found:
        assert raised_in(connection, hub, form, parse_period("2027Q2"), {}, reports) == {}
    assert len([one for one in found if "SELECT" in one]) == 1


# Answers ----------------------------------------------------------------------------------------------------------------


def test_a_no_comes_back_with_its_reason_and_a_selection_is_answered_at_once(desk: Town) -> None:
    chosen = lines(desk)[4:7]
    ids = [value(desk, one["code"], "name", f"张样{sign}")["id"] for sign, one in zip("甲乙丙", chosen, strict=True)]
    assert (
        post(desk, "public-security", f"{API}/corrections/answers", {"ids": ids, "accept": False}, 422)["code"]
        == "correction_reject_reason"
    )
    done = answer(desk, [*ids, 999_999], False, "与档案一致")
    assert [one["done"] for one in done] == [True, True, True, False]
    assert done[3]["code"] == "correction_not_found"
    for before in chosen:
        shown = line(desk, before["code"])["cells"]["name"]
        assert (shown["text"], shown["state"]) == (before["cells"]["name"]["text"], "filled")
        assert (shown["objection"]["state"], shown["objection"]["answer"]) == ("rejected", "与档案一致")
    (twice,) = answer(desk, ids[:1], True)
    assert (twice["done"], twice["code"]) == (False, "correction_answered")
    again = value(desk, chosen[0]["code"], "name", "张样丁")
    assert again["id"] not in ids, "after an answer it may be asked anew"
    answer(desk, [again["id"]], False, "与档案一致")


def test_only_the_department_that_was_asked_answers_and_sees(desk: Town) -> None:
    made = value(desk, lines(desk)[7]["code"], "sex", "1" if lines(desk)[7]["cells"]["sex"]["value"] == "2" else "2")
    number = made["id"]
    assert post(desk, "township", f"{API}/corrections/answers", {"ids": [number], "accept": True}, 403)["code"] == "may_not_answer"
    (other,) = answer(desk, [number], True, role="health")
    assert (other["done"], other["code"]) == (False, "correction_not_found")
    assert number in queue(desk, "public-security")
    assert {role for role in ("health", "other", "bureau") if number in queue(desk, role, "all")} == set()
    assert number in queue(desk, "village")
    assert number in queue(desk, "township")
    assert number in queue(desk, "county")
    counted = desk.get("bureau", f"{API}/corrections").json()
    assert counted["items"] == []
    (mine,) = [one for one in counted["counts"] if (one["department"], one["state"]) == ("public-security", "open")]
    assert mine["count"] >= 1
    assert desk.get("township", f"{API}/corrections").json()["counts"] == []
    answer(desk, [number], False, "与档案一致")


# What cannot be objected to ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "status", "code"),
    [
        ({"field": "visit_note", "proposed": "x"}, 409, "objection_type_it"),
        ({"field": "age", "proposed": "81"}, 409, "objection_counted"),
        ({"field": "allowance", "proposed": "100"}, 409, "objection_composed"),
        ({"field": "alone", "proposed": "是"}, 409, "objection_composed"),
        ({"field": "citizen_id", "proposed": "330802195106088035"}, 409, "objection_key"),
        ({"field": "nothing", "proposed": "x"}, 404, "field_not_found"),
        ({"field": "birth_date", "proposed": ""}, 422, "objection_proposal"),
        ({"field": "birth_date", "proposed": "1941-02-30"}, 422, "entry_wrong"),
        ({"field": "birth_date", "proposed": "1941-02-03", "reason": " "}, 422, "objection_reason"),
        ({"field": "birth_date", "proposed": "1941-02-03", "line": "0000000000"}, 404, "line_not_found"),
        ({"kind": "other_village", "field": ""}, 422, "objection_proposal"),
    ],
)  # fmt: skip
def test_what_cannot_be_objected_to_is_said_in_words(desk: Town, claim: dict[str, str], status: int, code: str) -> None:
    sent = {"kind": "value", "line": lines(desk)[0]["code"], "reason": "有误", **claim}
    assert object_to(desk, status, **sent)["code"] == code


def test_the_same_value_is_no_objection(desk: Town) -> None:
    one = lines(desk)[0]
    assert value(desk, one["code"], "sex", one["cells"]["sex"]["value"], 409)["code"] == "objection_same"


def test_only_who_fills_in_the_area_objects(desk: Town) -> None:
    code = lines(desk)[0]["code"]
    for role, wrong in (
        ("approver", "may_not_fill"),
        ("county", "may_not_fill"),
        ("public-security", "may_not_fill"),
        ("other", "outside_area"),
    ):
        assert value(desk, code, "sex", "1", 403, role=role)["code"] == wrong
    assert value(desk, lines(desk, unit=neighbour(desk))[0]["code"], "sex", "1", 403, unit=neighbour(desk))["code"] == "outside_area"


# Evidence ---------------------------------------------------------------------------------------------------------------


def test_evidence_is_told_by_its_content_kept_sealed_and_read_by_both_sides(desk: Town) -> None:
    number = value(desk, lines(desk)[8]["code"], "address", "灰坪村12号")["id"]
    path = f"{API}/objections/{number}/evidence"
    with desk.client("village") as client:
        sent = client.post(path, files={"file": ("户口簿.pdf", PDF)})
        assert sent.status_code == 201, sent.text
        assert (sent.json()["name"], sent.json()["type"]) == ("户口簿.pdf", "application/pdf")
        assert client.post(path, files={"file": ("again.pdf", PDF)}).json()["id"] == sent.json()["id"], "the same file once"
        renamed = client.post(path, files={"file": ("photo.jpg", b"MZ\x90\x00" + b"\0" * 100)})
        assert (renamed.status_code, renamed.json()["code"]) == (422, "evidence_type")
        large = client.post(f"{path}?name=a.pdf", content=PDF + b"\0" * (10 << 20))
        assert (large.status_code, large.json()["code"]) == (422, "evidence_too_large")
        assert client.post(f"{path}?name=a.pdf", content=b"").json()["code"] == "evidence_empty"
        assert client.post(f"{API}/objections/999999/evidence?name=a.pdf", content=PDF).status_code == 404
    href = sent.json()["href"]
    for role in ("village", "township", "public-security"):
        read = desk.get(role, href)
        assert (read.status_code, read.content, read.headers["content-type"]) == (200, PDF, "application/pdf")
        assert read.headers["content-disposition"].startswith("attachment")
    assert {role: desk.get(role, href).status_code for role in ("other", "health", "bureau")} == dict.fromkeys(
        ("other", "health", "bureau"), 404
    )
    with desk.client("other") as client:
        assert client.post(path, files={"file": ("a.pdf", PDF)}).status_code == 404
    kept = list((desk.hub.settings.home / "evidence").iterdir())
    assert kept
    assert not [file for file in kept if b"PDF" in file.read_bytes()]
    answer(desk, [number], False, "与档案一致")
    with desk.client("village") as client:
        assert client.post(path, files={"file": ("b.png", PNG)}).json()["code"] == "correction_answered"


# The page ---------------------------------------------------------------------------------------------------------------


def test_the_stewards_page_answers_a_selection_without_a_script(desk: Town) -> None:
    chosen = lines(desk)[5:7]
    ids = [value(desk, one["code"], "address", f"灰坪村5{place}号")["id"] for place, one in enumerate(chosen)]
    with desk.client(None, **{"Accept-Language": "zh"}) as client:
        client.get(f"/sign-in?token={desk.tokens['public-security']}")
        page = client.get("/corrections").text
        assert all(text in page for text in (chosen[0]["cells"]["name"]["text"], "灰坪村50号", "与户口簿不符", "2026-12-09"))
        assert 'href="/corrections" aria-current="page"' in page
        token = re.search(r'name="form_token" value="([^"]+)"', page)
        assert token is not None
        form = {"form_token": token[1], "answer": "reject"}
        assert client.post("/corrections", data={**form, "form_token": "wrong", "ids": ids}).status_code == 403
        assert "请先选择" in client.post("/corrections", data=form).text
        kept = client.post("/corrections", data={**form, "ids": ids})
        assert kept.status_code == 422
        assert "不采纳须写明理由" in kept.text
        assert kept.text.count(" checked") == 2, "the choice is kept"
        done = client.post("/corrections", data={**form, "ids": ids, "reason": "与档案一致"})
        assert "已答复 2 项" in done.text
        assert "与档案一致" in client.get("/corrections?state=answered").text
    assert not set(ids) & set(queue(desk, "public-security"))
    with desk.client(None) as client:
        client.get(f"/sign-in?token={desk.tokens['township']}")
        mine = client.get("/corrections?state=answered").text
        assert "与档案一致" in mine
        assert 'type="checkbox"' not in mine
        assert 'name="answer"' not in mine
    with desk.client(None) as client:
        client.get(f"/sign-in?token={desk.tokens['bureau']}")
        counted = client.get("/corrections?state=all").text
        assert chosen[0]["cells"]["name"]["text"] not in counted
        assert "灰坪村50号" not in counted


@pytest.mark.parametrize("width", [1280, 360])
def test_the_stewards_page_can_be_used_by_everybody_and_fits_a_telephone(own_sqlite: Town, browser: Browser, width: int) -> None:
    town = own_sqlite
    one = lines(town)[8]
    number = value(town, one["code"], "address", "浙江省衢州市衢江区灰坪乡灰坪村1008号东侧第三间")["id"]
    with town.client("village") as client:
        client.post(f"{API}/objections/{number}/evidence", files={"file": ("一个名字很长的户口簿扫描件第一页.png", PNG)})
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN", base_url=town.url)
    page = context.new_page()
    page.goto(f"/sign-in?token={town.tokens['public-security']}&next=/corrections")
    assert lacking(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label(f"选择更正 {number} {one['cells']['name']['text']}").check()
    page.get_by_label("答复说明（不采纳必填）").fill("与档案一致")
    page.get_by_role("button", name="不采纳所选").click()
    assert "已答复 1 项" in page.get_by_role("status").inner_text()
    context.close()


# Many at once, hostile texts, and what lies on the disk -------------------------------------------------------------------


def test_of_many_who_object_at_once_one_opens_and_the_others_join(desk: Town) -> None:
    one = lines(desk)[3]
    wanted = "1" if one["cells"]["sex"]["value"] == "2" else "2"
    claim = {"kind": "value", "line": one["code"], "field": "sex", "proposed": wanted, "reason": "与户口簿不符"}
    path = f"{API}/forms/{FORM}/reports/{desk.village}/{PERIOD}/objections"

    def send(role: str) -> tuple[int, Any]:
        with desk.client(role) as client:
            answered = client.post(path, json=claim)
        return answered.status_code, answered.json()["id"]

    with ThreadPoolExecutor(6) as pool:
        sent = list(pool.map(send, ["village", "township"] * 3))
    assert sorted(status for status, _ in sent) == [200] * 5 + [201]
    (number,) = {number for _, number in sent}

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda accept: answer(desk, [number], accept, "查过")[0], [True, False, True, False]))
    assert [one["done"] for one in done].count(True) == 1
    assert {one["code"] for one in done if not one["done"]} == {"correction_answered"}


def test_texts_of_objections_are_inert_on_the_page_and_sealed_in_the_database(desk: Town) -> None:
    one = lines(desk)[4]
    hostile = "<script>alert(1)</script>"
    number = value(desk, one["code"], "address", f"=HYPERLINK(1) {hostile}")["id"]
    with desk.client("township") as client:
        assert client.post(f"{API}/objections/{number}/evidence", files={"file": (f"{hostile}.png", PNG)}).status_code == 201
    with desk.client(None) as client:
        client.get(f"/sign-in?token={desk.tokens['public-security']}")
        page = client.get("/corrections").text
    assert hostile not in page
    assert "&lt;script&gt;" in page
    book = openpyxl.load_workbook(io.BytesIO(desk.get("township", f"{API}/forms/{FORM}/reports/{desk.village}/{PERIOD}.xlsx").content))
    assert not [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.data_type == "f"]
    with desk.hub.engine.connect() as connection:
        rows = [tuple(row) for table in (objection, objector, evidence, decision) for row in connection.execute(select(table))]
    stored = " ".join(str(part) for row in rows for part in row if isinstance(part, str))
    for text_of_somebody in ("script", "灰坪村", "户口簿", "去世", one["cells"]["name"]["text"]):
        assert text_of_somebody not in stored
    answer(desk, [number], False, "与档案一致")


def test_a_saved_cell_tells_what_typing_changes_and_leaves_what_is_objected_to(desk: Town) -> None:
    one = lines(desk)[6]
    number = value(desk, one["code"], "address", "灰坪村66号")["id"]
    edit = {"key": "objected-line-1", "unit": desk.village, "kind": "enter", "line": one["code"], "field": "visit_note", "text": "见过"}
    (saved,) = post(desk, "village", f"{API}/forms/{FORM}/periods/{PERIOD}/edits", {"edits": [edit]})["outcomes"]
    assert saved["fate"] == "saved"
    assert set(saved["line"]) == {"number", "age", "visit_date", "visit_note"}, "what people type, and what is computed"
    assert line(desk, one["code"])["cells"]["address"]["objection"]["id"] == number
    answer(desk, [number], False, "与档案一致")


def test_after_a_yes_the_value_can_be_objected_to_again(desk: Town) -> None:
    one = lines(desk)[7]
    first = value(desk, one["code"], "address", "灰坪村70号")
    answer(desk, [first["id"]], True)
    assert value(desk, one["code"], "address", "灰坪村70号", 409)["code"] == "objection_same"
    second = value(desk, one["code"], "address", "灰坪村71号")
    assert (second["department"], second["stands"]) == ("public-security", "灰坪村70号")
    answer(desk, [second["id"]], True)
    assert line(desk, one["code"])["cells"]["address"]["text"] == "灰坪村71号"


def test_a_selection_of_many_is_accepted_in_one_request(desk: Town) -> None:
    pupils = lines(desk, "school-age-children-roster", "2026S1")[:20]
    ids = [value(desk, one["code"], "birth_date", "2013-05-06", form="school-age-children-roster", period="2026S1")["id"] for one in pupils]
    done = answer(desk, ids, True, "整批核对")
    assert [one["state"] for one in done] == ["accepted"] * len(ids)
    now = {one["code"]: one["cells"]["birth_date"]["value"] for one in lines(desk, "school-age-children-roster", "2026S1")}
    assert {now[one["code"]] for one in pupils} == {"2013-05-06"}


def test_a_clerk_objects_on_a_page_and_sees_it_in_the_report(town: Town) -> None:
    """Without a script: the line's link, the column, what it should be, why, and a photograph."""
    period = "2026-08"
    clerk = Session(town, "township")
    with town.client("bureau") as client:
        client.put(f"/api/v1/forms/low-income-roster/periods/{period}")
    path = f"/reports/low-income-roster/{town.township}/{period}"
    html = clerk.get(path)
    link = re.search(rf'href="({path}/object\?line=(\w+))"', html)
    assert link is not None
    form = clerk.get(link[1])
    assert "户主姓名" in form
    told = clerk.post(f"{path}/object", form, (422,), kind="value", line=link[2], field="bank", proposed="中国农业银行", reason="")
    assert "理由" in told, "what was typed is kept, and the reason asked for"
    told = clerk.post(f"{path}/object", form, kind="value", line=link[2], field="bank", proposed="中国农业银行", reason="换了银行")
    assert "民政局" in told
    html = clerk.get(path)
    assert 'class="cell objected' in html
    assert "中国农业银行" in html
    assert "中国农业银行" in clerk.get(f"{path}/print"), "a footnote in print"


def test_a_value_that_was_corrected_is_told_with_its_answer_among_the_changes(desk: Town) -> None:
    before, now = "2025Q4", "2026Q1"
    through(desk, FORM, before, desk.village)
    with desk.client("bureau") as client:
        assert client.put(f"{API}/forms/{FORM}/periods/{now}").status_code == 200
    old = {one["code"] for one in lines(desk, period=before)}
    code = next(one["code"] for one in lines(desk, period=now) if one["code"] in old)
    opened = value(desk, code, "name", "欧阳建国", period=now)
    (done,) = answer(desk, [opened["id"]], accept=True, reason="户口簿登记如此")
    assert done["done"], done
    page = Session(desk, "township").get(f"/reports/{FORM}/{desk.village}/{now}")
    (row,) = re.findall(rf'<a href="#c-{code}">.*?</tr>', page.partition("changes-title")[2].partition("</table>")[0], re.DOTALL)
    assert "欧阳建国" in row
    assert "户口簿登记如此" in row
