"""A host shard's queue: turns, retries, and one fetch for an entry that waits twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.outcomes import Reason
from tests.factories import NOON, entry
from transforms.pages.queue import MOST_AT_ONCE, Waiting, postponed, take_due, tried_again


def waiting(name: str, source: str = "a", *, due: float = 0, since: float = 0, **changes) -> Waiting:
    item = entry(f"https://{source}.org/{name}", source=source, **changes)
    return Waiting(item, NOON + timedelta(minutes=due), NOON + timedelta(minutes=since))


def names(items: list[Waiting]) -> list[str]:
    return [item.entry.url.rsplit("/", 1)[1] for item in items]


def test_each_source_gets_a_turn_and_the_longest_waiting_goes_first():
    queue = [
        waiting("a2", since=2), waiting("a1", since=1), waiting("a3", since=3),
        waiting("b1", "b", since=9), waiting("later", "c", due=1),
    ]  # fmt: skip
    taken, rest = take_due(queue, NOON)
    assert names(taken) == ["a1", "b1", "a2", "a3"]
    assert names(rest) == ["later"]


def test_a_wake_is_bounded_and_loses_nothing():
    queue = [waiting(f"{n:03}", since=n) for n in range(MOST_AT_ONCE + 3)]
    taken, rest = take_due(queue, NOON)
    assert len(taken) == MOST_AT_ONCE
    assert sorted(names(taken) + names(rest)) == names(queue)


def test_an_entry_that_waits_twice_is_fetched_once_in_its_latest_wording():
    queue = [waiting("x", since=5, fingerprint="f2"), waiting("x", since=1, fingerprint="f1")]
    taken, rest = take_due(queue, NOON)
    assert [item.entry.fingerprint for item in taken] == ["f2"]
    assert rest == []


@pytest.mark.parametrize(
    ("reason", "attempt", "minutes"),
    [
        (Reason.TIMEOUT, 1, 15),
        (Reason.HTTP_SERVER_ERROR, 2, 60),
        (Reason.TIMEOUT, 3, None),
        (Reason.NOT_FOUND, 1, None),
        (Reason.ROBOTS_DENIED, 1, None),
    ],
)
def test_what_may_pass_is_tried_three_times(reason, attempt, minutes):
    item = waiting("x", attempt=attempt)
    again = tried_again(item, reason, NOON)
    if minutes is None:
        assert again is None
    else:
        expected = replace(item.entry, attempt=attempt + 1)
        assert again == replace(item, entry=expected, not_before=NOON + timedelta(minutes=minutes))


def test_a_postponed_entry_has_not_been_tried():
    later = postponed(waiting("x"), NOON + timedelta(minutes=2))
    assert (later.entry.attempt, later.not_before) == (1, NOON + timedelta(minutes=2))
    assert take_due([later], NOON) == ([], [later])
