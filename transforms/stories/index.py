"""Where the stories stage keeps what it has placed: in memory, in SQLite, or in memory over another index.

All three answer alike, whatever the order of the bands: records of a band in the order in which they were added, at
most `MAX_PER_BAND` of them. The cap bounds the work on a template whose pages all share a band; of a story with more
copies than that the first ones are enough to recognise the next.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from schemas.records import StoryRecord

MAX_PER_BAND = 64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_COLUMNS = "article_id, row_id, story_id, content_hash, fetched_at, source, n_shingles, signature"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS story_records (
    id INTEGER PRIMARY KEY,
    article_id TEXT NOT NULL,
    row_id TEXT NOT NULL UNIQUE,
    story_id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    fetched_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    n_shingles INTEGER NOT NULL,
    signature BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS story_records_by_article ON story_records (article_id, fetched_at, row_id);
CREATE TABLE IF NOT EXISTS story_bands (
    band TEXT NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (band, record)
) WITHOUT ROWID;
"""


# One statement for all bands of a text: most are new to the table, and a statement for each cost more than the rest of
# placing an article.
_BY_BAND = f"""
SELECT asked.key, filed.record FROM json_each(?) AS asked JOIN story_bands AS filed ON filed.band = asked.value
WHERE filed.record <= coalesce(
    (SELECT record FROM story_bands WHERE band = asked.value ORDER BY record LIMIT 1 OFFSET {MAX_PER_BAND - 1}),
    filed.record)
ORDER BY asked.key, filed.record
"""


class StoryIndex(Protocol):
    """What `place_article` asks of its memory."""

    def latest(self, article_id: str) -> StoryRecord | None:
        """The article's row of the latest fetch, whatever the order in which rows were added."""
        ...

    def candidates(self, bands: Sequence[str]) -> Iterable[StoryRecord]:
        """Records that share a band, each once."""
        ...

    def add(self, record: StoryRecord, bands: Sequence[str]) -> None:
        """Remember a written row. A row that is known already changes nothing."""
        ...


class BandIndex(StoryIndex, Protocol):
    """An index that can be read through another one."""

    def by_band(self, bands: Sequence[str]) -> list[list[StoryRecord]]:
        """The records of each band, in the order in which they were added, at most `MAX_PER_BAND`."""
        ...


class MemoryIndex:
    """An index for one run or one test."""

    def __init__(self) -> None:
        self._latest: dict[str, StoryRecord] = {}
        self._by_band: dict[str, list[StoryRecord]] = {}
        self._rows: set[str] = set()

    def latest(self, article_id: str) -> StoryRecord | None:
        return self._latest.get(article_id)

    def by_band(self, bands: Sequence[str]) -> list[list[StoryRecord]]:
        return [self._by_band.get(band, [])[:MAX_PER_BAND] for band in bands]

    def candidates(self, bands: Sequence[str]) -> list[StoryRecord]:
        return _distinct(self.by_band(bands))

    def add(self, record: StoryRecord, bands: Sequence[str]) -> None:
        if record.row_id in self._rows:
            return
        self._rows.add(record.row_id)
        self._latest[record.article_id] = _later(record, self._latest.get(record.article_id))
        for band in dict.fromkeys(bands):
            self._by_band.setdefault(band, []).append(record)


class OverlayIndex:
    """Reads fall through to `base`, writes stay in memory until the caller moves them.

    Attributes:
        added: Records that were added here with their bands, in order.
    """

    def __init__(self, base: BandIndex) -> None:
        self.added: list[tuple[StoryRecord, tuple[str, ...]]] = []
        self._base = base
        self._own = MemoryIndex()
        self._own_rows: set[str] = set()

    def latest(self, article_id: str) -> StoryRecord | None:
        own, below = self._own.latest(article_id), self._base.latest(article_id)
        return own if below is None else _later(below, own)

    def candidates(self, bands: Sequence[str]) -> list[StoryRecord]:
        # Band by band, so that the cap falls where it would fall in one index.
        pairs = zip(self._base.by_band(bands), self._own.by_band(bands), strict=True)
        return _distinct(_distinct([below, own])[:MAX_PER_BAND] for below, own in pairs if below or own)

    def add(self, record: StoryRecord, bands: Sequence[str]) -> None:
        if record.row_id in self._own_rows:
            return
        self._own_rows.add(record.row_id)
        self._own.add(record, bands)
        self.added.append((record, tuple(bands)))


class SqliteIndex:
    """An index in the caller's database. It never commits: the caller owns the transaction.

    Args:
        connection: An open connection on which `create_tables` was called once.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def latest(self, article_id: str) -> StoryRecord | None:
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM story_records WHERE article_id = ? ORDER BY fetched_at DESC, row_id DESC LIMIT 1",
            (article_id,),
        ).fetchone()
        return None if row is None else _record(row)

    def by_band(self, bands: Sequence[str]) -> list[list[StoryRecord]]:
        found: list[list[StoryRecord]] = [[] for _ in bands]
        fetch = f"SELECT {_COLUMNS} FROM story_records WHERE id = ?"
        records: dict[int, StoryRecord] = {}
        for place, number in self._connection.execute(_BY_BAND, (json.dumps(bands),)):
            if number not in records:
                records[number] = _record(self._connection.execute(fetch, (number,)).fetchone())
            found[place].append(records[number])
        return found

    def candidates(self, bands: Sequence[str]) -> list[StoryRecord]:
        return _distinct(self.by_band(bands))

    def add(self, record: StoryRecord, bands: Sequence[str]) -> None:
        cursor = self._connection.execute(
            f"INSERT OR IGNORE INTO story_records ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _row(record)
        )
        if cursor.rowcount:
            number = cursor.lastrowid
            self._connection.executemany(
                "INSERT OR IGNORE INTO story_bands (band, record) VALUES (?, ?)", [(band, number) for band in bands]
            )

    def change(self, row_id: str, record: StoryRecord, bands: Sequence[str]) -> None:
        """Remember other content of a row that is known, under its new row_id; one that is unknown changes nothing.

        The bands of the old content stay: what they find is compared by the new signature.
        """
        found = self._connection.execute("SELECT id FROM story_records WHERE row_id = ?", (row_id,)).fetchone()
        if found is None:
            return
        assignments = ", ".join(f"{name} = ?" for name in _COLUMNS.split(", "))
        self._connection.execute(
            f"UPDATE OR IGNORE story_records SET {assignments} WHERE id = ?", (*_row(record), found[0])
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO story_bands (band, record) VALUES (?, ?)", [(band, found[0]) for band in bands]
        )

    def forget_bands(self, before: datetime) -> int:
        """Drop the bands of rows fetched before a moment, so that the tables stop growing with the run.

        Such rows find no new near-duplicates any more; revisions of their articles are still recognised. Reads the
        whole table of bands: an index by record would take as much room as the table, for this call alone.

        Returns:
            The number of rows whose bands are gone.
        """
        old = "record IN (SELECT id FROM story_records WHERE fetched_at < ?)"
        (count,) = self._connection.execute(
            f"SELECT COUNT(DISTINCT record) FROM story_bands WHERE {old}", (_micros(before),)
        ).fetchone()
        self._connection.execute(f"DELETE FROM story_bands WHERE {old}", (_micros(before),))
        return int(count)


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of `SqliteIndex` where they are missing, without committing."""
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)


def _later(a: StoryRecord, b: StoryRecord | None) -> StoryRecord:
    return a if b is None or (a.fetched_at, a.row_id) > (b.fetched_at, b.row_id) else b


def _distinct(groups: Iterable[Iterable[StoryRecord]]) -> list[StoryRecord]:
    return list({record.row_id: record for group in groups for record in group}.values())


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _row(record: StoryRecord) -> tuple[str | int | bytes, ...]:
    return (
        record.article_id,
        record.row_id,
        record.story_id,
        record.content_hash,
        _micros(record.fetched_at),
        record.source,
        record.n_shingles,
        record.signature,
    )


def _record(row: tuple[str, str, str, str, int, str, int, bytes]) -> StoryRecord:
    article_id, row_id, story_id, content_hash, fetched_at, source, n_shingles, signature = row
    return StoryRecord(
        article_id=article_id,
        row_id=row_id,
        story_id=story_id,
        content_hash=content_hash,
        fetched_at=_EPOCH + fetched_at * _MICROSECOND,
        source=source,
        n_shingles=n_shingles,
        signature=signature,
    )
