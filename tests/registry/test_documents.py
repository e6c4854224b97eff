"""Reading: every mistake in a file is told with its line; nothing in a file can loop, grow or fetch."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.core.errors import YibiaoError
from hub.registry.documents import parse_csv, parse_yaml
from hub.registry.lint import lint
from hub.registry.load import load, read_documents
from tests.registry.conftest import write


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("kind: Elements\nentity: a\nelements: [\n", "bad_yaml", 4),
        ("kind: Elements\nentity: a\nentity: b\n", "key_twice", 3),
        ("kind: Elements\na: &x {b: 1}\nc: *x\n", "alias", 2),
        ("- a\n- b\n", "not_a_definition", 1),
        ("entity: a\n", "not_a_definition", 1),
        ("", "not_a_definition", 1),
        ("kind: X\na: " + "[" * 60 + "]" * 60 + "\n", "too_deep", 2),
        ("kind: X\na: " + "[" * 100_000, "too_deep", 2),
        ("kind: X\na:\n" + "- 1\n" * 200_000, "too_many", 199_997),
    ],
)
def test_bad_yaml_is_told_with_its_line(text: str, code: str, line: int) -> None:
    with pytest.raises(YibiaoError) as caught:
        parse_yaml(text, "x.yaml")
    assert (caught.value.code, caught.value.values["line"]) == (f"registry_{code}", line)
    assert "x.yaml" in caught.value.text("zh")
    assert "x.yaml" in caught.value.text("en")


def test_a_file_that_is_not_utf8_is_told_with_its_line() -> None:
    with pytest.raises(YibiaoError) as caught:
        parse_yaml("kind: Elements\nentity: 人\n".encode("gb18030"), "x.yaml")
    assert (caught.value.code, caught.value.values["line"]) == ("registry_not_utf8", 2)


def test_a_large_file_is_refused() -> None:
    with pytest.raises(YibiaoError) as caught:
        parse_yaml(b"kind: Elements\n" + b"#" * (10 * 1024 * 1024), "x.yaml")
    assert caught.value.code == "registry_too_large"


def test_dates_stay_as_written() -> None:
    document = parse_yaml("kind: X\na: 2026-10-31\nb: 0123\nc: 12\nd: true\ne:\nf: 0.5\n")
    assert [document.data[key] for key in "abcdef"] == ["2026-10-31", "0123", 12, True, None, 0.5]


def test_a_csv_is_told_by_its_header() -> None:
    document = parse_csv("code,name_zh,name_en,parent,valid_from,valid_until,note\n1,男,male,,,,\n", "sex.csv", "sex")
    assert (document.kind, document.data["rows"][0]["code"], document.data["rows"][0].line) == ("CodeList", "1", 2)
    with pytest.raises(YibiaoError) as caught:
        parse_csv("code,name\n1,男\n", "sex.csv", "sex")
    assert caught.value.code == "registry_csv_header"
    with pytest.raises(YibiaoError) as caught:
        parse_csv("code,name_zh,name_en,parent,valid_from,valid_until,note\n1,男\n", "sex.csv", "sex")
    assert (caught.value.code, caught.value.values["line"]) == ("registry_csv_row", 2)


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(YibiaoError) as caught:
        read_documents([tmp_path / "none"])
    assert caught.value.code == "registry_no_file"
    assert [finding.code for finding in lint([tmp_path / "none"])] == ["registry_no_file"]


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "kind: Elements\nentity: thing\nelements:\n  one: {title: {zh: 一, en: one}, type: wrong}\n")
    write(tmp_path, "b.yaml", "kind: Entity\nname: thing\ntitle: {zh: 物}\nis: subject\n")
    with pytest.raises(YibiaoError) as caught:
        load([tmp_path])
    places = {(Path(detail.values["file"]).name, detail.values["line"]) for detail in caught.value.details}
    assert {("a.yaml", 4), ("b.yaml", 3)} <= places


def test_lint_says_where_what_and_what_to_do(tmp_path: Path) -> None:
    text = "kind: Elements\nentity: thing\nelements:\n  one:\n    title: {zh: 一, en: one}\n    type: text\n    colour: red\n"
    path = write(tmp_path, "a.yaml", text)
    finding = lint([path])[0]
    assert (finding.file, finding.line) == (str(path), 5) or finding.line == 4
    assert "不认识的键" in finding.what.zh
    assert finding.remedy.zh
    assert finding.remedy.en
    assert "red" not in finding.what.zh + finding.what.en, "values are not repeated"
