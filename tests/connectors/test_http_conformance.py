"""The source port's suite over a paged API, counted by pages and by rows, plain and packed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.http.settings import settings
from connectors.http.source import HttpSource
from connectors.http.waiting import Patience
from hub.intake import conformance
from hub.intake.conformance import Table, text_of
from hub.intake.port import NUMBER, Contract, Source, SourceContext
from tests.http_source import Script, Token, played, serving

TODAY = date(2024, 3, 1)


class Api:
    """A server per source; all end with the test."""

    frame_rows = 60
    large = 20_000
    kinds = frozenset({NUMBER})

    def __init__(self, paging: str, stack: ExitStack) -> None:
        self.paging = paging
        self.stack = stack

    def serve(self, contract: Contract, table: Table) -> Source:
        return self._source(contract, self.stack.enter_context(played(self._script(table))), "right")

    def locked(self, contract: Contract, table: Table) -> Source:
        return self._source(contract, self.stack.enter_context(played(self._script(table))), "wr0ng")

    def unreachable(self, contract: Contract) -> Source:
        return self._source(contract, "http://127.0.0.1:1", "right")

    def _script(self, table: Table) -> Script:
        rows = [{name: _json(cell) for name, cell in zip(table.columns, row, strict=True) if cell is not None} for row in table.rows]
        return serving(rows, token="right", gzip=self.paging == "offset")

    def _source(self, contract: Contract, base: str, token: str) -> Source:
        options = {
            "base_url": base, "path": "/rows", "paging": self.paging, "page_size": 20, "frame_rows": self.frame_rows,
            "total": "data.total", "success": {"code": 200}, "token_secret": "health",
        }  # fmt: skip
        checked = settings(contract, options, SourceContext(Path(), TODAY, {"health": token}))
        return HttpSource(contract, checked, TODAY, Patience(sleep=lambda seconds: None))


def _json(cell: conformance.Cell) -> str | None:
    text = text_of(cell)
    return Token(text) if isinstance(cell, Decimal) and text is not None else text


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize("paging", ["page", "offset"])
@pytest.mark.parametrize("check", conformance.checks(Api), ids=lambda check: check.__name__)
def test_conformance(check: conformance.Check, paging: str, stack: ExitStack) -> None:
    check(Api(paging, stack))


def test_credentials_are_in_no_message(stack: ExitStack) -> None:
    reading = Api("page", stack).locked(conformance.contract(), Table(conformance.COLUMNS, conformance.people(1)))
    error = conformance.failure(reading)
    assert "wr0ng" not in error.text("zh") + error.text("en") + repr(error.values) + repr(vars(reading))
