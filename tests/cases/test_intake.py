"""The intake cases that come with files, each a test by its id: from the source through every step to the store.

What is expected stands in ``intake/manifest.json``; how its words are ours, and what we judge otherwise, in ``vocabulary``. Cases
without files are played in the other modules of this folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hub.intake.refusals import kind_of
from hub.pipeline import Travelled
from hub.store.batches import State
from hub.store.hub import Hub
from tests.cases import looking
from tests.cases.hubs import AS_OF, Copies
from tests.cases.playing import CASES, Kept, contract_id, manifest, send, uploaded
from tests.cases.telling import well_told_finding, well_told_refusal
from tests.cases.vocabulary import ALSO_WARNED, CONFLICTS, FILES_MENDED

FILES = (".csv", ".gz", ".xlsx", ".xls", ".ndjson", ".parquet")
# On PostgreSQL too: where the engines are known to differ in what a text may hold, how it is compared, or what is unchanged.
ON_BOTH = ("ENC-09", "ENC-13", "ENC-16", "IDN-06", "IDN-07", "JSON-09", "VAL-07", "MRG-01", "MRG-07", "CSV-07")


def _uploads() -> list[Any]:
    cases = [name for name, case in manifest().items() if case["files"] and all(file["file"].endswith(FILES) for file in case["files"])]
    both = [(name, engine) for name in cases for engine in ("sqlite", "postgresql") if engine == "sqlite" or name in ON_BOTH]
    return [pytest.param(name, engine, id=f"{name}-{engine}") for name, engine in both]


@pytest.mark.parametrize(("name", "engine"), _uploads())
def test_case(name: str, engine: str, copies: Copies, tmp_path: Path) -> None:
    """The files of a case, one after the other, each as the next month's delivery."""
    case = manifest()[name]
    with copies.one(engine) as hub:
        for number, file in enumerate(case["files"]):
            if case.get("opens"):
                openpyxl.load_workbook(CASES / file["file"]).close()
            before = looking.everything(hub)
            source = Kept(uploaded(hub, case, _mended(file["file"], tmp_path), _month_end(number)), [])
            expect(hub, case, file, source, send(hub, contract_id(case), source), before)


def _month_end(number: int) -> date:
    return (AS_OF, date(2024, 4, 1))[number]


def _mended(name: str, folder: Path) -> Path | str:
    """The file, or a copy of it that is what its case speaks of."""
    if name not in FILES_MENDED:
        return name
    old, new = FILES_MENDED[name]
    content = (CASES / name).read_bytes()
    assert content.count(old) == 1
    (folder / name).write_bytes(content.replace(old, new))
    return folder / name


def expect(hub: Hub, case: Mapping[str, Any], file: Mapping[str, Any], source: Kept, came: Travelled, before: Mapping[str, Any]) -> None:
    """What the manifest says of one delivery."""
    expected = file["expected"]
    if expected["outcome"] == "refuse":
        expect_refusal(hub, expected["refusal"], came, before)
        return
    assert came.state in (State.CLOSED, State.REPEATED), came.reason
    assert came.reason is None
    assert (came.read, came.accepted, came.unchanged) == (expected["records"], expected["accepted"], expected["unchanged"])
    quarantined = {entry["record"]: set(entry["rules"]) for entry in expected["quarantined"]}
    assert looking.rules(hub, came.batch) == quarantined
    assert looking.held(hub, came.batch) == set(quarantined)
    for finding in looking.raw_findings(hub, came.batch):
        well_told_finding(finding, hub.catalog.contracts[contract_id(case)])
    assert came.read == came.accepted + came.unchanged + came.quarantined
    warnings = set(expected["warnings"])
    assert looking.warned(hub, came.batch) == warnings - CONFLICTS | ALSO_WARNED.get(file["file"], set())
    assert looking.open_rules(hub) >= warnings & CONFLICTS
    rows = looking.stored(hub, contract_id(case), source.frames)
    assert set(rows) == set(range(1, expected["records"] + 1)) - set(quarantined)
    for value in expected["values"]:
        assert rows[value["record"]][value["field"]] == value["value"]
    assert looking.staged(hub) == set()


def expect_refusal(hub: Hub, refusal: Mapping[str, str], came: Travelled, before: Mapping[str, Any]) -> None:
    """A refused delivery says of what kind and where, and leaves nothing behind."""
    assert came.state is State.REFUSED
    assert came.reason is not None
    assert kind_of(came.reason.code) == refusal["kind"]
    well_told_refusal(came.reason, looking.name_of(hub, came.batch))
    assert str(came.reason.values["place"]).startswith(refusal["place"])
    assert looking.everything(hub) == before
    assert looking.staged(hub) == set()
