"""One worker can be killed without harm to the others: by the deadline, by the memory cap, by its own death."""

from __future__ import annotations

import pytest

from schemas.outcomes import Reason
from schemas.records import Problem
from tests.transforms import work
from transforms.pool import PoolRules, WorkerPool, cores, outcome

RULES = PoolRules(workers=2, deadline_s=1.5, memory_bytes=2**30, preload=("tests.transforms.work",))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pool():
    made = WorkerPool(RULES)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        (work.hang, Reason.DEADLINE),
        (work.hang_without_the_interpreter, Reason.DEADLINE),
        (work.eat_memory, Reason.MEMORY),
        (work.die, Reason.WORKER_DIED),
        (work.break_down, Reason.STAGE_ERROR),
    ],
)
def test_hostile_work_fails_alone(pool, hostile, reason):
    before = [pool.submit(work.double, n) for n in range(5)]
    bad = pool.submit(hostile, 7)
    after = [pool.submit(work.double, n) for n in range(5)]
    found = outcome(bad, RULES)
    assert isinstance(found, Problem)
    assert found.reason is reason
    assert [outcome(f, RULES) for f in (*before, *after)] == [0, 2, 4, 6, 8] * 2


def test_without_workers_the_work_is_done_in_the_caller():
    rules = PoolRules(workers=0)
    pool = WorkerPool(rules)
    assert outcome(pool.submit(work.double, 4), rules) == 8
    assert outcome(pool.submit(work.break_down, 4), rules).reason is Reason.STAGE_ERROR
    pool.close()


def test_there_is_a_core():
    assert cores() >= 1
