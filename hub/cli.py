"""The command line ``yibiao``: one verb a function. It wires and prints; it does not decide.

Nothing heavy is imported before the verb that needs it: Great Expectations and the web server stay out of every other start.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from hub.core.clock import SystemClock
from hub.core.errors import Kind, YibiaoError, invalid, not_found
from hub.core.messages import Message
from hub.core.settings import Settings, load, without_password

if TYPE_CHECKING:
    from hub.pipeline import Travelled
    from hub.store.hub import Hub

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="一表：部门已有的数，表上已填好。One set of forms."
)
tokens = typer.Typer(no_args_is_help=True, help="令牌 tokens")
batch = typer.Typer(no_args_is_help=True, help="批次 batches")
app.add_typer(tokens, name="token")
app.add_typer(batch, name="batch")

Home = Annotated[Path | None, typer.Option("--home", help="状态目录 where the hub keeps its state (YIBIAO_HOME, ./var)")]
Database = Annotated[
    str | None, typer.Option("--database", help="数据库地址 SQLAlchemy URL (YIBIAO_DATABASE); SQLite in the home folder by default")
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
Beside = Annotated[int | None, typer.Option("--beside", hidden=True, help="the process with which this one ends")]
Paths = Annotated[list[Path], typer.Argument(help="文件或目录 files or folders")]

NOT_USABLE = Message(
    "place_not_usable",
    "{place} 无法使用（{reason}）。请检查路径和权限。",
    "{place} cannot be used ({reason}). Check the path and its permissions.",
)
NO_TOKEN = Message(
    "token_not_found", "没有编号为 {number} 的有效令牌。见 yibiao token list。", "No token {number} is in force: see yibiao token list."
)
OUTPUT_KIND = Message(
    "output_kind", "{place}：报表只能写成 .xlsx 或 .json 文件。", "{place}: a report is written as an .xlsx or a .json file."
)
DATABASE_FAILED = Message(
    "database_failed",
    "数据库或参数无法使用（{reason}）。请检查 --database 的写法和参数的大小。",
    "The database or an argument cannot be used ({reason}). Check how --database is written, and the size of numbers.",
)
_OPENED = ExitStack()  # what a command opened and nobody else closes


@app.callback()
def _command(context: typer.Context) -> None:
    context.call_on_close(_OPENED.close)


def main() -> None:
    """Entry point: a failure that people should read about is one plain line per mistake, and exit code 1."""
    try:
        app()
    except YibiaoError as error:
        _complain(error)
        sys.exit(1)
    except OSError as error:  # a place that cannot be written or read: the system says which and why
        _complain(YibiaoError(Kind.UNAVAILABLE, NOT_USABLE, place=error.filename or "-", reason=error.strerror or type(error).__name__))
        sys.exit(1)
    except (SQLAlchemyError, OverflowError, ModuleNotFoundError) as error:  # its text may quote a value
        _complain(YibiaoError(Kind.UNAVAILABLE, DATABASE_FAILED, reason=type(error).__name__))
        sys.exit(1)


def _complain(error: YibiaoError) -> None:
    try:
        language = load().language
    except YibiaoError:
        language = "zh"  # it is the settings that are wrong
    for one in error.details or (error,):
        print(f"yibiao: {_at(one)}{one.text(language)}", file=sys.stderr)  # noqa: T201


def _at(error: YibiaoError) -> str:
    file = error.values.get("file")
    return _where(file, error.values.get("line")) if file and file not in error.text() else ""


def _where(file: str, line: int | None) -> str:
    return f"{file}:{line}: " if line else f"{file}: "


def _open(home: Path | None, database: str | None) -> Hub:
    from hub.store.hub import open_hub

    return _kept(open_hub(load(home, database), SystemClock()))


def _kept(hub: Hub) -> Hub:
    """The hub, whose connections are closed when the command ends."""
    _OPENED.callback(hub.engine.dispose)
    return hub


def _print(data: Any, as_json: bool, plain: Callable[[Console], None]) -> None:
    if as_json:
        print(json.dumps(data, ensure_ascii=False, indent=2, default=str))  # noqa: T201
    else:
        plain(Console())


@app.command()
def demo(
    home: Home = None,
    database: Database = None,
    people: Annotated[int, typer.Option(help="人数 people in the sample city", min=300)] = 10_000,
    seed: Annotated[int, typer.Option(help="随机种子 seed")] = 1,
    port: Annotated[int, typer.Option(help="端口 port to serve on", min=0, max=65_535)] = 8000,
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
        hub = _kept(make_hub(settings, SystemClock()))
        told = story.tell(hub, people, seed, story.month_end_before(hub.today()), check, Console(stderr=as_json))
    _print(story.as_data(told), as_json, lambda console: story.show(told, console))
    if serve and not as_json:
        from hub.demo.serving import serve_demo

        serve_demo(told, port)


@app.command()
def init(home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """建立状态目录、密钥和数据库。Make folder, keys and database."""
    from hub.store.hub import make_hub

    hub = _kept(make_hub(load(home, database), SystemClock()))
    data = {
        "home": str(hub.settings.home),
        "database": without_password(hub.settings.database_url),
        "contracts": len(hub.catalog.contracts),
    }
    _print(data, as_json, lambda c: c.print(f"{data['home']}: {data['database']}，契约 contracts {data['contracts']}"))


@app.command()
def lint(paths: Paths, home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """检查定义文件：逐条说明错误，或说明会改变什么。Explain the mistakes in definition files, or what they would change."""
    from hub.checks.suite import problems
    from hub.publish import explained, reasons
    from hub.registry.lint import lint as find_mistakes
    from hub.registry.lint import preview

    settings = load(home, database)
    language, base = settings.language, _in_force(settings)
    found = find_mistakes(paths, base, problems)
    changes, effects = preview(paths, base) if not found else ([], [])
    mistakes = [
        {"file": f.file, "line": f.line, "code": f.code, "what": getattr(f.what, language), "remedy": getattr(f.remedy, language)} for f in found
    ]  # fmt: skip
    refused = reasons(changes, effects)

    def plain(console: Console) -> None:
        lines = [f"{_where(one['file'], one['line'])}{one['what']} {one['remedy']}" for one in mistakes]
        lines += [one.text(language) for one in refused] + [f"[{effect.area.value}] {effect.text(language)}" for effect in effects]
        for line in lines:
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        wrong = len(mistakes) + len(refused)
        console.print(f"{wrong} 处问题 mistakes" if wrong else "没有发现问题 no mistakes")

    _print({"mistakes": mistakes, **explained(changes, effects, language)}, as_json, plain)
    if mistakes or refused:
        raise typer.Exit(1)


def _in_force(settings: Settings) -> list[Any]:
    """The published documents where a hub is there already, so that one file alone can be linted; else the shipped ones."""
    from hub.registry.definitions import definition_roots
    from hub.registry.load import read_documents
    from hub.store import definitions

    if settings.database is None and not (settings.home / "yibiao.db").exists():
        return read_documents(definition_roots())
    with _open(settings.home, settings.database).engine.connect() as connection:
        return definitions.standing(definitions.in_force(connection)) or read_documents(definition_roots())


@app.command()
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

    hub = _open(home, database)
    language = hub.settings.language
    done = publish_documents(hub, written_at(paths or list(definition_roots())), "cli", dry_run=dry_run)
    data = {"published": done.published, "documents": list(done.documents), **explained(done.changes, done.effects, language)}

    def plain(console: Console) -> None:
        for effect in done.effects:
            console.print(f"[{effect.area.value}] {effect.text(language)}", markup=False, highlight=False, soft_wrap=True)
        word = "已发布 published" if done.published else "未改动 nothing new" if not done.documents else "试运行，未发布 dry run"
        console.print(f"{word}: {len(done.documents)}")

    _print(data, as_json, plain)


@app.command()
def pull(
    contracts: Annotated[list[str] | None, typer.Argument(help="契约；不写则全部 contracts; all by default")] = None,
    home: Home = None,
    database: Database = None,
    sources: Annotated[Path | None, typer.Option(help="来源的相对路径从这里起 where relative paths of sources start")] = None,
    as_json: AsJson = False,
) -> None:
    """接收到期的数据。Pull what the departments have ready."""
    from hub.checks.apart import checking
    from hub.pipeline import pull as pull_contract
    from hub.pipeline import pulled_contracts

    hub = _open(home, database)
    folder = sources or hub.settings.home / "sources"
    failed = False
    rows: list[dict[str, Any]] = []
    with checking() as check:
        for name in contracts or pulled_contracts(hub.catalog):
            try:
                for t in pull_contract(hub, name, folder, check):
                    failed = failed or t.reason is not None
                    rows.append(_travelled(t, hub.settings.language))
            except YibiaoError as error:
                failed = True
                _complain(error)

    def plain(console: Console) -> None:
        for row in rows:
            console.print("  ".join(f"{k} {v}" for k, v in row.items() if v is not None), markup=False, highlight=False, soft_wrap=True)
        if not rows and not failed:
            console.print("没有新的数据 nothing new")

    _print(rows, as_json, plain)
    if failed:
        raise typer.Exit(1)


def _travelled(t: Travelled, language: str) -> dict[str, Any]:
    return {
        "batch": t.batch, "contract": t.contract, "as_of": str(t.as_of), "state": t.state.value, "read": t.read,
        "accepted": t.accepted, "unchanged": t.unchanged, "quarantined": t.quarantined, "seconds": round(t.seconds, 3),
        "reason": t.reason.text(language) if t.reason else None,
    }  # fmt: skip


@batch.command("show")
def batch_show(
    number: Annotated[int, typer.Argument(help="批次编号 batch")], home: Home = None, database: Database = None, as_json: AsJson = False
) -> None:
    """一个批次：计数、规则、发现的问题。One batch: counts, rules, findings."""
    from hub.checks.messages import explain
    from hub.store import batches

    hub = _open(home, database)
    with hub.engine.connect() as connection:
        found = batches.find_batch(connection, number)
        findings = batches.findings_of(connection, number)
        data = {
            "batch": found.id, "contract": hub.tables.by_number(found.dataset).contract.id, "as_of": found.as_of, "kind": found.kind.value,
            "state": found.state.value, "read": found.read, "accepted": found.accepted, "unchanged": found.unchanged,
            "quarantined": found.quarantined, "ended": found.ended, "reason": found.reason,
            "rules": batches.rule_results_of(connection, number), "warnings": batches.warnings_of(connection, number), "findings": findings,
        }  # fmt: skip

    def plain(console: Console) -> None:
        for key, value in data.items():
            if not isinstance(value, list):
                console.print(f"{key}: {value}", markup=False, highlight=False)
        for finding in findings:
            console.print("  " + explain(finding, hub.settings.language), markup=False, highlight=False, soft_wrap=True)

    _print(data, as_json, plain)


@app.command()
def conflicts(home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """未解决的冲突。Open conflicts."""
    from hub.store.conflicts import open_conflicts

    hub = _open(home, database)
    with hub.engine.connect() as connection:
        found = open_conflicts(connection, hub.tables, None, None, limit=10_000)
    names = {tables.number: name for name, tables in hub.tables.datasets.items()}
    rows = [{"id": c.id, "subject": c.subject, "what": c.what, "source": names.get(c.source), "stands": names.get(c.winner)} for c in found]

    def plain(console: Console) -> None:
        for row in rows:
            console.print("  ".join(f"{k} {v}" for k, v in row.items()), markup=False, highlight=False, soft_wrap=True)
        console.print(f"{len(rows)} 项冲突 open conflicts")

    _print(rows, as_json, plain)


@app.command()
def fill(
    form: Annotated[str, typer.Argument(help="表单 form")],
    unit: Annotated[str, typer.Option("--unit", help="12 位区划代码 division code")],
    period: Annotated[str, typer.Option("--period", help="2026-10, 2026Q3, 2026S2")],
    output: Annotated[Path | None, typer.Option("--output", help="写到 .xlsx 或 .json 文件 write to a file")] = None,
    home: Home = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """预填一张报表。One prefilled report."""
    from hub.demo.tables import print_report
    from hub.forms.filling import filled
    from hub.forms.workbook import report_workbook

    if output is not None and output.suffix not in (".xlsx", ".json"):
        raise invalid(OUTPUT_KIND, place=output)
    hub = _open(home, database)
    found = filled(hub, form, unit, period)
    if output is not None:
        workbook = output.suffix == ".xlsx"
        output.write_bytes(report_workbook(found.report, hub.catalog, hub.settings.language) if workbook else found.json)
        return
    _print(json.loads(found.json), as_json, lambda console: print_report(found.report, hub.catalog, console))


@app.command()
def serve(
    home: Home = None,
    database: Database = None,
    host: Annotated[str, typer.Option(help="监听地址 address")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="端口 port", min=0, max=65_535)] = 8000,
    alone: Annotated[bool, typer.Option("--alone", help="不启动自带的工作和计划进程 without a worker and a scheduler of its own")] = False,
) -> None:
    """网页和接口。Pages and API."""
    from hub.app import serve as run_server

    run_server(load(home, database), host, port, with_worker=not alone, with_schedule=not alone)


@app.command()
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
    hub = _open(home, database)
    configure(hub.settings.log_level)
    run(hub, once=once)


@app.command()
def schedule(home: Home = None, database: Database = None, beside: Beside = None) -> None:
    """按契约的计划接收数据。Pull contracts when they are due."""
    from hub.app import end_with, keep_schedule

    if beside is not None:
        end_with(beside)
    keep_schedule(_open(home, database))


@tokens.command("create")
def token_create(
    role: Annotated[str, typer.Option(help="township, county, department, bureau")],
    organisation: Annotated[str, typer.Option(help="部门标识或区划代码 department or division code")],
    name: Annotated[str, typer.Option(help="名称 a name to know it by")] = "",
    home: Home = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """发一个令牌；只显示这一次。Make a token; it is shown this once."""
    from hub.forms.appointments import principal_for
    from hub.store.engine import writing
    from hub.store.tokens import create_token

    hub = _open(home, database)
    with writing(hub.engine) as connection:
        principal = principal_for(hub.catalog, role, organisation, name or f"{role} {organisation}")
        token = create_token(connection, hub.vault, principal, principal.name, hub.micros())
    _print({"token": token}, as_json, lambda console: console.print(token, markup=False, highlight=False))


@tokens.command("list")
def token_list(home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """所有令牌，不含令牌本身。All tokens, without the tokens themselves."""
    from hub.core.clock import from_microseconds
    from hub.store.tokens import list_tokens

    hub = _open(home, database)
    with hub.engine.connect() as connection:
        rows = [
            {"id": one.id, "name": one.name, "organisation": one.principal.organisation, "made": f"{from_microseconds(one.created_at):%Y-%m-%d}",
             "revoked": one.revoked_at is not None}
            for one in list_tokens(connection)
        ]  # fmt: skip

    def plain(console: Console) -> None:
        for row in rows:
            state = "已收回 revoked" if row["revoked"] else "有效 in force"
            console.print(
                f"{row['id']}  {row['made']}  {state}  {row['organisation']}  {row['name']}", markup=False, highlight=False, soft_wrap=True
            )

    _print(rows, as_json, plain)


@tokens.command("revoke")
def token_revoke(
    number: Annotated[int, typer.Argument(help="编号 its number in token list")], home: Home = None, database: Database = None
) -> None:
    """收回一个令牌，不可恢复。Take a token back, for ever."""
    from hub.store.engine import writing
    from hub.store.tokens import revoke

    hub = _open(home, database)
    with writing(hub.engine) as connection:
        if not revoke(connection, number, hub.micros()):
            raise not_found(NO_TOKEN, number=number)


@app.command()
def doctor(home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """自检：数据库、密钥、连接器、时区、计划。Check database, keys, connectors, zone."""
    from hub.doctor import examine

    hub = _open(home, database)
    found = examine(hub)
    rows = [{"what": f.what, "well": f.well, "text": f.text.text(hub.settings.language, f.values)} for f in found]

    def plain(console: Console) -> None:
        for row in rows:
            console.print(f"{'✓' if row['well'] else '✗'} {row['what']}: {row['text']}", markup=False, highlight=False, soft_wrap=True)

    _print(rows, as_json, plain)
    if not all(f.well for f in found):
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
