"""What the web, the workers and the scheduler keep in the store, on each engine: tokens, jobs, runs and leases, reports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.core.clock import FixedClock, microseconds
from hub.core.errors import YibiaoError
from hub.core.principals import Principal, PrincipalKind, Role
from hub.core.settings import load
from hub.store import jobs
from hub.store.current import CurrentHub, known_now, reachable
from hub.store.engine import writing
from hub.store.hub import Hub, make_hub
from hub.store.jobs import JobKind, JobState
from hub.store.reports import ReportKey, content_of, find_reports, store_report
from hub.store.runs import StoredRuns, close_run, last_runs
from hub.store.tokens import create_token, find_principal, list_tokens, revoke
from tests.moments import NOVEMBER

SOMEBODY = Principal(PrincipalKind.PERSON, "li", "示例乡", frozenset({Role.TOWNSHIP}), ("330803200203",))
NOW = microseconds(NOVEMBER)
LEASE = 60_000_000


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[Hub]:
    opened = make_hub(load(tmp_path / "home", database_url), FixedClock(NOVEMBER))
    yield opened
    opened.engine.dispose()


class TestTokens:
    def test_a_token_stands_for_its_principal_and_is_stored_as_a_digest(self, hub: Hub) -> None:
        with writing(hub.engine) as connection:
            clear = create_token(connection, hub.vault, SOMEBODY, "first", NOW)
            assert find_principal(connection, hub.vault, clear, NOW) == SOMEBODY
            assert find_principal(connection, hub.vault, clear + "x", NOW) is None
            (listed,) = list_tokens(connection)
        assert (listed.name, listed.principal) == ("first", SOMEBODY)
        assert clear not in repr(listed)

    def test_it_ends_when_it_runs_out_or_is_taken_back(self, hub: Hub) -> None:
        with writing(hub.engine) as connection:
            short = create_token(connection, hub.vault, SOMEBODY, "short", NOW, expires_at=NOW + 1)
            long = create_token(connection, hub.vault, SOMEBODY, "long", NOW)
            assert find_principal(connection, hub.vault, short, NOW) == SOMEBODY
            assert find_principal(connection, hub.vault, short, NOW + 1) is None
            assert revoke(connection, list_tokens(connection)[1].id, NOW)
            assert not revoke(connection, list_tokens(connection)[1].id, NOW)
            assert find_principal(connection, hub.vault, long, NOW) is None


class TestJobs:
    def ask(self, hub: Hub, contract: str = "a.b", **named: str) -> jobs.Job:
        with writing(hub.engine) as connection:
            return jobs.ask(connection, JobKind.PULL, contract, {}, "li", NOW, **named)[0]  # type: ignore[arg-type]

    def claim(self, hub: Hub, holder: str, now: int = NOW) -> jobs.Job | None:
        return jobs.claim(hub.engine, holder, now, LEASE, deaths=2)

    def test_the_oldest_is_claimed_once(self, hub: Hub) -> None:
        first, second = self.ask(hub), self.ask(hub, "a.c")
        claimed = [self.claim(hub, "one"), self.claim(hub, "two"), self.claim(hub, "three")]
        assert [job and job.id for job in claimed] == [first.id, second.id, None]

    def test_of_one_contract_one_runs_at_a_time(self, hub: Hub) -> None:
        first, second = self.ask(hub), self.ask(hub)
        assert (self.claim(hub, "one") or first).id == first.id
        assert self.claim(hub, "two") is None
        with writing(hub.engine) as connection:
            assert jobs.end(connection, first.id, "one", JobState.DONE, {}, NOW)
        found = self.claim(hub, "two")
        assert found is not None
        assert found.id == second.id

    def test_what_a_dead_worker_held_is_claimed_anew_and_set_aside_after_two_deaths(self, hub: Hub) -> None:
        job = self.ask(hub)
        later = NOW
        for claims in (1, 2):
            found = self.claim(hub, f"worker {claims}", later)
            assert found is not None
            assert (found.state, found.claims) == (JobState.RUNNING, claims)
            assert self.claim(hub, "other", later + LEASE - 1) is None  # believed alive so long
            later += LEASE + 1
        found = self.claim(hub, "worker 3", later)
        assert found is not None
        assert (found.id, found.state, found.outcome) == (job.id, JobState.ASIDE, {"deaths": 2})
        assert self.claim(hub, "worker 4", later + LEASE + 1) is None

    def test_a_sign_of_life_keeps_it_and_only_its_holder_ends_it(self, hub: Hub) -> None:
        job = self.ask(hub)
        self.claim(hub, "one")
        with writing(hub.engine) as connection:
            assert jobs.still_alive(connection, job.id, "one", NOW + 3 * LEASE)
            assert not jobs.still_alive(connection, job.id, "two", NOW + 3 * LEASE)
            assert not jobs.end(connection, job.id, "two", JobState.DONE, {}, NOW)
        assert self.claim(hub, "two", NOW + 2 * LEASE) is None

    def test_given_back_it_counts_no_death(self, hub: Hub) -> None:
        job = self.ask(hub)
        for _ in range(4):
            self.claim(hub, "one")
            with writing(hub.engine) as connection:
                jobs.give_back(connection, job.id, "one")
                assert jobs.queue_lengths(connection) == {"waiting": 1, "running": 0}
        found = self.claim(hub, "one")
        assert found is not None
        assert found.claims == 1

    def test_a_request_key_names_one_request(self, hub: Hub) -> None:
        first = self.ask(hub, request_key="k", request_digest="d")
        assert self.ask(hub, request_key="k", request_digest="d").id == first.id
        with pytest.raises(YibiaoError) as caught:
            self.ask(hub, request_key="k", request_digest="other")
        assert caught.value.code == "idempotency_key_reused"
        assert self.ask(hub).id != self.ask(hub).id  # without a key every request is its own


class TestRuns:
    def test_the_lease_is_held_by_one_and_taken_when_it_runs_out(self, hub: Hub) -> None:
        runs = StoredRuns(CurrentHub(hub))
        minute = timedelta(minutes=1)
        assert runs.hold_lease("one", NOVEMBER, NOVEMBER + minute)
        assert runs.hold_lease("one", NOVEMBER, NOVEMBER + minute)
        assert not runs.hold_lease("two", NOVEMBER, NOVEMBER + minute)
        assert runs.hold_lease("two", NOVEMBER + minute, NOVEMBER + 2 * minute)
        runs.release_lease("one")  # not one's own: nothing happens
        assert not runs.hold_lease("one", NOVEMBER + minute, NOVEMBER + 2 * minute)
        runs.release_lease("two")
        assert runs.hold_lease("one", NOVEMBER, NOVEMBER + minute)

    def test_a_lease_written_while_a_clock_was_ahead_does_not_block(self, hub: Hub) -> None:
        runs = StoredRuns(CurrentHub(hub))
        ahead = NOVEMBER + timedelta(days=4000)
        assert runs.hold_lease("one", ahead, ahead + timedelta(minutes=1))
        assert runs.hold_lease("two", NOVEMBER, NOVEMBER + timedelta(minutes=1))

    def test_a_planned_run_is_opened_once_with_its_job_and_the_missed_ones_are_told(self, hub: Hub) -> None:
        runs = StoredRuns(CurrentHub(hub))
        planned, missed = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
        assert runs.open_run("a.b", planned, [missed], NOVEMBER)
        assert not runs.open_run("a.b", planned, [], NOVEMBER)
        assert runs.last_planned("a.b", NOVEMBER) == planned
        assert runs.last_planned("a.b", missed) == missed
        job = jobs.claim(hub.engine, "one", NOW, LEASE, deaths=2)
        assert job is not None
        assert (job.contract, job.planned_at) == ("a.b", microseconds(planned))
        assert jobs.claim(hub.engine, "two", NOW, LEASE, deaths=2) is None
        with writing(hub.engine) as connection:
            close_run(connection, "a.b", microseconds(planned), "done", "", NOW)
            found = last_runs(connection)["a.b"]
        assert (found.planned_at, found.outcome) == (planned, "done")


class TestReports:
    KEY = ReportKey("form", "1.0.0", "330803200203", "2026-10", 7)

    def test_a_report_is_kept_sealed_and_replaced_by_a_later_one(self, hub: Hub) -> None:
        with writing(hub.engine) as connection:
            assert find_reports(connection, [self.KEY]).get(self.KEY) is None
            for content, made_at in ((b"first", NOW), ("第二".encode(), NOW + 1)):
                store_report(connection, hub.vault, self.KEY, content, "digest", made_at)
            stored = find_reports(connection, [self.KEY]).get(self.KEY)
        assert stored is not None
        assert stored.made_at == NOW + 1
        assert content_of(hub.vault, stored) == "第二".encode()
        assert "第二".encode() not in stored.content


def test_a_new_hub_is_reachable_and_knows_nothing(hub: Hub) -> None:
    with hub.engine.connect() as connection:
        assert known_now(connection) == 0
    assert reachable(hub.engine)
    assert CurrentHub(hub).get().catalog.contracts == {}
