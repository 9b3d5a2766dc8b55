"""Joins what the feed said, what was fetched and what was extracted into one row of `articles`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urljoin, urlsplit

from schemas.ids import article_id_of_guid, article_id_of_text, article_id_of_url, content_hash, row_id
from schemas.records import Article, Extracted, FeedEntry, Page
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.articles.canonical import canonical_of, canonicalise
from transforms.articles.variants import identity_of

_WORD = re.compile(r"\w+(?:['’\-]\w+)*")
# Scripts written without blanks: one character is counted as one word, as word processors do.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def build_article(page: Page, found: Extracted, *, now: datetime) -> Article:
    """Make the row of an article; tags and stories are left at their defaults, save the agency that the page credits.

    The page is believed before the feed, which is a witness for what the page leaves open: title, authors, date
    (`published_from` is then "feed") and language. A date that the page only shows in its text, and one of the address
    that the feed tells more of, give way to the feed's. The time of the fetch is never taken for a date.

    Args:
        page: The page with its feed entry.
        found: What was extracted from it.
        now: Time of processing, aware UTC.
    """
    entry = page.entry
    url = _url(page)
    canonical_url = canonical_of(page.final_url or url, found.canonical_url) if _is_web(url) else url
    title = found.title or entry.title
    hashed = content_hash(title, found.text)
    article_id = _article_id(entry, url, canonical_url, found.text)
    published = _published(entry, found)
    return Article(
        row_id=row_id(article_id, page.fetched_at, hashed),
        article_id=article_id,
        url=url,
        canonical_url=canonical_url,
        source=entry.source,
        feed_url=entry.feed_url,
        guid=entry.guid,
        title=title,
        authors=found.authors or entry.authors,
        language=found.language or entry.language,
        section=found.section,
        lead=found.lead,
        text=found.text,
        image_url=found.image_url,
        published_at=published.at,
        published_raw=published.raw,
        published_offset_min=published.offset_min,
        published_date=published.day,
        published_precision=published.precision,
        published_from=published.source,
        fetched_at=page.fetched_at,
        processed_at=now,
        word_count=count_words(found.text),
        content_hash=hashed,
        wire_origin=found.wire_credit,
        publisher_family=entry.family,
        extractor=found.extractor,
        is_paywalled=found.is_paywalled,
        archive_ref=page.archive_ref,
        pipeline_version=pipeline_version(),
        schema_version=SCHEMA_VERSION,
    )


def count_words(text: str) -> int:
    """Number of words; in scripts without blanks (Han, kana, Thai, Lao, Burmese, Khmer) each character counts."""
    return len(_UNSPACED.findall(text)) + len(_WORD.findall(_UNSPACED.sub(" ", text)))


@dataclass(frozen=True, slots=True)
class _Published:
    at: datetime | None = None
    raw: str | None = None
    offset_min: int | None = None
    day: date | None = None
    precision: str | None = None
    source: str | None = None


def _published(entry: FeedEntry, found: Extracted) -> _Published:
    if (found.published_at is not None or found.published_date is not None) and not _feed_knows_more(entry, found):
        return _Published(
            found.published_at,
            found.published_raw,
            found.published_offset_min,
            found.published_date,
            found.published_precision,
            found.published_from,
        )
    if entry.published_at is None:
        return _Published()
    local = entry.published_at + timedelta(minutes=entry.published_offset_min or 0)
    return _Published(
        entry.published_at,
        entry.published_raw,
        entry.published_offset_min,
        local.date(),
        _feed_precision(entry.published_raw),
        "feed",
    )


def _feed_knows_more(entry: FeedEntry, found: Extracted) -> bool:
    if entry.published_at is None or found.published_from not in {"text", "url"}:
        return False
    apart = abs((found.published_at or entry.published_at) - entry.published_at)
    return found.published_from == "text" or apart <= timedelta(days=1.5)


def _feed_precision(raw: str | None) -> str:
    """How exactly a feed's date was written: with seconds, with minutes, or as a day."""
    clock = re.search(r"\d:\d\d(:\d\d)?", raw or "")
    if raw and clock is None:
        return "day"
    return "minute" if clock is not None and clock[1] is None else "second"


def _url(page: Page) -> str:
    entry = page.entry
    if entry.url is None:
        return page.final_url
    try:
        return urljoin(entry.feed_url or page.final_url, entry.url)
    except ValueError:
        return entry.url


def _is_web(url: str) -> bool:
    return canonicalise(url) is not None


def _article_id(entry: FeedEntry, url: str, canonical_url: str, text: str) -> str:
    if entry.feed_url is None and urlsplit(url).scheme not in {"http", "https"}:
        return article_id_of_text(text)
    if entry.url is None and entry.guid is not None:
        return article_id_of_guid(entry.source, entry.guid)
    return article_id_of_url(identity_of(canonical_url))
