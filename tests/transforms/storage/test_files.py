"""The bytes of a file: sorted, dictionaries, statistics, page index, Bloom filters, versions, and always the same."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest

from schemas.tables import ARTICLES, FAILURES, TABLES, to_arrow
from schemas.versions import SCHEMA_VERSION
from tests.factories import NOON, article, failure
from transforms.storage.files import encode, put_file, rows_per_group, versions_of, write_file

ROWS_PER_GROUP = 1_000
TEXT = "Guards met at Ishkashim. " * 150
REGIONS = ("fergana-valley", "none", "tajik-afghan-border")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    rows = [
        article(f"https://example.org/{n}", TEXT, region=REGIONS[n % 3], pack_version=f"p{n % 2}")
        for n in range(2 * ROWS_PER_GROUP + 5)
    ]
    folder = tmp_path_factory.mktemp("files")
    file = write_file(pafs.LocalFileSystem(), str(folder), ARTICLES, to_arrow(ARTICLES, rows), NOON.date())
    return folder / file.path


def test_row_groups_are_small_sorted_and_indexed(written):
    meta = pq.read_metadata(written)
    assert [meta.row_group(n).num_rows for n in range(3)] == [ROWS_PER_GROUP, ROWS_PER_GROUP, 5]
    regions = pq.read_table(written, columns=["region"])["region"].to_pylist()
    assert regions == sorted(regions)
    group = meta.row_group(0)
    order = [pq.ParquetFile(written).schema.column(column.column_index).path for column in group.sorting_columns]
    assert order == list(ARTICLES.sort_by)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    assert {column.compression for column in columns.values()} == {"ZSTD"}
    for name in ("row_id", "region", "published_at"):
        assert columns[name].has_column_index
        assert columns[name].has_offset_index
        assert columns[name].is_stats_set
    for repeated in ("region", "source", "places.list.element.name", "actors.list.element.mentions.list.element.match"):
        assert "RLE_DICTIONARY" in columns[repeated].encodings
    for name in ("row_id", "text"):
        assert "RLE_DICTIONARY" not in columns[name].encodings


@pytest.mark.parametrize(("length", "rows"), [(0, 5_000), (200, 4_000), (3_500, 1_000), (100_000, 1_000)])
def test_a_row_group_has_more_rows_where_they_are_short(length, rows):
    assert rows_per_group(to_arrow(ARTICLES, [article(text="x" * length)])) == rows


def test_a_region_is_pruned_by_statistics(written):
    meta = pq.read_metadata(written)
    index = [meta.schema.column(n).path for n in range(len(meta.schema))].index("region")
    bounds = [meta.row_group(n).column(index).statistics for n in range(3)]
    holding = [b for b in bounds if b.min <= "fergana-valley" <= b.max]
    assert len(holding) == 1


@pytest.mark.parametrize("column", ["row_id", "article_id"])
def test_a_bloom_filter_excludes_ids_that_are_not_there(written, column):
    there = pq.read_table(written, columns=[column])[column][0].as_py()

    def groups(value: str) -> int:
        probe = f"parquet_bloom_probe('{written}', '{column}', '{value}')"
        return duckdb.execute(f"SELECT count(*) FROM {probe} WHERE NOT bloom_filter_excludes").fetchone()[0]

    assert groups(there) >= 1
    assert sum(groups(f"no such id {n}") for n in range(50)) <= 10


def test_the_file_says_what_made_its_rows(written):
    told = pq.read_metadata(written).metadata
    assert told[b"newsbeam.schema_version"] == b"1"
    assert told[b"newsbeam.pipeline_version"] == b"0"
    assert told[b"newsbeam.pack_version"] == b"p0, p1"
    assert "ingest_date" not in pq.read_schema(written).names


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_a_file_without_rows_names_our_versions(table):
    assert versions_of(table.schema.empty_table())["schema_version"] == SCHEMA_VERSION
    assert encode(table, table.schema.empty_table(), {})[:4] == b"PAR1"


def test_the_same_rows_in_any_order_are_the_same_bytes():
    rows = [failure("k", failed_at=NOON + timedelta(seconds=n), attempt=n % 3) for n in range(50)]
    mixed = random.Random(1).sample(rows, len(rows))
    first, second = to_arrow(FAILURES, rows), to_arrow(FAILURES, mixed)
    assert encode(FAILURES, first, versions_of(first)) == encode(FAILURES, second, versions_of(second))


def test_a_put_leaves_one_complete_file(tmp_path):
    path = tmp_path / "ingest_date=2026-09-14" / "part-x.parquet"
    for _ in range(2):
        put_file(pafs.LocalFileSystem(), str(path), pa.py_buffer(b"abc"))
    assert [p.name for p in Path(path.parent).iterdir()] == ["part-x.parquet"]
    assert path.read_bytes() == b"abc"
