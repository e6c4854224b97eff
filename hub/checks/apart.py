"""Batch checks in a process of their own, started at once: the library's seconds and megabytes are spent beside other work.

For commands, which end; a worker is such a process itself and imports ``hub.checks.batch``.
"""

from __future__ import annotations

import importlib
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import date
from functools import partial
from multiprocessing import get_context

from sqlalchemy import URL

from hub.checks.finding import RuleResult
from hub.checks.results import Answers, results
from hub.checks.suite import Check


@contextmanager
def checking() -> Iterator[Callable[..., tuple[RuleResult, ...]]]:
    """Gives what ``hub.checks.batch.check_batch`` is. If the process dies, every rule has ended in an error and the batch waits."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_ready) as process:
        process.submit(_ready)  # it is started by its first task

        def ask(url: URL | str, table: str, schema: str | None, checks: Sequence[Check], as_of: date) -> Answers:
            try:
                return process.submit(_ask, url, table, schema, checks, as_of).result()
            except BrokenProcessPool as error:
                return {check.name: type(error).__name__ for check in checks}

        yield partial(results, ask)


def _ready() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted is the command, which then ends this
    importlib.import_module("hub.checks.batch")


def _ask(url: URL | str, table: str, schema: str | None, checks: Sequence[Check], as_of: date) -> Answers:
    return dict(importlib.import_module("hub.checks.batch").answers(url, table, schema, checks, as_of))
