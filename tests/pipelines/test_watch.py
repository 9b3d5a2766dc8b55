"""`watch`: on this machine one bounded run after another, on Prism one unbounded job, both as a user starts them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.demo_server import DemoSite
from pipelines.status import read_status
from pipelines.watch import watch_here
from tests.factories import NOON
from tests.pipelines.runs import config_for, rows
from tests.pipelines.test_ingest import page, rss
from tests.servers import Site
from tests.streams import moved_clock, set_clock
from transforms.pool import PoolRules
from transforms.storage.dataset import Dataset

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


def week_of_news(site: Site, days: int) -> None:
    """A feed and a news sitemap, each with an article more every day."""
    numbers = range(days + 1)
    links = {n: [site.put(f"/{kind}-{n}", page(f"{kind} {n}")) for kind in ("rss", "map")] for n in numbers}
    site.put("/feed", rss(*((f"rss {n}", links[n][0]) for n in numbers)), "application/rss+xml")
    shown = "".join(
        f"<url><loc>{links[n][1]}</loc><n:news><n:publication_date>2026-09-14</n:publication_date>"
        f"<n:title>map {n}</n:title></n:news></url>"
        for n in numbers
    )
    spaces = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    )
    site.put("/news.xml", f"<urlset {spaces}>{shown}</urlset>", "application/xml")


@pytest.mark.slow
def test_a_week_of_watch_in_seconds(tmp_path):
    """Every six hours by the clock; the archive keeps three days."""
    every, output, feeds = timedelta(hours=6), tmp_path / "out", tmp_path / "feeds.txt"
    runs: list[float] = []

    def wait(seconds: float) -> None:
        runs.append(seconds)
        if len(runs) * every >= timedelta(days=7):
            raise Enough
        set_clock(NOON + len(runs) * every)
        week_of_news(site, len(runs) // 4)

    set_clock(NOON)
    with Site() as site:
        week_of_news(site, 0)
        feeds.write_text(f"{site.url}/feed\n{site.url}/news.xml\n")
        config = replace(config_for(output), clock=moved_clock, archive_keep=timedelta(days=3), pool=PoolRules(0))
        with pytest.raises(Enough):
            watch_here(feeds, config, [], every.total_seconds(), wait)
    assert runs == [every.total_seconds()] * 28
    asked = Counter(site.asked_pages())
    polls = {path: asked.pop(path) for path in ("/feed", "/news.xml")}
    assert set(asked.values()) == {1}, "no page is asked for twice"
    assert len(asked) == 14
    assert all(7 <= count <= 28 for count in polls.values())
    assert rows(output, "SELECT count(*), count(DISTINCT url), count(DISTINCT ingest_date) FROM articles") == [
        (14, 14, 7)
    ]
    assert rows(output, "SELECT count(*) FROM polls WHERE polled_at < due_at OR outcome = 'failed'") == [(0,)]
    status = read_status(Dataset(str(output)), moved_clock(), "UTC")
    assert status.adds_up
    assert not any(feed.silent for feed in status.feeds)
    days = sorted(folder.name for folder in (output / "_archive").iterdir())
    assert days == [f"{NOON + timedelta(days=n):%Y-%m-%d}" for n in range(4, 8)]


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
