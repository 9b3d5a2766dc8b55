"""Builders that the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from schemas.records import FeedEntry, Page

FETCHED_AT = datetime(2024, 5, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def make_page() -> Callable[..., Page]:
    """Makes a page from bytes or markup, with whatever else a test needs to say."""

    def make(
        body: bytes | str,
        *,
        media_type: str = "text/html",
        charset: str | None = None,
        final_url: str = "https://news.example.com/2024/05/story-of-the-day",
        entry: FeedEntry | None = None,
    ) -> Page:
        return Page(
            entry=entry or FeedEntry(key="k", source="example.com", url=final_url, feed_url="https://example.com/feed"),
            final_url=final_url,
            body=body.encode() if isinstance(body, str) else body,
            media_type=media_type,
            charset=charset,
            status=200,
            fetched_at=FETCHED_AT,
        )

    return make
