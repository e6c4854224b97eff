"""Local accounts on each engine: signing in, sessions and their ends, and the lock of a name that somebody guesses at."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.core.clock import FixedClock, microseconds
from hub.core.errors import Kind, YibiaoError
from hub.core.principals import Principal, PrincipalKind, Role
from hub.core.settings import load
from hub.store import accounts
from hub.store.arrivals import arrive
from hub.store.engine import writing
from hub.store.hub import Hub, make_hub
from hub.store.ledger_tables import account, session
from hub.store.own_account import change_own_password, own_account
from tests.moments import NOVEMBER
from tests.store.counting import statements

CLERK = Principal(PrincipalKind.PERSON, "li", "330803200000", frozenset({Role.TOWNSHIP}), ("330803200203",))
PASSWORD = "correct horse 正确"
NOW = microseconds(NOVEMBER)


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    opened = make_hub(load(tmp_path / "home", database_url), FixedClock(NOVEMBER))
    with writing(opened.engine) as connection:
        accounts.create_account(connection, "li", PASSWORD, CLERK, NOW)
    yield opened
    opened.engine.dispose()


def enter(hub: Hub, name: str = "li", password: str = PASSWORD, now: int = NOW) -> str:
    return accounts.sign_in(hub.engine, hub.vault, name, password, now)


def refusal(hub: Hub, name: str = "li", password: str = "wrong wrong wrong", now: int = NOW) -> YibiaoError:
    with pytest.raises(YibiaoError) as caught:
        enter(hub, name, password, now)
    return caught.value


def whose(hub: Hub, clear: str, now: int = NOW) -> Principal | None:
    return arrive(hub.engine, hub.vault, clear, now).principal


def test_a_session_stands_for_the_person_until_it_ends(hub: Hub) -> None:
    one, other = enter(hub), enter(hub)
    assert whose(hub, one) == whose(hub, other) == CLERK
    assert whose(hub, one + "x") is None
    with writing(hub.engine) as connection:
        accounts.end_session(connection, hub.vault, one)
    assert (whose(hub, one), whose(hub, other)) == (None, CLERK)


def test_a_session_ends_when_nothing_was_asked_for_long_and_at_the_latest_with_the_day(hub: Hub) -> None:
    left, used = enter(hub), enter(hub)
    now = NOW
    while now < NOW + accounts.LASTS - accounts.IDLE // 2:
        now += accounts.IDLE // 2
        until = arrive(hub.engine, hub.vault, used, now).expires_at
        assert until is not None
        assert until <= NOW + accounts.LASTS
        accounts.note_request(hub.engine, hub.vault, used, until, now)
    assert whose(hub, left, NOW + accounts.IDLE - 1) == CLERK
    assert whose(hub, left, NOW + accounts.IDLE) is None
    assert whose(hub, used, NOW + accounts.LASTS - 1) == CLERK
    assert whose(hub, used, NOW + accounts.LASTS) is None


def test_not_every_request_is_a_writer(hub: Hub) -> None:
    clear = enter(hub)
    with statements(hub.engine) as asked:
        accounts.note_request(hub.engine, hub.vault, clear, NOW + accounts.IDLE, NOW + 60_000_000)
    assert asked == []


def test_neither_password_nor_session_is_stored_in_clear(hub: Hub) -> None:
    clear = enter(hub)
    with hub.engine.connect() as connection:
        kept = [str(value) for table in (account, session) for row in connection.execute(select(table)) for value in row]
    assert any(value.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for value in kept)
    assert not any(secret in value for secret in (clear, PASSWORD) for value in kept)


def test_a_wrong_password_and_a_wrong_name_are_refused_in_the_same_words(hub: Hub) -> None:
    wrong, nobody = refusal(hub), refusal(hub, name="wang")
    assert (wrong.kind, wrong.text("zh")) == (Kind.UNAUTHENTICATED, nobody.text("zh"))
    assert wrong.code == "sign_in_wrong"


def test_the_fifth_wrong_password_locks_the_name_for_a_while_and_the_right_one_does_not_open_it(hub: Hub) -> None:
    words = {refusal(hub).text("zh") for _ in range(accounts.FAILURES)}
    words |= {refusal(hub, password=PASSWORD).text("zh"), refusal(hub, name="wang").text("zh")}
    assert len(words) == 1, "nobody learns which names there are"
    late = NOW + accounts.LOCKED_FOR
    assert refusal(hub, now=late - 1).code == "sign_in_wrong"  # and does not lengthen it
    assert refusal(hub, password=PASSWORD, now=late - 1).code == "sign_in_wrong"
    assert whose(hub, enter(hub, now=late), late) == CLERK


def test_a_right_password_forgets_the_wrong_ones(hub: Hub) -> None:
    for _ in range(2):
        assert {refusal(hub).code for _ in range(accounts.FAILURES - 1)} == {"sign_in_wrong"}
        assert whose(hub, enter(hub)) == CLERK


def test_guesses_at_once_are_all_counted(hub: Hub) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: refusal(hub), range(accounts.FAILURES)))
    assert refusal(hub, password=PASSWORD).code == "sign_in_wrong"
    with hub.engine.connect() as connection:
        (listed,) = accounts.list_accounts(connection)
    assert (listed.name, listed.principal, listed.locked_until) == ("li", CLERK, NOW + accounts.LOCKED_FOR)


def test_a_new_password_ends_every_session_and_the_lock(hub: Hub) -> None:
    clear = enter(hub)
    for _ in range(accounts.FAILURES):
        refusal(hub)
    with writing(hub.engine) as connection:
        assert accounts.change_password(connection, "li", "another good one")
        assert not accounts.change_password(connection, "wang", "another good one")
    assert whose(hub, clear) is None
    assert refusal(hub, password=PASSWORD).code == "sign_in_wrong"
    assert whose(hub, enter(hub, password="another good one")) == CLERK


def test_a_name_is_given_once_and_a_weak_password_is_refused(hub: Hub) -> None:
    for name, password, code in (
        ("li", PASSWORD, "account_exists"), ("wang", "short", "password_short"), ("wang", "x" * 257, "password_short"),
        ("wang", "WANG-and-more", "password_name"),
    ):  # fmt: skip
        with pytest.raises(YibiaoError) as caught, writing(hub.engine) as connection:
            accounts.create_account(connection, name, password, CLERK, NOW)
        assert caught.value.code == code


def test_two_keyboards_that_write_a_character_in_two_ways_sign_in(hub: Hub) -> None:
    assert whose(hub, enter(hub, password=PASSWORD.replace("c", "ｃ"))) == CLERK


def own(hub: Hub, clear: str, now: int = NOW) -> accounts.Account:
    with hub.engine.connect() as connection:
        found = own_account(connection, hub.vault, clear, now)
    assert found is not None
    return found


def test_an_account_knows_when_it_was_signed_in_to_and_when_that_was_refused(hub: Hub) -> None:
    first = own(hub, enter(hub))
    assert (first.signed_in_at, first.signed_in_before, first.failed_at) == (NOW, None, None)
    refusal(hub, now=NOW + 1)
    again = own(hub, enter(hub, now=NOW + 2))
    assert (again.signed_in_at, again.signed_in_before, again.failed_at) == (NOW + 2, NOW, NOW + 1)


def test_a_disabled_account_is_refused_as_a_wrong_password_is_and_its_sessions_end(hub: Hub) -> None:
    clear = enter(hub)
    with writing(hub.engine) as connection:
        assert accounts.disable(connection, "li", NOW)
        assert not accounts.disable(connection, "wang", NOW)
    assert whose(hub, clear) is None
    assert refusal(hub, password=PASSWORD).text("zh") == refusal(hub).text("zh")
    with writing(hub.engine) as connection:
        assert accounts.change_password(connection, "li", "another good one")
    assert refusal(hub, password="another good one").code == "sign_in_wrong", "a new password enables nobody"
    with writing(hub.engine) as connection:
        assert accounts.enable(connection, "li")
        assert not accounts.enable(connection, "wang")
    assert whose(hub, enter(hub, password="another good one")) == CLERK


def change(hub: Hub, clear: str, old: str, new: str, now: int = NOW) -> str | None:
    """Why one's own password was not changed."""
    try:
        change_own_password(hub.engine, hub.vault, clear, old, new, now)
    except YibiaoError as error:
        return error.code
    return None


def test_ones_own_password_is_changed_by_the_old_one_and_the_other_sessions_end(hub: Hub) -> None:
    here, elsewhere = enter(hub), enter(hub)
    refusals = [change(hub, here, *pair) for pair in (("a wrong one", "another good one"), (PASSWORD, "short"), (PASSWORD, PASSWORD))]
    assert refusals == ["password_old_wrong", "password_short", "password_same"]
    assert whose(hub, elsewhere) == CLERK
    assert change(hub, here, PASSWORD, "another good one") is None
    assert (whose(hub, here), whose(hub, elsewhere)) == (CLERK, None)
    assert refusal(hub, password=PASSWORD).code == "sign_in_wrong"
    assert whose(hub, enter(hub, password="another good one")) == CLERK


def test_a_session_left_open_is_no_place_to_guess_at_its_password(hub: Hub) -> None:
    here = enter(hub)
    assert {change(hub, here, f"guess {n}", "another good one") for n in range(accounts.FAILURES)} == {"password_old_wrong"}
    assert change(hub, here, PASSWORD, "another good one") == "password_old_wrong"
    assert change(hub, "yb_nobody", PASSWORD, "another good one") == "password_none"
    assert change(hub, here, PASSWORD, "another good one", NOW + accounts.LOCKED_FOR) is None
