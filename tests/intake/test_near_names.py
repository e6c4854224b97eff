"""F68: old forms name places otherwise than the division list. Those that may be meant are proposed with the reason; none is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.checks.messages import explain, remedy
from hub.core.reading import Reading
from hub.intake.divisions import Places, index_places
from hub.intake.near_names import Why, near_names, stem
from hub.registry.model import Code, CodeList, Title

NAMES = {
    "330800000000": ("衢州市", None),
    "330802000000": ("柯城区", "330800000000"),
    "330802001000": ("庆北街道", "330802000000"),
    "330802200000": ("黄家乡", "330802000000"),
    "330802200201": ("山头李村", "330802200000"),
    "330802200202": ("上山头村", "330802200000"),
    "330802201000": ("万田乡", "330802000000"),
    "330802201201": ("山头李村", "330802201000"),
}  # fmt: skip


def tree() -> Places:
    codes = {code: Code(code, Title(name, name), parent) for code, (name, parent) in NAMES.items()}
    return index_places(CodeList("division", Title("区划", "divisions"), codes))


@pytest.mark.parametrize(
    ("written", "proposed", "reason"),
    [
        ("黄家乡 山头里村", "330802200201 柯城区 黄家乡 山头李村~sound", "一字不同,拼音首字母相同"),
        ("黄家乡 山头李村委会", "330802200201 柯城区 黄家乡 山头李村~ending", "只有村、村委会"),
        ("庆北办事处", "330802001000 衢州市 柯城区 庆北街道~ending", "只有村、村委会"),
        ("黄家乡 李头山村", "330802200201 柯城区 黄家乡 山头李村~order", "次序不同"),
        ("黄家乡 山头王村", "330802200201 柯城区 黄家乡 山头李村~sign", "一字不同)"),
    ],
)
def test_f68_places_are_proposed_with_their_reason_and_none_is_taken(written: str, proposed: str, reason: str) -> None:
    reading = tree().read_names(written)
    assert reading == Reading(rule="division", hint="near", agreed=f"near:{proposed}")
    finding = {"rule": "division", "hint": "near", "agreed": reading.agreed, "found": written, "field": "village"}
    text = explain(finding, "zh")
    assert reason in text
    assert proposed.partition("~")[0] in text
    assert "选定" in remedy(finding)
    assert "perhaps" in explain(finding, "en")


def test_a_name_of_two_villages_is_proposed_twice_and_a_strange_one_not_at_all() -> None:
    both = tree().read_names("山头里村").agreed or ""
    assert both.count("~sound") == 2
    assert tree().read_names("柯城区 子虚乡") == Reading(rule="division", hint="name")


SIGNS = st.text(st.sampled_from("山头李里王上庆北"), min_size=1, max_size=4)
PLACES = st.lists(st.builds("".join, st.tuples(SIGNS, st.sampled_from(["村", "社区", "乡", "街道", ""]))), max_size=12)


@given(PLACES, st.builds("".join, st.tuples(SIGNS, st.sampled_from(["村", "村委会", "办事处", ""]))))
def test_what_is_proposed_is_in_the_list_is_near_and_comes_once(known: list[str], written: str) -> None:
    found = near_names(known).near(written)
    names = [name for name, _ in found]
    assert len(set(names)) == len(names)
    assert set(names) <= set(known) - {written}
    for name, why in found:
        one, other = stem(name), stem(written)
        apart = sum(first != second for first, second in zip(one, other, strict=False))
        assert {
            Why.ENDING: one == other,
            Why.ORDER: sorted(one) == sorted(other),
            Why.SOUND: len(one) == len(other) and apart == 1,
            Why.SIGN: len(one) == len(other) and apart == 1,
        }[why]
    assert set(names) >= {name for name in known if stem(name) == stem(written) and name != written}
