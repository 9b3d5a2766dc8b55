"""What polling asks of the place that keeps its state: the ledger of local runs, a test's memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.records import Failure, FeedEntry, Poll
from transforms.feeds.poll import PollState


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """What became of the entries that a poll or a folder showed."""

    new: int = 0
    unchanged: int = 0
    duplicate: int = 0
    failed: int = 0


class PollStore(Protocol):
    """Keeps the state of polling. Each method is one transaction."""

    def poll_state(self, feed_url: str) -> PollState | None:
        """The state of a feed, or None where it was never polled."""

    def begin_poll(self, feed_url: str, next_due_at: datetime) -> None:
        """Commits when the feed is due next, before the request goes out: a kill cannot make us ask twice."""

    def count_new(self, entries: Sequence[FeedEntry]) -> int:
        """How many of a feed's entries are new or changed."""

    def finish_poll(
        self,
        state: PollState,
        entries: Sequence[FeedEntry],
        repeated: int,
        rejected: Sequence[Failure],
        problems: Sequence[Failure],
        poll: Callable[[EntryCounts], Poll],
    ) -> list[Poll | Failure]:
        """Commits all that a poll brought, and gives the rows for the tables.

        Args:
            repeated: Items that repeat another one of the same body.
            rejected: Entries that cannot be used; those known from an earlier poll are only counted.
            problems: What went wrong with the poll itself.
            poll: Makes the row of `polls` from the counts.
        """

    def close(self) -> None:
        """Lets go of the store."""
