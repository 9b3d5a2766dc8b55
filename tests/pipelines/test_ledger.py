"""The outbox: what is registered waits, what is settled is closed, what failed in passing is tried again."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from pipelines.ledger import MAX_ATTEMPTS, Ledger
from schemas.outcomes import EntryState, Reason
from schemas.records import Settled
from tests.factories import NOON, entry, failure, poll
from transforms.feeds.poll import new_state

FEED = "https://example.org/feed"


@pytest.fixture
def ledger(tmp_path):
    with closing(Ledger(tmp_path / "_state" / "ledger.sqlite")) as opened:
        opened.start_run(NOON)
        yield opened


def finish(ledger, *entries, rejected=()):
    kept = {}

    def row(counts):
        kept["counts"] = counts
        return poll()

    ledger.finish_poll(new_state(FEED, NOON), entries, 0, rejected, (), row)
    c = kept["counts"]
    return (c.new, c.unchanged, c.duplicate, c.failed)


def waiting(ledger, limit):
    ledger.take(limit)
    entries = ledger.taken()
    ledger.release(0)
    return entries


def test_new_known_and_changed_entries(ledger):
    one, two = entry("https://example.org/1"), entry("https://example.org/2")
    assert ledger.count_new([one, two]) == 2
    assert finish(ledger, one, two) == (2, 0, 0, 0)
    ledger.settle([Settled(e.key, EntryState.WRITTEN, article_id=e.key) for e in (one, two)])
    assert finish(ledger, one, replace(two, fingerprint="f2")) == (1, 1, 0, 0)
    assert [e.fingerprint for e in waiting(ledger, 10)] == ["f2"]


def test_what_still_waits_is_not_counted_twice_and_waits_with_its_newest_content(ledger):
    one, two = entry("https://example.org/1"), entry("https://example.org/2")
    finish(ledger, one, two)
    ledger.end_run(NOON)
    ledger.start_run(NOON)
    assert finish(ledger, one, replace(two, fingerprint="f2")) == (0, 2, 0, 0)
    assert {e.fingerprint for e in waiting(ledger, 10)} == {"f1", "f2"}
    assert dict(ledger.tally()) == {"carried": 2, "waiting_again": 2}


def test_repeats_within_a_body_and_of_a_link(ledger):
    one = entry("https://example.org/1")
    tracked = entry("https://example.org/1?utm_source=x", feed_url="https://example.org/other")
    assert finish(ledger, one, one, tracked) == (1, 0, 2, 0)


def test_rejected_entries_are_recorded_once(ledger):
    assert finish(ledger, rejected=[failure("bad")]) == (0, 0, 0, 1)
    assert finish(ledger, rejected=[failure("bad")]) == (0, 1, 0, 0)
    polls, failures, last = ledger.outbox()
    assert (len(polls), [f.key for f in failures]) == (2, ["bad"])
    ledger.empty_outbox(last)
    assert ledger.outbox() == ([], [], 0)


def test_sources_take_turns(ledger):
    many = [entry(f"https://a.org/{i}", source="a") for i in range(5)]
    finish(ledger, *many, entry("https://b.org/1", source="b"))
    assert [e.source for e in waiting(ledger, 3)] == ["a", "b", "a"]


def test_settled_entries_wait_no_more_and_are_counted_once(ledger):
    one = entry()
    finish(ledger, one)
    done = Settled(one.key, EntryState.WRITTEN, article_id="a1")
    ledger.settle([done])
    ledger.settle([done])
    assert ledger.pending_count() == 0
    assert ledger.tally()["written"] == 1


def test_the_same_article_by_another_entry_is_a_duplicate(ledger):
    one, two = entry("https://example.org/1"), entry("https://example.org/2")
    finish(ledger, one, two)
    ledger.settle(
        [Settled(one.key, EntryState.WRITTEN, article_id="a1"), Settled(two.key, EntryState.UNCHANGED, article_id="a1")]
    )
    finish(ledger, replace(one, fingerprint="f2"))
    ledger.settle([Settled(one.key, EntryState.UNCHANGED, article_id="a1")])
    tally = ledger.tally()
    assert (tally["written"], tally["duplicate"], tally["unchanged"]) == (1, 1, 1)


@pytest.mark.parametrize(("reason", "tries"), [(Reason.TIMEOUT, MAX_ATTEMPTS), (Reason.NOT_FOUND, 1)])
def test_passing_failures_are_tried_again_a_few_times(ledger, reason, tries):
    one = entry()
    finish(ledger, one)
    attempts = []
    for run in range(1, 6):
        entries = waiting(ledger, 10)
        attempts += [e.attempt for e in entries]
        ledger.settle([Settled(e.key, EntryState.FAILED, reason) for e in entries])
        ledger.end_run(NOON)
        ledger.start_run(NOON + timedelta(hours=run))
    assert attempts == list(range(1, tries + 1))


def test_a_poll_is_due_later_before_its_answer_came(ledger):
    assert ledger.next_due(FEED) is None
    ledger.begin_poll(FEED, NOON + timedelta(hours=1))
    assert ledger.next_due(FEED) == NOON + timedelta(hours=1)
    assert ledger.poll_state(FEED) is None
    state = replace(new_state(FEED, NOON + timedelta(hours=2)), etag='W/"x"', skip_hours=(1, 2))
    ledger.finish_poll(state, (), 0, (), (), lambda counts: poll())
    assert ledger.poll_state(FEED) == state
    assert ledger.next_due(FEED) == NOON + timedelta(hours=2)


def test_what_one_lane_has_taken_no_other_gets_until_it_is_released(ledger):
    entries = [entry(f"https://example.org/{n}") for n in range(5)]
    finish(ledger, *entries)
    ledger.take(2, lane=0)
    ledger.take(9, lane=1)
    first, second = ledger.taken(0), ledger.taken(1)
    assert [e.key for e in (*first, *second)] == [e.key for e in entries]
    assert len(first) == 2
    assert ledger.free_count() == 0
    ledger.settle([Settled(first[0].key, EntryState.WRITTEN, article_id="a1")])
    assert [e.key for e in ledger.taken(0)] == [first[1].key]
    assert ledger.release(0) == 1
    assert ledger.free_count() == 1
    assert ledger.release(1) == 0
    assert ledger.free_count() == 4


def test_what_a_run_that_was_cut_off_had_taken_is_free_in_the_next(ledger):
    finish(ledger, entry())
    ledger.take(1, lane=1)
    ledger.start_run(NOON)
    assert ledger.free_count() == 1


def test_a_cut_off_slice_is_known_until_the_run_is_closed(ledger, tmp_path):
    assert ledger.broken_slice() is None
    ledger.start_slice(NOON)
    with closing(Ledger(tmp_path / "_state" / "ledger.sqlite")) as next_process:
        assert next_process.broken_slice() == NOON
        next_process.close_broken_runs(NOON)
        assert next_process.broken_slice() is None
