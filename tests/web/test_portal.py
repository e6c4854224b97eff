"""docs/portal.md, run as it is written: every command of a period, from its opening to frozen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from hub import worker
from tests.web.conftest import Town

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "portal.md"


def test_the_portals_manual_runs_as_written(town: Town, tmp_path: Path) -> None:
    blocks = re.findall(r"```(sh|python)\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.S)
    village = town.township_villages[1]
    tokens = {"BUREAU": "bureau", "CLERK": "township", "APPROVER": "approver", "COUNTY": "county"}
    environment = {
        **os.environ, "HUB": town.url, "VILLAGE": village, "NO_PROXY": "*", **{name: town.tokens[role] for name, role in tokens.items()},
    }  # fmt: skip
    script = tmp_path / "portal.py"
    script.write_text("\n".join(block for kind, block in blocks if kind == "python"), encoding="utf-8")
    shell = [block for kind, block in blocks if kind == "sh"]
    for block in shell[:-1]:
        ran = subprocess.run(["bash", "-euc", block], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=60)
        assert '"urn:yibiao' not in ran.stdout, ran.stdout
    told = subprocess.run([sys.executable, str(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    assert "freezing is job" in told.stdout
    worker.run(town.hub, once=True)
    steps = subprocess.run(
        ["bash", "-euc", shell[-1]], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert re.findall(r'"act":"(\w+)"', steps.stdout) == ["submit", "return", "submit", "approve", "approve", "freeze"]
