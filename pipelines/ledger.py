"""The ledger of local runs: an outbox in SQLite, so that a kill at any moment loses nothing.

What it holds: for each feed its poll state; for each entry ever seen a key, a fingerprint and how it ended; for each
entry that still waits the entry itself; rows that are decided but not yet committed to the tables (`outbox`); the
stories' index; a tally per run. Written text is never kept: an entry's record is dropped once it is settled, unless it
failed: then it is kept for `newsbeam replay`.

Every public method is one transaction. One process writes at a time (the dataset's lock sees to it); within the process
each thread opens its own Ledger on the same file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from schemas.outcomes import EntryState
from schemas.records import Failure, FeedEntry, Poll, Settled, StoryRecord
from transforms.articles.variants import link_identity
from transforms.feeds.poll import PollState
from transforms.feeds.store import EntryCounts
from transforms.pages.queue import MAX_ATTEMPTS, PASSING
from transforms.stories.index import SqliteIndex, create_tables

WAITING_AGAIN = "waiting_again"
"""Tally of entries that were seen while they still wait from an earlier run: `carried` has counted them already."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feeds (feed_url TEXT PRIMARY KEY, next_due_at TEXT, state BLOB);
CREATE TABLE IF NOT EXISTS entries (
  key TEXT PRIMARY KEY, source TEXT NOT NULL, link TEXT, fingerprint TEXT NOT NULL, state TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '', article_id TEXT, attempts INTEGER NOT NULL DEFAULT 0, record BLOB,
  seq INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS entries_waiting ON entries (seq) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS entries_link ON entries (link);
CREATE TABLE IF NOT EXISTS taken (key TEXT PRIMARY KEY, lane INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS runs (
  run_id INTEGER PRIMARY KEY, started_at TEXT NOT NULL, ended_at TEXT, slice_started_at TEXT);
CREATE TABLE IF NOT EXISTS tally (
  run_id INTEGER NOT NULL, item TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (run_id, item));
"""

UNKNOWN_WORDING = "?"
"""Fingerprint of an entry that was made anew from the tables: what its feed says next is taken for what it said."""

_R = TypeVar("_R")


class Ledger:
    """The ledger in one SQLite file, used by one thread at a time, on behalf of one run."""

    def __init__(self, path: Path, run_id: int = 0) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.run_id = run_id
        # A runner may use one DoFn on several threads, one after the other, which sqlite3 would refuse by default.
        self._db = sqlite3.connect(path, isolation_level=None, timeout=60.0, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        create_tables(self._db)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # -- runs

    def start_run(self, now: datetime) -> None:
        """Begins a run. What waits from earlier is carried over; what failed for a passing reason waits again."""
        with self._transaction() as db:
            db.execute("DELETE FROM taken")  # by slices that were cut off
            passing = ", ".join("?" * len(PASSING))
            db.execute(
                "UPDATE entries SET state = 'pending' WHERE state = 'failed' AND record IS NOT NULL AND attempts < ?"
                f" AND reason IN ({passing})",
                (MAX_ATTEMPTS, *sorted(PASSING)),
            )
            self.run_id = int(db.execute("INSERT INTO runs (started_at) VALUES (?)", (now.isoformat(),)).lastrowid or 0)
            self._count(db, "carried", self.pending_count())

    def end_run(self, now: datetime) -> None:
        """Marks a run as complete."""
        with self._transaction() as db:
            db.execute("UPDATE runs SET ended_at = ? WHERE run_id = ?", (now.isoformat(), self.run_id))

    def tally(self) -> Mapping[str, int]:
        """What was counted in a run: carried, documents, and how entries ended."""
        return dict(self._db.execute("SELECT item, n FROM tally WHERE run_id = ?", (self.run_id,)))

    def _count(self, db: sqlite3.Connection, item: str, n: int) -> None:
        if n:
            db.execute(
                "INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT (run_id, item) DO UPDATE SET n = n + excluded.n",
                (self.run_id, item, n),
            )

    def start_slice(self, now: datetime) -> None:
        """Notes that slices are under way; rows made from now on belong to them until their entries are settled."""
        with self._transaction() as db:
            db.execute("UPDATE runs SET slice_started_at = ? WHERE run_id = ?", (now.isoformat(), self.run_id))

    def broken_slice(self) -> datetime | None:
        """Start of what was under way in a run that was cut off, or None. Its rows may be in the tables already."""
        found = self._db.execute(
            "SELECT slice_started_at FROM runs WHERE ended_at IS NULL ORDER BY run_id DESC LIMIT 1"
        ).fetchone()
        return datetime.fromisoformat(found[0]) if found and found[0] else None

    def close_broken_runs(self, now: datetime) -> None:
        """Marks runs that were cut off as ended, once their rows have been accounted for."""
        with self._transaction() as db:
            db.execute("UPDATE runs SET ended_at = ? WHERE ended_at IS NULL", (now.isoformat(),))

    # -- feeds

    def poll_state(self, feed_url: str) -> PollState | None:
        """The state of a feed, or None where it was never polled."""
        found = self._db.execute("SELECT state FROM feeds WHERE feed_url = ?", (feed_url,)).fetchone()
        return msgspec.json.decode(found[0], type=PollState) if found and found[0] else None

    def begin_poll(self, feed_url: str, next_due_at: datetime) -> None:
        """Commits when the feed is due next, before the request goes out: a kill cannot make us ask twice."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO feeds VALUES (?, ?, NULL) ON CONFLICT DO UPDATE SET next_due_at = excluded.next_due_at",
                (feed_url, next_due_at.isoformat()),
            )

    def next_due(self, feed_url: str) -> datetime | None:
        """When the feed is due, or None where it was never polled."""
        found = self._db.execute("SELECT next_due_at FROM feeds WHERE feed_url = ?", (feed_url,)).fetchone()
        return datetime.fromisoformat(found[0]) if found else None

    def count_new(self, entries: Sequence[FeedEntry]) -> int:
        """How many of a feed's entries are new or changed."""
        query = "SELECT 1 FROM entries WHERE key = ? AND fingerprint IN (?, ?)"
        return sum(self._db.execute(query, (e.key, e.fingerprint, UNKNOWN_WORDING)).fetchone() is None for e in entries)

    def finish_poll(
        self,
        state: PollState,
        entries: Sequence[FeedEntry],
        repeated: int,
        rejected: Sequence[Failure],
        problems: Sequence[Failure],
        poll: Callable[[EntryCounts], Poll],
    ) -> list[Poll | Failure]:
        """Commits all that a poll brought: state, new entries, and rows that wait to be committed to the tables.

        Args:
            repeated: Items that repeat another one of the same body.
            rejected: Entries that cannot be used; those known from an earlier poll are only counted.
            problems: What went wrong with the poll itself.
            poll: Makes the row of `polls` from the counts.

        Returns:
            The rows, which stay in the outbox until `empty_outbox`.
        """
        with self._transaction() as db:
            self._save_poll_state(db, state)
            counts = self._register(db, entries)
            fresh = [failure for failure in rejected if self._reject(db, failure)]
            known = len(rejected) - len(fresh)
            self._count(db, EntryState.UNCHANGED, known)
            self._count(db, EntryState.DUPLICATE, repeated)
            all_counts = EntryCounts(counts.new, counts.unchanged + known, counts.duplicate + repeated, len(fresh))
            rows: list[Poll | Failure] = [poll(all_counts), *problems, *fresh]
            self._put_out(db, rows)
        return rows

    @staticmethod
    def _put_out(db: sqlite3.Connection, rows: Sequence[Poll | Failure]) -> None:
        db.executemany(
            "INSERT INTO outbox (kind, record) VALUES (?, ?)",
            [(type(row).__name__, msgspec.json.encode(row)) for row in rows],
        )

    @staticmethod
    def _save_poll_state(db: sqlite3.Connection, state: PollState) -> None:
        db.execute(
            "INSERT INTO feeds VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET next_due_at = excluded.next_due_at, state = excluded.state",
            (state.feed_url, state.next_due_at.isoformat(), msgspec.json.encode(state)),
        )

    @staticmethod
    def _reject(db: sqlite3.Connection, failure: Failure) -> bool:
        """Records an entry that cannot be used; False where it was known."""
        return bool(
            db.execute(
                "INSERT INTO entries (key, source, fingerprint, state, reason, seq) VALUES (?, ?, '', 'failed', ?, 0)"
                " ON CONFLICT DO NOTHING",
                (failure.key, failure.source or "", failure.reason),
            ).rowcount
        )

    # -- entries

    def register_documents(self, documents: Sequence[FeedEntry], unusable: Sequence[Failure] = ()) -> EntryCounts:
        """Adds documents from disk; those seen before with the same bytes are unchanged.

        Args:
            unusable: What gives no document; those known from an earlier run are only counted, rows of the others wait
                in the outbox.
        """
        with self._transaction() as db:
            self._count(db, "documents", len(documents) + len(unusable))
            fresh = [failure for failure in unusable if self._reject(db, failure)]
            self._count(db, EntryState.UNCHANGED, len(unusable) - len(fresh))
            self._put_out(db, fresh)
            return self._register(db, documents)

    def _register(self, db: sqlite3.Connection, entries: Iterable[FeedEntry]) -> EntryCounts:
        new = unchanged = duplicate = waiting = 0
        in_body: set[str] = set()
        seq = db.execute("SELECT coalesce(max(seq), 0) FROM entries").fetchone()[0]
        for entry in entries:
            link = link_identity(entry.url) if entry.url and entry.feed_url else None
            known = db.execute("SELECT fingerprint, state FROM entries WHERE key = ?", (entry.key,)).fetchone()
            if entry.key in in_body or (known is None and self._link_is_known(db, link)):
                duplicate += 1
                continue
            in_body.add(entry.key)
            waits = known is not None and known[1] == EntryState.PENDING
            waiting += waits
            if known and known[0] == UNKNOWN_WORDING:
                db.execute("UPDATE entries SET fingerprint = ? WHERE key = ?", (entry.fingerprint, entry.key))
            if known and known[0] in (entry.fingerprint, UNKNOWN_WORDING):
                unchanged += not waits
                continue
            seq += 1
            db.execute(
                "INSERT INTO entries (key, source, link, fingerprint, state, record, seq)"
                " VALUES (?, ?, ?, ?, 'pending', ?, ?)"
                " ON CONFLICT DO UPDATE SET fingerprint = excluded.fingerprint, state = 'pending', attempts = 0,"
                " record = excluded.record",
                (entry.key, entry.source, link, entry.fingerprint, msgspec.json.encode(entry), seq),
            )
            new += not waits
        self._count(db, EntryState.UNCHANGED, unchanged)
        self._count(db, EntryState.DUPLICATE, duplicate)
        self._count(db, WAITING_AGAIN, waiting)
        return EntryCounts(new, unchanged + waiting, duplicate)

    @staticmethod
    def _link_is_known(db: sqlite3.Connection, link: str | None) -> bool:
        if link is None:
            return False
        return db.execute("SELECT 1 FROM entries WHERE link = ? LIMIT 1", (link,)).fetchone() is not None

    def pending_count(self) -> int:
        """How many entries wait."""
        return int(self._db.execute("SELECT count(*) FROM entries WHERE state = 'pending'").fetchone()[0])

    def free_count(self) -> int:
        """How many entries wait that no slice has taken."""
        query = "SELECT count(*) FROM entries WHERE state = 'pending' AND key NOT IN (SELECT key FROM taken)"
        return int(self._db.execute(query).fetchone()[0])

    def take(self, limit: int, lane: int = 0) -> None:
        """Gives up to `limit` waiting entries to a lane's slice: one of each source, a second of each, and so on."""
        with self._transaction() as db:
            db.execute(
                "INSERT INTO taken SELECT key, ? FROM entries"
                " WHERE state = 'pending' AND key NOT IN (SELECT key FROM taken)"
                " ORDER BY row_number() OVER (PARTITION BY source ORDER BY seq), seq LIMIT ?",
                (lane, limit),
            )

    def taken(self, lane: int = 0) -> list[FeedEntry]:
        """The waiting entries that a lane has taken, in the order in which they were taken."""
        rows = self._db.execute(
            "SELECT record, attempts FROM taken JOIN entries USING (key)"
            " WHERE lane = ? AND state = 'pending' ORDER BY taken.rowid",
            (lane,),
        )
        return [replace(msgspec.json.decode(record, type=FeedEntry), attempt=tried + 1) for record, tried in rows]

    def release(self, lane: int) -> int:
        """Frees what a lane's slice has taken and not closed; how many it has closed."""
        with self._transaction() as db:
            closed = db.execute(
                "SELECT count(*) FROM taken JOIN entries USING (key) WHERE lane = ? AND state <> 'pending'", (lane,)
            ).fetchone()
            db.execute("DELETE FROM taken WHERE lane = ?", (lane,))
        return int(closed[0])

    def failed(self, keys: Iterable[str]) -> dict[str, str]:
        """Of these entries those that failed and can be tried again, each with its reason."""
        query = "SELECT reason FROM entries WHERE key = ? AND state = 'failed' AND record IS NOT NULL"
        found = ((key, self._db.execute(query, (key,)).fetchone()) for key in keys)
        return {key: row[0] for key, row in found if row}

    def put_back(self, refs: Mapping[str, str | None]) -> None:
        """Lets failed entries wait again, for one more try.

        Args:
            refs: By key the record of the archive that the page is to be read from; None has it fetched, or read
                where it came from if that was no feed.
        """
        query = "SELECT record FROM entries WHERE key = ? AND state = 'failed' AND record IS NOT NULL"
        with self._transaction() as db:
            for key, ref in refs.items():
                for (record,) in db.execute(query, (key,)).fetchall():
                    entry = msgspec.json.decode(record, type=FeedEntry)
                    entry = replace(entry, archive_ref=ref) if ref or entry.feed_url else entry
                    db.execute(
                        "UPDATE entries SET state = 'pending', record = ? WHERE key = ?",
                        (msgspec.json.encode(entry), key),
                    )

    def state_of(self, key: str) -> EntryState | None:
        """How an entry stands; None where it was never seen."""
        found = self._db.execute("SELECT state FROM entries WHERE key = ?", (key,)).fetchone()
        return EntryState(found[0]) if found else None

    def settle(self, settled: Iterable[Settled]) -> None:
        """Closes entries whose rows are committed, and lets the stories' index remember them; one transaction."""
        with self._transaction() as db:
            index = SqliteIndex(db)
            for item in settled:
                state = self._final_state(db, item)
                if not self._close(db, item, state):
                    continue  # settled before: a run that was cut off is being mended
                self._count(db, state, 1)
                if item.story is not None:
                    index.add(item.story, item.bands)

    @staticmethod
    def _final_state(db: sqlite3.Connection, item: Settled) -> EntryState:
        """An article that is known unchanged is a duplicate where another entry brought it."""
        if item.state is not EntryState.UNCHANGED:
            return item.state
        known = db.execute("SELECT article_id FROM entries WHERE key = ?", (item.key,)).fetchone()
        same = known is not None and known[0] is not None and known[0] == item.article_id
        return EntryState.UNCHANGED if same else EntryState.DUPLICATE

    @staticmethod
    def _close(db: sqlite3.Connection, item: Settled, state: EntryState) -> bool:
        closed = db.execute(
            "UPDATE entries SET state = ?, reason = ?, article_id = coalesce(?, article_id), attempts = attempts + 1,"
            " record = CASE WHEN ? THEN record END WHERE key = ? AND state = 'pending'",
            (state, item.reason, item.article_id, state is EntryState.FAILED, item.key),
        )
        return closed.rowcount > 0

    # -- outbox

    def outbox(self) -> tuple[list[Poll], list[Failure], int]:
        """Rows that wait to be committed to the tables, and the last one's number."""
        rows = self._db.execute("SELECT id, kind, record FROM outbox ORDER BY id").fetchall()
        return _decode(rows, Poll), _decode(rows, Failure), rows[-1][0] if rows else 0

    def empty_outbox(self, last: int) -> None:
        """Forgets the outbox up to a number, once its rows are committed."""
        with self._transaction() as db:
            db.execute("DELETE FROM outbox WHERE id <= ?", (last,))

    # -- stories

    def forget_stories(self, bands_kept: timedelta, articles_kept: timedelta) -> None:
        """Drops what no article from now on can find."""
        with self._transaction() as db:
            SqliteIndex(db).forget(bands_kept, articles_kept)

    def story_index(self) -> SqliteIndex:
        """The stories' index, to read from."""
        return SqliteIndex(self._db)

    def restate(self, rows: Iterable[tuple[str, StoryRecord, Sequence[str]]], version: str | None = None) -> None:
        """Lets the stories' index remember what rows say now that they were made, or signed, anew.

        Args:
            rows: The row_id before, what to remember, and the bands that find it.
            version: Of the fingerprints in the index from now on.
        """
        with self._transaction() as db:
            index = SqliteIndex(db)
            for row_id, record, bands in rows:
                index.change(row_id, record, bands)
            if version is not None:
                index.set_version(version)


def _decode(rows: Sequence[tuple[int, str, bytes]], record: type[_R]) -> list[_R]:
    return [msgspec.json.decode(blob, type=record) for _, kind, blob in rows if kind == record.__name__]
