"""A host shard's decisions: which feeds to poll at a wake, and what an answer changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.outcomes import PollOutcome, Reason
from schemas.records import Feed, Problem
from tests.factories import NOON
from transforms.feeds.poll import new_state
from transforms.feeds.shard import (
    LONGEST_SLEEP,
    MOST_AT_ONCE,
    SEEN_KEPT,
    FeedMemory,
    absorb,
    next_wake,
    recall,
    step,
    without_unlisted,
)
from transforms.web.client import Postponed, Response

A, B, C = (Feed(url=f"https://{name}.org/feed", source=f"{name}.org") for name in "abc")


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def due(feed: Feed, in_minutes: float) -> FeedMemory:
    return FeedMemory(replace(new_state(feed.url, NOON), next_due_at=NOON + minutes(in_minutes)))


@pytest.mark.parametrize(
    ("memory", "asked", "woken_after"),
    [
        ({}, [A, B, C], 0),
        ({A.url: due(A, 1), B.url: due(B, 2), C.url: due(C, 3)}, [], 1),
        ({A.url: due(A, -1), B.url: due(B, -2), C.url: due(C, 0)}, [B, A, C], -2),
        ({A.url: due(A, 90), B.url: due(B, 70), C.url: due(C, 60)}, [], 5),
        ({A.url: due(A, 4), B.url: due(B, 70)}, [C], 0),
    ],
    ids=["never polled", "none due", "longest due first", "sleeps five minutes at most", "one joined the list"],
)
def test_step(memory, asked, woken_after):
    planned = step(memory, [A, B, C], NOON, budget_s=20)
    assert list(planned.ask) == asked
    assert planned.not_after == NOON + timedelta(seconds=20)
    assert next_wake(memory, [A, B, C], NOON) == NOON + minutes(woken_after)


def test_a_wake_is_bounded():
    feeds = [Feed(url=f"https://a.org/{n:03}", source="a.org") for n in range(MOST_AT_ONCE + 5)]
    assert len(step({}, feeds, NOON, 20).ask) == MOST_AT_ONCE
    assert next_wake({}, [], NOON) == NOON + LONGEST_SLEEP


def test_a_feed_that_left_the_list_is_forgotten():
    assert without_unlisted({A.url: due(A, 1), B.url: due(B, 1)}, [B]) == {B.url: due(B, 1)}


def answer(*items: str, status: int = 200) -> Response:
    listed = "".join(f"<item><title>{i}</title><link>https://a.org/{i.split()[0]}</link></item>" for i in items)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{listed}</channel></rss>'.encode()
    return Response(A.url, A.url, status, {}, body, NOON, 5)


def links(polled) -> list[str]:
    return [entry.url.rsplit("/", 1)[1] for entry in polled.entries]


def test_only_what_is_new_or_changed_is_passed_on():
    first = absorb(A, recall({}, A, NOON), answer("one", "two"), NOON)
    assert links(first) == ["one", "two"]
    assert (first.poll.entries_new, first.poll.outcome) == (2, PollOutcome.NEW_ENTRIES)
    assert first.memory.state.next_due_at > NOON
    later = NOON + minutes(60)
    second = absorb(A, first.memory, answer("one again", "two", "three"), later)
    assert links(second) == ["one", "three"]
    assert (second.poll.entries_seen, second.poll.entries_new, second.poll.entries_unchanged) == (3, 2, 1)
    third = absorb(A, second.memory, answer("one again", "three"), later + minutes(60))
    assert (third.entries, third.poll.outcome) == ((), PollOutcome.NO_NEW_ENTRIES)
    fourth = absorb(A, third.memory, answer("two", "three"), later + minutes(120))
    assert fourth.entries == (), "an item that was left out for a while is known"


def test_a_poll_made_again_gives_the_same():
    known = recall({}, A, NOON)
    assert absorb(A, known, answer("one"), NOON) == absorb(A, known, answer("one"), NOON)


def test_a_known_rejected_item_is_recorded_once():
    broken = replace(
        answer("one"), body=answer("one").body.replace(b"</item>", b"</item><item><title>x</title></item>")
    )
    first = absorb(A, recall({}, A, NOON), broken, NOON)
    assert [f.reason for f in first.failures] == [Reason.ENTRY_WITHOUT_LINK]
    touched = replace(broken, body=broken.body + b"<!-- -->")
    second = absorb(A, first.memory, touched, NOON + minutes(60))
    assert second.failures == ()
    assert (second.poll.entries_failed, second.poll.entries_unchanged) == (0, 2)


def test_a_failed_poll_keeps_what_was_learnt():
    first = absorb(A, recall({}, A, NOON), answer("one"), NOON)
    lost = absorb(A, first.memory, Problem(Reason.TIMEOUT, "late"), NOON + minutes(60))
    assert lost.memory.seen == first.memory.seen
    assert (lost.poll.outcome, [f.reason for f in lost.failures]) == (PollOutcome.FAILED, [Reason.TIMEOUT])


def test_no_turn_is_no_poll():
    known = recall({}, A, NOON)
    polled = absorb(A, known, Postponed(A.url, NOON + minutes(3)), NOON)
    assert (polled.poll, polled.entries, polled.failures) == (None, (), ())
    assert polled.memory.state == replace(known.state, next_due_at=NOON + minutes(3))


def test_what_is_remembered_of_a_feed_does_not_grow():
    known = recall({}, A, NOON)
    for number in range(12):
        known = absorb(A, known, answer(*(f"{number}-{n}" for n in range(100))), NOON + minutes(60 * number)).memory
    assert len(known.seen) == SEEN_KEPT
