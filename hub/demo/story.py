"""The demonstration told on a terminal, step by step, and as one object for ``--json``. Prints; decides nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from hub.core.clock import Period, parse_period
from hub.core.settings import without_password
from hub.demo.comparison import Compared, Faults, Wrong, compare_faults, compare_report
from hub.demo.departments import departments
from hub.demo.journey import Journey, travel_all
from hub.demo.office import largest_village
from hub.demo.tables import print_report
from hub.forms.canonical import report_data
from hub.forms.model import Report
from hub.forms.prefill import report as fill_report
from hub.pipeline import Checker, Travelled, pulled_contracts
from hub.publish import Publication, publish, written_at
from hub.registry.definitions import definition_roots
from hub.sample.city import City, build
from hub.store.batches import State
from hub.store.hub import Hub
from hub.store.view import open_view

ROSTER, INDICATORS = "low-income-roster", "village-basics"


@dataclass(frozen=True, slots=True)
class Shown:
    """A report with how it compares with the truth."""

    report: Report
    compared: Compared


@dataclass(slots=True)
class Told:
    """What the demonstration did, for printing and for ``--json``."""

    hub: Hub
    city: City
    publication: Publication
    journey: Journey
    faults: Faults
    shown: list[Shown] = field(default_factory=list)
    seconds: float = 0.0


def month_end_before(day: date) -> date:
    """The last day of the month before ``day``'s: the sample's second delivery."""
    return day.replace(day=1) - timedelta(days=1)


def tell(hub: Hub, people: int, seed: int, second: date, check: Checker, console: Console) -> Told:
    """The main job from an empty hub: city, definitions, two deliveries, two reports, all held against the truth."""
    started = time.perf_counter()
    with _bars(console) as progress:
        with _step(progress, "生成样例城市 building the sample city"):
            city = build(people, seed, second)
        with _step(progress, "发布数据元、契约和表单 publishing definitions"):
            publication = publish(hub, written_at(definition_roots()), "demo")
            hub = hub.reopened()
        bar = progress.add_task("接收五部门数据 pulling five departments", total=2 * len(pulled_contracts(hub.catalog)))
        with departments(city, hub.settings.home) as systems:
            journey = travel_all(hub, systems, check, lambda _: progress.advance(bar))
        with _step(progress, "预填报表 filling reports"):
            told = Told(hub, city, publication, journey, compare_faults(hub, city, journey))
            for form, period in ((ROSTER, _month(second)), (INDICATORS, _quarter(second))):
                told.shown.append(_shown(hub, city, form, largest_village(city), period))
    told.seconds = time.perf_counter() - started
    return told


@contextmanager
def _bars(console: Console) -> Iterator[Progress]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        yield progress


@contextmanager
def _step(progress: Progress, name: str) -> Iterator[None]:
    bar = progress.add_task(name, total=1)
    yield
    progress.advance(bar)


def _month(day: date) -> Period:
    return parse_period(f"{day:%Y-%m}")


def _quarter(day: date) -> Period:
    return parse_period(f"{day.year}Q{(day.month - 1) // 3 + 1}")


def _shown(hub: Hub, city: City, form: str, unit: str, period: Period) -> Shown:
    with hub.engine.connect() as connection, open_view(connection, hub.tables) as view:
        filled = fill_report(connection, view, hub.catalog, hub.catalog.forms[form], unit, period, hub.today(), hub.vault)
    return Shown(filled, compare_report(city, filled))


# For people ------------------------------------------------------------------------------------------------------------


def show(told: Told, console: Console) -> None:
    """Print batches, reports, faults."""
    console.print(_batches(told.journey))
    for shown in told.shown:
        print_report(shown.report, told.hub.catalog, console)
        _print_shares(shown, console)
    faults = told.faults
    console.print(
        f"预设差错 planted faults: [bold]{faults.planted}[/]，发现 found {faults.found}，"
        f"遗漏 missed {len(faults.missed)}，误报 false {len(faults.false)}"
    )
    for line in (*faults.missed[:10], *faults.false[:10]):
        console.print(f"  {line}")
    console.print(f"用时 {told.seconds:.1f} s")
    settings = told.hub.settings
    where = f"--home {settings.home}"
    if settings.database is not None:
        where += f" --database '{without_password(settings.database)}'"
    first = next((b for b in told.journey.batches if b.quarantined), None)
    following = {
        f"conflicts {where}": "部门之间不一致的数据 what departments disagree on",
        **({} if first is None else {f"batch show {first.batch} {where}": "隔离的行怎样更正 what is wrong with held rows"}),
        f"serve {where}": "网页和接口 pages and API",
    }
    console.print("接着可以 next:")
    for command, what in following.items():
        console.print(f"  {what}\n    {_program()} {command}", markup=False, highlight=False, soft_wrap=True)


def _program() -> str:
    """The command as it was given: a newcomer has no ``yibiao`` on the path."""
    given = Path(sys.argv[0])
    return str(given) if given.name == "yibiao" else "yibiao"


def _batches(journey: Journey) -> Table:
    """It fits a terminal of 80 columns; a batch that did not close says so."""
    table = Table(
        title="批次 batches",
        box=SIMPLE,
        padding=(0, 1, 0, 0),
        caption="截至 as of；读入 read = 接收 accepted + 未变 unchanged + 隔离 quarantined；秒 s",
    )
    table.add_column("契约 contract", no_wrap=True)
    table.add_column("截至", no_wrap=True)
    for name in ("读入", "接收", "未变", "隔离", "秒", "行/秒"):
        table.add_column(name, justify="right", no_wrap=True)
    for b in journey.batches:
        counts = (str(n) for n in (b.read, b.accepted, b.unchanged, b.quarantined))
        mark = "" if b.state is State.CLOSED else f" {b.state.value}"
        table.add_row(b.contract + mark, f"{b.as_of:%m-%d}", *counts, f"{b.seconds:.2f}", f"{b.rows_per_second:.0f}")
    return table


def _print_shares(shown: Shown, console: Console) -> None:
    c = shown.compared
    console.print(
        f"  可共享单元格 shareable {c.shareable} / {c.cells}；无需填写 filled {c.filled} ({_share(c.filled, c.shareable)})\n"
        f"  与真值一致 right {c.right} ({_share(c.right, c.filled)})"
    )
    for kind, cells in (("缺 missing", c.missing), ("不符 wrong", c.wrong)):
        for cell in cells[:5]:
            console.print(f"    {kind}: {_where(cell)}")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "—"


def _where(cell: Wrong) -> str:
    return f"第 {cell.line} 行“{cell.column}”（{cell.state.value}）"


# For programs ----------------------------------------------------------------------------------------------------------


def as_data(told: Told) -> dict[str, Any]:
    """The one object of ``--json``. ``report`` is the first one shown."""
    first = told.shown[0]
    return {
        "batches": [_batch_data(b) for b in told.journey.batches],
        "report": _report_data(first),
        "reports": [_report_data(shown) for shown in told.shown],
        "faults": {
            "planted": told.faults.planted, "found": told.faults.found, "missed": len(told.faults.missed), "false": len(told.faults.false),
        },
        "seconds": round(told.seconds, 2),
    }  # fmt: skip


def _batch_data(b: Travelled) -> dict[str, Any]:
    return {
        "contract": b.contract, "as_of": b.as_of.isoformat(), "state": b.state.value, "read": b.read, "accepted": b.accepted,
        "unchanged": b.unchanged, "quarantined": b.quarantined, "seconds": round(b.seconds, 3),
    }  # fmt: skip


def _report_data(shown: Shown) -> dict[str, Any]:
    c, report = shown.compared, shown.report
    return {
        "form": report.form.id, "unit": report.unit, "period": report.period.text, "cells": c.cells, "shareable": c.shareable,
        "filled": c.filled, "right": c.right, "sections": report_data(report)["sections"],
    }  # fmt: skip
