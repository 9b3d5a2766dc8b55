"""What an answer to a poll brought, and the rows that tell of it; the same for the local ledger and for streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from schemas.ids import poll_id
from schemas.outcomes import Reason, Stage
from schemas.records import Failure, Feed, Poll, Problem
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.feeds.discover import feeds_named_in
from transforms.feeds.parse import parse_feed
from transforms.feeds.poll import Intent, PollObservation, PollState, hash_body
from transforms.feeds.state import Errand
from transforms.feeds.store import EntryCounts
from transforms.web.messages import Postponed, Response
from transforms.web.status import status_problem


def observe(feed: Feed, state: PollState, answer: Response | Problem) -> PollObservation:
    """What an answer brought: a body that is the same as the last one is not parsed at all."""
    if state.errand is Errand.HOME:
        return _observe_home(feed, state, answer)
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


def _observe_home(feed: Feed, state: PollState, answer: Response | Problem) -> PollObservation:
    """What the home page of a feed that is not found says: the message names the feeds to choose from."""
    home = state.request_url
    if isinstance(answer, Problem):
        return PollObservation(problem=_lost(feed, f"its home page could not be read ({answer.message})"))
    problem = status_problem(answer.url, answer.status, answer.headers)
    found = () if problem else feeds_named_in(answer.body, answer.final_url)
    if problem is not None:
        told = f"its home page could not be read ({problem.message})"
    elif found:
        told = (
            f"its home page {home} names {', '.join(feed.url for feed in found[:5])}; put the right one into the list"
        )
    else:
        told = f"its home page {home} names no feed; look for another source or remove it from the list"
    return PollObservation(_lost(feed, told), answer.status, answer.headers, answer.final_url)


def _lost(feed: Feed, told: str) -> Problem:
    return Problem(Reason.NOT_FOUND, f"{feed.url} is not found any more; {told}")


def jitter(feed_url: str, due_at: datetime) -> float:
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


def rejected_rows(feed: Feed, observed: PollObservation, now: datetime) -> list[Failure]:
    """Entries that cannot be used."""
    rejected = observed.parsed.rejected if observed.parsed else ()
    return [_failure(feed, entry.key, problem, Stage.PARSE, now) for entry, problem in rejected]


def problem_rows(feed: Feed, observed: PollObservation, now: datetime) -> list[Failure]:
    """What went wrong with the poll itself; its key is the feed's address."""
    if observed.problem is None:
        return []
    stage = Stage.PARSE if observed.body_hash is not None else Stage.POLL
    return [_failure(feed, feed.url, observed.problem, stage, now)]


def poll_row(
    feed: Feed,
    due_at: datetime,
    intent: Intent,
    observed: PollObservation,
    answer: Response | Problem | Postponed,
    now: datetime,
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
