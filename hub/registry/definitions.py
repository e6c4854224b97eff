"""Where the shipped definitions are: inside the installed package, else beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def definition_roots() -> tuple[Path, Path]:
    """The folders ``schemas`` and ``contracts``."""
    packaged = _PACKAGE / "definitions"
    root = packaged if packaged.is_dir() else _PACKAGE.parent
    return root / "schemas", root / "contracts"
