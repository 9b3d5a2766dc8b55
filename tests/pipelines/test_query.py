"""SQL over a dataset: views, formats, time zones, and messages that help."""

from __future__ import annotations

import csv
import json
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from pipelines.query import QueryError, run_query
from schemas.tables import ARTICLES
from tests.factories import NOON, article
from transforms.storage.dataset import Dataset, DatasetError


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


def test_an_unknown_column_names_the_one_that_is_meant(dataset):
    with pytest.raises(QueryError, match="published_at"):
        run_query(dataset, "SELECT publishd_at FROM articles", "table", None, "UTC")


def test_an_unknown_time_zone_is_refused(dataset):
    with pytest.raises(QueryError, match="--tz Mars/Olympus"):
        run_query(dataset, "SELECT 1", "table", None, "Mars/Olympus")


def test_no_dataset(tmp_path):
    with pytest.raises(DatasetError, match="is no newsbeam dataset"):
        run_query(Dataset(str(tmp_path)), "SELECT 1", "table", None, "UTC")
