"""The three indexes answer alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
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
    assert list(index.candidates(["b1", "b2"])) == []
    assert list(index.candidates([])) == []


def test_records_come_back_whole_and_once(index: StoryIndex) -> None:
    one, two = record("r1"), record("r2", article="b")
    index.add(one, ["b1", "b2"])
    index.add(two, ["b2", "b3"])
    assert list(index.candidates(["b1", "b2", "b3"])) == [one, two]
    assert list(index.candidates(["b3"])) == [two]
    assert list(index.candidates(["b4"])) == []


def test_latest_is_by_fetch_time_not_by_arrival(index: StoryIndex) -> None:
    newer, older = record("r1", minutes=5), record("r2", minutes=-5)
    index.add(newer, [])
    index.add(older, [])
    assert index.latest("a") == newer


def test_a_row_added_twice_counts_once(index: StoryIndex) -> None:
    for _ in range(2):
        index.add(record("r1"), ["b1", "b1"])
    assert list(index.candidates(["b1"])) == [record("r1")]


def test_a_band_gives_its_first_records_only(index: StoryIndex) -> None:
    for n in range(MAX_PER_BAND + 5):
        index.add(record(f"r{n}", article=f"a{n}"), ["template"])
    assert [found.row_id for found in index.candidates(["template"])] == [f"r{n}" for n in range(MAX_PER_BAND)]


def test_an_overlay_reads_through_and_writes_to_itself() -> None:
    base = MemoryIndex()
    base.add(record("r1"), ["b1"])
    overlay = OverlayIndex(base)
    later = record("r2", minutes=1)
    overlay.add(later, ["b1"])
    assert overlay.latest("a") == later
    assert base.latest("a") == record("r1")
    assert list(overlay.candidates(["b1"])) == [record("r1"), later]
    assert overlay.added == [(later, ("b1",))]
    earlier = record("r0", minutes=-9)
    overlay.add(earlier, [])
    assert overlay.latest("a") == later
    assert [added.row_id for added, _ in overlay.added] == ["r2", "r0"]


def test_the_cap_of_an_overlay_falls_where_that_of_one_index_would() -> None:
    base = MemoryIndex()
    for n in range(MAX_PER_BAND - 1):
        base.add(record(f"r{n}"), ["t"])
    overlay = OverlayIndex(base)
    for name in ("x", "y"):
        overlay.add(record(name), ["t"])
    assert [found.row_id for found in overlay.candidates(["t"])][-2:] == [f"r{MAX_PER_BAND - 2}", "x"]


def test_sqlite_leaves_the_transaction_to_its_caller() -> None:
    connection = open_database()
    connection.commit()
    index = SqliteIndex(connection)
    index.add(record("r1"), ["b1"])
    assert connection.in_transaction
    connection.rollback()
    assert index.latest("a") is None
    assert index.candidates(["b1"]) == []
    connection.close()


def test_create_tables_twice_keeps_what_is_there() -> None:
    connection = open_database()
    SqliteIndex(connection).add(record("r1"), ["b1"])
    create_tables(connection)
    assert SqliteIndex(connection).candidates(["b1"]) == [record("r1")]
    connection.close()


def test_forgetting_bands_keeps_the_latest_row() -> None:
    connection = open_database()
    index = SqliteIndex(connection)
    index.add(record("old", minutes=-60), ["b1", "b2"])
    index.add(record("new", article="b"), ["b1"])
    assert index.forget_bands(NOW) == 1
    assert [found.row_id for found in index.candidates(["b1", "b2"])] == ["new"]
    assert index.latest("a") == record("old", minutes=-60)
    assert index.forget_bands(NOW) == 0
    connection.close()
