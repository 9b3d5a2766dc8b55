"""Small real records for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from schemas.ids import article_id_of_url, content_hash, row_id
from schemas.outcomes import PollOutcome, Reason, Stage
from schemas.records import Actor, ActorMention, Article, CountryScore, Failure, FeedEntry, Place, Poll, RegionScore

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)


GUARDS = (ActorMention(11, 17, "Guards", "alias"),)


def article(url: str = "https://example.org/a", text: str = "Guards met at Ishkashim.", **changes: Any) -> Article:
    """An article with one place and one actor."""
    fetched = changes.get("fetched_at", NOON)
    title = changes.pop("title", "A meeting")
    ids = article_id_of_url(url)
    hashed = content_hash(title, text)
    made = Article(
        row_id=row_id(ids, fetched, hashed),
        article_id=ids,
        url=url,
        canonical_url=url,
        source="example.org",
        feed_url="https://example.org/feed",
        guid=url,
        title=title,
        authors=("Ana Example",),
        language="en",
        section=None,
        lead=None,
        text=text,
        image_url=None,
        published_at=NOON,
        published_raw="2026-09-14T17:00:00+05:00",
        published_offset_min=300,
        published_date=NOON.date(),
        published_precision="second",
        published_from="page",
        fetched_at=fetched,
        processed_at=fetched,
        word_count=len(text.split()),
        content_hash=hashed,
        places=(Place(25, 34, "Ishkashim", "Ishkashim", "pack:ishkashim", "border_crossing", "literal", score=0.9),),
        actors=(Actor("guards", "Guards", "military", "TJ", "TJK", ("MIL",), mentions=GUARDS),),
        countries=(CountryScore("TJ", 0.6), CountryScore("AF", 0.4)),
        regions=(RegionScore("tajik-afghan-border", 0.8),),
        region="tajik-afghan-border",
        story_id="s1",
        extractor="test-1",
        pack_version="p1",
        pipeline_version="0",
        schema_version="1",
    )
    return replace(made, **changes)


def failure(key: str = "k1", **changes: Any) -> Failure:
    """A failed fetch."""
    return replace(Failure(Stage.FETCH, Reason.NOT_FOUND, key, "https://example.org/x", "HTTP 404", NOON), **changes)


def poll(feed_url: str = "https://example.org/feed", **changes: Any) -> Poll:
    """A poll that brought one new entry."""
    made = Poll(
        poll_id="p-" + feed_url,
        feed_url=feed_url,
        source="example.org",
        due_at=NOON,
        polled_at=NOON,
        outcome=PollOutcome.NEW_ENTRIES,
        reason=None,
        http_status=200,
        final_url=feed_url,
        entries_seen=1,
        entries_new=1,
        entries_unchanged=0,
        entries_duplicate=0,
        entries_failed=0,
        body_bytes=100,
        elapsed_ms=5,
        rule="test",
        next_due_at=NOON,
    )
    return replace(made, **changes)


def entry(url: str = "https://example.org/a", **changes: Any) -> FeedEntry:
    """A feed entry."""
    from schemas.ids import entry_key

    feed = changes.get("feed_url", "https://example.org/feed")
    made = FeedEntry(
        key=entry_key(feed, url), source="example.org", url=url, feed_url=feed, guid=url, title="A", fingerprint="f1"
    )
    return replace(made, **changes)
