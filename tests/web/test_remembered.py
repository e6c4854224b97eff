"""A report's page that was made before is given again as long as nothing changed that it hangs on, and to the same session alone."""

from __future__ import annotations

from uuid import uuid4

import httpx2

from hub.forms.appointments import principal_for
from hub.store.engine import writing
from hub.store.tokens import create_token, list_tokens, revoke
from tests.store.counting import statements
from tests.web.conftest import Town
from tests.web.grids import ROSTER
from tests.web.test_misuse import opened, send

PERIOD = "2021Q2"  # of these tests alone: the town is shared


def session(town: Town, role: str = "township") -> httpx2.Client:
    return httpx2.Client(base_url=town.url, headers={"Cookie": f"yibiao_session={town.tokens[role]}"}, timeout=60)


def page(town: Town) -> str:
    return f"/reports/{ROSTER}/{town.village}/{PERIOD}"


def asked_of_the_database(town: Town, client: httpx2.Client) -> tuple[str, int]:
    """The page, and how many statements SQLAlchemy was given for it: the one that every request asks goes to the driver as it is."""
    with statements(town.hub.engine) as found:
        return client.get(page(town)).text, len(found)


def test_a_page_asked_for_again_costs_one_look_and_shows_what_was_typed_since(town: Town) -> None:
    line = opened(town, PERIOD)[0]
    with session(town) as client:
        first, made = asked_of_the_database(town, client)
        again, looked = asked_of_the_database(town, client)
        assert again == first
        assert (made > 0, looked) == (True, 0)
        word = f"在家 {uuid4().hex[:6]}"
        assert (
            send(town, PERIOD, {"key": str(uuid4()), "kind": "enter", "line": line, "field": "visit_note", "text": word})[0]["fate"]
            == "saved"
        )
        assert word in client.get(page(town)).text
        assert client.get(page(town), headers={"Accept-Language": "en"}).headers["content-language"] == "en"
        assert client.get(page(town)).headers["content-language"] == "zh"


def test_a_page_is_given_to_nobody_else(town: Town) -> None:
    opened(town, PERIOD)
    with session(town) as client:
        client.get(page(town))
        client.get(page(town))
    assert httpx2.get(f"{town.url}{page(town)}").status_code == 303  # to sign in
    with session(town, "other") as client:
        assert client.get(page(town)).status_code == 403


def test_who_is_not_allowed_any_more_gets_nothing_that_was_kept(town: Town) -> None:
    opened(town, PERIOD)
    hub = town.hub
    principal = principal_for(hub.catalog, "township", town.township, "remembered")
    with writing(hub.engine) as connection:
        token = create_token(connection, hub.vault, principal, "remembered", hub.micros())
    with httpx2.Client(base_url=town.url, headers={"Cookie": f"yibiao_session={token}"}, timeout=60) as client:
        assert [client.get(page(town)).status_code for _ in range(2)] == [200, 200]
        with writing(hub.engine) as connection:
            revoke(connection, next(one.id for one in list_tokens(connection) if one.name == "remembered"), hub.micros())
        assert client.get(page(town)).status_code == 303  # to sign in
