"""check_feed against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from schemas.outcomes import Reason
from schemas.records import Feed
from tests.transforms.web.server import Site, answer, redirect
from transforms.feeds.check import FeedCheck, check_feed
from transforms.web.client import Client, FetchRules

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


def check(url: str, *, obey_robots: bool = True) -> FeedCheck:
    rules = FetchRules(user_agent="testbot/1.0", allow_private=True, spacing_s=0.0, obey_robots=obey_robots)
    with Client(rules, lambda: NOW) as client:
        return check_feed(Feed(url, "example"), client, lambda: NOW)


def feed_of(*texts: str) -> bytes:
    items = "".join(
        f"<item><link>/page{n}</link><description>{text}</description>"
        f"<pubDate>{n + 1} Nov 2026 08:00:00 GMT</pubDate></item>"
        for n, text in enumerate(texts)
    )
    head = "<title>News</title><language>ru</language>"
    return f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


def test_a_teaser_feed(site: Site) -> None:
    site.routes["/feed"] = answer(200, feed_of("short", "shorter"), {"ETag": '"1"'})
    result = check(site.url("/feed"))
    assert (result.problem, result.status, result.kind, result.title) == (None, 200, "rss", "News")
    assert (result.entries, result.full_text, result.median_characters) == (2, False, 6)
    assert (result.language, result.conditional) == ("ru", True)
    assert result.newest_at == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert (result.page_url, result.page_problem) == (site.url("/page0"), None)
    assert site.paths() == ["/feed", "/robots.txt"]


def test_a_full_text_feed_behind_a_redirect(site: Site) -> None:
    site.routes |= {"/old": redirect("/feed", 301), "/feed": answer(200, feed_of("long text " * 200))}
    result = check(site.url("/old"))
    assert (result.full_text, result.final_url, result.moved_to) == (True, site.url("/feed"), site.url("/feed"))


def test_robots_verdict(site: Site) -> None:
    site.routes["/feed"] = answer(200, feed_of("x"))
    site.routes["/robots.txt"] = answer(200, b"User-agent: *\nDisallow: /page")
    result = check(site.url("/feed"))
    assert result.page_problem is not None
    assert result.page_problem.reason is Reason.ROBOTS_DENIED
    assert check(site.url("/feed"), obey_robots=False).page_problem is None


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, b"", Reason.NOT_FOUND),
        (200, b"<!doctype html><html><body>Home</body></html>", Reason.NOT_A_FEED),
        (200, b"", Reason.EMPTY),
    ],
)
def test_what_cannot_be_used(site: Site, status: int, body: bytes, reason: Reason) -> None:
    site.routes["/feed"] = answer(status, body)
    result = check(site.url("/feed"))
    assert result.problem is not None
    assert (result.problem.reason, result.status) == (reason, status)


def test_an_unreachable_feed() -> None:
    result = check("http://127.0.0.1:1/feed")
    assert result.problem is not None
    assert result.problem.reason is Reason.CONNECT


def test_an_empty_feed_is_neither_full_nor_teaser(site: Site) -> None:
    site.routes["/feed"] = answer(200, feed_of())
    result = check(site.url("/feed"))
    assert (result.problem, result.entries, result.full_text, result.page_url) == (None, 0, None, None)


def test_a_host_that_wants_a_long_pause_is_reported(site: Site) -> None:
    site.routes |= {"/busy": answer(429, headers={"Retry-After": "7200"}), "/feed": answer(200, feed_of("x"))}
    rules = FetchRules(user_agent="testbot/1.0", allow_private=True, spacing_s=0.0)
    with Client(rules, lambda: NOW) as client:
        first, second = (
            check_feed(Feed(site.url(path), "example"), client, lambda: NOW) for path in ("/busy", "/feed")
        )
    assert first.problem is not None
    assert second.problem is not None
    assert (first.problem.reason, second.problem.reason) == (Reason.RATE_LIMITED, Reason.RATE_LIMITED)
    assert "2026-11-22 10:00 UTC" in second.problem.message
    assert site.paths() == ["/busy"]
