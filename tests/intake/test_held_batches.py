"""The circuit breaker: a list that lost half of its rows on the way ends nobody until a person says yes. And what is no repeat."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub import pipeline, worker
from hub.checks.batch import check_batch
from hub.core.errors import Kind, YibiaoError
from hub.pipeline import Travelled, let_pass, pull, travel
from hub.registry.model import Delivery
from hub.sample.city import build
from hub.sample.deliver import deliver_files
from hub.store import batches, jobs
from hub.store.batches import State
from hub.store.engine import writing
from hub.store.hub import Hub
from hub.store.jobs import JobKind, JobState
from hub.store.messages import STATEMENT_ENDED
from tests.cases import looking
from tests.intake.bad import RESIDENT, deliver, person, text_of, upload, write


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Public security's folder: February's list, and March's, of which the second half is missing."""
    deliver_files(build(300, 5, date(2024, 3, 31)), 1, tmp_path)
    (whole,) = (tmp_path / "public-security").glob("resident-*.csv")
    lines = whole.read_text("gb18030").splitlines(keepends=True)
    whole.with_name("resident-20240331.csv").write_text("".join(lines[: len(lines) // 2]), "gb18030")
    return tmp_path


def pulled(hub: Hub, sources: Path) -> list[Travelled]:
    return list(pull(hub, RESIDENT, sources, check_batch))


def found(hub: Hub, number: int) -> batches.Batch:
    with hub.engine.connect() as connection:
        return batches.find_batch(connection, number)


@contextmanager
def merging_fails(error: BaseException) -> Iterator[None]:
    """What a merge meets when its process is told to end, or its statement is."""

    def failing(*_: Any, **__: Any) -> Any:
        raise error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "merge_batch", failing)
        yield


def test_a_list_that_would_end_half_of_the_city_is_held_until_a_person_lets_it_pass(any_hub: Hub, sources: Path) -> None:
    first, second = pulled(any_hub, sources)
    assert (first.state, second.state) == (State.CLOSED, State.WAITING)
    assert second.reason is not None
    assert second.reason.code == "refused_breaker"
    before = found(any_hub, second.batch)
    assert before.reason is not None
    assert "resident-20240331.csv" in before.reason["zh"]
    assert len(looking.golden(any_hub, "person")) > first.accepted * 0.9, "nobody is ended"

    passed = let_pass(any_hub, second.batch, "li", check_batch)
    after = found(any_hub, second.batch)
    assert (passed.state, after.state, after.forced_by) == (State.CLOSED, State.CLOSED, "li")
    assert passed.ended > first.accepted * 0.4
    assert after.accepted + after.unchanged + after.quarantined == after.read
    assert looking.staged(any_hub) == set()


def test_a_worker_takes_the_yes(any_hub: Hub, sources: Path) -> None:
    _, second = pulled(any_hub, sources)
    with writing(any_hub.engine) as connection:
        job, _ = jobs.ask(connection, JobKind.FINISH, RESIDENT, {"batch": second.batch}, "li", any_hub.micros())
    assert worker.run(any_hub, once=True, folder=sources) == 1
    with any_hub.engine.connect() as connection:
        assert jobs.find_job(connection, job.id).state is JobState.DONE
    assert found(any_hub, second.batch).state is State.CLOSED


def test_a_yes_outlives_the_process_that_took_it(any_hub: Hub, sources: Path) -> None:
    """Killed behind the yes: who takes the job next goes on. Nothing else that is pulled meanwhile writes the batch off."""
    _, second = pulled(any_hub, sources)
    with merging_fails(KeyboardInterrupt()), pytest.raises(KeyboardInterrupt):
        let_pass(any_hub, second.batch, "li", check_batch)
    assert (found(any_hub, second.batch).state, found(any_hub, second.batch).forced_by) == (State.STAGED, "li")
    assert deliver(any_hub, write(sources, "other.csv", text_of([person(0)])), date(2024, 1, 31)).state is State.CLOSED
    assert let_pass(any_hub, second.batch, "li", check_batch).state is State.CLOSED


def test_a_database_that_gives_up_does_not_take_the_batch_along(any_hub: Hub, sources: Path) -> None:
    _, second = pulled(any_hub, sources)
    with merging_fails(YibiaoError(Kind.UNAVAILABLE, STATEMENT_ENDED)), pytest.raises(YibiaoError):
        let_pass(any_hub, second.batch, "li", check_batch)
    assert let_pass(any_hub, second.batch, "li", check_batch).state is State.CLOSED


def test_a_list_that_is_refused_does_not_keep_back_the_next(any_hub: Hub, sources: Path) -> None:
    folder = sources / "public-security"
    write(folder, "resident-20240310.csv", "no list at all\r\n")
    states = [(one.as_of.day, one.state) for one in pulled(any_hub, sources)]
    assert states == [(29, State.CLOSED), (10, State.REFUSED), (31, State.WAITING)]


def test_pulled_again_while_it_waits_the_later_one_stands_for_it(any_hub: Hub, sources: Path) -> None:
    _, second = pulled(any_hub, sources)
    (again,) = pulled(any_hub, sources)
    assert (again.state, found(any_hub, second.batch).state) == (State.WAITING, State.REFUSED)
    reason = found(any_hub, second.batch).reason
    assert reason is not None
    assert reason["code"] == "batch_replaced"
    assert {name.split("_")[1] for name in looking.staged(any_hub)} == {str(again.batch)}, "one stage is kept"


def test_the_same_rows_as_a_whole_list_are_no_repeat_of_a_part(hub: Hub, tmp_path: Path) -> None:
    """First it could not be proven complete, and ended nobody; proven, it ends whom it does not name."""
    deliver(hub, write(tmp_path, "february.csv", text_of([person(0), person(1), person(2)])), date(2024, 2, 29))
    part = write(tmp_path, "march.csv", text_of([person(0), person(1)]))
    source = upload(hub, part)
    (offer,) = source.offers(None, None)
    first = travel(hub, hub.catalog.contracts[RESIDENT], source, replace(offer, kind=Delivery.DELTA), check_batch)
    assert (first.state, first.ended) == (State.CLOSED, 0)
    whole = deliver(hub, part)
    assert (whole.state, whole.ended) == (State.CLOSED, 1)
    assert deliver(hub, part).state is State.REPEATED


def test_a_list_that_leaves_out_a_row_that_was_held_is_no_repeat(hub: Hub, tmp_path: Path) -> None:
    deliver(hub, write(tmp_path, "february.csv", text_of([person(0), person(1), person(2)])), date(2024, 2, 29))
    held = deliver(hub, write(tmp_path, "march.csv", text_of([person(0), person(1), person(2, 出生日期="19530499")])))
    assert (held.state, held.quarantined, held.ended) == (State.CLOSED, 1, 0)
    without = deliver(hub, write(tmp_path, "march-again.csv", text_of([person(0), person(1)])))
    assert (without.state, without.ended) == (State.CLOSED, 1)
