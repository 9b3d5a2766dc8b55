"""What a parsed feed is made of, and how one item becomes a `FeedEntry`, whatever format it came in."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

import lxml.html
from lxml.etree import ParserError

from schemas.ids import entry_key, stable_hash
from schemas.outcomes import Reason
from schemas.records import Feed, FeedEntry, Problem
from transforms.feeds.dates import Moment

_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>|<!--")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_MAIL: Final = re.compile(r"\S+@\S+")
_MAX_URL: Final = 8192
_PLAIN_URL: Final = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[\w.~!$&'()*+,=:@%/-]*)?"
    r"(?:\?[\w.~!$&'()*+,=:@%/?-]+)?(?:\#[\w.~!$&'()*+,=:@%/?-]+)?",
    re.ASCII,
)
"""Addresses that joining to a base leaves as they are: absolute, and of none but the usual characters."""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as read.

    Attributes:
        entries: In the feed's order, each key once; items = entries + rejected + repeated.
        repeated: Items left out because they repeat another's key.
        rejected: Every item that gives neither a usable link nor content, with the problem. One without any identity is
            known by its position (`#3`).
        kind: rss, atom, rdf, cdf, json or sitemap.
        bozo: How the document breaks its format, where it does; its items were read all the same.
        language: As the feed states it.
        ttl_s: Seconds between updates that the feed itself announces (ttl, sy:updatePeriod): the longer of them.
        skip_hours: Hours of the day (UTC) at which the feed asks not to be polled.
        skip_days: Days of the week on which it asks not to be polled; Monday is 0.
        hub_url: WebSub hub, where the feed names one.
        next_url: Next page of a paged or archived feed (RFC 5005), where the feed names one.
        named_url: Address that the feed gives for itself (itunes:new-feed-url, rel=self). A hint for a person, never
            followed: both are copied from templates and name wrong addresses often.
    """

    entries: tuple[FeedEntry, ...]
    rejected: tuple[tuple[FeedEntry, Problem], ...]
    title: str | None
    kind: str
    repeated: int = 0
    bozo: str | None = None
    language: str | None = None
    ttl_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    hub_url: str | None = None
    next_url: str | None = None
    named_url: str | None = None


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item as its format gave it, before any judgement. `link` is absolute or None."""

    guid: str | None
    link: str | None
    title: str | None
    summary: str | None
    content: str | None
    authors: tuple[str, ...]
    language: str | None
    published_raw: str | None
    published: Moment | None
    updated_raw: str | None


def build_entries(
    items: list[RawItem], feed: Feed, feed_language: str | None
) -> tuple[tuple[FeedEntry, ...], tuple[tuple[FeedEntry, Problem], ...]]:
    """Entries and rejected items of one document.

    A guid is unique within its feed (RSS 2.0, RFC 4287). Some feeds give one guid to all their items: where items of
    one document share a guid but not the link, the link is made part of the guid, so that none hides another.
    """
    links_of: dict[str, set[str | None]] = {}
    for item in items:
        if item.guid:
            links_of.setdefault(item.guid, set()).add(item.link)
    entries: dict[str, FeedEntry] = {}
    rejected: list[tuple[FeedEntry, Problem]] = []
    for position, item in enumerate(items, start=1):
        guid = _identity(item, shared=len(links_of.get(item.guid or "", ())) > 1)
        if item.link is None and not _has_text(item.content) and not _has_text(item.summary):
            entry = _entry(item, guid or f"#{position}", feed, feed_language)
            rejected.append((entry, _no_link(item, position, feed)))
            continue
        # An item with content always has an identity: its text, where it has nothing better.
        identity = guid or f"text:{stable_hash(item.content or '', item.summary or '')}"
        entry = _entry(item, identity, feed, feed_language)
        entries.setdefault(entry.key, entry)
    return tuple(entries.values()), tuple(rejected)


def _identity(item: RawItem, *, shared: bool) -> str | None:
    """The item's id, else its link, else a hash of its title and date."""
    if item.guid:
        return f"{item.guid}\x1f{item.link}" if shared and item.link else item.guid
    if item.link:
        return item.link
    if item.title or item.published_raw:
        return f"title:{stable_hash(item.title or '', item.published_raw or '')}"
    return None


def _entry(item: RawItem, guid: str, feed: Feed, feed_language: str | None) -> FeedEntry:
    # Without a link the item's own text is all there is: a summary then counts as its content.
    content = item.content if item.link or _has_text(item.content) else item.summary
    return FeedEntry(
        key=entry_key(feed.url, guid),
        source=feed.source,
        url=item.link,
        feed_url=feed.url,
        guid=guid,
        title=item.title,
        summary=item.summary,
        content=content,
        authors=item.authors,
        language=feed.language or item.language or feed_language,
        published_at=item.published.at if item.published else None,
        published_raw=item.published_raw,
        published_offset_min=item.published.offset_min if item.published else None,
        family=feed.family,
        fingerprint=stable_hash(
            item.title or "",
            item.link or "",
            item.summary or "",
            item.content or "",
            item.published_raw or "",
            item.updated_raw or "",
        ),
    )


def _no_link(item: RawItem, position: int, feed: Feed) -> Problem:
    shown = f"{(item.title or item.guid or 'untitled')[:80]!r}"
    return Problem(
        Reason.ENTRY_WITHOUT_LINK,
        f"item {position} ({shown}) of {feed.url} has no http(s) link and no content; ask the publisher to add one",
    )


def absolute_link(link: str | None, base_url: str) -> str | None:
    """A link made absolute against a base (RFC 3986), or None where it is no http or https URL of a host."""
    if link is None or not link.strip() or len(link) > _MAX_URL:
        return None
    if is_plain_url(link):
        return link
    try:
        joined = urljoin(base_url, "".join(link.split()) if "\n" in link else link.strip())
        parts = urlsplit(joined)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return joined if usable else None


def is_plain_url(url: str) -> bool:
    """True for an absolute address of a host that is written in full and needs no mending; far from all are."""
    return _PLAIN_URL.fullmatch(url) is not None


def language_tag(value: object) -> str | None:
    """A language in the usual spelling of BCP 47 (`en-us` becomes `en-US`), or None where it is no tag."""
    text = str(value).strip().replace("_", "-") if value else ""
    if not _LANGUAGE.fullmatch(text):
        return None
    first, *rest = text.split("-")
    spelled = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in rest]
    return "-".join([first.lower(), *spelled])


def author_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names as plain text, each once; a bare mail address is nobody's name."""
    cleaned = (plain_text(name) for name in names)
    return tuple(dict.fromkeys(name for name in cleaned if name and not _MAIL.fullmatch(name)))


def plain_text(markup: str) -> str:
    """The text of a piece of HTML: tags gone, entities resolved, white space made single blanks."""
    text = markup
    if _TAG.search(markup):
        try:
            text = lxml.html.fragment_fromstring(f"<div>{markup}</div>").text_content()
        except (ParserError, ValueError):
            text = _TAG.sub(" ", markup)
    return " ".join(html.unescape(text).split())


def _has_text(markup: str | None) -> bool:
    return bool(markup and markup.strip())
