"""One host shard's feeds in an unbounded graph: which to poll now, and what an answer changes. Pure functions.

The whole memory of a shard is one value, so that a poll's effect is one write: it happened, or it did not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from schemas.ids import stable_hash
from schemas.records import Failure, Feed, FeedEntry, Poll, Problem
from transforms.feeds.observe import jitter, observe, poll_row, problem_rows, rejected_rows
from transforms.feeds.poll import PollState, decide, new_state
from transforms.feeds.store import EntryCounts
from transforms.web.messages import Postponed, Response

MOST_AT_ONCE: Final = 64
"""Polls of one wake; the rest is due at the next one."""

LONGEST_SLEEP: Final = timedelta(minutes=5)
"""A shard looks at its feeds at least this often, so that a feed that an update of the job added is found."""

SEEN_KEPT: Final = 500
"""Items of a feed remembered at the least: some feeds leave items out and show them again."""

_MARK_DIGITS: Final = 16

_PASS_ON_EVERY: Final = timedelta(days=30)
"""A third of the time for which a link is remembered."""


@dataclass(frozen=True, slots=True)
class FeedMemory:
    """What a shard remembers of one feed.

    Attributes:
        seen: A mark per item and wording that the feed has shown, latest first: hashes, never text.
        passed_on_at: When all items of the body, known ones too, were last handed on, so that the memory of their
            links, which all feeds share, lasts for as long as they stand in the feed and some time more.
    """

    state: PollState
    seen: tuple[str, ...] = ()
    passed_on_at: datetime | None = None


ShardMemory = Mapping[str, FeedMemory]
"""What a shard remembers, by the feeds' addresses."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a shard does at one wake.

    Attributes:
        ask: Feeds to poll now: the longest due of each source, then the next of each.
        not_after: Latest useful start of a request.
    """

    ask: tuple[Feed, ...]
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll brought.

    Attributes:
        entries: New or changed ones, in the feed's order; once in thirty days the known ones too.
        poll: The row of `polls`; None where nothing was asked.
    """

    memory: FeedMemory
    entries: tuple[FeedEntry, ...] = ()
    poll: Poll | None = None
    failures: tuple[Failure, ...] = ()


def step(memory: ShardMemory, feeds: Sequence[Feed], now: datetime, budget_s: float) -> Step:
    """Which of a shard's feeds to poll now.

    Args:
        memory: Of the shard; a feed that is missing in it was never polled and is due.
        feeds: Of the list that the job runs with.
        budget_s: Seconds for which requests may be started; what gets no turn by then stays due.
    """
    due = [(_due_at(memory, feed, now), feed) for feed in feeds if not _is_parked(memory, feed)]
    ask = in_turns([item for item in due if item[0] <= now])
    return Step(tuple(ask[:MOST_AT_ONCE]), now + timedelta(seconds=budget_s))


def in_turns(due: Iterable[tuple[datetime, Feed]]) -> list[Feed]:
    """Due feeds in a fair order: first one of each source, then a second of each, the longest due first.

    So a source with hundreds of feeds holds up nobody.
    """
    turns: Counter[str] = Counter()
    ranked: list[tuple[int, datetime, str, Feed]] = []
    for due_at, feed in sorted(due, key=lambda item: (item[0], item[1].url)):
        ranked.append((turns[feed.source], due_at, feed.url, feed))
        turns[feed.source] += 1
    return [feed for *_, feed in sorted(ranked, key=lambda turn: turn[:3])]


def next_wake(memory: ShardMemory, feeds: Sequence[Feed], now: datetime) -> datetime:
    """Before when a tick has nothing to do."""
    return min([now + LONGEST_SLEEP, *(_due_at(memory, f, now) for f in feeds if not _is_parked(memory, f))])


def _is_parked(memory: ShardMemory, feed: Feed) -> bool:
    """True for a feed that said 410: a person takes it from the list, or puts it in anew."""
    known = memory.get(feed.url)
    return known is not None and known.state.parked


def _due_at(memory: ShardMemory, feed: Feed, now: datetime) -> datetime:
    known = memory.get(feed.url)
    return known.state.next_due_at if known else now


def recall(memory: ShardMemory, feed: Feed, now: datetime) -> FeedMemory:
    """What is remembered of a feed; a new one is due at once."""
    return memory.get(feed.url) or FeedMemory(new_state(feed.url, now))


def without_unlisted(memory: ShardMemory, feeds: Iterable[Feed]) -> dict[str, FeedMemory]:
    """The memory of the feeds that are still in the list."""
    listed = {feed.url for feed in feeds}
    return {url: known for url, known in memory.items() if url in listed}


def absorb(feed: Feed, known: FeedMemory, answer: Response | Problem | Postponed, now: datetime) -> Polled:
    """What an answer means for the feed and for the tables.

    `entries_unchanged` of the row counts what this feed has shown before; whether another feed has shown the same
    link is decided further down, where all feeds meet.

    Args:
        now: When the answer was complete.
    """
    state = known.state
    if isinstance(answer, Postponed):  # nothing was asked: the host's pause only moves the feed's turn
        return Polled(replace(known, state=replace(state, next_due_at=answer.until)))
    observed = observe(feed, state, answer)
    parsed = observed.parsed
    shown = parsed.entries if parsed else ()
    seen = frozenset(known.seen)
    fresh = tuple(entry for entry in shown if _mark(entry.key, entry.fingerprint) not in seen)
    observed = replace(observed, entries_new=len(fresh))
    intent = decide(state, observed, now, every_s=feed.every_s, jitter=jitter(feed.url, state.next_due_at))
    rejected = rejected_rows(feed, observed, now)
    newly_rejected = [failure for failure in rejected if _mark(failure.key, failure.reason) not in seen]
    counts = EntryCounts(
        new=len(fresh),
        unchanged=len(shown) - len(fresh) + len(rejected) - len(newly_rejected),
        duplicate=parsed.repeated if parsed else 0,
        failed=len(newly_rejected),
    )
    marks = [_mark(e.key, e.fingerprint) for e in shown] + [_mark(f.key, f.reason) for f in rejected]
    passed_on_at = known.passed_on_at or now
    refresh = bool(shown) and now - passed_on_at >= _PASS_ON_EVERY
    return Polled(
        memory=FeedMemory(intent.next_state, _remembered(marks, known.seen), now if refresh else passed_on_at),
        entries=shown if refresh else fresh,
        poll=poll_row(feed, state.next_due_at, intent, observed, answer, now)(counts),
        failures=(*problem_rows(feed, observed, now), *newly_rejected),
    )


def _mark(key: str, wording: str) -> str:
    """Short hash of an item and what the feed says of it; in 500 of them two meet by chance less than once in 10^14."""
    return stable_hash("mark", key, wording)[:_MARK_DIGITS]


def _remembered(marks: Sequence[str], before: Sequence[str]) -> tuple[str, ...]:
    """All marks of the present body, and of earlier ones as many as fit under the cap."""
    return tuple(dict.fromkeys((*marks, *before)))[: max(SEEN_KEPT, len(marks))]
