"""The views on rows of every table: each row once, stories joined over chains, failures told once."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

import duckdb
import pyarrow as pa
import pytest

from schemas import views
from schemas.ids import key_of_article
from schemas.outcomes import Reason, Stage
from schemas.records import StoryLink
from schemas.tables import PARTITION, TABLES, to_arrow
from schemas.views import VIEWS, views_sql
from tests.factories import NOON, article, failure, poll


def connection_over(rows: Mapping[str, Sequence[object]]) -> duckdb.DuckDBPyConnection:
    """All views over the given rows of the tables, partitioned as the writer does it."""
    connection = duckdb.connect()
    for name, table in TABLES.items():
        data = to_arrow(table, rows.get(name, []))
        days = [moment.date() for moment in data.column(table.dated_by).to_pylist()]
        connection.register(f"raw_{name}", data.append_column(PARTITION, pa.array(days, pa.date32())))
    connection.execute(views_sql({name: f"raw_{name}" for name in TABLES}))
    return connection


def link(stays: str, joined: str) -> StoryLink:
    return StoryLink(stays, joined, "test", NOON)


def stories(ids: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Articles per story, for one article in each of the stories `ids`."""
    articles = [article(f"https://example.org/{n}", story_id=story) for n, story in enumerate(ids)]
    connection = connection_over({"articles": articles, "story_links": [link(*pair) for pair in links]})
    return dict(connection.execute("SELECT story_id, articles FROM stories").fetchall())


def test_views_run_on_rows_of_every_table():
    rows = {
        "articles": [article(), article(processed_at=article().processed_at.replace(hour=13))],
        "failures": [failure()],
        "polls": [poll()],
    }
    connection = connection_over(rows)
    assert connection.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    assert connection.execute("SELECT articles, independent_publishers, actors FROM stories").fetchall() == [
        (1, 1, ["Guards"])
    ]
    evidence = connection.execute("SELECT tag, surface, evidence FROM mentions ORDER BY tag").fetchall()
    assert evidence[0][:2] == ("actor", "Guards")
    assert evidence[1] == ("place", "Ishkashim", "A meeting\n\nGuards met at Ishkashim.")
    for view in VIEWS:
        connection.execute(f"SELECT * FROM {view}").fetchall()


def test_a_row_that_only_repeats_the_content_is_no_revision():
    hours = [(0, "a"), (1, "a"), (2, "b"), (3, "a"), (4, "a")]
    connection = connection_over(
        {"articles": [article(text=text, fetched_at=NOON + timedelta(hours=hour)) for hour, text in hours]}
    )
    found = connection.execute("SELECT hour(fetched_at AT TIME ZONE 'UTC') - 12, text FROM articles ORDER BY 1")
    assert found.fetchall() == [(0, "a"), (2, "b"), (3, "a")]


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([], {"a": 1, "b": 1, "c": 1}),
        ([("a", "b")], {"a": 2, "c": 1}),
        ([("a", "b"), ("b", "c")], {"a": 3}),
        ([("a", "b"), ("b", "c"), ("b", "c"), ("a", "b")], {"a": 3}),
        ([("c", "b"), ("b", "a")], {"c": 3}),  # the one that stays, not the least id
        ([("a", "c"), ("b", "c")], {"a": 3}),  # joined to two, which are thereby one
        ([("a", "b"), ("b", "a")], {"a": 2, "c": 1}),
        ([("a", "b"), ("b", "c"), ("c", "a")], {"a": 3}),
        ([("a", "a")], {"a": 1, "b": 1, "c": 1}),
        ([("x", "b"), ("y", "x"), ("y", "a")], {"y": 2, "c": 1}),  # by way of stories without rows here
    ],
)
def test_stories_follow_their_links_to_the_end(links, expected):
    assert stories(["a", "b", "c"], links) == expected


def test_publishers_of_a_family_count_once_and_the_origin_is_the_credit_or_the_first():
    told = [("a", "one", None), ("b", "one", None), ("c", None, "AFP"), ("d", None, None)]
    rows = [
        article(
            f"https://{source}.example/x",
            source=source,
            publisher_family=family,
            wire_origin=wire,
            story_id="s",
            fetched_at=NOON + timedelta(minutes=minute),
        )
        for minute, (source, family, wire) in enumerate(told)
    ]
    query = "SELECT articles, independent_publishers, origin FROM stories"
    assert connection_over({"articles": rows}).execute(query).fetchall() == [(4, 3, "AFP")]
    assert connection_over({"articles": rows[:2]}).execute(query).fetchall() == [(2, 1, "a")]


def test_a_long_chain_in_any_order_is_one_story():
    ids = [f"s{n:03}" for n in range(300)]
    chain = list(itertools.pairwise(ids))
    random.Random(7).shuffle(chain)
    assert stories(ids, chain) == {"s000": 300}


def test_an_article_without_a_story_is_in_none():
    assert stories(["a", None, None], []) == {"a": 1}


@pytest.mark.parametrize(
    "one",
    [
        article(),
        article("https://example.org/ё", feed_url="https://example.org/лента", guid="п 1"),
        article(guid=None),
        article("file:///texts/a%20b.txt", feed_url=None, guid="file:///texts/a%20b.txt"),
    ],
)
def test_an_article_has_the_key_of_its_entry(one):
    connection = connection_over({"articles": [one]})
    found = connection.execute(f"SELECT {views.key_of_article()} FROM articles").fetchone()
    assert found == (key_of_article(one),)


@pytest.mark.parametrize(
    ("failed", "later", "mended"),
    [
        ({}, {}, False),  # an article was there before it failed
        ({}, {"processed_at": NOON + timedelta(hours=2)}, False),  # and was tagged anew since
        ({}, {"fetched_at": NOON + timedelta(hours=2)}, True),
        ({}, {"fetched_at": NOON + timedelta(hours=2), "guid": "another"}, False),
        ({"archive_ref": "a#1"}, {"archive_ref": "a#1"}, True),
        ({"archive_ref": "a#1"}, {"archive_ref": "a#2"}, False),
        ({"key": article().row_id}, {}, False),
        ({"key": article().row_id}, {"processed_at": NOON + timedelta(hours=2)}, True),
    ],
)
def test_a_failure_is_mended_by_a_later_article_of_its_entry(failed, later, mended):
    row = failure(failed.pop("key", key_of_article(article())), failed_at=NOON + timedelta(hours=1), **failed)
    connection = connection_over({"failures": [row], "articles": [article(), article(**later)]})
    assert connection.execute("SELECT mended FROM failures").fetchall() == [(mended,)]


def test_a_failure_that_a_restored_stream_tells_again_stands_once_and_every_failed_poll_stands():
    later = NOON + timedelta(minutes=5)
    feed = "https://example.org/feed"
    rows = [
        failure("k1"),
        failure("k1", failed_at=later, message="HTTP 404 again"),
        failure("k1", attempt=2, failed_at=later),
        failure("k1", reason=Reason.TIMEOUT, failed_at=later),
        failure("k1", failed_at=NOON + timedelta(days=1)),
        failure(feed, stage=Stage.POLL, feed_url=feed),
        failure(feed, stage=Stage.POLL, feed_url=feed, failed_at=later),
        failure(feed, stage=Stage.POLL, feed_url=feed, failed_at=later),
    ]
    connection = connection_over({"failures": rows})
    found = connection.execute("SELECT stage, count(*) FROM failures GROUP BY ALL ORDER BY ALL").fetchall()
    assert found == [("fetch", 4), ("poll", 2)]
    assert connection.execute("SELECT count(*) FROM failures WHERE message = 'HTTP 404 again'").fetchone() == (1,)
