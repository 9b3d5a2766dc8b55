"""Polling: what parsing costs beside feedparser's defaults, and how a day of it goes on an invented clock."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from schemas.records import Feed, FeedEntry, Problem
from tests.bench.measure import processor_seconds
from tests.bench.pages import bench_dir
from transforms.feeds.parse import parse_feed
from transforms.feeds.poll import poll_request
from transforms.feeds.shard import FeedMemory, absorb, recall, step
from transforms.web.messages import Request, Response
from transforms.web.politeness import Lane

ROUNDS = 5
FEEDS = 40
SPACING_S = 5.0
DAY = timedelta(days=1)
BEGIN = datetime(2026, 11, 16, tzinfo=UTC)


def parsing() -> None:
    """Processor time of our parser and of feedparser's defaults on the same real feeds, in turns."""
    import feedparser

    bodies = [path.read_bytes() for path in sorted((bench_dir() / "feeds" / "news20").iterdir())]
    size = sum(map(len, bodies)) / 2**20
    feed = Feed("https://news.example/feed", "news.example")

    def ours() -> None:
        assert not any(isinstance(parse_feed(b, feed=feed, base_url=feed.url, headers={}), Problem) for b in bodies)

    ratios = []
    for number in range(1, ROUNDS + 1):
        theirs_s, ours_s = _processor(lambda: [feedparser.parse(body) for body in bodies]), _processor(ours)
        ratios.append(ours_s / theirs_s)
        print(
            f"round {number}: {len(bodies)} real feeds, {size:.1f} MiB: ours {ours_s:.2f} s,"
            f" feedparser by default {theirs_s:.2f} s, ratio {ratios[-1]:.2f}"
        )
    print(f"parsing / feedparser's default, median of {ROUNDS}: {statistics.median(ratios):.2f} (asked: 0.35 or less)")


def _processor(work: Callable[[], object]) -> float:
    begin = processor_seconds()
    work()
    return processor_seconds() - begin


@dataclass
class _Site:
    """A publisher that is only thought: when its items come, and what it answers at a moment.

    Attributes:
        published: Times of its items, in their order.
        shown: Items in its feed.
        tags: Whether it gives ETags and answers 304.
        max_age_s: What its Cache-Control says; None for nothing.
    """

    feed: Feed
    published: list[datetime]
    shown: int
    tags: bool
    max_age_s: int | None
    asked: list[tuple[datetime, int]] = field(default_factory=list)

    def answer(self, request: Request, now: datetime) -> Response:
        out = [n for n, moment in enumerate(self.published) if moment <= now][-self.shown :]
        items = "".join(self._item(n) for n in reversed(out))
        body = f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>".encode()
        tag = f'"{sha256(body).hexdigest()[:12]}"'
        given = {"content-type": "application/rss+xml", "date": format_datetime(now, usegmt=True)}
        if self.tags:
            given["etag"] = tag
        if self.max_age_s is not None:
            given["cache-control"] = f"max-age={self.max_age_s}"
        known = self.tags and dict(request.headers).get("If-None-Match") == tag
        self.asked.append((now, 304 if known else 200))
        return Response(request.url, request.url, 304 if known else 200, given, b"" if known else body, now, 400)

    def _item(self, number: int) -> str:
        link = f"{self.feed.url}/{number}"
        dated = format_datetime(self.published[number], usegmt=True)
        named = f"<title>Report {number}</title><link>{link}</link><guid>{link}</guid>"
        return f"<item>{named}<pubDate>{dated}</pubDate></item>"


@dataclass(frozen=True)
class _Written:
    source: str
    published: datetime
    waited_s: float
    at: datetime


def simulated_day() -> None:
    """A day of `watch --every 5m` over invented feeds, after a day in which it learns their rhythm.

    Polls, their decisions and the turns of the hosts are the product's own; requests take no time but on the clock:
    0.4 s for a feed, 0.6 s for a page, 50 ms of processor for a page, 1 s for the commit of a slice.
    """
    sites = _sites(random.Random(7))
    written = _run(sites, BEGIN, BEGIN + 2 * DAY + timedelta(hours=12))
    span = (BEGIN + DAY, BEGIN + 2 * DAY)
    published = sum(span[0] <= moment < span[1] for site in sites for moment in site.published)
    rows = [row for row in written if span[0] <= row.published < span[1]]
    asked = [[code for at, code in site.asked if span[0] <= at < span[1]] for site in sites]
    counts = sorted(len(codes) for codes in asked)
    whole = sum(codes.count(200) for codes in asked)
    print(
        f"simulated day, {FEEDS} feeds: {sum(counts)} requests for feeds, {counts[0]} to {counts[-1]} a feed, median"
        f" {statistics.median(counts):.0f}; {whole} answered with a body, {sum(counts) - whole} with 304"
    )
    print(f"new items: {published} published, {len(rows)} written")
    busy = {site.feed.source for site in sites if sum(span[0] <= m < span[1] for m in site.published) >= 24}
    for name, some in (
        ("all feeds", rows),
        ("feeds with 24 items or more that day", [r for r in rows if r.source in busy]),
    ):
        delays = sorted((row.at - row.published).total_seconds() / 60 for row in some)
        waits = sorted(row.waited_s for row in some)
        print(
            f"{name}: from published to written, median {statistics.median(delays):.0f} min,"
            f" p95 {_p95(delays):.0f} min; of it waits for a turn at the host, p95 {_p95(waits):.0f} s"
        )


def _p95(values: list[float]) -> float:
    return values[math.ceil(0.95 * len(values)) - 1]


def _sites(choice: random.Random) -> list[_Site]:
    """From two items a day to a hundred, more by day than by night; most give ETags, every second a max-age."""
    sites = []
    for number in range(FEEDS):
        per_day = 2 * 50 ** (number / (FEEDS - 1))
        published, moment = [], BEGIN - DAY
        while moment < BEGIN + 3 * DAY:
            moment += timedelta(days=choice.expovariate(1.6 * per_day))
            if choice.random() < (1.0 if 6 <= moment.hour < 18 else 0.25):
                published.append(moment)
        max_age = choice.choice((300, 900, 1_800)) if number % 2 else None
        feed = Feed(f"https://news{number}.example/feed", f"news{number}.example")
        sites.append(_Site(feed, published, choice.choice((20, 30, 50)), number % 4 != 0, max_age))
    return sites


def _run(sites: list[_Site], now: datetime, end: datetime) -> list[_Written]:
    by_url = {site.feed.url: site for site in sites}
    memory: dict[str, FeedMemory] = {}
    lanes = {site.feed.source: Lane(SPACING_S) for site in sites}
    seen: set[str] = set()
    written: list[_Written] = []
    while now < end:
        began = now
        entries: list[FeedEntry] = []
        for feed in step(memory, [site.feed for site in sites], now, budget_s=60.0).ask:
            known = recall(memory, feed, now)
            at = _turn(lanes[feed.source], began, 0.4)
            polled = absorb(feed, known, by_url[feed.url].answer(poll_request(known.state), at), at)
            memory[feed.url] = polled.memory
            entries += [entry for entry in polled.entries if entry.key not in seen]
            seen |= {entry.key for entry in polled.entries}
            now = max(now, at)
        while entries:
            now, entries = _slice(entries, lanes, now, written)
        now = max(now, began + timedelta(minutes=5))
    return written


def _slice(
    entries: list[FeedEntry], lanes: dict[str, Lane], now: datetime, written: list[_Written]
) -> tuple[datetime, list[FeedEntry]]:
    """One slice: each host in its turn, at most 60 s; all rows are written at its end."""
    fetched, later = [], []
    for entry in entries:
        lane = lanes[entry.source]
        if max(now, lane.earliest()) > now + timedelta(seconds=60):
            later.append(entry)
            continue
        ready = _turn(lane, now, 0.6)
        fetched.append((entry, (ready - now).total_seconds() - 0.6))
    last = max((now + timedelta(seconds=waited + 0.6) for _, waited in fetched), default=now)
    end = last + timedelta(seconds=1.0 + 0.05 * len(fetched))
    written += [_Written(entry.source, entry.published_at or end, waited, end) for entry, waited in fetched]
    return end, later


def _turn(lane: Lane, now: datetime, takes_s: float) -> datetime:
    """When an answer is complete that is asked for as soon as the host's spacing lets it."""
    start = max(now, lane.earliest())
    lane.started(start)
    done = start + timedelta(seconds=takes_s)
    lane.answered(elapsed_s=takes_s, now=done)
    return done


def polling(_: Path) -> None:
    parsing()
    simulated_day()
