"""Look at one feed once, for a person who puts a list together: `newsbeam feeds check`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from yarl import URL

from schemas.outcomes import Reason
from schemas.records import Feed, FeedEntry, Problem
from transforms.feeds.discover import feeds_named_in, sitemaps_named_in
from transforms.feeds.entries import ParsedFeed, plain_text
from transforms.feeds.parse import parse_feed
from transforms.feeds.poll import ACCEPT
from transforms.feeds.sniff import BodyKind, as_ascii_bytes, kind_of
from transforms.web.addresses import parse_url, registrable_domain
from transforms.web.client import Client
from transforms.web.messages import Postponed, Request, Response
from transforms.web.robots import rules_from_answer, rules_from_problem
from transforms.web.status import status_problem

FULL_TEXT_CHARACTERS: Final = 1_200
"""A feed whose median item is at least this long carries articles, not teasers: about 200 words of English."""

_PATIENCE_S: Final = 600.0
"""A person waits for the result: a host that wants a longer pause is reported instead."""


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """What one feed is.

    Attributes:
        problem: Why it cannot be used, None if it can.
        newest_at: Date of its newest entry.
        median_characters: Median length of its entries' own text, tags gone.
        full_text: True if that is long enough for whole articles; None without entries.
        language: As the feed itself states it.
        conditional: True if it gives ETag or Last-Modified, so that polling it costs little.
        page_url: Page of the first entry.
        page_problem: Why that page may not be fetched (robots.txt), None if it may.
        named_url: Address that the feed gives for itself, where it is another one: a hint only.
    """

    feed: Feed
    problem: Problem | None = None
    status: int | None = None
    final_url: str | None = None
    moved_to: str | None = None
    kind: str | None = None
    title: str | None = None
    entries: int = 0
    newest_at: datetime | None = None
    median_characters: int | None = None
    full_text: bool | None = None
    language: str | None = None
    conditional: bool = False
    page_url: str | None = None
    page_problem: Problem | None = None
    named_url: str | None = None
    checked_at: datetime | None = None


def check_feed(feed: Feed, client: Client, clock: Callable[[], datetime]) -> FeedCheck:
    """Poll a feed once, without any state, and look at robots.txt for its first page. No page is fetched."""
    answer = _ask(Request(feed.url, headers=(("Accept", ACCEPT),)), client, clock)
    if isinstance(answer, Problem):
        return FeedCheck(feed, answer, checked_at=clock())
    problem = status_problem(feed.url, answer.status, answer.headers)
    parsed = problem or parse_feed(answer.body, feed=feed, base_url=answer.final_url, headers=answer.headers)
    if isinstance(parsed, Problem):
        return FeedCheck(
            feed, parsed, answer.status, answer.final_url, answer.permanent_redirect_to, checked_at=clock()
        )
    return _describe(feed, answer, parsed, client, clock)


def find_candidates(url: str, client: Client, clock: Callable[[], datetime]) -> list[Feed] | Problem:
    """Addresses that a page and its site's robots.txt name as feeds or sitemaps; the page itself, if it is a feed.

    Returns:
        The candidates, as yet unread; or why the page could not be had.
    """
    start = parse_url(url, max_length=client.rules.max_url_length)
    if isinstance(start, Problem):
        return start
    answer = _ask(Request(str(start), check_robots=True), client, clock)
    if isinstance(answer, Problem):
        return answer
    problem = status_problem(url, answer.status, answer.headers)
    if problem is not None:
        return problem
    if kind_of(as_ascii_bytes(answer.body)) is not BodyKind.HTML:
        return [Feed(str(start), registrable_domain(start))]
    robots_url = f"{URL(answer.final_url).origin()}/robots.txt"
    robots = _ask(Request(robots_url), client, clock)
    readable = isinstance(robots, Response) and 200 <= robots.status < 300
    sitemaps = sitemaps_named_in(robots.body, robots_url) if isinstance(robots, Response) and readable else ()
    urls = dict.fromkeys(found.url for found in (*feeds_named_in(answer.body, answer.final_url), *sitemaps))
    return [Feed(found, registrable_domain(URL(found))) for found in urls]


def _describe(
    feed: Feed, answer: Response, parsed: ParsedFeed, client: Client, clock: Callable[[], datetime]
) -> FeedCheck:
    dates = [entry.published_at for entry in parsed.entries if entry.published_at is not None]
    lengths = [_own_length(entry) for entry in parsed.entries]
    middle = round(median(lengths)) if lengths else None
    page_url = next((entry.url for entry in parsed.entries if entry.url), None)
    return FeedCheck(
        feed=feed,
        status=answer.status,
        final_url=answer.final_url,
        moved_to=answer.permanent_redirect_to,
        kind=parsed.kind,
        title=parsed.title,
        entries=len(parsed.entries),
        newest_at=max(dates, default=None),
        median_characters=middle,
        full_text=None if middle is None else middle >= FULL_TEXT_CHARACTERS,
        language=parsed.language,
        conditional="etag" in answer.headers or "last-modified" in answer.headers,
        page_url=page_url,
        page_problem=_robots_verdict(page_url, client, clock) if page_url else None,
        named_url=parsed.named_url if parsed.named_url not in (feed.url, answer.final_url) else None,
        checked_at=clock(),
    )


def _own_length(entry: FeedEntry) -> int:
    return max(len(plain_text(entry.content or "")), len(plain_text(entry.summary or "")))


def _robots_verdict(page_url: str, client: Client, clock: Callable[[], datetime]) -> Problem | None:
    if not client.rules.obey_robots:
        return None
    origin = str(URL(page_url).origin())
    answer = _ask(Request(f"{origin}/robots.txt"), client, clock)
    if isinstance(answer, Response):
        rules = rules_from_answer(origin, answer.status, answer.body, clock())
    else:
        rules = rules_from_problem(origin, answer, clock())
    return rules.refusal(page_url, client.rules.user_agent)


def _ask(request: Request, client: Client, clock: Callable[[], datetime]) -> Response | Problem:
    """An answer, or the problem that its host asked us, maybe for another feed of the list, to stay away for long."""
    patient = replace(request, not_after=clock() + timedelta(seconds=_PATIENCE_S))
    answer = client.submit(patient).result()
    if isinstance(answer, Postponed):
        return Problem(
            Reason.RATE_LIMITED,
            f"the host of {request.url} asks not to be asked before {answer.until:%Y-%m-%d %H:%M} UTC",
        )
    return answer
