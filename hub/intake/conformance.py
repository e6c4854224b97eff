"""The suite that every connector must pass, ours or another's: plain functions over a ``Subject``, for any test runner.

A connector's author writes a ``Subject`` (how to set up a source that holds given rows) and runs the checks::

    @pytest.mark.parametrize("check", conformance.checks(Excel), ids=lambda check: check.__name__)
    def test_conformance(check, tmp_path):
        check(Excel(tmp_path))

Each check raises ``AssertionError`` with what the port promises and what came instead. This module knows no connector
and no test runner, and it is no place for the cases of one format: those are the connector's own tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

import polars as pl

from hub.core.errors import Kind
from hub.intake.memory import children, resident_bytes
from hub.intake.port import DATE, FRAME_ROWS, NUMBER, TEXT, Frame, Source
from hub.intake.pulled import Pulled, failure, pull
from hub.registry.model import Contract, Delivery, Field, Title

__all__ = [
    "ALWAYS", "COLUMNS", "KEY", "Cell", "Check", "Encoded", "Guarded", "Pulled", "Subject", "Table", "checks", "contract", "expected",
    "failure", "people", "pull", "text_of",
]  # fmt: skip

Cell = str | Decimal | date | None

KEY = "编号"
COLUMNS = (KEY, "姓名", "地址", "备注")
MEMORY_SHARE = 1 / 3  # of what a longer delivery holds more, what reading it may need more
MEMORY_BYTES = 16 * 2**20  # and this much, for the weather in the allocators


@dataclass(frozen=True, slots=True)
class Table:
    """What a source shall hold. ``rows`` is iterated once, in key order; ``kinds`` says per column what its cells are
    (TEXT, NUMBER, DATE): a source without such a type holds the text of the cell (``text_of``)."""

    columns: tuple[str, ...]
    rows: Iterable[tuple[Cell, ...]]
    kinds: tuple[int, ...] = ()

    def kind(self, column: int) -> int:
        return self.kinds[column] if self.kinds else TEXT


class Subject(Protocol):
    """How the suite sets up one kind of source."""

    @property
    def frame_rows(self) -> int:
        """The most rows that a source set up by this subject gives in one frame (its page); small, so that few rows page."""
        ...

    @property
    def large(self) -> int:
        """How many rows of about 1,200 bytes the memory check reads: 60,000 or more, where that is no torment."""
        ...

    @property
    def kinds(self) -> frozenset[int]:
        """The kinds beside TEXT that this source knows (of NUMBER, DATE)."""
        ...

    def serve(self, contract: Contract, table: Table) -> Source:
        """A source with one delivery, the rows of ``table``, read under ``contract``."""
        ...

    def unreachable(self, contract: Contract) -> Source:
        """A source that does not answer: a folder that is not there, a port where nobody listens."""
        ...


@runtime_checkable
class Guarded(Protocol):
    """A subject whose sources want credentials."""

    def locked(self, contract: Contract, table: Table) -> Source:
        """As ``serve``, with credentials that the source does not take."""
        ...


@runtime_checkable
class Encoded(Protocol):
    """A subject whose sources come in several encodings."""

    encodings: tuple[str, ...]

    def serve_encoded(self, contract: Contract, table: Table, encoding: str) -> Source:
        """As ``serve``, in the encoding with this Python codec name, under a contract that names none."""
        ...


Check = Callable[[Any], None]


def checks(subject: type[Any] | Subject) -> tuple[Check, ...]:
    """The checks that apply to a subject (class or instance)."""
    guarded = (bad_credentials_are_refused,) if hasattr(subject, "locked") else ()
    encoded = (every_encoding_gives_the_same_rows,) if hasattr(subject, "serve_encoded") else ()
    return (*ALWAYS, *guarded, *encoded)


# What a delivery is made of ------------------------------------------------------------------------------------------


def contract(columns: tuple[str, ...] = COLUMNS, required: tuple[str, ...] = (KEY,)) -> Contract:
    """A snapshot contract over these columns; the first is the key."""
    fields = tuple(
        Field(
            name=f"c{position}",
            physical=physical,
            ignored="the suite reads frames only",
            required=physical in required,
            key_position=1 if position == 0 else None,
        )
        for position, physical in enumerate(columns)
    )
    return Contract(
        id="suite.people", version="1.0.0", title=Title("一致性", "conformance"), delivery=Delivery.SNAPSHOT, fields=fields, roles=()
    )


def people(count: int, start: int = 1) -> Iterator[tuple[Cell, ...]]:
    """``count`` rows of COLUMNS, in key order; every third has no remark."""
    for number in range(start, start + count):
        yield (f"{number:08d}", f"王样{number}", f"新街{number}号", None if number % 3 == 0 else f"备注{number}")


def text_of(cell: Cell) -> str | None:
    """A cell as a frame must show it: numbers as their shortest exact decimal text, dates as ISO 8601."""
    if isinstance(cell, Decimal):
        plain = format(cell, "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return cell.isoformat() if isinstance(cell, date) else cell


def expected(rows: Iterable[tuple[Cell, ...]], columns: tuple[str, ...] = COLUMNS) -> list[dict[str, str | None]]:
    return [dict(zip(columns, map(text_of, row), strict=True)) for row in rows]


# The checks ----------------------------------------------------------------------------------------------------------


def rows_come_as_they_are(subject: Subject) -> None:
    """Every row once, every physical field as a String column, records numbered from 1, no fault, a proven end."""
    agreed = contract()
    source = subject.serve(agreed, Table(COLUMNS, people(5)))
    pulled = pull(source)
    source.close()
    assert pulled.rows == expected(people(5))
    assert pulled.records == [1, 2, 3, 4, 5]
    assert pulled.end.records == 5
    assert pulled.end.complete, "a pull of everything from a source that works is proven complete"
    for frame in pulled.frames:
        assert_shape(frame, COLUMNS)


def assert_shape(frame: Frame, columns: tuple[str, ...]) -> None:
    """What the port says of a frame's three tables."""
    assert set(frame.values.columns) == set(columns)
    assert set(frame.values.dtypes) == {pl.String}, "values are text"
    assert set(frame.kinds.columns) <= set(columns)
    assert set(frame.kinds.dtypes) <= {pl.UInt8}
    assert frame.places.columns == ["record", "line", "fault", "raw"]
    assert frame.places.dtypes == [pl.Int64, pl.Int64, pl.String, pl.String]
    assert frame.values.height == frame.places.height, "a place per record"
    assert not frame.kinds.columns or frame.kinds.height == frame.values.height, "a kind per cell"
    assert 0 < frame.values.height <= FRAME_ROWS


def offers_name_the_delivery(subject: Subject) -> None:
    """An offer has a name, a date and a kind; what came not after a date is not offered again."""
    source = subject.serve(contract(), Table(COLUMNS, people(3)))
    offer = source.offers(None, None)[0]
    assert offer.name
    assert isinstance(offer.as_of, date)
    assert offer.kind in {Delivery.SNAPSHOT, Delivery.DELTA}
    assert all(later.as_of > offer.as_of for later in source.offers(offer.as_of, None))
    source.close()


def frames_are_pages(subject: Subject) -> None:
    """A long delivery comes in several frames, none larger than agreed, each with a cursor."""
    count = 3 * subject.frame_rows + 1
    source = subject.serve(contract(), Table(COLUMNS, people(count)))
    pulled = pull(source)
    source.close()
    assert len(pulled.frames) >= 3
    assert max(frame.values.height for frame in pulled.frames) <= subject.frame_rows
    assert all(frame.cursor for frame in pulled.frames[:-1]), "a frame says where to resume after it"
    assert pulled.rows == expected(people(count))
    assert pulled.records == list(range(1, count + 1))


def a_cut_pull_resumes(subject: Subject) -> None:
    """From the cursor of each frame the rest comes, numbered on, with the same end: nothing twice, nothing missing."""
    count = 3 * subject.frame_rows + 1
    source = subject.serve(contract(), Table(COLUMNS, people(count)))
    offer = source.offers(None, None)[0]
    whole = pull(source, offer=offer)
    seen = 0
    for frame in whole.frames[:-1]:
        seen += frame.values.height
        rest = pull(source, frame.cursor, offer)
        assert rest.rows == whole.rows[seen:], f"resumed after {seen} rows"
        assert rest.records == whole.records[seen:]
        assert rest.end.records == count, "the end counts the whole delivery"
    source.close()


def a_pull_may_be_left(subject: Subject) -> None:
    """A consumer that stops half-way does not hang the source: it can be read again from the start."""
    source = subject.serve(contract(), Table(COLUMNS, people(3 * subject.frame_rows)))
    offer = source.offers(None, None)[0]
    started = iter(source.read(offer))
    first = next(started)
    assert isinstance(first, Frame)
    close = getattr(started, "close", None)
    if close is not None:
        close()
    assert len(pull(source, offer=offer).rows) == 3 * subject.frame_rows
    source.close()


def text_stays_text(subject: Subject) -> None:
    """Nothing is inferred, trimmed or repaired: zeros, signs, words, quotes, rare characters come as they were."""
    values = (
        "007", "1E5", "0x1F", "1,234.50", "-0", "true", "NULL", "N/A", "#N/A", "2024-02-30", "330802195106088035",
        '他说"好"', "甲,乙;丙\t丁", "阿样·测试", "王𬀩", "é", "'1", "=1+1", "全角１２３", "  两端空白 ",
    )  # fmt: skip
    rows = [(f"{number:08d}", value, None, "x") for number, value in enumerate(values, 1)]
    source = subject.serve(contract(), Table(COLUMNS, rows))
    pulled = pull(source)
    source.close()
    assert [row["姓名"] for row in pulled.rows] == list(values)
    assert pulled.kinds("姓名") == [TEXT] * len(values)


def kinds_are_told(subject: Subject) -> None:
    """A cell that was a number or a date says so; its text is exact."""
    columns = (KEY, "金额", "日期")
    rows: list[tuple[Cell, ...]] = [
        ("00000001", Decimal("620.5"), date(2024, 2, 15)),
        ("00000002", Decimal(0), date(1951, 6, 8)),
        ("00000003", Decimal("-12345678.91"), None),
        ("00000004", None, date(9999, 12, 31)),
    ]
    source = subject.serve(contract(columns), Table(columns, rows, (TEXT, NUMBER, DATE)))
    pulled = pull(source)
    source.close()
    shown = [(row["金额"], (row["日期"] or "")[:10] or None) for row in pulled.rows]
    assert shown == [(text_of(row[1]), text_of(row[2])) for row in rows]
    for column, kind, position in (("金额", NUMBER, 1), ("日期", DATE, 2)):
        present = [told for told, row in zip(pulled.kinds(column), rows, strict=True) if row[position] is not None]
        assert present == [kind if kind in subject.kinds else TEXT] * 3, f"kinds of {column}"


def a_column_too_many_is_warned(subject: Subject) -> None:
    """A column that the contract does not know is told and left out."""
    columns = (*COLUMNS, "新栏目")
    source = subject.serve(contract(), Table(columns, [(*row, "多") for row in people(3)]))
    pulled = pull(source)
    source.close()
    assert pulled.rows == expected(people(3))
    assert "新栏目" in {warning.place for warning in pulled.warned("extra_column")}


def an_optional_column_may_be_absent(subject: Subject) -> None:
    """A field that is not required and not delivered is null throughout."""
    columns = COLUMNS[:3]
    source = subject.serve(contract(), Table(columns, [row[:3] for row in people(3)]))
    pulled = pull(source)
    source.close()
    assert pulled.rows == [{**row, "备注": None} for row in expected((row[:3] for row in people(3)), columns)]


def a_required_column_must_be_there(subject: Subject) -> None:
    """A delivery without a required column is refused; the error names the column."""
    agreed = contract(required=(KEY, "姓名"))
    columns = (KEY, "地址", "备注")
    source = subject.serve(agreed, Table(columns, [(row[0], *row[2:]) for row in people(3)]))
    error = failure(source)
    source.close()
    assert (error.kind, error.code) == (Kind.INVALID, "refused_columns")
    assert "姓名" in error.text("zh")


def an_empty_snapshot_is_refused(subject: Subject) -> None:
    """A snapshot of nothing would end everybody."""
    source = subject.serve(contract(), Table(COLUMNS, ()))
    error = failure(source)
    source.close()
    assert (error.kind, error.code) == (Kind.INVALID, "refused_empty")


def an_unreachable_source_says_so(subject: Subject) -> None:
    """A source that does not answer is UNAVAILABLE, told in both languages, never a library's exception."""
    source = subject.unreachable(contract())
    error = failure(source)
    source.close()
    assert error.kind is Kind.UNAVAILABLE
    assert error.text("zh")
    assert error.text("en")


def memory_does_not_grow(subject: Subject) -> None:
    """Three times the rows need hardly more memory: less than a third of what they hold more. Child processes count."""
    large = max(subject.large, 16 * subject.frame_rows)
    short = _peak(subject, large // 3)
    long = _peak(subject, large)
    allowed = MEMORY_SHARE * (long.held - short.held) + MEMORY_BYTES
    assert (short.records, long.records) == (large // 3, large)
    assert long.peak - short.peak <= allowed, (
        f"{large // 3} rows took {short.peak / 2**20:.0f} MiB, {large} rows {long.peak / 2**20:.0f} MiB; "
        f"allowed are {allowed / 2**20:.0f} MiB more"
    )


@dataclass(frozen=True, slots=True)
class _Peak:
    records: int
    held: int  # bytes of all values together
    peak: int  # bytes of memory, at most


def _peak(subject: Subject, count: int) -> _Peak:
    """Reads ``count`` wide rows, keeping none."""
    columns = (KEY, *(f"列{number}" for number in range(20)))
    filler = tuple(f"{number:02d}" + "样本数据" * 5 for number in range(20))
    source = subject.serve(contract(columns), Table(columns, ((f"{number:08d}", *filler) for number in range(count))))
    others = children()  # a database server of the tests, whose shared pages would be counted with every connection
    offer = source.offers(None, None)[0]
    before = resident_bytes(others)  # with what writing the delivery has left behind
    peak = records = held = 0
    for part in source.read(offer):
        peak = max(peak, resident_bytes(others) - before)
        if isinstance(part, Frame):
            records += part.values.height
            held += int(part.values.estimated_size())
    source.close()
    return _Peak(records, held, peak)


def bad_credentials_are_refused(subject: Guarded) -> None:
    """Credentials that the source does not take: UNAUTHENTICATED, and the secret is not in the message."""
    source = subject.locked(contract(), Table(COLUMNS, people(3)))
    error = failure(source)
    source.close()
    assert error.kind is Kind.UNAUTHENTICATED


def every_encoding_gives_the_same_rows(subject: Encoded) -> None:
    """The same rows, whatever the encoding, a four-byte character among them."""
    rows = [*people(3), ("00000004", "王𬀩", "阿样·测试", "é")]
    for encoding in subject.encodings:
        source = subject.serve_encoded(contract(), Table(COLUMNS, rows), encoding)
        assert pull(source).rows == expected(rows), encoding
        source.close()


ALWAYS: tuple[Check, ...] = (
    rows_come_as_they_are,
    offers_name_the_delivery,
    frames_are_pages,
    a_cut_pull_resumes,
    a_pull_may_be_left,
    text_stays_text,
    kinds_are_told,
    a_column_too_many_is_warned,
    an_optional_column_may_be_absent,
    a_required_column_must_be_there,
    an_empty_snapshot_is_refused,
    an_unreachable_source_says_so,
    memory_does_not_grow,
)
