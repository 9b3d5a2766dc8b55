"""`newsbeam compact`: what it prints, that readers do not notice it, and how many files a month leaves."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from deltalake import DeltaTable

from pipelines.cli import cli
from pipelines.compact import compact_dataset
from pipelines.query import connect
from schemas.records import StoryLink
from schemas.tables import ARTICLES, FAILURES, POLLS, STORY_LINKS
from tests.factories import NOON, article, failure, poll
from transforms.clock import utc_now
from transforms.storage.dataset import Dataset
from transforms.storage.vacuum import RETENTION

ROOT = Path(__file__).resolve().parents[2]
COMPACT = [sys.executable, "-m", "pipelines.cli", "compact"]


@pytest.fixture
def dataset(tmp_path):
    made = Dataset(str(tmp_path / "news"))
    made.create(NOON)
    for n in range(3):
        made.commit(ARTICLES, [article(f"https://example.org/{n}"), article(processed_at=NOON + timedelta(minutes=n))])
    return made


def test_it_says_what_it_did_and_a_dry_run_what_it_would_do(dataset):
    lines = ["files -> 1", "2 repeated rows left out, 0 old files deleted (0 B)"]
    for options in (["--dry-run"], []):
        result = CliRunner().invoke(cli, ["compact", dataset.root, *options])
        assert result.exit_code == 0, result.output
        (told,) = [line for line in result.output.splitlines() if line.startswith("articles: 4 files")]
        assert all(part in told for part in lines)
    assert CliRunner().invoke(cli, ["compact", dataset.root]).output.startswith("articles: 1 files -> 1")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nowhere"], "is no newsbeam dataset"),
        (["nowhere", "--target-size", "big"], "write a number with MB or GB"),
        (["nowhere", "--target-size", "1kB"], "from 1MB to 1GB"),
        (["nowhere", "--retention", "soon"], "is no duration"),
        (["nowhere", "--retention", "30d"], "at most 6d"),
    ],
)
def test_wrong_use_is_exit_code_2(args, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["compact", *args])
    assert result.exit_code == 2
    assert message in result.output


def test_it_needs_no_lock(dataset):
    from pipelines.lock import only_writer

    with only_writer(dataset.root, Path(dataset.root, "_state")):
        assert CliRunner().invoke(cli, ["compact", dataset.root]).exit_code == 0


class Loop(threading.Thread):
    """Reads again and again until it is told to stop, and keeps every answer and error."""

    def __init__(self, read: Callable[[], object]) -> None:
        super().__init__()
        self._read = read
        self._over = threading.Event()
        self.first = threading.Event()
        self.answers: list[object] = []

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self.answers.append(self._read())
            except Exception as error:
                self.answers.append(error)
            self.first.set()

    def end(self) -> set[object]:
        self._over.set()
        self.join()
        return set(self.answers)


@pytest.mark.slow
def test_readers_that_loop_see_no_error_and_no_missing_row(dataset):
    for n in range(60):
        dataset.commit(ARTICLES, [article(f"https://example.org/{n}")])
    articles = f"{dataset.root}/articles"
    bare = f"SELECT count(DISTINCT row_id) FROM read_parquet('{articles}/ingest_date=*/*.parquet')"

    def count_in_views() -> int:
        with connect(dataset) as connection:
            return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])

    def count_bare() -> int:
        with duckdb.connect() as connection:
            return int(connection.execute(bare).fetchone()[0])

    def count_in_log() -> int:
        return len(set(DeltaTable(articles).to_pyarrow_table(columns=["row_id"])["row_id"].to_pylist()))

    loops = [Loop(read) for read in (count_bare, count_in_log, count_in_views)]
    for loop in loops:
        loop.start()
    for loop in loops:
        assert loop.first.wait(60)
    done = subprocess.run([*COMPACT, dataset.root], cwd=ROOT, capture_output=True, text=True, check=False)
    list(compact_dataset(dataset, 10**8, RETENTION, utc_now, dry_run=False))
    assert [loop.end() for loop in loops] == [{61}, {61}, {61}]
    assert done.returncode == 0, done.stderr
    assert "articles: 64 files -> 1" in done.stdout


@pytest.mark.slow
def test_while_old_files_go_readers_of_the_log_see_no_error_and_bare_ones_at_most_that_a_file_is_gone(dataset):
    for n in range(30):
        dataset.commit(ARTICLES, [article(f"https://example.org/{n}")])
    list(compact_dataset(dataset, 10**8, RETENTION, utc_now, dry_run=False))

    def count_in_views() -> int:
        with connect(dataset) as connection:
            return int(connection.execute("SELECT count(text) FROM articles").fetchone()[0])

    def count_in_log() -> int:
        return int(DeltaTable(f"{dataset.root}/articles").to_pyarrow_table(columns=["text"])["text"].length())

    def count_bare() -> int:
        with duckdb.connect() as connection:
            found = f"read_parquet('{dataset.root}/articles/ingest_date=*/*.parquet')"
            return int(connection.execute(f"SELECT count(DISTINCT row_id) FROM {found} WHERE text > ''").fetchone()[0])

    loops = [Loop(read) for read in (count_in_views, count_in_log, count_bare)]
    for loop in loops:
        loop.start()
    for loop in loops:
        assert loop.first.wait(60)
    (report, *_) = compact_dataset(dataset, 10**8, RETENTION, lambda: utc_now() + 2 * RETENTION, dry_run=False)
    assert report.vacuumed == 34
    in_views, in_log, bare = [loop.end() for loop in loops]
    assert in_views == in_log == {31}
    assert {type(answer) for answer in bare - {31}} <= {duckdb.IOException}, "it lists the folder again, and reads"
    assert count_bare() == 31


@pytest.mark.slow
def test_a_month_of_every_table_every_day_is_at_most_a_hundred_files(tmp_path):
    dataset = Dataset(str(tmp_path / "news"))
    dataset.create(NOON)
    for hour in range(0, 30 * 24, 8):
        now = NOON + timedelta(hours=hour)
        dataset.commit(ARTICLES, [article(f"https://example.org/{hour}", fetched_at=now)])
        dataset.commit(POLLS, [poll(poll_id=str(hour), polled_at=now)])
        dataset.commit(FAILURES, [failure(str(hour), failed_at=now)])
        dataset.commit(STORY_LINKS, [StoryLink(str(hour), "s", "e", now)])
    list(compact_dataset(dataset, 10**8, RETENTION, utc_now, dry_run=False))
    list(compact_dataset(dataset, 10**8, RETENTION, lambda: utc_now() + 2 * RETENTION, dry_run=False))
    files = sorted(Path(dataset.root).glob("*/ingest_date=*/*.parquet"))
    assert len(files) <= 100
    with connect(dataset) as connection:
        for table in ("articles", "polls", "failures", "story_links"):
            assert connection.execute(f"SELECT count(*), count(DISTINCT ingest_date) FROM {table}").fetchone() == (
                90,
                31,
            )
