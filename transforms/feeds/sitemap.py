"""News sitemaps read as feeds: a publisher without a feed often has one for search engines.

The format is that of sitemaps.org with the extension for news (schemas/sitemap-news/0.9), by which entries carry a
title and the date of publication. A sitemap without it lists all pages of a site, old ones and sections too, and is
refused: it is no list of news.
"""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from schemas.outcomes import Reason
from schemas.records import Feed, Problem
from transforms.feeds.dates import read_date
from transforms.feeds.entries import ParsedFeed, RawItem, absolute_link, build_entries, language_tag

_NEWS: Final = "{http://www.google.com/schemas/sitemap-news/0.9}"
_MOST: Final = 5_000
"""Entries that are read; the extension allows a thousand."""


def parse_sitemap(body: bytes, *, feed: Feed, base_url: str) -> ParsedFeed | Problem:
    """Parse a news sitemap.

    Args:
        body: Bytes as they came; their DTD has been looked at.
        feed: Line of the list that the body came for.
        base_url: Where the body was found, after redirects.

    Returns:
        The feed; MALFORMED_FEED for broken XML without any entry, NOT_A_FEED for a sitemap without news.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return Problem(Reason.MALFORMED_FEED, f"{feed.url} is no readable sitemap ({error}); tell the publisher")
    if root is None:
        return Problem(Reason.MALFORMED_FEED, f"{feed.url} is no readable sitemap; tell the publisher")
    pages = [element for element in root if _is(element, "url")][:_MOST]
    items = [item for page in pages if (item := _raw_item(page, base_url)) is not None]
    if not items and (pages or _NEWS.strip("{}") not in root.nsmap.values()):
        return Problem(
            Reason.NOT_A_FEED,
            f"{feed.url} is a sitemap of pages, not of news; look for a news sitemap with `newsbeam feeds find`",
        )
    entries, rejected = build_entries(items, feed, None)
    fault = parser.error_log.last_error
    return ParsedFeed(
        entries=entries,
        rejected=rejected,
        repeated=len(items) - len(entries) - len(rejected),
        title=None,
        kind="sitemap",
        bozo=None if fault is None else str(fault.message),
    )


def _raw_item(page: Any, base_url: str) -> RawItem | None:
    news = page.find(f"{_NEWS}news")
    if news is None:
        return None
    link = next((absolute_link(element.text, base_url) for element in page if _is(element, "loc")), None)
    raw = _text(news.find(f"{_NEWS}publication_date"))
    return RawItem(
        guid=None,
        link=link,
        title=_text(news.find(f"{_NEWS}title")),
        summary=None,
        content=None,
        authors=(),
        language=language_tag(_text(news.find(f"{_NEWS}publication/{_NEWS}language"))),
        published_raw=raw,
        published=read_date(raw) if raw else None,
        updated_raw=next((_text(element) for element in page if _is(element, "lastmod")), None),
    )


def _is(element: Any, name: str) -> bool:
    """True for an element of this name in whatever version of the sitemaps' namespace."""
    return isinstance(element.tag, str) and etree.QName(element).localname == name


def _text(element: Any) -> str | None:
    return None if element is None else " ".join((element.text or "").split()) or None
