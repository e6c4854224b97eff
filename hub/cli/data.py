"""Data: pulled, looked at, and handed out in forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from hub.cli.frame import AsJson, Database, Home, complain, opened, placed, say
from hub.core.errors import YibiaoError, invalid
from hub.core.messages import Message

if TYPE_CHECKING:
    from hub.pipeline import Travelled
    from hub.registry.model import Catalog
    from hub.web.shown.conflicts import Queued

OUTPUT_KIND = Message(
    "output_kind", "{place}：报表只能写成 .xlsx 或 .json 文件。", "{place}: a report is written as an .xlsx or a .json file."
)
CONFLICT = Message(
    "conflict_line",
    "{id}  {who}  {what}：{said}。由{looks}在 {deadline} 前核对{late}",
    "{id}  {who}  {what}: {said}. To be looked at by {looks} until {deadline}{late}",
)
STANDS = Message("conflict_stands", "{title} {text}（{as_of}，现用）", "{title} {text} ({as_of}, stands)")
DIFFERS = Message("conflict_differs", "{title} {text}（{as_of}，不同）", "{title} {text} ({as_of}, differs)")
SAYS = Message("conflict_says", "{title} {text}（{as_of}）", "{title} {text} ({as_of})")
LATE = Message("conflict_late", "（已逾期）", " (late)")

_CONFLICTS = 10_000  # shown at most


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
    from hub.store.batches import warnings_of

    hub = opened(home, database)
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
                complain(error, name)
    with hub.engine.connect() as connection:
        for row in rows:
            row["warnings"] = _worded(warnings_of(connection, row["batch"]), hub.settings.language)

    def plain(console: Console) -> None:
        for row in rows:
            told = "  ".join(f"{name} {value}" for name, value in row.items() if name != "warnings" and value is not None)
            for line in (told, *(f"  {warning}" for warning in row["warnings"])):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
        if not rows and not failed:
            console.print("没有新的数据 nothing new")

    say(rows, as_json, plain)
    if failed:
        raise typer.Exit(1)


def _travelled(t: Travelled, language: str) -> dict[str, Any]:
    return {
        "batch": t.batch, "contract": t.contract, "as_of": str(t.as_of), "state": t.state.value, "read": t.read,
        "accepted": t.accepted, "unchanged": t.unchanged, "quarantined": t.quarantined, "seconds": round(t.seconds, 3),
        "reason": placed(t.reason, language) if t.reason else None,
    }  # fmt: skip


def _worded(warnings: list[dict[str, Any]], language: str) -> list[str]:
    """What a person should know of a batch though it holds nothing back: a column that did not come, above all."""
    from hub.checks.finding import Warned
    from hub.checks.messages import explain_warning

    return [explain_warning(Warned(w["kind"], w["place"], w["count"]), language) for w in warnings]


def show_batch(
    number: Annotated[int, typer.Argument(help="批次编号 batch")], home: Home = None, database: Database = None, as_json: AsJson = False
) -> None:
    """一个批次：计数、规则、发现的问题。One batch: counts, rules, findings."""
    from hub.checks.batch_messages import told
    from hub.checks.messages import explain
    from hub.store import batches

    hub = opened(home, database)
    language = hub.settings.language
    with hub.engine.connect() as connection:
        found = batches.find_batch(connection, number)
        findings = batches.findings_of(connection, number)
        contract = hub.tables.by_number(found.dataset).contract
        data: dict[str, Any] = {
            "batch": found.id, "contract": contract.id, "name": found.name, "as_of": found.as_of, "kind": found.kind.value,
            "state": found.state.value, "read": found.read, "accepted": found.accepted, "unchanged": found.unchanged,
            "quarantined": found.quarantined, "ended": found.ended, "reason": found.reason,
            "rules": batches.rule_results_of(connection, number), "warnings": batches.warnings_of(connection, number), "findings": findings,
        }  # fmt: skip

    columns, rules = {one.name: one.physical for one in contract.fields}, {one.name: one for one in contract.quality}

    def plain(console: Console) -> None:
        lines = [f"{key}: {value}" for key, value in data.items() if not isinstance(value, list | dict) and value is not None]
        if found.reason is not None:
            lines.append(str(found.reason[language]))
        for rule in data["rules"]:
            lines.append(
                f"  {rule['rule']}: {rule['outcome']} {rule['broken']}/{rule['checked']} {told(rule['message'], language)}".rstrip()
            )
        lines += ["  " + warning for warning in _worded(data["warnings"], language)]
        for line in [*lines, *("  " + explain(finding, language, columns, rules) for finding in findings)]:
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    say(data, as_json, plain)


def conflicts(home: Home = None, database: Database = None, as_json: AsJson = False) -> None:
    """未解决的冲突：是谁、各来源怎么说、由谁在何时前核对。Open conflicts: whom about, what each source says, who looks by when."""
    from hub.forms.appointments import principal_for
    from hub.web.context import Asked
    from hub.web.shown.conflicts import queue, queued_data

    hub = opened(home, database)
    language = hub.settings.language
    found = queue(Asked(hub, principal_for(hub.catalog, "bureau", "data-bureau", "cli"), language), 0, _CONFLICTS)

    def plain(console: Console) -> None:
        for item in found:
            console.print(_conflict(hub.catalog, item, language), markup=False, highlight=False, soft_wrap=True)
        console.print(f"{len(found)} 项冲突 open conflicts")

    say([{**queued_data(item), "title": item.title(language)} for item in found], as_json, plain)


def _conflict(catalog: Catalog, item: Queued, language: str) -> str:
    """One conflict in a line, as the page shows it; people are masked, for whoever runs the hub needs nobody's identity."""
    from hub.web.shown.values import department_name

    how = {one: SAYS if item.element is None else STANDS if one.contract == item.winner else DIFFERS for one in item.said}
    said = [message.text(language, vars(one)) for one, message in how.items()]
    values = {
        "id": item.id, "who": " ".join(filter(None, (item.entity_title, item.name, item.key))), "what": item.title(language),
        "looks": "、".join(department_name(catalog, department) for department in item.looks) or "—", "deadline": item.deadline,
        "said": "；".join(said) if said else "—", "late": LATE.text(language) if item.late else "",
    }  # fmt: skip
    return CONFLICT.text(language, values)


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
    hub = opened(home, database)
    found = filled(hub, form, unit, period)
    if output is not None:
        workbook = output.suffix == ".xlsx"
        output.write_bytes(report_workbook(found.report, hub.catalog, hub.settings.language) if workbook else found.json)
        place = str(output)
        say({"written": place}, as_json, lambda console: console.print(f"已写入 written: {place}", markup=False, soft_wrap=True))
        return
    say(json.loads(found.json), as_json, lambda console: print_report(found.report, hub.catalog, console))
