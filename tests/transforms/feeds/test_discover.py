"""Finding a site's feeds, and news sitemaps read as feeds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.cli import cli
from schemas.outcomes import Reason
from schemas.records import Feed, Problem
from tests.transforms.web.server import Site, answer
from transforms.feeds.discover import FoundFeed, feeds_named_in, sitemaps_named_in
from transforms.feeds.entries import ParsedFeed
from transforms.feeds.parse import parse_feed

URL = "https://news.example/"
SITEMAP = (
    b"<?xml version='1.0' encoding='UTF-8'?>\n<!-- made daily --><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    b" xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>%s</urlset>"
)
ENTRY = (
    b"<url><loc> https://news.example/1 </loc><n:news><n:publication><n:name>N</n:name><n:language>tg</n:language>"
    b"</n:publication><n:publication_date>2026-11-22T06:00:00+05:00</n:publication_date><n:title>One</n:title></n:news></url>"
)
PLAIN = b"<url><loc>https://news.example/about</loc></url>"


def read(body: bytes) -> ParsedFeed | Problem:
    return parse_feed(body, feed=Feed("https://news.example/sitemap.xml", "n"), base_url=URL, headers={})


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (
            "<link rel='alternate' type='application/rss+xml; charset=utf-8' href='/rss' title=' All  news '>",
            [FoundFeed(URL + "rss", "rss", "All news")],
        ),
        ("<link rel=alternate type=application/atom+xml href=/a><a href=/a>x</a>", [FoundFeed(URL + "a", "atom")]),
        ("<base href='https://cdn.example/x/'><link rel=feed type=application/feed+json href=f.json>",
         [FoundFeed("https://cdn.example/x/f.json", "json")]),
        ("<a href=/world/feed/>World</a><a href=/feedback>x</a>", [FoundFeed(URL + "world/feed/", "link", "World")]),
        ("<a href='/rss.xml'>RSS</a>", [FoundFeed(URL + "rss.xml", "link", "RSS")]),
        ("<link rel=stylesheet href=/feed.css><link rel=alternate hreflang=ru href=/ru/>", []),
        ("<a href='/sitemap-news.xml'>Map</a>", [FoundFeed(URL + "sitemap-news.xml", "sitemap", "Map")]),
        ("<a href='javascript:void(0)'>rss</a>", []),
    ],
)  # fmt: skip
def test_what_a_page_names(markup: str, expected: list[FoundFeed]) -> None:
    assert list(feeds_named_in(f"<html><head>{markup}</head></html>".encode(), URL)) == expected


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_page(body: bytes) -> None:
    assert isinstance(feeds_named_in(body, URL), tuple)
    assert isinstance(sitemaps_named_in(body, URL), tuple)


def test_robots_names_sitemaps_those_of_news_first() -> None:
    robots = b"User-agent: *\nSitemap: https://news.example/pages.xml\nsitemap:/news.xml\n"
    assert [found.url for found in sitemaps_named_in(robots, URL)] == [URL + "news.xml", URL + "pages.xml"]


def test_a_news_sitemap_is_a_feed() -> None:
    parsed = read(SITEMAP % (ENTRY + PLAIN))
    assert isinstance(parsed, ParsedFeed)
    assert (parsed.kind, parsed.bozo, len(parsed.entries)) == ("sitemap", None, 1)
    entry = parsed.entries[0]
    assert (entry.url, entry.title, entry.language) == ("https://news.example/1", "One", "tg")
    assert (entry.published_at, entry.published_offset_min) == (datetime(2026, 11, 22, 1, tzinfo=UTC), 300)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (SITEMAP % PLAIN, Reason.NOT_A_FEED),
        (b"<!-- x -->" * 5_000 + b"<nothing/>", Reason.NOT_A_FEED),
        (b"<!DOCTYPE u [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" + SITEMAP % ENTRY, None),
    ],
)
def test_other_sitemaps_are_refused(body: bytes, reason: Reason | None) -> None:
    parsed = read(body)
    assert isinstance(parsed, Problem)
    assert reason is None or parsed.reason is reason


def test_feeds_find_shows_what_a_site_has() -> None:
    with Site() as site:
        site.routes |= {
            "/": answer(200, b"<html><head><link rel=alternate type=application/rss+xml href=/rss></head></html>"),
            "/robots.txt": answer(200, f"Sitemap: {site.url('/news.xml')}\n".encode()),
            "/rss": answer(
                200, b"<rss version='2.0'><channel><item><title>a</title><link>/a</link></item></channel></rss>"
            ),
            "/news.xml": answer(200, SITEMAP % ENTRY),
        }
        told = CliRunner().invoke(cli, ["feeds", "find", site.url("/"), "--allow-private", "--spacing=0"])
        assert told.exit_code == 0, told.output
        assert "2 of 2 feeds can be used" in told.output
        nothing = CliRunner().invoke(cli, ["feeds", "find", site.url("/nowhere"), "--allow-private", "--spacing=0"])
    assert nothing.exit_code == 3
    assert "404" in nothing.output
