"""What is remembered of a feed between polls, what one poll brought, and the next request made of it.

The state holds hashes, never text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from feedparser import __version__ as _feedparser_version

from schemas.ids import stable_hash
from schemas.records import Problem
from transforms.feeds.cadence import FIRST_INTERVAL_S
from transforms.feeds.entries import ParsedFeed
from transforms.web.messages import Request

ACCEPT: Final = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"

_WORDINGS_KEPT: Final = 100
_WORDING_DIGITS: Final = 12

READ_BY: Final = f"1/{_feedparser_version}"
"""Names the parser. After an upgrade old validators are dropped once, so that every feed is read anew."""


class Errand(StrEnum):
    """What the next poll asks for instead of the feed itself. One request per poll stays the rule."""

    NONE = ""
    HOME = "home"
    """The home page of a feed that answers 404: does it name another one? (rule 22)"""
    HTTPS = "https"
    """The same address over https, on probation (rule 29)."""
    OLDER = "older"
    """The next page of a paged or archived feed, after a gap (RFC 5005; rule 46)."""


@dataclass(frozen=True, slots=True)
class PollState:
    """All that is remembered of a feed between polls.

    Attributes:
        etag: ETag of the last body that was parsed, exactly as it came.
        validators_url: Address that the validators belong to.
        body_hash: Hash of the last parsed body's bytes.
        items_hash: Hash over its items, for feeds that embed a clock.
        failure_weight: Sum of the weights of the failures in a row; the back-off is made of it.
        last_success_at: Last answer that could be used, 304 included.
        last_full_at: Last 200 that was parsed.
        last_new_at: Last poll that brought a new entry.
        interval_s: Own estimate of a good interval.
        parked: True after 410: not polled until a person has looked.
        verify_next: True if the next request must go without validators, because a 304 is doubted.
        verified_at: When a request last went without validators for that reason.
        moved_target: Where a permanent redirect has led since `moved_since`, on `moved_polls` polls.
        moved_to: Address polled instead of `feed_url`, once the redirect has proved lasting.
        read_by: Parser that the validators were earned with.
        errand: What the next poll asks for at `errand_url` instead of the feed.
        errand_polls: Polls that the errand has taken so far.
        home_searched_at: Last time the home page was asked for another feed.
        https_refused_at: Last time that https did not give the feed.
        wordings: Marks of what the items of the last body say, ids left out, to tell a feed whose ids all changed.
    """

    feed_url: str
    next_due_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    validators_url: str | None = None
    body_hash: str | None = None
    items_hash: str | None = None
    successes: int = 0
    failures_in_a_row: int = 0
    failure_weight: float = 0.0
    last_success_at: datetime | None = None
    last_full_at: datetime | None = None
    last_new_at: datetime | None = None
    interval_s: float = FIRST_INTERVAL_S
    gap_s: float | None = None
    ttl_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    parked: bool = False
    verify_next: bool = False
    verified_at: datetime | None = None
    moved_target: str | None = None
    moved_since: datetime | None = None
    moved_polls: int = 0
    moved_to: str | None = None
    read_by: str = READ_BY
    errand: Errand = Errand.NONE
    errand_url: str | None = None
    errand_polls: int = 0
    home_searched_at: datetime | None = None
    https_refused_at: datetime | None = None
    wordings: tuple[str, ...] = ()

    @property
    def request_url(self) -> str:
        """Address to ask."""
        return self.errand_url or self.moved_to or self.feed_url


@dataclass(frozen=True, slots=True)
class PollObservation:
    """What one poll brought.

    Attributes:
        problem: Of the transport or the parser; None where the answer could be used or its status says it all.
        status: HTTP status; None if there was no answer.
        headers: Of the answer, names in lower case.
        body_hash: `hash_body` of a 200's body.
        parsed: The feed; None where the body was not parsed (304, same hash, failure).
        entries_new: Entries not seen before.
    """

    problem: Problem | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    final_url: str | None = None
    permanent_redirect_to: str | None = None
    body_hash: str | None = None
    parsed: ParsedFeed | None = None
    entries_new: int = 0

    @property
    def partial(self) -> bool:
        """True where the server gave only what is new since the last body (RFC 3229: 226 IM Used)."""
        return self.status == 226

    @property
    def entries_seen(self) -> int:
        """Items of the feed, rejected and repeated ones included."""
        if self.parsed is None:
            return 0
        return len(self.parsed.entries) + len(self.parsed.rejected) + self.parsed.repeated


def new_state(feed_url: str, now: datetime) -> PollState:
    """State of a feed that was never polled: due at once."""
    return PollState(feed_url=feed_url, next_due_at=now)


def hash_body(body: bytes) -> str:
    """Hash of a body's bytes, with the parser's name: an equal one needs no parsing, but by a new parser all do."""
    return stable_hash("body", READ_BY, body.decode("latin-1"))


def hash_items(parsed: ParsedFeed) -> str:
    """Hash over a feed's items in their order, blind to whatever else the document says."""
    return stable_hash("items", *(f"{entry.key} {entry.fingerprint}" for entry in parsed.entries))


def mark_wordings(parsed: ParsedFeed) -> tuple[str, ...]:
    """Short marks of what a feed's items say, ids and links left out; of the first hundred."""
    return tuple(
        stable_hash("wording", entry.title or "", entry.published_raw or "")[:_WORDING_DIGITS]
        for entry in parsed.entries[:_WORDINGS_KEPT]
        if entry.title
    )


def conditional_headers(state: PollState) -> tuple[tuple[str, str], ...]:
    """If-None-Match and If-Modified-Since for the feed's next request, exactly as the server gave them.

    None are sent where a 304 is doubted, after an upgrade of the parser, and before the first success. They belong to
    `state.validators_url`: hand that to the request too, or use `poll_request`.
    """
    if state.verify_next or state.read_by != READ_BY or state.validators_url is None:
        return ()
    pairs = (("If-None-Match", state.etag), ("If-Modified-Since", state.last_modified))
    return tuple((name, value) for name, value in pairs if value)


def poll_request(state: PollState, *, not_after: datetime | None = None) -> Request:
    """The request of the feed's next poll.

    A server that knows RFC 3229 may answer `A-IM: feed` with the new items alone. A home page is a page like others, so
    robots.txt is asked for it.
    """
    if state.errand is Errand.HOME:
        return Request(url=state.request_url, check_robots=True, not_after=not_after)
    conditional = conditional_headers(state)
    return Request(
        url=state.request_url,
        headers=(("Accept", ACCEPT), *conditional, *((("A-IM", "feed"),) if conditional else ())),
        not_after=not_after,
        validators_url=state.validators_url,
    )
