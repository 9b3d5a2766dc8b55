"""What a vacuum deletes, by the clock it is given, and what it leaves."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.tables import ARTICLES
from tests.factories import NOON, article
from tests.transforms.storage.conftest import data_files
from transforms.storage.compact import compact_table
from transforms.storage.vacuum import RETENTION, delete_leftovers, find_leftovers

HOUR = timedelta(hours=1)


@pytest.fixture
def replaced(dataset):
    """Files that lay there for three days and were replaced just now."""
    for n in range(3):
        dataset.commit(ARTICLES, [article(f"https://example.org/{n}")])
    old = sorted(data_files(dataset, "articles"))
    three_days_ago = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    for path in (*old, *Path(dataset.root, "articles", "_delta_log").iterdir()):
        os.utime(path, (three_days_ago, three_days_ago))
    compact_table(dataset, ARTICLES, 10**8, NOON, dry_run=False)
    return old


def found(dataset, now: datetime) -> set[Path]:
    return {Path(file.path) for file in find_leftovers(dataset, ARTICLES, RETENTION, now)}


def test_a_replaced_file_stays_for_the_retention_however_old_it_is(dataset, replaced):
    now = datetime.now(UTC)
    assert found(dataset, now) == set()
    assert found(dataset, now + RETENTION - HOUR) == set()
    assert found(dataset, now + RETENTION + HOUR) == set(replaced)


def test_the_live_file_stays_for_ever(dataset, replaced):
    later = datetime.now(UTC) + timedelta(days=400)
    delete_leftovers(dataset, find_leftovers(dataset, ARTICLES, RETENTION, later))
    (left,) = data_files(dataset, "articles")
    assert [str(left)] == dataset.file_uris(ARTICLES)
    assert dataset.log(ARTICLES).to_pyarrow_table().num_rows == 3
    assert found(dataset, later) == set()


def test_what_a_killed_writer_left_goes_by_age_and_what_is_not_ours_stays(dataset):
    folder = next(Path(dataset.root, "articles").glob("ingest_date=*"))
    entry = folder.parent / "_delta_log" / f"{1:020d}.json"
    orphans = {folder / "part-00.parquet", folder / ".part-00.parquet.0a1b.tmp", entry.with_name(f"{entry.name}#1")}
    others = {folder / "notes.txt", folder / "_SUCCESS", folder.parent / "part-mine.parquet"}
    for path in orphans | others:
        path.write_bytes(b"x")
    now = datetime.now(UTC)
    assert found(dataset, now + RETENTION - HOUR) == set()
    assert found(dataset, now + RETENTION + HOUR) == orphans
    delete_leftovers(dataset, find_leftovers(dataset, ARTICLES, RETENTION, now + RETENTION + HOUR))
    assert all(path.exists() for path in others)
    assert not any(path.exists() for path in orphans)


def test_a_file_that_is_put_again_meanwhile_stays(dataset, replaced):
    leftovers = find_leftovers(dataset, ARTICLES, RETENTION, datetime.now(UTC) + RETENTION + HOUR)
    dataset.commit(ARTICLES, [article("https://example.org/0")])
    gone = delete_leftovers(dataset, leftovers)
    assert len(gone) == len(leftovers) - 1
    assert dataset.log(ARTICLES).to_pyarrow_table().num_rows == 4, "every file of the log is there"


def test_a_file_that_went_while_it_was_added_again_is_written_again(dataset, monkeypatch):
    from transforms.storage import dataset as module

    real = module.add_files

    def add_and_lose(log, files):
        real(log, files)
        for file in files:
            Path(dataset.root, "articles", file.path).unlink()

    monkeypatch.setattr(module, "add_files", add_and_lose)
    dataset.commit(ARTICLES, [article()])
    assert dataset.log(ARTICLES).to_pyarrow_table().num_rows == 1


def test_a_version_of_the_log_within_the_retention_can_still_be_read(dataset, replaced):
    now = datetime.now(UTC)
    delete_leftovers(dataset, find_leftovers(dataset, ARTICLES, RETENTION, now + RETENTION - HOUR))
    before = dataset.log(ARTICLES)
    before.load_as_version(before.version() - 1)
    assert before.to_pyarrow_table().num_rows == 3


def test_entries_of_the_log_past_their_time_go_and_the_vacuum_works_on(dataset, replaced):
    log = Path(dataset.root, "articles", "_delta_log")
    ten_days_ago = (datetime.now(UTC) - timedelta(days=10)).timestamp()
    for path in log.iterdir():
        os.utime(path, (ten_days_ago, ten_days_ago))
    for n in range(2):
        dataset.commit(ARTICLES, [article(f"https://example.org/later/{n}")])
    compact_table(dataset, ARTICLES, 10**8, NOON, dry_run=False)
    assert not list(log.glob("*0000.json")), "the first entries are gone"
    assert found(dataset, datetime.now(UTC)) == set(replaced), "they were replaced ten days ago, the others just now"
    later = datetime.now(UTC) + RETENTION + HOUR
    delete_leftovers(dataset, find_leftovers(dataset, ARTICLES, RETENTION, later))
    assert len(data_files(dataset, "articles")) == 1
    assert dataset.log(ARTICLES).to_pyarrow_table().num_rows == 5
