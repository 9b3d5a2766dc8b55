"""Beam wiring of the room feeds: feeds in, rows about their polls out; new entries go into the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput

from schemas.ids import entry_key, poll_id
from schemas.outcomes import Stage
from schemas.records import Failure, Feed, Poll, Problem
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.clock import Clock
from transforms.feeds.cadence import FIRST_INTERVAL_S
from transforms.feeds.parse import parse_feed
from transforms.feeds.poll import Intent, PollObservation, PollState, decide, hash_body, new_state, poll_request
from transforms.feeds.store import EntryCounts, PollStore
from transforms.web.messages import FetchRules, Postponed, Request, Response
from transforms.web.status import status_problem
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

    def answered(self, element: Feed, context: PollState, answer: Answer) -> Iterator[object]:
        if isinstance(answer, Postponed):  # nothing was asked: the host's pause only moves the feed's turn
            self._store.begin_poll(element.url, answer.until)
            return
        now = self._clock()
        observed = observe(element, context, answer)
        if observed.parsed is not None:
            observed = replace(observed, entries_new=self._store.count_new(observed.parsed.entries))
        due_at = context.next_due_at
        intent = decide(context, observed, now, every_s=element.every_s, jitter=_jitter(element.url, due_at))
        rows = self._store.finish_poll(
            intent.next_state,
            observed.parsed.entries if observed.parsed else (),
            observed.parsed.repeated if observed.parsed else 0,
            _rejected(element, observed, now),
            _problems(element, observed, now),
            _poll_row(element, due_at, intent, observed, answer, now),
        )
        for row in rows:
            yield row if isinstance(row, Poll) else TaggedOutput(FAILED, row)


def observe(feed: Feed, state: PollState, answer: Response | Problem) -> PollObservation:
    """What an answer brought: a body that is the same as the last one is not parsed at all."""
    if isinstance(answer, Problem):
        return PollObservation(problem=answer)
    plain = PollObservation(
        problem=status_problem(answer.url, answer.status, answer.headers),
        status=answer.status,
        headers=answer.headers,
        final_url=answer.final_url,
        permanent_redirect_to=answer.permanent_redirect_to,
    )
    if plain.problem is not None or answer.status == 304:
        return plain
    seen = replace(plain, body_hash=hash_body(answer.body))
    if seen.body_hash == state.body_hash:
        return seen
    parsed = parse_feed(answer.body, feed=feed, base_url=answer.final_url, headers=answer.headers)
    return replace(seen, problem=parsed) if isinstance(parsed, Problem) else replace(seen, parsed=parsed)


def _jitter(feed_url: str, due_at: datetime) -> float:
    """A number from -1 to 1 that differs between feeds and polls, and is the same when a poll is made again."""
    return int(poll_id(feed_url, due_at)[:8], 16) / 0x7FFFFFFF - 1.0


def _failure(feed: Feed, key: str, problem: Problem, stage: Stage, now: datetime) -> Failure:
    return Failure(
        stage=stage,
        reason=problem.reason,
        key=key,
        url=feed.url,
        message=problem.message,
        failed_at=now,
        feed_url=feed.url,
        source=feed.source,
        pipeline_version=pipeline_version(),
        schema_version=SCHEMA_VERSION,
    )


def _rejected(feed: Feed, observed: PollObservation, now: datetime) -> list[Failure]:
    """Entries that cannot be used; one without any identity is known by its position."""
    rejected = observed.parsed.rejected if observed.parsed else ()
    keyed = [(entry_key(feed.url, key) if key.startswith("#") else key, problem) for key, problem in rejected]
    return [_failure(feed, key, problem, Stage.PARSE, now) for key, problem in keyed]


def _problems(feed: Feed, observed: PollObservation, now: datetime) -> list[Failure]:
    """What went wrong with the poll itself; its key is the feed's address."""
    if observed.problem is None:
        return []
    stage = Stage.PARSE if observed.body_hash is not None else Stage.POLL
    return [_failure(feed, feed.url, observed.problem, stage, now)]


def _poll_row(
    feed: Feed, due_at: datetime, intent: Intent, observed: PollObservation, answer: Answer, now: datetime
) -> Callable[[EntryCounts], Poll]:
    """Makes the row of `polls` from the counts, which only the store knows."""
    body, elapsed = (len(answer.body), answer.elapsed_ms) if isinstance(answer, Response) else (0, 0)
    return lambda counts: Poll(
        poll_id=poll_id(feed.url, due_at),
        feed_url=feed.url,
        source=feed.source,
        due_at=due_at,
        polled_at=now,
        outcome=intent.outcome,
        reason=intent.reason,
        http_status=observed.status,
        final_url=observed.final_url,
        entries_seen=observed.entries_seen,
        entries_new=counts.new,
        entries_unchanged=counts.unchanged,
        entries_duplicate=counts.duplicate,
        entries_failed=counts.failed,
        body_bytes=body,
        elapsed_ms=elapsed,
        rule=intent.rule,
        next_due_at=intent.next_due_at,
        message=observed.problem.message if observed.problem else None,
        pipeline_version=pipeline_version(),
        schema_version=SCHEMA_VERSION,
    )
