"""Datasets that people hold stay readable: every schema version is frozen here, with a dataset written in it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as pads
import pytest

from pipelines.query import connect
from schemas import views
from schemas.documents import contract
from schemas.records import Article
from schemas.tables import ARTICLES, PARTITION, TABLES, Column
from schemas.versions import FIRST_SCHEMA_VERSION, SCHEMA_VERSION
from tests.factories import NOON, article
from tests.schemas.freeze import DATASETS, FROZEN
from transforms.storage.dataset import Dataset

VERSIONS = [str(v) for v in range(int(FIRST_SCHEMA_VERSION), int(SCHEMA_VERSION) + 1)]
DECLARED = json.loads(contract())["tables"]


def frozen(version: str) -> dict[str, list[dict[str, Any]]]:
    return json.loads((FROZEN / f"{version}.json").read_text(encoding="utf-8"))["tables"]


def broken_rules(old: dict[str, list[dict[str, Any]]], new: dict[str, list[dict[str, Any]]]) -> list[str]:
    """What a later version may not do to an earlier one: columns are only added, at any place, and may be null."""
    broken = []
    for table, columns in old.items():
        now = {c["name"]: c for c in new.get(table, [])}
        for column in columns:
            if column["name"] not in now:
                broken.append(f"{table}.{column['name']} is gone")
            elif now[column["name"]] != column:
                broken.append(f"{table}.{column['name']} is changed")
        before = {c["name"] for c in columns}
        added = [c for name, c in now.items() if name not in before]
        broken += [f"{table}.{c['name']} may not be null" for c in added if not c["nullable"]]
    return broken


def test_every_version_is_frozen_with_a_dataset():
    assert {p.stem for p in FROZEN.iterdir()} == set(VERSIONS)
    assert {p.name for p in DATASETS.iterdir()} == set(VERSIONS)


@pytest.mark.parametrize("version", VERSIONS)
def test_columns_are_only_added(version):
    assert broken_rules(frozen(version), DECLARED) == []


def test_a_changed_column_needs_a_new_schema_version():
    assert frozen(SCHEMA_VERSION) == DECLARED, (
        "columns differ from those frozen for this version: raise SCHEMA_VERSION, run `python -m tests.schemas.freeze`"
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda a, b: [b], ["t.a is gone"]),
        (lambda a, b: [{**a, "name": "aa"}, b], ["t.a is gone", "t.aa may not be null"]),
        (lambda a, b: [{**a, "type": "int64"}, b], ["t.a is changed"]),
        (lambda a, b: [a, {**b, "type": "list<struct<x string, y int32>>"}], ["t.b is changed"]),
        (lambda a, b: [{**a, "nullable": True}, b], ["t.a is changed"]),
        (lambda a, b: [a, b, {**a, "name": "c"}], ["t.c may not be null"]),
        (lambda a, b: [a, b, {**b, "name": "c"}], []),
        (lambda a, b: [b, a], []),
    ],
)
def test_the_rules_catch_what_they_forbid(change, told):
    a = {"name": "a", "type": "int32", "nullable": False}
    b = {"name": "b", "type": "list<struct<x string>>", "nullable": True}
    assert broken_rules({"t": [a, b]}, {"t": change(a, b)}) == told


@pytest.fixture(params=VERSIONS)
def old_dataset(request, tmp_path):
    """A dataset as an earlier version of newsbeam left it."""
    shutil.copytree(DATASETS / request.param, tmp_path / "news")
    return Dataset(str(tmp_path / "news"))


@pytest.fixture
def next_version(monkeypatch):
    """The tables of the schema version to come: one more column in `articles`, which the view `articles` shows."""
    columns = (*ARTICLES.columns, Column("reviewed_by", pa.string(), "Who has read it."))
    table = replace(ARTICLES, columns=columns, record=Reviewed)
    monkeypatch.setitem(TABLES, "articles", table)
    coming = str(int(SCHEMA_VERSION) + 1)
    for module in ("transforms.storage.evolve", "transforms.storage.dataset"):
        monkeypatch.setattr(f"{module}.SCHEMA_VERSION", coming)
    monkeypatch.setitem(views.VIEWS, "reviewed", ("Added too.", "SELECT url, reviewed_by FROM articles\n"))
    return table


@dataclass(frozen=True)
class Reviewed(Article):
    """An article of the version to come."""

    reviewed_by: str | None = None


def reviewed_row() -> Reviewed:
    fields = article("https://example.org/new", fetched_at=NOON + timedelta(days=2)).__dict__
    return Reviewed(**fields, reviewed_by="Ana")


EXPECTED = [("https://example.org/a", None), ("https://example.org/b", None), ("https://example.org/c", None)]


def test_a_dataset_of_an_earlier_version_answers_every_view(old_dataset):
    with connect(old_dataset) as connection:
        counts = {view: connection.execute(f"SELECT count(*) FROM {view}").fetchone()[0] for view in views.VIEWS}
    assert counts["articles"] == 3
    assert all(counts.values()), "every view has rows of the old version"


def test_what_a_row_was_made_by_is_queryable(old_dataset):
    sql = "SELECT DISTINCT schema_version, pipeline_version, extractor, pack_version FROM articles"
    version = json.loads((Path(old_dataset.root) / "dataset.json").read_text(encoding="utf-8"))["schema_version"]
    with connect(old_dataset) as connection:
        assert connection.execute(sql).fetchall() == [(version, "0", "test-1", "p1")]


def test_a_later_version_reads_the_older_dataset_before_it_wrote_to_it(old_dataset, next_version):
    with connect(old_dataset) as connection:
        assert connection.execute("FROM reviewed ORDER BY url").fetchall() == EXPECTED


def test_rows_of_two_versions_are_read_in_one_query(old_dataset, next_version, monkeypatch):
    old_dataset.create(NOON)
    old_dataset.commit(next_version, [reviewed_row()])
    folder = Path(old_dataset.root)
    expected = [*EXPECTED, ("https://example.org/new", "Ana")]
    with connect(old_dataset) as connection:
        assert connection.execute("FROM reviewed ORDER BY url").fetchall() == expected
    glob = f"{folder}/articles/{PARTITION}=*/*.parquet"
    monkeypatch.chdir(folder)
    bare = duckdb.connect()
    bare.execute((folder / "views.sql").read_text(encoding="utf-8"))
    assert bare.execute("FROM reviewed ORDER BY url").fetchall() == expected
    delta = pl.scan_delta(str(folder / "articles"))
    in_files = {name: kind for name, kind in delta.collect_schema().items() if name != PARTITION}
    for lazy in (delta, pl.scan_parquet(glob, schema=in_files, missing_columns="insert", hive_partitioning=False)):
        assert lazy.select("url", "reviewed_by").sort("url").collect().rows() == expected
    arrow = pads.dataset(folder / "articles", schema=next_version.log_schema, partitioning="hive")
    for dataset in (arrow, old_dataset.log(next_version).to_pyarrow_dataset()):
        rows = dataset.to_table(columns=["url", "reviewed_by"]).sort_by("url").to_pylist()
        assert [tuple(row.values()) for row in rows] == expected


def test_an_earlier_moment_of_a_widened_dataset_is_read_too(old_dataset, next_version):
    before = max(commit["timestamp"] for commit in old_dataset.log(ARTICLES).history())
    old_dataset.create(NOON)
    old_dataset.commit(next_version, [reviewed_row()])
    with connect(old_dataset, as_of=datetime.fromtimestamp(before / 1000, UTC)) as connection:
        assert connection.execute("FROM reviewed ORDER BY url").fetchall() == EXPECTED
