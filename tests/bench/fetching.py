"""Pages of many slow hosts: our fetcher beside a bare loop of the HTTP library that it uses.

Both have the same limits: so many requests at once in all, so many to one host. Ours also asks each host for its
robots.txt, checks addresses, keeps each host's turn, caps and decodes bodies; nothing is spaced.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import processor_seconds
from tests.bench.pages import ROOT
from tests.bench.slow_sites import slow_sites

HOSTS, DELAY_MS = 100, 150
PAGES, MANY_PAGES = 2_000, 8_000
ROUNDS = 5
CONNECTIONS, PER_HOST = 64, 1


def fetching(_: Path) -> None:
    """Ratio of ours to the bare loop, round by round, and memory for few pages and for many."""
    with slow_sites(HOSTS, DELAY_MS) as bases:
        ratios = [_round(number, bases) for number in range(1, ROUNDS + 1)]
        print(f"fetcher / bare loop, median of {ROUNDS}: {statistics.median(ratios):.2f} (asked: 0.9 or more)")
        few, many = (_run("ours", count, bases).peak_mb for count in (PAGES, MANY_PAGES))
        print(f"fetcher, peak memory: {PAGES} pages {few:.0f} MB, {MANY_PAGES} pages {many:.0f} MB, {many / few:.2f}")


def _round(number: int, bases: Sequence[str]) -> float:
    bare, ours = _run("bare", PAGES, bases), _run("ours", PAGES, bases)
    ratio = bare.seconds / ours.seconds
    print(
        f"round {number}: {PAGES} pages of {HOSTS} hosts, {DELAY_MS} ms each: fetcher {ours}, bare loop {bare};"
        f" ratio {ratio:.2f}",
        flush=True,
    )
    return ratio


@dataclass(frozen=True)
class _Run:
    count: int
    seconds: float
    peak_mb: float
    processor_s: float

    def __str__(self) -> str:
        return (
            f"{self.count / self.seconds:.0f} pages/s ({1000 * self.processor_s / self.count:.1f} ms of processor each)"
        )


def _run(how: str, count: int, bases: Sequence[str]) -> _Run:
    """One way, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.fetching", how, str(count), *bases]
    told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    return _Run(count, *json.loads(told))


def _bare() -> Callable[[Sequence[str]], int]:
    import aiohttp

    # aiohttp's own limit per host wakes the waiters of full hosts in vain, so each host has a gate before the pool.
    gates: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(PER_HOST))

    async def ask(session: aiohttp.ClientSession, pool: asyncio.Semaphore, url: str) -> int:
        async with gates[url.rpartition("/news/")[0]], pool, session.get(url) as response:
            return len(await response.read())

    async def ask_all(urls: Sequence[str]) -> int:
        pool = asyncio.Semaphore(CONNECTIONS)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
            return sum(map(bool, await asyncio.gather(*(ask(session, pool, url) for url in urls))))

    return lambda urls: asyncio.run(ask_all(urls))


def _ours() -> Callable[[Sequence[str]], int]:
    """The DoFn of the local graph, driven as a runner drives it; what it gives out is let go at once."""
    from pipelines.cli import quiet_libraries

    quiet_libraries()
    from apache_beam.transforms.window import GlobalWindow
    from apache_beam.utils.timestamp import Timestamp

    from schemas.records import FeedEntry
    from transforms.clock import utc_now
    from transforms.pages.wiring import FetchPages
    from transforms.web.client import Client
    from transforms.web.messages import FetchRules

    rules = FetchRules("bench/1", allow_private=True, spacing_s=0.0, connections=CONNECTIONS, per_domain=PER_HOST)
    fetch = FetchPages(rules, utc_now, 600.0).fetch
    Client(rules, utc_now).close()

    def fetch_all(urls: Sequence[str]) -> int:
        fetch.start_bundle()
        entries = (FeedEntry(key=str(n), source="bench", url=url, feed_url=url) for n, url in enumerate(urls))
        pages = sum(1 for entry in entries for _ in fetch.process(entry, GlobalWindow(), Timestamp(0)))
        return pages + sum(1 for _ in fetch.finish_bundle())

    return fetch_all


def _main(how: str, count: int, bases: Sequence[str]) -> None:
    # In turns, as the ledger hands out what waits.
    urls = [f"{bases[n % len(bases)]}/news/{n}" for n in range(count)]
    fetch = {"bare": _bare, "ours": _ours}[how]()
    begin, cpu = time.perf_counter(), processor_seconds()
    got = fetch(urls)
    seconds = time.perf_counter() - begin
    if got != count:
        sys.exit(f"{how}: {got} of {count} pages")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([seconds, peak, processor_seconds() - cpu]))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
