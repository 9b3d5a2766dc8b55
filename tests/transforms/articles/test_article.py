"""The row that is made of entry, page and extraction: who is believed, and what the ids hang on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from schemas.ids import article_id_of_guid, article_id_of_text, article_id_of_url, content_hash, row_id
from schemas.records import Extracted, FeedEntry, Page
from transforms.articles.article import build_article, count_words

NOW = datetime(2024, 5, 20, 13, tzinfo=UTC)
FEED = "https://example.com/feed"
LINK = "https://news.example.com/a?utm_source=rss"
ENTRY = FeedEntry(
    key="k",
    source="example.com",
    url=LINK,
    feed_url=FEED,
    guid="g1",
    title="Feed title",
    authors=("Feed Author",),
    language="ru",
    published_at=datetime(2024, 5, 18, 20, 30, tzinfo=UTC),
    published_raw="Sun, 19 May 2024 01:30:00 +0500",
    published_offset_min=300,
    family="valley",
)
FOUND = Extracted(text="Two ferries stop.\nNobody knows why.", extractor="trafilatura-x")


@pytest.fixture
def page(make_page: Callable[..., Page]) -> Page:
    return make_page("", entry=ENTRY, final_url="https://news.example.com/a")


def test_the_page_is_believed_before_the_feed(page: Page) -> None:
    found = replace(
        FOUND,
        title="Page title",
        authors=("Page Author",),
        language="en",
        published_at=datetime(2024, 5, 17, tzinfo=UTC),
        published_raw="2024-05-17",
        published_date=date(2024, 5, 17),
        published_precision="day",
        published_from="page",
    )
    article = build_article(page, found, now=NOW)
    assert (article.title, article.authors, article.language) == ("Page title", ("Page Author",), "en")
    assert (article.published_raw, article.published_from) == ("2024-05-17", "page")
    assert article.published_offset_min is None


def test_the_feed_fills_what_the_page_leaves_open(page: Page) -> None:
    article = build_article(page, FOUND, now=NOW)
    assert (article.title, article.authors, article.language) == ("Feed title", ("Feed Author",), "ru")
    assert article.published_at == ENTRY.published_at
    assert (article.published_from, article.published_precision) == ("feed", "second")
    assert article.published_date == date(2024, 5, 19)  # the local day, not that of UTC
    assert article.published_offset_min == 300


@pytest.mark.parametrize(
    ("source", "at", "believed"),
    [
        ("page", datetime(2024, 5, 1, tzinfo=UTC), "page"),
        ("text", datetime(2024, 5, 1, tzinfo=UTC), "feed"),  # a line beside the headline may be anything
        ("url", datetime(2024, 5, 18, tzinfo=UTC), "feed"),  # the same day, and the feed knows the minute
        ("url", datetime(2024, 5, 1, tzinfo=UTC), "url"),  # the feed tells of an update
    ],
)
def test_a_date_of_the_page_and_one_of_the_feed(page: Page, source: str, at: datetime, believed: str) -> None:
    found = replace(FOUND, published_at=at, published_date=at.date(), published_precision="day", published_from=source)
    assert build_article(page, found, now=NOW).published_from == believed


def test_no_date_is_made_up(page: Page) -> None:
    entry = replace(ENTRY, published_at=None, published_raw=None, published_offset_min=None)
    article = build_article(replace(page, entry=entry), FOUND, now=NOW)
    assert (
        article.published_at is article.published_date is article.published_precision is article.published_from is None
    )


@pytest.mark.parametrize(
    ("raw", "precision"), [("19 May 2024", "day"), ("2024-05-19T01:30+05:00", "minute"), ("01:30:00", "second")]
)
def test_precision_of_a_feed_date(page: Page, raw: str, precision: str) -> None:
    article = build_article(replace(page, entry=replace(ENTRY, published_raw=raw)), FOUND, now=NOW)
    assert article.published_precision == precision


def test_ids_and_stamps(page: Page) -> None:
    article = build_article(page, FOUND, now=NOW)
    assert article.url == LINK
    assert article.canonical_url == "https://news.example.com/a"
    assert article.article_id == article_id_of_url("https://news.example.com/a")
    assert article.content_hash == content_hash("Feed title", FOUND.text)
    assert article.row_id == row_id(article.article_id, page.fetched_at, article.content_hash)
    assert (article.processed_at, article.fetched_at) == (NOW, page.fetched_at)
    assert (article.publisher_family, article.guid, article.word_count) == ("valley", "g1", 6)
    assert article.schema_version
    assert article.pipeline_version
    assert article.region == "none"


def test_two_addresses_of_one_article_share_its_id(page: Page) -> None:
    other = replace(page, final_url="https://news.example.com/a?fbclid=x#top")
    amp = build_article(
        replace(page, final_url="https://news.example.com/a/amp"),
        replace(FOUND, canonical_url="https://news.example.com/a"),
        now=NOW,
    )
    ids = {build_article(each, FOUND, now=NOW).article_id for each in (page, other)} | {amp.article_id}
    assert len(ids) == 1


def test_a_relative_link_is_made_absolute(page: Page) -> None:
    article = build_article(replace(page, entry=replace(ENTRY, url="/b")), FOUND, now=NOW)
    assert article.url == "https://example.com/b"


def test_an_entry_without_link_is_known_by_its_guid(page: Page) -> None:
    article = build_article(replace(page, entry=replace(ENTRY, url=None), final_url=FEED), FOUND, now=NOW)
    assert article.article_id == article_id_of_guid("example.com", "g1")


@pytest.mark.parametrize("name", ["a.txt", "a.html"])
def test_a_document_from_disk_is_known_by_its_text(page: Page, name: str) -> None:
    uri = f"file:///data/{name}"
    entry = FeedEntry(key="k", source="documents", url=uri)
    found = replace(FOUND, canonical_url="https://news.example.com/a")
    article = build_article(replace(page, entry=entry, final_url=uri), found, now=NOW)
    moved = replace(page, entry=replace(entry, url="file:///b.txt"), final_url="file:///b.txt")
    assert article.article_id == article_id_of_text(FOUND.text) == build_article(moved, found, now=NOW).article_id
    assert (article.url, article.canonical_url) == (uri, uri)


def test_an_archived_page_without_feed_is_known_by_its_address(page: Page) -> None:
    entry = FeedEntry(key="k", source="example.com", url=LINK)
    article = build_article(replace(page, entry=entry), FOUND, now=NOW)
    assert article.article_id == article_id_of_url("https://news.example.com/a")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Two ferries stop.", 3),
        ("It’s a well-known co-op", 4),
        ("Паром снят с линии", 4),
        ("北京很美", 4),
        ("in 北京", 3),
    ],
)
def test_count_words(text: str, count: int) -> None:
    assert count_words(text) == count
