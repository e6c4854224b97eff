"""The command line told wrong things: one plain line that says what is wrong and what to do; nothing is made by mistake."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hub.cli.frame import placed
from hub.core.errors import invalid
from hub.core.messages import Message
from hub.core.presence import using
from tests.stories.acting import Machine
from tests.stories.drafts import CLINIC, CLINIC_BEDS, CLINIC_SOURCE, FEW_BEDS


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A hub with the shipped definitions and no data."""
    made = Machine(tmp_path_factory.mktemp("machine") / "var")
    made.told("init")
    assert made.told("publish")["published"]
    return made


def yibiao(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command as a person gives it."""
    command = [sys.executable, "-m", "hub.cli", *arguments, "--home", str(home)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "YIBIAO_LANGUAGE": "en"})


def refused(home: Path, *arguments: str) -> str:
    """The one line that a command says before it ends with 1."""
    done = yibiao(home, *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_a_mistyped_home_makes_no_new_hub(machine: Machine) -> None:
    for verb in (["publish"], ["pull"], ["conflicts"], ["doctor"], ["serve"], ["token", "list"]):
        assert "There is no hub at" in refused(machine.home / "vra", *verb)
    assert not (machine.home / "vra").exists()


def test_a_mistyped_database_makes_no_new_one(machine: Machine, tmp_path: Path) -> None:
    assert "--database" in refused(machine.home, "conflicts", "--database", f"sqlite:///{tmp_path / 'other.db'}")
    assert list(tmp_path.iterdir()) == []


def test_lost_keys_are_not_made_anew(tmp_path: Path) -> None:
    lost = Machine(tmp_path / "var")
    lost.told("init")
    (lost.home / "keys" / "keys.json").unlink()
    assert "Put their backup back" in refused(lost.home, "init")
    assert not (lost.home / "keys" / "keys.json").exists()


def test_what_a_hub_keeps_is_its_owners_alone(machine: Machine) -> None:
    assert stat.S_IMODE(machine.home.stat().st_mode) == 0o700
    readable = [path.name for path in machine.home.glob("*.db*") if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert readable == []


def test_a_database_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "The database file" in refused(tmp_path / "var", "init", "--database", f"sqlite:///{tmp_path / 'file' / 'hub.db'}")
    (tmp_path / "notes.db").write_text("these are notes " * 100)
    assert "file is not a database" in refused(tmp_path / "var", "init", "--database", f"sqlite:///{tmp_path / 'notes.db'}")


def test_a_folder_that_is_not_there_is_no_failure_of_a_network(machine: Machine) -> None:
    line = refused(machine.home, "pull", "education.school")
    assert line.startswith("education.school: ")
    assert "education" in line
    assert "the source folder cannot be read" in line


def test_nothing_new_is_said(machine: Machine) -> None:
    (machine.home / "sources" / "education").mkdir(parents=True)
    done = yibiao(machine.home, "pull", "education.school")
    assert (done.returncode, done.stdout.strip()) == (0, "没有新的数据 nothing new")


def test_a_pull_tells_what_is_missing_and_a_batch_names_the_senders_columns(machine: Machine, tmp_path: Path) -> None:
    """An optional column that did not come is seen at once; a held row says what the rule asks of the column as it was sent."""
    contract = CLINIC.replace("value: snapshot}", f"value: delta}}\n  - {{property: ending, value: 'full:90d'}}\n{CLINIC_SOURCE}")
    contract = contract.replace("    quality:\n", f"    quality:\n{FEW_BEDS}")
    files = [tmp_path / "beds.yaml", tmp_path / "clinic.yaml"]
    for file, text in zip(files, (CLINIC_BEDS, contract), strict=True):
        file.write_text(text, encoding="utf-8")
    assert machine.told("publish", *files)["published"]
    folder = machine.home / "sources" / "health"
    folder.mkdir(parents=True)
    (folder / "clinics-20260831.csv").write_text("统一社会信用代码\n91350100M000100Y43\n", encoding="utf-8")
    (folder / "clinics-20260930.csv").write_text("统一社会信用代码,床位数\n91350100M000100Y43,9\n", encoding="utf-8")
    done = yibiao(machine.home, "pull", "health.school-clinic")
    assert done.returncode == 0, done.stderr
    first, warning, second = done.stdout.splitlines()
    assert "床位数: this optional column did not come" in warning
    assert "  床位数" not in first + second

    number = second.split()[1]
    told = yibiao(machine.home, "batch", "show", number).stdout
    assert "name: clinics-20260930.csv" in told
    assert "“床位数”: it breaks a quality rule of the contract (agreed: 床位数 is between 0 and 5)" in told

    (folder / "clinics-20261399.csv").write_text("统一社会信用代码\n", encoding="utf-8")
    line = refused(machine.home, "pull", "health.school-clinic")
    assert line.startswith("health.school-clinic: clinics-20261399.csv: there is no such day as 20261399")
    assert "Rename the file" in line


def test_a_mistake_names_its_file_once() -> None:
    said = Message("test_said", "{place}：不对", "{place}: it is wrong")
    assert placed(invalid(said, place="第 3 行", file="beds.csv"), "zh") == "beds.csv: 第 3 行：不对"
    assert placed(invalid(said, place="beds.csv", file="beds.csv"), "en") == "beds.csv: it is wrong"


def test_a_report_is_written_as_what_its_file_is_called(machine: Machine, tmp_path: Path) -> None:
    line = refused(
        machine.home, "fill", "low-income-roster", "--unit", "330802005004", "--period", "2026-10", "--output", str(tmp_path / "x.pdf")
    )
    assert "x.pdf" in line
    assert ".xlsx" in line
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_told_as_that(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        line = refused(machine.home, "serve", "--alone", "--port", str(other.getsockname()[1]))
    assert "Choose another --port" in line


def test_a_demonstration_that_is_being_served_is_not_removed(tmp_path: Path) -> None:
    home = tmp_path / "var"
    shown = Machine(home)
    shown.told("init")
    (home / "demo.json").write_text("{}")
    with using(home):
        assert "is being served" in refused(home, "demo", "--people", "300", "--no-serve")
    assert (home / "yibiao.db").exists()


def test_a_file_that_is_not_there_has_no_line(tmp_path: Path) -> None:
    done = yibiao(tmp_path / "var", "lint", str(tmp_path / "missing.yaml"))
    assert done.returncode == 1
    assert "missing.yaml: " in done.stdout


def test_a_token_without_a_name_is_called_as_people_call_its_owner(machine: Machine) -> None:
    for role, organisation in (("township", "330802005000"), ("department", "health"), ("bureau", "data-bureau")):
        machine.told("token", "create", "--role", role, "--organisation", organisation)
    names = [token["name"] for token in machine.told("token", "list")][-3:]
    assert names == ["乡镇 新新街道 330802005000", "部门 卫生健康委员会 health", "数据局 data-bureau"]


def test_a_written_report_says_where_it_is(machine: Machine, tmp_path: Path) -> None:
    place = tmp_path / "facts.xlsx"
    arguments = ("fill", "village-basics", "--unit", "330802005004", "--period", "2026Q4", "--output", str(place))
    assert str(place) in yibiao(machine.home, *arguments).stdout.replace("\n", "")
    assert machine.told(*arguments) == {"written": str(place)}
    assert place.stat().st_size > 0


def test_tokens_are_listed_and_taken_back(machine: Machine) -> None:
    machine.told("token", "create", "--role", "department", "--organisation", "health", "--name", "the commission's desk")
    (one,) = [token for token in machine.told("token", "list") if token["name"] == "the commission's desk"]
    assert not one["revoked"]
    assert machine.command("token", "revoke", str(one["id"])).exit_code == 0
    assert machine.told("token", "list")[one["id"] - 1]["revoked"]
    assert "is in force" in refused(machine.home, "token", "revoke", str(one["id"]))


def test_an_account_is_made_listed_and_given_a_new_password(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIBIAO_PASSWORD", "a long enough one")
    made = ("account", "create", "li", "--role", "department", "--organisation", "health")
    assert machine.told(*made) == {"account": "li"}
    assert "an account named li already" in refused(machine.home, *made)
    (listed,) = machine.told("account", "list")
    assert (listed["name"], listed["roles"], listed["organisation"], listed["locked"]) == ("li", "department", "health", False)
    assert machine.told("account", "password", "li") == {"account": "li"}
    assert "no account named wang" in refused(machine.home, "account", "password", "wang")
    monkeypatch.setenv("YIBIAO_PASSWORD", "short")
    assert "at least 10 characters" in refused(machine.home, "account", "password", "li")


def test_an_account_is_disabled_and_enabled_by_its_name(machine: Machine) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hub.cli", "account", "create", "sun", "--role", "bureau", "--organisation", "data-bureau",
         "--home", str(machine.home)], check=False, capture_output=True, text=True, env={**os.environ, "YIBIAO_PASSWORD": "a long enough one"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert yibiao(machine.home, "account", "disable", "sun").stdout == "sun\n"
    (listed,) = (one for one in machine.told("account", "list") if one["name"] == "sun")
    assert (listed["disabled"], listed["signed_in"]) == (True, None)
    assert "已停用 disabled" in yibiao(machine.home, "account", "list").stdout
    assert yibiao(machine.home, "account", "enable", "sun").returncode == 0
    assert "已停用 disabled" not in yibiao(machine.home, "account", "list").stdout
    assert "There is no account named wang" in refused(machine.home, "account", "disable", "wang")
