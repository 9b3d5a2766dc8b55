"""Beam wiring of the room feeds: feeds in, rows about their polls out; new entries go into the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput

from schemas.records import Feed, Poll
from transforms.clock import Clock
from transforms.feeds.cadence import FIRST_INTERVAL_S
from transforms.feeds.observe import jitter, observe, poll_row, problem_rows, rejected_rows
from transforms.feeds.poll import PollState, decide, new_state, poll_request
from transforms.feeds.store import PollStore
from transforms.web.client import FetchRules, Postponed, Request
from transforms.web.wiring import Answer, AskingDoFn

FAILED = "failed"


_PATIENCE = timedelta(seconds=60)
"""How long a poll may wait for its turn at a host; after that it is for the next run."""


class PollFeeds(beam.PTransform):
    """Polls each feed once and commits what came to the store. Outputs `polls` (Poll) and `failed` (Failure).

    The time of the next poll is committed before the request goes out, and corrected by the answer.
    """

    def __init__(self, rules: FetchRules, clock: Clock, open_store: Callable[[], PollStore]) -> None:
        super().__init__()
        self._rules = rules
        self._clock = clock
        self._open_store = open_store

    def expand(self, feeds: beam.PCollection[Feed]) -> beam.pvalue.DoOutputsTuple:
        return feeds | "Poll" >> beam.ParDo(_PollFeed(self._rules, self._clock, self._open_store)).with_outputs(
            FAILED, main="polls"
        )


class _PollFeed(AskingDoFn):
    def __init__(self, rules: FetchRules, clock: Clock, open_store: Callable[[], PollStore]) -> None:
        super().__init__(rules, clock)
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

    def results(self, element: Feed, context: PollState, answer: Answer) -> Iterator[object]:
        if isinstance(answer, Postponed):  # nothing was asked: the host's pause only moves the feed's turn
            self._store.begin_poll(element.url, answer.until)
            return
        now = self._clock()
        observed = observe(element, context, answer)
        if observed.parsed is not None:
            observed = replace(observed, entries_new=self._store.count_new(observed.parsed.entries))
        due_at = context.next_due_at
        intent = decide(context, observed, now, every_s=element.every_s, jitter=jitter(element.url, due_at))
        rows = self._store.finish_poll(
            intent.next_state,
            observed.parsed.entries if observed.parsed else (),
            observed.parsed.repeated if observed.parsed else 0,
            rejected_rows(element, observed, now),
            problem_rows(element, observed, now),
            poll_row(element, due_at, intent, observed, answer, now),
        )
        for row in rows:
            yield row if isinstance(row, Poll) else TaggedOutput(FAILED, row)
