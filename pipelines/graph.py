"""The graphs of a local run: one that polls feeds, one that works off a slice of waiting entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter
from pathlib import Path

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput

from pipelines import progress
from pipelines.ledger import Ledger, reading_stories
from schemas.ids import key_of_article
from schemas.outcomes import EntryState
from schemas.records import Article, Failure, Feed, FeedEntry, Settled
from schemas.tables import ARTICLES, FAILURES, POLLS, STORY_LINKS
from transforms.articles.wiring import ExtractArticles
from transforms.clock import Clock, utc_now
from transforms.feeds.wiring import PollFeeds
from transforms.pages.wiring import FetchPages
from transforms.storage.wiring import CommitRows
from transforms.stories.assign import Placement
from transforms.stories.wiring import AssignStories
from transforms.tags.wiring import TagArticles
from transforms.web.client import FetchRules

KNOWN = "known"


@dataclass(frozen=True)
class Config:
    """What a graph is built from.

    Attributes:
        output: The dataset's folder.
        packs: Pack files; None for the shipped ones.
    """

    output: str
    rules: FetchRules
    packs: tuple[Path, ...] | None = None
    clock: Clock = utc_now

    @property
    def state_dir(self) -> Path:
        """Where local runs keep the ledger and the writer's lock."""
        return Path(self.output) / "_state"

    @property
    def ledger_path(self) -> Path:
        """The ledger's file."""
        return self.state_dir / "ledger.sqlite"


def build_poll(pipeline: beam.Pipeline, feeds: Sequence[Feed], config: Config, run_id: int) -> None:
    """Polls feeds: new entries go to the ledger, a row per poll to `polls`, what went wrong to `failures`."""
    polled = (
        pipeline
        | "ListFeeds" >> beam.Create(feeds)
        | "PollFeeds" >> PollFeeds(config.rules, config.clock, partial(Ledger, config.ledger_path, run_id))
    )
    _ = polled.polls | "WritePolls" >> CommitRows(config.output, POLLS.name)
    _ = polled.failed | "WritePollFailures" >> CommitRows(config.output, FAILURES.name)


def build_slice(
    pipeline: beam.Pipeline, entries: Iterable[FeedEntry], config: Config, run_id: int, not_after: datetime | None
) -> None:
    """Takes waiting entries through all stages into the tables, then settles them in the ledger.

    Args:
        not_after: What cannot be asked for politely before then stays pending.
    """
    open_ledger = partial(Ledger, config.ledger_path, run_id)
    fetched = (
        pipeline
        | "ListEntries" >> beam.Create(entries)
        | "FetchPages" >> FetchPages(config.rules, config.clock, not_after)
    )
    extracted = fetched.pages | "ExtractArticles" >> ExtractArticles(config.clock)
    tagged = extracted.articles | "TagArticles" >> TagArticles(config.clock, config.packs)
    placed = (
        tagged.articles
        | "ShowProgress" >> beam.Map(_tick)
        | "AssignStories" >> AssignStories(partial(reading_stories, config.ledger_path))
        | "SplitPlaced" >> beam.ParDo(_SplitPlaced()).with_outputs(KNOWN, main="rows")
    )
    written = (
        placed.rows
        | "WriteArticles" >> CommitRows(config.output, ARTICLES.name, attrgetter("article"))
        | "SettleWritten" >> beam.Map(_settled_by_placement)
    )
    _ = (
        placed.rows
        | "TakeStoryLinks" >> beam.FlatMap(attrgetter("links"))
        | "WriteStoryLinks" >> CommitRows(config.output, STORY_LINKS.name)
    )
    failed = (
        (fetched.failed, extracted.failed, tagged.failed)
        | "CollectFailed" >> beam.Flatten()
        | "WriteFailures" >> CommitRows(config.output, FAILURES.name)
        | "SettleFailed" >> beam.Map(_settled_by_failure)
    )
    _ = (
        (written, failed, placed[KNOWN])
        | "CollectSettled" >> beam.Flatten()
        | "SettleEntries" >> SettleEntries(open_ledger)
    )


class SettleEntries(beam.PTransform):
    """Closes the slice's entries in the ledger, in one transaction, after their rows are committed."""

    def __init__(self, open_ledger: Callable[[], Ledger]) -> None:
        super().__init__()
        self._open_ledger = open_ledger

    def expand(self, settled: beam.PCollection[Settled]) -> beam.PCollection[None]:
        return (
            settled
            | "KeyAll" >> beam.WithKeys("all")
            | "GroupSettled" >> beam.GroupByKey()
            | "Settle" >> beam.ParDo(_Settle(self._open_ledger))
        )


class _Settle(beam.DoFn):
    def __init__(self, open_ledger: Callable[[], Ledger]) -> None:
        self._open_ledger = open_ledger

    def process(self, keyed: tuple[str, Iterable[Settled]]) -> None:
        with closing(self._open_ledger()) as ledger:
            ledger.settle(sorted(keyed[1], key=_arrival))


def _arrival(settled: Settled) -> tuple[bool, str, str]:
    """The order in which the stories stage placed them: its index answers in the order of adding."""
    story = settled.story
    return (story is not None, story.fetched_at.isoformat() + story.article_id if story else "", settled.key)


class _SplitPlaced(beam.DoFn):
    """Rows to write go on; articles that are known already are settled as they are."""

    def process(self, placement: Placement) -> Iterator[object]:
        if placement.state is EntryState.WRITTEN:
            yield placement
        else:
            yield TaggedOutput(KNOWN, _settled_by_placement(placement))


def _settled_by_placement(placement: Placement) -> Settled:
    article = placement.article
    return Settled(
        key=key_of_article(article),
        state=placement.state,
        article_id=article.article_id,
        story=placement.record,
        bands=placement.bands,
    )


def _settled_by_failure(failure: Failure) -> Settled:
    return Settled(key=failure.key, state=EntryState.FAILED, reason=failure.reason)


def _tick(article: Article) -> Article:
    progress.tick()
    return article
