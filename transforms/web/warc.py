"""WARC records (ISO 28500): an answer as the bytes of one, and the bytes of one as an answer. Pure, by FastWARC.

A body is kept as it was decoded: the headers that told of its packing go by other names (`X-Archive-Orig-…`), as
Heritrix and Common Crawl do it, so that every reader gets along.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from uuid import UUID

from schemas.ids import stable_hash
from schemas.outcomes import Reason
from schemas.records import Problem
from transforms.web.body import BodyDecoder, BodyTooLarge
from transforms.web.codings import BodyBroken
from transforms.web.messages import Response

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord, WarcRecordType

LEVEL: Final = 2
"""Of FastWARC's gzip. On 100 real pages it took 0.57 of the time of zlib's level 3 for 1.02 times the bytes."""

RESPONSE: Final = "response"
RESOURCE: Final = "resource"
METADATA: Final = "metadata"

_HTTP: Final = "application/http; msgtype=response"
_PACKING: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_CHUNK_SIZE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_PACKED: Final = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b"}
"""How bytes of a coding begin: a crawler that unpacked them may have left the header standing."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One record, read.

    Attributes:
        kind: `WARC-Type`: response, resource, metadata, request, revisit, warcinfo, …
        record_id: `WARC-Record-ID` as it stands there.
        url: `WARC-Target-URI`, without angle brackets.
        at: `WARC-Date`.
        answer: Of a response its HTTP answer, decoded; of a resource its bytes, as an answer of status 200.
        block: The bytes of a record of another kind.
    """

    kind: str
    record_id: str
    url: str
    at: datetime | None
    answer: Response | None = None
    block: bytes = b""


def response_record(response: Response) -> tuple[str, bytes]:
    """An answer's record id, and its record."""
    record_id = record_id_of(response.final_url, response.fetched_at, response.body)
    block = _head(response) + response.body
    return record_id, _record("response", record_id, response.final_url, response.fetched_at, _HTTP, block)


def revisit_record(response: Response, first: str, first_at: datetime) -> tuple[str, bytes]:
    """The record id and the record of an answer whose body is that of an earlier record, which it names."""
    record_id = record_id_of(response.final_url, response.fetched_at, b"revisit")
    more = {
        "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC-Refers-To": first,
        "WARC-Refers-To-Target-URI": response.final_url,
        "WARC-Refers-To-Date": _written(first_at),
    }
    return record_id, _record(
        "revisit", record_id, response.final_url, response.fetched_at, _HTTP, _head(response), more
    )


def _head(response: Response) -> bytes:
    lines = [f"HTTP/1.1 {response.status} ".encode()]
    for name, value in response.headers.items():
        kept = f"x-archive-orig-{name}" if name in _PACKING else name
        lines.append(f"{kept}: {value}".encode("utf-8", "surrogateescape"))
    lines.append(b"content-length: %d" % len(response.body))
    return b"\r\n".join(lines) + b"\r\n\r\n"


def resource_record(url: str, at: datetime, media_type: str, body: bytes) -> tuple[str, bytes]:
    """The record id and the record of bytes that were no answer by themselves."""
    record_id = record_id_of(url, at, body)
    return record_id, _record("resource", record_id, url, at, media_type, body)


def metadata_record(about_id: str, url: str, at: datetime, told: bytes) -> bytes:
    """The record of what is to be known of another one, as JSON."""
    record_id = record_id_of(about_id, at, told)
    return _record("metadata", record_id, url, at, "application/json", told, {"WARC-Concurrent-To": about_id})


def info_record(name: str, at: datetime, software: str) -> bytes:
    """The record that opens a file."""
    told = f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
    return _record(
        "warcinfo", record_id_of(name, at, told), "", at, "application/warc-fields", told, {"WARC-Filename": name}
    )


def record_id_of(url: str, at: datetime, body: bytes) -> str:
    """The id of a record: the same for the same bytes from the same address at the same time."""
    mark = stable_hash("record", url, at.astimezone(UTC).isoformat(timespec="microseconds"), str(zlib.crc32(body)))
    return f"<urn:uuid:{UUID(mark, version=5)}>"


def packed(record: bytes) -> bytes:
    """A record as a gzip member of its own, as the standard has it (annex D)."""
    from fastwarc.stream_io import GzipWriter

    out = BytesIO()
    writer = GzipWriter(out, compression_level=LEVEL)
    writer.write(record)
    writer.finish()
    return out.getvalue()


def _record(
    kind: str,
    record_id: str,
    url: str,
    at: datetime,
    content_type: str,
    block: bytes,
    more: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    from fastwarc.warc import WarcRecord

    record = WarcRecord()
    record.init_headers(_types()[kind])
    headers = record.headers
    headers["WARC-Record-ID"] = record_id
    headers["WARC-Date"] = _written(at)
    for name, value in {"WARC-Target-URI": url, **more, "Content-Type": content_type}.items():
        if value:
            headers[name] = " ".join(value.split())
    record.set_bytes_content(block)
    out = BytesIO()
    record.write(out, checksum_data=True)
    return out.getvalue()


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@cache
def _types() -> dict[str, WarcRecordType]:
    from fastwarc import warc

    return {name: getattr(warc, name) for name in ("response", "resource", "revisit", "metadata", "warcinfo")}


def read_record(data: bytes, max_bytes: int) -> Capture | Problem:
    """One record.

    Args:
        data: Its bytes, unpacked.
        max_bytes: Cap on an answer's body, decoded.

    Returns:
        The record; or why it cannot be used: BROKEN_RECORD, and of an answer TRUNCATED, TOO_LARGE or PROTOCOL.
    """
    try:
        record = _record_in(data)
        capture = _capture(record)
        if capture.kind == RESPONSE and capture.url.startswith(("http:", "https:")):
            return _with_answer(capture, record, max_bytes)
        body = record.reader.read()
    except (OSError, ValueError) as error:
        return Problem(Reason.BROKEN_RECORD, f"the record cannot be read ({error})")
    if capture.kind == RESOURCE and capture.at is not None:
        media_type = record.headers.get("Content-Type", "") or ""
        return replace(capture, answer=_answer(capture, capture.at, 200, {"content-type": media_type}, body))
    return replace(capture, block=body)


def read_head(data: bytes) -> Capture | Problem:
    """One record without its block; BROKEN_RECORD where it cannot be read."""
    try:
        return _capture(_record_in(data))
    except (OSError, ValueError) as error:
        return Problem(Reason.BROKEN_RECORD, f"the record cannot be read ({error})")


def _record_in(data: bytes) -> WarcRecord:
    from fastwarc.warc import ArchiveIterator

    record = next(iter(ArchiveIterator(BytesIO(data), parse_http=False, stream_detect=False)), None)
    if record is None:
        raise ValueError("it is empty")
    return record


def _capture(record: WarcRecord) -> Capture:
    headers = record.headers
    return Capture(
        kind=(headers.get("WARC-Type") or "").strip().lower(),
        record_id=(headers.get("WARC-Record-ID") or "").strip(),
        url=(headers.get("WARC-Target-URI") or "").strip().strip("<>"),
        at=_moment(headers.get("WARC-Date")),
    )


def _moment(written: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((written or "").strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _with_answer(capture: Capture, record: WarcRecord, max_bytes: int) -> Capture | Problem:
    if capture.at is None:
        return Problem(Reason.BROKEN_RECORD, f"the record of {capture.url} does not say when it was fetched")
    record.parse_http(auto_decode="none")
    status = record.http_headers.status_code
    if status is None:
        return Problem(Reason.BROKEN_RECORD, f"the record of {capture.url} holds no HTTP answer")
    headers: dict[str, str] = {}
    for name, value in record.http_headers.to_tuples():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    body = _decoded(capture.url, headers, record.reader.read(), max_bytes)
    if isinstance(body, Problem):
        return body
    return replace(capture, answer=_answer(capture, capture.at, status, headers, body))


def _answer(capture: Capture, at: datetime, status: int, headers: dict[str, str], body: bytes) -> Response:
    return Response(capture.url, capture.url, status, headers, body, at, elapsed_ms=0)


def _decoded(url: str, headers: dict[str, str], body: bytes, max_bytes: int) -> bytes | Problem:
    """The body without the chunks and the packing that its headers tell of, where it has them."""
    try:
        if "chunked" in headers.get("transfer-encoding", "").lower() and _CHUNK_SIZE.match(body):
            body = _joined(body)
        coding = headers.get("content-encoding", "").strip().lower()
        if not body.startswith(_PACKED.get(coding, b"")):
            coding = ""
        decoder = BodyDecoder(coding, max_bytes)
        decoder.feed(body)
        return decoder.finish()
    except BodyTooLarge:
        return Problem(Reason.TOO_LARGE, f"{url} is over the cap of {max_bytes} bytes, decompressed")
    except BodyBroken as error:
        return Problem(Reason.TRUNCATED, f"{url}: {error}")


def _joined(body: bytes) -> bytes:
    """The parts of a chunked body as one (RFC 9112, 7.1); trailers are left out. FastWARC's own reader stops at them.

    Raises:
        BodyBroken: It ends early, or a part is none.
    """
    parts: list[bytes] = []
    at = 0
    while size := _CHUNK_SIZE.match(body, at):
        length = int(size[1], 16)
        if length == 0:
            return b"".join(parts)
        begin, at = size.end(), size.end() + length
        if body[at : at + 2] != b"\r\n":
            break
        parts.append(body[begin:at])
        at += 2
    raise BodyBroken(f"the chunked body is damaged at byte {at}")
