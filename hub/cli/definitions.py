"""Definitions: explained and published."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from hub.cli.frame import AsJson, Database, Home, Paths, at_line, opened, say
from hub.core.settings import Settings, load

if TYPE_CHECKING:
    from hub.registry.changes import Change
    from hub.registry.explain import Effect
    from hub.store.definitions import Written


def lint(paths: Paths, home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """检查定义文件：逐条说明错误，或说明会改变什么。Explain the mistakes in definition files, or what they would change."""
    from hub.checks.suite import problems
    from hub.publish import explained, judged, names_at, reasons, written_at
    from hub.registry.lint import lint as find_mistakes
    from hub.store.definitions import standing

    settings = load(home, database)
    language, base = settings.language, in_force(settings)
    found = find_mistakes(paths, standing(base), problems, replaced=names_at(paths))
    judgement = None if found else judged(base, written_at(paths))
    changes, effects = (judgement.changes, judgement.effects) if judgement else ((), ())
    mistakes = [
        {"file": f.file, "line": f.line, "code": f.code, "what": getattr(f.what, language), "remedy": getattr(f.remedy, language)} for f in found
    ]  # fmt: skip
    refused = reasons(changes, effects)

    def plain(console: Console) -> None:
        lines = [f"{at_line(one['file'], one['line'])}{one['what']} {one['remedy']}" for one in mistakes]
        lines += [*(one.text(language) for one in refused), *_lines(changes, effects, language)]
        for line in lines:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        wrong = len(mistakes) + len(refused)
        console.print(f"{wrong} 处问题 mistakes" if wrong else "没有发现问题 no mistakes")

    say({"mistakes": mistakes, **explained(changes, effects, language)}, as_json, plain)
    if mistakes or refused:
        raise typer.Exit(1)


def _lines(changes: Iterable[Change], effects: Iterable[Effect], language: str) -> list[str]:
    """What changes, then what that does."""
    return [
        *(f"[{change.kind.value}] {change.definition}: {change.text(language)}" for change in changes if not change.breaking),
        *(f"[{effect.area.value}] {effect.text(language)}" for effect in effects),
    ]


def in_force(settings: Settings) -> list[Written]:
    """The published documents where a hub is there already, so that one file alone can be linted; else the shipped ones."""
    from hub.publish import written_at
    from hub.registry.definitions import definition_roots
    from hub.store import definitions

    if settings.database is None and not (settings.home / "yibiao.db").exists():
        return written_at(definition_roots())
    with opened(settings.home, settings.database).engine.connect() as connection:
        return definitions.in_force(connection) or written_at(definition_roots())


def publish(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="文件或目录；不写则为随附的定义 files or folders; the shipped definitions by default")
    ] = None,
    home: Home = None,
    database: Database = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说明会发生什么 only say what it would do")] = False,
    as_json: AsJson = False,
) -> None:
    """发布定义：数据元、契约、表单。Publish elements, contracts, forms."""
    from hub.publish import explained, written_at
    from hub.publish import publish as publish_documents
    from hub.registry.definitions import definition_roots

    hub = opened(home, database)
    language = hub.settings.language
    done = publish_documents(hub, written_at(paths or list(definition_roots())), "cli", dry_run=dry_run)
    data = {"published": done.published, "documents": list(done.documents), **explained(done.changes, done.effects, language)}

    def plain(console: Console) -> None:
        word = "已发布 published" if done.published else "未改动 nothing new" if not done.documents else "试运行，未发布 dry run"
        lines = [*_lines(done.changes, done.effects, language), f"{word}: {len(done.documents)}"]
        for line in [*lines, *(f"  {document}" for document in done.documents)]:
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    say(data, as_json, plain)
