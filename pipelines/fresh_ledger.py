"""A ledger that is filled from the tables and not by runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from pipelines.ledger import Ledger
from schemas.outcomes import EntryState
from schemas.records import FeedEntry, StoryRecord
from transforms.feeds.poll import PollState
from transforms.stories.index import SqliteIndex


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An entry as the tables tell of it.

    Attributes:
        link: What all addresses of its link share.
        record: The entry itself, where it may be tried again.
    """

    key: str
    source: str
    link: str | None
    fingerprint: str
    state: EntryState
    reason: str = ""
    article_id: str | None = None
    attempts: int = 1
    record: FeedEntry | None = None


class FreshLedger(Ledger):
    """A new ledger; each method is one transaction."""

    def restore_feed(self, state: PollState) -> None:
        """Notes the state of a feed."""
        with self._transaction() as db:
            self._save_poll_state(db, state)

    def restore_entries(self, entries: Sequence[KnownEntry]) -> None:
        """Notes entries as they ended; those that are known stay as they are."""
        with self._transaction() as db:
            first = db.execute("SELECT coalesce(max(seq), 0) FROM entries").fetchone()[0] + 1
            db.executemany(
                "INSERT OR IGNORE INTO entries (key, source, link, fingerprint, state, reason, article_id, attempts,"
                " record, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (e.key, e.source, e.link, e.fingerprint, e.state, e.reason, e.article_id, e.attempts,
                     msgspec.json.encode(e.record) if e.record else None, seq)
                    for seq, e in enumerate(entries, first)
                ),
            )  # fmt: skip

    def restore_stories(self, rows: Iterable[tuple[StoryRecord, Sequence[str]]]) -> None:
        """Lets the stories' index remember rows that are written."""
        with self._transaction() as db:
            index = SqliteIndex(db)
            for record, bands in rows:
                index.add(record, bands)
