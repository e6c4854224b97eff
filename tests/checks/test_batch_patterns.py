"""GX-03: one pattern, one answer, whichever engine searches."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, MetaData, Table, Text, create_engine, literal, select
from sqlalchemy.pool import NullPool

from hub.checks.patterns import UnsafePattern, checked, for_rows, for_sql

# Characters on which engines are known to differ stand among the ordinary ones.
LETTERS = "ab1一\n１-.·\\^]𠮷"

TEXTS = Table("texts", MetaData(), Column("text", Text), prefixes=["TEMPORARY"])


@st.composite
def classes(draw: st.DrawFn) -> str:
    members = draw(st.lists(st.sampled_from(["a", "b-d", "0-9", "一-龥", r"\-", r"\]", r"\^", r"\\", "·", "."]), min_size=1, max_size=3))
    return "[" + draw(st.sampled_from(["", "^"])) + "".join(members) + "]"


def literals() -> st.SearchStrategy[str]:
    return st.sampled_from(["a", "b", "1", "一", "·", "-", r"\.", r"\\", r"\^", r"\]", "𠮷", " "])


@st.composite
def patterns(draw: st.DrawFn) -> str:
    def piece() -> str:
        return draw(classes() | literals()) + draw(st.sampled_from(["", "", "?", "{2}", "{1,3}"]))

    def branch() -> str:
        return "".join(piece() for _ in range(draw(st.integers(1, 3))))

    parts = [branch(), "(" + "|".join(branch() for _ in range(draw(st.integers(1, 3)))) + ")" + draw(st.sampled_from(["", "?"]))]
    parts.append(draw(classes()) + draw(st.sampled_from(["*", "+", ""])))
    return "".join(draw(st.permutations(parts)))


@pytest.fixture(scope="module")
def engines(postgres_url: str) -> Iterator[list[Connection]]:
    """A connection to each engine, on which nothing is kept."""
    opened = [create_engine(url, poolclass=NullPool) for url in ("sqlite://", postgres_url)]
    connections = [engine.connect() for engine in opened]
    for connection in connections:
        TEXTS.create(connection)
    yield connections
    for connection, engine in zip(connections, opened, strict=True):
        connection.close()
        engine.dispose()


@given(pattern=patterns(), values=st.lists(st.text(LETTERS, max_size=6), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_gx_03_all_engines_agree(engines: list[Connection], pattern: str, values: list[str]) -> None:
    texts = sorted(set(values))
    expected = [text for text in texts if re.fullmatch(checked(pattern), text)]
    for connection in engines:
        connection.execute(TEXTS.delete())
        connection.execute(TEXTS.insert(), [{"text": text} for text in texts])
        found = connection.execute(select(TEXTS.c.text).where(TEXTS.c.text.regexp_match(for_sql(pattern)))).scalars()
        assert sorted(found) == expected, (connection.dialect.name, pattern)
    rows = pl.Series(texts, dtype=pl.String)
    assert rows.filter(rows.str.contains(for_rows(pattern))).to_list() == expected, pattern


@pytest.mark.parametrize("text", ["1\n", "１", "\n1", "11"])
def test_a_line_end_behind_and_a_full_width_digit_never_pass(engines: list[Connection], text: str) -> None:
    for connection in engines:
        question = literal(text, Text).regexp_match(for_sql("^[0-9]$"))
        assert not connection.execute(select(question)).scalar_one(), connection.dialect.name


@pytest.mark.parametrize(
    ("pattern", "position"),
    [
        (r"\d{3}", 2), (r"\w", 2), (".*", 1), ("a.b", 2), ("^a$b", 3), ("a^b", 2), ("", 1), ("a|", 3), ("()", 2), ("(?:a)", 2), ("(?=a)", 2),
        ("(a", 3), ("a)", 2), ("[a", 3), ("[]", 2), ("[z-a]", 5), ("[[:digit:]]", 2), ("[a&&b]", 3), ("[a-]", 3), ("a**", 3), ("a+?", 3), ("a++", 3),
        ("a{2}{3}", 5), ("a{,3}", 2), ("a{3,1}", 2), ("a{1,999}", 2), ("a{x}", 2), ("(a+)+", 6), ("(a|b)*", 7), ("(a?){9}", 8), ("a*a*a*a*", 9),
        (r"\1", 2), (r"\<", 2), ("a\\", 3), ("*a", 1), ("a$$", 2), ("x" * 201, 201),
    ],
)  # fmt: skip
def test_what_engines_read_differently_is_refused_with_its_place(pattern: str, position: int) -> None:
    with pytest.raises(UnsafePattern) as refusal:
        checked(pattern)
    assert refusal.value.position == position, refusal.value.reason
    assert refusal.value.reason


@pytest.mark.parametrize("pattern", ["^[0-9]{6}$", "[0-9A-Z]{2}(-[0-9]{4}){3}", r"a\$", "^(甲|乙)?[0-9]+$", r"[^\-]*", "a{1,100}"])
def test_ordinary_patterns_are_taken(pattern: str) -> None:
    assert for_sql(pattern).startswith(r"\A(?:")
    assert re.compile(for_sql(pattern))
