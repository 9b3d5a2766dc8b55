"""Beam wiring of the room pages: entries in, pages out.

In a local run a slice is fetched as a whole (`FetchPages`), in an unbounded graph per host shard and within a budget
per wake (`FetchShards`).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import apache_beam as beam
import msgspec
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.userstate import BagStateSpec

from schemas.outcomes import Reason, Stage
from schemas.records import FeedEntry, Lost, Page, Problem
from transforms.clock import Clock
from transforms.failures import failure_of
from transforms.pages.page import page_from_feed, page_from_response, read_document, stands_in_for
from transforms.pages.queue import Waiting, postponed, take_due, tried_again
from transforms.pages.recall import About, recall
from transforms.web.archive import Keeping, shared_archive
from transforms.web.messages import FetchRules, Postponed, Request, Response
from transforms.web.shared import shared_client
from transforms.web.wiring import Answer, AskingDoFn
from transforms.wiring import RecordCoder, register

FAILED = "failed"


class FetchPages(beam.PTransform):
    """Fetches the page of each entry, or reads the file of each document, many at once and each host politely.

    Outputs `pages` (Page) and `failed` (Failure). An entry that the hosts' spacing did not let us ask for within the
    budget gives neither: it stays pending. With `keeping` answers go into the archive, and an entry that names a record
    of a WARC file has its page from there.
    """

    def __init__(self, rules: FetchRules, clock: Clock, budget_s: float, keeping: Keeping | None = None) -> None:
        super().__init__()
        self.fetch = _FetchPage(rules, clock, budget_s, keeping)

    def expand(self, entries: beam.PCollection[FeedEntry]) -> beam.pvalue.DoOutputsTuple:
        return entries | "Fetch" >> beam.ParDo(self.fetch).with_outputs(FAILED, main="pages")


class _FetchPage(AskingDoFn):
    in_flight = 512
    """Entries that wait for their turns: as many as a slice has, so that many hosts are asked at once in whatever order
    their entries come. Pages do not pile up: they have a room of their own size."""

    def __init__(self, rules: FetchRules, clock: Clock, budget_s: float, keeping: Keeping | None) -> None:
        super().__init__(rules, clock, keeping)
        self._budget = timedelta(seconds=budget_s)

    def start_bundle(self) -> None:
        super().start_bundle()
        self._not_after = self._clock() + self._budget

    def process(
        self, element: FeedEntry, window: object = beam.DoFn.WindowParam, timestamp: object = beam.DoFn.TimestampParam
    ) -> Iterator[object]:
        if element.archive_ref is not None:
            yield self._recall(element)
        elif element.feed_url is None:
            yield self._read(element)
        elif element.url is None:
            yield self._from_feed(element)
        else:
            yield from super().process(element, window, timestamp)

    def _read(self, entry: FeedEntry) -> Page | TaggedOutput:
        path = Path(url2pathname(urlsplit(entry.url or "").path))
        found = read_document(path, now=self._clock(), max_bytes=self._rules.max_bytes)
        if isinstance(found, Problem):
            return TaggedOutput(FAILED, failure_of(entry, Stage.READ, found, self._clock()))
        return replace(found, entry=entry)

    def _recall(self, entry: FeedEntry) -> Page | TaggedOutput:
        root = self._keeping.root if self._keeping else Path()
        found = recall(entry, root, self._rules.max_bytes)
        if isinstance(found, Problem):
            return TaggedOutput(FAILED, failure_of(entry, Stage.READ, found, self._clock(), entry.archive_ref))
        return found

    def _from_feed(self, entry: FeedEntry) -> Page | TaggedOutput:
        page = _of_feed(entry, self._clock())
        if self._keeping is None or not self._keeping.writes or not isinstance(page, Page):
            return page
        told = msgspec.json.encode(About(entry))
        kept = shared_archive(self._keeping.root).keep_bytes(page.final_url, page.body, page.fetched_at, told)
        return replace(page, archive_ref=kept)

    def ask(self, element: FeedEntry) -> tuple[Request, None]:
        return Request(str(element.url), check_robots=True, not_after=self._not_after), None

    def answered(self, element: FeedEntry, context: None, answer: Answer) -> Iterator[object]:
        if isinstance(answer, Postponed):
            return
        ref = self.keep(answer, entry=element)
        found = page_from_response(element, answer) if isinstance(answer, Response) else answer
        if isinstance(found, Problem):
            yield _settled(element, Lost(Stage.FETCH, found, ref), self._clock())
        else:
            yield replace(found, archive_ref=ref)


def _of_feed(entry: FeedEntry, now: datetime) -> Page | TaggedOutput:
    """An entry without a link as a page of its own words."""
    page = page_from_feed(entry, now)
    if page is not None:
        return page
    problem = Problem(Reason.ENTRY_WITHOUT_LINK, f"an entry of {entry.feed_url} has neither link nor words")
    return TaggedOutput(FAILED, failure_of(entry, Stage.FETCH, problem, now))


def _settled(entry: FeedEntry, lost: Lost, now: datetime) -> Page | TaggedOutput:
    """What comes of an entry whose page could not be fetched: the feed's words, or a failure."""
    page = stands_in_for(entry, lost, now)
    return page or TaggedOutput(FAILED, failure_of(entry, lost.stage, lost.problem, now, lost.archive_ref))


@dataclass(frozen=True, slots=True)
class Errand:
    """What wakes a shard: an entry that is to wait, or None for a tick, at which the queue is worked off."""

    entry: FeedEntry | None = None


register(Errand)


class FetchShards(beam.PTransform):
    """Queues entries per host shard, and at each tick fetches those that are due, many at once and each host politely.

    Takes (shard, Errand). Outputs `pages` (Page) and `failed` (Failure). What gets no turn within the budget stays in
    the queue; what failed for a passing reason is tried again later, with a row per try. An entry without a link is a
    page of its own content, at once. Pages leave as they come in: the steps after it should be fused to it, so that no
    page's bytes cross a shuffle.
    """

    def __init__(self, rules: FetchRules, clock: Clock, budget_s: float) -> None:
        super().__init__()
        self._fetch = _FetchShard(rules, clock, budget_s)

    def expand(self, errands: beam.PCollection[tuple[str, Errand]]) -> beam.pvalue.DoOutputsTuple:
        return errands | "Fetch" >> beam.ParDo(self._fetch).with_input_types(tuple[str, Errand]).with_outputs(
            FAILED, main="pages"
        )


class _FetchShard(beam.DoFn):
    """Keyed by host shard; entries only queue, ticks fetch.

    Cells:
        waiting: The entries whose pages are still to be fetched. An entry leaves it in the bundle that emits its page
            or its failure. It needs no expiry: whatever waits is asked for, at most three times.

    No timers.
    """

    WAITING = BagStateSpec("waiting", RecordCoder(Waiting))

    def __init__(self, rules: FetchRules, clock: Clock, budget_s: float) -> None:
        self._rules = rules
        self._clock = clock
        self._budget = timedelta(seconds=budget_s)

    def setup(self) -> None:
        self._client = shared_client(self._rules, self._clock)

    def process(self, keyed: tuple[str, Errand], waiting: Any = beam.DoFn.StateParam(WAITING)) -> Iterator[object]:
        now = self._clock()
        entry = keyed[1].entry
        if entry is not None and entry.url is None:
            yield _of_feed(entry, now)
            return
        if entry is not None:
            waiting.add(Waiting(entry, not_before=now, since=now))
            return
        taken, rest = take_due(list(waiting.read()), now)
        if not taken:
            return
        not_after = now + self._budget
        asked = {
            self._client.submit(Request(str(item.entry.url), check_robots=True, not_after=not_after)): item
            for item in taken
        }
        while asked:
            future = next(as_completed(asked))
            item, answer = asked.pop(future), future.result()
            if isinstance(answer, Postponed):
                rest.append(postponed(item, answer.until))
                continue
            found = page_from_response(item.entry, answer) if isinstance(answer, Response) else answer
            del answer, future  # the body lives on in the page alone
            if not isinstance(found, Problem):
                yield found
                continue
            failed_at = self._clock()
            again = tried_again(item, found.reason, failed_at)
            if again is not None:
                rest.append(again)
            yield _settled(item.entry, Lost(Stage.FETCH, found), failed_at)
        waiting.clear()
        for item in rest:
            waiting.add(item)
