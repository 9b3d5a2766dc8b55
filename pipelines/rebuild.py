"""`newsbeam state rebuild`: makes the ledger anew from the tables, after `_state/` was lost or damaged.

What the tables do not tell is lost: validators and hashes of the feeds' bodies (each feed is read in full once), what
still waited (it is new again where its feed still shows it), and the wording of known entries (what their feeds say at
the next poll is taken for what they said before, so that nothing is fetched again for it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from pipelines import progress
from pipelines.config import Config
from pipelines.fresh_ledger import FreshLedger, KnownEntry
from pipelines.ledger import UNKNOWN_WORDING
from pipelines.lock import only_writer
from pipelines.query import connect
from pipelines.remake import rows_of, stored_days
from schemas.outcomes import EntryState, PollOutcome, Reason, Stage
from schemas.records import Article, FeedEntry, StoryRecord
from schemas.tables import POLLS
from schemas.views import key_of_article
from transforms.articles.variants import link_identity
from transforms.feeds.cadence import FIRST_INTERVAL_S
from transforms.feeds.poll import PollState, failure_weight
from transforms.pages.queue import MAX_ATTEMPTS, PASSING
from transforms.pages.recall import recall_entry
from transforms.storage.dataset import Dataset
from transforms.stories.assign import remember
from transforms.stories.sign import sign

_BATCH = 1_000

_FEEDS = f"""
WITH known AS (
  SELECT *, max(polled_at) FILTER (outcome <> '{PollOutcome.FAILED}') OVER (PARTITION BY feed_url) AS last_success
  FROM polls
)
SELECT feed_url, any_value(last_success) AS last_success,
       max(polled_at) FILTER (entries_new > 0) AS last_new,
       max(polled_at) FILTER (outcome <> '{PollOutcome.FAILED}' AND http_status = 200) AS last_full,
       count(*) FILTER (outcome <> '{PollOutcome.FAILED}') AS successes,
       arg_max(next_due_at, polled_at) AS next_due, arg_max(rule, polled_at) AS rule,
       arg_max(next_due_at - polled_at, polled_at) FILTER (outcome <> '{PollOutcome.FAILED}') AS waited,
       coalesce(list(reason) FILTER (outcome = '{PollOutcome.FAILED}'
         AND (last_success IS NULL OR polled_at > last_success)), []) AS failures
FROM known GROUP BY feed_url ORDER BY feed_url
"""

_ARTICLES = f"""
SELECT key, source, url, feed_url, article_id FROM (
  SELECT {key_of_article()} AS key, source, url, feed_url, article_id, fetched_at, row_id FROM articles
) QUALIFY row_number() OVER (PARTITION BY key ORDER BY fetched_at DESC, row_id) = 1
ORDER BY fetched_at, key
"""

_FAILURES = f"""
SELECT key, coalesce(source, '') AS source, url, feed_url, stage, reason, attempt, archive_ref
FROM failures WHERE key IS DISTINCT FROM feed_url
  AND key NOT IN (SELECT row_id FROM articles)
  AND key NOT IN (SELECT {key_of_article()} FROM articles)
QUALIFY row_number() OVER (PARTITION BY key ORDER BY failed_at DESC, attempt DESC) = 1
ORDER BY failed_at, key
"""


@dataclass(frozen=True)
class Rebuilt:
    """What a ledger was made of.

    Attributes:
        entries: By how they ended.
        rows: Rows of articles that the stories' index knows.
        again: Failures for a passing reason whose entries are not known: they count as new where a feed shows them.
        kept: Where the ledger that was there before is now; None where there was none.
    """

    feeds: int
    entries: Counter[str]
    rows: int
    again: int
    kept: Path | None

    def lines(self) -> list[str]:
        """The outcome as a person reads it."""
        ends = ", ".join(f"{state} {n}" for state, n in sorted(self.entries.items())) or "none"
        told = [
            f"made anew from the tables: {self.feeds} feeds, {self.entries.total()} entries ({ends}),"
            f" {self.rows} rows in the stories' index",
            "Not in the tables, hence lost: validators (each feed is read in full once) and entries that waited"
            " (they are new again where their feeds still show them).",
        ]
        if self.again:
            told.append(f"{self.again} entries that failed for a passing reason are new again where a feed shows them.")
        return [*told, f"The ledger that was there before is now {self.kept}."] if self.kept else told


def rebuild(config: Config) -> Rebuilt:
    """Makes the ledger of a dataset anew; the one that is there is put aside once the new one is whole.

    Raises:
        pipelines.lock.DatasetLocked: Another process writes to the dataset.
        transforms.storage.dataset.DatasetError: There is no dataset.
    """
    dataset = Dataset(config.output)
    dataset.log(POLLS)  # a folder that is no dataset is found before anything is made
    with only_writer(config.output, config.state_dir):
        fresh = config.state_dir / "ledger.new.sqlite"
        _delete(fresh)
        with closing(FreshLedger(fresh)) as ledger:
            feeds, entries, again = _tables(dataset, ledger, config.rules.max_bytes)
            rows = _stories(dataset, ledger)
        return Rebuilt(feeds, entries, rows, again, _put_in_place(fresh, config.ledger_path))


def _tables(dataset: Dataset, ledger: FreshLedger, max_bytes: int) -> tuple[int, Counter[str], int]:
    entries: Counter[str] = Counter()
    again = 0
    with closing(connect(dataset)) as connection:
        states = [poll_state(row) for row in _rows(connection, _FEEDS)]
        for state in states:
            ledger.restore_feed(state)
        written = (_of_article(row) for row in _rows(connection, _ARTICLES))
        entries[EntryState.WRITTEN] = _restore(ledger, written)
        failed = [_of_failure(row, Path(dataset.root), max_bytes) for row in _rows(connection, _FAILURES)]
        again = sum(entry is None for entry in failed)
        entries[EntryState.FAILED] = _restore(ledger, (entry for entry in failed if entry))
    return len(states), +entries, again


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[dict[str, Any]]:
    result = connection.execute(sql)  # a cursor of its own would not know the tables of a store
    names = [column[0] for column in result.description or ()]
    while rows := result.fetchmany(_BATCH):
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _restore(ledger: FreshLedger, entries: Iterator[KnownEntry]) -> int:
    count = 0
    while batch := list(islice(entries, _BATCH)):
        ledger.restore_entries(batch)
        count += len(batch)
    return count


def poll_state(row: dict[str, Any]) -> PollState:
    """What the polls of a feed tell of its state."""
    waited: timedelta | None = row["waited"]
    failures = [Reason(reason) for reason in row["failures"] if reason]
    return PollState(
        feed_url=row["feed_url"],
        next_due_at=row["next_due"],
        successes=row["successes"],
        failures_in_a_row=len(failures),
        failure_weight=sum(map(failure_weight, failures)),
        last_success_at=row["last_success"],
        last_full_at=row["last_full"],
        last_new_at=row["last_new"],
        interval_s=waited.total_seconds() if waited else FIRST_INTERVAL_S,
        parked=row["rule"] == "gone",
    )


def _of_article(row: dict[str, Any]) -> KnownEntry:
    link = link_identity(row["url"]) if row["feed_url"] else None
    return KnownEntry(row["key"], row["source"], link, UNKNOWN_WORDING, EntryState.WRITTEN, "", row["article_id"])


def _of_failure(row: dict[str, Any], root: Path, max_bytes: int) -> KnownEntry | None:
    """An entry that failed; None where it may be had another time and its record is nowhere."""
    rejected = row["stage"] == Stage.PARSE
    told: FeedEntry | None = None
    if row["archive_ref"] and not rejected:
        told = recall_entry(row["archive_ref"], root, max_bytes)
    if told is None and row["reason"] in PASSING and row["attempt"] < MAX_ATTEMPTS:
        return None
    return KnownEntry(
        key=row["key"],
        source=row["source"],
        link=link_identity(row["url"]) if row["feed_url"] and row["url"] and not rejected else None,
        fingerprint="" if rejected else UNKNOWN_WORDING if told is None else told.fingerprint,
        state=EntryState.FAILED,
        reason=row["reason"],
        attempts=row["attempt"],
        record=told,
    )


def _stories(dataset: Dataset, ledger: FreshLedger) -> int:
    """Lets the stories' index know every row that stands."""
    days, count = stored_days(dataset, None), 0
    with progress.Display(f"reading the articles of {len(days)} days", rows_of(days)):
        for day in days:
            articles = day.articles()
            while batch := [_remembered(article) for article in islice(articles, _BATCH // 5)]:
                ledger.restore_stories(batch)
                count += len(batch)
    return count


def _remembered(article: Article) -> tuple[StoryRecord, tuple[str, ...]]:
    progress.tick()
    return remember(sign(article))


def _put_in_place(fresh: Path, ledger: Path) -> Path | None:
    """The new ledger takes the place of the old one, which is kept beside it."""
    old = ledger.with_name("ledger.old.sqlite")
    found = ledger.exists()
    if found:
        _delete(old)
        for suffix in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                Path(f"{ledger}{suffix}").rename(f"{old}{suffix}")
    fresh.rename(ledger)
    return old if found else None


def _delete(ledger: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{ledger}{suffix}").unlink(missing_ok=True)
