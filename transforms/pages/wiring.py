"""Beam wiring of the room pages: entries in, pages out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput

from schemas.outcomes import Stage
from schemas.records import FeedEntry, Page, Problem
from transforms.clock import Clock
from transforms.failures import failure_of
from transforms.pages.page import page_from_content, page_from_response, read_document
from transforms.web.messages import FetchRules, Postponed, Request, Response
from transforms.web.wiring import Answer, AskingDoFn

FAILED = "failed"


class FetchPages(beam.PTransform):
    """Fetches the page of each entry, or reads the file of each document, many at once and each host politely.

    Outputs `pages` (Page) and `failed` (Failure). An entry that the hosts' spacing did not let us ask for before
    `not_after` gives neither: it stays pending.
    """

    def __init__(self, rules: FetchRules, clock: Clock, not_after: datetime | None = None) -> None:
        super().__init__()
        self._rules = rules
        self._clock = clock
        self._not_after = not_after

    def expand(self, entries: beam.PCollection[FeedEntry]) -> beam.pvalue.DoOutputsTuple:
        return entries | "Fetch" >> beam.ParDo(_FetchPage(self._rules, self._clock, self._not_after)).with_outputs(
            FAILED, main="pages"
        )


class _FetchPage(AskingDoFn):
    def __init__(self, rules: FetchRules, clock: Clock, not_after: datetime | None) -> None:
        super().__init__(rules, clock)
        self._not_after = not_after

    def process(
        self, element: FeedEntry, window: object = beam.DoFn.WindowParam, timestamp: object = beam.DoFn.TimestampParam
    ) -> Iterator[object]:
        if element.feed_url is None:
            yield self._read(element)
        elif element.url is None:
            yield page_from_content(element, self._clock())
        else:
            yield from super().process(element, window, timestamp)

    def _read(self, entry: FeedEntry) -> Page | TaggedOutput:
        path = Path(url2pathname(urlsplit(entry.url or "").path))
        found = read_document(path, now=self._clock(), max_bytes=self._rules.max_bytes)
        if isinstance(found, Problem):
            return TaggedOutput(FAILED, failure_of(entry, Stage.READ, found, self._clock()))
        return replace(found, entry=entry)

    def ask(self, element: FeedEntry) -> tuple[Request, None]:
        return Request(str(element.url), check_robots=True, not_after=self._not_after), None

    def answered(self, element: FeedEntry, context: None, answer: Answer) -> Iterator[object]:
        if isinstance(answer, Postponed):
            return
        found = page_from_response(element, answer) if isinstance(answer, Response) else answer
        if isinstance(found, Problem):
            yield TaggedOutput(FAILED, failure_of(element, Stage.FETCH, found, self._clock()))
        else:
            yield found
