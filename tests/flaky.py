"""A front before a store that fails on request, in a process of its own (a client may hold Python's lock).

    python -m tests.flaky ADDRESS

The first line of output is its address. Each line of input, answered by a line, plans failures of the requests to come:

    HOW TIMES METHOD PART      e.g. `500 3 PUT .parquet`; HOW is a status, `reset`, or `lost` (done, but not answered)
"""

from __future__ import annotations

import http.client
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit


class Flaky(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    behind = ""
    plan: tuple[str, int, str, str] = ("500", 0, "", "")
    lock = threading.Lock()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def _planned(self) -> str | None:
        with Flaky.lock:
            how, times, method, part = Flaky.plan
            if not times or self.command != method or part not in unquote(self.path):
                return None
            Flaky.plan = (how, times - 1, method, part)
            return how

    def _pass_on(self) -> None:
        body = self._body()
        how = self._planned()
        if how == "reset":
            self._hang_up()
            return
        if how is not None and how != "lost":
            self.send_response(int(how))
            self.send_header("content-length", "0")
            self.end_headers()
            return
        client = http.client.HTTPConnection(self.behind)
        left_out = ("transfer-encoding", "content-length")
        headers = {key: value for key, value in self.headers.items() if key.lower() not in left_out}
        client.request(self.command, self.path, body, headers)
        answer = client.getresponse()
        data = answer.read()
        client.close()
        if how == "lost":
            self._hang_up()
            return
        self.send_response(answer.status)
        length = answer.getheader("content-length", "0") if self.command == "HEAD" else str(len(data))
        for key, value in answer.getheaders():
            if key.lower() not in ("content-length", "transfer-encoding", "connection", "server", "date"):
                self.send_header(key, value)
        self.send_header("content-length", length)
        self.end_headers()
        self.wfile.write(data)

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on


def main(address: str) -> None:
    Flaky.behind = urlsplit(address).netloc
    server = ThreadingHTTPServer(("127.0.0.1", 0), Flaky)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    for line in sys.stdin:
        how, times, method, part = line.split()
        with Flaky.lock:
            Flaky.plan = (how, int(times), method, part)
        print("planned", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
