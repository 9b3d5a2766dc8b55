"""SQL over a dataset: views, formats, time zones, and messages that help."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.cli_read import moment
from pipelines.query import QueryError, connect, run_query, table_source
from schemas.records import Place
from schemas.tables import ARTICLES, TABLES
from tests.factories import NOON, article
from transforms.storage.dataset import Dataset, DatasetError

CITY = Place(0, 7, "Farkhor", "Farkhor", "gn:1", "city", "literal", "TJ", lat=37.5, lon=69.4)
COUNTRY = Place(8, 19, "Afghanistan", "Afghanistan", "gn:2", "country", "literal", "AF", lat=33.0, lon=66.0)


@pytest.fixture
def dataset(tmp_path):
    made = Dataset(str(tmp_path / "it's news"))
    made.create(NOON)
    later = NOON + timedelta(minutes=5)
    made.commit(ARTICLES, [article(), article("https://example.org/b", title="Other", region="none")])
    made.commit(ARTICLES, [article(processed_at=later)])
    return made


def test_a_table_for_people(dataset):
    text = run_query(dataset, "SELECT title, region FROM articles ORDER BY title", "table", None, "UTC")
    assert "A meeting" in text
    assert "tajik-afghan-border" in text
    assert text.count("A meeting") == 1, "the repeated row is seen once"


@pytest.mark.parametrize("fmt", ["csv", "jsonl", "parquet"])
def test_files_for_programs(dataset, tmp_path, fmt):
    to = tmp_path / f"out.{fmt}"
    run_query(dataset, "SELECT title, published_at FROM articles ORDER BY title;", fmt, to, "Asia/Dushanbe")
    if fmt == "csv":
        rows = list(csv.DictReader(to.read_text().splitlines()))
        assert rows[0]["published_at"] == "2026-09-14 17:00:00+05"
    elif fmt == "jsonl":
        rows = [json.loads(line) for line in to.read_text().splitlines()]
    else:
        rows = pq.read_table(to).to_pylist()
    assert [row["title"] for row in rows] == ["A meeting", "Other"]


@pytest.mark.parametrize(
    ("sql", "meant"),
    [
        ("SELECT publishd_at FROM articles", "published_at"),
        ("SELECT articles.publishd_at FROM articles", "published_at"),
        ("SELECT x.regoin FROM stories x", "regions"),
        ("SELECT title FROM articles WHERE regoin = 'none'", "region"),
        ("SELECT independent_publisher FROM stories", "independent_publishers"),
        ("SELECT * EXCLUDE (txt) FROM articles", "text"),
        ("SELECT p.surfce FROM articles, unnest(places) AS u(p)", "surface"),
        ("SELECT list_transform(actors, lambda a: a.plover_sector) FROM articles", "plover_sectors"),
        ("SELECT evidence FROM articles", "evidence is a column of mentions"),
        ("SELECT * FROM artcles", "articles"),
        ("SELECT * FROM places", "The views are articles, .*article_places"),
        ("SELECT lenght(title) FROM articles", "length"),
    ],
)
def test_an_unknown_name_names_the_one_that_is_meant(dataset, sql, meant):
    with pytest.raises(QueryError, match=meant):
        run_query(dataset, sql, "table", None, "UTC")


def test_geojson_streams_to_a_file(dataset, tmp_path):
    to = tmp_path / "places.geojson"
    dataset.commit(ARTICLES, [article("https://example.org/c", places=(CITY, COUNTRY))])
    sql = "SELECT name, kind, lat, lon FROM article_places WHERE place_id LIKE 'gn:%' ORDER BY name"
    run_query(dataset, sql, "geojson", to, "UTC")
    assert [(f["properties"]["name"], f["geometry"]) for f in json.loads(to.read_text())["features"]] == [
        ("Afghanistan", None),
        ("Farkhor", {"type": "Point", "coordinates": [69.4, 37.5]}),
    ]


def test_countries_have_no_point_in_the_view(dataset):
    dataset.commit(ARTICLES, [article("https://example.org/c", places=(CITY, COUNTRY))])
    with connect(dataset) as connection:
        found = connection.execute("SELECT name FROM article_places WHERE lat IS NOT NULL OR lon IS NOT NULL")
        assert found.fetchall() == [("Farkhor",)]


@pytest.mark.parametrize("sql", ["SELECT title FROM articles", "CREATE TABLE t (lat DOUBLE, lon DOUBLE)"])
def test_geojson_of_what_has_no_place_is_refused(dataset, sql):
    with pytest.raises(QueryError, match="--format geojson needs"):
        run_query(dataset, sql, "geojson", None, "UTC")


def commit_times(dataset, table=ARTICLES):
    """When each version of a table was committed, from version 0."""
    return [datetime.fromtimestamp(c["timestamp"] / 1000, UTC) for c in dataset.log(table).history()][::-1]


def test_as_of_reads_the_dataset_as_it_was(dataset):
    standing = {1: (0, 0), 2: (2, 0), 3: (2, 1)}  # rows, and those that were made again, after each commit
    times = commit_times(dataset)
    created = max(commit_times(dataset, table)[1] for table in TABLES.values())
    for asked in [*(max(at, created) for at in times[1:]), times[-1] + timedelta(days=1)]:
        version = max(n for n, at in enumerate(times) if at <= asked)
        with connect(dataset, as_of=asked) as connection:
            sql = "SELECT count(*), count(*) FILTER (processed_at > fetched_at) FROM articles"
            assert connection.execute(sql).fetchone() == standing[version]


def test_a_moment_before_the_first_is_refused_with_the_first(dataset):
    first = commit_times(dataset)[0]
    with pytest.raises(DatasetError, match=f"begins at {first.isoformat()[:19]}"):
        connect(dataset, as_of=NOON)


def test_a_table_without_a_file_yet_is_empty(dataset):
    for table in TABLES.values():
        log = dataset.log(table)
        log.load_as_version(0)  # the moment between the first commit of a table and the first file
        found = duckdb.connect().sql(f"SELECT * FROM {table_source(dataset, table, log)}")
        assert found.fetchall() == []
        assert found.columns == table.log_schema.names


@pytest.mark.parametrize("past", [False, True])
def test_a_file_that_is_gone_is_named_and_of_the_past_with_the_likely_reason(dataset, past):
    Path(dataset.file_uris(ARTICLES)[0]).unlink()
    as_of = commit_times(dataset)[-1] + timedelta(days=1) if past else None
    with pytest.raises(QueryError, match="retention" if past else r"part-\w+\.parquet"):
        run_query(dataset, "SELECT count(text) FROM articles", "table", None, "UTC", as_of)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-11-22", "UTC", "2026-11-22T00:00:00+00:00"),
        ("2026-11-22", "Asia/Dushanbe", "2026-11-21T19:00:00+00:00"),
        ("2026-11-22T06:00", "Asia/Dushanbe", "2026-11-22T01:00:00+00:00"),
        ("2026-11-22T06:00Z", "Asia/Dushanbe", "2026-11-22T06:00:00+00:00"),
        ("2026-11-22 06:00:01.5+05:00", "UTC", "2026-11-22T01:00:01.500000+00:00"),
    ],
)
def test_moments_of_as_of(text, zone, expected):
    assert moment(text, zone).astimezone(UTC).isoformat() == expected


def test_an_unknown_time_zone_is_refused(dataset):
    with pytest.raises(QueryError, match="--tz Mars/Olympus"):
        run_query(dataset, "SELECT 1", "table", None, "Mars/Olympus")


def test_no_dataset(tmp_path):
    with pytest.raises(DatasetError, match="is no newsbeam dataset"):
        run_query(Dataset(str(tmp_path)), "SELECT 1", "table", None, "UTC")
