"""Beam wiring of the room feeds for an unbounded graph: polling per host shard, and knowing entries per link.

Timers are hints; the truth is in state, compared with the injected clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from datetime import datetime, timedelta
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec, TimerSpec, on_timer
from apache_beam.utils.timestamp import Timestamp

from schemas.outcomes import EntryState, Reason
from schemas.records import Feed, FeedEntry, Problem
from transforms.clock import Clock
from transforms.coders import RecordCoder
from transforms.feeds.known import KnownEntry, judge_entry
from transforms.feeds.poll import poll_request
from transforms.feeds.shard import FeedMemory, Polled, absorb, next_wake, recall, step, without_unlisted
from transforms.web.client import FetchRules, Postponed, Response
from transforms.web.shards import shard_of
from transforms.web.shared import shared_client

POLLS = "polls"
FAILED = "failed"

ENTRIES_KEPT = timedelta(days=90)
"""How long a link is remembered after a feed last brought it anew; an item that comes back later is fetched again."""


class PollShards(beam.PTransform):
    """Polls, at each tick of a shard, the shard's feeds that are due.

    Takes keys of shards, one per tick. Outputs `entries` (FeedEntry, new or changed ones), `polls` (Poll) and `failed`
    (Failure). After a restore from a checkpoint a feed may be polled once more than its rules say, never oftener.
    """

    def __init__(self, feeds: Sequence[Feed], shards: int, rules: FetchRules, clock: Clock, budget_s: float) -> None:
        super().__init__()
        self._poll = _PollShard(tuple(feeds), shards, rules, clock, budget_s)

    def expand(self, ticks: beam.PCollection[tuple[str, None]]) -> beam.pvalue.DoOutputsTuple:
        return ticks | "Poll" >> beam.ParDo(self._poll).with_input_types(tuple[str, None]).with_outputs(
            POLLS, FAILED, main="entries"
        )


class _PollShard(beam.DoFn):
    """Keyed by host shard; woken by ticks.

    Cells:
        feeds: The memory of all the shard's feeds, written once per wake that polled. It holds a bounded number of
            hashes per feed, and a feed that has left the list leaves it at the next write; so it needs no expiry.
        wake: Before when ticks have nothing to do, so that a burst of late ticks costs one small read each.

    No timers.
    """

    FEEDS = ReadModifyWriteStateSpec("feeds", RecordCoder(dict[str, FeedMemory]))
    WAKE = ReadModifyWriteStateSpec("wake", RecordCoder(datetime))

    def __init__(self, feeds: tuple[Feed, ...], shards: int, rules: FetchRules, clock: Clock, budget_s: float) -> None:
        self._feeds = feeds
        self._shards = shards
        self._rules = rules
        self._clock = clock
        self._budget_s = budget_s

    def setup(self) -> None:
        self._client = shared_client(self._rules, self._clock)
        self._by_shard: dict[str, list[Feed]] = {}
        for feed in self._feeds:
            self._by_shard.setdefault(shard_of(feed.url, self._shards), []).append(feed)

    def process(
        self,
        keyed: tuple[str, None],
        feeds_cell: Any = beam.DoFn.StateParam(FEEDS),
        wake_cell: Any = beam.DoFn.StateParam(WAKE),
    ) -> Iterator[object]:
        feeds = self._by_shard.get(keyed[0], [])
        wake_at = wake_cell.read()
        if not feeds or (wake_at is not None and self._clock() < wake_at):
            return
        memory = without_unlisted(feeds_cell.read() or {}, feeds)
        now = self._clock()
        planned = step(memory, feeds, now, self._budget_s)
        asked = {}
        for feed in planned.ask:
            known = recall(memory, feed, now)
            request = poll_request(known.state, not_after=planned.not_after)
            asked[self._client.submit(request)] = (feed, known)
        for answer in as_completed(asked):
            feed, known = asked[answer]
            polled = self._absorb(feed, known, answer.result())
            memory[feed.url] = polled.memory
            yield from polled.entries
            if polled.poll is not None:
                yield TaggedOutput(POLLS, polled.poll)
            for failure in polled.failures:
                yield TaggedOutput(FAILED, failure)
        if asked:
            feeds_cell.write(memory)
        wake_cell.write(next_wake(memory, feeds, self._clock()))

    def _absorb(self, feed: Feed, known: FeedMemory, answer: Response | Problem | Postponed) -> Polled:
        try:
            return absorb(feed, known, answer, self._clock())
        except Exception as error:  # a stream would retry the bundle for ever, and no feed of the shard be polled
            problem = Problem(Reason.STAGE_ERROR, f"the poll raised {type(error).__name__}: {error}"[:500])
            return absorb(feed, known, problem, self._clock())


class NewEntries(beam.PTransform):
    """Lets through entries that are new or changed, keyed by their link.

    Takes (link, FeedEntry); what makes two links one is the caller's to say. Gives the entries whose page shall be
    fetched. The others are counted by the metrics `entries_unchanged` and `entries_duplicate`, which a retry repeats.
    """

    def __init__(self, clock: Clock, keep: timedelta = ENTRIES_KEPT) -> None:
        super().__init__()
        self._clock = clock
        self._keep = keep

    def expand(self, keyed: beam.PCollection[tuple[str, FeedEntry]]) -> beam.PCollection[FeedEntry]:
        return keyed | "Judge" >> beam.ParDo(_JudgeEntry(self._clock, self._keep)).with_input_types(
            tuple[str, FeedEntry]
        ).with_output_types(FeedEntry)


class _JudgeEntry(beam.DoFn):
    """Keyed by link.

    Cells:
        known: Key and fingerprint of the entry that brought the link, and when that expires; the clock decides.

    Timers:
        forget (event time): Collects the cell after its expiry. Early or late, it changes no answer.
    """

    KNOWN = ReadModifyWriteStateSpec("known", RecordCoder(KnownEntry))
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def __init__(self, clock: Clock, keep: timedelta) -> None:
        self._clock = clock
        self._keep = keep

    def process(
        self,
        keyed: tuple[str, FeedEntry],
        cell: Any = beam.DoFn.StateParam(KNOWN),
        forget: Any = beam.DoFn.TimerParam(FORGET),
    ) -> Iterator[FeedEntry]:
        entry = keyed[1]
        state, known = judge_entry(cell.read(), entry, self._clock(), self._keep)
        cell.write(known)
        forget.set(Timestamp.from_utc_datetime(known.expires_at))
        if state is EntryState.PENDING:
            yield entry
        else:
            Metrics.counter("newsbeam", f"entries_{state}").inc()

    @on_timer(FORGET)
    def collect(self, cell: Any = beam.DoFn.StateParam(KNOWN)) -> None:
        known = cell.read()
        if known is not None and known.expires_at <= self._clock():
            cell.clear()
