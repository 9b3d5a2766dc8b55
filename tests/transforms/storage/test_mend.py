"""A log whose last entry is torn: readers are told what to do, writers mend it, and no row is gone."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.compact import compact_dataset
from pipelines.query import connect
from schemas.tables import ARTICLES, TABLES
from tests.factories import NOON, article
from tests.transforms.storage.conftest import data_files
from transforms.clock import utc_now
from transforms.storage.dataset import CannotWrite, Dataset, DatasetError
from transforms.storage.vacuum import RETENTION

CUTS = [0, 1, 40, -1]
"""Bytes that are left of an entry; a negative number counts from its end."""


def tear(dataset: Dataset, cut: int) -> Path:
    last = max(Path(dataset.root, "articles", "_delta_log").glob("*.json"))
    last.write_bytes(last.read_bytes()[:cut])
    return last


def titles(dataset: Dataset) -> list[str]:
    with connect(dataset) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM articles ORDER BY title").fetchall()]


@pytest.fixture
def torn(dataset, request):
    for n in range(3):
        dataset.commit(ARTICLES, [article(f"https://example.org/{n}", title=f"Title {n}", fetched_at=NOON)])
    tear(dataset, request.param)
    return dataset


@pytest.mark.parametrize("torn", CUTS, indirect=True)
def test_readers_are_told_which_entry_is_torn_and_what_mends_it(torn):
    with pytest.raises(DatasetError, match=r"0004\.json is torn: .* newsbeam compact \S+ mends it"):
        titles(torn)


@pytest.mark.parametrize("torn", CUTS, indirect=True)
def test_the_next_run_has_every_row_again(torn):
    torn.create(NOON)
    assert titles(torn) == ["Title 0", "Title 1", "Title 2"]
    torn.commit(ARTICLES, [article("https://example.org/3", title="Title 3")])
    assert len(titles(torn)) == 4
    assert sorted(map(str, data_files(torn, "articles"))) == torn.file_uris(ARTICLES)


@pytest.mark.parametrize("torn", [0, 40], indirect=True)
def test_a_compaction_mends_and_a_dry_run_only_says_so(torn):
    with pytest.raises(DatasetError, match="is torn"):
        list(compact_dataset(torn, 10**8, RETENTION, utc_now, dry_run=True))
    (report, *_) = compact_dataset(torn, 10**8, RETENTION, utc_now, dry_run=False)
    assert report.compacted.files_after == 1
    assert len(titles(torn)) == 3


@pytest.mark.parametrize("cut", CUTS)
def test_the_entry_of_a_compaction_is_mended_without_a_row_twice(dataset, cut):
    for n in range(3):
        dataset.commit(ARTICLES, [article(f"https://example.org/{n}", title=f"Title {n}")])
    before = titles(dataset)
    log = dataset.log(ARTICLES)
    from transforms.storage.compact import compact_table

    compact_table(dataset, ARTICLES, 10**8, utc_now(), dry_run=False)
    folder = Path(dataset.root, "articles", "_delta_log")
    for checkpoint in folder.glob("*checkpoint*"):  # as if the machine had stopped before it was written
        checkpoint.unlink()
    assert dataset.log(ARTICLES).version() == log.version() + 1
    tear(dataset, cut)
    later = timedelta(hours=1) + RETENTION
    list(compact_dataset(dataset, 10**8, RETENTION, lambda: utc_now() + later, dry_run=False))
    assert titles(dataset) == before
    assert sorted(map(str, data_files(dataset, "articles"))) == dataset.file_uris(ARTICLES)


def test_what_is_no_parquet_is_left_alone(dataset):
    dataset.commit(ARTICLES, [article()])
    folder = data_files(dataset, "articles").pop().parent
    (folder / "part-00.parquet").write_bytes(b"no Parquet")
    entry = tear(dataset, 3)
    dataset.create(NOON)
    assert len(titles(dataset)) == 1
    assert all(json.loads(line) for line in entry.read_text().splitlines())


def test_a_first_entry_that_is_torn_is_made_again(tmp_path):
    folder = tmp_path / "news" / "articles" / "_delta_log"
    folder.mkdir(parents=True)
    (folder / f"{0:020d}.json").write_bytes(b'{"comm')
    dataset = Dataset(str(tmp_path / "news"))
    dataset.create(NOON)
    dataset.commit(ARTICLES, [article()])
    assert len(titles(dataset)) == 1
    assert all(dataset.log(table).version() >= 1 for table in TABLES.values())


def test_a_disk_that_refuses_a_file_is_told_and_keeps_no_rest_of_it(dataset, monkeypatch):
    import resource
    import signal

    monkeypatch.setattr("transforms.storage.files._COMPRESSION", "none")
    signal_before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(CannotWrite, match=r"articles cannot be written: .*File too large.* Nothing is lost"):
            dataset.commit(ARTICLES, [article(text="word " * 20_000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, signal_before)
    left = {path for path in Path(dataset.root, "articles").rglob("*") if path.suffix == ".tmp"}
    assert left == set()
