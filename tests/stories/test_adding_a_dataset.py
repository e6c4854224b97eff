"""The page docs/adding-a-dataset.md, run: its files written, its commands given, the form read."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli import app
from hub.registry.definitions import definition_roots
from hub.sample.city import City, build
from hub.sample.deliver import deliver_files

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-dataset.md"
DISCHARGED = ["2019-12-01", "2020.12.01", "20211201"]


@pytest.fixture(scope="module")
def city() -> City:
    return build(400, 5, date(2026, 10, 31))


def yibiao(home: Path, *arguments: str) -> Any:
    """One command of the page, with ``--json``."""
    result = CliRunner().invoke(app, [*arguments, "--home", str(home), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def the_pages_files(folder: Path) -> list[Path]:
    """The definitions in force, with the files that the page writes among them."""
    for root in definition_roots():
        shutil.copytree(root, folder / root.name)
    written = re.findall(r"File `([^`]+)`:\n\n```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(written) == 5
    for name, text in written:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / "schemas", folder / "contracts"]


def the_office_delivers(city: City, home: Path) -> tuple[str, list[str]]:
    """Cards of three people of one village; returns the village and the discharge dates."""
    people = [p for p in city.rows[2]["public-security.resident"] if p.life_status == "1" and p.birth_date.year < 2000]  # type: ignore[attr-defined]
    village = people[0].village  # type: ignore[attr-defined]
    holders = [p for p in people if p.village == village][:3]  # type: ignore[attr-defined]
    folder = home / "sources" / "veterans-affairs"
    folder.mkdir(parents=True)
    (head,) = re.findall(r"```csv\n(.*)\n", PAGE.read_text(encoding="utf-8"))
    lines = [head]
    lines += [f"{p.citizen_id},YDZ{i:05},{day}," for i, (p, day) in enumerate(zip(holders, DISCHARGED, strict=True), 1)]  # type: ignore[attr-defined]
    (folder / "veteran-card-20261031.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return village, ["2019-12-01", "2020-12-01", "2021-12-01"]


def test_a_dataset_a_measure_and_a_form_need_no_python(tmp_path: Path, city: City) -> None:
    home = tmp_path / "var"
    paths = [str(path) for path in the_pages_files(tmp_path / "city")]
    assert yibiao(home, "lint", *paths)["mistakes"] == []

    # A home is made once; the dry run explains and publishes nothing; publishing makes the tables.
    yibiao(home, "init")
    explained = yibiao(home, "publish", "--dry-run", *paths)
    assert not explained["published"]
    assert any("veteran" in effect["definition"] for effect in explained["effects"])
    assert yibiao(home, "publish", *paths)["published"]
    assert not yibiao(home, "publish", *paths)["published"], "publishing again changes nothing"

    # The register and the office deliver; the office's three ways of writing a date are one date.
    deliver_files(city, 2, home / "sources")
    village, discharged = the_office_delivers(city, home)
    assert yibiao(home, "pull", "public-security.resident")[0]["state"] == "closed"
    (batch,) = yibiao(home, "pull", "veterans-affairs.veteran-card")
    assert (batch["read"], batch["accepted"], batch["quarantined"]) == (3, 3, 0)

    # The form comes back filled: names and birth dates from the register, cards from the office, the visit left to people.
    report = yibiao(home, "fill", "veterans-roster", "--unit", village, "--period", "2026-10")
    lines = report["sections"][0]["lines"]
    assert [line["cells"]["discharged_on"]["value"] for line in lines] == discharged
    assert [line["cells"]["card"]["text"] for line in lines] == ["YDZ00001", "YDZ00002", "YDZ00003"]
    for line in lines:
        assert line["cells"]["name"]["state"] == "filled"
        assert line["cells"]["name"]["sources"] == ["public-security.resident"]
        assert line["cells"]["discharged_on"]["sources"] == ["veterans-affairs.veteran-card"]
        assert line["cells"]["discharged_on"]["as_of"] == "2026-10-31"
        assert line["cells"]["visit"]["state"] == "missing"
