"""Where the stories stage keeps what it has placed: in memory, in SQLite, or in memory over another index.

All three answer alike, whatever the order of the bands: records of a band in the order in which they were added, at
most `MAX_PER_BAND` of them. The cap bounds the work on a template whose pages all share a band; of a story with more
copies than that the first ones are enough to recognise the next.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol

from schemas.records import StoryRecord

MAX_PER_BAND = 64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_COLUMNS = "article_id, row_id, story_id, content_hash, fetched_at, source, n_shingles, signature, facts, published_at"
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
    signature BLOB NOT NULL,
    facts BLOB NOT NULL,
    published_at INTEGER,
    bands BLOB
);
CREATE TABLE IF NOT EXISTS story_version (version TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS story_records_by_article ON story_records (article_id, fetched_at, row_id);
CREATE INDEX IF NOT EXISTS story_records_filed ON story_records (fetched_at) WHERE bands IS NOT NULL;
CREATE INDEX IF NOT EXISTS story_records_by_age ON story_records (fetched_at);
CREATE TABLE IF NOT EXISTS story_keys (
    band INTEGER NOT NULL,
    record INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    PRIMARY KEY (band, record)
) WITHOUT ROWID;
"""
# An index of before fingerprint f3: its rows stay known as articles; their texts must be signed anew (`change`).
_FROM_F2 = """
ALTER TABLE story_records ADD COLUMN facts BLOB NOT NULL DEFAULT x'';
ALTER TABLE story_records ADD COLUMN published_at INTEGER;
ALTER TABLE story_records ADD COLUMN bands BLOB;
DROP TABLE story_bands;
"""

# One statement for all bands of a text: most are new to the table, and a statement for each cost more than the rest of
# placing an article.
_BY_BAND = f"""
SELECT asked.key, filed.record FROM json_each(?1) AS asked JOIN story_keys AS filed ON filed.band = asked.value
WHERE filed.fetched_at > ?2 AND filed.record <= coalesce(
    (SELECT record FROM story_keys WHERE band = asked.value AND fetched_at > ?2
     ORDER BY record LIMIT 1 OFFSET {MAX_PER_BAND - 1}), filed.record)
ORDER BY asked.key, filed.record
"""


class StoryIndex(Protocol):
    """What `place_article` asks of its memory."""

    def latest(self, article_id: str) -> StoryRecord | None:
        """The article's row of the latest fetch, whatever the order in which rows were added."""
        ...

    def candidates(self, bands: Sequence[str], since: datetime) -> Iterable[StoryRecord]:
        """Records that share a band and were fetched after a moment, each once."""
        ...

    def add(self, record: StoryRecord, bands: Sequence[str]) -> None:
        """Remember a written row. A row that is known already changes nothing."""
        ...


class BandIndex(StoryIndex, Protocol):
    """An index that can be read through another one."""

    def by_band(self, bands: Sequence[str], since: datetime) -> list[list[StoryRecord]]:
        """The records of each band fetched after a moment, in the order of their adding, at most `MAX_PER_BAND`."""
        ...


class MemoryIndex:
    """An index for one run or one test."""

    def __init__(self) -> None:
        self._latest: dict[str, StoryRecord] = {}
        self._by_band: dict[str, list[StoryRecord]] = {}
        self._rows: set[str] = set()

    def latest(self, article_id: str) -> StoryRecord | None:
        return self._latest.get(article_id)

    def by_band(self, bands: Sequence[str], since: datetime) -> list[list[StoryRecord]]:
        found = ((record for record in self._by_band.get(band, ()) if record.fetched_at > since) for band in bands)
        return [list(islice(records, MAX_PER_BAND)) for records in found]

    def candidates(self, bands: Sequence[str], since: datetime) -> list[StoryRecord]:
        return _distinct(self.by_band(bands, since))

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

    def candidates(self, bands: Sequence[str], since: datetime) -> list[StoryRecord]:
        # Band by band, so that the cap falls where it would fall in one index.
        pairs = zip(self._base.by_band(bands, since), self._own.by_band(bands, since), strict=True)
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

    def by_band(self, bands: Sequence[str], since: datetime) -> list[list[StoryRecord]]:
        found: list[list[StoryRecord]] = [[] for _ in bands]
        fetch = f"SELECT {_COLUMNS} FROM story_records WHERE id = ?"
        records: dict[int, StoryRecord] = {}
        for place, number in self._connection.execute(_BY_BAND, (json.dumps(_numbers(bands)), _micros(since))):
            if number not in records:
                records[number] = _record(self._connection.execute(fetch, (number,)).fetchone())
            found[place].append(records[number])
        return found

    def candidates(self, bands: Sequence[str], since: datetime) -> list[StoryRecord]:
        return _distinct(self.by_band(bands, since))

    def add(self, record: StoryRecord, bands: Sequence[str]) -> None:
        cursor = self._connection.execute(
            f"INSERT OR IGNORE INTO story_records ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _row(record)
        )
        if cursor.rowcount:
            self._file(cursor.lastrowid, record, bands)

    def change(self, row_id: str, record: StoryRecord, bands: Sequence[str]) -> None:
        """Remember other content or sketches of a row that is known; one that is unknown changes nothing.

        The bands of the old content stay: what they find is compared by the new signature.

        Args:
            row_id: Under which the row is known; the record may have a new one.
        """
        found = self._connection.execute("SELECT id, bands FROM story_records WHERE row_id = ?", (row_id,)).fetchone()
        if found is None:
            return
        assignments = ", ".join(f"{name} = ?" for name in _COLUMNS.split(", "))
        self._connection.execute(
            f"UPDATE OR IGNORE story_records SET {assignments} WHERE id = ?", (*_row(record), found[0])
        )
        self._file(found[0], record, bands, found[1] or b"")

    def _file(self, number: int | None, record: StoryRecord, bands: Sequence[str], before: bytes = b"") -> None:
        """Files a row under bands; it keeps a list of all of them, so that what is old is found without a search."""
        keys = _numbers(bands)
        packed = before + struct.pack(f"<{len(keys)}q", *keys)
        self._connection.execute("UPDATE story_records SET bands = ? WHERE id = ?", (packed, number))
        self._connection.executemany(
            "INSERT OR IGNORE INTO story_keys (band, record, fetched_at) VALUES (?, ?, ?)",
            [(key, number, _micros(record.fetched_at)) for key in keys],
        )

    def forget(self, bands_kept: timedelta, articles_kept: timedelta) -> int:
        """Drops what no row from now on can find, counted from the newest fetch: first a row's bands, then the row.

        The work is in proportion to what is dropped. Answers stay the same, but to a row that is added later although
        it was fetched earlier.

        Returns:
            The number of rows whose bands are gone.
        """
        (newest,) = self._connection.execute("SELECT max(fetched_at) FROM story_records").fetchone()
        if newest is None:
            return 0
        old = self._connection.execute(
            "SELECT id, bands FROM story_records WHERE bands IS NOT NULL AND fetched_at <= ?",
            (newest - bands_kept // _MICROSECOND,),
        ).fetchall()
        keys = ((key, number) for number, packed in old for (key,) in struct.iter_unpack("<q", packed))
        self._connection.executemany("DELETE FROM story_keys WHERE band = ? AND record = ?", keys)
        self._connection.executemany(
            "UPDATE story_records SET bands = NULL, signature = x'', facts = x'' WHERE id = ?", ((n,) for n, _ in old)
        )
        self._connection.execute(
            "DELETE FROM story_records WHERE fetched_at <= ?", (newest - articles_kept // _MICROSECOND,)
        )
        return len(old)

    def newest(self) -> datetime | None:
        """When the newest row was fetched; None of an empty index."""
        (newest,) = self._connection.execute("SELECT max(fetched_at) FROM story_records").fetchone()
        return None if newest is None else _moment(newest)

    def version(self) -> str | None:
        """The version of the fingerprints in it; None where it was never told."""
        found = self._connection.execute("SELECT version FROM story_version").fetchone()
        return found[0] if found else None

    def set_version(self, version: str) -> None:
        """Tells the version of the fingerprints in it."""
        self._connection.execute("DELETE FROM story_version")
        self._connection.execute("INSERT INTO story_version VALUES (?)", (version,))


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of `SqliteIndex` where they are missing, without committing."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'story_bands'").fetchone():
        _run(connection, _FROM_F2)
    _run(connection, _SCHEMA)


def _run(connection: sqlite3.Connection, script: str) -> None:
    for statement in script.split(";"):
        connection.execute(statement)


def _numbers(bands: Iterable[str]) -> list[int]:
    """Bands as SQLite keeps them best: the 64 bits of their hash as a signed number."""
    return [number - (number >> 63 << 64) for number in (int(band[-16:], 16) for band in bands)]


def _later(a: StoryRecord, b: StoryRecord | None) -> StoryRecord:
    return a if b is None or (a.fetched_at, a.row_id) > (b.fetched_at, b.row_id) else b


def _distinct(groups: Iterable[Iterable[StoryRecord]]) -> list[StoryRecord]:
    return list({record.row_id: record for group in groups for record in group}.values())


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _micros_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else _micros(moment)


def _moment(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


def _row(record: StoryRecord) -> tuple[str | int | bytes | None, ...]:
    return (
        record.article_id,
        record.row_id,
        record.story_id,
        record.content_hash,
        _micros(record.fetched_at),
        record.source,
        record.n_shingles,
        record.signature,
        record.facts,
        _micros_or_none(record.published_at),
    )


def _record(row: tuple[str, str, str, str, int, str, int, bytes, bytes, int | None]) -> StoryRecord:
    *texts, fetched_at, source, n_shingles, signature, facts, published_at = row
    article_id, row_id, story_id, content_hash = texts
    return StoryRecord(
        article_id=article_id,
        row_id=row_id,
        story_id=story_id,
        content_hash=content_hash,
        fetched_at=_moment(fetched_at),
        source=source,
        n_shingles=n_shingles,
        signature=signature,
        facts=facts,
        published_at=None if published_at is None else _moment(published_at),
    )
