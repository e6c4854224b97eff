"""Batch checks in a process of their own answer as in this one; if that process dies, the batch waits and nobody else notices."""

from __future__ import annotations

from multiprocessing import active_children

from hub.checks.apart import checking
from hub.checks.batch import check_batch
from tests.checks.staged import staged
from tests.checks.test_batch_engines import AS_OF, CASES, ROWS, checks


def test_the_answers_are_the_same_and_a_death_is_an_error_of_every_rule(database_url: str) -> None:
    asked = checks([rule for rule, _ in CASES])
    with staged(database_url, ROWS) as stage:
        where = (stage.url, stage.table.name, stage.table.schema, asked)
        before = set(active_children())
        with checking() as check:
            here, there = (
                way(*where, rows=stage.rows, as_of=AS_OF, count_broken=lambda one: stage.count(one, AS_OF)) for way in (check_batch, check)
            )
            assert here == there
            assert {result.outcome for result in there} == {"passed", "failed"}
            for process in set(active_children()) - before:
                process.kill()
            after = check(*where, rows=stage.rows, as_of=AS_OF, count_broken=lambda one: stage.count(one, AS_OF))
            assert {result.outcome for result in after} == {"error"}
