"""The life of a report as a table: who may take it where, and what is said to whoever may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.errors import YibiaoError
from hub.core.principals import APPROVERS, FILLERS, Principal, PrincipalKind, Role
from hub.forms.lifecycle import OPEN, TRANSITIONS, TURNS, Act, Standing, acts_for, locked, transition
from hub.forms.working import check_filler


def somebody(*roles: Role) -> Principal:
    return Principal(PrincipalKind.PERSON, "somebody", "somewhere", frozenset(roles))


def test_f79_the_township_withdraws_nothing_after_the_county_approved() -> None:
    """Refused with who is first, and not offered."""
    approver = somebody(Role.TOWNSHIP_APPROVER)
    with pytest.raises(YibiaoError) as refused:
        transition(approver, Act.WITHDRAW_APPROVAL, Standing.APPROVED_COUNTY, "再看看")
    assert refused.value.code == "county_reopens_first"
    assert Act.WITHDRAW_APPROVAL not in acts_for(approver, Standing.APPROVED_COUNTY)
    assert Act.WITHDRAW_APPROVAL in acts_for(approver, Standing.APPROVED_TOWNSHIP)


@pytest.mark.parametrize("role", sorted(APPROVERS))
def test_f81_an_approver_has_no_act_that_changes_a_figure(role: Role) -> None:
    with pytest.raises(YibiaoError) as refused:
        check_filler(somebody(role))
    assert "统计法第七条" in refused.value.text("zh")
    assert not any(act is Act.SUBMIT for standing in Standing for act in acts_for(somebody(role), standing))


def test_whatever_is_sent_back_or_reopened_needs_a_reason() -> None:
    for one in TRANSITIONS:
        if one.act in (Act.RETURN, Act.WITHDRAW_APPROVAL, Act.REOPEN, Act.REVISE):
            with pytest.raises(YibiaoError) as refused:
                transition(somebody(*one.roles), one.act, one.before, "  ")
            assert refused.value.code == "reason_needed"


def test_only_an_open_report_is_typed_into_and_every_other_says_who_can_open_it() -> None:
    assert {Standing.DRAFT, Standing.RETURNED} == OPEN
    for standing in set(Standing) - OPEN:
        assert any(word in locked(standing).text("zh") for word in ("乡镇", "区县", "修订"))


@given(st.lists(st.tuples(st.sampled_from(list(Act)), st.sampled_from(list(Role))), max_size=30))
def test_no_walk_skips_an_approval(walk: list[tuple[Act, Role]]) -> None:
    """A report is frozen only behind both approvals, in this order, whoever tries what."""
    standing, seen = Standing.DRAFT, [Standing.DRAFT]
    for act, role in walk:
        try:
            standing = transition(somebody(role), act, standing, "理由").after
        except YibiaoError:
            continue
        seen.append(standing)
        if standing is Standing.FROZEN:
            assert seen[-2] is Standing.APPROVED_COUNTY
        if standing is Standing.APPROVED_COUNTY:
            assert seen[-2] is Standing.APPROVED_TOWNSHIP
    assert standing in TURNS
    assert FILLERS.isdisjoint(APPROVERS)
