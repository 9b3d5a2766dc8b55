"""The dataset on a real disk: content-named files, one log, readers of every kind."""

from __future__ import annotations

import subprocess
import sysconfig
import threading
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as pads
import pytest
from deltalake import DeltaTable

from schemas.tables import ARTICLES, FAILURES, TABLES
from tests.factories import NOON, article, failure
from tests.transforms.storage.conftest import bare_views, log_views
from transforms.storage.dataset import Dataset, DatasetError


def test_a_new_dataset_explains_itself_and_can_be_read(dataset, tmp_path, monkeypatch):
    folder = tmp_path / "news"
    assert {p.name for p in folder.iterdir()} == {*TABLES, "README.md", "views.sql", "dataset.json"}
    monkeypatch.chdir(folder)
    connection = duckdb.connect()
    connection.execute((folder / "views.sql").read_text())
    assert connection.execute("SELECT count(*) FROM stories").fetchone() == (0,)


def test_creating_again_changes_nothing(dataset):
    dataset.commit(ARTICLES, [article()])
    before = dataset.file_uris(ARTICLES)
    dataset.create(NOON + timedelta(days=1))
    assert dataset.file_uris(ARTICLES) == before


def test_the_same_rows_are_the_same_file_once(dataset):
    first = dataset.commit(ARTICLES, [article(), article("https://example.org/b")])
    second = dataset.commit(ARTICLES, [article("https://example.org/b"), article()])
    assert [f.path for f in first] == [f.path for f in second]
    assert dataset.log(ARTICLES).count() == 2


def test_rows_of_one_commit_that_repeat_each_other_are_one(dataset):
    minutes = [timedelta(minutes=n) for n in range(4)]
    again = article(processed_at=NOON + minutes[1], story_id="later")
    same = article(fetched_at=NOON + minutes[2])
    news = article(text="Guards parted at Ishkashim.", fetched_at=NOON + minutes[3])
    (file,) = dataset.commit(ARTICLES, [article(), again, same, news, article("https://example.org/b")])
    written = pads.dataset(Path(dataset.folder(ARTICLES), file.path)).to_table().to_pylist()
    assert {(row["url"][-1], row["story_id"], row["fetched_at"]) for row in written} == {
        ("a", "later", NOON), ("a", "s1", NOON + minutes[3]), ("b", "s1", NOON)
    }  # fmt: skip
    assert bare_views(dataset, "articles") == log_views(dataset, "articles")


def test_the_partition_is_the_utc_day_and_only_in_the_path(dataset, tmp_path):
    late = NOON.replace(hour=23, minute=59)
    files = dataset.commit(ARTICLES, [article(fetched_at=late), article(fetched_at=late + timedelta(minutes=2))])
    assert [f.ingest_date for f in files] == [date(2026, 9, 14), date(2026, 9, 15)]
    names = pads.dataset(tmp_path / "news" / "articles" / files[0].path).schema.names
    assert "ingest_date" not in names


def test_bare_readers_and_delta_readers_agree(dataset, tmp_path):
    dataset.commit(ARTICLES, [article(f"https://example.org/{i}") for i in range(5)])
    glob = f"{tmp_path}/news/articles/ingest_date=*/*.parquet"
    assert duckdb.execute(f"SELECT count(*) FROM read_parquet('{glob}')").fetchone() == (5,)
    assert pl.scan_parquet(glob).select(pl.len()).collect().item() == 5
    assert len(pl.scan_delta(str(tmp_path / "news" / "articles")).collect()) == 5
    delta = DeltaTable(tmp_path / "news" / "articles").to_pyarrow_dataset()
    assert delta.filter(pads.field("ingest_date") == date(2026, 9, 14)).count_rows() == 5


def test_the_views_work_in_duckdbs_own_shell_without_newsbeam(dataset, tmp_path):
    dataset.commit(ARTICLES, [article(f"https://example.org/{i}") for i in range(3)])
    shell = Path(sysconfig.get_path("scripts")) / "duckdb"
    command = [shell, "-csv", "-init", "views.sql", "-c", "SELECT actors[1] AS actor, articles FROM stories"]
    done = subprocess.run(command, cwd=tmp_path / "news", capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["actor,articles", "Guards,3"]


def test_statistics_bound_every_row(dataset):
    odd = NOON + timedelta(microseconds=123_456)
    dataset.commit(ARTICLES, [article(processed_at=odd)])
    assert [r["row_id"] for r in dataset.scan(ARTICLES, ["row_id"], odd, "processed_at")] == [article().row_id]
    assert list(dataset.scan(ARTICLES, ["row_id"], odd + timedelta(microseconds=1), "processed_at")) == []


def test_a_scan_opens_no_file_that_ends_before_its_time(dataset):
    later = NOON + timedelta(hours=1)
    (old,) = dataset.commit(ARTICLES, [article("https://example.org/old", processed_at=NOON)])
    dataset.commit(ARTICLES, [article("https://example.org/new", processed_at=later)])
    Path(dataset.folder(ARTICLES), old.path).unlink()
    assert [row["url"] for row in dataset.scan(ARTICLES, ["url"], later, "processed_at")] == ["https://example.org/new"]


def test_concurrent_writers_lose_nothing(dataset):
    def write(writer: int) -> None:
        for i in range(5):
            Dataset(dataset.root).commit(FAILURES, [failure(f"{writer}-{i}")])

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(dataset.log(FAILURES).to_pyarrow_table()["key"].to_pylist())) == 20


def test_a_null_where_none_may_be_is_refused(dataset):
    with pytest.raises(pa.ArrowInvalid, match="row_id"):
        dataset.commit(ARTICLES, [article(row_id=None)])


def test_a_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.doc").write_text("important")
    with pytest.raises(DatasetError, match=r"thesis\.doc.*Choose an empty or new folder"):
        Dataset(str(tmp_path)).create(NOON)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.doc"]


def test_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatasetError, match="is a file"):
        Dataset(str(tmp_path / "file")).create(NOON)


def test_a_folder_without_a_dataset_is_named(tmp_path):
    with pytest.raises(DatasetError, match="is no newsbeam dataset"):
        Dataset(str(tmp_path)).log(ARTICLES)
