"""The cases REP-*: what the sender is told, and how what was held comes back mended."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hub import worker
from hub.core.errors import YibiaoError
from hub.intake.checked import Context
from hub.intake.mending import HeldRow, mending_workbook
from hub.intake.mending_heads import RECORD
from hub.intake.normalise import normalise_frame, prepare
from hub.intake.port import Frame
from hub.intake.seal import open_raw
from hub.pipeline import Travelled
from hub.store import batches, jobs
from hub.store.batches import State
from hub.store.hub import Hub
from hub.store.jobs import JobKind, JobState
from tests.cases import looking
from tests.cases.hubs import AS_OF
from tests.cases.playing import contract_id, manifest, uploaded
from tests.cases.telling import well_told_finding, well_told_refusal
from tests.cases.test_intake import FILES
from tests.intake.bad import PEOPLE, RESIDENT, deliver, person, text_of, write

TYPO = "330802195106088036"  # the first person's id with its last digit mistyped


# REP-01: the quarantine goes out as a workbook and comes back --------------------------------------------------------


def _workbook(hub: Hub, batch: int) -> bytes:
    """What the department downloads of a batch."""
    contract = hub.catalog.contracts[RESIDENT]
    findings: dict[int, list[dict[str, Any]]] = {}
    with hub.engine.connect() as connection:
        held = batches.quarantine_of(connection, batch)
        for found in batches.findings_of(connection, batch):
            findings.setdefault(found["record"], []).append(found)
    cells = open_raw([raw for _, _, raw in held], contract, hub.vault)
    rows = [HeldRow(record, row, findings[record]) for (record, _, _), row in zip(held, cells, strict=True)]
    return mending_workbook(contract, rows)


@pytest.fixture
def held(any_hub: Hub, tmp_path: Path) -> Travelled:
    """One good row, and three that are held: no name, an id with a typing error and an unknown village, a bad date."""
    rows = [
        person(2), person(1, 姓名=""), person(0, **{"公民身份号码": TYPO, "户籍村(居)委会代码": "330802005999"}),
        person(0, 公民身份号码="330802195409028080", 姓名="陈样戊", 性别="2", 出生日期="19540931"),
    ]  # fmt: skip
    came = deliver(any_hub, write(tmp_path, "march.csv", text_of(rows)))
    assert (came.state, came.accepted, came.quarantined) == (State.CLOSED, 1, 3)
    return came


def _two_mended(hub: Hub, batch: int) -> openpyxl.Workbook:
    """The workbook of the rows that ``held`` holds, with the first two mended and the third as it was."""
    book = openpyxl.load_workbook(io.BytesIO(_workbook(hub, batch)))
    column = {cell.value: cell.column for cell in book.active[1]}
    book.active.cell(2, column["姓名"]).value = "张样丙"
    book.active.cell(3, column["公民身份号码"]).value = PEOPLE[0][0]
    book.active.cell(3, column["户籍村(居)委会代码"]).value = "330802005004"
    return book


def _mend(hub: Hub, parent: int, book: openpyxl.Workbook, folder: Path) -> tuple[JobState, batches.Batch]:
    """Send a mended workbook the way that an upload goes, and let a worker take it."""
    place = folder / f"upload-{parent}"
    place.mkdir()
    book.save(place / "mended.xlsx")
    payload = {"path": str(place / "mended.xlsx"), "as_of": AS_OF.isoformat(), "kind": "mend", "parent": parent}
    with hub.engine.begin() as connection:
        job, _ = jobs.ask(connection, JobKind.UPLOAD, RESIDENT, payload, "test", hub.micros())
    assert worker.run(hub, once=True) == 1
    with hub.engine.connect() as connection:
        return jobs.find_job(connection, job.id).state, batches.list_batches(connection, limit=1)[0]


def test_rep_01_all_cells_are_text_and_the_finding_stands_beside_its_cell(any_hub: Hub, held: Travelled) -> None:
    """REP-01, on its way out: no id can be rounded, because no cell is a number."""
    book = openpyxl.load_workbook(io.BytesIO(_workbook(any_hub, held.batch)))
    head, *lines = book.active.iter_rows()
    titles = [cell.value for cell in head]
    physical = [field.physical for field in any_hub.catalog.contracts[RESIDENT].fields]
    assert [title for title in titles if title in physical] == physical
    for cell, title in ((cell, title) for line in lines for cell, title in zip(line, titles, strict=True)):
        assert cell.data_type == "s" or cell.value is None, "a number would lose its last digits"
        assert title not in physical or cell.number_format == "@", "what is typed there stays text"
    column = {title: place for place, title in enumerate(titles)}
    assert [line[column["公民身份号码"]].value for line in lines] == [PEOPLE[1][0], TYPO, "330802195409028080"]
    for row, title, word in (
        (0, "姓名", "必填"),
        (1, "公民身份号码", "校验码"),
        (1, "户籍村(居)委会代码", "区划"),
        (2, "出生日期", "日期"),
    ):
        beside = column[title] + 1
        assert titles[beside] not in physical
        assert word in lines[row][beside].value


def test_rep_01_mended_rows_come_back_by_the_same_door(any_hub: Hub, held: Travelled, tmp_path: Path) -> None:
    """REP-01, on its way back: two of three are mended; one is left as it is and stays held. Nobody is ended."""
    book = _two_mended(any_hub, held.batch)
    state, mend = _mend(any_hub, held.batch, book, tmp_path)
    assert (state, mend.state, mend.parent) == (JobState.DONE, State.CLOSED, held.batch)
    assert (mend.read, mend.accepted, mend.quarantined, mend.ended) == (3, 2, 1, 0)
    assert looking.held(any_hub, held.batch) == {4}, "the rows that came in are held no longer"
    assert looking.rules(any_hub, mend.id) == {3: {"date"}}
    assert [looking.person(any_hub, key)["name"] for key, *_ in PEOPLE] == [name for _, name, *_ in PEOPLE]
    assert looking.person(any_hub, PEOPLE[0][0])["citizen_id"] == PEOPLE[0][0], "all eighteen digits"


def test_rep_01_a_mend_of_a_mend_releases_where_the_row_was_held_first(any_hub: Hub, held: Travelled, tmp_path: Path) -> None:
    """Of three mended rows one is held again; sent once more from the workbook of the mend, nothing is held anywhere."""
    book = _two_mended(any_hub, held.batch)
    _, mend = _mend(any_hub, held.batch, book, tmp_path)
    assert (looking.held(any_hub, held.batch), looking.held(any_hub, mend.id)) == ({4}, {3})
    again = openpyxl.load_workbook(io.BytesIO(_workbook(any_hub, mend.id)))
    again.active.cell(2, {cell.value: cell.column for cell in again.active[1]}["出生日期"]).value = "19540902"
    state, second = _mend(any_hub, mend.id, again, tmp_path)
    assert (state, second.state, second.accepted) == (JobState.DONE, State.CLOSED, 1)
    assert looking.held(any_hub, held.batch) == looking.held(any_hub, mend.id) == set()


def test_rep_01_a_line_of_blanks_is_none(any_hub: Hub, held: Travelled, tmp_path: Path) -> None:
    """It shifts nothing: what is released is what came in."""
    book = openpyxl.load_workbook(io.BytesIO(_workbook(any_hub, held.batch)))
    column = {cell.value: cell.column for cell in book.active[1]}
    book.active.cell(2, column["姓名"]).value = "张样丙"
    book.active.delete_rows(3, 2)
    book.active.insert_rows(2)
    book.active.cell(2, column["姓名"]).value = " 　"
    state, mend = _mend(any_hub, held.batch, book, tmp_path)
    assert (state, mend.read, mend.accepted) == (JobState.DONE, 1, 1)
    assert looking.held(any_hub, held.batch) == {3, 4}


@pytest.mark.parametrize("number", ["9" * 30, str(2**63), "0", "17", "x", "²", None])
def test_rep_01_a_record_number_that_is_none_mends_no_record(any_hub: Hub, held: Travelled, tmp_path: Path, number: str | None) -> None:
    """Somebody wrote over the column that was not to be changed: the row is taken, and what it was held for stays to be seen to."""
    book = openpyxl.load_workbook(io.BytesIO(_workbook(any_hub, held.batch)))
    column = {cell.value: cell.column for cell in book.active[1]}
    book.active.cell(2, column[RECORD.zh]).value = number
    book.active.cell(2, column["姓名"]).value = "张样丙"
    book.active.delete_rows(3, 2)
    state, mend = _mend(any_hub, held.batch, book, tmp_path)
    assert (state, mend.state, mend.accepted) == (JobState.DONE, State.CLOSED, 1)
    assert looking.held(any_hub, held.batch) == {2, 3, 4}


def test_rep_01_an_id_that_the_spreadsheet_rounded_is_found_again(any_hub: Hub, held: Travelled, tmp_path: Path) -> None:
    """Somebody made the id a number: it is no id any more, and names its cause."""
    book = openpyxl.load_workbook(io.BytesIO(_workbook(any_hub, held.batch)))
    column = {cell.value: cell.column for cell in book.active[1]}
    book.active.cell(2, column["姓名"]).value = "张样丙"
    book.active.cell(2, column["公民身份号码"]).value = 330802195211158000
    book.active.delete_rows(3, 2)
    state, mend = _mend(any_hub, held.batch, book, tmp_path)
    assert (state, mend.accepted, looking.rules(any_hub, mend.id)) == (JobState.DONE, 0, {1: {"numeric_identifier"}})
    assert looking.held(any_hub, held.batch) == {2, 3, 4}
    assert RECORD.zh in column


# REP-03: what every message says -------------------------------------------------------------------------------------


def _told(hub: Hub) -> Iterator[tuple[str, list[dict[str, Any]], YibiaoError | None]]:
    """Every file of the cases: its name, the findings of its rows, and why it is refused."""
    for case in manifest().values():
        for file in case["files"]:
            if not file["file"].endswith(FILES):
                continue
            contract = hub.catalog.contracts[contract_id(case)]
            plan, found, error = prepare(contract, hub.catalog, Context(hub.today())), list[dict[str, Any]](), None
            source = uploaded(hub, case, file["file"])
            try:
                (offer,) = source.offers(None, None)
                for item in source.read(offer):
                    if isinstance(item, Frame):
                        found += normalise_frame(item, plan).findings.to_dicts()
            except YibiaoError as refusal:
                error = refusal
            yield file["file"], [finding | {"contract": contract} for finding in found], error


def test_rep_03_every_message_of_every_case_tells_where_what_and_what_to_do(hub: Hub) -> None:
    """REP-03, over all files of the manifest. (Findings and refusals of databases and services pass the same in their own tests.)"""
    rules, refused = set[str](), 0
    for name, findings, error in _told(hub):
        for finding in findings:
            contract = finding.pop("contract")
            well_told_finding(finding, contract)
            rules.add(finding["rule"])
        if error is not None:
            well_told_refusal(error, name)
            assert error.values["file"] == name
            refused += 1
    assert rules >= {
        "row_shape", "character", "required", "type", "code", "check_digit", "masked", "numeric_identifier", "date", "ambiguous", "cell_error",
        "uncached_formula", "division",
    }  # fmt: skip
    expected = [file for case in manifest().values() for file in case["files"] if file["file"].endswith(FILES)]
    assert refused == sum(file["expected"]["outcome"] == "refuse" for file in expected)


def test_rep_03_held_rows_are_told_whole(any_hub: Hub, held: Travelled) -> None:
    """Of one batch: record and line, the sender's column, the masked value; the batch names the file, its day and its contract."""
    found = looking.findings(any_hub, held.batch)
    assert [(one.record, one.rule) for one in found] == [(2, "required"), (3, "check_digit"), (3, "division"), (4, "date")]
    assert "第 3 条(第 4 行)「公民身份号码」" in found[1].zh
    assert "330802********8036" in found[1].zh
    assert "330802005211 柯城区 新新街道 官庄村委会" in found[2].zh, "a village of that township which is near"
    with any_hub.engine.connect() as connection:
        batch = batches.find_batch(connection, held.batch)
    assert (batch.name, batch.as_of) == ("march.csv", date(2024, 3, 31))
