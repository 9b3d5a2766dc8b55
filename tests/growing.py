"""News outlets that publish while a job runs: feeds that grow, pages, and a log of what was asked when."""

from __future__ import annotations

import hashlib
import random
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

from transforms.clock import Clock

_WORDS = re.findall(
    r"\w+",
    """border guard market bridge valley council harvest railway teacher winter river minister road hospital water
customs shepherd engineer village court protest election power school festival airport mountain trader police mayor
carpet museum clinic drought tunnel summit parliament garden library factory harbour glacier orchard pipeline""",
)

FEED = "/feed.xml"


@dataclass(frozen=True)
class Asked:
    """One request: when it came by the outlets' clock, for which address, and how it was answered."""

    at: datetime
    url: str
    status: int


class Outlets:
    """Some outlets, each on an address of its own (127.0.0.21, …), for the time of a `with` block. Linux only.

    Attributes:
        published: Addresses of all articles so far, in order.
        asked: All requests so far, robots.txt left out, in order.
    """

    def __init__(self, count: int, clock: Clock) -> None:
        self.clock = clock
        self.published: list[str] = []
        self.asked: list[Asked] = []
        self._count = count
        self._stack = ExitStack()

    def __enter__(self) -> Outlets:
        with ExitStack() as starting:
            self._outlets = [starting.enter_context(_serving(f"127.0.0.{21 + n}", self)) for n in range(self._count)]
            self._stack = starting.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def feeds(self) -> list[str]:
        """Addresses of the feeds."""
        return [outlet.base + FEED for outlet in self._outlets]

    def publish(self) -> None:
        """One more article, in the outlets' turn."""
        number = len(self.published)
        outlet = self._outlets[number % len(self._outlets)]
        self.published.append(outlet.publish(number))

    @contextmanager
    def publishing(self, every_s: float) -> Iterator[None]:
        """Goes on publishing for the time of a `with` block."""
        ended = threading.Event()

        def work() -> None:
            while not ended.wait(every_s):
                self.publish()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def polls(self, feed: str) -> list[Asked]:
        """The requests for a feed."""
        return [asked for asked in self.asked if asked.url == feed]

    def fetches(self) -> Counter[str]:
        """How often each page was asked for."""
        return Counter(asked.url for asked in self.asked if not asked.url.endswith(FEED))


class _Outlet(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: str, outlets: Outlets) -> None:
        super().__init__((address, 0), _Handler)
        self.base = f"http://{address}:{self.server_address[1]}"
        self.outlets = outlets
        self.pages: dict[str, str] = {}
        self._items: list[str] = []
        self._set_feed()

    def publish(self, number: int) -> str:
        title, path = f"Report {number}: {_sentence(random.Random(-number), 6)}", f"/news/{number}"
        self.pages[path] = page_of(title, number)
        link = self.base + path
        self._items.insert(0, f"<item><title>{escape(title)}</title><link>{link}</link><guid>{link}</guid></item>")
        self._set_feed()
        return link

    def _set_feed(self) -> None:
        items = "".join(self._items)
        self.pages[FEED] = f"<rss version='2.0'><channel><title>Outlet</title>{items}</channel></rss>"

    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that is killed hangs up: nothing to tell."""


class _Handler(BaseHTTPRequestHandler):
    server: _Outlet

    def do_GET(self) -> None:
        came = self.server.outlets.clock()
        page = self.server.pages.get(self.path)
        body = (page or "").encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        status = 404 if page is None else 304 if self.headers.get("If-None-Match") == tag else 200
        if self.path != "/robots.txt":
            self.server.outlets.asked.append(Asked(came, self.server.base + self.path, status))
        self.send_response(status)
        if status != 404:
            self.send_header("ETag", tag)
            self.send_header("Content-Type", "application/rss+xml" if self.path == FEED else "text/html; charset=utf-8")
        self.end_headers()
        if status == 200:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


@contextmanager
def _serving(address: str, outlets: Outlets) -> Iterator[_Outlet]:
    with _Outlet(address, outlets) as outlet:
        thread = threading.Thread(target=outlet.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield outlet
        finally:
            outlet.shutdown()
            thread.join()


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words)).capitalize()


def page_of(title: str, number: int) -> str:
    """An article whose text no other has."""
    chance = random.Random(number)
    paragraphs = "".join(
        f"<p>The {_sentence(chance, 12).lower()} of the {_sentence(chance, 10).lower()}.</p>" for _ in range(8)
    )
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{escape(title)}</title></head>"
        f"<body><article><h1>{escape(title)}</h1>{paragraphs}</article></body></html>"
    )
