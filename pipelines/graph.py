"""The graphs of a local run: one that polls feeds, one that works off a slice of waiting entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput

from pipelines import progress
from pipelines.config import Config
from pipelines.ledger import Ledger
from pipelines.turns import commit_turn
from pipelines.work import Covered, make_article
from schemas.ids import key_of_article
from schemas.outcomes import EntryState, Stage
from schemas.records import Failure, Feed, FeedEntry, Lost, Page, Problem, Settled
from schemas.tables import ARTICLES, FAILURES, POLLS, STORY_LINKS
from transforms.coding import decode
from transforms.failures import failure_of
from transforms.feeds.wiring import PollFeeds
from transforms.pages.wiring import FetchPages
from transforms.pool import outcome, shared_pool
from transforms.storage.dataset import Dataset
from transforms.storage.wiring import CommitRows
from transforms.stories.assign import Placement, place_slice
from transforms.stories.sign import Signed
from transforms.wiring import InFlightDoFn, register

FAILED = "failed"


def build_poll(pipeline: beam.Pipeline, feeds: Sequence[Feed], config: Config, run_id: int) -> None:
    """Polls feeds: new entries go to the ledger, a row per poll to `polls`, what went wrong to `failures`."""
    open_ledger = partial(Ledger, config.ledger_path, run_id)
    polled = (
        pipeline
        | "ListFeeds" >> beam.Create(feeds)
        | "PollFeeds" >> PollFeeds(config.rules, config.clock, open_ledger, config.keeping)
    )
    _ = polled.polls | "WritePolls" >> CommitRows(config.output, POLLS.name)
    _ = polled.failed | "WritePollFailures" >> CommitRows(config.output, FAILURES.name)


def build_slice(
    pipeline: beam.Pipeline, config: Config, run_id: int, budget_s: float, lane: int = 0, token: str = ""
) -> None:
    """Takes the entries of a slice through all stages into the tables, then settles them in the ledger.

    The graph reads the ledger when it runs, so one graph serves all slices of a lane.

    Args:
        budget_s: Seconds in which requests may be started; what cannot be asked for politely by then stays pending.
        lane: For which the ledger's entries were taken.
        token: By which the slice waits for its turn to commit.
    """
    open_ledger = partial(Ledger, config.ledger_path, run_id)
    fetched = (
        pipeline
        | "Begin" >> beam.Impulse()
        | "ListEntries" >> beam.ParDo(_ListEntries(open_ledger, lane))
        | "FetchPages" >> FetchPages(config.rules, config.clock, budget_s, config.keeping)
    )
    made = fetched.pages | "MakeArticles" >> MakeArticles(config)
    _ = (
        (
            made.articles | "EndMade" >> beam.Map(_end_made).with_output_types(tuple[str, Ended]),
            made.failed | "EndUnmade" >> beam.Map(_end_failed).with_output_types(tuple[str, Ended]),
            fetched.failed | "EndUnfetched" >> beam.Map(_end_failed).with_output_types(tuple[str, Ended]),
        )
        | "CollectEnded" >> beam.Flatten()
        | "CommitSlice" >> CommitSlice(config.output, open_ledger, token)
    )


class _ListEntries(beam.DoFn):
    def __init__(self, open_ledger: Callable[[], Ledger], lane: int) -> None:
        self._open_ledger = open_ledger
        self._lane = lane

    def process(self, _: bytes) -> Iterator[FeedEntry]:
        with closing(self._open_ledger()) as ledger:
            entries = ledger.taken(self._lane)
        yield from entries


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one entry before its article is placed: an article (Signed, coded), or a failure."""

    signed: bytes | None = None
    failure: Failure | None = None


register(Ended)

_SLICE = "slice"
"""Key of all that ended: a slice is placed and committed as one group."""


def _end_made(signed: bytes) -> tuple[str, Ended]:
    return _SLICE, Ended(signed=signed)


def _end_failed(failure: Failure) -> tuple[str, Ended]:
    return _SLICE, Ended(failure=failure)


class MakeArticles(beam.PTransform):
    """Extracts, tags and signs each page in a pool of worker processes, one per core.

    Outputs `articles` (Signed, coded) and `failed` (Failure). A page over the deadline or the memory cap costs its
    worker and one failure; the others go on. An article of the feed's own words comes with a failure whose key is the
    article's row.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self._config = config

    def expand(self, pages: beam.PCollection[Page]) -> beam.pvalue.DoOutputsTuple:
        return pages | "Make" >> beam.ParDo(_MakeArticle(self._config)).with_outputs(FAILED, main="articles")


class _MakeArticle(InFlightDoFn):
    def __init__(self, config: Config) -> None:
        self._config = config

    def setup(self) -> None:
        self._pool = shared_pool(self._config.pool)
        self.in_flight = self._pool.in_flight

    def start(self, element: Page) -> tuple[Future[Any], None]:
        config = self._config
        return self._pool.submit(make_article, element, config.packs, config.clock(), config.publishers), None

    def results(self, element: Page, context: None, future: Future[Any]) -> Iterator[object]:
        made = outcome(future, self._config.pool)
        if isinstance(made, bytes):
            yield made
        elif isinstance(made, Covered):
            yield made.signed
            yield TaggedOutput(FAILED, made.failure)
        else:
            lost = Lost(Stage.EXTRACT, made) if isinstance(made, Problem) else made
            now = self._config.clock()
            yield TaggedOutput(FAILED, failure_of(element.entry, lost.stage, lost.problem, now, element.archive_ref))
        progress.tick()


class CommitSlice(beam.PTransform):
    """Places a slice's articles, commits its rows, one commit per table, and then closes its entries in the ledger.

    Takes what ended, all under one key. The ledger is written in one transaction, after the tables. A slice that is cut
    off in between is mended by the next run (pipelines.recover).
    """

    def __init__(self, output: str, open_ledger: Callable[[], Ledger], token: str) -> None:
        super().__init__()
        self._commit = _CommitSlice(output, open_ledger, token)

    def expand(self, ended: beam.PCollection[tuple[str, Ended]]) -> beam.PCollection[None]:
        return ended | "GroupSlice" >> beam.GroupByKey() | "Commit" >> beam.ParDo(self._commit)


class _CommitSlice(beam.DoFn):
    def __init__(self, output: str, open_ledger: Callable[[], Ledger], token: str) -> None:
        self._output = output
        self._open_ledger = open_ledger
        self._token = token

    def process(self, keyed: tuple[str, Iterable[Ended]]) -> None:
        ended = list(keyed[1])
        signed = [decode(e.signed, Signed) for e in ended if e.signed]
        failures = [e.failure for e in ended if e.failure]
        dataset = Dataset(self._output)
        with commit_turn(self._token), closing(self._open_ledger()) as ledger:
            placements = list(place_slice(signed, ledger.story_index()))
            written = [p for p in placements if p.state is EntryState.WRITTEN]
            # Links first: an article that stands is not placed again after a kill, and its links would never come.
            dataset.commit(STORY_LINKS, [link for p in written for link in p.links])
            dataset.commit(ARTICLES, [p.article for p in written])
            states = {p.article.row_id: p.state for p in placements}
            # Why a page could not be had is told beside the row that stands in for it, so where a row is written.
            dataset.commit(FAILURES, [f for f in failures if states.get(f.key) in (None, EntryState.WRITTEN)])
            failed = [_settled_by_failure(f) for f in failures if f.key not in states]
            ledger.settle([*map(_settled_by_placement, placements), *failed])


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
