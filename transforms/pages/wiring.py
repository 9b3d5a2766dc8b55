"""Beam wiring of the room pages: entries in, pages out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

import apache_beam as beam
from apache_beam.utils.windowed_value import WindowedValue

from schemas.outcomes import Stage
from schemas.records import Failure, FeedEntry, Page, Problem
from transforms.clock import Clock
from transforms.failures import failure_of
from transforms.pages.page import page_from_response, read_document
from transforms.web.client import Client, FetchRules, Postponed, Request, Response
from transforms.web.shared import shared_client

IN_FLIGHT = 64
"""Requests of one bundle that wait for an answer at once; as many pages are held at most."""

FAILED = "failed"
POSTPONED = "postponed"


class _Asked(NamedTuple):
    entry: FeedEntry
    window: WindowedValue


class FetchPages(beam.PTransform):
    """Fetches the page of each entry, or reads the file of each document, many at once and each host politely.

    Outputs `pages` (Page), `failed` (Failure), and `postponed` (the entry's key) for what the hosts' spacing did not
    let us ask for before `not_after`: such an entry stays pending.
    """

    def __init__(self, rules: FetchRules, clock: Clock, not_after: datetime | None = None) -> None:
        super().__init__()
        self._rules = rules
        self._clock = clock
        self._not_after = not_after

    def expand(self, entries: beam.PCollection[FeedEntry]) -> beam.pvalue.DoOutputsTuple:
        return entries | "Fetch" >> beam.ParDo(_FetchPage(self._rules, self._clock, self._not_after)).with_outputs(
            FAILED, POSTPONED, main="pages"
        )


class _FetchPage(beam.DoFn):  # type: ignore[misc]
    """Keeps up to IN_FLIGHT requests under way; every result leaves in the window of its own entry."""

    def __init__(self, rules: FetchRules, clock: Clock, not_after: datetime | None) -> None:
        self._rules = rules
        self._clock = clock
        self._not_after = not_after

    def setup(self) -> None:
        self._client: Client = shared_client(self._rules, self._clock)

    def start_bundle(self) -> None:
        self._asked: dict[Future[Response | Problem | Postponed], _Asked] = {}

    def process(
        self,
        entry: FeedEntry,
        window: object = beam.DoFn.WindowParam,
        timestamp: object = beam.DoFn.TimestampParam,
    ) -> Iterator[object]:
        if entry.feed_url is None:
            yield self._read(entry)
            return
        future = self._client.submit(Request(entry.url or "", check_robots=True, not_after=self._not_after))
        self._asked[future] = _Asked(entry, WindowedValue(None, timestamp, (window,)))
        while len(self._asked) >= IN_FLIGHT:
            yield from self._answers()

    def finish_bundle(self) -> Iterator[object]:
        while self._asked:
            yield from self._answers()

    def _read(self, entry: FeedEntry) -> object:
        path = Path(url2pathname(urlsplit(entry.url or "").path))
        found = read_document(path, now=self._clock(), max_bytes=self._rules.max_bytes)
        if isinstance(found, Problem):
            return beam.pvalue.TaggedOutput(FAILED, failure_of(entry, Stage.READ, found, self._clock()))
        return replace(found, entry=entry)

    def _answers(self) -> Iterator[object]:
        """Waits for the next answers and gives them out."""
        done, _ = wait(self._asked, return_when=FIRST_COMPLETED)
        for future in done:
            asked = self._asked.pop(future)
            yield _in_window(asked.window, self._result(asked.entry, future.result()))

    def _result(self, entry: FeedEntry, answer: Response | Problem | Postponed) -> Page | Failure | str:
        if isinstance(answer, Postponed):
            return entry.key
        found = page_from_response(entry, answer) if isinstance(answer, Response) else answer
        if isinstance(found, Problem):
            return failure_of(entry, Stage.FETCH, found, self._clock())
        return found


def _in_window(window: WindowedValue, result: Page | Failure | str) -> object:
    value = window.with_value(result)
    if isinstance(result, Failure):
        return beam.pvalue.TaggedOutput(FAILED, value)
    if isinstance(result, str):
        return beam.pvalue.TaggedOutput(POSTPONED, value)
    return value
