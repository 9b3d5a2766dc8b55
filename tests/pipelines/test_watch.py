"""`watch`: on this machine one bounded run after another, on Prism one unbounded job, both as a user starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.demo_server import DemoSite
from pipelines.watch import watch_here
from tests.factories import NOON
from tests.pipelines.runs import config_for, rows
from tests.streams import moved_clock, set_clock

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 180.0


class Enough(Exception):
    """Ends a loop that has no end."""


def wait_until(reached: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not reached():
        assert running.poll() is None, f"ended by itself with {running.returncode}"
        assert time.monotonic() < end, f"not reached in {PATIENCE_S} s"
        time.sleep(0.5)


@contextmanager
def watching(feed_list: Path, output: Path, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process group of its own, as a terminal starts it."""
    command = [sys.executable, "-m", "pipelines.cli", "watch", f"--feeds={feed_list}", f"--output={output}"]
    process = subprocess.Popen(
        [*command, "--every=1s", "--allow-private", "--spacing=0", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def articles(output: Path) -> object:
    return (
        rows(output, "SELECT count(*) FROM articles")[0][0] if (output / "story_links" / "_delta_log").exists() else 0
    )


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite() as served:
        yield served


def listed(site: DemoSite, path: Path) -> Path:
    path.write_text("\n".join(site.feed_urls) + "\n")
    return path


@pytest.mark.slow
def test_an_edited_feed_list_counts_from_the_next_run_and_a_bad_one_does_not(site, tmp_path, capsys):
    feeds = tmp_path / "feeds.txt"
    feeds.write_text(site.feed_urls[0] + "\n")
    edits = ["not an address\n", "\n".join(site.feed_urls) + "\n"]
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if not edits:
            raise Enough
        feeds.write_text(edits.pop(0))
        set_clock(moved_clock() + timedelta(minutes=5))

    set_clock(NOON)
    config = replace(config_for(tmp_path / "out"), clock=moved_clock)
    with pytest.raises(Enough):
        watch_here(feeds, config, [], 300.0, wait)
    assert waits == [300.0] * 3
    polled = rows(tmp_path / "out", "SELECT feed_url, min(polled_at) FROM polls GROUP BY ALL ORDER BY 2")
    assert polled == [(site.feed_urls[0], NOON), (site.feed_urls[1], NOON + timedelta(minutes=10))]
    told = capsys.readouterr()
    assert "feeds.txt:1" in told.err
    assert told.out.count("Z seen ") == 3


@pytest.mark.slow
def test_ctrl_c_ends_it_with_130_and_leaves_a_whole_dataset(site, tmp_path):
    with watching(listed(site, tmp_path / "feeds.txt"), tmp_path / "out") as process:
        wait_until(lambda: articles(tmp_path / "out") == 9, process)
        os.killpg(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"nothing is lost" in told
    assert b"Traceback" not in told


@pytest.mark.slow
def test_on_prism_it_is_one_unbounded_job_that_holds_the_lock(prism, site, tmp_path):
    feeds = listed(site, tmp_path / "feeds.txt")
    more = ("--runner=PrismRunner", f"--prism_location={prism}", "--environment_type=LOOPBACK", "--shards=2")
    with watching(feeds, tmp_path / "out", *more) as process:
        wait_until(lambda: articles(tmp_path / "out") == 9, process)
        second = CliRunner().invoke(cli, ["ingest", "--feeds", str(feeds), "--output", str(tmp_path / "out")])
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert second.exit_code == 4
    assert process.returncode == 130


def test_documents_are_refused_with_the_command_that_takes_them(tmp_path):
    feeds = tmp_path / "feeds.txt"
    feeds.write_text("https://example.org/feed\n")
    result = CliRunner().invoke(cli, ["watch", "--feeds", str(feeds), "--output", str(tmp_path / "out"), "a.txt"])
    assert result.exit_code == 2
    assert "newsbeam ingest --documents" in result.output
