"""Page to article: what is in the bytes. `extract_page` is the room's one door for content."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from schemas.outcomes import Reason
from schemas.records import Extracted, Page, Problem
from transforms.articles.charset import decode
from transforms.articles.credit import credit_in_notes
from transforms.articles.html import read_page
from transforms.articles.language import identify, settle
from transforms.articles.plaintext import clean_plain_text

MAX_HTML_BYTES = 20_000_000
"""Largest HTML page that is parsed; trafilatura's own bound is the same."""

MAX_PLAIN_BYTES = 20_000_000
"""Largest bare text that is read."""

PLAIN_EXTRACTOR = "plaintext-1"

_PLAIN = frozenset({"text/plain", "text/markdown", "text/x-markdown"})
_MARKUP = frozenset({"text/html", "application/xhtml+xml", "application/xml", "text/xml", "application/html"})
# Nothing said, or the server's "some bytes": the bytes themselves then tell.
_UNSAID = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "unknown/unknown", "application/unknown", "*/*"}
)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Let Python's search for cyclic garbage wait: a page makes thousands of elements and no cycles, and the search
    among them takes a twentieth of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@_no_collector()
def extract_page(page: Page) -> Extracted | Problem:
    """Extract text and metadata of a page or a bare text.

    Args:
        page: The bytes as they came. `text/plain` is read as a bare text, everything else that may be HTML as HTML.

    Returns:
        What was found, or why nothing was: EMPTY, TOO_LARGE, UNSUPPORTED_TYPE, BINARY, BAD_ENCODING,
        NO_TEXT or BLOCK_PAGE.
        Raises nothing, whatever the bytes; hostile HTML can take long, so callers set a deadline.
    """
    if not page.body.strip():
        return Problem(Reason.EMPTY, f"The body of {page.final_url} is empty or white space.")
    plain = page.media_type in _PLAIN
    cap = MAX_PLAIN_BYTES if plain else MAX_HTML_BYTES
    if len(page.body) > cap:
        return Problem(
            Reason.TOO_LARGE, f"The body of {page.final_url} has {len(page.body)} bytes: at most {cap} are read."
        )
    if not plain and page.media_type not in _MARKUP | _UNSAID:
        return Problem(
            Reason.UNSUPPORTED_TYPE,
            f"{page.final_url} is of type {page.media_type!r}: only HTML and plain text are read.",
        )
    decoded = decode(page.body, page.charset, markup=not plain)
    if isinstance(decoded, Problem):
        return decoded
    return _extract_plain(page, decoded.text) if plain else _extract_html(page, decoded.text)


def _extract_plain(page: Page, raw: str) -> Extracted | Problem:
    found = clean_plain_text(raw)
    if not any(map(str.isalpha, found.text)):
        return Problem(Reason.NO_TEXT, f"{page.final_url} holds no line of text besides titles and page furniture.")
    return Extracted(
        text=found.text,
        extractor=PLAIN_EXTRACTOR,
        title=found.title,
        authors=found.authors,
        language=settle(identify(found.text), page.entry.language),
        wire_credit=credit_in_notes(found.dropped),
    )


def _extract_html(page: Page, markup: str) -> Extracted | Problem:
    found = read_page(markup, url=page.final_url, fetched_at=page.fetched_at)
    if isinstance(found, Problem):
        return found
    said, published = found.metadata, found.metadata.published
    return Extracted(
        text=found.text,
        extractor=page.from_feed or found.extractor,
        title=said.title,
        authors=said.authors,
        language=settle(identify(found.text), said.language or page.entry.language),
        section=said.section,
        lead=said.lead,
        image_url=said.image_url,
        canonical_url=said.canonical,
        published_at=published.at if published else None,
        published_raw=published.raw if published else None,
        published_offset_min=published.offset_min if published else None,
        published_date=published.day if published else None,
        published_precision=published.precision if published else None,
        published_from=published.source if published else None,
        is_paywalled=said.is_paywalled,
        wire_credit=found.wire_credit,
    )
