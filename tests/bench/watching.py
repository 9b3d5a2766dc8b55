"""A watch of a thousand runs: memory, threads and open files must not grow with their number.

The watch is a process of its own, an hour by its clock between two runs, so that every feed is due each time; the site
publishes an article every twelve, and the dataset is compacted once a day beside it, as the README asks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from tests.bench.measure import tree_rss_mb
from tests.bench.pages import ROOT
from tests.growing import page_of
from tests.servers import Site

FEEDS = 4
CYCLES = 1_000
PUBLISH_EVERY = 12
COMPACT_EVERY = 24
_EMPTY = b"<rss version='2.0'><channel></channel></rss>"
_SAMPLES = 10


def watching(scratch: Path, cycles: int = CYCLES) -> None:
    """Prints what the process holds along the way, and how much more at the end than after the first tenth."""
    samples = []
    with Site() as site:
        feed_list = scratch / "feeds.toml"
        feed_list.write_text(
            "".join(f'[[feed]]\nurl = "{site.url}/feed-{n}"\nid = "source-{n}"\nevery = "30m"\n' for n in range(FEEDS))
        )
        _publish(site, 0)
        command = [sys.executable, "-m", "tests.bench.watching", str(scratch / "news"), str(feed_list), str(cycles)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as watch:
            assert watch.stdout is not None
            for line in watch.stdout:
                told = json.loads(line)
                _publish(site, told["runs"] // PUBLISH_EVERY)
                if told["runs"] % COMPACT_EVERY == 0:
                    _compact(scratch / "news")
                if "mb" in told:
                    samples.append(told)
                    print(_line(told), flush=True)
    if watch.returncode or len(samples) < _SAMPLES:
        sys.exit(f"the watch ended with {watch.returncode} after {len(samples)} of {_SAMPLES} samples")
    first, last = samples[0], samples[-1]
    print(
        f"run {last['runs']} over run {first['runs']}: memory {last['mb'] / first['mb']:.2f}, threads"
        f" {last['threads'] - first['threads']:+d}, open files {last['files'] - first['files']:+d};"
        f" {last['articles']} articles written, every sum adds up",
        flush=True,
    )


def _line(told: dict[str, float]) -> str:
    return (
        f"run {told['runs']}: {told['mb']:.0f} MB with its workers, {told['own_mb']:.0f} MB without, {told['threads']}"
        f" threads, {told['files']} open files, {told['seconds']:.0f} s"
    )


def _publish(site: Site, number: int) -> None:
    """One more article in one of the feeds, each of which shows its last thirty."""
    site.put(f"/news/{number}", page_of(f"Report {number}", number))
    source = number % FEEDS
    shown = range(source, number + 1, FEEDS)[-30:]
    items = "".join(
        f"<item><title>Report {n}</title><link>{site.url}/news/{n}</link><guid>{n}</guid></item>" for n in shown
    )
    site.put(f"/feed-{source}", f"<rss version='2.0'><channel>{items}</channel></rss>", "application/rss+xml")
    for other in range(FEEDS):
        site.pages.setdefault(f"/feed-{other}", ("application/rss+xml", _EMPTY))


def _compact(output: Path) -> None:
    command = [sys.executable, "-m", "pipelines.cli", "compact", str(output)]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)


class _Enough(Exception):
    """Ends a watch that has no end."""


def _watch(output: Path, feed_list: Path, cycles: int) -> None:
    from pipelines.cli import quiet_libraries

    quiet_libraries()
    from pipelines.config import Config, rules_for
    from pipelines.watch import watch_here
    from schemas.tables import ARTICLES
    from transforms.clock import utc_now
    from transforms.storage.dataset import Dataset

    told = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    begun, runs = time.perf_counter(), 0

    def wait(_: float) -> None:
        nonlocal runs
        runs += 1
        full = runs % (cycles // _SAMPLES) == 0
        if full or runs % PUBLISH_EVERY == 0:
            told.write(json.dumps({"runs": runs, **(_held(begun) if full else {})}) + "\n")
        if runs == cycles:
            raise _Enough

    def _held(since: float) -> dict[str, float]:
        rows = Dataset(str(output)).arrow(ARTICLES).count_rows()
        return {
            "mb": tree_rss_mb(os.getpid()),
            "own_mb": _own_mb(),
            "threads": len(os.listdir("/proc/self/task")),
            "files": len(os.listdir("/proc/self/fd")),
            "articles": rows,
            "seconds": time.perf_counter() - since,
        }

    rules = rules_for("bench", 0.0, allow_private=True, obey_robots=True)
    config = Config(str(output), rules, clock=lambda: utc_now() + timedelta(hours=runs))
    try:
        if not watch_here(feed_list, config, [], 0.0, wait):
            sys.exit(1)
    except _Enough:
        return


def _own_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    _watch(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
