"""Exports: each row once, any layout, values that cannot leave their folder, whole or not at all."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest

from pipelines.export import Export, ExportError, export
from pipelines.export_files import WRITERS
from pipelines.query import connect
from schemas.tables import ARTICLES, PARTITION
from tests.factories import NOON, article
from transforms.storage.dataset import Dataset

EVIL = "../../etc/pass=wd %2e?#*"


@pytest.fixture
def dataset(tmp_path):
    made = Dataset(str(tmp_path / "news"))
    made.create(NOON)
    rows = [
        article(),
        article("https://example.org/b", region="none", published_at=None, published_date=None, title='A "b",\nc'),
        article("https://example.org/c", region=EVIL, fetched_at=NOON + timedelta(days=1)),
        article("https://example.org/d", region="..", fetched_at=NOON + timedelta(days=1)),
    ]
    made.commit(ARTICLES, rows)
    made.commit(ARTICLES, [article(processed_at=NOON + timedelta(minutes=5))])
    return made


def urls(dataset, sql="SELECT url FROM articles"):
    with connect(dataset) as connection:
        return sorted(row[0] for row in connection.execute(sql).fetchall())


def read_back(folder, fmt):
    """(path, row) of every row of an export."""
    for path in sorted(folder.rglob(f"*.{fmt}")):
        if fmt == "parquet":
            rows = pq.ParquetFile(path).read().to_pylist()
        elif fmt == "csv":
            with path.open(encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines))
        else:
            rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        yield from ((path.relative_to(folder), row) for row in rows)


@pytest.mark.parametrize("fmt", WRITERS)
def test_every_row_once_in_folders_that_no_value_can_leave(dataset, tmp_path, fmt):
    to = tmp_path / "deep" / "out"
    counted = export(dataset, Export(to, ("region", "published_date"), fmt=fmt))
    found = list(read_back(to / "articles", fmt))
    assert sorted(row["url"] for _, row in found) == urls(dataset)
    assert (counted.rows, counted.files) == (4, len({path for path, _ in found})) == (4, 4)
    assert {len(path.parts) for path, _ in found} == {3}
    folders = {row["url"][-1]: path.parts[:2] for path, row in found}
    assert folders["a"] == ("region=tajik-afghan-border", "published_date=2026-09-14")
    assert folders["b"] == ("region=none", "published_date=__HIVE_DEFAULT_PARTITION__")
    assert folders["d"][0] == "region=.."
    assert all("region" not in row and "published_date" not in row and PARTITION in row for _, row in found)
    assert {p.name for p in (tmp_path / "deep").iterdir()} == {"out"}
    assert {p.name for p in to.iterdir()} == {"articles", "README.md"}


@pytest.mark.parametrize("fmt", WRITERS)
def test_readers_get_the_values_back_from_the_path(dataset, tmp_path, fmt):
    export(dataset, Export(tmp_path / "out", ("region",), fmt=fmt))
    reader = {"parquet": "read_parquet", "csv": "read_csv", "jsonl": "read_json"}[fmt]
    glob = f"{tmp_path}/out/articles/*/*.{fmt}"
    found = duckdb.sql(f"SELECT region FROM {reader}('{glob}', hive_partitioning = true)").fetchall()
    assert {row[0] for row in found} == {"tajik-afghan-border", "none", "..", EVIL}


def test_parquet_keeps_the_types_of_the_contract(dataset, tmp_path):
    export(dataset, Export(tmp_path / "out", ("language",)))
    read = pads.dataset(tmp_path / "out" / "articles", partitioning="hive").schema
    for column in ARTICLES.columns:
        assert read.field(column.name).type == column.type, column.name


def test_csv_holds_nested_columns_as_json(dataset, tmp_path):
    export(dataset, Export(tmp_path / "out", (), fmt="csv"))
    rows = [row for _, row in read_back(tmp_path / "out" / "articles", "csv")]
    assert json.loads(rows[0]["places"])[0]["surface"] == "Ishkashim"
    assert rows[0]["fetched_at"] == "2026-09-14T12:00:00+00:00"
    assert 'A "b",\nc' in {row["title"] for row in rows}


def test_a_condition_and_the_past(dataset, tmp_path):
    where = "url LIKE '%/b' OR url LIKE '%/c' -- either"
    assert export(dataset, Export(tmp_path / "some", where=where)).rows == 2
    before = datetime.fromtimestamp(dataset.log(ARTICLES).history(1)[0]["timestamp"] / 1000, UTC)
    dataset.commit(ARTICLES, [article("https://example.org/e")])
    assert export(dataset, Export(tmp_path / "before", as_of=before)).rows == 4
    assert export(dataset, Export(tmp_path / "now")).rows == 5


@pytest.mark.parametrize("fmt", WRITERS)
def test_an_excerpt_holds_no_full_text_anywhere(dataset, tmp_path, fmt):
    secret = "Nobody must find this sentence in what is shared with others, not even by grep. "
    dataset.commit(ARTICLES, [article("https://example.org/s", text=secret * 4, lead=secret)])
    export(dataset, Export(tmp_path / "out", ("region",), fmt=fmt, excerpt=300))
    rows = [row for _, row in read_back(tmp_path / "out" / "articles", fmt)]
    assert len(rows) == 5
    assert secret.strip() not in str(rows)
    assert all("text" not in row and "evidence" in row for row in rows)
    assert "No full text" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"partition_by": ("regin",)}, "Did you mean region"),
        ({"partition_by": ("places",)}, "cannot name folders"),
        ({"partition_by": ("text",)}, "cannot name folders"),
        ({"partition_by": ("text",), "excerpt": 10}, "no such column"),
        ({"where": "regoin = 'x'"}, "region"),
        ({"where": "region = 'x') UNION (SELECT 1"}, "--where"),
    ],
)
def test_what_cannot_be_made_leaves_nothing_behind(dataset, tmp_path, wanted, message):
    with pytest.raises(ExportError, match=message):
        export(dataset, Export(tmp_path / "out", **wanted))
    assert {p.name for p in tmp_path.iterdir()} == {"news"}


def test_a_folder_with_other_things_is_refused_and_an_empty_one_taken(dataset, tmp_path):
    (tmp_path / "out").mkdir()
    export(dataset, Export(tmp_path / "out"))
    before = sorted((tmp_path / "out").rglob("*"))
    with pytest.raises(ExportError, match="not an empty folder"):
        export(dataset, Export(tmp_path / "out", fmt="csv"))
    assert sorted((tmp_path / "out").rglob("*")) == before
