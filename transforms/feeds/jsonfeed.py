"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import html
import json
from typing import Any

from schemas.outcomes import Reason
from schemas.records import Feed, Problem
from transforms.feeds.dates import Moment, read_date
from transforms.feeds.entries import ParsedFeed, RawItem, absolute_link, author_names, build_entries, language_tag


def parse_json_feed(readable: bytes, *, feed: Feed, base_url: str) -> ParsedFeed | Problem:
    """Parse a JSON document.

    Args:
        readable: The body; JSON is UTF-8 (RFC 8259, 8.1).
        feed: Line of the list that it came for.
        base_url: Where it was found, for relative links.
    """
    try:
        document = json.loads(readable.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        reason = Reason.MALFORMED_FEED if b"jsonfeed.org" in readable[:2048] else Reason.NOT_A_FEED
        return Problem(reason, f"{feed.url} begins like JSON but cannot be read ({error}); tell the publisher")
    items = document.get("items") if isinstance(document, dict) else None
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(items, list) or not (isinstance(version, str) and "jsonfeed.org" in version):
        return Problem(Reason.NOT_A_FEED, f"{feed.url} is JSON but no JSON Feed (no version of jsonfeed.org, no items)")
    language = language_tag(_text(document.get("language")))
    authors = _authors(document)
    raw = [_raw_item(item, authors, base_url) for item in items if isinstance(item, dict)]
    entries, rejected = build_entries(raw, feed, language)
    strays = len(items) - len(raw)
    return ParsedFeed(
        entries=entries,
        rejected=rejected,
        repeated=len(raw) - len(entries) - len(rejected),
        title=_text(document.get("title")),
        kind="json",
        bozo=f"{strays} items are no objects" if strays else None,
        language=language,
        hub_url=_hub(document.get("hubs")),
        next_url=absolute_link(_text(document.get("next_url")), base_url),
        named_url=absolute_link(_text(document.get("feed_url")), base_url),
    )


def _raw_item(item: dict[str, Any], feed_authors: tuple[str, ...], base_url: str) -> RawItem:
    link = absolute_link(_text(item.get("url")), base_url) or absolute_link(_text(item.get("external_url")), base_url)
    published_raw, updated_raw = _text(item.get("date_published")), _text(item.get("date_modified"))
    stated = published_raw or updated_raw
    published: Moment | None = read_date(stated) if stated else None
    title = _text(item.get("title"))
    return RawItem(
        guid=_text(item.get("id")),
        link=link,
        title=" ".join(title.split()) if title else None,
        summary=_text(item.get("summary")),
        content=_text(item.get("content_html")) or _as_html(_text(item.get("content_text"))),
        authors=_authors(item) or feed_authors,
        language=language_tag(_text(item.get("language"))),
        published_raw=stated,
        published=published,
        updated_raw=updated_raw,
    )


def _text(value: object) -> str | None:
    """A string that says something. Numbers count: a reader must take a numeric id (JSON Feed 1.1, items.id)."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()
    return text or None


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    listed = holder.get("authors")
    people = listed if isinstance(listed, list) else [holder.get("author")]
    return author_names(_text(person.get("name")) or "" for person in people if isinstance(person, dict))


def _as_html(text: str | None) -> str | None:
    if text is None:
        return None
    paragraphs = [line.strip() for line in text.splitlines() if line.strip()]
    return "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs) or None


def _hub(hubs: object) -> str | None:
    for hub in hubs if isinstance(hubs, list) else []:
        if isinstance(hub, dict) and str(hub.get("type", "")).lower() == "websub":
            return absolute_link(_text(hub.get("url")), "")
    return None
