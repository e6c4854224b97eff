"""What every verb shares: its options, the hub that it opens, how it says what it did and why it could not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from hub.core.clock import SystemClock
from hub.core.errors import YibiaoError
from hub.core.settings import load

if TYPE_CHECKING:
    from hub.store.hub import Hub

Home = Annotated[Path | None, typer.Option("--home", help="状态目录 where the hub keeps its state (YIBIAO_HOME, ./var)")]
Database = Annotated[
    str | None, typer.Option("--database", help="数据库地址 SQLAlchemy URL (YIBIAO_DATABASE); SQLite in the home folder by default")
]
RoleName = Annotated[str, typer.Option("--role", help="village, township, township-approver, county, department, bureau")]
Organisation = Annotated[str, typer.Option("--organisation", help="部门标识或区划代码 department or division code")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Paths = Annotated[list[Path], typer.Argument(help="文件或目录 files or folders")]
Port = Annotated[int, typer.Option("--port", help="端口 port", min=0, max=65_535)]

_OPENED = ExitStack()  # what a command opened and nobody else closes


def close() -> None:
    """To be called when a command ends."""
    _OPENED.close()


def opened(home: Path | None, database: str | None) -> Hub:
    from hub.store.hub import open_hub

    return kept(open_hub(load(home, database), SystemClock()))


def kept(hub: Hub) -> Hub:
    """The hub, whose connections are closed when the command ends."""
    _OPENED.callback(hub.engine.dispose)
    return hub


def say(data: Any, as_json: bool, plain: Callable[[Console], None]) -> None:
    if as_json:
        print(json.dumps(data, ensure_ascii=False, indent=2, default=str))  # noqa: T201
    else:
        plain(Console())


def complain(error: YibiaoError, about: str | None = None) -> None:
    """One plain line per mistake, where errors go; ``about``: what it is about where several things were asked for."""
    try:
        language = load().language
    except YibiaoError:
        language = "zh"  # it is the settings that are wrong
    for one in error.details or (error,):
        said = placed(one, language)
        print(f"{about}: {said}" if about else f"yibiao: {said}", file=sys.stderr)  # noqa: T201


def placed(error: YibiaoError, language: str) -> str:
    """The text of a mistake, after the file that it is about where the text does not name it."""
    text, file = error.text(language), error.values.get("file")
    return f"{at_line(file, error.values.get('line'))}{text}" if file and file not in text else text


def at_line(file: str, line: int | None) -> str:
    return f"{file}:{line}: " if line else f"{file}: "
