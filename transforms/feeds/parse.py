"""Parse a feed: bytes and headers in, entries out. The parser never sees an address that it could open.

Two readers give the same facts of an XML feed: a fast one for what is well-formed and usual, and feedparser for all
else. What the facts mean is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from schemas.outcomes import Reason
from schemas.records import Feed, Problem
from transforms.feeds.dates import Moment, read_date
from transforms.feeds.entries import (
    ParsedFeed,
    RawItem,
    absolute_link,
    author_names,
    build_entries,
    language_tag,
    plain_text,
)
from transforms.feeds.jsonfeed import parse_json_feed
from transforms.feeds.lenient import read_leniently
from transforms.feeds.sitemap import parse_sitemap
from transforms.feeds.sniff import BodyKind, as_ascii_bytes, bomb_in, kind_of, parser_headers, tangle_in, toil_in
from transforms.feeds.strict import read_strictly

__all__ = ["ParsedFeed", "parse_feed"]

_PARSER_FAULTS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What feedparser is known to let out of itself on hostile bytes; anything else is our own mistake and is raised."""

MAX_FEED_BYTES: Final = 10 * 2**20
"""Cap on a feed, lower than a page's: the parser takes some seconds of CPU per MiB of hostile markup."""

_STAND_IN_HOST: Final = "feed-base.invalid"
"""Stands for the feed's own host while feedparser resolves links, so that a guid which it resolved too (an RSS guid
counts as a permalink) can be put back: a guid must not change when the feed moves."""

_PERIODS_S: Final = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def parse_feed(body: bytes, *, feed: Feed, base_url: str, headers: Mapping[str, str]) -> ParsedFeed | Problem:
    """Parse RSS, Atom, RDF, CDF, JSON Feed or a news sitemap.

    Args:
        body: Decompressed bytes as they came; never decoded text, as only the document knows its encoding.
        feed: Line of the list that the body came for: gives url, source, language and family of its entries.
        base_url: Where the body was found, after redirects; relative links are resolved against it and xml:base.
        headers: Of the answer, names in lower case.

    Returns:
        The feed, which may rightly be without entries, or EMPTY (no bytes), TOO_LARGE, NOT_A_FEED (HTML, another
        format), MALFORMED_FEED (a feed that is broken beyond reading, or with a dangerous DTD).
    """
    if not body.strip():
        return Problem(Reason.EMPTY, f"{feed.url} answered without a body; ask the publisher if it lasts")
    if len(body) > MAX_FEED_BYTES:
        return Problem(
            Reason.TOO_LARGE, f"{feed.url} holds {len(body):,} bytes, over the cap of {MAX_FEED_BYTES:,} for feeds"
        )
    readable = as_ascii_bytes(body)
    kind = kind_of(readable)
    if kind is BodyKind.JSON:
        return parse_json_feed(readable, feed=feed, base_url=base_url)
    if kind not in (BodyKind.XML_FEED, BodyKind.SITEMAP):
        return _not_a_feed(readable, kind, feed)
    bomb = bomb_in(readable)
    if bomb is not None:
        return Problem(Reason.MALFORMED_FEED, f"{feed.url} is not parsed: {bomb} in its DTD; feeds need no such thing")
    tangle = tangle_in(readable)
    if tangle is not None:
        return Problem(Reason.MALFORMED_FEED, f"{feed.url} is not parsed: {tangle}; feeds need no such thing")
    if kind is BodyKind.SITEMAP:
        return parse_sitemap(body, feed=feed, base_url=base_url)
    try:
        return _parse_xml(body, readable, feed, base_url, headers)
    except _PARSER_FAULTS as error:
        return Problem(Reason.MALFORMED_FEED, f"{feed.url} breaks the parser ({error!r}); tell the publisher")


def _not_a_feed(readable: bytes, kind: BodyKind, feed: Feed) -> Problem:
    start = " ".join(readable[:80].decode("utf-8", "replace").split())
    what = "an HTML page" if kind is BodyKind.HTML else "no RSS, Atom, RDF or JSON feed"
    return Problem(
        Reason.NOT_A_FEED, f"{feed.url} is {what} (begins {start!r}); look for the feed with `newsbeam feeds find`"
    )


def _parse_xml(
    body: bytes, readable: bytes, feed: Feed, base_url: str, headers: Mapping[str, str]
) -> ParsedFeed | Problem:
    base = _Base(base_url)
    chosen = parser_headers(readable, headers, transcoded=readable is not body)
    reading = read_strictly(readable, chosen, base.stand_in)
    if reading is None:
        toil = toil_in(readable)
        if toil is not None:
            return Problem(Reason.MALFORMED_FEED, f"{feed.url} is not parsed: {toil}; tell the publisher")
        reading = read_leniently(readable, chosen, base.stand_in)
    channel = reading.channel
    if not reading.entries and not _is_whole(channel, readable, reading.bozo):
        return Problem(
            Reason.MALFORMED_FEED,
            f"{feed.url} looks like a feed but nothing can be read from it ({reading.bozo}); tell the publisher",
        )
    language = language_tag(channel.get("language"))
    items = [_raw_item(entry, base, reading.version) for entry in reading.entries]
    entries, rejected = build_entries(items, feed, language)
    links = channel.get("links", ())
    return ParsedFeed(
        entries=entries,
        rejected=rejected,
        repeated=len(items) - len(entries) - len(rejected),
        title=_title(channel, reading.version),
        kind=_kind(reading.version),
        bozo=reading.bozo,
        language=language,
        ttl_s=_ttl_s(channel),
        skip_hours=_skip_hours(readable),
        skip_days=_skip_days(readable),
        hub_url=_link_of(links, "hub", base),
        next_url=_link_of(links, "next", base) or _link_of(links, "prev-archive", base),
        named_url=base.link(channel.get("itunes_new-feed-url")) or _link_of(links, "self", base),
    )


class _Base:
    """The feed's address, and its stand-in while feedparser works."""

    def __init__(self, base_url: str) -> None:
        self.url = base_url
        try:
            self._real = urlsplit(base_url)
        except ValueError:
            self._real = urlsplit("")
        scheme = self._real.scheme if self._real.scheme in ("http", "https") else "http"
        self._origin = f"{scheme}://{_STAND_IN_HOST}"
        self.stand_in = urlunsplit((scheme, _STAND_IN_HOST, self._real.path or "/", self._real.query, ""))
        self._folder = self.stand_in.split("?", 1)[0].rpartition("/")[0] + "/"

    def link(self, resolved: str | None) -> str | None:
        """A link that feedparser resolved, on the real host; None where it is unusable."""
        if resolved is None or not resolved.startswith(self._origin):
            return absolute_link(resolved, self.url)
        return absolute_link(resolved.removeprefix(self._origin), self.url)

    def was_relative(self, resolved: str) -> bool:
        return resolved.startswith(self._origin)

    def guid(self, resolved: str | None) -> str | None:
        """A guid as the feed wrote it."""
        if not resolved or not resolved.strip():
            return None
        text = resolved.strip()
        return text.removeprefix(self._folder).removeprefix(self._origin) or None


def _raw_item(entry: Any, base: _Base, version: str) -> RawItem:
    published_raw, published = _published(entry)
    return RawItem(
        guid=base.guid(entry.get("id")),
        link=_entry_link(entry, base),
        title=_title(entry, version),
        summary=entry.get("summary") or None,
        content=_content(entry),
        authors=_authors(entry),
        language=language_tag(entry.get("language")),
        published_raw=published_raw,
        published=published,
        # dict.get: feedparser's own would hand out `published` for a missing `updated`, with a warning.
        updated_raw=dict.get(entry, "updated"),
    )


def _entry_link(entry: Any, base: _Base) -> str | None:
    """The page of an entry: the address before a counting redirector, the link, an alternate, the guid as permalink."""
    origin = base.link(entry.get("feedburner_origlink"))
    if origin:
        return origin
    links = entry.get("links", ())
    link = entry.get("link")
    is_bare_guid = bool(link) and not links and link == entry.get("id") and base.was_relative(link)
    if link and not is_bare_guid and (usable := base.link(link)):
        return usable
    return _link_of(links, "alternate", base)


def _link_of(links: Iterable[Any], rel: str, base: _Base) -> str | None:
    return next((url for link in links if link.get("rel") == rel and (url := base.link(link.get("href")))), None)


def _title(holder: Any, version: str) -> str | None:
    """A title as plain text. Only Atom's `text` type means every character literally; RSS titles are read as HTML."""
    title = holder.get("title")
    if not title:
        return None
    literal = version.startswith("atom") and holder.get("title_detail", {}).get("type") == "text/plain"
    return (" ".join(title.split()) if literal else plain_text(title)) or None


def _content(entry: Any) -> str | None:
    """The longest of the entry's own contents (a feed may give one per language or media type)."""
    values = [part.get("value") or "" for part in entry.get("content", ()) if not _is_foreign(part.get("type"))]
    longest = max(values, key=len, default="")
    return longest if longest.strip() else None


def _is_foreign(media_type: str | None) -> bool:
    """True for content that is no text, e.g. an image in base64."""
    return bool(media_type) and str(media_type).partition("/")[0] in {"image", "audio", "video", "font"}


def _authors(entry: Any) -> tuple[str, ...]:
    names = [author.get("name") or "" for author in entry.get("authors", ())]
    if not any(names):
        names = [entry.get("author") or ""]
    return author_names(names)


def _published(entry: Any) -> tuple[str | None, Moment | None]:
    """The date of publication as the feed gives it; RDF's dc:date, and an Atom entry's only date, come as `updated`."""
    first: str | None = None
    for name in ("published", "updated", "created"):
        raw = dict.get(entry, name)
        if not raw:
            continue
        first = first or raw
        moment = read_date(raw, dict.get(entry, f"{name}_parsed"))
        if moment is not None:
            return raw, moment
    return first, None


def _kind(version: str) -> str:
    if version in ("rss10", "rss090"):
        return "rdf"
    return next((kind for kind in ("atom", "cdf") if version.startswith(kind)), "rss")


def _is_whole(channel: Any, readable: bytes, bozo: str | None) -> bool:
    """True for a feed that is rightly empty: well-formed, or at least named and closed at its end.

    A document that broke off before its first item must not pass for a feed without news.
    """
    if bozo is None:
        return True
    named = bool(channel.get("title") or channel.get("link"))
    end = re.search(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\b[^<]*$", readable[-4096:], re.IGNORECASE)
    return named and end is not None


def _ttl_s(channel: Any) -> float | None:
    """RSS `ttl` is in minutes; `sy:updatePeriod` is divided by `sy:updateFrequency` (RSS 1.0 module Syndication)."""
    hints = []
    ttl = str(channel.get("ttl") or "").strip()
    if ttl.isascii() and ttl.isdigit():
        hints.append(60.0 * int(ttl[:9]))
    period = _PERIODS_S.get(str(channel.get("sy_updateperiod") or "").strip().lower())
    if period is not None:
        frequency = str(channel.get("sy_updatefrequency") or "1").strip()
        times = int(frequency[:9]) if frequency.isascii() and frequency.isdigit() else 1
        hints.append(period / max(times, 1))
    return max(hints, default=None)


def _skip_hours(readable: bytes) -> tuple[int, ...]:
    hours = {int(hour) % 24 for hour in _inside(readable, b"skipHours", rb"<hour>\s*(\d{1,2})\s*</hour>")}
    return tuple(sorted(hours)) if len(hours) < 24 else ()


def _skip_days(readable: bytes) -> tuple[int, ...]:
    names = (day.decode("ascii").lower() for day in _inside(readable, b"skipDays", rb"<day>\s*([A-Za-z]+)\s*</day>"))
    days = {_DAYS.index(name) for name in names if name in _DAYS}
    return tuple(sorted(days)) if len(days) < 7 else ()


def _inside(readable: bytes, element: bytes, pattern: bytes) -> list[bytes]:
    """feedparser keeps only the last of repeated channel elements that it does not know, hence by hand."""
    start = readable.find(b"<" + element + b">")
    end = readable.find(b"</" + element + b">", start, start + 4096) if start >= 0 else -1
    return re.findall(pattern, readable[start:end]) if end >= 0 else []
