"""WARC files as crawlers leave them, written by hand, byte for byte."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime

AT = datetime(2026, 9, 14, 6, 30, 15, 123456, tzinfo=UTC)


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP answer."""
    lines = [f"HTTP/1.1 {status}", *(headers or ("Content-Type: text/html; charset=utf-8",))]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(
    block: bytes,
    url: str = "https://news.example.org/a",
    number: int = 1,
    kind: str = "response",
    length: int | None = None,
    at: str = "2026-09-14T06:30:15Z",
) -> bytes:
    """A record of WARC 1.0, unpacked; `length` lies about its block's."""
    content_type = "application/http; msgtype=response" if kind == "response" else "text/plain"
    head = [
        "WARC/1.0", f"WARC-Type: {kind}", f"WARC-Target-URI: {url}", f"WARC-Date: {at}",
        f"WARC-Record-ID: {record_id(number)}", f"Content-Type: {content_type}",
        f"Content-Length: {len(block) if length is None else length}",
    ]  # fmt: skip
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def record_id(number: int) -> str:
    return f"<urn:uuid:00000000-0000-4000-8000-{number:012}>"


def gzip_of(data: bytes) -> bytes:
    """Bytes by gzip, without the time: what stands in a test's name is the same in every process."""
    return gzip.compress(data, mtime=0)


def gzipped(records: Iterable[bytes]) -> bytes:
    """One member per record."""
    return b"".join(gzip_of(one) for one in records)


def chunked(body: bytes) -> bytes:
    half = len(body) // 2
    return (
        b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]))
        + b"0\r\nX-Trailer: 1\r\n\r\n"
    )


def bare_deflate(body: bytes) -> bytes:
    return zlib.compress(body, wbits=-15)
