"""A local HTTP server that plays news sites: real bytes over a real socket, ETags, and a record of what was asked."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass
class Site:
    """Serves `pages` (path -> (media type, body)) on a free port of 127.0.0.1; a context manager.

    Attributes:
        asked: Paths in the order they were asked for.
    """

    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Site:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The site's address without a final slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def put(self, path: str, body: str | bytes, media_type: str = "text/html; charset=utf-8") -> str:
        """Publishes a page and gives its address."""
        self.pages[path] = (media_type, body.encode() if isinstance(body, str) else body)
        return self.url + path

    def asked_pages(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [path for path in self.asked if path != "/robots.txt"]


def _handler_for(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(self.path)
            media_type, body = site.pages.get(self.path, ("text/plain", b""))
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            status = 200 if self.path in site.pages else 404
            if status == 200 and self.headers.get("If-None-Match") == tag:
                status, body = 304, b""
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            if status != 404:
                self.send_header("ETag", tag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests are quiet."""

    return Handler
