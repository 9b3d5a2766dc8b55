"""What is fuzzed: doors through which strangers' bytes come. Each takes any bytes and must not raise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from schemas.records import Feed, FeedEntry, Page, Problem
from transforms.articles.canonical import canonical_of, canonicalise
from transforms.articles.dates import parse_date
from transforms.articles.extract import extract_page
from transforms.articles.variants import link_identity
from transforms.articles.worded import parse_worded
from transforms.feeds.cadence import publisher_hints
from transforms.feeds.dates import read_date
from transforms.feeds.parse import ParsedFeed, parse_feed
from transforms.pages.arrival import led_astray
from transforms.pages.page import charset_of, media_type_of
from transforms.web.addresses import parse_url
from transforms.web.body import BodyBroken, BodyDecoder, BodyTooLarge
from transforms.web.robots import rules_from_answer
from transforms.web.status import challenge_problem, http_date, retry_after_s, status_problem

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
URL = "https://valley.example/news/ferries"
FEED = Feed("https://valley.example/feed", "valley.example")
MAX_BYTES = 1_000_000
HEADERS = (
    "retry-after", "cache-control", "expires", "age", "date", "etag", "last-modified", "content-type", "cf-mitigated",
    "x-datadome", "x-amzn-waf-action", "content-language",
)  # fmt: skip


def feed(data: bytes) -> None:
    parsed = parse_feed(data, feed=FEED, base_url=FEED.url, headers={"content-type": "text/xml"})
    if isinstance(parsed, ParsedFeed):
        assert len({entry.key for entry in parsed.entries}) == len(parsed.entries)
        for entry in parsed.entries:
            assert entry.published_at is None or entry.published_at.utcoffset() is not None


def url(data: bytes) -> None:
    text = _text(data)
    parse_url(text, max_length=8192)
    link_identity(text)
    led_astray(URL, text)
    led_astray(text, URL)
    assert canonical_of(URL, text)
    canonical = canonicalise(text)
    assert canonical is None or canonicalise(canonical) == canonical, canonical


def robots(data: bytes) -> None:
    rules = rules_from_answer("https://valley.example", 200, data, NOW)
    rules.refusal(URL, "newsbeam/1")
    asked = parse_url(f"https://valley.example/{_text(data[:80])}", max_length=8192)
    if not isinstance(asked, Problem):
        rules.refusal(str(asked), "newsbeam/1")
    delay = rules.crawl_delay_s("newsbeam/1")
    assert delay is None or isinstance(delay, float)


def headers(data: bytes) -> None:
    lines = _text(data).split("\n")
    given = {name: line for name, line in zip(HEADERS, lines, strict=False) if line}
    seconds = retry_after_s(given, NOW)
    assert seconds is None or seconds >= 0
    for name, hint in publisher_hints(given, NOW, ttl_s=None).items():
        assert hint == hint, name
    for line in lines:
        moment = http_date(line)
        assert moment is None or moment.tzinfo is UTC
    challenge_problem(URL, given)
    charset_of(given)
    media_type_of(given, data)
    for status in (200, 304, 403, 429, 503):
        status_problem(URL, status, given)


def body(data: bytes) -> None:
    for encoding in ("gzip", "deflate", "br", ""):
        decoder = BodyDecoder(encoding, MAX_BYTES)
        try:
            for start in range(0, len(data), 64):
                decoder.feed(data[start : start + 64])
            assert len(decoder.finish()) <= MAX_BYTES
        except (BodyBroken, BodyTooLarge):
            continue


def page(data: bytes) -> None:
    entry = FeedEntry("k", "valley.example", URL, FEED.url)
    extract_page(Page(entry, URL, data, "text/html", None, 200, NOW))


def dates(data: bytes) -> None:
    text = _text(data)
    for moment in (parse_date(text, latest=NOW), parse_worded(text, language=None, latest=NOW)):
        assert moment is None or moment.day is None or isinstance(moment.day, date)
    read_date(text)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape") if data[:1] != b"\0" else data.decode("utf-16", "replace")


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target for target in (feed, url, robots, headers, body, page, dates)
}
