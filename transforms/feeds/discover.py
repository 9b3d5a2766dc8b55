"""Which feeds and sitemaps a page names, for a person who has a site but no feed. Nothing is followed by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import lxml.html
from lxml.etree import ParserError

from transforms.feeds.entries import absolute_link

_MEDIA_TYPES: Final = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/rdf+xml": "rdf",
    "application/feed+json": "json",
}
_FEED_PATH: Final = re.compile(
    r"(?:^|[/._-])(?:rss\d?|feeds?|atom)(?:\.(?:xml|rdf|php|aspx?|json))?/?(?:\?|$)|\.(?:rss|atom|rdf)$", re.IGNORECASE
)
_SITEMAP_PATH: Final = re.compile(r"sitemap[^/]*\.xml$", re.IGNORECASE)
_SITEMAP_LINE: Final = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """One address that may be a feed.

    Attributes:
        kind: What the page calls it: rss, atom, rdf, json, sitemap; `link` for a link that only looks like a feed.
        title: As the page gives it.
    """

    url: str
    kind: str
    title: str | None = None


def feeds_named_in(body: bytes, base_url: str) -> tuple[FoundFeed, ...]:
    """Feeds that an HTML page names, announced ones (rel=alternate) before links that only look like feeds.

    Args:
        body: The page as it came.
        base_url: Where it was found, after redirects.
    """
    try:
        page = lxml.html.document_fromstring(body)
    except (ParserError, ValueError):
        return ()
    # A page's <base> stands for its address (HTML, 4.2.3).
    bases = (absolute_link(element.get("href"), base_url) for element in page.iter("base"))
    base = next((url for url in bases if url), base_url)
    found: dict[str, FoundFeed] = {}
    for feed in (*_announced(page, base), *_looking_like(page, base)):
        found.setdefault(feed.url, feed)
    return tuple(found.values())[:_MOST]


def _announced(page: Any, base: str) -> Iterator[FoundFeed]:
    for element in page.iter("link"):
        kind = _MEDIA_TYPES.get((element.get("type") or "").split(";")[0].strip().lower())
        rels = (element.get("rel") or "").lower().split()
        url = absolute_link(element.get("href"), base)
        if url is None:
            continue
        if kind and {"alternate", "feed"} & set(rels):
            yield FoundFeed(url, kind, _title(element.get("title")))
        elif "sitemap" in rels:
            yield FoundFeed(url, "sitemap", _title(element.get("title")))


def _looking_like(page: Any, base: str) -> Iterator[FoundFeed]:
    for element in page.iter("a"):
        url = absolute_link(element.get("href"), base)
        if url is None:
            continue
        if _SITEMAP_PATH.search(url):
            yield FoundFeed(url, "sitemap", _title(element.text_content()))
        elif _FEED_PATH.search(url.split("://", 1)[1].partition("/")[2]):
            yield FoundFeed(url, "link", _title(element.text_content()))


def _title(text: str | None) -> str | None:
    return " ".join((text or "").split())[:200] or None


def sitemaps_named_in(robots: bytes, base_url: str) -> tuple[FoundFeed, ...]:
    """Sitemaps that a robots.txt names (sitemaps.org, "Specifying the Sitemap location"), those of news first."""
    urls = (absolute_link(line.decode("utf-8", "replace"), base_url) for line in _SITEMAP_LINE.findall(robots))
    found = [FoundFeed(url, "sitemap") for url in dict.fromkeys(url for url in urls if url)]
    return tuple(sorted(found, key=lambda feed: "news" not in urlsplit(feed.url).path.lower()))[:_MOST]
