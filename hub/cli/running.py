"""The hub as a whole: shown, made, run, examined."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from hub.cli.frame import AsJson, Database, Home, Port, kept, opened, say
from hub.core.clock import SystemClock
from hub.core.settings import load, without_password

Beside = Annotated[int | None, typer.Option("--beside", hidden=True, help="the process with which this one ends")]


def demo(
    home: Home = None,
    database: Database = None,
    people: Annotated[int, typer.Option(help="人数 people in the sample city", min=300)] = 10_000,
    seed: Annotated[int, typer.Option(help="随机种子 seed")] = 1,
    port: Port = 8000,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="最后启动网页服务 serve at the end")] = True,
    as_json: AsJson = False,
) -> None:
    """样例演示：从五个部门到一套表。The whole job on a sample city."""
    from hub.checks.apart import checking

    with checking() as check:
        from hub.demo import story
        from hub.demo.start import fresh_home
        from hub.store.hub import make_hub

        settings = load(home, database)
        fresh_home(settings)
        hub = kept(make_hub(settings, SystemClock()))
        told = story.tell(hub, people, seed, story.month_end_before(hub.today()), check, Console(stderr=as_json))
    say(story.as_data(told), as_json, lambda console: story.show(told, console))
    if serve and not as_json:
        from hub.demo.serving import serve_demo

        serve_demo(told, port)


def init(home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """建立状态目录、密钥和数据库。Make folder, keys and database."""
    from hub.store.hub import make_hub

    hub = kept(make_hub(load(home, database), SystemClock()))
    data = {
        "home": str(hub.settings.home),
        "database": without_password(hub.settings.database_url),
        "contracts": len(hub.catalog.contracts),
    }
    say(data, as_json, lambda c: c.print(f"{data['home']}: {data['database']}，契约 contracts {data['contracts']}"))


def serve(
    home: Home = None,
    database: Database = None,
    host: Annotated[str, typer.Option(help="监听地址 address")] = "127.0.0.1",
    port: Port = 8000,
    alone: Annotated[bool, typer.Option("--alone", help="不启动自带的工作和计划进程 without a worker and a scheduler of its own")] = False,
) -> None:
    """网页和接口。Pages and API."""
    from hub.app import serve as run_server

    run_server(load(home, database), host, port, with_worker=not alone, with_schedule=not alone)


def worker(
    home: Home = None,
    database: Database = None,
    once: Annotated[bool, typer.Option("--once", help="做完即退出 stop when nothing is left")] = False,
    beside: Beside = None,
) -> None:
    """处理排队的工作。Work off what waits."""
    from hub.app import end_with
    from hub.core.log import configure
    from hub.worker import run

    if beside is not None:
        end_with(beside)
    hub = opened(home, database)
    configure(hub.settings.log_level)
    run(hub, once=once)


def schedule(home: Home = None, database: Database = None, beside: Beside = None) -> None:
    """按契约的计划接收数据。Pull contracts when they are due."""
    from hub.app import end_with, keep_schedule

    if beside is not None:
        end_with(beside)
    keep_schedule(opened(home, database))


def doctor(home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """自检：数据库、密钥、连接器、时区、计划。Check database, keys, connectors, zone."""
    from hub.doctor import examine

    hub = opened(home, database)
    found = examine(hub)
    rows = [{"what": f.what, "well": f.well, "text": f.text.text(hub.settings.language, f.values)} for f in found]

    def plain(console: Console) -> None:
        for row in rows:
            console.print(f"{'✓' if row['well'] else '✗'} {row['what']}: {row['text']}", markup=False, highlight=False, soft_wrap=True)

    say(rows, as_json, plain)
    if not all(f.well for f in found):
        raise typer.Exit(1)
