"""What makes a revision of an article: its words, and nothing that moves around them. And the ids, pinned."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.ids import article_id_of_guid, article_id_of_text, article_id_of_url
from schemas.records import Extracted, FeedEntry, Page
from transforms.articles.article import build_article
from transforms.articles.extract import extract_page

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
URL = "https://news.example.org/2026/09/14/bridge-over-the-panj-reopens.html"

BODY = (
    "<p>The bridge over the Panj opened again on Monday after repairs that took four months longer than planned.</p>"
    "<p>Some forty lorries crossed in the first hour, customs officers said, most of them with flour and cement.</p>"
    "<p>Traders on the southern bank had waited since spring, and many of them had sold their goods elsewhere.</p>"
)
PAGE = """<!DOCTYPE html><html lang="en"><head><title>{title}</title>
<meta property="article:modified_time" content="{changed}"><meta name="description" content="{teaser}"></head><body>
<header><nav><a href="/">Home</a> <a href="/world">World</a></nav></header>
<article><h1>{title}</h1><time datetime="{changed}">Updated {changed}</time>
<div class="share">{shares} shares</div>{body}</article>
<aside class="related"><h2>Read also</h2><a href="/x">{teaser}</a></aside>
<footer>Copyright</footer></body></html>"""

FIRST = {
    "title": "Bridge over the Panj reopens",
    "changed": "2026-09-14T08:00:00Z",
    "teaser": "Lorries roll again",
    "shares": "12",
    "body": BODY,
}


def content_of(**changes: str) -> str:
    """Content hash of the article that the page makes, with something on it changed."""
    html = PAGE.format(**{**FIRST, **changes})
    entry = FeedEntry(key="k", source="example.org", url=URL, feed_url="https://news.example.org/feed", guid=URL)
    page = Page(entry, URL, html.encode(), "text/html", "utf-8", 200, NOON)
    found = extract_page(page)
    assert isinstance(found, Extracted)
    return build_article(page, found, now=NOON).content_hash


@pytest.mark.parametrize(
    "changes",
    [
        {"changed": "2026-09-15T19:45:00Z"},
        {"shares": "3,481"},
        {"teaser": "Ten facts about bridges that you did not know"},
        {"body": BODY.replace("</p><p>", "</p>\n\n   <p>")},
    ],
)
def test_what_moves_around_the_words_makes_no_revision(changes: dict[str, str]) -> None:
    assert content_of(**changes) == content_of()


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Bridge over the Panj reopens at last"},
        {"body": BODY.replace("forty", "fifty")},
        {"body": BODY + "<p>The ministry of transport did not answer our questions about the delay of the works.</p>"},
    ],
)
def test_other_words_make_one(changes: dict[str, str]) -> None:
    assert content_of(**changes) != content_of()


def test_ids_are_pinned() -> None:
    """A change here makes every article of every dataset a new one: raise ID_VERSION with it."""
    assert article_id_of_url(URL) == "a2-8aa30217ba8644869340a08a6ffb99b5"
    assert article_id_of_guid("example.org", "tag:1") == "a2-a7c548ade3b1d0e3d8432add29ea83af"
    assert article_id_of_text("One  text.\n") == "a2-8294c8e172d2766ebde3edd48a5c2913"
