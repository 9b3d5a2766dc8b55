"""The unbounded graph: feeds are polled and pages fetched for as long as the job runs, on Prism, Flink or Dataflow.

A tick wakes every host shard; the shard's state says what is due. A tick carries no time: `now` comes from the clock in
the worker, so ticks that an outage held up cost one small read each. The graph has no ledger: state that the engine
checkpoints takes its place.

Labels are an API: an engine finds a step's state by them when a running job is updated. They are listed in the tests;
on Flink the label of the step before a stateful one counts too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import apache_beam as beam
from apache_beam.transforms.periodicsequence import PeriodicSequence
from apache_beam.utils.timestamp import MAX_TIMESTAMP, Timestamp

from pipelines.config import Config
from pipelines.graph import MakeArticles
from schemas.records import Article, Failure, Feed, FeedEntry, Poll, StoryLink
from schemas.tables import ARTICLES, FAILURES, POLLS, STORY_LINKS
from transforms.articles.variants import link_identity
from transforms.coding import decode
from transforms.feeds.wiring import ENTRIES_KEPT, NewEntries, PollShards
from transforms.pages.wiring import Errand, FetchShards
from transforms.storage.wiring import CommitWindows
from transforms.stories.assign import MEMORY, Memory
from transforms.stories.sign import Signed
from transforms.stories.wiring import PlaceStories
from transforms.web.shards import all_shards, shard_of

SHORTEST_TICK_S = 5.0
"""With ticks of 1 s the watermark behind them never moved on Flink 1.19 with one slot; with 5 s it did (measured)."""


@dataclass(frozen=True)
class Pace:
    """How an unbounded job divides its work.

    Attributes:
        tick_s: Seconds between two wakes of a shard.
        budget_s: Seconds of a wake in which requests may be started.
        window_s: Seconds of rows that are committed together.
        shards: Host shards. A bundle may hold several, which are worked one after the other: a few per worker are
            right. A running job cannot be updated to another number.
        entries_kept: How long a link is remembered.
        memory: How long an article is known, to tell an edit from a repeat, and how long it finds near-duplicates.
    """

    tick_s: float = 30.0
    budget_s: float = 20.0
    window_s: float = 60.0
    shards: int = 16
    entries_kept: timedelta = ENTRIES_KEPT
    memory: Memory = MEMORY


def build_stream(
    pipeline: beam.Pipeline,
    feeds: Sequence[Feed],
    config: Config,
    pace: Pace,
    *,
    start: datetime,
    stop: datetime | None = None,
) -> None:
    """Polls feeds and takes their entries through all stages into the tables, without an end unless `stop` is given.

    The dataset must exist (`Dataset.create`).

    Args:
        start: Of the ticks; one is made for every `tick_s` since then, so give the present.
        stop: No tick is made from then on; what then waits in queues stays there.
    """
    first = Timestamp.from_utc_datetime(start)
    last = Timestamp.from_utc_datetime(stop) if stop else MAX_TIMESTAMP
    ticks = (
        pipeline
        | "Begin" >> beam.Impulse()
        | "GiveSpan" >> beam.Map(_span, first, last, pace.tick_s)
        | "Tick" >> PeriodicSequence()
    )
    polled = (
        ticks
        | "WakePolling" >> beam.ParDo(_WakeShards(pace.shards)).with_output_types(tuple[str, None])
        | "PollShards" >> PollShards(feeds, pace.shards, config.rules, config.clock, pace.budget_s)
    )
    queued = (
        polled.entries
        | "KeyByLink" >> beam.Map(_by_link).with_output_types(tuple[str, FeedEntry])
        | "NewEntries" >> NewEntries(config.clock, pace.entries_kept)
        | "KeyByHost" >> beam.Map(_by_host, pace.shards).with_output_types(tuple[str, Errand])
    )
    woken = ticks | "WakeFetching" >> beam.ParDo(_WakeShards(pace.shards, Errand())).with_output_types(
        tuple[str, Errand]
    )
    fetched = (
        (queued, woken)
        | "CollectErrands" >> beam.Flatten()
        | "FetchShards" >> FetchShards(config.rules, config.clock, pace.budget_s)
    )
    made = fetched.pages | "MakeArticles" >> MakeArticles(config)
    articles = made.articles | "ReadArticles" >> beam.Map(decode, Signed).with_output_types(Signed)
    placed = articles | "PlaceStories" >> PlaceStories(config.clock, pace.memory)
    failed = (polled.failed, fetched.failed, made.failed) | "CollectFailed" >> beam.Flatten()
    _ = placed.rows | "WriteArticles" >> CommitWindows(config.output, ARTICLES.name, Article, pace.window_s)
    _ = placed.links | "WriteStoryLinks" >> CommitWindows(config.output, STORY_LINKS.name, StoryLink, pace.window_s)
    _ = polled.polls | "WritePolls" >> CommitWindows(config.output, POLLS.name, Poll, pace.window_s)
    _ = failed | "WriteFailures" >> CommitWindows(config.output, FAILURES.name, Failure, pace.window_s)


def _span(_: bytes, first: Timestamp, last: Timestamp, tick_s: float) -> tuple[Timestamp, Timestamp, float]:
    return first, last, tick_s


class _WakeShards(beam.DoFn):
    """Makes one keyed element per shard of each tick."""

    def __init__(self, shards: int, errand: Errand | None = None) -> None:
        self._shards = all_shards(shards)
        self._errand = errand

    def process(self, tick: Timestamp) -> Iterator[tuple[str, Errand | None]]:
        for shard in self._shards:
            yield shard, self._errand


def _by_link(entry: FeedEntry) -> tuple[str, FeedEntry]:
    """Keys an entry by what all addresses of its link share; by itself where it has none."""
    return (link_identity(entry.url) if entry.url else None) or entry.key, entry


def _by_host(entry: FeedEntry, shards: int) -> tuple[str, Errand]:
    return shard_of(entry.url, shards), Errand(entry)
