"""The three indexes answer alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schemas.records import StoryRecord
from transforms.stories.index import (
    MAX_PER_BAND,
    MemoryIndex,
    OverlayIndex,
    SqliteIndex,
    StoryIndex,
    create_tables,
)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
B1, B2, B3, B4, T = (f"f3-{n:016x}" for n in (1, 2, 3, 4, 1 << 63))
NOW = datetime(2026, 9, 13, 12, 0, 0, 123456, tzinfo=UTC)


def record(name: str, minutes: int = 0, article: str = "a") -> StoryRecord:
    return StoryRecord(
        article_id=article,
        row_id=name,
        story_id="s",
        content_hash=f"h-{name}",
        fetched_at=NOW + timedelta(minutes=minutes),
        source="example.org",
        n_shingles=100,
        signature=bytes((0, 1, 127, 255)),
        facts=bytes((2, 0, 255)),
        published_at=NOW - timedelta(hours=1),
    )


def open_database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    create_tables(connection)
    return connection


@pytest.fixture(params=["memory", "overlay", "overlay over sqlite", "sqlite"])
def index(request: pytest.FixtureRequest) -> Iterator[StoryIndex]:
    connection = open_database()
    made: dict[str, Callable[[], StoryIndex]] = {
        "memory": MemoryIndex,
        "overlay": lambda: OverlayIndex(MemoryIndex()),
        "overlay over sqlite": lambda: OverlayIndex(SqliteIndex(connection)),
        "sqlite": lambda: SqliteIndex(connection),
    }
    yield made[request.param]()
    connection.close()


def test_an_empty_index_knows_nothing(index: StoryIndex) -> None:
    assert index.latest("a") is None
    assert list(index.candidates([B1, B2], LONG_AGO)) == []
    assert list(index.candidates([], LONG_AGO)) == []


def test_records_come_back_whole_and_once(index: StoryIndex) -> None:
    one, two = record("r1"), record("r2", article="b")
    index.add(one, [B1, B2])
    index.add(two, [B2, B3])
    assert list(index.candidates([B1, B2, B3], LONG_AGO)) == [one, two]
    assert list(index.candidates([B3], LONG_AGO)) == [two]
    assert list(index.candidates([B4], LONG_AGO)) == []


def test_latest_is_by_fetch_time_not_by_arrival(index: StoryIndex) -> None:
    newer, older = record("r1", minutes=5), record("r2", minutes=-5)
    index.add(newer, [])
    index.add(older, [])
    assert index.latest("a") == newer


def test_a_row_added_twice_counts_once(index: StoryIndex) -> None:
    for _ in range(2):
        index.add(record("r1"), [B1, B1])
    assert list(index.candidates([B1], LONG_AGO)) == [record("r1")]


def test_a_band_gives_its_first_records_only(index: StoryIndex) -> None:
    for n in range(MAX_PER_BAND + 5):
        index.add(record(f"r{n}", article=f"a{n}"), [T])
    assert [found.row_id for found in index.candidates([T], LONG_AGO)] == [f"r{n}" for n in range(MAX_PER_BAND)]


def test_an_overlay_reads_through_and_writes_to_itself() -> None:
    base = MemoryIndex()
    base.add(record("r1"), [B1])
    overlay = OverlayIndex(base)
    later = record("r2", minutes=1)
    overlay.add(later, [B1])
    assert overlay.latest("a") == later
    assert base.latest("a") == record("r1")
    assert list(overlay.candidates([B1], LONG_AGO)) == [record("r1"), later]
    assert overlay.added == [(later, (B1,))]
    earlier = record("r0", minutes=-9)
    overlay.add(earlier, [])
    assert overlay.latest("a") == later
    assert [added.row_id for added, _ in overlay.added] == ["r2", "r0"]


def test_the_cap_of_an_overlay_falls_where_that_of_one_index_would() -> None:
    base = MemoryIndex()
    for n in range(MAX_PER_BAND - 1):
        base.add(record(f"r{n}"), [T])
    overlay = OverlayIndex(base)
    for name in ("x", "y"):
        overlay.add(record(name), [T])
    assert [found.row_id for found in overlay.candidates([T], LONG_AGO)][-2:] == [f"r{MAX_PER_BAND - 2}", "x"]


def test_sqlite_leaves_the_transaction_to_its_caller() -> None:
    connection = open_database()
    connection.commit()
    index = SqliteIndex(connection)
    index.add(record("r1"), [B1])
    assert connection.in_transaction
    connection.rollback()
    assert index.latest("a") is None
    assert index.candidates([B1], LONG_AGO) == []
    connection.close()


def test_create_tables_twice_keeps_what_is_there() -> None:
    connection = open_database()
    SqliteIndex(connection).add(record("r1"), [B1])
    create_tables(connection)
    assert SqliteIndex(connection).candidates([B1], LONG_AGO) == [record("r1")]
    connection.close()


def test_a_band_gives_rows_of_a_span_of_fetches_and_the_cap_counts_those(index: StoryIndex) -> None:
    for n in range(MAX_PER_BAND + 5):
        index.add(record(f"r{n}", minutes=n, article=f"a{n}"), [T])
    since = NOW + timedelta(minutes=2)
    assert [found.row_id for found in index.candidates([T], since)] == [f"r{n}" for n in range(3, MAX_PER_BAND + 3)]


def test_what_no_row_can_find_any_more_is_dropped() -> None:
    connection = open_database()
    index = SqliteIndex(connection)
    index.add(record("old", minutes=-60), [B1, B2])
    index.add(record("new", article="b"), [B1])
    hour = timedelta(hours=1)
    assert index.forget(2 * hour, 3 * hour) == 0
    assert index.forget(hour, 3 * hour) == 1
    assert [found.row_id for found in index.candidates([B1, B2], LONG_AGO)] == ["new"]
    assert index.latest("a") == replace(record("old", minutes=-60), signature=b"", facts=b"")
    assert index.forget(hour, 3 * hour) == 0
    assert index.forget(hour, hour) == 0
    assert index.latest("a") is None
    assert connection.execute("SELECT count(*) FROM story_keys").fetchone() == (1,)
    connection.close()


def test_an_index_of_the_fingerprint_before_is_read_and_filed_anew() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE TABLE story_records (id INTEGER PRIMARY KEY, article_id TEXT NOT NULL, row_id TEXT NOT NULL UNIQUE,"
        " story_id TEXT NOT NULL, content_hash TEXT NOT NULL, fetched_at INTEGER NOT NULL, source TEXT NOT NULL,"
        " n_shingles INTEGER NOT NULL, signature BLOB NOT NULL);"
        "CREATE TABLE story_bands (band TEXT NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (band, record))"
        " WITHOUT ROWID;"
    )
    old = record("r1")
    moment = (NOW - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    connection.execute(
        "INSERT INTO story_records VALUES (1, 'a', 'r1', 's', 'h-r1', ?, 'example.org', 9, x'07')", (moment,)
    )
    connection.execute("INSERT INTO story_bands VALUES ('f2-00-4ce287525e8a', 1)")
    create_tables(connection)
    index = SqliteIndex(connection)
    assert index.version() is None
    assert index.latest("a") is not None
    index.change("r1", old, [B1])
    index.change("unknown", record("unknown"), [B1])
    assert list(index.candidates([B1], LONG_AGO)) == [old]
    index.set_version("f3")
    assert index.version() == "f3"
    connection.close()
