"""One host shard's queue of pages to fetch in an unbounded graph: who is asked for now, and who is tried again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from schemas.outcomes import Reason
from schemas.records import FeedEntry

MOST_AT_ONCE: Final = 64
"""Pages of one wake; as many answers are waited for, none is held longer than it takes to hand it on."""

MAX_ATTEMPTS: Final = 3
"""Tries of one entry that failed for a passing reason before it stays failed."""

PASSING: Final = frozenset(
    {
        Reason.DNS,  # resolvers come back
        Reason.CONNECT,
        Reason.TLS,  # certificates get renewed
        Reason.TIMEOUT,
        Reason.TRUNCATED,
        Reason.RATE_LIMITED,
        Reason.HTTP_SERVER_ERROR,
    }
)
"""Reasons that a later try may not meet again."""

_FIRST_RETRY: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry whose page is still to be fetched.

    Attributes:
        not_before: When it may be asked for.
        since: When it came into the queue.
    """

    entry: FeedEntry
    not_before: datetime
    since: datetime


def take_due(waiting: Sequence[Waiting], now: datetime) -> tuple[list[Waiting], list[Waiting]]:
    """Parts a queue into what to ask for now and what stays.

    First one of each source, then a second of each, so that a long list of one source holds up nobody; within a source
    the longest waiting first. An entry that is in the queue twice, as its feed changed it meanwhile, is asked for once,
    in its latest wording.
    """
    latest = {item.entry.key: item for item in sorted(waiting, key=lambda item: item.since)}
    due = [item for item in latest.values() if item.not_before <= now]
    turns: Counter[str] = Counter()
    ranked: list[tuple[int, int, Waiting]] = []
    for item in due:
        ranked.append((turns[item.entry.source], len(ranked), item))
        turns[item.entry.source] += 1
    ranked.sort(key=lambda turn: turn[:2])
    taken = [item for _, _, item in ranked[:MOST_AT_ONCE]]
    keys = {item.entry.key for item in taken}
    return taken, [item for item in latest.values() if item.entry.key not in keys]


def postponed(item: Waiting, until: datetime) -> Waiting:
    """The entry waits on: its host gave it no turn."""
    return replace(item, not_before=until)


def tried_again(item: Waiting, reason: Reason, now: datetime) -> Waiting | None:
    """The next try of a failed entry, after a wait that grows fourfold; None where another try is of no use."""
    attempt = item.entry.attempt
    if reason not in PASSING or attempt >= MAX_ATTEMPTS:
        return None
    wait = _FIRST_RETRY * 4 ** (attempt - 1)
    return replace(item, entry=replace(item.entry, attempt=attempt + 1), not_before=now + wait)
