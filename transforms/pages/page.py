"""From an answer or a file to a `Page`: is there something that could be an article?"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from schemas.ids import document_key
from schemas.outcomes import Reason
from schemas.records import FeedEntry, Lost, Page, Problem
from transforms.pages.arrival import led_astray
from transforms.pages.queue import MAX_ATTEMPTS, PASSING
from transforms.web.messages import Response
from transforms.web.status import challenge_problem, status_problem

DOCUMENT_SUFFIXES: Final = {".txt": "text/plain", ".html": "text/html", ".htm": "text/html"}

LOCAL_SOURCE: Final = "local"

FEED_CONTENT: Final = "feed-content"
FEED_SUMMARY: Final = "feed-summary"
"""Names that `extractor` has where a feed's own words are the text."""

_TEXTUAL: Final = frozenset(
    {"text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml", "application/vnd.wap.xhtml+xml"}
)
_VAGUE: Final = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "application/unknown", "unknown/unknown"}
)
"""Media types that say nothing, so that the bytes decide."""

_SIGNATURES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "application/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
)
"""Beginnings of what stands where an article should (WHATWG MIME Sniffing, 6)."""

_HTML_START: Final = re.compile(
    rb"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|body|title|meta|script|div|p|article|h1)(?=[\s>/])",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_BOMS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD: Final = 2_048
_CONTROLS: Final = bytes(byte for byte in range(0x20) if byte not in b"\t\n\f\r\x1b")


def page_from_response(entry: FeedEntry, response: Response) -> Page | Problem:
    """The page behind an entry, or why there is none.

    A status that means failure gives its reason; a bot shield's challenge, and a redirect to a wall or a home page,
    BLOCK_PAGE; an empty body EMPTY; a PDF, an image, sound, film or an archive UNSUPPORTED_TYPE, whatever the header
    calls it.
    """
    url = response.final_url
    problem = (
        status_problem(url, response.status, response.headers)
        or challenge_problem(url, response.headers)
        or led_astray(response.url, url)
    )
    if problem is not None:
        return problem
    if not response.body.strip():
        return Problem(Reason.EMPTY, f"{url} answered HTTP {response.status} without a body; it is asked again later")
    media_type = media_type_of(response.headers, response.body)
    if media_type not in _TEXTUAL:
        return Problem(
            Reason.UNSUPPORTED_TYPE,
            f"{url} is {media_type}, no HTML or plain text; newsbeam reads articles from HTML and text only",
        )
    return Page(
        entry=entry,
        final_url=url,
        body=response.body,
        media_type=media_type,
        charset=charset_of(response.headers),
        status=response.status,
        fetched_at=response.fetched_at,
    )


def page_from_feed(entry: FeedEntry, now: datetime, lost: Lost | None = None) -> Page | None:
    """What the feed itself gives of an entry, its content or else its summary, as a page; None where it gives neither.

    Args:
        entry: The entry.
        now: Becomes `fetched_at`.
        lost: What happened to the page that this one stands in for; None where the entry has no link.
    """
    words, extractor = (entry.content, FEED_CONTENT) if entry.content else (entry.summary, FEED_SUMMARY)
    if not words or entry.feed_url is None:
        return None
    body = f"<html><body><article>{words}</article></body></html>"
    return Page(
        entry,
        entry.url or entry.feed_url,
        body.encode("utf-8", "surrogatepass"),
        "text/html",
        "utf-8",
        None,
        now,
        archive_ref=lost.archive_ref if lost else None,
        from_feed=extractor,
        lost=lost,
    )


def stands_in_for(entry: FeedEntry, lost: Lost, now: datetime) -> Page | None:
    """The feed's words in place of a page that could not be had; None where there are none, or where a later try may
    bring the page."""
    if lost.problem.reason in PASSING and entry.attempt < MAX_ATTEMPTS:
        return None
    return page_from_feed(entry, now, lost)


def media_type_of(headers: Mapping[str, str], body: bytes) -> str:
    """Media type in lower case, without parameters: what the bytes prove, else what the header says, else a guess."""
    proven = _signature(body)
    if proven is not None:
        return proven
    declared = headers.get("content-type", "").split(",")[0].split(";")[0].strip().lower()
    if declared not in _VAGUE and declared != "text/plain":
        return declared
    if _HTML_START.match(body[:_HEAD]):
        return "text/html"
    return declared if declared == "text/plain" else "application/octet-stream" if looks_binary(body) else "text/plain"


def charset_of(headers: Mapping[str, str]) -> str | None:
    """Charset that the transport names, in lower case, if it names one."""
    match = _CHARSET.search(headers.get("content-type", ""))
    return match.group(1).lower() if match else None


def looks_binary(body: bytes) -> bool:
    """True for bytes that are no text in any encoding: control characters, and not UTF-16 with its mark."""
    head = body[:_HEAD]
    if head.startswith(_BOMS):
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return b"\0" in head or controls > len(head) // 50


def _signature(body: bytes) -> str | None:
    if body[4:8] == b"ftyp":
        return "video/mp4"
    if body[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wave", b"AVI ": "video/avi"}.get(body[8:12])
    return next((media_type for start, media_type in _SIGNATURES if body.startswith(start)), None)


def read_document(path: Path, *, now: datetime, max_bytes: int) -> Page | Problem:
    """A document from disk as a page.

    Args:
        path: A `.txt`, `.html` or `.htm` file.
        now: Becomes `fetched_at`.
        max_bytes: Cap on its size.

    Returns:
        The page, with an entry that has no fingerprint; or UNREADABLE, TOO_LARGE, EMPTY, BINARY, UNSUPPORTED_TYPE.
    """
    media_type = DOCUMENT_SUFFIXES.get(path.suffix.lower())
    if media_type is None:
        known = ", ".join(DOCUMENT_SUFFIXES)
        return Problem(Reason.UNSUPPORTED_TYPE, f"{path} is none of {known}; convert it to text or HTML first")
    try:
        if not path.is_file():
            what = "is no regular file" if path.exists() else "does not exist"
            return Problem(Reason.UNREADABLE, f"{path} {what}; check the path")
        with path.open("rb") as file:
            body = file.read(max_bytes + 1)
    except OSError as error:
        return Problem(Reason.UNREADABLE, f"{path} cannot be read ({error.strerror}); check its permissions")
    if len(body) > max_bytes:
        return Problem(Reason.TOO_LARGE, f"{path} is over the cap of {max_bytes} bytes; raise it or split the file")
    if not body.strip(b" \t\r\n\f\0\xef\xbb\xbf"):
        return Problem(Reason.EMPTY, f"{path} holds nothing but white space")
    if _signature(body) is not None or looks_binary(body):
        return Problem(Reason.BINARY, f"{path} holds no text although its name ends in {path.suffix}")
    uri = path.absolute().as_uri()
    return Page(
        entry=FeedEntry(key=document_key(uri), source=LOCAL_SOURCE, url=uri),
        final_url=uri,
        body=body,
        media_type=media_type,
        charset=None,
        status=None,
        fetched_at=now.astimezone(UTC),
    )


def find_documents(paths: Sequence[Path]) -> list[Path]:
    """The documents that paths stand for: a file for itself, a folder for its `.txt`, `.html` and `.htm` files.

    A folder is searched to all depths but for hidden folders; hidden files are left out. Sorted, each file once. A file
    that was named is returned whatever it is, so that what cannot be read becomes a failure and not a silence.
    """
    found: dict[Path, None] = {}
    for path in paths:
        for document in _in_folder(path) if path.is_dir() else [path]:
            found.setdefault(document)
    return sorted(found)


def _in_folder(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return [folder]  # becomes an UNREADABLE failure when it is read
    documents = []
    for path in inside:
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            documents += _in_folder(path)
        elif path.suffix.lower() in DOCUMENT_SUFFIXES:
            documents.append(path)
    return documents
