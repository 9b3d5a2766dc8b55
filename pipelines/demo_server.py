"""The bundled demonstration site: two invented news outlets on two ports of this machine.

The pages lie in `demo_site/<outlet>/` as they are served, with `{base}` where the outlet's own address goes and
`{header}`, `{footer}`, … where a file of the outlet's `parts/` goes. A file under `revised/` takes the place of its
namesake once `DemoSite.revise` was called: that is how a publisher edits an article.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

_FEEDS = {"oxus_courier": "/feed.xml", "bactria_monitor": "/feed.atom"}
_MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "xml": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "css": "text/css; charset=utf-8",
}
_FIRST_EDITION = datetime(2026, 9, 16, 18, 0, tzinfo=UTC)
_REVISED_EDITION = datetime(2026, 9, 17, 6, 40, tzinfo=UTC)
_NOT_FOUND = b"<!DOCTYPE html><title>Not found</title><h1>404</h1><p>There is no such page.</p>"


@dataclass(frozen=True, slots=True)
class _Document:
    """One file of the site as it goes over the wire."""

    body: bytes
    media_type: str
    modified: datetime

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'


class DemoSite:
    """Two small news sites on 127.0.0.1, for the time of a `with` block.

    Attributes:
        feed_urls: Addresses of the RSS feed and of the Atom feed; known from the start of the block.
        requests: One line per answered request, `GET http://127.0.0.1:50123/feed.xml 200`, in order of arrival.

    Raises:
        OSError: On entering the block, where no port of the loopback interface can be bound.
    """

    feed_urls: tuple[str, str]

    def __init__(self) -> None:
        self.requests: list[str] = []
        self._outlets: list[_Outlet] = []
        self._running = ExitStack()

    def __enter__(self) -> DemoSite:
        with ExitStack() as starting:
            self._outlets = [starting.enter_context(_serving(_Outlet(name, self.requests))) for name in _FEEDS]
            self._running = starting.pop_all()
        first, second = (outlet.base + _FEEDS[outlet.name] for outlet in self._outlets)
        self.feed_urls = (first, second)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def revise(self) -> None:
        """Publish the edited version of one article: its page and its entry in the Atom feed change."""
        for outlet in self._outlets:
            outlet.revise()


class _Outlet(ThreadingHTTPServer):
    """One outlet on a port of its own. Documents are rendered before they are asked for: no path is ever opened."""

    daemon_threads = True

    def __init__(self, name: str, requests: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name = name
        self.base = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests = requests
        self._folder = files("pipelines") / "demo_site" / name
        self.documents = _render(self._folder, self.base, _FIRST_EDITION)

    def revise(self) -> None:
        self.documents = self.documents | _render(self._folder, self.base, _REVISED_EDITION, edition="revised")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the only error here is a client that hung up, and the demo's output is not the place for it."""


@contextmanager
def _serving(outlet: _Outlet) -> Iterator[_Outlet]:
    thread = threading.Thread(target=outlet.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    with outlet:
        thread.start()
        try:
            yield outlet
        finally:
            outlet.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Outlet

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        document = self.server.documents.get(urlsplit(self.path).path)
        if document is None:
            self._send(404, _Document(_NOT_FOUND, _MEDIA_TYPES["html"], _FIRST_EDITION), with_body=with_body)
        elif _is_fresh(document, self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")):
            self._send(304, document, with_body=False)
        else:
            self._send(200, document, with_body=with_body)

    def _send(self, status: int, document: _Document, *, with_body: bool) -> None:
        self.server.requests.append(f"{self.command} {self.server.base}{self.path} {status}")
        self.send_response(status)
        if status != 404:
            self.send_header("ETag", document.etag)
            self.send_header("Last-Modified", format_datetime(document.modified, usegmt=True))
        if status != 304:
            self.send_header("Content-Type", document.media_type)
            self.send_header("Content-Length", str(len(document.body)))
        # Without it an idle kept-alive connection would outlive the `with` block.
        self.send_header("Connection", "close")
        self.end_headers()
        if with_body:
            self.wfile.write(document.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `DemoSite.requests` is the log."""


def _is_fresh(document: _Document, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """True where the client's copy is still good. A date is looked at only without an ETag (RFC 9110, 13.2.2)."""
    if if_none_match is not None:
        offered = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return "*" in offered or document.etag in offered
    if if_modified_since is None:
        return False
    try:
        return document.modified <= parsedate_to_datetime(if_modified_since).astimezone(UTC)
    except ValueError:
        return False


def _render(outlet: Traversable, base: str, modified: datetime, edition: str | None = None) -> dict[str, _Document]:
    """Documents of an outlet (of one edition: those that it replaces) by their path on the server."""
    parts = {item.name.removesuffix(".html"): item.read_text("utf-8") for item in (outlet / "parts").iterdir()}
    root = outlet / edition if edition else outlet
    documents = {}
    for path, item in _walk(root) if root.is_dir() else ():
        text = item.read_text("utf-8")
        for name, part in parts.items():
            text = text.replace(f"{{{name}}}", part.rstrip("\n"))
        suffix = path.rsplit(".", 1)[-1]
        served_at = "/" if path == "/index.html" else path.removesuffix(".html")
        documents[served_at] = _Document(text.replace("{base}", base).encode(), _MEDIA_TYPES[suffix], modified)
    return documents


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for item in folder.iterdir():
        path = f"{prefix}/{item.name}"
        if item.is_file():
            yield path, item
        elif path not in ("/parts", "/revised"):
            yield from _walk(item, path)
