"""Every id of the manifest has a test that bears its name, and the files are those of the manifest."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import pytest

from tests.cases import test_intake, test_intake_pulled
from tests.cases.playing import CASES, manifest


def _named() -> set[str]:
    """The ids that test functions of this folder carry in their names: ``test_gx_01_…`` and ``test_case_sql_05_…``."""
    names = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                parts = node.name.removeprefix("test_").removeprefix("case_").split("_")
                names.add("-".join(parts[:2]).upper())
    return names


def _parametrised() -> set[str]:
    """The ids that are parameters of a test, and so part of its id."""
    marks = [
        mark
        for function in (test_intake.test_case, test_intake_pulled.test_case, test_intake_pulled.test_case_on_postgresql,
                         test_intake_pulled.test_case_of_a_service)
        for mark in getattr(function, "pytestmark", [])
        if mark.name == "parametrize"
    ]  # fmt: skip
    values = [getattr(value, "values", (value,))[0] for mark in marks for value in mark.args[1]]
    return {str(value) for value in values}


def test_each_of_the_101_ids_has_its_test() -> None:
    assert len(manifest()) == 101
    assert set(manifest()) - _named() - _parametrised() == set()


@pytest.mark.parametrize("name", [name for name, case in manifest().items() if case["files"]])
def test_the_files_are_those_of_the_manifest(name: str) -> None:
    for file in manifest()[name]["files"]:
        content = (CASES / file["file"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
