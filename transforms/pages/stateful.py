"""Beam wiring of the room pages for an unbounded graph: fetching per host shard, within a budget per wake."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.userstate import BagStateSpec

from schemas.outcomes import Stage
from schemas.records import FeedEntry, Problem
from transforms.clock import Clock
from transforms.coders import RecordCoder, register
from transforms.failures import failure_of
from transforms.pages.page import page_from_response
from transforms.pages.queue import Waiting, postponed, take_due, tried_again
from transforms.web.client import FetchRules, Postponed, Request, Response
from transforms.web.shared import shared_client

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Errand:
    """What wakes a shard: an entry that is to wait, or None for a tick, at which the queue is worked off."""

    entry: FeedEntry | None = None


register(Errand)


class FetchShards(beam.PTransform):
    """Queues entries per host shard, and at each tick fetches those that are due, many at once and each host politely.

    Takes (shard, Errand). Outputs `pages` (Page) and `failed` (Failure). What gets no turn within the budget stays in
    the queue; what failed for a passing reason is tried again later, with a row per try. Pages leave as they come in:
    the steps after it should be fused to it, so that no page's bytes cross a shuffle.
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
        if entry is not None:
            waiting.add(Waiting(entry, not_before=now, since=now))
            return
        taken, rest = take_due(list(waiting.read()), now)
        if not taken:
            return
        not_after = now + self._budget
        asked = {
            self._client.submit(Request(item.entry.url or "", check_robots=True, not_after=not_after)): item
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
            yield TaggedOutput(FAILED, failure_of(item.entry, Stage.FETCH, found, failed_at))
        waiting.clear()
        for item in rest:
            waiting.add(item)
