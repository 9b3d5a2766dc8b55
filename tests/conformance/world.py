"""A world for a poller: a server that misbehaves on demand, a clock that the test moves, and hosts by name.

A poll here is made of the product's own parts: `poll_request`, the web client over a real socket, `absorb`. Invented
hosts are led to the server by rewriting addresses before and after the client, so that a test can speak of https and
default ports.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType

from schemas.outcomes import PollOutcome
from schemas.records import Feed, Poll, Problem
from tests.transforms.web.server import Handler, Route, Site, answer
from transforms.feeds.poll import poll_request
from transforms.feeds.shard import FeedMemory, Polled, ShardMemory, absorb, recall
from transforms.web.client import Client
from transforms.web.messages import FetchRules, Postponed, Request, Response

AGENT = "testbot/1.0 (+https://contact.example)"
WAIT_S = 30


class World:
    """Polls one feed of `site` as often as asked. A context manager."""

    def __init__(self, now: datetime, **rules: object) -> None:
        self.now = now
        self.site = Site()
        kept: dict[str, object] = {"user_agent": AGENT, "allow_private": True, "spacing_s": 0.0, "timeout_s": 5.0}
        self._rules = FetchRules(**(kept | rules))  # type: ignore[arg-type]
        self.names: dict[str, str] = {}
        self.memory: dict[str, FeedMemory] = {}

    def __enter__(self) -> World:
        self.site.__enter__()
        self.client = Client(self._rules, lambda: self.now)
        self.feed = Feed(self.site.url("/feed"), "example")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        self.site.__exit__(kind, error, trace)

    def serve(self, route: Route, path: str = "/feed") -> None:
        self.site.routes[path] = route

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def known(self) -> FeedMemory:
        return recall(self.memory, self.feed, self.now)

    def ask(self, request: Request) -> Response | Problem | Postponed:
        """One request over the wire, with invented hosts led to the server."""
        led = replace(
            request, url=self._led(request.url), validators_url=self._led(request.validators_url or "") or None
        )
        got = self.client.submit(led).result(WAIT_S)
        if isinstance(got, Response):
            back = {self._led(request.url): request.url}
            return replace(got, url=request.url, final_url=back.get(got.final_url, got.final_url))
        return got

    def _led(self, url: str) -> str:
        for name, target in self.names.items():
            if url.startswith(name):
                return target + url.removeprefix(name)
        return url

    def poll(self, **later: float) -> Poll:
        """Polls the feed when it is due (or after `later`), and gives the row of `polls`."""
        polled = self.polled(**later)
        assert polled.poll is not None
        return polled.poll

    def polled(self, **later: float) -> Polled:
        known = self.known()
        self.now = self.now + timedelta(**later) if later else max(self.now, known.state.next_due_at)
        got = self.ask(poll_request(known.state))
        polled = absorb(self.feed, known, got, self.now)
        self.memory[self.feed.url] = polled.memory
        return polled

    def wait_s(self) -> float:
        """Seconds until the feed is due."""
        return (self.known().state.next_due_at - self.now).total_seconds()

    def sent(self, name: str) -> list[str | None]:
        """A header of all requests for the feed, in their order."""
        return [seen.headers.get(name) for seen in self.site.seen if seen.path == "/feed"]


def item(
    name: str, *, guid: str | None = None, date: str = "", link: str | None = None, title: str | None = None
) -> str:
    dated = f"<pubDate>{date}</pubDate>" if date else ""
    return (
        f"<item><title>{title or 'Report ' + name}</title><link>{link or 'https://news.example/' + name}</link>"
        f"<guid isPermaLink='false'>{guid or name}</guid>{dated}</item>"
    )


def rss(*items: str, head: str = "") -> bytes:
    return (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom' xmlns:itunes='http://www.itunes.com/dtds/"
        f"podcast-1.0.dtd'><channel><title>News</title>{head}{''.join(items)}</channel></rss>"
    ).encode()


def news(*names: str, head: str = "", status: int = 200, **headers: str) -> Route:
    """A feed with these items; `cache_control="no-cache"` is a header."""
    body = rss(*(item(name) for name in names), head=head)
    return answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


__all__ = ["AGENT", "PollOutcome", "ShardMemory", "World", "answer", "item", "news", "rss", "tagged"]


def tagged(body: bytes, tag: str, **headers: str) -> Route:
    """A feed that answers 304 to its own tag."""

    def route(handler: Handler) -> None:
        same = handler.headers.get("If-None-Match") == tag
        answer(304 if same else 200, b"" if same else body, {"ETag": tag, **headers})(handler)

    return route
