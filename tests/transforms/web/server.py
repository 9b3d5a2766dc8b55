"""A real HTTP server on 127.0.0.1 that misbehaves on demand."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

Route = Callable[["Handler"], None]


@dataclass(frozen=True)
class Seen:
    """One request as the server saw it. Header names in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass
class Site:
    """Serves `routes`; what has no route gives 404. `released` is set at the end and frees handlers that hang."""

    routes: dict[str, Route] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    tls: ssl.SSLContext | None = None

    def __enter__(self) -> Site:
        handler = type("BoundHandler", (Handler,), {"site": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = False
        if self.tls is not None:
            # The handshake happens in the handler's thread, at its first read, so that a failed one stops nobody.
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [request.path for request in self.seen]


class Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.site.seen.append(Seen(self.path, {name.lower(): value for name, value in self.headers.items()}))
        self.site.routes.get(self.path, answer(404))(self)

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ssl.SSLError):
            self.close_connection = True  # the client gave up, as many tests mean it to

    def log_message(self, format: str, *args: object) -> None:
        """Tests read `site.seen`."""

    def hang_up(self) -> None:
        """Drop the connection at once."""
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True


def answer(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Route:
    """A well-behaved answer."""

    def route(handler: Handler) -> None:
        dated = "Date" in (headers or {})  # else the server gives its own, by the clock on the wall
        (handler.send_response_only if dated else handler.send_response)(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        if status not in (204, 304) and not any(name.lower() == "content-length" for name in headers or {}):
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return route


def redirect(to: str, status: int = 302) -> Route:
    """A redirect."""
    return answer(status, headers={"Location": to})


def raw(data: bytes) -> Route:
    """Bytes straight onto the wire, then the connection is dropped."""

    def route(handler: Handler) -> None:
        handler.wfile.write(data)
        handler.hang_up()

    return route


def stall_after(data: bytes) -> Route:
    """Bytes onto the wire, then silence until the site is closed."""

    def route(handler: Handler) -> None:
        handler.wfile.write(data)
        handler.wfile.flush()
        handler.site.released.wait()
        handler.close_connection = True

    return route
