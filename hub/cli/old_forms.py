"""Old forms: what they ask for, column by column."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from hub.cli.frame import AsJson, Database, Home, say
from hub.core.messages import messages
from hub.core.settings import load

ODD = messages(
    "old_form_",
    {
        "no_head": ("没有找到表头：没有一行有两个以上的文字", "no head: no row has two texts"),
        "deep": ("合并单元格没有收到一列一格，请先拆开", "merged cells do not end above one cell a column: cut them"),
        "unnamed": ("有的列没有名称", "some column has no name"),
        "twice": ("有两列名称相同", "two columns have the same name"),
    },
)


def read(
    file: Annotated[Path, typer.Argument(help="旧表 .docx 或 .xlsx an old form")],
    home: Home = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """读出旧表要哪些列，哪些已有数据元。What an old form asks for, and which elements hold it already."""
    from hub.cli.definitions import in_force
    from hub.forms.old_form_files import elements_like, read_tables
    from hub.forms.old_forms import head_of
    from hub.registry.build import build
    from hub.store.definitions import standing

    settings = load(home, database)
    language, catalog = settings.language, build(standing(in_force(settings)))
    heads = [head_of(table) for table in read_tables(file)]
    found: list[dict[str, Any]] = [
        {
            "table": head.table, "title": head.title, "odd": None if head.odd is None else ODD[head.odd].text(language),
            "columns": [{"path": path, "elements": elements_like(catalog, path)} for path in head.columns],
        }
        for head in heads
    ]  # fmt: skip

    def plain(console: Console) -> None:
        for head in found:
            console.print(f"{head['table']}  {head['title']}", markup=False, highlight=False)
            if head["odd"]:
                console.print(f"  ▲ {head['odd']}", markup=False, highlight=False)
            for number, column in enumerate(head["columns"], 1):
                line = f"  {number}  {column['path'] or '—'}  {', '.join(column['elements'])}".rstrip()
                console.print(line, markup=False, highlight=False, soft_wrap=True)

    say(found, as_json, plain)
