"""The closing sum of a run, computed from the tables and the ledger, never from the runner's counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipelines.ledger import WAITING_AGAIN, Ledger
from schemas.outcomes import EntryState, PollOutcome
from schemas.tables import ARTICLES, FAILURES, POLLS
from transforms.storage.dataset import Dataset


@dataclass(frozen=True)
class Summary:
    """How everything that one run saw ended.

    Attributes:
        seen: Entries in the bodies of the feeds polled, documents, and what waited from earlier runs.
        reasons: Why entries failed, with counts.
        polls: How polls ended, with counts.
        skipped_feeds: Feeds of the list that were not due.
        notes: What else is to be told, a line each.
    """

    seen: int
    written: int
    unchanged: int
    duplicate: int
    pending: int
    failed: int
    reasons: Mapping[str, int]
    polls: Mapping[str, int]
    failed_feeds: Mapping[str, str]
    skipped_feeds: int = 0
    notes: Sequence[str] = ()

    @property
    def adds_up(self) -> bool:
        """True where nothing disappeared."""
        return self.seen == self.written + self.unchanged + self.duplicate + self.pending + self.failed

    @property
    def nothing_fetched(self) -> bool:
        """True where there was something to do and none of it could be had."""
        tried = sum(self.polls.values())
        lost = self.polls.get(PollOutcome.FAILED, 0)
        entries_lost = self.failed > 0 and self.written + self.unchanged + self.duplicate + self.pending == 0
        return (tried > 0 and lost == tried and self.written == 0) or (tried == 0 and entries_lost)

    def lines(self) -> list[str]:
        """The sum as a person reads it."""
        equals = "=" if self.adds_up else "≠"
        lines = [
            f"seen {self.seen} {equals} written {self.written} + unchanged {self.unchanged} + duplicate"
            f" {self.duplicate} + pending {self.pending} + failed {self.failed}"
        ]
        if self.reasons:
            lines.append("failed: " + ", ".join(f"{reason} {n}" for reason, n in sorted(self.reasons.items())))
        if self.polls or self.skipped_feeds:
            polls = ", ".join(f"{outcome} {n}" for outcome, n in sorted(self.polls.items())) or "none"
            skipped = (
                f"; {self.skipped_feeds} not due yet (--poll-all asks them all the same)" if self.skipped_feeds else ""
            )
            lines.append(f"feeds polled: {polls}{skipped}")
        lines += self.notes
        lines += [f"feed failed: {url}: {message}" for url, message in sorted(self.failed_feeds.items())]
        if not self.adds_up:
            lines.append("THE SUM DOES NOT ADD UP: this is a bug in newsbeam; please report it with these lines.")
        return lines


def summarise(
    ledger: Ledger, dataset: Dataset, started: datetime, skipped_feeds: int, notes: Sequence[str] = ()
) -> Summary:
    """Counts what the run since `started` wrote into the tables, and what the ledger knows of the rest."""
    tally = ledger.tally()
    polls = {row["poll_id"]: row for row in dataset.scan(POLLS, _POLL_COLUMNS, started, "polled_at")}
    rows = {row["row_id"] for row in dataset.scan(ARTICLES, ["row_id"], started, "processed_at")}
    failures = {
        row["key"]: row["reason"]
        for row in dataset.scan(FAILURES, ["key", "reason", "feed_url"], started, "failed_at")
        if row["key"] != row["feed_url"] and row["key"] not in rows  # of such a row the entry was written, not lost
    }
    seen = sum(p["entries_seen"] for p in polls.values()) + tally.get("documents", 0) + tally.get("carried", 0)
    return Summary(
        seen=seen - tally.get(WAITING_AGAIN, 0),
        written=len(rows),
        unchanged=tally.get(EntryState.UNCHANGED, 0),
        duplicate=tally.get(EntryState.DUPLICATE, 0),
        pending=ledger.pending_count(),
        failed=len(failures),
        reasons=Counter(failures.values()),
        polls=Counter(p["outcome"] for p in polls.values()),
        failed_feeds={p["feed_url"]: p["message"] or p["reason"] for p in polls.values() if p["reason"]},
        skipped_feeds=skipped_feeds,
        notes=notes,
    )


_POLL_COLUMNS = ["poll_id", "feed_url", "outcome", "reason", "message", "entries_seen"]
