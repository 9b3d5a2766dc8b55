"""How the feeds of a dataset are, read from the table `polls`, and the sums that must hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

from pipelines.config import LEDGER, usual_state_dir
from pipelines.query import connect
from schemas.outcomes import EntryState
from transforms.storage.dataset import Dataset

_PIPED_WIDTH: Final = 180
_SILENT_AFTER_GAPS: Final = 5.0
_SILENT_AT_LEAST: Final = timedelta(days=1)
_SILENT_UNKNOWN: Final = timedelta(days=7)
"""A feed without a rhythm, as it never or once brought news, counts as silent after a week."""

_FEEDS: Final = """
WITH known AS (
  SELECT *, max(polled_at) FILTER (outcome <> 'failed') OVER (PARTITION BY feed_url) AS last_success FROM polls
)
SELECT feed_url, any_value(last_success) AS last_success,
       min(polled_at) AS first_poll,
       min(polled_at) FILTER (entries_new > 0) AS first_new, max(polled_at) FILTER (entries_new > 0) AS last_new,
       count(*) FILTER (entries_new > 0) AS news,
       count(*) FILTER (outcome = 'failed' AND (last_success IS NULL OR polled_at > last_success)) AS failures,
       count(*) FILTER (rule = 'all_items_new') AS gaps,
       arg_max({'reason': reason, 'rule': rule, 'next_due_at': next_due_at, 'message': message}, polled_at) AS last
FROM known GROUP BY feed_url ORDER BY feed_url
"""
_POLL_SUM: Final = """
SELECT count(*) AS polls, coalesce(sum(entries_seen), 0) AS seen, coalesce(sum(entries_new), 0) AS new,
       coalesce(sum(entries_unchanged), 0) AS known, coalesce(sum(entries_duplicate), 0) AS duplicate,
       coalesce(sum(entries_failed), 0) AS failed,
       count(*) FILTER (entries_seen <> entries_new + entries_unchanged + entries_duplicate + entries_failed) AS wrong
FROM polls
"""


@dataclass(frozen=True)
class FeedHealth:
    """How one feed is.

    Attributes:
        expected: Mean time between polls that brought news; None with fewer than three of them.
        failure: Reason of the last poll's failure, None after a success.
        failures: Failed polls since the last success.
        rule: The rule that set `next_due`.
        silent: True where nothing new has come for far longer than expected.
        gaps: Polls at which no known item was left, so that some may have been missed.
    """

    url: str
    last_success: datetime | None
    last_new: datetime | None
    expected: timedelta | None
    failure: str | None
    failures: int
    next_due: datetime
    rule: str
    silent: bool
    gaps: int
    message: str | None

    @property
    def parked(self) -> bool:
        """True after 410: it is not polled until a person has looked."""
        return self.rule == "gone"


@dataclass(frozen=True)
class Status:
    """What `newsbeam status` tells."""

    feeds: Sequence[FeedHealth]
    polls: Mapping[str, int]
    entries: Mapping[str, int] | None

    @property
    def adds_up(self) -> bool:
        """True where every poll and every entry is accounted for."""
        counted = self.entries
        return self.polls["wrong"] == 0 and (
            counted is None or counted["seen"] == sum(counted[state] for state in EntryState)
        )

    def lines(self) -> list[str]:
        """The sums as a person reads them."""
        p, e = self.polls, self.entries
        sign = "=" if p["wrong"] == 0 else "≠"
        told = [
            f"{p['polls']} polls: items {p['seen']} {sign} new or changed {p['new']} + known {p['known']}"
            f" + duplicate {p['duplicate']} + failed {p['failed']}"
        ]
        if e is not None:
            ends = " + ".join(f"{state} {e[state]}" for state in EntryState)
            sign = "=" if e["seen"] == sum(e[state] for state in EntryState) else "≠"
            told.append(f"entries in the ledger: {e['seen']} {sign} {ends}")
        if not self.adds_up:
            told.append("THE SUM DOES NOT ADD UP: rows are missing that the polls or the ledger tell of.")
        return told


def read_status(dataset: Dataset, now: datetime, timezone: str, state: Path | None = None) -> Status:
    """Reads how a dataset's feeds are.

    Args:
        state: Folder of the ledger; None for the usual one.
        now: Decides who is silent.
        timezone: Of the times in the answer.

    Raises:
        transforms.storage.dataset.DatasetError: There is no dataset.
        pipelines.query.QueryError: The time zone is unknown.
    """
    # The ledger is read first: what it calls written is in the tables by then.
    ledger = _ledger_entries((state or usual_state_dir(dataset.root)) / LEDGER)
    with closing(connect(dataset, timezone)) as connection:
        feeds = [feed_health(row, now) for row in _rows(connection, _FEEDS)]
        polls = _rows(connection, _POLL_SUM)[0]
        entries = None if ledger is None else _account(connection, ledger)
    return Status(feeds, polls, entries)


def feed_health(row: Mapping[str, Any], now: datetime) -> FeedHealth:
    """Judges one row of feeds' polls."""
    expected = (row["last_new"] - row["first_new"]) / (row["news"] - 1) if row["news"] >= 3 else None
    quiet = now - (row["last_new"] or row["first_poll"])
    longest = max(_SILENT_AFTER_GAPS * expected, _SILENT_AT_LEAST) if expected is not None else _SILENT_UNKNOWN
    last = row["last"]
    return FeedHealth(
        url=row["feed_url"],
        last_success=row["last_success"],
        last_new=row["last_new"],
        expected=expected,
        failure=last["reason"],
        failures=row["failures"],
        next_due=last["next_due_at"],
        rule=last["rule"],
        silent=quiet > longest,
        gaps=row["gaps"],
        message=last["message"],
    )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    result = connection.execute(sql)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _ledger_entries(path: Path) -> list[tuple[str, str, str | None]] | None:
    """Key, state and article of every entry; None where the dataset has no ledger."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=60.0)) as db:
        return db.execute("SELECT key, state, article_id FROM entries").fetchall()


def _account(connection: duckdb.DuckDBPyConnection, ledger: Sequence[tuple[str, str, str | None]]) -> dict[str, int]:
    """Entries by how they ended; one that the ledger calls written or failed counts only if the tables have its row."""
    articles = {row[0] for row in connection.execute("SELECT DISTINCT article_id FROM articles").fetchall()}
    failures = {row[0] for row in connection.execute("SELECT DISTINCT key FROM failures").fetchall()}
    counted = dict.fromkeys(map(str, EntryState), 0)
    for key, state, article in ledger:
        lost = (state == EntryState.WRITTEN and article not in articles) or (
            state == EntryState.FAILED and key not in failures
        )
        counted[state] += not lost
    return {"seen": len(ledger), **counted}


def show(status: Status) -> None:
    """Prints the feeds as a table, those in trouble first, and the sums."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(width=_PIPED_WIDTH, highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("feed", "last success", "last new", "expected every", "failure", "next due", "why", "note"):
        table.add_column(name, overflow="fold")
    for feed in sorted(status.feeds, key=lambda f: (f.failure is None, not f.silent, f.url)):
        table.add_row(*_cells(feed))
    console.print(table)
    for line in status.lines():
        console.print(line, soft_wrap=True)


def _cells(feed: FeedHealth) -> tuple[str, ...]:
    notes = ["SILENT" if feed.silent else "", "stopped, look at it" if feed.parked else ""]
    notes += [f"{feed.gaps} gaps" if feed.gaps else "", feed.message or ""]
    return (
        feed.url,
        _shown(feed.last_success),
        _shown(feed.last_new),
        str(timedelta(seconds=round(feed.expected.total_seconds()))) if feed.expected else "-",
        f"{feed.failure} ({feed.failures})" if feed.failure else "-",
        "-" if feed.parked else _shown(feed.next_due),
        feed.rule,
        "; ".join(note for note in notes if note),
    )


def _shown(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"
