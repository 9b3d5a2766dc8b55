"""Object stores on this machine, each in a process of its own: a client that holds Python's lock cannot stop them.

    python -m tests.stores s3            moto's server
    python -m tests.stores gs BINARY     fake-gcs-server, behind a front that speaks the requests it lacks

The first line of output is the address; they serve until standard input ends.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def store(scheme: str, record: Path, *arguments: str) -> Iterator[str]:
    """A store with the bucket `news` for the time of a `with` block: its address, which stands in the environment too.

    Args:
        scheme: s3 or gs.
        record: File that takes the store's own record of requests.
        arguments: As above.
    """
    command = [sys.executable, "-m", "tests.stores", scheme, *arguments]
    with (
        record.open("w") as out,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out, text=True
        ) as process,
        pytest.MonkeyPatch.context() as patched,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_", "STORAGE_"))]:
            patched.delenv(name)
        if scheme == "s3":
            make_bucket = urllib.request.Request(f"{address}/news", method="PUT")
            patched.setenv("AWS_ENDPOINT_URL", address)
            patched.setenv("AWS_ACCESS_KEY_ID", "testing")
            patched.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        else:
            make_bucket = urllib.request.Request(f"{address}/storage/v1/b?project=p", b'{"name": "news"}')
            patched.setenv("STORAGE_EMULATOR_HOST", address)
        urllib.request.urlopen(make_bucket).close()
        yield address
        process.stdin.close()


def serve_s3() -> None:
    """moto's server of S3."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    print("http://{}:{}".format(*server.get_host_and_port()), flush=True)
    sys.stdin.read()
    server.stop()


def serve_google(binary: str) -> None:
    """fake-gcs-server behind `Front`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    Front.behind = f"127.0.0.1:{port}"
    arguments = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    command = [binary, *arguments, "-public-host", Front.behind]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        if not any("server started" in line for line in process.stderr):
            sys.exit(f"{binary} did not start")
        threading.Thread(target=process.stderr.read, daemon=True).start()  # so that it can go on writing
        front = ThreadingHTTPServer(("127.0.0.1", 0), Front)
        threading.Thread(target=front.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{front.server_port}", flush=True)
        sys.stdin.read()
        process.terminate()


class Front(BaseHTTPRequestHandler):
    """Passes requests on. fake-gcs-server knows Google's JSON API, and of the XML API, which deltalake speaks, only
    parts: a put and a delete are said in JSON, and a listing leaves out what is not after `start-after`."""

    protocol_version = "HTTP/1.1"
    behind = ""

    def log_message(self, format: str, *args: object) -> None:
        print(self.command, self.path, file=sys.stderr, flush=True)

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        url = urlsplit(self.path)
        bucket, _, name = url.path.lstrip("/").partition("/")
        spoken_in_xml = bucket not in ("storage", "upload", "download", "batch")
        method, path = self.command, self.path
        if spoken_in_xml and name and method == "PUT":
            method, path = "POST", f"/upload/storage/v1/b/{bucket}/o?{urlencode(self._upload(unquote(name)))}"
        elif spoken_in_xml and name and method == "DELETE":
            path = f"/storage/v1/b/{bucket}/o/{quote(unquote(name), safe='')}"
        left_out = ("host", "transfer-encoding", "accept-encoding")
        headers = {key: value for key, value in self.headers.items() if key.lower() not in left_out}
        client = http.client.HTTPConnection(self.behind)
        client.request(method, path, body, headers)
        answer = client.getresponse()
        told, data = {key.lower(): value for key, value in answer.getheaders()}, answer.read()
        client.close()
        if spoken_in_xml and self.command == "PUT" and answer.status == 200:
            made = json.loads(data)
            told, data = {"etag": f'"{made["etag"]}"', "x-goog-generation": str(made["generation"])}, b""
        if spoken_in_xml and "start-after" in url.query:
            data = _after(parse_qs(url.query)["start-after"][0], data)
        self._answer(answer.status, told, data)

    def _upload(self, name: str) -> dict[str, str]:
        condition = self.headers.get("x-goog-if-generation-match")
        wanted = {"uploadType": "media", "name": name}
        return wanted | ({"ifGenerationMatch": condition} if condition else {})

    def _answer(self, status: int, told: dict[str, str], data: bytes) -> None:
        self.send_response(status)
        length = told.get("content-length", "0") if self.command == "HEAD" else str(len(data))
        for key, value in told.items():
            if key not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(key, value)
        self.send_header("content-length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on


def _after(name: str, listing: bytes) -> bytes:
    def kept(entry: re.Match[bytes]) -> bytes:
        key = re.search(rb"<Key>(.*?)</Key>", entry[0])
        return entry[0] if key and key[1].decode() > name else b""

    return re.sub(rb"<Contents>.*?</Contents>", kept, listing, flags=re.S)


if __name__ == "__main__":
    if sys.argv[1] == "s3":
        serve_s3()
    else:
        serve_google(sys.argv[2])
