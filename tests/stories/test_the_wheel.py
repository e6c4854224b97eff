"""The built wheel, installed outside the checkout, does the whole demonstration: definitions travel in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("YIBIAO_", "PYTHON"))}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment with the wheel in it; libraries come from this one, by a path file."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT, cwd=folder)
    (wheel,) = folder.glob("yibiao-*.whl")
    environment = folder / "environment"
    venv.create(environment, with_pip=False, symlinks=True)
    run(sys.executable, "-m", "pip", "--python", environment, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    (site,) = (environment / "lib").glob("python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return environment


def test_the_wheel_stands_alone(installed: Path, tmp_path: Path) -> None:
    python = installed / "bin" / "python"
    found = run(python, "-c", "import hub, connectors; print(hub.__file__); print(connectors.__file__)", cwd=tmp_path)
    assert all(line.startswith(str(installed)) for line in found.splitlines())
    output = run(installed / "bin" / "yibiao", "demo", "--people", "500", "--no-serve", "--json", cwd=tmp_path)
    told = json.loads(output)
    assert told["faults"]["planted"] == told["faults"]["found"] > 10
    assert told["faults"]["false"] == 0
    assert told["report"]["right"] == told["report"]["filled"] > 0
    assert (tmp_path / "var" / "yibiao.db").exists(), "state lies where the command was given, not in the package"
