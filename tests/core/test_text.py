"""One canonical form of a text, whichever way it was typed or encoded."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.text import (
    BROKEN_TEXT,
    MOVED,
    ODD_TEXT,
    canonical_name,
    canonical_text,
    canonical_token,
    without_armour,
)

TEXTS = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("·•.．  　\u200b王张é'\"=１Ａ\ue81e")))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("\u202d330802\u202c", "330802"),
        ("　陈样戊　", "陈样戊"),
        ("李\u200b样乙\u00a0", "李样乙"),
        ("柯城区\r\n新街1号", "柯城区 新街1号"),
        ("新街１号Ａ座", "新街1号A座"),
        ("王\ue81e", "王龴"),
        ("李\ue864", "李龻"),
        ("e\u0301", "é"),
        ("郎e\u0301", "郎é"),  # a compatibility ideograph is a name of its own: NFC would make 郞 of it
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert canonical_text(text) == canonical


def test_compatibility_ideographs_stay() -> None:
    assert canonical_text("\uf92ce\u0301") == "\uf92cé"


@pytest.mark.parametrize("dot", "·•・‧．.⋅･")
def test_every_dot_of_a_minority_name_is_one(dot: str) -> None:
    assert canonical_name(f"阿样{dot}测试") == "阿样·测试"
    assert canonical_name(f"阿样 {dot} 测试") == "阿样·测试"


def test_blanks_inside_names() -> None:
    assert canonical_name("张  三") == "张三"
    assert canonical_name("张　三") == "张三"
    assert canonical_name("John  Smith") == "John Smith"
    assert canonical_name("J. R. Smith") == "J. R. Smith"


@pytest.mark.parametrize("text", ["'0123", '="0123"', '"0123"', "0123\t", "'\u200b0123", "＝“0123”", "０１２３", "`0123"])
def test_armour_of_exporters_is_taken_off(text: str) -> None:
    assert canonical_token(text) == "0123"


def test_free_text_keeps_its_own_quotes() -> None:
    assert without_armour('"永安" 小区') == '"永安" 小区'
    assert without_armour('="永安"') == "永安"
    assert without_armour("'永安") == "永安"


def test_a_name_from_gb18030_is_the_name_from_utf8() -> None:
    name = "王龴李龻"
    came = "王".encode("gb18030") + b"\xfe\x59" + "李".encode("gb18030") + b"\xfe\xa0"  # GB 18030-2022, which Python's codec is not
    assert canonical_text(came.decode("gb18030")) == name


@pytest.mark.parametrize(("old", "new"), sorted(MOVED.items()))
def test_moved_characters_are_the_same_from_either_edition(old: int, new: int) -> None:
    assert canonical_text(chr(old)) == canonical_text(chr(new)) == chr(new)
    assert len(chr(old).encode("gb18030")) == 2


@given(TEXTS)
def test_canonical_forms_are_idempotent(text: str) -> None:
    for canonical in (canonical_text, canonical_name, canonical_token):
        assert canonical(canonical(text)) == canonical(text)


@given(TEXTS)
def test_what_the_quick_look_passes_is_canonical(text: str) -> None:
    if not re.search(ODD_TEXT, text):
        assert canonical_text(text) == text


def test_broken_characters() -> None:
    assert all(re.search(BROKEN_TEXT, f"a{character}b") for character in ("\x00", "\x1a", "\x7f", "\ufffd"))
    assert not re.search(BROKEN_TEXT, "a\tb\r\nc 王")
