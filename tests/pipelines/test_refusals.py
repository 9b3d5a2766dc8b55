"""A disk that is full and a folder that may not be written: what `newsbeam ingest` says, and that nothing is lost."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.exits import refusal_in
from schemas.tables import ARTICLES
from tests.conftest import ROOT
from tests.factories import NOON, article
from tests.pipelines.runs import rows
from transforms.storage.dataset import CannotWrite, Dataset

NOBODY = 65534


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for n in range(6):
        text = " ".join(f"Gauge {n}-{i} on the river stood at {i * 37 % 101} cm." for i in range(300))
        (folder / f"{n}.txt").write_text(f"Report {n}\n\n{text}")
    return folder


def ingest(documents: Path, output: Path, before: Callable[[], None] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipelines.cli", "ingest", "--documents", str(documents), "--output", str(output)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=before)


def no_file_over(size: int) -> Callable[[], None]:
    """A disk with room for `size` bytes per file: the system refuses what is more, as a full disk does."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def assert_all_stand_after(output: Path, again: subprocess.CompletedProcess[str]) -> None:
    assert again.returncode == 0, again.stderr
    assert "seen 6 = written 6 " in again.stdout
    assert rows(output, "SELECT count(*), count(DISTINCT url) FROM articles") == [(6, 6)]
    assert [path for path in output.rglob("*") if path.suffix == ".tmp"] == []


@pytest.mark.slow
def test_a_full_disk_is_told_and_the_next_run_has_everything(documents, tmp_path):
    output = tmp_path / "news"
    refused = ingest(documents, output, no_file_over(30_000))
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert "cannot write" in refused.stderr or "cannot be written" in refused.stderr, refused.stderr
    assert_all_stand_after(output, ingest(documents, output))


@pytest.mark.slow
def test_where_the_rows_have_room_no_page_fails_for_a_file_of_its_own(documents, tmp_path):
    assert_all_stand_after(tmp_path / "news", ingest(documents, tmp_path / "news", no_file_over(1_000_000)))


@contextmanager
def without_rights(folder: Path) -> Iterator[None]:
    """The folder may be read and not written; the superuser, whom no mode stops, becomes somebody else for the time."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
    else:
        folder.chmod(0o500)
    try:
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        else:
            folder.chmod(0o700)


def test_a_table_that_may_not_be_written_is_told_and_the_same_rows_come_in_later(tmp_path):
    dataset = Dataset(str(tmp_path / "news"))
    dataset.create(NOON)
    dataset.commit(ARTICLES, [article("https://example.org/0")])
    (partition,) = (tmp_path / "news" / "articles").glob("ingest_date=*")
    written = [article("https://example.org/1")]
    with without_rights(partition), pytest.raises(CannotWrite, match=r"Permission denied.* Nothing is lost"):
        dataset.commit(ARTICLES, written)
    dataset.commit(ARTICLES, written)
    assert rows(tmp_path / "news", "SELECT count(*), count(DISTINCT url) FROM articles") == [(2, 2)]


def test_what_a_runner_makes_of_a_refusal_is_still_told_in_one_line():
    told = "/news/articles cannot be written: disk full. Nothing is lost: start again."
    trace = f"Traceback (most recent call last):\n  File x, line 1\ntransforms.storage.dataset.CannotWrite: {told}"
    assert refusal_in(CannotWrite(told)) == told
    assert refusal_in(RuntimeError(f"{trace} [while running 'CommitSlice/Commit']\n")) == told
    assert "the ledger in _state/" in (
        refusal_in(RuntimeError("sqlite3.OperationalError: database or disk is full")) or ""
    )
    assert refusal_in(RuntimeError("sqlite3.OperationalError: no such table: feeds")) is None
    assert refusal_in(ValueError("another error")) is None
