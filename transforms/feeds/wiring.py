"""Beam wiring of the room feeds.

In a local run feeds come in, rows about their polls go out, and new entries go into the store (`PollFeeds`). In an
unbounded graph feeds are polled per host shard (`PollShards`) and entries are known per link (`NewEntries`): timers
are hints; the truth is in state, compared with the injected clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec, TimerSpec, on_timer

from schemas.outcomes import EntryState, Reason
from schemas.records import Feed, FeedEntry, Poll, Problem
from transforms.clock import Clock
from transforms.feeds.cadence import FIRST_INTERVAL_S
from transforms.feeds.known import KnownEntry, judge_entry
from transforms.feeds.observe import jitter, observe, poll_row, problem_rows, rejected_rows
from transforms.feeds.poll import PollState, decide, new_state, poll_request
from transforms.feeds.shard import FeedMemory, Polled, absorb, next_wake, recall, step, without_unlisted
from transforms.feeds.store import PollStore
from transforms.web.archive import Keeping
from transforms.web.messages import FetchRules, Postponed, Request, Response
from transforms.web.shards import shard_of
from transforms.web.shared import shared_client
from transforms.web.wiring import Answer, AskingDoFn
from transforms.wiring import RecordCoder, collect_if_over, keep_until

FAILED = "failed"


_PATIENCE = timedelta(seconds=60)
"""How long a poll may wait for its turn at a host; after that it is for the next run."""


class PollFeeds(beam.PTransform):
    """Polls each feed once and commits what came to the store. Outputs `polls` (Poll) and `failed` (Failure).

    The time of the next poll is committed before the request goes out, and corrected by the answer. With `keeping` the
    answers go into the archive.
    """

    def __init__(
        self,
        rules: FetchRules,
        clock: Clock,
        open_store: Callable[[], PollStore],
        keeping: Keeping | None = None,
    ) -> None:
        super().__init__()
        self._poll = _PollFeed(rules, clock, open_store, keeping)

    def expand(self, feeds: beam.PCollection[Feed]) -> beam.pvalue.DoOutputsTuple:
        return feeds | "Poll" >> beam.ParDo(self._poll).with_outputs(FAILED, main="polls")


class _PollFeed(AskingDoFn):
    def __init__(
        self, rules: FetchRules, clock: Clock, open_store: Callable[[], PollStore], keeping: Keeping | None
    ) -> None:
        super().__init__(rules, clock, keeping)
        self._open_store = open_store

    def start_bundle(self) -> None:
        super().start_bundle()
        self._store = self._open_store()

    def finish_bundle(self) -> Iterator[object]:
        yield from super().finish_bundle()
        self._store.close()

    def ask(self, element: Feed) -> tuple[Request, PollState]:
        now = self._clock()
        state = self._store.poll_state(element.url) or new_state(element.url, now)
        self._store.begin_poll(element.url, now + timedelta(seconds=element.every_s or FIRST_INTERVAL_S))
        return poll_request(state, not_after=now + _PATIENCE), state

    def answered(self, element: Feed, context: PollState, answer: Answer) -> Iterator[object]:
        if isinstance(answer, Postponed):  # nothing was asked: the host's pause only moves the feed's turn
            self._store.begin_poll(element.url, answer.until)
            return
        now = self._clock()
        ref = self.keep(answer, feed=element)
        observed = observe(element, context, answer)
        if observed.parsed is not None:
            observed = replace(observed, entries_new=self._store.count_new(observed.parsed.entries))
        due_at = context.next_due_at
        intent = decide(context, observed, now, every_s=element.every_s, jitter=jitter(element.url, due_at))
        rows = self._store.finish_poll(
            intent.next_state,
            observed.parsed.entries if observed.parsed else (),
            observed.parsed.repeated if observed.parsed else 0,
            [replace(row, archive_ref=ref) for row in rejected_rows(element, observed, now)],
            [replace(row, archive_ref=ref) for row in problem_rows(element, observed, now)],
            poll_row(element, due_at, intent, observed, answer, now),
        )
        for row in rows:
            yield row if isinstance(row, Poll) else TaggedOutput(FAILED, row)


POLLS = "polls"

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
        keep_until(known.expires_at, cell, known, forget)
        if state is EntryState.PENDING:
            yield entry
        else:
            Metrics.counter("newsbeam", f"entries_{state}").inc()

    @on_timer(FORGET)
    def collect(self, cell: Any = beam.DoFn.StateParam(KNOWN)) -> None:
        collect_if_over(attrgetter("expires_at"), cell, self._clock())
